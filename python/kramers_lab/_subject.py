"""Somebody else's optimizer or sampler, as paths that are moved by gradients."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any, Protocol

import numpy as np

from .errors import GradientError, InputError

Advance = Callable[[np.ndarray], np.ndarray]
"""A step of a path: a gradient in, θ after it out."""


class Subject(Protocol):
    """What is audited."""

    name: str

    def begin(self, theta: np.ndarray) -> Advance:
        """A path from θ, of shape (n,), that remembers nothing of others."""
        ...


class _Function:
    """``step(theta, gradient)``, or ``step(theta, gradient, state)``, which answers with θ and its state; the first state is None."""

    def __init__(self, step: Callable[..., Any], calls: bool):
        self.name = getattr(step, "__qualname__", None) or repr(step)
        self._step, self._calls = step, calls
        positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        taken = [p for p in signature(step).parameters.values() if p.kind in positional and p.default is Parameter.empty]
        if len(taken) not in (2, 3):
            raise InputError(f"audit: {self.name} takes {len(taken)} arguments; a step is step(theta, gradient), or step(theta, gradient, state) -> (theta, state)")
        self._remembers = len(taken) == 3

    def begin(self, theta: np.ndarray) -> Advance:
        at, state = theta.copy(), None

        def advance(gradient: np.ndarray) -> np.ndarray:
            nonlocal at, state
            # The step gets arrays of its own, so that what it writes there is not what was given.
            given: Any = (lambda _: gradient.copy()) if self._calls else gradient.copy()
            answer = self._step(at.copy(), given, state) if self._remembers else self._step(at.copy(), given)
            if self._remembers:
                if not isinstance(answer, tuple) or len(answer) != 2:
                    raise GradientError(f"{self.name} answers with {type(answer).__name__}, and (theta, state) is asked for")
                answer, state = answer
            at = np.array(answer, dtype=float)
            if at.shape != theta.shape:
                raise GradientError(f"{self.name} answers θ of shape {theta.shape} with shape {at.shape}")
            return at

        return advance


class _Torch:
    """A class of ``torch.optim``, over one parameter of double precision."""

    def __init__(self, kind: Any, hyper: Mapping[str, Any]):
        self.name, self._kind, self._hyper = f"torch.optim.{kind.__name__}", kind, hyper

    def begin(self, theta: np.ndarray) -> Advance:
        torch = sys.modules["torch"]
        at = torch.nn.Parameter(torch.tensor(theta, dtype=torch.float64))
        optimizer = self._kind([at], **self._hyper)

        def advance(gradient: np.ndarray) -> np.ndarray:
            at.grad = torch.tensor(gradient, dtype=torch.float64)
            optimizer.step()
            return at.detach().numpy().copy()

        return advance


class _Optax:
    """A transform of optax, or what has ``init`` and ``update`` as one, in double precision."""

    def __init__(self, transform: Any, name: str):
        import jax

        self.name, self._transform = name, transform
        self._update = jax.jit(lambda g, state, theta: transform.update(g, state, theta))

    def begin(self, theta: np.ndarray) -> Advance:
        import jax

        def double() -> Any:
            return jax.enable_x64(True)

        with double():
            at = jax.numpy.asarray(theta)
            state = self._transform.init(at)

        def advance(gradient: np.ndarray) -> np.ndarray:
            nonlocal at, state
            with double():
                update, state = self._update(jax.numpy.asarray(gradient), state, at)
                at = at + update
                return np.array(at, dtype=float)

        return advance


def subject_of(step: Any, hyper: Mapping[str, Any], calls: bool) -> Subject:
    """What was given, as what can be audited. ``hyper``: what a class or factory is made with."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(step, type) and issubclass(step, torch.optim.Optimizer):
        return _Torch(step, hyper)
    optax = sys.modules.get("optax")
    name = next((f"optax.{key}" for key, of in vars(optax).items() if of is step), "a transform") if optax is not None else "a transform"
    if hyper:
        step = step(**hyper)
    if hasattr(step, "init") and hasattr(step, "update"):
        return _Optax(step, name)
    if not callable(step):
        raise InputError(f"audit: {step!r} is no step; give a callable, a class of torch.optim, or a transform of optax")
    return _Function(step, calls)


class Particles:
    """Many particles at once: as one path of all coordinates where each is moved by itself, else a path for each."""

    def __init__(self, subject: Subject, theta: np.ndarray, apart: bool):
        """``theta``: of shape (dim, n). ``apart``: each coordinate is moved by itself."""
        self._shape, self._apart = theta.shape, apart
        starts = [theta.reshape(-1)] if apart else list(np.ascontiguousarray(theta.T))
        self._paths = [subject.begin(start) for start in starts]

    def step(self, gradient: np.ndarray) -> np.ndarray:
        """θ after a step by gradients of shape (dim, n)."""
        if self._apart:
            return self._paths[0](gradient.reshape(-1)).reshape(self._shape)
        return np.stack([path(np.ascontiguousarray(g)) for path, g in zip(self._paths, gradient.T)], axis=1)


def path(subject: Subject, start: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """θ after each step, a row for each, by gradients that are given."""
    advance = subject.begin(start)
    try:
        return np.stack([advance(gradient) for gradient in gradients])
    except GradientError:
        raise
    except Exception as error:
        raise GradientError(f"{subject.name} raised {type(error).__name__}: {error}") from error
