"""Finds the files of a vault and gives each a channel and a slug. No note is opened here."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from convert.document.note import slug
from convert.report import Diagnostic, diagnostic, visible
from convert.storage import object_store
from convert.storage.folder import RECORD_SUFFIX, RUN_FOLDER
from convert.storage.location import Location, storage_at
from convert.storage.object_store import Store

SUFFIXES = frozenset((".md", ".markdown", ".txt"))
SKIPPED_FOLDERS = frozenset(("node_modules", "__pycache__", "venv", "site-packages"))


class Source(msgspec.Struct, frozen=True):
    """A file that may be a note. `named` when the user named it: then it is a note whatever it holds."""

    path: str
    """Absolute, without links; the address of an object in a store."""
    shown: str
    """The path as diagnostics show it."""
    folder: str
    """The folder of its channel, absolute."""
    channel: str
    slug: str
    named: bool = False
    size: int = 0
    modified_ns: int = 0
    mark: str = ""
    """What a store says of its content, an ETag or a time; a file of this machine has none."""

    @property
    def id(self) -> str:
        """The id of its note."""
        return f"{self.channel}/{self.slug}"


class _Found(msgspec.Struct, frozen=True):
    path: str
    shown: str
    size: int
    modified_ns: int = 0
    named: bool = False
    mark: str = ""


def find_sources(inputs: Iterable[Location], output: Location | None = None) -> tuple[list[Source], list[Diagnostic]]:
    """The files below the inputs, sorted by path, each once; folders are searched down.

    Left out: the output folder, what earlier runs made elsewhere, dot folders, virtual environments, node_modules,
    links that leave the input.
    """
    search = _Search(_skipped(output) if output else "")
    for start in inputs:
        storage = storage_at(start)
        if isinstance(storage, Store):
            search.add_store(storage.address)
        else:
            search.add(str(storage.path))
    return _identified(sorted(search.found.items())), search.problems


def _skipped(output: Location) -> str:
    storage = storage_at(output)
    return storage.address if isinstance(storage, Store) else os.path.realpath(storage.path)


class _Search:
    """Walks folders; a file that is named wins over the same file found in a folder."""

    def __init__(self, skipped: str) -> None:
        self.found: dict[str, _Found] = {}
        self.problems: list[Diagnostic] = []
        self._skipped = skipped
        self._made: set[str] = set()

    def add(self, start: str) -> None:
        """Takes in a file, or the files below a folder."""
        real = os.path.realpath(start)
        if _undecodable(real):
            self._say("file-unreadable", visible(start), "its path is not UTF-8: left out; rename it")
            return
        if os.path.isdir(start):
            self._walk(real, start, real)
            return
        try:
            about = os.stat(start)
        except OSError:
            self._say("file-missing", start, "no such file or folder: check the path")
        else:
            self.found[real] = _Found(real, start, about.st_size, about.st_mtime_ns, named=True)

    def add_store(self, start: str) -> None:
        """Takes in what a store holds below an address, by the rules of folders."""
        try:
            there = object_store.find(start)
            self._made |= _recorded_in_store(there)
        except OSError as error:
            self._say("file-unreadable", start, f"{error.strerror}: skipped")
            return
        if not there:
            self._say("file-missing", start, "no such file or folder: check the address")
        skipped = {os.path.dirname(address) for address in there if address.endswith("/pyvenv.cfg")}
        for address, state in there.items():
            found = _Found(address, visible(address), state.size, named=address == start, mark=state.etag)
            if found.named:
                self.found[start] = found
            elif address in self._made:
                continue
            elif _is_wanted(address[len(start) :]) and not _lies_below(address, {*skipped, self._skipped}):
                self.found.setdefault(address, found)

    def _walk(self, folder: str, shown: str, root: str) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._say("file-unreadable", shown, f"{error.strerror}: skipped")
            return
        if any(entry.name == RUN_FOLDER for entry in entries):
            self._made |= _recorded_in(folder)
        for entry in entries:
            below = os.path.join(shown, visible(entry.name))
            if _undecodable(entry.path):
                if self._may_hold_notes(entry):
                    self._say("file-unreadable", below, "its name is not UTF-8: left out; rename it")
            elif entry.is_dir(follow_symlinks=False):
                if not self._is_skipped(entry):
                    self._walk(entry.path, below, root)
            elif entry.path in self._made:
                continue
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES and not entry.name.startswith("."):
                self._take(entry, below, root)

    def _may_hold_notes(self, entry: os.DirEntry[str]) -> bool:
        suffix = os.path.splitext(entry.name)[1].lower()
        return not self._is_skipped(entry) if entry.is_dir(follow_symlinks=False) else suffix in SUFFIXES

    def _take(self, entry: os.DirEntry[str], shown: str, root: str) -> None:
        if not _is_file(entry):
            self._say("file-unreadable", shown, "a broken link or no ordinary file: left out")
            return
        real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
        if not real.startswith(root + os.sep):
            self._say("file-outside", shown, "a link that leaves the folder: not followed")
            return
        about = entry.stat()
        self.found.setdefault(real, _Found(real, shown, about.st_size, about.st_mtime_ns))

    def _is_skipped(self, entry: os.DirEntry[str]) -> bool:
        if entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS or entry.path == self._skipped:
            return True
        return os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))

    def _say(self, code: str, shown: str, message: str) -> None:
        self.problems.append(diagnostic(code, shown, 0, message))


def _is_wanted(below: str) -> bool:
    """Whether an object may be a note by its address below the folder that was named."""
    *folders, name = below.strip("/").split("/")
    hidden = name.startswith(".") or any(folder.startswith(".") or folder in SKIPPED_FOLDERS for folder in folders)
    return not hidden and os.path.splitext(name)[1].lower() in SUFFIXES


def _lies_below(address: str, folders: set[str]) -> bool:
    return any(folder and address.startswith(folder + "/") for folder in folders)


def _undecodable(path: str) -> bool:
    """Whether a path holds bytes that are no text: Python keeps them as surrogates, which no file can be given."""
    return not path.isascii() and any("\ud800" <= c <= "\udfff" for c in path)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link that leads to itself
        return False


def _identified(found: list[tuple[str, _Found]]) -> list[Source]:
    """The files with ids that are unique in the vault: `-2`, `-3` in the order of the paths where names collide."""
    channels: dict[str, tuple[str, str]] = {}
    taken: Counter[str] = Counter()
    sources = []
    for path, one in found:
        folder, file = os.path.split(path)
        if folder not in channels:
            channels[folder] = folder, _unique(plain_name(os.path.basename(folder)) or "notes", taken)
        # The same string for all its notes: memory is short where they are many.
        folder, channel = channels[folder]
        note = _unique(f"{channel}/{slug(plain_name(os.path.splitext(file)[0])) or 'note'}", taken)
        name = note.rpartition("/")[2]
        times = (one.size, one.modified_ns, one.mark)
        sources.append(Source(path, one.shown, folder, channel, name, one.named, *times))
    return sources


def _unique(name: str, taken: Counter[str]) -> str:
    taken[name] += 1
    return name if taken[name] == 1 else _unique(f"{name}-{taken[name]}", taken)


def plain_name(name: str) -> str:
    """A file or folder name as text: NFC, without control, format and bidi characters and undecodable bytes."""
    if name.isascii() and name.isprintable():
        return name.strip()
    kept = (c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn"))
    return "".join(kept).strip()


class _Artifact(msgspec.Struct):
    path: str


class _Record(msgspec.Struct):
    """What matters here of the record of a run's artifacts."""

    artifacts: list[_Artifact]


def _recorded_in(folder: str) -> set[str]:
    """Return the paths of all artifacts that runs with this output folder recorded."""
    found: set[str] = set()
    for path in Path(folder, RUN_FOLDER).glob(f"*{RECORD_SUFFIX}"):
        with suppress(OSError):
            found.update(os.path.join(folder, name) for name in _recorded(path.read_bytes()))
    return found


def _recorded_in_store(addresses: Iterable[str]) -> set[str]:
    """Return the addresses of all artifacts in records among these addresses."""
    records = [one for one in addresses if one.endswith(RECORD_SUFFIX) and f"/{RUN_FOLDER}/" in one]
    contents = object_store.read_all(records) if records else {}
    return {
        f"{address.rpartition(f'/{RUN_FOLDER}/')[0]}/{name}"
        for address, data in contents.items()
        if isinstance(data, bytes)
        for name in _recorded(data)
    }


def _recorded(record: bytes) -> list[str]:
    """Return the paths of a record's artifacts, from the output folder on; none for one that cannot be read."""
    try:
        return [one.path for one in msgspec.json.decode(record, type=_Record).artifacts]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
