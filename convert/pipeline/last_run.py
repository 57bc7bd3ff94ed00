"""A run that finds everything as the last one left it: its report is read, and nothing else is.

The mark of a run stands for all that its outputs depend on: every file with its size and time, the settings, the files
that these name, the media files that tell lengths, the program and its libraries. With the same mark, and all artifacts
untouched, the report of the last run is the report of this one.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from typing import Any

import msgspec

from convert.document.book import Book
from convert.installed import program_hash, versions
from convert.pipeline.previous import Earlier
from convert.pipeline.records import Saved
from convert.pipeline.report import BookReport, Report
from convert.report import Diagnostic
from convert.request import Request
from convert.storage.folder import RUN_FOLDER
from convert.storage.location import local_paths, storage_at
from convert.storage.packed import (
    DiagnosticLog,
    PackedDiagnostics,
    read_length_prefixed,
    write_length_prefixed,
)
from convert.vault.discovery import Source
from convert.vault.durations import media_files
from convert.vault.pictures import attachments_of
from convert.vault.scan_cache import RECENT_NS
from convert.vault.transcripts import transcript_files
from convert.writers import find_writer, options_of

_NAME = f"{RUN_FOLDER}/last-run.msgpack"
_FREE = ("jobs", "executor", "force", "prune", "settings")
"""What a request may say differently and still have the same outputs."""


class _Made(msgspec.Struct, frozen=True, array_like=True):
    """A book of the last run, as its report had it."""

    name: str
    title: str
    size: int
    counts: dict[str, int]
    writers: tuple[str, ...]
    artifacts: tuple[Saved, ...]
    diagnostics: list[PackedDiagnostics]


def mark_of(request: Request, sources: Sequence[Source]) -> str:
    """The mark of a run; "" when there is none: a store holds notes or outputs, or a file was touched a moment ago."""
    latest = time.time_ns() - RECENT_NS
    places = [place for place in (*request.notes, request.output, request.vault) if place is not None]
    if len(local_paths(places)) < len(places) or any(source.modified_ns >= latest for source in sources):
        return ""
    mark = blake2b(digest_size=20)
    mark.update(repr((program_hash(), versions(), _settings(request))).encode("utf-8", "surrogatepass"))
    mark.update(msgspec.msgpack.encode((sources, attachments_of(request))))
    heard = transcript_files(sources, request.videos) if _anyone_wants_transcripts(request) else ()
    for path in (*media_files(request.notes, request.videos), *heard, *request.named_files()):
        with suppress(OSError):
            about = path.stat()
            mark.update(repr((str(path), about.st_size, about.st_mtime_ns)).encode("utf-8", "surrogatepass"))
    return mark.hexdigest()


def _anyone_wants_transcripts(request: Request) -> bool:
    everyone = (request, *(request.of(channel) for channel in request.channels))
    return any(
        find_writer(name).wants_transcripts(values)
        for one in everyone
        for name, values in options_of(one.writers, one.options).items()
    )


def _settings(request: Request) -> dict[str, Any]:
    return {one.name: getattr(request, one.name) for one in dataclasses.fields(request) if one.name not in _FREE}


def last_report(request: Request, mark: str, before: Earlier, make: Callable[[int], Book]) -> Report | None:
    """The report of the last run if this one would make the same and its artifacts stand, else None.

    `make` makes a book by its place, should somebody want to look into one.
    """
    if not mark or request.force:
        return None
    frames = read_length_prefixed(storage_at(request.output), _NAME)
    if next(frames, b"") != mark.encode():
        return None
    try:
        size, said = msgspec.msgpack.decode(next(frames, b""), type=tuple[int, list[Diagnostic]])
        books = [msgspec.msgpack.decode(frame, type=_Made) for frame in frames]
    except msgspec.MsgspecError:
        return None
    if len(books) != size or not all(before.untouched(one) for book in books for one in book.artifacts):
        return None
    return Report([_report(book, partial(make, place)) for place, book in enumerate(books)], said)


def _report(book: _Made, make: Callable[[], Book]) -> BookReport:
    return BookReport(
        name=book.name,
        title=book.title,
        size=book.size,
        make=make,
        counts=book.counts,
        artifacts=list(book.artifacts),
        diagnostics=DiagnosticLog(book.diagnostics),
        unchanged=list(book.writers),
    )


def remember(request: Request, mark: str, report: Report, writers: Mapping[str, Iterable[str]]) -> None:
    """Keeps the report of a run without failures for the next; `writers` are those of each book."""
    if not mark or report.failed():
        return
    write_length_prefixed(storage_at(request.output), _NAME, _frames(mark, report, writers))


def _frames(mark: str, report: Report, writers: Mapping[str, Iterable[str]]) -> Iterator[bytes]:
    yield mark.encode()
    yield msgspec.msgpack.encode((len(report.books), report.diagnostics))
    for one in report.books:
        yield msgspec.msgpack.encode(_made(one, tuple(writers[one.name])))


def _made(one: BookReport, writers: tuple[str, ...]) -> _Made:
    return _Made(
        name=one.name,
        title=one.title,
        size=one.size,
        counts=one.counts,
        writers=writers,
        artifacts=tuple(one.artifacts),
        diagnostics=list(one.diagnostics.parts()),
    )
