"""Finds the files of a vault, gives each a channel and a slug, and finds the Obsidian vaults that they are in.

No note is opened here. Index pages list the videos of a channel and their notes; what they say is read here.
"""

from __future__ import annotations

import html
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

import msgspec

from convert.document.names import without_invisible
from convert.document.note import Video, slug
from convert.errors import SaveError
from convert.reader.video_address import video_of
from convert.report import Diagnostic, diagnostic, visible
from convert.storage.below import before_it_was_kept
from convert.storage.folder import RECORD_SUFFIX, RUN_FOLDER, FileState, Folder, checked_parts
from convert.storage.location import Location, is_address, storage_at
from convert.storage.object_store import Store, read_all
from convert.storage.sealed import LARGEST_RECORD, UNUSABLE, unseal

NOTE_SUFFIXES = frozenset((".md", ".markdown", ".txt"))
SKIPPED_FOLDERS = frozenset((
    "node_modules", "__pycache__", "venv", "site-packages", "__MACOSX", "lost+found", "System Volume Information",
    "$RECYCLE.BIN", "#recycle", "@Recycle", "@eaDir",
))  # fmt: skip
"""Folders of programs, and of what was thrown away on drives and disk stations."""
_BY_NAME = attrgetter("name")


class Source(msgspec.Struct, frozen=True):
    """A file that may be a note. A file that the user named is one whatever it contains (`named`)."""

    path: str
    """The absolute path with links resolved, or the address of an object in a store."""
    shown: str
    """The path as diagnostics show it."""
    folder: str
    """The folder of its channel, absolute."""
    channel: str
    slug: str
    named: bool = False
    size: int = 0
    modified_ns: int = 0
    etag: str = ""
    """The ETag of an object, or its time in a store without ETags; "" for a local file."""
    read_as: str = ""
    """The reader that has to read it; "" if it is found by its text."""
    times: bool | None = None
    """Whether its bare times are moments, None if they are judged."""

    @property
    def id(self) -> str:
        """The id of its note."""
        return f"{self.channel}/{self.slug}"


_Found = tuple[str, FileState, bool]
"""The path of a file as diagnostics show it, its state, and whether the user named it."""


def find_sources(inputs: Iterable[Location], output: Location | None = None) -> tuple[list[Source], list[Diagnostic]]:
    """Return the files below the inputs, each once and sorted by path, and diagnostics of what could not be searched.

    Folders are searched recursively, except the output folder, hidden folders, virtual environments, node_modules,
    bins, and the folder in which Logseq keeps its settings and old versions of pages.
    Files that earlier runs made and links that leave the input are left out.
    """
    search = _Search(output)
    for start in inputs:
        storage = storage_at(start)
        if isinstance(storage, Store):
            search.add_store(storage)
        else:
            search.add(str(storage.path))
    return _identified(sorted(search.found.items())), search.problems


