"""What an experiment is composed of: surfaces, noises, processes, observables, claims.

Every class is a block of the experiment's file (``docs/reference.md``): the same keys, numbers, formulas as strings, lists that sweep.
Keys that are left out have the program's defaults. Each rule, noise and observable of the program has a class of its own in :mod:`kinds`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import _kramers, _toml
from ._block import Block, plain, unknown
from ._given import Lent, address_of, checked
from .errors import InputError

REGISTRIES: dict[str, Any] = json.loads(_kramers.registries())
"""The program's registries: what it knows of rules, surfaces, noises, integrators and observables."""


def _registered(kind: str) -> dict[str, Any]:
    return {entry["name"]: entry for entry in REGISTRIES[kind]}


_LANDSCAPES = _registered("landscapes")
_OPTIMIZERS = _registered("optimizers")

# Words that are written in capitals, as their papers do.
_CAPITALS = ("sgdm", "sgds", "sgd", "adapnm", "pnm", "adamw", "adams", "adaiw", "adais", "adaiv2", "adabelief", "adaboundw", "amsgrad", "nadam", "radam", "rmsprop")
_WRITTEN = ("SGDM", "SGDS", "SGD", "AdaPNM", "PNM", "AdamW", "AdamS", "AdaiW", "AdaiS", "AdaiV2", "AdaBelief", "AdaBoundW", "AMSGrad", "NAdam", "RAdam", "RMSprop")
_CLASS_WORDS = {**dict(zip(_CAPITALS, _WRITTEN)), "adabound": "AdaBound", "padam": "PAdam"}


def class_name(name: str) -> str:
    """The class of a name of the registries: ``heavy-ball`` is ``HeavyBall``."""
    return "".join(_CLASS_WORDS.get(word, word[:1].upper() + word[1:]) for word in re.split("[-_]", name))


class CriticalPoint(NamedTuple):
    """A minimum or a saddle of a surface."""

    kind: str
    theta: np.ndarray
    value: float


