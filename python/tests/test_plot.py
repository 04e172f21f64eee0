"""Figures say what the tables say."""

from __future__ import annotations

import builtins
import inspect

import numpy as np
import pytest

import kramers_lab as kr


def without(package: str, monkeypatch) -> None:
    found = builtins.__import__

    def refuse(name, *rest, **more):
        if name.split(".")[0] == package:
            raise ImportError(name)
        return found(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)


def test_a_package_that_is_not_there_is_named_with_how_to_get_it(study, monkeypatch):
    run = study.run()
    for package, use in (("matplotlib", lambda: kr.plot.rate(run, "variance")), ("pandas", run.estimates.to_pandas), ("polars", run.estimates.to_polars)):
        without(package, monkeypatch)
        with pytest.raises(kr.MissingPackageError, match=f"pip install {package}"):
            use()
        monkeypatch.undo()


def test_rates_are_drawn_with_their_intervals_and_what_is_exact(study):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    run = study.run()
    ax = kr.plot.rate(run, "variance", quantity="exit_step")
    sgd = next(row for row in run.estimates.rows() if row["process"] == "sgd" and row["quantity"] == "exit.exit_step" and row["variance"] == 4)
    points = ax.containers[0]
    assert points.get_label() == "sgd" and points.lines[0].get_xdata().tolist() == [4, 6]
    assert points.lines[0].get_ydata()[0] == sgd["value"]
    (bars,) = points.lines[2]
    assert np.allclose(bars.get_segments()[0][:, 1], [sgd["ci_low"], sgd["ci_high"]])
    known = [line for line in ax.lines if line.get_linestyle() == "-" and line.get_label().startswith("_child")]
    assert len(known) == 1 and known[0].get_ydata()[0] == sgd["exact"]
    assert known[0].get_color() == points.lines[0].get_color() == kr.plot.COLOURS[0]
    inverse = kr.plot.rate(run.estimates, "variance", quantity="exit_step", inverse=True, reference=None, ax=ax)
    assert inverse is ax and ax.containers[2].lines[0].get_ydata()[0] == 1 / sgd["value"]
    with pytest.raises(kr.InputError, match="no column `k`"):
        kr.plot.rate(run, "k")
    with pytest.raises(kr.InputError, match="nothing is called `speed`; there are exit.exit_step"):
        kr.plot.rate(run, "variance", quantity="speed")


def test_surfaces_and_verdicts_are_drawn(study, well):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = kr.plot.surface(well)
    marks = {tuple(np.round(line.get_xdata(), 9)): line.get_marker() for line in ax.lines[1:]}
    assert marks == {(-1.0,): "o", (1.0,): "o", (0.0,): "x"}
    plane = kr.plot.surface(kr.Surface("0.25*(x^2 - 1)^2 + 0.5*(y - x^2)^2"))
    assert len(plane.lines) == 3
    claim = kr.Claim("mean(exit_step[sgd, variance=4])", at_least=1.0)
    drawn = kr.plot.verdicts(claim.decide(study.run()).rulings)
    assert [text.get_text() for text in drawn.texts] == ["confirmed"]
    with pytest.raises(kr.InputError, match="3 coordinates"):
        kr.plot.surface(kr.Surface("x^2 + y^2 + z^2"))


def test_help_has_the_keywords():
    signature = inspect.signature(kr.PNM)
    assert signature.parameters["beta0"].default == 1.0 and "label" in signature.parameters
    assert "temperature" in inspect.signature(kr.exact.mfpt).parameters


@pytest.fixture(scope="module")
def watched():
    """Looked at as a law, and until exits, with whole paths."""
    return kr.Study(
        surface="0.25*(x^2 - 1)^2 + y^2",
        process=[kr.SGD(eta=0.1), kr.SGDM(eta=0.1)],
        noise=kr.Gaussian(variance=2.0),
        observe=[kr.Law("x", steps=[50, 400], to="exp(-(x^2 - 1)^2/0.4)"), kr.Exit(until="x > 0")],
        start=[-1.0, 0.0],
        particles=500,
        seed=1,
        keep="paths",
        paths=3,
        every=10,
    ).run(progress=False)


def test_laws_are_drawn_with_intervals_and_exits_as_what_is_left(watched):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = kr.plot.law(watched, density=lambda x: np.exp(-((x**2 - 1) ** 2) / 0.4), bins=10)
    assert [container.get_label() for container in ax.containers] == ["sgd", "sgdm"]
    values, seen = watched.samples["value"], np.array(watched.samples["observable"]) == "law"
    last = seen & (watched.samples["step"] == 400)
    counts, edges = np.histogram(values[last & (np.array(watched.samples["cell"]) == "sgd")], np.histogram_bin_edges(values[last], 10))
    drawn = ax.containers[0].lines[0].get_ydata()
    assert np.allclose(drawn, counts / 500 / np.diff(edges))
    (bars,) = ax.containers[0].lines[2]
    assert all(low <= y <= high and low >= 0 for y, (low, high) in zip(drawn, (segment[:, 1] for segment in bars.get_segments())))
    assert kr.plot.law(watched, step=50, ax=ax) is ax
    left = kr.plot.law(watched, "exit").lines[0]
    steps = watched.samples["step"][np.array(watched.samples["observable"]) == "exit"][:500]
    assert left.get_xdata()[1] == steps.min() and left.get_ydata()[1] == 1 - 1 / 500 and left.get_ydata()[-1] == 0
    with pytest.raises(kr.InputError, match="there are exit, law"):
        kr.plot.law(watched, "speed")
    with pytest.raises(kr.InputError, match="after 60 steps"):
        kr.plot.law(watched, step=60)


def test_paths_are_drawn_against_time_and_in_the_plane(watched, study):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = kr.plot.paths(watched, most=2)
    # Two paths of each of two cells, and the dots where they begin.
    assert len(ax.lines) == 8 and ax.get_ylabel() == "x"
    first = ax.lines[0]
    assert first.get_ydata()[0] == -1.0 and np.all(np.diff(first.get_xdata()) > 0)
    plane = kr.plot.paths(watched, "x", "y", most=1)
    assert (plane.get_xlabel(), plane.get_ylabel()) == ("x", "y") and plane.lines[0].get_xdata()[0] == -1.0
    with pytest.raises(kr.InputError, match='keep="paths"'):
        kr.plot.paths(study.run(progress=False))
    with pytest.raises(kr.InputError, match="no column `z`"):
        kr.plot.paths(watched, "z")


def test_curves_of_cards_are_drawn_beside_one_another():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    rule = kr.SGDM(eta=0.1, beta1=0.5)
    made = rule.card()
    ax = kr.plot.card([rule, made], "impulse")
    one, other = (container.lines[0].get_ydata() for container in ax.containers)
    assert np.array_equal(one, other) and np.allclose(one, 0.5 ** np.arange(1, 61), atol=1e-6)
    power = kr.plot.card(made, "power").lines[0]
    # S(0) of an average is 1, and S(π) = ((1 − β)/(1 + β))².
    assert np.allclose([power.get_ydata()[0], power.get_ydata()[-1]], [1, 1 / 9], rtol=1e-4)
    assert len(kr.plot.card(made, "variance").lines) == 2 and len(kr.plot.card(made, "survival").containers) == 1
    with pytest.raises(kr.InputError, match="has no curve `speed`"):
        kr.plot.card(made, "speed")
    with pytest.raises(kr.InputError, match="is no rule"):
        kr.plot.card("sgdm")
    with pytest.raises(kr.InputError, match="linear in their gradients"):
        kr.plot.card({"rule": "adam", "curves": {"power": []}}, "power")