class _Search:
    """Walks folders; a file that the user named takes precedence over the same file found in a folder."""

    def __init__(self, output: Location | None) -> None:
        self.found: dict[str, _Found] = {}
        """By path or address."""
        self.problems: list[Diagnostic] = []
        self._skipped = ""
        if output:
            skipped = storage_at(output)
            self._skipped = skipped.address if isinstance(skipped, Store) else os.path.realpath(skipped.path)
        self._made: set[str] = set()
        """The paths of artifacts of earlier runs."""
        self._like_made: tuple[str, ...] = ()
        """The starts of such paths, for records that are damaged."""

    def add(self, start: str) -> None:
        """Add a file, or the files below a folder."""
        real = os.path.realpath(start)
        if not real.isascii() and _is_undecodable(real):
            self._report("file-unreadable", visible(start), "its path is not UTF-8: left out; rename it")
            return
        if os.path.isdir(start):
            self._walk(real, start, real)
            return
        try:
            about = os.stat(start)
        except OSError:
            self._report("file-missing", start, "no such file or folder: check the path")
        else:
            self.found[real] = (start, FileState(about.st_size, about.st_mtime_ns), True)

    def add_store(self, store: Store) -> None:
        """Add the objects of a store below an address, by the same rules as for folders."""
        start = store.address
        try:
            there = store.find()
            self._leave_out_of_store(there)
        except OSError as error:
            self._report("file-unreadable", start, f"{error.strerror}: skipped")
            return
        if not there:
            self._report("file-missing", start, "no such file or folder: check the address")
        marks = [address for address in there if address.endswith(("/pyvenv.cfg", "/logseq/config.edn"))]
        skipped = {*map(os.path.dirname, marks), self._skipped}
        for address, state in there.items():
            if address == start:
                self.found[address] = (visible(address), state, True)
            elif (
                not self._is_made(address)
                and _is_wanted(address[len(start) :])
                and not any(folder and address.startswith(folder + "/") for folder in skipped)
            ):
                self.found.setdefault(address, (visible(address), state, False))

    def _walk(self, folder: str, shown: str, root: str) -> None:
        """Look at all that is below a folder; without calls of itself, since folders may be nested thousands deep."""
        levels = [self._entries(folder, shown)]
        while levels:
            for entry, below in levels[-1]:
                if self._is_to_enter(entry, below, root):
                    levels.append(self._entries(entry.path, below))
                    break
            else:
                levels.pop()

    def _entries(self, folder: str, shown: str) -> Iterator[tuple[os.DirEntry[str], str]]:
        """Yield what is in a folder, sorted, each with its path as diagnostics show it."""
        try:
            entries = sorted(os.scandir(folder), key=_BY_NAME)
        except OSError as error:
            self._report("file-unreadable", shown, f"{error.strerror}: skipped; check its permissions")
            return
        names = list(map(_BY_NAME, entries))
        if RUN_FOLDER in names:
            output = Folder(Path(folder))
            for record in output.records():
                self._leave_out(os.path.join(folder, ""), record, partial(output.open, record))
        for entry, name in zip(entries, [visible(name) for name in names], strict=True):
            yield entry, os.path.join(shown, name)

    def _is_to_enter(self, entry: os.DirEntry[str], below: str, root: str) -> bool:
        """Return whether this is a folder to look into; a note is taken."""
        is_folder = entry.is_dir(follow_symlinks=False)
        is_text = os.path.splitext(entry.name)[1].lower() in NOTE_SUFFIXES
        if not entry.path.isascii() and _is_undecodable(entry.path):
            if not self._is_skipped(entry) if is_folder else is_text:
                self._report("file-unreadable", below, "its name is not UTF-8: left out; rename it")
        elif is_folder:
            return not self._is_skipped(entry)
        elif is_text and not entry.name.startswith(".") and not self._is_made(entry.path):
            self._take(entry, below, root)
        return False

    def _take(self, entry: os.DirEntry[str], shown: str, root: str) -> None:
        try:
            is_file = entry.is_file()
        except OSError:  # a link that leads to itself
            is_file = False
        if not is_file and entry.is_symlink() and not os.path.exists(entry.path):
            self._report("file-gone", shown, "a link that leads nowhere: left out")
            return
        if not is_file:
            self._report("file-unreadable", shown, "not an ordinary file: left out")
            return
        real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
        if not real.startswith(root + os.sep):
            self._report("file-outside", shown, "a link that leaves the folder: not followed")
            return
        about = entry.stat()
        self.found.setdefault(real, (shown, FileState(about.st_size, about.st_mtime_ns), False))

    def _is_skipped(self, entry: os.DirEntry[str]) -> bool:
        if entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS or entry.path == self._skipped:
            return True
        mark = "config.edn" if entry.name == "logseq" else "pyvenv.cfg"
        return os.path.exists(os.path.join(entry.path, mark))

    def _leave_out_of_store(self, addresses: Iterable[str]) -> None:
        records = [one for one in addresses if one.endswith(RECORD_SUFFIX) and f"/{RUN_FOLDER}/" in one]
        for address, data in (read_all(records) if records else {}).items():
            start, _, name = address.rpartition(f"{RUN_FOLDER}/")
            self._leave_out(start, name, partial(BytesIO, data if isinstance(data, bytes) else b""))

    def _leave_out(self, start: str, name: str, open_record: Callable[[], BinaryIO]) -> None:
        """Leave out the artifacts in a record; `start` is the start of their paths, wherever they were made."""
        try:
            with open_record() as file:
                record = msgspec.json.decode(b"".join(unseal(file, most=LARGEST_RECORD)), type=_Record)
            separator = start[-1]  # of this system for a folder, a slash for a store
            self._made.update([start + separator.join(checked_parts(one.path)) for one in record.artifacts])
        except (*UNUSABLE, SaveError):
            # The names of artifacts begin with those of their book and writer, as the name of the record does.
            start += name.rpartition("/")[2].removesuffix(RECORD_SUFFIX)
            self._like_made += (start + os.sep, start + "/", start + ".")

    def _is_made(self, path: str) -> bool:
        if path in self._made or path.startswith(self._like_made):
            return True
        first = before_it_was_kept(path) if ".kept" in path else path
        return first != path and self._is_made(first)

    def _report(self, code: str, shown: str, message: str) -> None:
        self.problems.append(diagnostic(code, shown, 0, message))


