"""The first pass over the files of a run: each is read once, unless it is unchanged since an earlier run.

The result for each file stays packed: facts of a note, an index page, or neither.

A run keeps scans and time repairs for the next one: files that have not changed are not read again, nor are their
times repaired again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import structs

from convert.document.note import Facts, Note, NoteHead
from convert.errors import SaveError, ToolError, explain
from convert.installed import program_hash
from convert.reader import read_unresolved
from convert.reader.frontmatter import read_front_matter
from convert.reader.source import decode, is_binary
from convert.reader.times import unread_message
from convert.report import Diagnostic, diagnostic
from convert.request import Progress, Request, Tell
from convert.storage.location import BatchReader, Storage
from convert.storage.packed import FileSlice, Packed, store_slices
from convert.storage.sealed import UNUSABLE, cause_of, read_sealed, write_sealed
from convert.vault.discovery import IndexPage, Source, find_sources, read_listings
from convert.workers.pool import Crew, TimeLimit, TookTooLong, in_order, time_limits

CHUNK = 64
"""Files in a task."""
_NO = frozenset(("false", "no", "off", "0"))
_SAID = {"auto": None, "yes": True, "no": False}
_BLANK = re.compile(r"\{\{(?!c[0-9]::)[^{}\n]{1,200}\}\}|<%[^%\n]{1,200}%>")
"""What the templates of Obsidian, Templater and Logseq have in place of words."""
_BLANK_TITLE = re.compile(rf"^# [^\n]{{0,200}}?(?:{_BLANK.pattern})", re.MULTILINE)
T = TypeVar("T")


class Scanned(msgspec.Struct, frozen=True, array_like=True):
    """The result of reading a file: a note (its facts), an index page, or neither."""

    digest: bytes
    """A hash of the file's bytes; empty if they were not read."""
    page: IndexPage | None = None
    facts: Facts | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


class ScannedHead(msgspec.Struct, frozen=True, array_like=True):
    """The first fields of a packed `Scanned`, enough to sort files."""

    digest: bytes
    page: IndexPage | None
    facts: NoteHead | None


class FoundFiles(NamedTuple):
    """The files to read, the paths that books are made of, and diagnostics."""

    sources: list[Source]
    own: set[str]
    problems: list[Diagnostic]


def find_files(request: Request) -> FoundFiles:
    """Return the files of a run, including those of `--vault`, which only serve as context."""
    sources, problems = find_sources(request.notes, request.output)
    own = set(map(attrgetter("path"), sources))
    if request.vault:
        sources, problems = find_sources([*request.notes, request.vault], request.output)
    if request.read_as or request.times != "auto":
        asked: dict[str, Any] = {"read_as": request.read_as, "times": _SAID[request.times]}
        sources = [structs.replace(one, **asked) if one.path in own else one for one in sources]
    return FoundFiles(sources, own, problems)


