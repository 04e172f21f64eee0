"""Audits: what is right passes, each factor that is known to go wrong is named, and the table of released packages is true."""

from __future__ import annotations

import numpy as np
import pytest

import kramers_lab as kr
from kramers_lab._suspects import suspects

ETA, BETA, SECOND = 0.03, 0.9, 0.99


def sgd(theta, g):
    return theta - ETA * g


def momentum(*, dampening=1 - BETA, first_whole=False, nesterov=False, corrected=False, factor=1.0, decay=0.0):
    def step(theta, g, state):
        m, t = state or (0 * g, 0)
        t += 1
        g = g + decay * theta
        m = g if first_whole and t == 1 else BETA * m + dampening * g
        u = dampening * g + BETA * m if nesterov else m
        return theta - factor * ETA * (u / (1 - BETA**t) if corrected else u), (m, t)

    return step


def adam(*, first=True, second=True, outside=1e-8, inside=0.0, before=0.0, late=0, l2=0.0, decoupled=0.0, factor=1.0, swapped=False):
    b1, b2 = (SECOND, BETA) if swapped else (BETA, SECOND)

    def step(theta, g, state):
        m, v, t = state or (0 * g, 0 * g, 0)
        t += 1
        theta = theta - decoupled * theta
        g = g + l2 * theta
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        upper = m / (1 - b1 ** (t + late)) if first else m
        square = v / (1 - b2 ** (t + late)) if second else v
        below = (np.sqrt(v) + before) / np.sqrt(1 - b2**t) if before else np.sqrt(square + inside) + outside
        return theta - factor * ETA * upper / below, (m, v, t)

    return step


MOMENTUM = kr.SGDM(eta=ETA, beta1=BETA)
ADAM = kr.Adam(eta=ETA, beta1=BETA, beta2=SECOND)
DECAYED = kr.AdamW(eta=ETA, beta1=BETA, beta2=SECOND, decoupled_decay=0.2)


def updates(step, claim, **hyper):
    """What is said of the updates alone; the rest takes seconds."""
    case = kr._audit._Case(kr._audit.subject_of(step, hyper, False), claim, 1)
    return case._updates(), case.fault


