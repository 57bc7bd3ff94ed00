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


class NotebindError(Exception):
    """The base of all our errors. The message says what is wrong, where, and what to do."""

    exit_code = 1


class UsageError(NotebindError):
    """Wrong options or inputs."""

    exit_code = 2


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
