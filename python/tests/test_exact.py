"""Exact references: vectorised, of specs, against values that are known otherwise."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import kramers_lab as kr


def mfpt(temperature: float, start: float, end: float) -> float:
    """∫ dy e^{L(y)/T} ∫ dz e^{−L(z)/T}/T by the trapezoidal rule, on a grid whose error is below 1e-6."""
    grid = np.linspace(-2.5, end, 400_001)
    loss = 0.25 * (grid**2 - 1) ** 2
    step = grid[1] - grid[0]
    weight = np.exp(-loss / temperature)
    inner = np.concatenate([[0.0], np.cumsum(0.5 * step * (weight[1:] + weight[:-1]))]) / temperature
    outer = np.exp(loss / temperature) * inner
    counted = grid >= start
    y = outer[counted]
    return float(step * (y.sum() - 0.5 * (y[0] + y[-1])))


def test_passage_times_by_quadrature_of_another_kind(well):
    temperatures = np.array([[0.05, 0.1], [0.2, 0.5]])
    exact = kr.exact.mfpt(well, temperature=temperatures, start=-1.0, exit=0.0)
    assert exact.value.shape == (2, 2)
    expected = np.vectorize(lambda t: mfpt(t, -1.0, 0.0))(temperatures)
    assert np.allclose(exact.value, expected, rtol=1e-5)
    assert np.all(np.abs(exact["relative_error"]) < 1e-6)
    one = kr.exact.mfpt(well, temperature=0.1, start=-1.0, exit=0.0)
    assert float(one) == exact.value[0, 1] and np.asarray(one).shape == ()
    assert one == pickle.loads(pickle.dumps(one)) and "second_moment" in one.names


def test_arrays_go_together_as_numpys(well):
    both = kr.exact.mfpt(well, temperature=np.array([0.1, 0.2])[:, None], start=np.array([-1.0, -0.5, -0.2]), exit=0.0)
    assert both.value.shape == (2, 3) and np.all(np.diff(both.value, axis=1) < 0)
    assert kr.exact.mfpt(well, temperature=np.array([])).value.shape == (0,)
    with pytest.raises(kr.InputError, match=r"temperature \(2,\), start \(3,\)"):
        kr.exact.mfpt(well, temperature=np.ones(2), start=np.ones(3))


def test_the_steps_of_sgd_are_the_chains(well):
    process, noise = kr.SGD(eta=0.05), kr.Gaussian(variance=2.0)
    steps = kr.exact.exit_steps(process, well, noise, start=-1.0, exit=0.0)
    keyed = kr.exact.exit_steps(expression="0.25*(x^2 - 1)^2", eta=0.05, noise_variance=2.0, start=-1.0, exit=0.0)
    assert steps.value == keyed.value > kr.exact.mfpt(well, temperature=0.05, start=-1.0, exit=0.0).value / 0.05
    with pytest.raises(kr.InputError, match="SGD alone"):
        kr.exact.exit_steps(kr.Adam(eta=0.05), well, noise)
    with pytest.raises(kr.InputError, match="Student"):
        kr.exact.exit_steps(process, well, kr.Student(dof=5, variance=1.0))


def test_the_stationary_covariance_of_a_rule_by_formula():
    hessian, noise = np.array([[2, 0.5], [0.5, 1]]), np.array([[1, -0.3], [-0.3, 0.5]])
    rule = kr.Rule("mine", hyper={"beta1": 0.9}, state={"m": 0}, step="m = beta1*m + (1 - beta1)*g\nupdate = eta*m")
    own = kr.exact.stationary(rule(eta=0.1), H=hessian, C=noise)
    builtin = kr.exact.stationary(kr.SGDM(eta=0.1, beta1=0.9), H=hessian, C=noise)
    assert own.value.shape == (2, 2) and np.allclose(own.value, builtin.value, rtol=1e-12)
    # Σ of z = (θ, m) solves Σ = AΣAᵀ + BCBᵀ.
    eta, beta, eye = 0.1, 0.9, np.eye(2)
    transition = np.block([[eye - eta * (1 - beta) * hessian, -eta * beta * eye], [(1 - beta) * hessian, beta * eye]])
    drive = np.vstack([-eta * (1 - beta) * eye, (1 - beta) * eye])
    sigma = np.zeros((4, 4))
    for _ in range(20_000):
        sigma = transition @ sigma @ transition.T + drive @ noise @ drive.T
    assert np.allclose(own.value, sigma[:2, :2], rtol=1e-9)
    swept = kr.exact.stationary(kr.SGD(eta=0.1), H=hessian, C=noise, eta=np.array([0.1, 0.2]))
    assert swept.value.shape == (2, 2, 2)


def test_parameters_of_a_formula_are_keys():
    tilted = kr.Surface("0.25*(x^2 - 1)^2 + a*x", a=0.0)
    swept = kr.exact.mfpt(tilted, temperature=0.1, a=np.array([0.0, 0.1]), start=-1.0, exit=1.0)
    assert swept.value[0] == kr.exact.mfpt(tilted, temperature=0.1, start=-1.0, exit=1.0).value < swept.value[1]


def test_what_is_not_known_says_why():
    none = kr.exact.exit_steps(kr.SGD(eta=1e-9), kr.Surface("styblinski-tang"), kr.Gaussian(variance=1e10))
    assert np.isnan(none.value) and "no exact value" in none.notes[0] and np.isfinite(none.paper)
    never = kr.exact.mfpt(kr.Surface("double-well"), batch=1.0, eta=0.1)
    assert np.isinf(never.value) or np.isnan(never.value)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"temperature": -0.05}, "temperature = -0.05: must be positive"),
        ({"temperature": np.array([0.1, -0.1])}, "temperature = -0.1: must be positive"),
        ({"temprature": 0.1}, "did you mean `temperature`?"),
        ({"start": 3.0, "exit": 0.0}, "start"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(well, keys, says):
    with pytest.raises(kr.InputError) as caught:
        kr.exact.mfpt(well, **keys)
    assert says in str(caught.value)


def test_every_quantity_has_a_function_that_says_its_keys():
    assert {"mfpt", "exit_steps", "stationary", "stability", "escape_rate", "pac_bayes"} <= set(kr.exact.QUANTITIES)
    for name, quantity in kr.exact.QUANTITIES.items():
        function = getattr(kr.exact, name)
        assert function.__name__ == name and quantity["keys"][0][0]["name"] in function.__doc__