@pytest.mark.parametrize(
    ("step", "claim", "says"),
    [
        (lambda theta, g: theta - np.sqrt(2) * ETA * g, kr.SGD(eta=ETA), "times √2"),
        (lambda theta, g: theta - ETA * g / np.sqrt(2), kr.SGD(eta=ETA), "times 1/√2"),
        (lambda theta, g: theta - 2 * ETA * g, kr.SGD(eta=ETA), "times 2"),
        (lambda theta, g: theta - np.sqrt(ETA) * g, kr.SGD(eta=ETA), "times 1/√η"),
        (lambda theta, g: theta - ETA * ETA * g, kr.SGD(eta=ETA), "times η"),
        (lambda theta, g: theta - g, kr.SGD(eta=ETA), "times 1/η"),
        (lambda theta, g: theta + ETA * g, kr.SGD(eta=ETA), "times −1"),
        (lambda theta, g: theta - ETA * g / len(g), kr.SGD(eta=ETA), "times 1/3, the number of coordinates"),
        (lambda theta, g: theta - 1.7 * ETA * g, kr.SGD(eta=ETA), "times 1.7, which is no known factor"),
        (momentum(dampening=1.0), MOMENTUM, "dampening: gradients enter momentum whole"),
        (momentum(first_whole=True), MOMENTUM, "the first of them whole"),
        (momentum(), kr.Momentum(eta=ETA, mu=BETA), "dampening: gradients enter momentum times 1 − β, not whole"),
        (momentum(nesterov=True), MOMENTUM, "Nesterov's momentum does, of an average"),
        (momentum(dampening=1.0, nesterov=True), kr.Momentum(eta=ETA, mu=BETA), "Nesterov's momentum does, η(g + βb)"),
        (momentum(corrected=True), MOMENTUM, "bias correction"),
        (momentum(factor=np.sqrt(2)), MOMENTUM, "times √2"),
        (momentum(dampening=1.0, factor=1 / np.sqrt(2)), MOMENTUM, "whole, not times 1 − β; and its updates are that times 1/√2"),
        (momentum(decay=0.02), kr.SGDM(eta=ETA, beta1=BETA, decoupled_decay=0.02), "decay is added to the gradient (L2)"),
        (momentum(), kr.SGDM(eta=ETA, beta1=BETA, l2=0.02), "there is no weight decay"),
        (momentum(decay=0.04), kr.SGDM(eta=ETA, beta1=BETA, l2=0.02), "2λθ, not λθ"),
        (sgd, MOMENTUM, "there is no momentum"),
        (adam(first=False), ADAM, "bias correction of m"),
        (adam(second=False), ADAM, "bias correction of v"),
        (adam(first=False, second=False), ADAM, "neither average is corrected"),
        (adam(late=1), ADAM, "β^(t + 1)"),
        (adam(outside=0.0, inside=1e-8), ADAM, "ε stands inside the root"),
        (adam(before=1e-8), ADAM, "ε is added before the bias correction"),
        (adam(outside=1e-6), ADAM, "ε is 1e-06, not 1e-08"),
        (adam(outside=1e-12), ADAM, "ε is 1e-12, not 1e-08"),
        (adam(swapped=True), ADAM, "β₁ and β₂ are swapped"),
        (adam(factor=2.0), ADAM, "times 2"),
        (adam(l2=0.2), DECAYED, "decay is added to the gradient (L2)"),
        (adam(decoupled=0.2), DECAYED, "decoupled decay is not multiplied by η"),
        (adam(decoupled=0.2 * ETA**2), DECAYED, "decoupled decay is multiplied by η twice"),
        (adam(), DECAYED, "there is no weight decay"),
        (adam(decoupled=0.2 * ETA), kr.Adam(eta=ETA, beta1=BETA, beta2=SECOND, l2=0.2), "decay is decoupled"),
        (adam(), kr.NAdam(eta=ETA, beta1=BETA, beta2=SECOND), "it is what Adam does"),
        (lambda theta, g: theta * (1 - 0.5 * ETA) - ETA * g, kr.SGD(eta=ETA), "decoupled weight decay of 0.5, of which the claim says nothing"),
        (lambda theta, g: theta - float(np.float32(ETA)) * g * (1 + 1e-9 * np.sign(g)), kr.SGD(eta=ETA), "single precision"),
        (lambda theta, g: theta - ETA * np.tanh(g), kr.SGD(eta=ETA), ""),
        (lambda theta, g: theta - ETA * g + 0.01 * np.random.default_rng().standard_normal(g.shape), kr.SGD(eta=ETA), "draws random numbers"),
    ],
)
def test_each_wrong_factor_is_named(step, claim, says):
    check, fault = updates(step, claim)
    assert check.agrees is False and says in fault and bool(fault) == bool(says)


@pytest.mark.parametrize(
    ("step", "claim"),
    [
        (sgd, kr.SGD(eta=ETA)),
        (momentum(), MOMENTUM),
        (momentum(dampening=1.0), kr.HeavyBall(eta=ETA, beta1=BETA)),
        (momentum(decay=0.02), kr.SGDM(eta=ETA, beta1=BETA, l2=0.02)),
        (adam(), ADAM),
        (adam(decoupled=0.2 * ETA), DECAYED),
        (adam(outside=0.0, inside=1e-3), kr.Rule("mine", state={"m": 0, "v": 0}, step="m = 0.9*m + 0.1*g\nv = 0.99*v + 0.01*g^2\nupdate = eta*m/(1 - 0.9^t)/sqrt(v/(1 - 0.99^t) + 1e-3)")(eta=ETA)),
    ],
)
def test_what_is_right_passes(step, claim):
    check, fault = updates(step, claim)
    assert check.agrees and fault == ""
    assert check.measured < 1e-14


def test_no_suspect_of_the_labs_rules_is_refused():
    """Where a rule has a decay, all that may stand in its place can be tried."""
    for entry in kr.specs.REGISTRIES["optimizers"]:
        for key in ("l2", "decoupled_decay"):
            if key in [p["name"] for p in entry["parameters"]]:
                for suspect in suspects(kr.Process(optimizer=entry["name"], eta=0.1, **{key: 0.02})):
                    assert suspect.process.path(np.ones((2, 2))).shape == (2, 2), suspect.says


