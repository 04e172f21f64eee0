"""The page on Python is true: its examples run, one after another, as they stand."""

from __future__ import annotations

import re

import pytest


def test_the_tasks_of_the_book_run(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names: dict[str, object] = {"FILES": sorted((root / "experiments").glob("*/*.toml"))}
    page = (root / "docs/python.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 9
    for number, block in enumerate(blocks):
        lines = [line for line in block.splitlines() if line.strip()]
        assert len(lines) <= 12, f"task {number} is {len(lines)} lines"
        exec(compile(block, f"docs/python.md, example {number}", "exec"), names)


def test_the_page_is_in_the_book(root):
    assert "(python.md)" in (root / "docs/README.md").read_text()


@pytest.mark.parametrize("module", ["kramers_lab", "kramers_lab.exact", "kramers_lab.specs", "kramers_lab.study"])
def test_what_is_public_is_documented(module):
    loaded = __import__(module, fromlist=["__all__"])
    for name in getattr(loaded, "__all__", ["Experiment", "Study", "load"]):
        of = getattr(loaded, name)
        assert not callable(of) or of.__doc__, name
