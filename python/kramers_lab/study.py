"""Experiments: what a file says, as a value, and how it is run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, overload

from . import _kramers, _toml
from ._block import Block, Frozen, plain, unknown
from ._given import Lent, telling
from ._run import Job, Progress, Record, Table, attend
from .errors import InputError
from .kinds import noise_of, observable_of, process_of
from .specs import Claim, Equation, Noise, Observable, Process, Rule, Surface, Written

#: Blocks of which a study may have several.
_SEVERAL = ("sweep", "process", "observe", "claim", "rule", "sde")


def _several(of: Any) -> list[Any]:
    if of is None:
        return []
    return list(of) if isinstance(of, (list, tuple)) else [of]


def _normal(document: Mapping[str, Any]) -> dict[str, Any]:
    """A study's document in the form in which what says the same is equal."""
    normal = plain(document)
    for key in _SEVERAL:
        if isinstance(normal.get(key), Mapping):
            normal[key] = [normal[key]]
    noise = normal.get("noise")
    if isinstance(noise, list) and len(noise) == 1:
        normal["noise"] = noise[0]
    return normal


def _assignment(key: str, value: Any) -> str:
    return f"{key}={_toml.value(plain(value))}"


class Experiment(Frozen):
    """An experiment's file, of any protocol: frozen, comparable, picklable. :func:`load` reads one; :class:`Study` composes one."""

    __slots__ = ("_text", "_path", "_assignments", "_tree", "_lent")

    def __init__(self, text: str, path: str | os.PathLike[str] = "experiment.toml", set: Mapping[str, Any] | None = None):  # noqa: A002
        self._fill(text, os.fspath(path), tuple(_assignment(k, v) for k, v in (set or {}).items()))

    def _fill(self, text: str, path: str, assignments: tuple[str, ...], lent: Lent | None = None) -> None:
        tree = _kramers.document(path, text, list(assignments))
        for name, of in (("_text", text), ("_path", path), ("_assignments", assignments), ("_tree", tree), ("_lent", lent)):
            object.__setattr__(self, name, of)

    @classmethod
    def _again(cls, text: str, path: str, assignments: tuple[str, ...]) -> Any:
        made = cls.__new__(cls)
        Experiment._fill(made, text, path, assignments)
        return made

    def __reduce__(self) -> Any:
        if self._lent is not None:
            raise InputError("a study on a surface by pointer or callable belongs to its process, and cannot be pickled; make it anew there")
        return type(self)._again, (self._text, self._path, self._assignments)

    def _said(self) -> Any:
        return _normal(self._tree)

    @property
    def document(self) -> dict[str, Any]:
        """What the file says, as tables, lists and values."""
        return plain(self._tree)

    @property
    def name(self) -> str:
        """Its name, which is that of its record's folder."""
        return str(self._tree.get("name", ""))

    @property
    def protocol(self) -> str:
        """What it does: ``"study"``, or one of the program's other protocols."""
        return str(self._tree.get("protocol", ""))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, protocol={self.protocol!r})"

    def to_toml(self, path: str | os.PathLike[str] | None = None) -> str:
        """The text of its file, with comments where it was read from one, and written to ``path`` where that is given."""
        text = _toml.table(self._tree) if self._assignments else self._text
        if path is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return text

    def check(self, scale: str = "standard") -> list[str]:
        """Reads all of it, as a run does, and runs nothing: the labels of its cells, in the order in which they run."""
        with telling(self._lent):
            return _kramers.check(self._path, self._text, scale, list(self._assignments))

    @overload
    def run(self, out: str | os.PathLike[str] | None = ..., *, seed: int | None = ..., scale: str = ..., threads: int = ..., resume: bool = ..., force: bool = ..., progress: bool | Callable[[Progress], Any] | None = ..., blocking: Literal[True] = ...) -> Record: ...
    @overload
    def run(self, out: str | os.PathLike[str] | None = ..., *, seed: int | None = ..., scale: str = ..., threads: int = ..., resume: bool = ..., force: bool = ..., progress: bool | Callable[[Progress], Any] | None = ..., blocking: Literal[False]) -> Job: ...
    def run(
        self,
        out: str | os.PathLike[str] | None = None,
        *,
        seed: int | None = None,
        scale: str = "standard",
        threads: int = 0,
        resume: bool = False,
        force: bool = False,
        progress: bool | Callable[[Progress], Any] | None = None,
        blocking: bool = True,
    ) -> Record | Job:
        """Runs it. The numbers are those of the program for the same text and seed, whatever the number of threads.

        With a folder ``out`` the record is written to ``out/NAME``, byte for byte as ``kramers run --out`` does, with figures and report;
        finished cells are kept there while it runs, so that after Ctrl-C ``resume=True`` goes on. Without one nothing is written.

        ``seed``: the root seed; the file's, or 1, if left out. ``scale``: ``smoke``, ``standard`` or ``paper``, where the file has scales.
        ``threads``: 0 takes all cores. ``force``: replace another record. ``progress``: True shows a bar, in a terminal as text and in a
        notebook as one element of HTML; False shows nothing; a callable gets a :class:`Progress` about ten times a second and when all is
        done; if left out, a bar where someone looks. ``blocking=False`` gives a :class:`Job` at once.

        Raises :class:`InputError` where the file or a folder cannot be used, before anything runs. Ctrl-C raises KeyboardInterrupt.
        """
        lanes = None
        if self._lent is not None:
            if resume:
                raise InputError("resume: whether a gradient by pointer or callable is the one of the earlier run is not known; run it whole, with force=True")
            if self._lent.batch is not None:
                # The interpreter lets one thread call it.
                threads, lanes = 1, self._lent.batch
        with telling(self._lent):
            core = _kramers.Job(
                self._path,
                self._text,
                list(self._assignments),
                seed=seed,
                scale=scale,
                threads=threads,
                lanes=lanes,
                out=None if out is None else os.fspath(out),
                resume=resume,
                force=force,
            )
        job = Job(core, self)
        return attend(job, progress) if blocking else job


