"""Somebody else's optimizer or sampler against what it claims to be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import exact
from ._subject import Particles, Subject, path, subject_of
from ._suspects import Suspect, factors, hyper, named, suspects
from .errors import InputError, KramersError
from .kinds import Exit, Gaussian, Moment
from .specs import Process
from .study import Study

#: Largest difference of θ over the way that it goes, where an update rule is the one that is claimed.
SAME = 1e-12
#: A difference that rounding to single precision makes.
_SINGLE = 1e-6
#: Half the width of an interval of 99.99 % in standard errors.
_WIDE = 3.8906
_CONFIDENCE = 0.9999
#: ηh of quadratics and wells, at most: steps are then far shorter than the way to the minimum.
_PACE = 0.1
#: Steps that escapes are watched for.
_MOST = 10_000
#: The curvature and the noise of the quadratic; the first in units of the pace over η.
_CURVATURE = np.array([[1.0, 0.25], [0.25, 0.5]])
_NOISE = np.array([[1.0, -0.3], [-0.3, 0.5]])


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    agrees: bool | None
    """None where it was not looked at, which ``how`` explains."""
    measured: Any = None
    """Of what is audited."""
    claimed: Any = None
    """Of what it claims to be."""
    error: Any = None
    """Half the width of a 99.99 % interval of their difference, or the tolerance."""
    how: str = ""

    @property
    def result(self) -> str:
        """In a word."""
        return {True: "agrees", False: "differs", None: "not looked at"}[self.agrees]


@dataclass(frozen=True)
class Audit:
    """What an audit came to. ``fault`` says which factor is wrong where a known one fits, and is empty where none does."""

    subject: str
    claim: Process
    checks: tuple[Check, ...]
    fault: str

    @property
    def agrees(self) -> bool:
        """Whether all that was looked at agrees."""
        return all(check.agrees is not False for check in self.checks)

    @property
    def table(self) -> list[dict[str, Any]]:
        """A row for each check, as data frames take them."""
        return [{"check": c.name, "result": c.result, "measured": c.measured, "claimed": c.claimed, "error": c.error, "how": c.how} for c in self.checks]

    def __getitem__(self, name: str) -> Check:
        """A check by its name."""
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(f"{name}; there are {', '.join(check.name for check in self.checks)}")

    def __repr__(self) -> str:
        said = "agrees" if self.agrees else f"differs: {self.fault or 'no factor that is known fits'}"
        rows = [f"{self.subject} against {self.claim!r}", f"  {said}"]
        wide = max(len(check.name) for check in self.checks)
        for check in self.checks:
            numbers = "" if check.measured is None else f"{_shown(check.measured)} for {_shown(check.claimed)} ± {_shown(check.error)}; "
            rows.append(f"  {check.name:{wide}}  {check.result:13}  {numbers}{check.how}")
        return "\n".join(rows)


def _shown(of: Any) -> str:
    return "[" + ", ".join(_shown(x) for x in of) + "]" if isinstance(of, tuple) else f"{of:.4g}"


def audit(step: Any, claim: Process, *, calls: bool = False, seed: int = 1, **hyper: Any) -> Audit:
    """Holds somebody else's optimizer or sampler against what it claims to be, and says which factor is wrong where a known one fits.

    ``step``: a callable ``step(theta, gradient)`` that answers with θ after a step, or ``step(theta, gradient, state)`` with (θ, state), whose
    first state is None; θ and gradient are arrays of shape (n,), of any n. Or a class of ``torch.optim``, or a transform of optax, or what makes
    one, with its arguments in ``hyper``: ``kr.audit(torch.optim.SGD, kr.Momentum(eta=0.1, mu=0.9), lr=0.1, momentum=0.9)``. ``calls=True``: the
    step gets the gradient as a function of θ, which it may call where and as often as it likes.

    ``claim``: a rule, built in or by formula, or an SDE with its integrator. Of a rule the updates are compared over random gradients, to
    1e-12; then, of both, the stationary covariance on a quadratic, the power of noise in θ, the stability limit, and the mean escape time from
    a well: exact, or the lab's own ensemble, against an ensemble of the step's, by intervals of 99.99 %. Of a sampler, which draws its own
    normals, drift and noise of a step stand in place of the updates. ``seed``: of all random numbers here; a step's own are not seeded.

    Takes seconds. Raises :class:`InputError` where the claim cannot be used, :class:`GradientError` with its cause where the step raises.
    """
    if not isinstance(claim, Process):
        raise InputError(f"audit: the claim is a rule or an SDE with its numbers, such as kr.SGD(eta=0.1), not {claim!r}")
    return _Case(subject_of(step, hyper, calls), claim, seed).audit()


class _Case:
    """A subject and its claim."""

    def __init__(self, subject: Subject, claim: Process, seed: int):
        self.subject, self.claim, self.seed = subject, claim, seed
        self.random = np.random.default_rng(seed)
        self.numbers = hyper(claim)
        self.pace = float(self.numbers.get("eta", self.numbers.get("dt", math.nan)))
        if not self.pace > 0:
            raise InputError(f"audit: {claim!r} needs its eta, or its dt, as a number")
        rule = claim._rule.table if claim._rule is not None else {}
        self.samples = "sde" in claim.table or "xi" in f"{rule.get('step', '')}{rule.get('tick', '')}"
        self.gradients = self.random.standard_normal((60, 3)) * np.array([0.1, 1.0, 10.0])
        # Gradients of 0 tell apart what goes on without any.
        self.gradients[self.random.random((60, 3)) < 0.1] = 0.0
        self.start = self.random.standard_normal(3)
        self.theirs = path(subject, self.start, self.gradients)
        self.draws = not np.array_equal(self.theirs, path(subject, self.start, self.gradients), equal_nan=True)
        self.apart = self.draws or self._apart()
        self.fault = ""

    def _apart(self) -> bool:
        """Whether each coordinate is moved by its own gradient alone."""
        moved = self.gradients.copy()
        moved[:, 0] *= -2
        return np.array_equal(self.theirs[:, 1:], path(self.subject, self.start, moved)[:, 1:], equal_nan=True)

    def audit(self) -> Audit:
        first = self._noisy() if self.samples else [self._updates()]
        rest = [self._covariance, self._power, self._limit, self._escape]
        if self.samples:
            rest = [self._covariance, self._escape]
        checks = [*first, *(self._looked(look) for look in rest)]
        return Audit(self.subject.name, self.claim, tuple(checks), self.fault)

    def _looked(self, look: Callable[[], Check]) -> Check:
        name = {"_covariance": "stationary covariance", "_power": "noise power", "_limit": "stability limit", "_escape": "escape time"}[look.__name__]
        try:
            with np.errstate(all="ignore"):
                return look()
        except KramersError as error:
            return Check(name, None, how=f"the lab has no reference here: {str(error).splitlines()[0]}")

    # The update rule.

    def _updates(self) -> Check:
        claimed = self.claim.path(self.gradients, self.start)
        apart = self._distance(claimed)
        if self.draws:
            self.fault = "it draws random numbers, which the claim does not"
            return Check("update rule", False, apart, 0.0, SAME, self.fault)
        agrees = apart <= SAME
        how = "largest difference of θ over its way, 60 steps of random gradients"
        if not agrees:
            off = ~(np.abs(self.theirs - claimed) <= SAME * self._way(claimed))
            how += f"; from step {1 + int(np.argmax(off.any(axis=1)))} on"
            self.fault = self._suspected()
        return Check("update rule", agrees, apart, 0.0, SAME, how)

    def _way(self, of: np.ndarray) -> float:
        gone = np.abs(of - self.start)
        return float(np.max(gone[np.isfinite(gone)], initial=0.0))

    def _distance(self, of: np.ndarray) -> float:
        """Largest difference, over the way; where both are no number, as after 0/0, there is none."""
        same = (self.theirs == of) | (np.isnan(self.theirs) & np.isnan(of))
        apart = float(np.max(np.where(same, 0.0, np.abs(self.theirs - of))))
        way = self._way(of)
        return 0.0 if apart == 0 else apart / way if way > 0 and not math.isnan(apart) else math.inf

    def _suspected(self) -> str:
        """What is done in place of what is claimed: the claim times a factor, a suspect, a suspect times a factor."""
        others: list[Suspect] = []
        for suspect in suspects(self.claim):
            try:
                if self._distance(suspect.process.path(self.gradients, self.start)) <= SAME:
                    return suspect.says
            except InputError:
                # A rule by formula may have ranges of its own.
                continue
            others.append(suspect)
        known = factors(self.numbers, 3)
        plain = self._factor(self.claim)
        if plain is not None and (name := named(plain, SAME, known)):
            return f"its updates are those of the claim times {name}"
        for suspect in others:
            factor = self._factor(suspect.process)
            if factor is not None and (name := named(factor, SAME, known)):
                return f"{suspect.says}; and its updates are that times {name}"
        if plain is not None:
            return f"its updates are those of the claim times {plain:.6g}, which is no known factor"
        decay = self._decay()
        if decay:
            return f"there is decoupled weight decay of {decay:.6g}, of which the claim says nothing"
        small = self._distance(self.claim.path(self.gradients, self.start)) < _SINGLE
        return "by as little as a number makes that is kept in single precision" if small else ""

    def _decay(self) -> float:
        """The decay that a claim without one does not say; 0 where that is not what differs."""
        if self.numbers.get("l2") or self.numbers.get("decoupled_decay"):
            return 0.0
        first = self.theirs[0] - self.claim.path(self.gradients[:1], self.start)[0]
        decay = float(-(first @ self.start) / (self.pace * self.start @ self.start))
        try:
            return decay if self._distance(self.claim.replace(decoupled_decay=decay).path(self.gradients, self.start)) <= SAME else 0.0
        except InputError:
            return 0.0

    def _factor(self, process: Process) -> float | None:
        """By what the updates of a process are multiplied, if by one number: where decay acts, that of η alone."""
        numbers = hyper(process)
        if numbers.get("l2") or numbers.get("decoupled_decay"):
            for factor in factors(self.numbers, 3).values():
                if factor > 0 and self._distance(process.replace(eta=factor * self.pace).path(self.gradients, self.start)) <= SAME:
                    return factor
            return None
        try:
            claimed = process.path(self.gradients, self.start) - self.start
        except InputError:
            return None
        theirs = self.theirs - self.start
        weight = float(np.sum(claimed * claimed))
        factor = float(np.sum(theirs * claimed)) / weight if weight > 0 else math.nan
        fits = np.max(np.abs(theirs - factor * claimed)) <= SAME * np.max(np.abs(theirs))
        return factor if fits and factor != 0 else None

    # Steps of samplers.

    def _noisy(self) -> list[Check]:
        sde = self.claim.table.get("sde", "overdamped")
        if sde != "overdamped":
            why = "of an SDE with more than θ a step is no drift and noise of θ alone"
            return [Check("drift", None, how=why), Check("noise", None, how=why)]
        n, slope = 200_000, 1e6
        names = factors(self.numbers, 1)
        # A slope beside which noise is nothing, and none.
        steep = Particles(self.subject, np.zeros((1, n)), True).step(np.full((1, n), slope))
        flat = Particles(self.subject, np.zeros((1, n)), True).step(np.zeros((1, n)))[0]
        ((claimed, _),) = self._known(f"{slope}*x", Moment("x", steps=[1]), None, 20_000)
        ((variance, error),) = self._known("0*x", Moment("x^2", steps=[1]), None, n)
        drift = float(np.mean(steep)) / claimed
        within = 1e-4
        checks = [Check("drift", abs(drift - 1) <= within, drift, 1.0, within, "mean of a step on a slope of 1e6, over the claim's")]
        found = float(np.mean(flat * flat))
        half = math.hypot(_WIDE * float(np.std(flat * flat)) / math.sqrt(n), error)
        agrees = abs(found - variance) <= half
        checks.append(Check("noise", agrees, found, variance, half, "variance of a step without a gradient"))
        said = []
        if not checks[0].agrees:
            said.append(f"the drift is multiplied by {named(drift, within, names) or f'{drift:.4g}, which is no known factor'}")
        if not agrees and np.ptp(flat) == 0:
            said.append("there is no noise" if flat[0] == 0 else "one normal is drawn for all coordinates")
        elif not agrees:
            factor = math.sqrt(found / variance)
            within = 0.5 * half / variance
            said.append(f"the noise is multiplied by {named(factor, within, names) or f'{factor:.4g}, which is no known factor'}")
        self.fault = ", and ".join(said)
        return checks

    # What follows of it.

    def _known(self, surface: str, observe: Any, noise: Any, particles: int, start: tuple[float, ...] = (0.0,)) -> list[tuple[float, float]]:
        """What the lab has: exact, or of its ensemble, with the half-width of the interval."""
        study = Study(
            surface=surface, noise=noise, process=self.claim, observe=observe, start=list(start), particles=particles, seed=self.seed, confidence=_CONFIDENCE
        )
        rows = study.run(progress=False).estimates.rows()
        # What is exact of an SDE is of its continuous time.
        return [
            (row["exact"], row["exact_error"]) if np.isfinite(row["exact"]) and not self.samples else (row["value"], max(row["value"] - row["ci_low"], row["ci_high"] - row["value"]))
            for row in rows
            if observe.name != "exit" or row["quantity"] == "exit.exit_step"
        ]

    def _slope(self) -> float:
        """Of curvatures: the pace over η, and a tenth of the stability limit of rules that have one."""
        return min(_PACE, 0.1 * (self._claimed_limit() or math.inf)) / self.pace

    def _linear(self) -> bool:
        """Whether the claim's answer to a sum of gradients is the sum of its answers."""
        half = self.gradients * (np.arange(60) % 2)[:, None]
        parts = [self.claim.path(part) for part in (half, self.gradients - half, self.gradients)]
        return bool(np.allclose(parts[0] + parts[1], parts[2], rtol=1e-9))

    def _claimed_limit(self) -> float | None:
        """The largest ηh of a linear rule without decay."""
        try:
            if self.samples or self.numbers.get("l2") or self.numbers.get("decoupled_decay") or not self._linear():
                return None
            limit = float(exact.stability(self.claim.replace(eta=None), h=1.0))
        except InputError:
            return None
        return limit if np.isfinite(limit) else None

    def _compared(self, name: str, measured: list[tuple[float, float]], known: list[tuple[float, float]], how: str) -> Check:
        errors = [math.hypot(e, d) for (_, e), (_, d) in zip(measured, known)]
        agrees = all(math.isfinite(m) and abs(m - k) <= e for (m, _), (k, _), e in zip(measured, known, errors))
        three = (tuple(m for m, _ in measured), tuple(k for k, _ in known), tuple(errors))
        one = three if len(measured) > 1 else tuple(of[0] for of in three)
        return Check(name, agrees, *one, how=how)

    def _means(self, of: np.ndarray) -> Iterator[tuple[float, float]]:
        """Means over particles, with half the widths of their intervals."""
        for numbers in of:
            yield float(np.mean(numbers)), _WIDE * float(np.std(numbers)) / math.sqrt(len(numbers))

    def _moved(self, hessian: np.ndarray, noise: np.ndarray | None, steps: int, lanes: int) -> np.ndarray:
        """Particles on a quadratic, from its minimum."""
        dim = len(hessian)
        theta = np.zeros((dim, lanes))
        particles = Particles(self.subject, theta, self.apart)
        root = None if noise is None else np.linalg.cholesky(noise)
        for _ in range(steps):
            gradient = hessian @ theta
            if root is not None:
                gradient = gradient + root @ self.random.standard_normal((dim, lanes))
            theta = particles.step(gradient)
        return theta

    def _covariance(self) -> Check:
        steps, lanes = (600, 4096) if self.apart else (300, 256)
        a, b, c = (self._slope() * _CURVATURE)[[0, 0, 1], [0, 1, 1]]
        known = self._known(
            f"0.5*({a}*x^2 + {2 * b}*x*y + {c}*y^2)",
            Moment(["x^2", "x*y", "y^2"], steps=[steps]),
            None if self.samples else Gaussian(covariance=_NOISE),
            20_000,
            (0.0, 0.0),
        )
        x, y = self._moved(self._slope() * _CURVATURE, None if self.samples else _NOISE, steps, lanes)
        how = f"E x², E xy, E y² of {lanes:,} particles after {steps:,} steps on a quadratic"
        return self._compared("stationary covariance", list(self._means(np.stack([x * x, x * y, y * y]))), known, how)

    def _power(self) -> Check:
        steps, lanes = (400, 4096) if self.apart else (200, 256)
        ((power, error),) = self._known("0*x", Moment("x^2", steps=[steps]), Gaussian(variance=1.0), 20_000)
        ((found, half),) = self._means(self._moved(np.zeros((1, 1)), np.ones((1, 1)), steps, lanes) ** 2)
        unit = self.pace**2 * steps
        how = f"E θ²/(η²n) after n = {steps} steps under noise of variance 1 alone"
        return self._compared("noise power", [(found / unit, half / unit)], [(power / unit, error / unit)], how)

    def _limit(self) -> Check:
        limit = self._claimed_limit()
        name = "stability limit"
        if limit is None:
            return Check(name, None, how="the claim has no limit that is known exactly: its rule is not linear, or has weight decay")
        if not self.apart or self.draws:
            return Check(name, None, how="it is sought among many curvatures at once, by rules that move each coordinate by itself")
        low, high = 1e-2 * limit, 1e2 * limit
        for _ in range(4):
            tried = np.geomspace(low, high, 64)
            theta = np.ones((1, 64))
            particles, largest = Particles(self.subject, theta, True), []
            for _ in range(2000):
                theta = particles.step(tried / self.pace * theta)
                largest.append(np.abs(theta[0]))
            # What is no number has grown beyond all; below what arithmetic may round to 0, nothing grows.
            before, after = (np.max(largest[k : k + 100], axis=0) for k in (1000, 1900))
            unstable = ~((after < before) | (after < 1e-200))
            first = int(np.argmax(unstable)) if unstable.any() else 64
            if first in (0, 64):
                place = "below a hundredth" if first == 0 else "above a hundred times"
                return Check(name, False, math.nan, limit, 0.0, f"largest ηh of ½hθ²: it lies {place} of the claim's")
            low, high = tried[first - 1], tried[first]
        found = math.sqrt(low * high)
        return Check(name, abs(found / limit - 1) <= 2e-3, found, limit, 2e-3 * limit, "largest ηh of ½hθ², of which 2,000 steps do not grow")

    def _escape(self) -> Check:
        lanes = 1024 if self.apart else 100
        h = self._slope()
        noise = None if self.samples else Gaussian(variance=1.0)
        ((variance, _),) = self._known(f"{0.5 * h}*x^2", Moment("x^2", steps=[1000]), noise, 20_000)
        # The curvature of the quadratic at a minimum, and a barrier of twice what plays the temperature: w² is 16 variances.
        square = 16 * variance
        height, width = h * square / 8, math.sqrt(square)
        well = f"{height}*(x^2/{square} - 1)^2"
        # A sampler is seen at its steps only, and so must be an SDE: over a boundary of one coordinate the lab looks between them too.
        exits = Exit(until="x*abs(x) > 0" if self.samples else "x > 0", max_steps=_MOST)
        ((known, error),) = self._known(well, exits, noise, 10_000, (-width,))
        theta = np.full((1, lanes), -width)
        particles, times = Particles(self.subject, theta, self.apart), np.full(lanes, np.inf)
        for step in range(1, _MOST + 1):
            gradient = 4 * height * theta / square * (theta**2 / square - 1)
            if not self.samples:
                gradient = gradient + self.random.standard_normal((1, lanes))
            theta = particles.step(gradient)
            times[np.isinf(times) & (theta[0] > 0)] = step
            if np.isfinite(times).all():
                break
        # As the lab has it: time at risk over exits.
        left, risk = np.isfinite(times), np.minimum(times, _MOST)
        mean = float(np.sum(risk) / np.sum(left)) if left.any() else math.inf
        half = _WIDE * float(np.std(risk - mean * left)) / (math.sqrt(lanes) * float(np.mean(left))) if left.any() else math.inf
        how = f"mean steps of {lanes:,} particles over the top of a double well, two temperatures high"
        return self._compared("escape time", [(mean, half)], [(known, error)], how)


__all__ = ["Audit", "Check", "audit"]