def scan_all(
    sources: Sequence[Source], request: Request, crew: Crew, tell: Tell, cache: ScanCache, scratch: str
) -> tuple[Packed[Scanned], dict[str, FileSlice]]:
    """Return the packed scan of each file, and the location of each tree that was read in this run, by path.

    Both are kept in the folder `scratch`; without one, no trees are kept. Raises ToolError when a worker dies.
    """
    scans: Packed[Scanned] = Packed(Scanned, scratch)
    trees: dict[str, FileSlice] = {}
    unread = []
    for source in sources:
        known = cache.scan_of(source) if source.size <= request.max_note_bytes else None
        if known is None:
            unread.append(source)
        else:
            scans.put_packed(source.path, known)
    chunks = chunked(unread, CHUNK)
    task = partial(scan, most=request.max_note_bytes, scratch=scratch, max_seconds=request.max_seconds)
    # For less than a chunk, starting a process takes longer than reading.
    with crew.make(min(crew.size, len(unread) // CHUNK), ("convert.vault.scan",)) as executor:
        futures = in_order(executor, task, chunks, max(8, 2 * crew.size))
        for number, (chunk, future) in enumerate(zip(chunks, futures, strict=True), 1):
            if isinstance(error := future.exception(), BrokenExecutor):
                message = f"a worker died while it read {chunk[0].shown} to {chunk[-1].shown}: {error}"
                raise ToolError(message) from error
            tell(Progress("scan", min(number * CHUNK, len(unread)), len(unread)))
            for source, (scanned, tree) in zip(chunk, unpack(future.result()), strict=True):
                scans.put_packed(source.path, scanned)
                if tree:
                    trees[source.path] = tree
    return scans, trees


def chunked(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Return the items in runs of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def scan(sources: Sequence[Source], most: int, scratch: str = "", max_seconds: float = 0) -> bytes:
    """Return the scans of files as msgpack, which `unpack` reads.

    A file that cannot be read, has more than `most` bytes, takes longer than `max_seconds` or is no text gives a
    diagnostic. The trees of notes are kept in the folder `scratch`, if there is one.
    """
    files = BatchReader([source.path for source in sources if source.size <= most])
    scanned, trees = [], []
    with time_limits(max_seconds) as limit:
        for source in sources:
            one, tree = _scan(source, most, files, bool(scratch), limit)
            scanned.append(one)
            trees.append(tree)
    stored = store_slices(trees, scratch) if scratch else [None] * len(trees)
    return msgspec.msgpack.encode(list(zip(scanned, stored, strict=True)))


def unpack(found: bytes) -> list[tuple[bytes, FileSlice | None]]:
    """Return the packed `Scanned` of each source of a call of `scan`, in order, and the location of its tree."""
    return msgspec.msgpack.decode(found, type=list[tuple[bytes, FileSlice | None]])


def digest(data: bytes) -> bytes:
    """Return a hash of a file's bytes."""
    return blake2b(data, digest_size=16).digest()


def _scan(source: Source, most: int, files: BatchReader, keep_tree: bool, limit: TimeLimit) -> tuple[bytes, bytes]:
    """Return the packed `Scanned` of a file, and its packed tree; the tree is b"" for no note or if it is not kept."""
    data = b""
    problem = None
    if source.size <= most:
        try:
            data = files.read(source.path, most + 1, checked=not source.named)
        except OSError as error:
            problem = _unreadable(source, f"{error.strerror or error}: left out; check its permissions")
    if max(source.size, len(data)) > most:
        message = f"has more than {most / 1e6:g} MB: left out; split it, or raise --max-note-size"
        problem = diagnostic("note-too-big", source.shown, 0, message)
    if not problem:
        try:
            with limit:
                scanned, note = _read(data, source)
            return msgspec.msgpack.encode(scanned), msgspec.msgpack.encode(note) if note and keep_tree else b""
        except TookTooLong as error:
            problem = diagnostic("note-slow", source.shown, 0, f"reading it {error}; left out")
        except MemoryError:
            problem = _unreadable(source, "there is not enough memory for it: left out; split it")
        except Exception as error:  # One note that the reader fails on must not stop the others.
            problem = _unreadable(source, f"{explain(error)}; left out")
    return msgspec.msgpack.encode(Scanned(b"", diagnostics=(problem,))), b""


def _unreadable(source: Source, reason: str) -> Diagnostic:
    return diagnostic("file-unreadable", source.shown, 0, reason)


def _read(data: bytes, source: Source) -> tuple[Scanned, Note | None]:
    """Return the result for the bytes of a file, and the note if they are one."""
    if not data.strip():
        return _left_out(data, source, "note-empty", "the file is empty: left out")
    if is_binary(data):
        found_text = not source.named and source.path.lower().endswith(".txt")
        code = "not-a-note" if found_text else "note-binary"
        return _left_out(data, source, code, "no text file: left out; give Markdown or plain text")
    reading = read_unresolved(data, source.shown, source.channel, source.slug, source.read_as, source.times)
    facts = reading.facts
    if facts.meta.get("publish", "").strip().lower() in _NO:
        return _left_out(data, source, "note-private", "publish: false: left out", 1)
    if (not facts.video or facts.videos) and (
        page := _index_page(data, source, facts.title, len(facts.stamps) if facts.videos else 0)
    ):
        return Scanned(digest(data), page), None
    if not (facts.video or source.named) and facts.stamps and _is_template(data, facts):
        return _left_out(data, source, "not-a-note", "a template for notes, without a video: left out")
    if facts.video or facts.stamps:
        return Scanned(digest(data), None, facts, reading.diagnostics), reading.note
    text = decode(data)
    seen, line = unread_message(text, read_front_matter(text).body_start)
    if not source.named:
        message = f"no stamps and no videoId: not a note, left out{'; ' if seen else ''}{seen}"
        return _left_out(data, source, "not-a-note", message, line)
    more = (diagnostic("times-plain", source.shown, line, seen),) if seen else ()
    return Scanned(digest(data), None, facts, (*reading.diagnostics, *more)), reading.note


def _is_template(data: bytes, facts: Facts) -> bool:
    """Return whether a file without a video waits to be filled in: with `{{title}}`, or all its stamps at 0:00."""
    text = decode(data)
    head = text[: read_front_matter(text).body_start]
    if _BLANK.search(f"{head}\n{facts.title}") or _BLANK_TITLE.search(text):
        return True
    return not any(one.literal_ms for one in facts.stamps)


def _left_out(data: bytes, source: Source, code: str, message: str, line: int = 0) -> tuple[Scanned, None]:
    return Scanned(digest(data), diagnostics=(diagnostic(code, source.shown, line, message),)), None


def _index_page(data: bytes, source: Source, title: str, stamps: int) -> IndexPage | None:
    """Return the index page in a file, None if it lists no videos, or fewer notes of them than it has stamps."""
    text = decode(data)
    listings = read_listings(text)
    if not listings or sum(len(one.notes) for one in listings) < stamps:
        return None
    front = read_front_matter(text)
    return IndexPage(source.channel, source.slug, front.title or title, listings)


_NAME = ".notebind/findings.msgpack"
RECENT_NS = 2_000_000_000
"""A file modified this shortly before may change again within the clock's resolution."""


class _CachedScan(msgspec.Struct, frozen=True, array_like=True, tag="scan"):
    source: Source
    scanned: bytes
    """The packed `Scanned`."""


class _CachedRepairs(msgspec.Struct, frozen=True, array_like=True, tag="times"):
    key: str
    repairs: list[bytes]


class ScanCache:
    """Packed scans by path, and packed repairs by a hash of what they depend on.

    The pieces of the file (program hash, scans, repairs) are read one by one to save memory.
    """

    def __init__(self, output: Storage | None, sources: Iterable[Source], afresh: bool = False) -> None:
        """Without `output` nothing is kept. With `afresh` the results of earlier runs are ignored.

        Of these only the scans of `sources` are held, and as many repairs: its length alone fills no memory.
        """
        self._output = output
        self._paths = {source.path for source in sources}
        self._scans: dict[str, _CachedScan] = {}
        self._old_repairs: dict[str, list[bytes]] = {}
        self.repairs: dict[str, list[bytes]] = {}
        """The repairs used in this run, by key."""
        self.unusable: dict[str, str] = {}
        """The name of the file, if it is there and cannot be used."""
        self._has_news = False
        self._others = 0
        """How many scans of other files there are."""
        if output and not afresh:
            self._load(output)

    def _load(self, output: Storage) -> None:
        try:
            pieces = read_sealed(output, _NAME)
            if next(pieces, b"") != program_hash().encode():
                return
            for cached in map(_DECODER.decode, pieces):
                if isinstance(cached, _CachedScan):
                    self._others += cached.source.path not in self._paths
                    if cached.source.path in self._paths:
                        self._scans[cached.source.path] = cached
                elif len(self._old_repairs) < len(self._paths):  # a group of repairs has one note or more
                    self._old_repairs[cached.key] = cached.repairs
        except FileNotFoundError:
            pass
        except UNUSABLE as error:
            self._scans.clear()
            self._old_repairs.clear()
            self.unusable[_NAME] = cause_of(error)

    def scan_of(self, source: Source) -> bytes | None:
        """Return the packed scan of a file that has not changed since an earlier run, else None."""
        cached = self._scans.get(source.path)
        return cached.scanned if cached and cached.source == source else None

    def repairs_of(self, key: str) -> list[bytes] | None:
        """Return the packed repairs of an earlier run under this key, or None."""
        if key in self._old_repairs:
            self.repairs[key] = self._old_repairs[key]
        return self.repairs.get(key)

    def add_repairs(self, repairs: Iterable[tuple[str, list[bytes]]]) -> None:
        """Add the packed repairs of groups of notes, each with its key."""
        self.repairs.update(repairs)
        self._has_news = True

    def store(self, sources: Sequence[Source], scans: Packed[Any]) -> None:
        """Write the scans of these files (from `scans`, by path), except files modified a moment ago.

        Errors are ignored: the next run only takes longer.
        """
        latest = time.time_ns() - RECENT_NS
        settled = [source for source in sources if source.modified_ns < latest]
        is_same = len(settled) == len(self._scans) + self._others and None not in map(self.scan_of, settled)
        if self._output and (self._has_news or not is_same):
            encode = msgspec.msgpack.encode
            packed = map(scans.packed, [source.path for source in settled])
            cached = map(encode, map(_CachedScan, settled, packed))
            repairs = map(encode, map(_CachedRepairs, self.repairs, self.repairs.values()))
            with suppress(SaveError):
                write_sealed(self._output, _NAME, chain((program_hash().encode(),), cached, repairs))


_DECODER: msgspec.msgpack.Decoder[_CachedScan | _CachedRepairs] = msgspec.msgpack.Decoder(_CachedScan | _CachedRepairs)
