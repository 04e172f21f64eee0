"""Runs: under way, finished, and as records on disk."""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _kramers
from ._given import telling
from .errors import InputError, MissingPackageError, SelfCheckWarning, StoppedError

if TYPE_CHECKING:
    from .specs import Claim
    from .study import Experiment


def needed(package: str) -> Any:
    """A package that is not required."""
    try:
        return __import__(package)
    except ImportError as error:
        raise MissingPackageError(f"this needs {package}; get it by: pip install {package}") from error


class Table:
    """A table: columns of one length, by name.

    It is read without a copy by whatever takes Arrow's C stream (``polars.DataFrame(table)``, ``pyarrow.table(table)``,
    ``pandas.DataFrame.from_arrow(table)``); ``table["value"]`` is a NumPy array, where a missing number is NaN, or a list of words.
    """

    __slots__ = ("_core",)

    def __init__(self, core: _kramers.Table):
        self._core = core

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._core.__arrow_c_stream__(requested_schema)

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return self._core.columns

    def __len__(self) -> int:
        return len(self._core)

    def __getitem__(self, column: str) -> Any:
        return self._core[column]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Its rows, one by one."""
        columns = self.to_dict()
        for k in range(len(self)):
            yield {name: values[k] for name, values in columns.items()}

    def to_dict(self) -> dict[str, Any]:
        """Its columns by their names."""
        return {name: self[name] for name in self.columns}

    def to_pandas(self) -> Any:
        """As a ``pandas.DataFrame``."""
        return needed("pandas").DataFrame(self.to_dict())

    def to_polars(self) -> Any:
        """As a ``polars.DataFrame``."""
        return needed("polars").DataFrame(self)

    def to_pyarrow(self) -> Any:
        """As a ``pyarrow.Table``."""
        return needed("pyarrow").table(self)

    def __repr__(self) -> str:
        return f"<Table of {len(self)} rows: {', '.join(self.columns)}>"


class Decision(NamedTuple):
    """What a claim came to: its verdict in a word, why in a sentence, and a row for each of its rulings."""

    verdict: str
    why: str
    rulings: Table


class Record:
    """A run that is finished, as :meth:`Study.run` returns it, or as it lies in a folder: ``Record("results/k")``.

    ``folder``: that of the record, or one with a single record in it. A record that is damaged, or of another version, is refused with its
    file.
    """

    __slots__ = ("_core", "_experiment", "_manifest")

    def __init__(self, folder: str | os.PathLike[str]):
        found = _kramers.records(os.fspath(folder))
        if len(found) > 1:
            names = ", ".join(os.path.basename(one) for one in found)
            raise InputError(f"{os.fspath(folder)} holds several records ({names}); name the folder of one")
        self._fill(_kramers.Record(found[0] if found else os.fspath(folder)), None)

    def _fill(self, core: _kramers.Record, experiment: Experiment | None) -> None:
        self._core, self._experiment = core, experiment
        self._manifest = json.loads(core.manifest())

    @classmethod
    def _of(cls, core: _kramers.Record, experiment: Experiment) -> Record:
        record = cls.__new__(cls)
        record._fill(core, experiment)
        return record

    @property
    def manifest(self) -> dict[str, Any]:
        """What was run: seed, version, threads, times, everything resolved."""
        return dict(self._manifest)

    @property
    def name(self) -> str:
        """The experiment's name."""
        return str(self._manifest["name"])

    @property
    def folder(self) -> str | None:
        """Where it lies, if anywhere."""
        found = self._core.folder
        return None if found is None else os.fspath(found)

    @property
    def estimates(self) -> Table:
        """A row for each reading: a column for each axis, the quantity, its value with its interval, what it is exactly."""
        return Table(self._core.estimates())

    @property
    def samples(self) -> Table:
        """What was simulated, as finely as the protocol keeps it: of a study a row for each particle of exits and laws."""
        return Table(self._core.samples())

    @property
    def paths(self) -> Table | None:
        """Whole paths of a study's first particles, where ``keep="paths"`` asks for them."""
        core = self._core.paths()
        return None if core is None else Table(core)

    @property
    def verdicts(self) -> Table:
        """A row for each ruling of a claim: its verdict, why, what was predicted and measured."""
        return Table(self._core.verdicts())

    @property
    def self_checks(self) -> Table:
        """The laboratory against what is known exactly."""
        return Table(self._core.self_checks())

    @property
    def failed(self) -> list[str]:
        """The self-checks that failed: where there is one, no verdict is to be trusted."""
        checks = self.self_checks
        return [name for name, result in zip(checks["id"], checks["result"]) if result == "failed"]

    def decide(self, claim: Claim) -> Decision:
        """What a claim comes to over the readings of this run, of a study that ran in this process."""
        from .study import Study

        if not isinstance(self._experiment, Study):
            raise InputError("a claim is decided over what the run of a study returned; of a record on disk run the study again, with the claim in it")
        verdict, why, rulings = self._core.decide(self._experiment._path, self._experiment._claiming(claim))
        return Decision(verdict, why, Table(rulings))

    def __repr__(self) -> str:
        place = f" in {self.folder}" if self.folder else ""
        return f"<Record of {self.name}{place}: seed {self._manifest['seed']}, {len(self.estimates)} estimates, {len(self.verdicts)} verdicts>"