def test_an_audit_looks_at_all_that_follows_of_the_updates():
    # Intervals of 99.99 % with seeds that stand: no run differs from another.
    right = kr.audit(momentum(), MOMENTUM)
    assert right.agrees and [check.result for check in right.checks] == ["agrees"] * 5, right
    wrong = kr.audit(momentum(dampening=1.0), MOMENTUM)
    assert not wrong.agrees and "dampening" in wrong.fault
    assert [row["result"] for row in wrong.table] == ["differs"] * 5
    # Momentum that is not dampened: S(0) is 1/(1 − β)² of SGD's, and the limit is that of η/(1 − β).
    assert wrong["noise power"].measured == pytest.approx(100, rel=0.1)
    assert wrong["stability limit"].measured == pytest.approx(2 * (1 + BETA), rel=2e-3)
    assert "dampening" in repr(wrong) and "escape time" in repr(wrong)
    with pytest.raises(KeyError, match="noise power"):
        wrong["nothing"]


def langevin(*, drift=1.0, noise=1.0, shared=False, dt=0.01, temperature=0.2):
    random = np.random.default_rng(3)

    def step(theta, g):
        xi = random.standard_normal(1 if shared else theta.shape)
        return theta - drift * dt * g + noise * np.sqrt(2 * dt * temperature) * xi

    return step


LANGEVIN = kr.Overdamped(temperature=0.2, dt=0.01)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (langevin(noise=1 / np.sqrt(2)), "the noise is multiplied by 1/√2"),
        (langevin(noise=np.sqrt(2)), "the noise is multiplied by √2"),
        (langevin(noise=0.1), "the noise is multiplied by √dt"),
        (langevin(noise=np.sqrt(0.2)), "the noise is multiplied by √T"),
        (langevin(drift=0.5), "the drift is multiplied by 1/2"),
        (langevin(drift=0.5, noise=np.sqrt(0.5)), "the drift is multiplied by 1/2, and the noise is multiplied by 1/√2"),
        (langevin(noise=0.0), "there is no noise"),
        (langevin(shared=True), "one normal is drawn for all coordinates"),
    ],
)
def test_each_wrong_factor_of_a_sampler_is_named(step, says):
    case = kr._audit._Case(kr._audit.subject_of(step, {}, False), LANGEVIN, 1)
    case._noisy()
    assert says in case.fault


def test_samplers_that_are_right_pass():
    sampler = kr.audit(langevin(), LANGEVIN)
    assert sampler.agrees and len(sampler.checks) == 4, sampler
    rule = kr.Rule("sgld", hyper={"temp": 0.2}, step="update = eta*g - sqrt(2*eta*temp)*xi")
    assert kr.audit(langevin(), rule(eta=0.01)).agrees
    random = np.random.default_rng(4)

    def leimkuhler_matthews(theta, gradient, xi):
        xi = np.zeros_like(theta) if xi is None else xi
        new = random.standard_normal(theta.shape)
        return theta - 0.01 * gradient(theta) + np.sqrt(0.5 * 0.01 * 0.2) * (xi + new), new

    # Of another integrator: half the noise in the first step, and less variance after it than Euler and Maruyama's.
    assert not kr.audit(leimkuhler_matthews, LANGEVIN, calls=True)["noise"].agrees


@pytest.mark.parametrize(
    ("step", "claim", "error", "says"),
    [
        (sgd, "sgd", kr.InputError, "the claim is a rule or an SDE"),
        (sgd, kr.SGD(), kr.InputError, "needs its eta"),
        (3, kr.SGD(eta=0.1), kr.InputError, "is no step"),
        (lambda theta: theta, kr.SGD(eta=0.1), kr.InputError, "takes 1 arguments"),
        (lambda theta, g, s: theta, kr.SGD(eta=0.1), kr.GradientError, "(theta, state) is asked for"),
        (lambda theta, g: theta[:1], kr.SGD(eta=0.1), kr.GradientError, "shape"),
        (lambda theta, g: 1 / 0, kr.SGD(eta=0.1), kr.GradientError, "ZeroDivisionError"),
    ],
)
def test_what_is_no_step_is_said(step, claim, error, says):
    with pytest.raises(error) as caught:
        kr.audit(step, claim)
    assert says in str(caught.value)


def test_the_table_of_released_packages_is_true(root):
    for package in ("torch", "optax"):
        pytest.importorskip(package, reason=f"{package} is not installed (pip install './python[audit]'): what the page says of its releases is not held here")
    import audited

    page = (root / "docs/audit.md").read_text()
    assert audited.table() in page, "the table is no longer true: python python/tests/audited.py prints it anew"
