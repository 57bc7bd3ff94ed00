"""Builds again whenever notes are saved: the loop behind `notebind watch`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from convert.errors import NotebindError, ToolError, UsageError
from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Request, Tell
from convert.storage.location import Location, local_paths
from convert.vault.discovery import SKIPPED_FOLDERS

QUIET_MS = 200
"""A build begins when nothing was saved for so long: a burst of saves is one build."""
LONGEST_MS = 2_000
"""Saves that never pause are built nevertheless."""
_LEFTOVERS = ("~", ".tmp", ".swp", ".part", ".crdownload")
"""What editors and downloads write on their way to a file."""

Ask = Callable[[], Request]
OnResult = Callable[[Report | NotebindError], None]


def watch(ask: Ask, tell: Tell, on_result: OnResult) -> None:
    """Builds what `ask` returns, and again after every change of its notes and of the files that it names.

    `ask` is called before each build, so that settings may change meanwhile. `on_result` is handed the report of every
    build, or the error that it ended with: neither ends the loop, only KeyboardInterrupt (Ctrl-C) does. An error of the
    first `ask`, UsageError for places in a store and ToolError where so many folders cannot be watched are raised.
    """
    loop = _Loop(ask, tell, on_result)
    while True:
        loop.follow()


class _Loop:
    def __init__(self, ask: Ask, tell: Tell, on_result: OnResult) -> None:
        self._ask = ask
        self._tell = tell
        self._on_result = on_result
        self._request = _of_this_machine(ask())
        self._due = True
        self._built = False
        self._made: frozenset[str] = frozenset()

    def follow(self) -> None:
        """Builds at every change until folders come or go, which asks for another watcher."""
        folders, files = _folders(self._request), _states(self._request)
        for changed in _wakes(folders, self._matters):
            now = _states(self._request)
            # A file just seen to differ may still be being written: it is built when it has rested.
            self._due |= bool(changed) or now != files
            if self._due and now == files:
                self._build()
                # As they were before: what was saved while it built is a change.
                now = _states(self._request) | now
            files = now
            if changed.intersection(folders) or _folders(self._request) != folders:
                self._due = True
                return

    def _build(self) -> None:
        self._due = False
        result: Report | NotebindError
        try:
            self._request = self._ask()
            # What --force asks for is done once; after that, what has changed is made.
            request = replace(self._request, force=False) if self._built else self._request
            result = build(request, self._tell)
        except NotebindError as error:
            result = error
        except OSError as error:  # a file that went while it was looked at
            result = ToolError(f"{error.filename}: {error.strerror}: built again when something changes")
        if isinstance(result, Report):
            self._built = True
            self._made = _made(self._request.output, result)
        self._on_result(result)

    def _matters(self, _: object, path: str) -> bool:
        """Whether a change may concern the books: not our own files, hidden ones, or what will be renamed soon."""
        output = os.path.realpath(self._request.output)
        roots = _folders(self._request)
        if path in self._made or (_below(path, output) and not any(_below(root, output) for root in roots)):
            return False
        below = min((path[len(root) :] for root in roots if _below(path, root)), key=len, default="")
        parts = below.strip(os.sep).split(os.sep)
        return not path.endswith(_LEFTOVERS) and not any(
            part.startswith(".") or part in SKIPPED_FOLDERS for part in parts
        )


def _of_this_machine(request: Request) -> Request:
    for place in (*request.notes, request.vault, request.output):
        if place is not None and not local_paths([place]):
            raise UsageError(f"{place}: only folders of this machine can be watched: build it instead")
    return request


def _wakes(folders: tuple[str, ...], matters: Callable[[object, str], bool]) -> Iterator[set[str]]:
    """Every QUIET_MS nothing, and when changes have come to rest, the paths that changed."""
    from watchfiles import watch as changes

    try:
        for changed in changes(
            *folders,
            watch_filter=matters,
            debounce=LONGEST_MS,
            step=QUIET_MS,
            rust_timeout=QUIET_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        ):
            yield {path for _, path in changed}
    except (OSError, RuntimeError) as error:
        raise ToolError(
            f"the folders cannot be watched ({error}): raise the system's limit (Linux: fs.inotify.max_user_watches), "
            "or set WATCHFILES_FORCE_POLLING=1"
        ) from error


def _folders(request: Request) -> tuple[str, ...]:
    """The folders to watch, those that are there, without links."""
    paths = local_paths((*request.notes, request.vault, request.videos))
    return tuple(dict.fromkeys(os.path.realpath(path) for path in paths if path.is_dir()))


def _states(request: Request) -> dict[Path, tuple[int, int, int]]:
    """The files that are named, which are looked at one by one: editors replace them, and their folders may be big."""
    found = {}
    settings = (request.settings,) if request.settings else ()
    for path in (*local_paths(request.notes), *settings, *request.named_files()):
        try:
            about = path.stat()
        except OSError:
            continue
        if not path.is_dir():
            found[path] = (about.st_ino, about.st_size, about.st_mtime_ns)
    return found


def _made(output: Location, report: Report) -> frozenset[str]:
    """The artifacts and their folders, as paths without links."""
    files = {os.path.join(os.path.realpath(output), saved.path) for book in report.books for saved in book.artifacts}
    return frozenset(files | {os.path.dirname(path) for path in files})


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
