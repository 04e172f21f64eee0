"""Gradients of one's own: by pointer, by callable, and what is said of those that are none."""

from __future__ import annotations

import ctypes
import gc
import pickle
import traceback

import numpy as np
import pytest

import kramers_lab as kr


def slope(theta):
    """∇ of ¼(x² − 1)² + y²."""
    x, y = theta
    return np.stack([x * (x * x - 1), 2 * y])


def loss(theta):
    x, y = theta
    return 0.25 * (x * x - 1) ** 2 + y * y


def study(surface, **parts):
    whole = {
        "noise": kr.Gaussian(variance=1.0),
        "process": kr.SGD(eta=0.1),
        "observe": kr.Moment(["x", "x^2", "y^2"], steps=[50, 200]),
        "particles": 600,
        "seed": 5,
        "start": [-1.0, 0.5],
    }
    return kr.Study(surface=surface, **{**whole, **parts})


BY_FORMULA = "0.25*(x^2 - 1)^2 + y^2"


@pytest.fixture(scope="module")
def by_formula():
    return study(BY_FORMULA).run().estimates["value"]


def test_a_callable_has_the_law_of_its_formula(by_formula):
    surface = kr.Surface.from_callable(slope, 2, value=loss)
    for batch in (7, 16_384):
        surface = kr.Surface.from_callable(slope, 2, batch=batch)
        values = study(surface).run().estimates["value"]
        # The same normals, and gradients that differ by rounding alone: chaos has no time to grow.
        assert np.allclose(values, by_formula, rtol=1e-9)


def test_a_pointer_has_the_law_of_its_formula(by_formula):
    signature = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_double), ctypes.POINTER(ctypes.c_double), ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p)

    @signature
    def function(theta, gradient, dim, lanes, user):
        block = np.ctypeslib.as_array(theta, (dim, lanes))
        np.ctypeslib.as_array(gradient, (dim, lanes))[:] = slope(block)

    values = study(kr.Surface.from_pointer(function, 2)).run(threads=2).estimates["value"]
    assert np.allclose(values, by_formula, rtol=1e-9)
    with pytest.raises(kr.InputError, match="is no address"):
        kr.Surface.from_pointer("function", 2)
    with pytest.raises(kr.InputError, match="address is 0"):
        kr.Surface.from_pointer(0, 2)


def test_the_loss_is_known_where_it_is_given():
    moment = kr.Moment("loss", steps=[100])
    values = study(kr.Surface.from_callable(slope, 2, value=loss), observe=moment).run().estimates["value"]
    assert np.allclose(values, study(BY_FORMULA, observe=moment).run().estimates["value"], rtol=1e-9)
    with pytest.raises(kr.InputError, match="loss|number"):
        study(kr.Surface.from_callable(slope, 2), observe=moment).run()


def test_a_study_keeps_its_gradient_and_belongs_to_its_process():
    made = study(kr.Surface.from_callable(lambda theta: slope(theta), 2))
    gc.collect()
    assert len(made.run().estimates) == 6
    assert made.replace(seed=6).surface == made.surface
    for one in (made, made.surface):
        with pytest.raises(kr.InputError, match="cannot be pickled"):
            pickle.dumps(one)
    with pytest.raises(kr.InputError, match="resume"):
        made.run("nowhere", resume=True)
    text = made.to_toml()
    assert kr.Experiment(text).check()
    del made, one
    gc.collect()
    with pytest.raises(kr.InputError, match="no gradient of this name is lent"):
        kr.Experiment(text).check()


def test_no_start_is_found_for_it():
    with pytest.raises(kr.InputError, match="none are sought"):
        study(kr.Surface.from_callable(slope, 2), start=None)


def changes(theta):
    theta[0] = 0.0
    return slope(theta)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda theta: slope(theta)[0], "shape"),
        (lambda theta: slope(theta).T, "shape"),
        (lambda theta: slope(theta).astype(np.float32), "float32"),
        (lambda theta: slope(theta) * np.nan, "NaN at θ"),
        (lambda theta: 1 / 0, "ZeroDivisionError"),
        (changes, "read-only"),
        (lambda theta: slope(theta) + np.random.default_rng().normal(size=theta.shape), "unequal output"),
        (lambda theta: slope(theta) - slope(theta).mean(axis=1, keepdims=True), "others are in its block"),
    ],
)
def test_what_is_no_gradient_is_said_before_anything_runs(wrong, says):
    with pytest.raises(kr.GradientError) as caught:
        kr.Surface.from_callable(wrong, 2)
    assert says in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


def test_a_gradient_that_is_not_the_losss_is_said():
    with pytest.raises(kr.GradientError, match="coordinate 1 of the gradient"):
        kr.Surface.from_callable(lambda theta: slope(theta) * [[1.0], [2.0]], 2, value=loss)


def test_what_a_gradient_raises_during_a_run_comes_with_its_traceback():
    def later(theta):
        if np.abs(theta[0]).max() > 2.0:
            raise LookupError("beyond the table")
        return slope(theta)

    made = study(kr.Surface.from_callable(later, 2), noise=kr.Gaussian(variance=40.0))
    for _ in range(2):
        with pytest.raises(kr.GradientError, match="beyond the table") as caught:
            made.run()
        assert isinstance(caught.value.__cause__, LookupError)
        assert "in later" in "".join(traceback.format_exception(caught.value))