class Study(Experiment):
    """A study: what moves on which surface in which noise, what is read of it, and what is claimed of that (``docs/studies.md``).

    It is the study's file and nothing beside: ``to_toml`` writes it for the program or a cluster, :func:`load` reads it again. All of it is
    checked here, by the program's own reader.

    ``surface``: a :class:`Surface`, or its formula. ``process``: one or a list. ``observe``: one or a list. ``noise``: one, or a list of those
    that add. ``sweep``: a dict of lists that multiply, or a list of such dicts that unite. ``define``: names of one's own. ``start``: a
    point, or a dict as ``[start]``. ``claims``: one or a list. ``equations``, ``rules``: SDEs and rules by formula, where no process carries
    them. ``particles``, ``streams``, ``precision``, ``keep``, ``paths``, ``every``: as in ``[ensemble]``. ``yes``: more
    than 100,000 cells are meant. ``confidence``: coverage of the intervals. ``seed``: the root seed. ``source``, ``cites``,
    ``departures``: what is tried, the papers by their keys, and what is not as they have it.
    """

    __slots__ = ()

    def __init__(
        self,
        *,
        surface: Surface | str,
        process: Process | Sequence[Process],
        observe: Observable | Sequence[Observable],
        noise: Noise | Sequence[Noise] | None = None,
        sweep: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        define: Mapping[str, Any] | None = None,
        start: Any = None,
        claims: Claim | Sequence[Claim] | None = None,
        rules: Rule | Sequence[Rule] | None = None,
        equations: Equation | Sequence[Equation] | None = None,
        particles: int | None = None,
        streams: str | None = None,
        precision: str | None = None,
        keep: str | None = None,
        paths: int | None = None,
        every: int | None = None,
        confidence: float | None = None,
        scales: Mapping[str, Any] | None = None,
        seed: int | None = None,
        yes: bool | None = None,
        name: str = "study",
        source: str | None = None,
        cites: Sequence[str] | None = None,
        departures: Sequence[str] | None = None,
        **others: Any,
    ):
        for key in others:
            known = Study.__init__.__kwdefaults__ or {}
            raise unknown("Study", key, ["surface", "process", "observe", *known])
        surface = surface if isinstance(surface, Surface) else Surface(surface)
        processes, readings, claimed = _several(process), _several(observe), _several(claims)
        _are(processes, Process, "process")
        _are(readings, Observable, "observe")
        _are(claimed, Claim, "claims")
        _are(_several(noise), Noise, "noise")
        carried = [p._rule for p in processes if p._rule is not None]
        rule = _distinct([*_several(rules), *(r for r in carried if isinstance(r, Rule))])
        sde = _distinct([*_several(equations), *(r for r in carried if isinstance(r, Equation))])
        ensemble = {"particles": particles, "streams": streams, "precision": precision, "keep": keep, "paths": paths, "every": every}
        noises = _several(noise)
        document: dict[str, Any] = {
            "name": name,
            "protocol": "study",
            "source": source,
            "cites": cites,
            "departures": departures,
            "seed": seed,
            "yes": yes,
            "define": {**surface.define, **(define or {})} or None,
            "landscape": surface,
            "sweep": _several(sweep) or None,
            "noise": noises[0] if len(noises) == 1 else noises or None,
            "start": start if start is None or isinstance(start, Mapping) else {"at": start},
            "rule": rule or None,
            "sde": sde or None,
            "process": processes,
            "observe": readings,
            "ensemble": ensemble if any(v is not None for v in ensemble.values()) else None,
            "measure": None if confidence is None else {"confidence": confidence},
            "claim": [_with_id(claim, place) for place, claim in enumerate(claimed, 1)] or None,
            "scale": scales,
        }
        self._fill(_toml.table(plain(document)), name, (), surface._lent)
        self.check()

    # What it is composed of.

    @property
    def define(self) -> dict[str, Any]:
        """Names of its own, the parameters of its surface's formula among them."""
        return plain(self._tree.get("define", {}))

    @property
    def surface(self) -> Surface:
        """Where the particles move; the parameters of a formula are among ``define``."""
        surface = Surface(**plain(self._tree["landscape"]))
        object.__setattr__(surface, "_lent", self._lent)
        return surface

    @property
    def noise(self) -> list[Noise]:
        """What is added to gradients."""
        return [noise_of(table) for table in _several(self._tree.get("noise"))]

    @property
    def rules(self) -> list[Rule]:
        """Its rules by formula."""
        return [Rule._of(table) for table in _several(self._tree.get("rule"))]

    @property
    def equations(self) -> list[Equation]:
        """Its SDEs by formula."""
        return [Equation._of(table) for table in _several(self._tree.get("sde"))]

    @property
    def process(self) -> list[Process]:
        """What moves the particles."""
        written: dict[str, Written] = {block.name: block for block in [*self.rules, *self.equations]}
        return [process_of(table, written) for table in _several(self._tree["process"])]

    @property
    def observe(self) -> list[Observable]:
        """What is read of them."""
        return [observable_of(table) for table in _several(self._tree["observe"])]

    @property
    def sweep(self) -> list[dict[str, Any]]:
        """What is swept: keys of one dict multiply, dicts unite."""
        return [plain(table) for table in _several(self._tree.get("sweep"))]

    @property
    def claims(self) -> list[Claim]:
        """What is claimed."""
        return [Claim._of(table) for table in _several(self._tree.get("claim"))]

    @property
    def seed(self) -> int | None:
        """Its root seed, where it has one."""
        return self._tree.get("seed")

    def replace(self, **changes: Any) -> Study:
        """The same study with some of its parts changed, by the names of the constructor; None leaves one out."""
        return Study(**{**self._parts(), **changes})

    def _parts(self) -> dict[str, Any]:
        tree = self._tree
        parts: dict[str, Any] = {"name": self.name} if self.name != "study" else {}
        parts |= {"surface": self.surface, "define": self.define, "sweep": self.sweep, "noise": self.noise, "start": tree.get("start")}
        parts |= {"process": self.process, "observe": self.observe, "claims": self.claims}
        parts |= {"rules": self.rules, "equations": self.equations}
        parts |= dict(tree.get("ensemble", {})) | dict(tree.get("measure", {}))
        parts |= {"scales": tree.get("scale"), "seed": self.seed, "source": tree.get("source"), "yes": tree.get("yes")}
        parts |= {"cites": tree.get("cites"), "departures": tree.get("departures")}
        for key in ("process", "observe", "noise", "sweep", "claims", "rules", "equations"):
            if len(parts[key]) == 1:
                (parts[key],) = parts[key]
        return {k: v for k, v in parts.items() if v is not None and v != [] and v != {}}

    def __repr__(self) -> str:
        parts = ", ".join(f"{k}={v!r}" for k, v in self._parts().items())
        return f"Study({parts})"

    def _power(self, claim: Claim, truths: Sequence[float], power: float, pilot: int | None) -> Table:
        particles = self._parts().get("particles")
        if particles is None:
            raise InputError("the study does not say its particles; give particles=…")
        if not 0 < power < 1:
            raise InputError(f"power={power}: a probability between 0 and 1, such as 0.9")
        size, seed = _kramers.pilot(particles, pilot, self.seed or 1)
        small = self.replace(particles=size, claims=[])
        made = small.run(seed=seed, progress=False)
        return Table(made._core.power(self._path, small._claiming(claim), (size, particles, power), [float(truth) for truth in truths]))

    def _claiming(self, claim: Claim) -> str:
        """The text of the study with this claim in place of its own."""
        document = {**self._tree, "claim": [plain(_with_id(claim, 1))]}
        return _toml.table(document)


