"""Build again whenever notes are saved: the loop behind `notebind watch` and `notebind serve`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from convert.errors import NotebindError, ToolError, UsageError
from convert.files import read_file
from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Request, Tell
from convert.storage.location import Location, is_below, local_paths
from convert.vault.discovery import SKIPPED_FOLDERS
from convert.writers import find_writer

QUIET_MS = 200
"""A build begins when nothing has been saved for this long: a burst of saves is one build."""
LONGEST_MS = 2_000
"""Saves that never pause are built after this long."""
_TEMPORARY_SUFFIXES = ("~", ".tmp", ".swp", ".part", ".crdownload")
"""Suffixes of the files that editors and browsers write before they rename them."""

MakeRequest = Callable[[], Request]
OnResult = Callable[[Report | NotebindError], None]


def watch(make_request: MakeRequest, tell: Tell, on_result: OnResult) -> None:
    """Build the request, and again after every change of its notes and of the files that it names.

    `make_request` is called before each build, so that settings may change meanwhile. `on_result` receives the report
    of every build, or the error that it ended with: neither ends the loop, only KeyboardInterrupt (Ctrl-C) does. Raises
    an error of the first `make_request`, UsageError for notes or outputs in an object store, and ToolError if the
    system cannot watch so many folders.
    """
    request = make_request()
    for location in (*request.notes, request.vault, request.output):
        if location is not None and not local_paths([location]):
            raise UsageError(f"{location}: only folders of this machine can be watched: build it instead")
    loop = _Loop(make_request, tell, on_result, request)
    while True:
        loop.follow()


class _Loop:
    def __init__(self, make_request: MakeRequest, tell: Tell, on_result: OnResult, request: Request) -> None:
        self._make_request = make_request
        self._tell = tell
        self._on_result = on_result
        self._request = request
        self._due = True
        self._built = False
        self._made: frozenset[str] = frozenset()
        self._failed: dict[str, bytes] | None = None
        """What has changed since a build failed, with its content: a writer that fails leaves files of its own."""

    def follow(self) -> None:
        """Build at every change, until folders appear or disappear and another watcher is needed."""
        roots, files = _roots(self._request), _states(self._request)
        folders = _folders(roots, self._request.output)
        for changed in _changes(folders, self._matters):
            now = _states(self._request)
            # A file that has just changed may not be complete: it is built when it has not changed for a while.
            self._due |= now != files or self._is_news(changed)
            if self._due and now == files:
                self._build()
                # Keep the states from before the build, so that changes made during it are noticed.
                now = _states(self._request) | now
            files = now
            now_there = _roots(self._request)
            if now_there != roots or (changed and _folders(now_there, self._request.output) != folders):
                self._due = True
                return

    def _is_news(self, changed: set[str]) -> bool:
        """Return whether changes call for a build: after one that failed, not the same files with the same content."""
        if self._failed is None:
            return bool(changed)
        found = {path: _content(path) for path in changed}
        is_news = not found.items() <= self._failed.items()
        self._failed.update(found)
        return is_news

    def _build(self) -> None:
        self._due = False
        result: Report | NotebindError
        try:
            self._request = self._make_request()
            # --force holds for the first build; later ones make what has changed.
            request = replace(self._request, force=False) if self._built else self._request
            result = build(request, self._tell)
        except NotebindError as error:
            result = error
        except OSError as error:  # a file that disappeared while it was read
            result = ToolError(f"{error.filename}: {error.strerror}: built again when something changes")
        if isinstance(result, Report):
            self._built = True
            self._made = _made(self._request.output, result)
        has_failed = not isinstance(result, Report) or any(book.failures for book in result.books)
        self._failed = (self._failed or {}) if has_failed else None
        self._on_result(result)

    def _matters(self, _: object, path: str) -> bool:
        """Return whether a change may concern the books: not our own files, hidden ones, or temporary ones."""
        output = os.path.realpath(self._request.output)
        roots = _roots(self._request)
        if path in self._made or (is_below(path, output) and not any(is_below(root, output) for root in roots)):
            return False
        below = min((path[len(root) :] for root in roots if is_below(path, root)), key=len, default="")
        parts = below.strip(os.sep).split(os.sep)
        hidden = any(part.startswith(".") or part in SKIPPED_FOLDERS for part in parts)
        return not hidden and not path.endswith(_TEMPORARY_SUFFIXES)


def _changes(folders: tuple[str, ...], matters: Callable[[object, str], bool]) -> Iterator[set[str]]:
    """Yield the paths that changed, when no more have changed for QUIET_MS; an empty set whenever none has."""
    from watchfiles import watch as watch_files

    try:
        for changed in watch_files(
            *folders,
            watch_filter=matters,
            debounce=LONGEST_MS,
            step=QUIET_MS,
            rust_timeout=QUIET_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
            recursive=False,  # it would follow links
        ):
            yield {path for _, path in changed}
    except (OSError, RuntimeError) as error:
        raise ToolError(
            f"the folders cannot be watched ({error}): raise the system's limit (Linux: fs.inotify.max_user_watches), "
            "or set WATCHFILES_FORCE_POLLING=1"
        ) from error


def _roots(request: Request) -> tuple[str, ...]:
    """Return the named folders that exist, with links resolved."""
    paths = local_paths((*request.notes, request.vault, request.videos))
    return tuple(dict.fromkeys(os.path.realpath(path) for path in paths if os.path.isdir(path)))


def _folders(roots: tuple[str, ...], output: Location) -> tuple[str, ...]:
    """Return the folders to watch: those that notes are looked for in, and no others, so that no link is followed."""
    skipped, waiting = os.path.realpath(output), list(roots)
    found: dict[str, None] = {}
    while waiting:
        folder = waiting.pop()
        try:
            inner = [entry for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        if folder in found or (folder not in roots and os.path.exists(os.path.join(folder, "pyvenv.cfg"))):
            continue
        found[folder] = None
        for entry in inner:
            if entry.name[0] != "." and entry.name not in SKIPPED_FOLDERS and entry.path != skipped:
                waiting.append(entry.path)
    return tuple(sorted(found))


def _content(path: str) -> bytes:
    """Return a digest of a file, something else for anything else."""
    try:
        return blake2b(read_file(path)).digest()
    except OSError as error:  # for a folder, say
        return b"%d" % (error.errno or 0)


def _states(request: Request) -> dict[Path, tuple[int, int, int]]:
    """Return inode, size in bytes and time of each file that is named.

    They are not watched, because editors replace files, and their folders may be big.
    """
    found = {}
    settings = (request.settings,) if request.settings else ()
    for path in (*local_paths(request.notes), *settings, *_option_files(request)):
        try:
            about = path.stat()
        except OSError:
            continue
        if not os.path.isdir(path):
            found[path] = (about.st_ino, about.st_size, about.st_mtime_ns)
    return found


def _option_files(request: Request) -> Iterator[Path]:
    """Yield the paths that options of writers name, such as a cover or a style sheet."""
    for options in (request.options, *(channel.options for channel in request.channels.values())):
        for name, values in options.items():
            with suppress(UsageError):  # an unknown writer, which the build reports
                for field in dataclasses.fields(find_writer(name).options):
                    value = values.get(field.name) or values.get(field.name.replace("_", "-"))
                    if field.metadata.get("path") and value:
                        yield Path(value)


def _made(output: Location, report: Report) -> frozenset[str]:
    """Return the artifacts and their folders as paths with links resolved."""
    files = {os.path.join(os.path.realpath(output), saved.path) for book in report.books for saved in book.artifacts}
    return frozenset(files | {os.path.dirname(path) for path in files})
