"""Tables of Python's objects as TOML, the form of an experiment's file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .errors import InputError

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\n": "\\n", "\b": "\\b", "\f": "\\f"}


def _escaped(text: str, kept: str = "") -> str:
    def one(c: str) -> str:
        if c in kept:
            return c
        if c in _ESCAPES:
            return _ESCAPES[c]
        return f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c

    return "".join(one(c) for c in text)


def _key(key: str) -> str:
    return key if _BARE.match(key) else f'"{_escaped(key)}"'


def _text(text: str) -> str:
    if "\n" in text:
        # The first line break is not part of the string, so that its lines stand as they were written.
        return '"""\n' + _escaped(text, kept="\n\t") + '"""'
    return f'"{_escaped(text)}"'


def value(of: Any) -> str:
    """A value on the right of ``=``."""
    if isinstance(of, bool):
        return "true" if of else "false"
    if isinstance(of, (int, float)):
        return repr(of)
    if isinstance(of, str):
        return _text(of)
    if isinstance(of, (list, tuple)):
        return "[" + ", ".join(value(item) for item in of) + "]"
    if isinstance(of, Mapping):
        inner = ", ".join(f"{_key(k)} = {value(v)}" for k, v in of.items())
        return "{ " + inner + " }" if inner else "{}"
    raise InputError(f"{of!r} is no value of an experiment's file; give a number, a string, true or false, a list or a dict")


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(k)} = {value(v)}\n" for k, v in table.items())


def table(of: Mapping[str, Any]) -> str:
    """A document: plain values first, then a section for each table, and one for each table of a list."""

    def is_tables(v: Any) -> bool:
        return isinstance(v, (list, tuple)) and bool(v) and all(isinstance(item, Mapping) for item in v)

    text = _lines({k: v for k, v in of.items() if not isinstance(v, Mapping) and not is_tables(v)})
    for key, v in of.items():
        if isinstance(v, Mapping):
            text += f"\n[{_key(key)}]\n" + _lines(v)
        elif is_tables(v):
            text += "".join(f"\n[[{_key(key)}]]\n" + _lines(item) for item in v)
    return text
