"""Errors that end a run or one artifact, and the exit code of each.

NotebindError
    UsageError          2   the command line asks for something that cannot be
    WriterError         1   a writer could not make its artifact
    SaveError           1   an artifact could not be written to disk
    ToolError           1   another program or library failed
"""

from __future__ import annotations


class NotebindError(Exception):
    """Base of all errors; the message says what, where and what to do."""

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
