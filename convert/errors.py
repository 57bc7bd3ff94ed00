"""Errors that end a run or one artifact, and the exit code of each.

NotebindError
    UsageError          2   options or inputs are wrong
    WriterError         1   a writer could not make its artifact
    SaveError           1   an artifact could not be written to disk
    ToolError           1   another program or library failed
    PictureError        -   a picture cannot be used; it becomes a diagnostic
"""

from __future__ import annotations

import os
from collections.abc import Iterable


class NotebindError(Exception):
    """The base of all our errors. The message says what is wrong, where, and what to do."""

    exit_code = 1


class UsageError(NotebindError):
    """Wrong options or inputs."""

    exit_code = 2


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean X?)` with the known name that is most like an unknown one, "" if none is like it."""
    import difflib  # only slips need it

    names = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), names, 1, 0.6 if len(name) > 2 else 0.5)
    return f" (did you mean {names[close[0]]}?)" if close else ""


def unknown(what: str, value: str, known: Iterable[str]) -> UsageError:
    """Return the error about a value that an option does not know, with the nearest one and a list of all."""
    names, said = list(known), value[:60]
    return UsageError(f"{what} {said!r} is unknown{nearest(said, names)}: known are {', '.join(names) or 'none'}")


class WriterError(NotebindError):
    """An artifact could not be made."""


class SaveError(NotebindError):
    """An artifact could not be saved."""


class ToolError(NotebindError):
    """Another program or library failed."""


class PictureError(NotebindError):
    """Bytes that are no usable picture. The message says why, and what to do."""


def explain(error: BaseException) -> str:
    """Return one line about an error: its message if it is ours, its kind and line of code if it is not."""
    if isinstance(error, NotebindError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory: try --jobs 1, or fewer notes at a time"
    import traceback  # few runs need it

    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    message = " ".join(str(error).split())[:300]
    return f"internal error: {type(error).__name__}: {message}{where}; please report it"
