"""Figures with matplotlib, axes in and out: ``ax = kr.plot.rate(run, x="k")``. Without ``ax`` a new figure is made.

Colours and markers are those of the program's figures, and so is what lines mean: points are measured, with intervals; a solid line is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ._run import Record, Table, needed
from .errors import InputError
from .specs import Process, Surface

#: Okabe and Ito's palette, grey in place of its yellow; the markers go with it.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f")
MARKERS = ("o", "s", "^", "D", "X")


def _points(index: int) -> dict[str, Any]:
    """How a series of points is drawn: beyond the first five markers they come again, hollow first."""
    colour = COLOURS[index % len(COLOURS)]
    hollow = {"mfc": "white"} if index // len(MARKERS) % 2 else {}
    return {"fmt": MARKERS[index % len(MARKERS)], "color": colour, "ms": 5, "lw": 1, "capsize": 2, **hollow}


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
    ``reference``: the column of what is known exactly, drawn as a line where it is a number; None leaves it out.
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
    for index, (label, rows) in enumerate(lines.items()):
        rows = sorted(rows, key=lambda row: along[row])
        at, middle, ends = along[rows], value[rows], (low[rows], high[rows])
        known = None if exact is None else exact[rows]
        if inverse:
            middle, ends = 1 / middle, (1 / ends[1], 1 / ends[0])
            known = None if known is None else 1 / known
        beyond = np.array([np.maximum(middle - ends[0], 0), np.maximum(ends[1] - middle, 0)])
        ax.errorbar(at, middle, yerr=beyond, **_points(index), label=", ".join(label) or quantity)
        if known is not None and np.isfinite(known).any():
            ax.plot(at, known, "-", lw=1, color=COLOURS[index % len(COLOURS)])
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
        ax.plot(across, of.value(across[None, :]), color=COLOURS[0])
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


def law(run: Record, observable: str = "law", *, step: int | None = None, density: Callable[[Any], Any] | None = None, bins: int = 40, ax: Any = None) -> Any:
    """The law of what an observable of a study saw of each particle: points of the density in ``bins`` bins, with intervals of 99.9 %, a series for each
    cell, at ``step``, or the last that was looked at. Of exits it is the share of particles still inside against the step, by steps, on a
    logarithmic axis.

    ``run``: a :class:`Record`. ``density``: what is exact, a function of the number, drawn as a line.
    """
    samples = run.samples
    seen = np.array(_column(samples, "observable")) == observable
    if not seen.any():
        raise InputError(f"no particles are kept of an observable `{observable}`; there are {', '.join(sorted(set(samples['observable'])))}")
    steps, cells = _column(samples, "step"), np.array(_column(samples, "cell"))
    exits = f"{observable}.rate" in run.estimates["quantity"]
    if not exits:
        seen &= steps == (steps[seen].max() if step is None else step)
        if not seen.any():
            raise InputError(f"`{observable}` was not looked at after {step} steps")
    ax = _axes(ax)
    value = _column(samples, "value").astype(float)
    edges = np.histogram_bin_edges(value[seen & np.isfinite(value)], bins)
    for index, cell in enumerate(dict.fromkeys(cells[seen])):
        own = seen & (cells == cell)
        if exits:
            left = np.sort(steps[own & ~_column(samples, "censored")])
            inside = 1 - np.arange(len(left) + 1) / own.sum()
            ax.step(np.concatenate([[0], left]), inside, where="post", color=COLOURS[index % len(COLOURS)], label=cell)
            continue
        low, share, high = _shares(np.histogram(value[own], edges)[0], int(own.sum())) / np.diff(edges)
        middle = (edges[1:] + edges[:-1]) / 2
        ax.errorbar(middle, share, yerr=[share - low, high - share], **_points(index), label=cell)
    if exits:
        ax.set(xlabel="step", ylabel="still inside", yscale="log")
    else:
        if density is not None:
            along = np.linspace(edges[0], edges[-1], 400)
            ax.plot(along, density(along), "-", lw=1, color="black", label="exact")
        ax.set(xlabel=observable, ylabel="density")
    ax.legend()
    return ax


def _shares(counts: Any, n: int) -> Any:
    """Shares of n with their 99.9 % intervals (Wilson's): low, share, high."""
    z, share = 3.2905, counts / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return np.stack([np.minimum(middle - half, share), share, np.maximum(middle + half, share)])


def paths(run: Record, x: str = "time", y: str | None = None, *, most: int = 10, ax: Any = None) -> Any:
    """Whole paths of particles, which ``keep="paths"`` keeps: a coordinate ``y``, the first if left out, against ``x``: the time, the step, or another coordinate.
    A colour for each cell, of which ``most`` paths are drawn, with a dot where they begin."""
    table = run.paths
    if table is None:
        raise InputError('no paths were kept; give the study keep="paths"')
    columns = table.columns
    y = columns[columns.index("time") + 1] if y is None else y
    along, up = _column(table, x), _column(table, y)
    cells = np.array(table["cell"])
    # Observables that end at exits have particles of their own.
    whose = np.array([f"{of} {k:09}" for of, k in zip(table["observable"], table["particle"])])
    ax = _axes(ax)
    for index, cell in enumerate(dict.fromkeys(cells)):
        own = cells == cell
        colour = COLOURS[index % len(COLOURS)]
        for place, particle in enumerate(np.unique(whose[own])[:most]):
            rows = own & (whose == particle)
            ax.plot(along[rows], up[rows], lw=0.8, alpha=0.7, color=colour, label=cell if place == 0 else None)
            ax.plot(along[rows][:1], up[rows][:1], "o", ms=3, color=colour)
    ax.set(xlabel=x, ylabel=y)
    ax.legend()
    return ax


#: Curves of cards: their axes, whether these are logarithmic, and what SGD or the SDE has.
_CURVES: dict[str, tuple[str, str, str, str]] = {
    "step": ("step", "u/η, gradients of 1", "linear", "linear"),
    "impulse": ("step", "u/η, one gradient of 1", "linear", "linear"),
    "power": ("ω (radians per step)", "S(ω)", "linear", "log"),
    "variance": ("ηh", "Var θ / Var θ of SGD", "log", "log"),
    "survival": ("t/τ, t = ηsn", "still inside", "linear", "log"),
}


def card(of: Any, curve: str = "step", *, ax: Any = None) -> Any:
    """A curve of the card of a rule, or of several beside one another (``docs/rules.md``): ``step`` and ``impulse``, its updates over η where gradients are 1 from
    the first on, or at the first alone; of a linear rule the ``power`` S(ω) of its noise and the stationary ``variance`` over that of SGD; the
    ``survival`` in the double well against the exponential law of the SDE's mean time.

    ``of``: a process, a card, or a list of them. A card that is given takes no time; one that is made takes seconds.
    """
    if curve not in _CURVES:
        raise InputError(f"a card has no curve `{curve}`; there are {', '.join(_CURVES)}")
    across, up, x_scale, y_scale = _CURVES[curve]
    drawn = list(_cards(of, curve))
    ax = _axes(ax)
    for index, (name, points) in enumerate(drawn):
        colour = COLOURS[index % len(COLOURS)]
        if curve in ("power", "variance"):
            ax.plot(points[:, 0], points[:, 1], color=colour, label=name)
        else:
            ax.errorbar(points[:, 0], points[:, 1], **{**_points(index), "ms": 3}, label=name)
    if curve in ("power", "variance"):
        ax.axhline(1.0, ls="--", lw=1, color=COLOURS[7], label="SGD")
    if curve == "survival":
        times = np.linspace(0, 4, 41)
        ax.plot(times, np.exp(-times), "--", lw=1, color=COLOURS[7], label="exponential law of the SDE's mean time")
    ax.set(xlabel=across, ylabel=up, xscale=x_scale, yscale=y_scale)
    ax.legend()
    return ax


def _cards(of: Any, curve: str) -> Iterator[tuple[str, Any]]:
    """Names and points."""
    for one in of if isinstance(of, (list, tuple)) else [of]:
        made = one.card() if isinstance(one, Process) else one
        if not isinstance(made, Mapping) or "curves" not in made:
            raise InputError(f"{one!r} is no rule, and no card of one")
        points = np.array(made["curves"][curve], dtype=float)
        if points.ndim == 1:
            points = np.stack([np.arange(1, len(points) + 1), points], axis=1)
        points = points[np.isfinite(points[:, 1])] if len(points) else points
        if curve == "survival":
            points = points[points[:, 1] > 0]
        if len(points) == 0:
            raise InputError(f"the card of {made['rule']} has no `{curve}`: that is known of rules that are linear in their gradients")
        yield one.label if isinstance(one, Process) else str(made["rule"]), points


#: Colours of verdicts.
_VERDICTS = {"confirmed": COLOURS[2], "refuted": COLOURS[1], "inconclusive": COLOURS[4]}


def verdicts(run: Any, *, ax: Any = None) -> Any:
    """What claims came to: for each ruling what was measured, with its interval, and what was predicted, where both are numbers; the colour is
    the verdict. ``run``: a :class:`Record`, or the rulings of a decision."""
    table = run.verdicts if isinstance(run, Record) else run
    if not isinstance(table, Table):
        raise InputError(f"{run!r} is no record, and no table of verdicts")
    ax = _axes(ax)
    names = []
    for place, row in enumerate(table.rows()):
        colour = _VERDICTS.get(row["verdict"], COLOURS[7])
        names.append(f"{row['id']} {row['case']}".strip())
        beyond = [[max(row["value"] - row["ci_low"], 0)], [max(row["ci_high"] - row["value"], 0)]]
        ax.errorbar(row["value"], place, xerr=beyond, fmt="o", color=colour, capsize=3)
        ax.plot(row["predicted"], place, "|", color="black", ms=14)
        ax.annotate(row["verdict"], (1.01, place), xycoords=("axes fraction", "data"), va="center", color=colour)
    ax.set_yticks(range(len(names)), names)
    ax.set(ylim=(len(names) - 0.5, -0.5), xlabel="measured (dot, interval), predicted (line)")
    return ax


__all__ = ["card", "law", "paths", "rate", "surface", "verdicts"]