class Progress(NamedTuple):
    """How far a run has come."""

    cells: float
    """How many cells are finished, that under way in part."""
    of: int
    """How many there are."""
    label: str
    """The cell under way."""
    seconds: float
    """Since the run began."""

    @property
    def fraction(self) -> float:
        """Of the cells, from 0 to 1; where cells differ in their work, not of the time."""
        return self.cells / self.of if self.of else 1.0


class Job:
    """A run under way in threads of its own. One that nobody holds any more is cancelled."""

    __slots__ = ("_core", "_experiment", "_begun", "_record")

    def __init__(self, core: _kramers.Job, experiment: Experiment):
        self._core, self._experiment = core, experiment
        self._begun = time.monotonic()
        self._record: Record | None = None

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        cells, label = self._core.progress()
        return Progress(cells, self._core.cells, label, time.monotonic() - self._begun)

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until it has ended, or for so many seconds; whether it has ended."""
        if seconds is not None:
            return self._core.wait(seconds)
        while not self._core.wait(3600.0):
            pass
        return True

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._core.wait(0.0)

    def cancel(self) -> None:
        """Asks it to stop; what is finished of it is kept where it has a folder. Does not wait."""
        self._core.cancel()

    def result(self, seconds: float | None = None) -> Record:
        """Its record, once it has ended. Raises what went wrong, StoppedError if it was cancelled, TimeoutError after so many seconds."""
        if not self.wait(seconds):
            raise TimeoutError(f"{self._experiment.name} is still running after {seconds} s; wait longer, or cancel it")
        if self._record is None:
            with telling(self._experiment._lent):
                core = self._core.result()
            assert core is not None
            self._record = Record._of(core, self._experiment)
            failed = self._record.failed
            if failed:
                warnings.warn(f"self-checks refuted the laboratory, so no verdict of this run is to be trusted: {', '.join(failed)}", SelfCheckWarning, stacklevel=2)
        return self._record

    def __repr__(self) -> str:
        cells, of, label, seconds = self.progress
        state = "ended" if self.done else f"at {label}"
        return f"<Job {self._experiment.name}: {cells:.2f} of {of} cells, {state}, {seconds:.1f} s>"


#: Seconds from one look at a run to the next.
_SLICE = 0.1
#: How long Ctrl-C waits for a run to keep what is finished.
_GRACE = 0.4


def attend(job: Job, progress: bool | Callable[[Progress], Any] | None) -> Record:
    """Waits for a run and shows how far it has come; Ctrl-C stops it."""
    show, end = _shown(progress, job._experiment.name)
    try:
        while not job._core.wait(_SLICE):
            show(job.progress)
        show(job.progress)
        return job.result()
    except BaseException:
        job.cancel()
        # What is finished is being written; a computation that looks at nothing for longer goes on to its end alone.
        job._core.wait(_GRACE)
        raise
    finally:
        end()


def _shown(progress: bool | Callable[[Progress], Any] | None, name: str) -> tuple[Callable[[Progress], Any], Callable[[], Any]]:
    if callable(progress):
        return progress, lambda: None
    if progress is not False:
        notebook = _notebook(name)
        if notebook is not None:
            return notebook
        if sys.stderr is not None and (progress or sys.stderr.isatty()):
            return _terminal(name)
    return lambda _: None, lambda: None


def _terminal(name: str) -> tuple[Callable[[Progress], Any], Callable[[], Any]]:
    """One line of text on standard error, written over."""

    def show(at: Progress) -> None:
        filled = round(30 * at.fraction)
        line = f"{name[:28]:28} [{'=' * filled}{' ' * (30 - filled)}] {100 * at.fraction:3.0f} % {at.seconds:4.0f}s {at.label}"
        sys.stderr.write("\r" + line[:118].ljust(118))
        sys.stderr.flush()

    def end() -> None:
        sys.stderr.write("\n")

    return show, end


def _notebook(name: str) -> tuple[Callable[[Progress], Any], Callable[[], Any]] | None:
    """One element of HTML that is written over; None where this is no notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or shell.__class__.__name__ != "ZMQInteractiveShell":
        return None
    from html import escape

    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)
    if handle is None:
        return None

    def show(at: Progress) -> None:
        bar = f'<progress max="1" value="{at.fraction:.4f}" style="width: 20em"></progress>'
        handle.update(HTML(f"<div>{escape(name)} {bar} {100 * at.fraction:.0f} %, {at.seconds:.0f} s {escape(at.label)}</div>"))

    return show, lambda: None


__all__ = ["Decision", "Job", "Progress", "Record", "StoppedError", "Table"]