class Surface(Block):
    """A loss surface L(θ): the block ``[landscape]``.

    ``Surface("double-well")`` is one of the program's, with its parameters by name; any other text is a formula, of which gradient,
    Hessian, minima and saddles are derived: ``Surface("0.25*(x^2 - 1)^2 + 0.5*k*(y - x^2)^2", k=1.0)``. The parameters of a formula are
    ``[define]``\\ s of a study, before which its sweeps go. ``Surface(loss="0.5*(w*x - y)^2", variables=["w"], data={...})`` is the mean of a
    loss over examples.
    """

    __slots__ = ("_define", "_lent")
    _OWN = ("name", "expression", "loss", "data", "variables", "dim", "sharpness", "search", "given")

    def __init__(self, what: str | None = None, /, **keys: Any):
        if what is not None:
            keys = {"name" if what in _LANDSCAPES else "expression": what, **keys}
        named = "name" in keys and keys["name"] != "expression"
        if not named and not {"expression", "loss", "given"} & set(keys):
            raise InputError(f"Surface: give a formula, a loss with data, or a name: {', '.join(_LANDSCAPES)}")
        own = {k: v for k, v in keys.items() if named or k in self._OWN}
        super().__init__(**own)
        object.__setattr__(self, "_define", plain({k: v for k, v in keys.items() if k not in own}))
        object.__setattr__(self, "_lent", None)

    @classmethod
    def from_callable(
        cls, gradient: Callable[[Any], Any], dim: int, *, batch: int = 16_384, value: Callable[[Any], Any] | None = None, check_at: Any = None
    ) -> Surface:
        """The surface whose gradient is a callable: ``gradient(theta)`` gets an array of shape (dim, lanes), a column for each particle, which it
        must not change, and answers with float64 of that shape, as NumPy's array or anything that ``numpy.asarray`` takes (a tensor on the
        processor). ``value(theta)``, of shape (lanes,), is L where observables need the loss.

        One thread calls it, with up to ``batch`` particles at once: time per call is then shared by many. No result depends on ``batch``.
        It is called at a few places near ``check_at`` (the origin, if left out) first, and held against differences of ``value``. Nothing
        is known of its minima, so a study gives a ``start``; no exact references are had. Raises :class:`GradientError`, whose cause is what the
        callable raised.
        """
        lent = Lent(_kramers.Given.callable(gradient, dim, value), batch)
        return cls._lending(lent, dim, check_at, value)

    @classmethod
    def from_pointer(cls, function: Any, dim: int, *, user: int = 0, keep: Any = None, check_at: Any = None) -> Surface:
        """The surface whose gradient is a C function, called from all threads without the interpreter:
        ``void f(const double *theta, double *gradient, size_t dim, size_t lanes, void *user)``, coordinate-major: coordinate i of particle l
        is ``theta[i*lanes + l]``.

        ``function``: its address, a ``numba.cfunc``, or a function of ctypes; it is kept alive, and so is ``keep``. A function of another
        signature ends the process. Else as :meth:`from_callable`.
        """
        lent = Lent(_kramers.Given.pointer(address_of(function), dim, user, (function, keep)), None)
        return cls._lending(lent, dim, check_at, None)

    @classmethod
    def _lending(cls, lent: Lent, dim: int, check_at: Any, value: Any) -> Surface:
        checked(lent, dim, check_at, value)
        surface = cls(given=lent.core.id)
        object.__setattr__(surface, "_lent", lent)
        return surface

    @property
    def define(self) -> dict[str, Any]:
        """The parameters of its formula."""
        return plain(self._define)

    @classmethod
    def _of(cls, table: Mapping[str, Any], carried: tuple[Any, ...] = ()) -> Any:
        return cls(**table, **(carried[0] if carried else {}))

    def _carried(self) -> tuple[Any, ...]:
        return (self._define,)

    def __reduce__(self) -> Any:
        if self._lent is not None:
            raise InputError("a surface by pointer or callable belongs to its process, and cannot be pickled; make it anew there")
        return super().__reduce__()

    def replace(self, **keys: Any) -> Surface:
        """The same with some keys or parameters changed."""
        return Surface(**{**self._table, **self._define, **keys})

    def _said(self) -> Any:
        return {"block": self._table, "define": self._define}

    def _shown(self) -> list[str]:
        first = next((k for k in ("expression", "name") if k in self._table), None)
        head = [repr(self._table[first])] if first else []
        rest = {k: v for k, v in self._table.items() if k != first}
        return head + [f"{k}={v!r}" for k, v in {**rest, **self._define}.items()]

    def _built(self) -> _kramers.Surface:
        table = dict(self._table)
        if self._define:
            table["parameters"] = self._define
        return _kramers.Surface(_toml.table(table))

    @property
    def dim(self) -> int:
        """The number of coordinates."""
        return self._built().dim

    def critical_points(self) -> list[CriticalPoint]:
        """Its minima, deepest first, and saddles, lowest first: of a formula by search within a box, else in closed form."""
        points, _ = self._built().critical_points()
        return [CriticalPoint(kind, np.array(theta), value) for kind, theta, value in points]

    def value(self, theta: Any) -> Any:
        """L at a point of shape (dim,), or at points of shape (dim, n): n numbers."""
        points = np.ascontiguousarray(theta, dtype=float)
        if points.ndim == 1:
            return float(self.value(points[:, None])[0])
        return self._built().values(points)

    def gradient(self, theta: Any) -> np.ndarray:
        """∇L at a point of shape (dim,)."""
        return self._built().gradient(np.ascontiguousarray(theta, dtype=float))

    def hessian(self, theta: Any) -> np.ndarray:
        """∇²L at a point of shape (dim,): (dim, dim), symmetric."""
        return self._built().hessian(np.ascontiguousarray(theta, dtype=float))


class Noise(Block):
    """What a gradient gets beside ∇L: the block ``[noise]``. ``Noise(covariance="2*loss*hessian/batch")`` is one by formula; the program's
    laws have classes of their own: :class:`Gaussian`, :class:`Student`, …"""

    __slots__ = ()

    def _kind(self) -> type:
        return Noise


