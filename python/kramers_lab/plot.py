"""Figures with matplotlib, axes in and out: ``ax = kr.plot.rate(run, x="k")``. Without ``ax`` a new figure is made."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._run import Record, Table, needed
from .errors import InputError
from .specs import Surface


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    needed("matplotlib")
    from matplotlib import pyplot

    return pyplot.figure(layout="constrained").add_subplot()


def _column(table: Any, name: str) -> Any:
    known = list(table.columns)
    if name not in known:
        raise InputError(f"the table has no column `{name}`; there are {', '.join(known)}")
    return np.asarray(table[name])


def rate(run: Any, x: str, *, quantity: str = "rate", inverse: bool = False, reference: str | None = "exact", ax: Any = None) -> Any:
    """A quantity of exits, ``rate``, ``exit_time`` or ``exit_step``, or of any other observable, against an axis ``x`` of the sweep: a line for each
    process, with intervals, on logarithmic axes. What further axes vary is a line too.

    ``run``: a :class:`Record`, its ``estimates``, or a data frame of them. ``inverse``: 1/quantity, so that a rate is a mean time.
    ``reference``: the column of what is known exactly, drawn as a dashed line where it is a number; None leaves it out.
    """
    table = run.estimates if isinstance(run, Record) else run
    quantities = _column(table, "quantity").astype(str)
    own = np.array([name == quantity or name.endswith(f".{quantity}") for name in quantities], dtype=bool)
    if not own.any():
        raise InputError(f"nothing is called `{quantity}`; there are {', '.join(sorted(set(quantities)))}")
    columns = list(table.columns)
    # Axes stand between the cell and the quantity.
    others = [name for name in columns[columns.index("cell") + 1 : columns.index("quantity")] if name != x]
    along = _column(table, x).astype(float)
    value, low, high = (_column(table, name).astype(float) for name in ("value", "ci_low", "ci_high"))
    exact = None if reference is None else _column(table, reference).astype(float)
    lines: dict[tuple[str, ...], list[int]] = {}
    for row in np.flatnonzero(own):
        lines.setdefault(tuple(str(_column(table, name)[row]) for name in others), []).append(int(row))
    ax = _axes(ax)
    for label, rows in lines.items():
        rows = sorted(rows, key=lambda row: along[row])
        at, middle, ends = along[rows], value[rows], (low[rows], high[rows])
        known = None if exact is None else exact[rows]
        if inverse:
            middle, ends = 1 / middle, (1 / ends[1], 1 / ends[0])
            known = None if known is None else 1 / known
        beyond = np.array([np.maximum(middle - ends[0], 0), np.maximum(ends[1] - middle, 0)])
        drawn = ax.errorbar(at, middle, yerr=beyond, fmt="o", ms=4, capsize=2, label=", ".join(label) or quantity)
        if known is not None and np.isfinite(known).any():
            ax.plot(at, known, "--", lw=1, color=drawn.lines[0].get_color())
    ax.set(xscale="log", yscale="log", xlabel=x, ylabel=f"1/{quantity}" if inverse else quantity)
    ax.legend()
    return ax


def surface(of: Surface, x: tuple[float, float] = (-2.0, 2.0), y: tuple[float, float] = (-2.0, 2.0), *, points: int = 200, ax: Any = None) -> Any:
    """A surface over a line or a plane, with its minima (dots) and saddles (crosses): L against x, or its contours over x and y."""
    if of.dim not in (1, 2):
        raise InputError(f"a surface of {of.dim} coordinates is not drawn; give one of 1 or 2")
    ax = _axes(ax)
    there = [p for p in of.critical_points() if all(a <= c <= b for c, (a, b) in zip(p.theta, (x, y)))]
    marks = {"minimum": "o", "saddle": "x"}
    across = np.linspace(*x, points)
    if of.dim == 1:
        ax.plot(across, of.value(across[None, :]))
        for p in there:
            ax.plot(p.theta[0], p.value, marks[p.kind], color="black")
        ax.set(xlabel="x", ylabel="L")
        return ax
    up = np.linspace(*y, points)
    grid = np.stack([a.reshape(-1) for a in np.meshgrid(across, up)])
    loss = of.value(grid).reshape(points, points)
    # Contours are even in √(L − min L), so that the wells are seen beside the walls.
    height = np.sqrt(loss - np.nanmin(loss))
    ax.contour(across, up, height, levels=24, linewidths=0.7)
    for p in there:
        ax.plot(*p.theta, marks[p.kind], color="black")
    ax.set(xlabel="x", ylabel="y")
    return ax


#: Colours of verdicts.
_COLOURS = {"confirmed": "tab:green", "refuted": "tab:red", "inconclusive": "tab:orange"}


def verdicts(run: Any, *, ax: Any = None) -> Any:
    """What claims came to: for each ruling what was measured, with its interval, and what was predicted, where both are numbers; the colour is
    the verdict. ``run``: a :class:`Record`, or the rulings of a decision."""
    table = run.verdicts if isinstance(run, Record) else run
    if not isinstance(table, Table):
        raise InputError(f"{run!r} is no record, and no table of verdicts")
    ax = _axes(ax)
    names = []
    for place, row in enumerate(table.rows()):
        colour = _COLOURS.get(row["verdict"], "tab:gray")
        names.append(f"{row['id']} {row['case']}".strip())
        beyond = [[max(row["value"] - row["ci_low"], 0)], [max(row["ci_high"] - row["value"], 0)]]
        ax.errorbar(row["value"], place, xerr=beyond, fmt="o", color=colour, capsize=3)
        ax.plot(row["predicted"], place, "|", color="black", ms=14)
        ax.annotate(row["verdict"], (1.01, place), xycoords=("axes fraction", "data"), va="center", color=colour)
    ax.set_yticks(range(len(names)), names)
    ax.set(ylim=(len(names) - 0.5, -0.5), xlabel="measured (dot, interval), predicted (line)")
    return ax


__all__ = ["rate", "surface", "verdicts"]
