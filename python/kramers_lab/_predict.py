"""What ``kramers predict`` knows, by specs and keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from inspect import Parameter, Signature
from keyword import iskeyword
from typing import Any, Callable

import numpy as np

from . import _kramers, _toml
from ._block import Block, Frozen, plain, unknown
from .errors import InputError
from .specs import Noise, Process, Surface, _bare

QUANTITIES: dict[str, Any] = {quantity["name"].replace("-", "_"): quantity for quantity in json.loads(_kramers.quantities())}
"""What can be predicted, by the names of the functions."""

#: Short names of matrices.
_SHORT = {"H": "hessian", "C": "noise_covariance"}


class Exact(Frozen):
    """A prediction: ``value`` is exact, or NaN where that is not known; ``notes`` say why. As a float, or an array, it is its value."""

    __slots__ = ("quantity", "value", "paper", "answers", "shape")

    def __init__(self, quantity: str, shape: tuple[int, ...], exact: Any, paper: Any, answers: list[dict[str, Any]]):
        for name, of in (("quantity", quantity), ("shape", shape), ("value", exact), ("paper", paper), ("answers", answers)):
            object.__setattr__(self, name, of)

    def _said(self) -> Any:
        return (self.quantity, list(self.shape), self.answers)

    def __reduce__(self) -> Any:
        return Exact, (self.quantity, self.shape, self.value, self.paper, self.answers)

    def __getitem__(self, name: str) -> Any:
        """Another exact number by its name, such as ``variance``; :attr:`names` has them."""
        if name not in self.names:
            raise unknown(self.quantity, name, self.names)
        return _shaped([_of(answer, "exact", name) for answer in self.answers], self.shape)

    @property
    def names(self) -> list[str]:
        """The names of the exact numbers."""
        sides = [answer["exact"] for answer in self.answers if answer["exact"]]
        return list(sides[0]["values"]) if sides else []

    @property
    def notes(self) -> list[str]:
        """What is missing and why, and what has to be known to compare the exact number with the paper's."""
        return list(dict.fromkeys(note for answer in self.answers for note in answer["notes"]))

    @property
    def formula(self) -> str:
        """The equation behind the exact number."""
        return next((answer["exact"]["formula"] for answer in self.answers if answer["exact"]), "")

    @property
    def source(self) -> str:
        """Where the equation stands, or how the number was computed."""
        return next((answer["exact"]["source"] for answer in self.answers if answer["exact"]), "")

    def __float__(self) -> float:
        return float(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.value, dtype=dtype)

    def __repr__(self) -> str:
        return f"Exact({self.quantity}: {self.value!r})"


def _of(answer: Mapping[str, Any], side: str, name: str | None = None) -> Any:
    """A number of an answer, as NumPy has it; NaN where it is not told."""
    found = answer[side]
    of = None if found is None else found["value"] if name is None else found["values"].get(name)
    return np.nan if of is None else np.array(of, dtype=float) if isinstance(of, list) else float(of)


def _shaped(values: list[Any], shape: tuple[int, ...]) -> Any:
    if shape == ():
        return values[0]
    inner = next((np.shape(v) for v in values if np.shape(v)), ())
    filled = [v if np.shape(v) == inner else np.full(inner, np.nan) for v in values]
    return np.array(filled).reshape(shape + inner)