class Process(Block):
    """What moves the particles: the block ``[[process]]``, a rule (``optimizer``) or an SDE (``sde``) with its numbers. The program's rules
    have classes of their own: :class:`SGD`, :class:`PNM`, :class:`Adam`, …"""

    __slots__ = ("_rule",)

    def __init__(self, **keys: Any):
        super().__init__(**keys)
        object.__setattr__(self, "_rule", None)

    @classmethod
    def _of(cls, table: Mapping[str, Any], carried: tuple[Any, ...] = ()) -> Any:
        process = super()._of(table)
        object.__setattr__(process, "_rule", carried[0] if carried else None)
        return process

    def _carried(self) -> tuple[Any, ...]:
        return (self._rule,)

    def _kind(self) -> type:
        return Process

    def _said(self) -> Any:
        return {"block": self._table, "rule": self._rule}

    @property
    def label(self) -> str:
        """Its name in claims and records."""
        sde = self._table.get("sde", "of")
        return self._table.get("label", self._table.get("optimizer", sde if isinstance(sde, str) else "of"))

    def card(self) -> dict[str, Any]:
        """What the laboratory can say of the rule without being asked more (``docs/rules.md``): its ``facts``, each with a value, an
        interval where it is measured, and how it is known. It takes seconds."""
        return json.loads(_kramers.card(_toml.table(_bare(self)), self._written()))

    def path(self, gradients: Any, start: Any = 0.0) -> np.ndarray:
        """θ after each step of a rule, whose gradients are given: of shape (steps, dim), as ``gradients`` are. ``start``: θ before, a number or
        of shape (dim,). Refused of SDEs, and of rules that draw normals (``xi``)."""
        given = np.ascontiguousarray(gradients, dtype=float)
        if given.ndim != 2:
            raise InputError(f"path: gradients have the shape (steps, dim), not {given.shape}")
        if "sde" in self._table:
            raise InputError(f"path: {self!r} is an SDE, which gradients alone do not move")
        at = np.ascontiguousarray(np.broadcast_to(np.asarray(start, dtype=float), given.shape[1:]))
        return _kramers.path(_toml.table(_bare(self)), self._written(), at, given)

    def _written(self) -> str:
        """The text of its rule, where that is by formula."""
        return _toml.table({"rule": [self._rule.table]}) if self._rule is not None else ""


def _bare(process: Process) -> dict[str, Any]:
    """A process without what acts around the rule."""
    around = ("label", "clock", "reference", "landscape", "noise", "start")
    return {k: v for k, v in process.table.items() if k not in around}


class Overdamped(Process):
    """dθ = −∇L dt + √(2T) dW: ``sde = "overdamped"``, with ``temperature``, ``dt``, ``integrator``."""

    __slots__ = ()

    def __init__(self, **keys: Any):
        super().__init__(**{"sde": "overdamped", **keys})


class Underdamped(Process):
    """dθ = v dt, dv = −(∇L + γv) dt + √(2γT) dW: ``sde = "underdamped"``, with ``temperature``, ``damping``, ``dt``, ``integrator``."""

    __slots__ = ()

    def __init__(self, **keys: Any):
        super().__init__(**{"sde": "underdamped", **keys})


class Modified(Process):
    """The SDE of a rule: ``sde = { of, order, reading }``, with the rule's hyper-parameters beside it: ``Modified("sgd", order=2, eta=0.1,
    dt=0.01)``."""

    __slots__ = ()

    def __init__(self, of: str, /, *, order: int = 1, reading: str | None = None, **keys: Any):
        super().__init__(sde={"of": of, "order": order, "reading": reading}, **keys)


class Written(Block):
    """A block that processes take by its name."""

    __slots__ = ()
    _KEY = ""

    def __init__(self, name: str, /, **keys: Any):
        super().__init__(name=name, **keys)

    def __call__(self, **keys: Any) -> Process:
        """A process of it, with these numbers."""
        return Process._of({self._KEY: self._table["name"], **keys}, (self,))

    def _shown(self) -> list[str]:
        rest = [f"{k}={v!r}" for k, v in self._table.items() if k != "name"]
        return [repr(self._table["name"]), *rest]


