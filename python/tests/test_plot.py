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
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert len(dashed) == 1 and dashed[0].get_ydata()[0] == sgd["exact"]
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
