"""Stubs say what is there, and a strict type checker takes the tasks of the book."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import kramers_lab as kr


def test_the_stubs_are_those_of_the_registries():
    import stubs

    again = "the registries have changed: python python/tests/stubs.py writes the stubs anew"
    assert (stubs.PACKAGE / "kinds.pyi").read_text(encoding="utf-8") == stubs.kinds_stub(), again
    assert (stubs.PACKAGE / "exact.pyi").read_text(encoding="utf-8") == stubs.exact_stub(), again


def test_the_stub_of_the_native_module_names_what_it_has(root):
    tree = ast.parse((root / "python/kramers_lab/_kramers.pyi").read_text(encoding="utf-8"))
    said = {node.name: node for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    there = {name: of for name, of in vars(kr._run._kramers).items() if not name.startswith("_")}
    assert set(said) == set(there)
    for name, node in said.items():
        if isinstance(node, ast.ClassDef):
            methods = {n.name for n in node.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("__")}
            assert methods == {m for m in dir(there[name]) if not m.startswith("__")}, name
        else:
            named = there[name].__text_signature__.strip("()").replace(" ", "").split(",")
            assert [a.arg for a in node.args.args] == [n.split("=")[0] for n in named if n], name


def checked(text: str, folder: Path) -> list[str]:
    """What pyright says of a file, strictly."""
    pytest.importorskip("pyright", reason="pyright is not installed: pip install pyright")
    (folder / "tasks.py").write_text("# pyright: strict\n" + text, encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "tasks.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    start = done.stdout.find("{")
    if start < 0:
        pytest.skip(f"pyright does not run here (it needs Node.js): {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
    return [f"{d['range']['start']['line']}: {d['message']}" for d in json.loads(done.stdout[start:])["generalDiagnostics"]]


def test_the_tasks_of_the_book_are_typed(root, tmp_path):
    page = (root / "docs/python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert checked("from pathlib import Path\nFILES: list[Path] = []\n" + "\n".join(blocks), tmp_path) == []


def test_a_wrong_keyword_is_seen_before_anything_runs(tmp_path):
    said = checked('import kramers_lab as kr\nkr.SGD(etta=0.1)\nkr.Gaussian(variance="2*loss")\nkr.plot.rate(kr.Record("k"), x=1)\n', tmp_path)
    assert len(said) == 2 and "etta" in said[0] and "x" in said[1], said