class Rule(Written):
    """An update rule by formula: the block ``[[rule]]`` (``docs/rules.md``).

    ``Rule("mine", hyper=dict(beta1=0.9), state=dict(m=0), step="m = beta1*m + (1 - beta1)*g\\nupdate = eta*m")``; called, it is a process:
    ``rule(eta=0.1)``.
    """

    __slots__ = ()
    _KEY = "optimizer"

    def compare(self, other: str | Process, steps: int = 200, *, eta: float = 0.1, **hyper: Any) -> float:
        """How far its updates lie from those of another rule, over the largest of them: on one coordinate, ``steps`` steps of normal
        gradients that both get. ``other`` is a process, or the name of a rule, which then gets the same hyper-parameters where it has
        them."""
        own = {k: v["default"] if isinstance(v, Mapping) else v for k, v in self._table.get("hyper", {}).items()}
        if isinstance(other, str):
            entry = _OPTIMIZERS.get(other)
            if entry is None:
                raise unknown("Rule.compare", other, list(_OPTIMIZERS))
            names = {parameter["name"] for parameter in entry["parameters"]}
            shared = {k: v for k, v in {**own, **hyper}.items() if k in names}
            other = Process(optimizer=other, eta=eta, **shared)
        return compare(self(eta=eta, **hyper), other, steps)


class Equation(Written):
    """An SDE by formula: the block ``[[sde]]`` (``docs/studies.md``). Called, it is a process: ``equation(dt=0.01)``."""

    __slots__ = ()
    _KEY = "sde"


def compare(one: Process, other: Process, steps: int = 200) -> float:
    """How far the updates of two rules lie apart, over the largest of them: on one coordinate from θ = 0, ``steps`` steps, whose gradients
    are the same normals of variance 1 for both. Rules that are the same differ by rounding, 1e-15 or so."""
    own = {rule.table["name"]: rule.table for process in (one, other) if (rule := process._rule) is not None}
    text = _toml.table({"rule": list(own.values())} if own else {})
    return _kramers.compare(_toml.table(_bare(one)), _toml.table(_bare(other)), text, steps)


class Observable(Block):
    """What is read of the particles: the block ``[[observe]]``. Each kind has a class of its own: :class:`Exit`, :class:`Moment`, …"""

    __slots__ = ()

    def _kind(self) -> type:
        return Observable


class Claim(Block):
    """A claim about the readings of a study: the block ``[[claim]]`` (``docs/claims.md``).

    ``Claim("slope(log(rate[sgd]), log(k))", predicts=-0.5, within=0.05, statement="…")``. Without an ``id`` its place in a study is its id.
    """

    __slots__ = ()

    def __init__(self, quantity: str, /, **keys: Any):
        super().__init__(quantity=quantity, **keys)

    @classmethod
    def _of(cls, table: Mapping[str, Any], carried: tuple[Any, ...] = ()) -> Any:
        claim = cls.__new__(cls)
        object.__setattr__(claim, "_table", plain(table))
        return claim

    def _shown(self) -> list[str]:
        rest = [f"{k}={v!r}" for k, v in self._table.items() if k != "quantity"]
        return [repr(self._table.get("quantity")), *rest]

    def decide(self, run: Any) -> Any:
        """What it comes to over the readings of a run of a study, whatever was claimed there."""
        return run.decide(self)

    def power(self, study: Any, truths: Sequence[float] = (), *, power: float = 0.9, pilot: int | None = None) -> Any:
        """How probable each verdict on it is in a run of a study, before that runs.

        A pilot of ``pilot`` particles (a tenth of the study's, at least 200 and at most 4000) with a seed of its own says how far the estimate scatters, whose
        standard error falls as the root of the particles; its law is taken to be normal. A row for each ruling and each of ``truths``, what the
        quantity may really be (what is predicted and what is known exactly, where none are given): ``width`` of the interval, the
        probabilities ``confirmed`` and ``refuted``, and ``particles`` for the right verdict with probability ``power``, NaN where no number does.
        Raises :class:`InputError` where the claim holds no estimate against a range, or the pilot has no interval.
        """
        return study._power(self, truths, power, pilot)


__all__ = ["Claim", "CriticalPoint", "Equation", "Modified", "Noise", "Observable", "Overdamped", "Process", "Rule", "Surface", "Underdamped", "compare"]