def _are(of: Sequence[Any], kind: type[Block], what: str) -> None:
    for item in of:
        if not isinstance(item, kind):
            raise InputError(f"Study: {what} takes a kr.{kind.__name__}, or a list of them, not {item!r}")


def _distinct(blocks: Sequence[Written]) -> list[Written]:
    known: dict[str, Written] = {}
    for block in blocks:
        name = block.name
        if known.setdefault(name, block) != block:
            raise InputError(f"Study: two rules or SDEs are called `{name}`; give one of them another name")
    return list(known.values())


def _with_id(claim: Claim, place: int) -> Claim:
    return claim if "id" in claim.table else Claim._of({"id": f"claim-{place}", **claim.table})


def load(path: str | os.PathLike[str], set: Mapping[str, Any] | None = None) -> Experiment:  # noqa: A002
    """Reads an experiment's file, of any protocol; a study is a :class:`Study`.

    ``set``: values to change, by dotted paths as ``--set`` has them: ``{"ensemble.particles": 1000}``.
    """
    path = os.fspath(path)
    assignments = tuple(_assignment(k, v) for k, v in (set or {}).items())
    made = Experiment._again(_kramers.text_of(path), path, assignments)
    if made.protocol == "study":
        made = Study._again(made._text, path, assignments)
    made.check()
    return made
