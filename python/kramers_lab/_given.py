"""Gradients of one's own: lent to studies as long as a surface keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import _kramers
from .errors import GradientError, InputError, KramersError


class Lent:
    """A gradient that is lent. ``batch``: the particles of a call of a callable, which has the interpreter alone; None of a pointer."""

    __slots__ = ("core", "batch")

    def __init__(self, core: _kramers.Given, batch: int | None):
        self.core, self.batch = core, batch

    def raise_what_was(self) -> None:
        """Raises what the callable raised, if it did."""
        raised = self.core.raised()
        if raised is not None:
            raise GradientError(f"the gradient raised {type(raised).__name__}: {raised}") from raised


@contextmanager
def telling(lent: Lent | None) -> Iterator[None]:
    """What a callable raised goes before what came of it."""
    try:
        yield
    except KramersError:
        if lent is not None:
            lent.raise_what_was()
        raise


def address_of(function: Any) -> int:
    """The address of a C function: a number, what has one as ``address`` (numba.cfunc), or a function of ctypes."""
    import ctypes

    address = getattr(function, "address", function)
    if isinstance(address, int):
        return address
    # All functions of ctypes, whatever library they are of; a string would be cast to its own address.
    if isinstance(function, ctypes._CFuncPtr):
        return ctypes.cast(function, ctypes.c_void_p).value or 0
    raise InputError(f"from_pointer: {function!r} is no address; give a number, a numba.cfunc or a function of ctypes")


def checked(lent: Lent, dim: int, at: Any, value: Callable[[Any], Any] | None) -> None:
    """Calls a gradient at a few places: it answers in the right shape, the same for the same input, for each particle by itself, and as the
    differences of the loss where that is given."""
    middle = np.zeros(dim) if at is None else np.asarray(at, dtype=float)
    if middle.shape != (dim,):
        raise InputError(f"check_at: {middle.shape} is not the shape of a point of {dim} coordinates")
    places = middle[:, None] + 0.3 * np.random.default_rng(0).standard_normal((dim, 5))

    def gradient(theta: np.ndarray) -> np.ndarray:
        try:
            return lent.core.gradient(np.ascontiguousarray(theta))
        except Exception as error:
            raise GradientError(f"the gradient raised {type(error).__name__}: {error}") from error

    slopes = gradient(places)
    if not np.array_equal(slopes, gradient(places), equal_nan=True):
        raise GradientError("equal input gives unequal output: the gradient draws random numbers, or keeps what changes; noise belongs into `noise`")
    alone = np.hstack([gradient(places[:, [k]]) for k in range(places.shape[1])])
    if not np.allclose(alone, slopes, rtol=1e-9, atol=1e-12, equal_nan=True):
        raise GradientError("a particle's gradient depends on which others are in its block: theta has a column for each particle, and so must the answer")
    if value is None:
        return
    step = 1e-5 * (1 + np.abs(places))
    differences = np.empty_like(places)
    for i in range(dim):
        moved = np.zeros_like(places)
        moved[i] = step[i]
        differences[i] = (np.asarray(value(places + moved)) - np.asarray(value(places - moved))).reshape(-1) / (2 * step[i])
    scale = np.max(np.abs(differences)) + np.max(np.abs(slopes))
    worst = np.unravel_index(np.argmax(np.abs(differences - slopes)), slopes.shape)
    if np.abs(differences - slopes)[worst] > 1e-5 * scale:
        i, k = (int(j) for j in worst)
        raise GradientError(
            f"coordinate {i} of the gradient is {slopes[worst]:g} at θ = {places[:, k].tolist()}, where differences of the loss come to {differences[worst]:g}"
        )