def _keys_of(spec: Any, known: list[str], what: str) -> tuple[dict[str, Any], str]:
    """A spec as the keys of a prediction, and the text of the rule that it needs."""
    if isinstance(spec, Surface):
        if "landscape" not in known:
            raise InputError(f"{what}: a surface plays no part; give the curvature, H or h")
        table = spec.table
        if "loss" in table:
            raise InputError(f"{what}: a loss over data has no closed forms here; give a formula or a name")
        for own in ("variables", "search"):
            if own in table:
                raise InputError(f"{what}: leave `{own}` out of the surface; a formula here has one variable, or x and y")
        keys = {("landscape" if k == "name" else k): v for k, v in table.items()}
        return keys | {f"parameters.{k}": v for k, v in spec.define.items()}, ""
    if isinstance(spec, Process):
        table = _bare(spec)
        if "sde" in table:
            if table["sde"] != "overdamped" and "damping" not in known or not isinstance(table["sde"], str):
                raise InputError(f"{what}: there is no such prediction of {spec!r}")
            return {k: v for k, v in table.items() if k in known}, ""
        if "optimizer" in known:
            return table, spec._written()
        if table.pop("optimizer", None) != "sgd":
            raise InputError(f"{what}: it is of SGD alone, not of {spec!r}; there is no closed form of others")
        return table, ""
    if isinstance(spec, Noise):
        table = spec.table
        name = table.pop("name", "gaussian")
        if name == "gaussian":
            names = {"variance": "noise_variance", "covariance": "noise_covariance"}
            return {names.get(k, k): v for k, v in table.items()}, ""
        if name == "hessian":
            return table, ""
        raise InputError(f"{what}: there is no closed form in {spec!r}; give Gaussian or Hessian noise")
    raise InputError(f"{what}: {spec!r} is no surface, process or noise; give keys by their names")


def _word(of: Any) -> str:
    if isinstance(of, str):
        return of
    return _toml.value(plain(of))


def _predict(function: str, specs: tuple[Any, ...], keys: dict[str, Any]) -> Exact:
    quantity = QUANTITIES[function]
    known = [key["name"] for group in quantity["keys"] for key in group]
    matrices = [key["name"] for group in quantity["keys"] for key in group if key["range"].startswith("rows")]
    given: dict[str, Any] = {}
    own = ""
    for spec in specs:
        found, rule = _keys_of(spec, known, function)
        given |= found
        own += rule
    for key, of in keys.items():
        if isinstance(of, Block):
            found, rule = _keys_of(of, known, function)
            given |= found
            own += rule
            continue
        key = _SHORT.get(key, key)
        given[f"parameters.{key}" if f"parameters.{key}" in given else key] = of
    given = {k: v for k, v in given.items() if v is not None}
    swept = {k: np.asarray(v) for k, v in given.items() if k not in matrices and not isinstance(v, str) and np.ndim(v) > 0}
    try:
        shape = np.broadcast_shapes(*(v.shape for v in swept.values()))
    except ValueError as error:
        shapes = ", ".join(f"{k} {v.shape}" for k, v in swept.items())
        raise InputError(f"{function}: arrays of these shapes do not go together: {shapes}") from error
    fixed = [f"{k}={_word(v)}" for k, v in given.items() if k not in swept]
    columns = {k: np.broadcast_to(v, shape).reshape(-1).tolist() for k, v in swept.items()}
    settings = [fixed + [f"{k}={_word(v[i])}" for k, v in columns.items()] for i in range(int(np.prod(shape)))]
    came = _kramers.predict(quantity["name"], settings, own) if settings else []
    answers = [json.loads(answer) for _, _, answer in came]
    # JSON has no infinity, and a matrix is no number.
    exact = [number if np.isinf(number) else _of(answer, "exact") for (number, _, _), answer in zip(came, answers)]
    paper = [number if np.isinf(number) else _of(answer, "paper") for (_, number, _), answer in zip(came, answers)]
    if not came:
        return Exact(function, shape, np.empty(shape), np.empty(shape), [])
    return Exact(function, shape, _shaped(exact, shape), _shaped(paper, shape), answers)


def function(name: str) -> Callable[..., Exact]:
    """The function of a quantity."""
    def predicted(*specs: Any, **keys: Any) -> Exact:
        return _predict(name, specs, keys)

    lines = [QUANTITIES[name]["summary"], ""]
    for group in QUANTITIES[name]["keys"]:
        for key in group:
            default = "" if key["default"] is None else f" [{key['default']}]"
            lines.append(f"{key['name']}{default}: {key['meaning']}; {key['range']}")
    predicted.__name__ = predicted.__qualname__ = name
    predicted.__doc__ = "\n".join(lines)
    names = [key["name"] for group in QUANTITIES[name]["keys"] for key in group if key["name"].isidentifier() and not iskeyword(key["name"])]
    specs = Parameter("specs", Parameter.VAR_POSITIONAL)
    predicted.__signature__ = Signature([specs, *(Parameter(n, Parameter.KEYWORD_ONLY, default=None) for n in names)])  # type: ignore[attr-defined]
    return predicted
