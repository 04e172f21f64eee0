"""Blocks of an experiment's file as frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from . import _kramers, _toml
from .errors import InputError

#: A value of a file: a number, a word or a formula, a list that sweeps, a table; None leaves it out.
Value = Union[bool, int, float, str, Sequence[Any], Mapping[str, Any], npt.NDArray[np.generic], "Block", None]


def plain(of: Any) -> Any:
    """A value as the file has it: NumPy's numbers and arrays as Python's, blocks as tables, nothing shared."""
    if isinstance(of, Block):
        return of.table
    if isinstance(of, Mapping):
        return {str(k): plain(v) for k, v in of.items() if v is not None}
    if isinstance(of, (list, tuple)):
        return [plain(v) for v in of]
    if hasattr(of, "tolist"):
        return of.tolist()
    if isinstance(of, (bool, int, float, str)):
        return of
    raise InputError(f"{of!r} is no value of an experiment's file; give a number, a formula as a string, a list or a dict")


def _frozen(of: Any) -> Any:
    if isinstance(of, Mapping):
        return tuple(sorted((k, _frozen(v)) for k, v in of.items()))
    if isinstance(of, (list, tuple)):
        return tuple(_frozen(v) for v in of)
    return of


def unknown(what: str, name: str, known: list[str]) -> InputError:
    """The refusal of a name, with the nearest that there is."""
    near = _kramers.nearest(name, known)
    guess = f"; did you mean `{near}`?" if near else "."
    return InputError(f"{what}: unknown keyword `{name}`{guess} There are {', '.join(known)}")


class Frozen:
    """A value: equal to what says the same, hashable, never changed."""

    __slots__ = ()

    def _said(self) -> Any:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frozen) or self._kind() is not other._kind():
            return NotImplemented
        return bool(self._said() == other._said())

    def _kind(self) -> type:
        return type(self)

    def __hash__(self) -> int:
        return hash(_frozen(self._said()))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; `replace({name}=…)` makes another")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")


class Block(Frozen):
    """A block of an experiment's file: the same keys, the same words; formulas are strings and lists sweep."""

    __slots__ = ("_table",)

    def __init__(self, **keys: Any):
        object.__setattr__(self, "_table", plain(keys))

    @property
    def table(self) -> dict[str, Any]:
        """Its keys and values, as the file has them."""
        return plain(self._table)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._table:
            return plain(self._table[name])
        raise AttributeError(f"{type(self).__name__} has no `{name}`")

    def replace(self, **keys: Any) -> Any:
        """The same with some keys changed; None leaves one out."""
        return self._of({**self._table, **keys}, self._carried())

    def to_toml(self) -> str:
        """The lines of the block."""
        return _toml.table(self._table)

    def _carried(self) -> tuple[Any, ...]:
        return ()

    @classmethod
    def _of(cls, table: Mapping[str, Any], carried: tuple[Any, ...] = ()) -> Any:
        block = cls.__new__(cls)
        object.__setattr__(block, "_table", plain(table))
        return block

    def _said(self) -> Any:
        return self._table

    def __reduce__(self) -> Any:
        return _again, (type(self), self._table, self._carried())

    def _shown(self) -> list[str]:
        return [f"{k}={v!r}" for k, v in self._table.items()]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._shown())})"


def _again(cls: type[Block], table: dict[str, Any], carried: tuple[Any, ...]) -> Block:
    return cls._of(table, carried)
