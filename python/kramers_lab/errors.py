"""What can go wrong. Every exception of the package is a :class:`KramersError`, and says what was wrong, where, and what to do next."""

from __future__ import annotations


class KramersError(Exception):
    """The base of all exceptions of the package."""


class InputError(KramersError, ValueError):
    """What was given cannot be used; nothing was run. A mistake in a formula is shown at its character."""


class GradientError(InputError):
    """A gradient of one's own raised, or answered with what is no gradient; its own exception is the cause."""


class FailedError(KramersError, RuntimeError):
    """The computation failed, or a record is damaged."""


class FileError(KramersError, RuntimeError):
    """A file or folder could not be read or written."""


class StoppedError(KramersError, RuntimeError):
    """The run was cancelled; what was finished is kept where it has a folder, and ``resume=True`` goes on."""


class MissingPackageError(KramersError, ImportError):
    """A package that is not required is needed for this; the message says how to get it."""


class BugError(KramersError, RuntimeError):
    """A fault of the laboratory itself."""


class SelfCheckWarning(UserWarning):
    """The laboratory disagrees with an exact reference: no verdict of the run is to be trusted."""
