"""Writes what type checkers read of classes and functions that are made from the program's registries: ``kinds.pyi``, ``exact.pyi``.

``python python/tests/stubs.py`` with the package installed; a test holds them. ``_kramers.pyi`` is written by hand.
"""

from __future__ import annotations

from inspect import Parameter, signature
from keyword import iskeyword
from pathlib import Path
from typing import Any

from kramers_lab import exact, kinds

PACKAGE = Path(__file__).parents[1] / "kramers_lab"
HEAD = "# Made by python/tests/stubs.py from the program's registries.\n"


def _keywords(of: Any, kind: str) -> str:
    names = [p.name for p in signature(of).parameters.values() if p.kind is Parameter.KEYWORD_ONLY]
    return ", ".join(f"{name}: {kind} = ..." for name in names if name.isidentifier() and not iskeyword(name))


def _class(name: str) -> str:
    made = getattr(kinds, name)
    base = made.__bases__[0].__name__
    keywords = "of: Value = ..., /, **keys: Value" if base == "Observable" else f"*, {_keywords(made, 'Value')}"
    document = made.__doc__.strip().splitlines()[0].replace("\\", "\\\\")
    return f'class {name}({base}):\n    """{document}"""\n\n    def __init__(self, {keywords}) -> None: ...\n'


def kinds_stub() -> str:
    """``kinds.pyi``."""
    names = [*kinds.RULES, *kinds.NOISES, *kinds.OBSERVABLES]
    head = HEAD + "from collections.abc import Mapping\nfrom typing import Any\n\nfrom ._block import Value\nfrom .specs import Noise, Observable, Process, Written\n\n"
    head += "RULES: list[str]\nNOISES: list[str]\nOBSERVABLES: list[str]\n\ndef noise_of(table: Mapping[str, Any]) -> Noise: ...\n"
    head += "def observable_of(table: Mapping[str, Any]) -> Observable: ...\ndef process_of(table: Mapping[str, Any], written: Mapping[str, Written]) -> Process: ...\n\n"
    return head + "\n".join(map(_class, names)) + f"\n__all__ = {_listed(names)}\n"


def exact_stub() -> str:
    """``exact.pyi``."""
    head = HEAD + "from typing import Any\n\nfrom ._block import Block, Value\nfrom ._predict import QUANTITIES as QUANTITIES\nfrom ._predict import Exact as Exact\n\n"
    functions = []
    for name in exact.QUANTITIES:
        made = getattr(exact, name)
        short = "H: Value = ..., C: Value = ..., " if "hessian" in signature(made).parameters else ""
        document = made.__doc__.splitlines()[0]
        functions.append(f'def {name}(*specs: Block, {short}{_keywords(made, "Value")}, **parameters: Value) -> Exact:\n    """{document}"""\n    ...\n')
    return head + "\n".join(functions) + f"\n__all__ = {_listed(['Exact', 'QUANTITIES', *exact.QUANTITIES])}\n"


def _listed(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def main() -> None:
    """Writes both."""
    (PACKAGE / "kinds.pyi").write_text(kinds_stub(), encoding="utf-8")
    (PACKAGE / "exact.pyi").write_text(exact_stub(), encoding="utf-8")


if __name__ == "__main__":
    main()