def _is_wanted(below: str) -> bool:
    """Return whether an object may be a note, judging by its path below the named folder."""
    *folders, name = below.strip("/").split("/")
    is_hidden = name.startswith(".") or any(folder.startswith(".") or folder in SKIPPED_FOLDERS for folder in folders)
    return not is_hidden and os.path.splitext(name)[1].lower() in NOTE_SUFFIXES


def _is_undecodable(path: str) -> bool:
    """Return whether a path has undecodable bytes, which Python keeps as surrogates and no UTF-8 file can hold."""
    return any("\ud800" <= c <= "\udfff" for c in path)


def _identified(found: Iterable[tuple[str, _Found]]) -> list[Source]:
    """Return the files with ids that are unique in the vault; a colliding name gets `-2`, `-3` in path order."""
    channels: dict[str, tuple[str, str]] = {}
    taken: Counter[str] = Counter()
    sources = []
    for path, (shown, state, named) in found:
        folder, file = os.path.split(path)
        if folder not in channels:
            channels[folder] = folder, _unique(plain_name(os.path.basename(folder)) or "notes", taken)
        # Share one string among the notes of a folder, to save memory.
        folder, channel = channels[folder]
        note = _unique(f"{channel}/{slug(plain_name(os.path.splitext(file)[0])) or 'note'}", taken)
        name = note.rpartition("/")[2]
        sources.append(Source(path, shown, folder, channel, name, named, *state))
    return sources


def _unique(name: str, taken: Counter[str]) -> str:
    """Return the name, or `name-2`, `name-3` (if taken, `name-2-2`, unlike `names.unique_name`: ids rely on it)."""
    taken[name] += 1
    return name if taken[name] == 1 else _unique(f"{name}-{taken[name]}", taken)


def plain_name(name: str) -> str:
    """Return a file or folder name in NFC without invisible characters."""
    if name.isascii() and name.isprintable():
        return name.strip()
    return without_invisible(unicodedata.normalize("NFC", name)).strip()


def obsidian_vaults(sources: Iterable[Source]) -> dict[str, str]:
    """Return by folder the Obsidian vault that files are in: the nearest folder, itself or above, with `.obsidian`.

    Folders outside any vault have "", those in a store are left out. Each folder is looked at once.
    """
    known: dict[str, str] = {}
    folders = {source.folder for source in sources}
    local = [folder for folder in folders if not is_address(folder)]
    for folder in local:
        passed = []
        while folder not in known:
            passed.append(folder)
            above = os.path.dirname(folder)
            if above == folder:
                known[folder] = ""
            elif os.path.isdir(os.path.join(folder, ".obsidian")):
                known[folder] = folder
            else:
                folder = above
        known.update(dict.fromkeys(passed, known[folder]))
    return {folder: known[folder] for folder in local}


def obsidian_settings(root: str) -> str:
    """Return the path of the settings of an Obsidian vault."""
    return os.path.join(root, ".obsidian", "app.json")


class _Artifact(msgspec.Struct):
    path: str


class _Record(msgspec.Struct):
    """The fields used here of the records that `pipeline.records`, a higher layer, writes."""

    artifacts: list[_Artifact]


_VIDEO = re.compile(
    r"^[ \t]*+#{1,6}[ \t]++\[(.+)\]\(<?(https?://[^\s()<>]++)>?(?:[ \t]++\"[^\"\n]*+\")?\)[ \t]*+#*+[ \t]*+$"
)
_LINK = re.compile(r"\[\[([^\[\]|\n]++)(?:\|[^\[\]\n]*+)?\]\]")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")

LONGEST_TITLE = 1000
"""Characters that are kept of a title."""


class Listing(msgspec.Struct, frozen=True):
    """A video as an index page lists it: its title and the link targets of its notes."""

    video: Video
    title: str
    notes: tuple[str, ...]


class IndexPage(msgspec.Struct, frozen=True):
    """A page of a channel: its slug, its title and its videos, in order."""

    channel: str
    slug: str
    title: str
    listings: tuple[Listing, ...]


def read_listings(text: str) -> tuple[Listing, ...]:
    """Return the videos listed as `### [title](address)` with the links below each; () for other texts."""
    found: list[tuple[Video, str, list[str]]] = []
    for line in text.split("\n"):
        heading = _VIDEO.match(line) if "](" in line else None
        video = video_of(heading[2]) if heading else None
        if heading and video:
            title = html.unescape(_ESCAPE.sub(r"\1", heading[1]))
            found.append((video, " ".join(title.split())[:LONGEST_TITLE], []))
        elif found and "[[" in line:
            found[-1][2].extend(target.strip() for target in _LINK.findall(line))
    return tuple([Listing(video, title, tuple(notes)) for video, title, notes in found])
