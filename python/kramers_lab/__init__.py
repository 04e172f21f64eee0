"""A laboratory for the diffusion theory of stochastic optimizers, in Python.

``import kramers_lab as kr``. Specs are the experiment's file as values, results are Arrow tables, and all numbers are computed by the
program's own rooms: the same seed gives the same bytes as ``kramers run``. ``docs/python.md`` has the tasks that it was made for.
"""

from . import errors, exact, kinds, plot, specs
from ._audit import Audit, Check, audit
from ._run import Decision, Job, Progress, Record, Table
from .errors import BugError, FailedError, FileError, GradientError, InputError, KramersError, MissingPackageError, SelfCheckWarning, StoppedError
from .kinds import *  # noqa: F403
from .specs import *  # noqa: F403
from .study import Experiment, Study, load

__all__ = [
    "Audit", "BugError", "Check", "Decision", "Experiment", "FailedError", "FileError", "GradientError", "InputError", "Job", "KramersError", "MissingPackageError", "Progress",
    "Record", "SelfCheckWarning", "StoppedError", "Study", "Table", "audit", "errors", "exact", "kinds", "load", "plot", "specs", *specs.__all__, *kinds.__all__,
]
