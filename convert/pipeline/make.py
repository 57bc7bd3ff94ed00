"""What workers do: make the parts of some notes, assemble a book's artifacts and save them.

Kept apart because it runs in worker processes, which load this module and nothing of the run itself.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from operator import attrgetter
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from convert.document.book import Book
from convert.document.note import Note
from convert.errors import SaveError, ToolError, explain
from convert.pipeline.fingerprint import with_outputs
from convert.pipeline.records import Record, Saved, all_saved, forget, read_state, save_record, state_name
from convert.pipeline.tasks import BookTask, NoteTask
from convert.reader import read_bytes
from convert.reader.block_embeds import show_embeds
from convert.reader.resolve import resolve_tree
from convert.report import Diagnostic, diagnostic
from convert.storage.location import BatchReader, Storage, read
from convert.storage.packed import FileSlice, unpack_tree
from convert.vault.pictures import read_picture
from convert.vault.scan import digest
from convert.vault.video_files import LONGEST_TRANSCRIPT
from convert.writers import defaults, find_writer
from convert.writers.base import Artifact, Copy, Download, Job, Product, State, Tally

MOST_READ = 16_000_000
"""Bytes of other notes that are read to show them in one note."""


@dataclass
class Parts:
    """The parts of a run of notes by writer, in the order of the notes."""

    parts: dict[str, list[bytes]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    """The cause, for writers that failed on a note."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    """From reading the notes."""
    by_writer: dict[str, list[Diagnostic]] = field(default_factory=dict)
    """From making the parts."""


@dataclass
class Assembled:
    """What one writer made of a book: the artifacts saved, or why it failed."""

    writer: str
    artifacts: list[Saved] = field(default_factory=list)
    failure: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


@lru_cache(maxsize=1)  # A worker takes a big book from its file once, not for each of a hundred tasks.
def _unpack_book(packed: bytes | FileSlice) -> Book:
    data = packed if isinstance(packed, bytes) else packed.read()
    return msgspec.msgpack.decode(data, type=Book)


class TookTooLong(ToolError):
    """A step took longer than it may."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in the block when it takes longer; 0 is no limit. Only on systems with an alarm signal."""
    if not seconds or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"took longer than {seconds / 60:g} minutes: raise --max-minutes, or look for what is odd")

    before = signal.signal(signal.SIGALRM, stop)
    # Again every second: code that catches all exceptions may catch the first one.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def make_book(task: BookTask, notes: Sequence[NoteTask]) -> tuple[Parts, list[Assembled]]:
    """Make a whole book: the parts and the artifacts of all writers; the parts themselves are not returned."""
    made = make_parts(task, notes)
    assembled: list[Assembled] = []
    for name in sorted(task.options, key=lambda name: find_writer(name).runs_last):
        if name not in made.failures:
            task = with_made(task, assembled[-1]) if assembled else task
            assembled.append(assemble(task, name, [made]))
    made.parts.clear()
    return made, assembled


def with_made(task: BookTask, made: Assembled) -> BookTask:
    """Return the task with the artifacts of a writer added for those that run last, unless it runs last itself."""
    if find_writer(made.writer).runs_last:
        return task
    return replace(task, made=(*task.made, *made.artifacts))


def make_parts(task: BookTask, notes: Sequence[NoteTask]) -> Parts:
    """Read each note once and pass it to every writer; a writer that fails gets no further notes."""
    made, jobs = Parts(), {}
    for name in task.options:
        made.parts[name], made.by_writer[name] = [], []
        jobs[name] = _job(task, name, made.by_writer[name])
    files = BatchReader(map(attrgetter("source.path"), notes))
    try:
        with time_limit(task.max_seconds):
            for note_task in notes:
                note = _read_with_embeds(note_task, made.diagnostics, files)
                for name, job in jobs.items():
                    if name not in made.failures:
                        _make_part(name, note, job, made)
    except TookTooLong as error:
        made.failures |= dict.fromkeys(task.options, explain(error))
    return made


def _make_part(name: str, note: Note, job: Job[Any], made: Parts) -> None:
    try:
        made.parts[name].append(find_writer(name).part(note, job))
    except Exception as error:
        made.failures[name] = f"{note.path}: {explain(error)}"


def _read(task: NoteTask, problems: list[Diagnostic], files: BatchReader) -> Note:
    """Return the note, resolved; what changed or vanished since the scan becomes a diagnostic."""
    if task.tree and (note := unpack_tree(task.tree)):
        return resolve_tree(note, task.resolution)
    source = task.source
    try:
        data = files.read(source.path)
    except OSError as error:
        data = b""
        message = f"{error.strerror}: its text is missing; run again"
        problems.append(diagnostic("file-unreadable", source.shown, 0, message))
    else:
        if digest(data) != task.digest:
            message = "changed while it was converted: its links and times may be off; run again"
            problems.append(diagnostic("note-changed", source.shown, 0, message))
    return read_bytes(data, source.shown, source.channel, source.slug, task.resolution).note


def _read_with_embeds(task: NoteTask, problems: list[Diagnostic], files: BatchReader) -> Note:
    """Return the note, resolved, with what it shows of others."""
    note = _read(task, problems, files)
    if not task.resolution.embeds:
        return note
    others = {one.source.id: one for one in task.embeds}
    bytes_left = MOST_READ

    def look_up(name: str) -> Note | None:
        nonlocal bytes_left
        bytes_left -= others[name].source.size if name in others else 0
        return _read(others[name], problems, files) if name in others and bytes_left >= 0 else None

    def say(code: str, line: int, message: str) -> None:
        problems.append(diagnostic(code, task.source.shown, line, message))

    return show_embeds(note, look_up, say, task.embed_bytes)


def assemble(task: BookTask, name: str, runs: Sequence[Parts]) -> Assembled:
    """Make and save one writer's artifacts from the parts of all notes; none is saved unless all could be made.

    The diagnostics of the parts are recorded with the artifacts.
    """
    made = Assembled(name)
    parts: list[bytes] = []
    of_parts: list[Diagnostic] = []
    for run in runs:
        parts += run.parts[name]
        of_parts += (*run.diagnostics, *run.by_writer[name])
    try:
        with time_limit(task.max_seconds):
            job = _job(task, name, made.diagnostics)
            job = replace(job, previous=read_state(task.output, job.book.name, name))
            products = list(find_writer(name).assemble(parts, job))
        _save(products, made, task, job.book.name)
        fingerprint = task.inputs.fingerprints[name]
        if find_writer(name).runs_last:
            fingerprint = with_outputs(fingerprint, [one.path for one in task.made], task.inputs.media.values())
        record = Record(
            fingerprint=fingerprint,
            book=job.book.name,
            writer=name,
            origins=task.origins,
            artifacts=tuple(made.artifacts),
            diagnostics=(*of_parts, *made.diagnostics),
            counts={**task.counts, **made.counts},
        )
        save_record(task.output, record)
    except Exception as error:
        made.failure = explain(error)
    return made


def _save(products: Iterable[Product], made: Assembled, task: BookTask, book: str) -> None:
    """Save artifacts, then the state, which must never be ahead of them."""
    output = task.output
    artifacts: list[Artifact | Copy] = []
    files: dict[str, bytes] = {}
    copies: list[Copy] = []
    states: list[State] = []
    for product in products:
        if isinstance(product, Tally):
            made.counts |= dict(product.counts)
        elif isinstance(product, State):
            states.append(product)
        elif isinstance(product, Copy):
            copies.append(product)
            artifacts.append(product)
        else:
            files[product.path] = product.data
            artifacts.append(product)
    forget(output, book, made.writer)
    output.write_all(files)
    if copies:
        sources = {output.link_to(path): path for path in task.inputs.media.values()}
        for copy in copies:
            output.write_copy(copy.path, sources[copy.of])
    for state in states:
        output.write(state_name(book, made.writer), state.data)
    made.artifacts = all_saved(made.writer, artifacts, output)


def _job(task: BookTask, name: str, diagnostics: list[Diagnostic]) -> Job[Any]:
    inputs = task.inputs
    job = Job(
        book=_unpack_book(task.packed),
        options=task.options[name],
        epoch=task.epoch,
        warn=diagnostics.append,
        previous_artifact=partial(_previous_artifact, task.output),
        picture=partial(read_picture, task.pictures),
        transcript=partial(_transcript, inputs.transcripts),
        cores=task.cores,
    )
    if not find_writer(name).runs_last:
        return job
    media = {video: task.output.link_to(path) for video, path in inputs.media.items()}
    made = tuple(sorted([one.path for one in task.made]))
    return replace(job, made=made, downloads=_downloads(task.made), media=media)


def _previous_artifact(output: Storage, path: str) -> bytes | None:
    try:
        return output.read(path)
    except (OSError, SaveError):
        return None


def _transcript(paths: Mapping[str, Path], note: str) -> tuple[str, bytes] | None:
    path = paths.get(note)
    try:
        return (str(path), read(str(path), LONGEST_TRANSCRIPT)) if path else None
    except OSError:
        return None


def _downloads(made: Iterable[Saved]) -> tuple[Download, ...]:
    """Return what the writers of these artifacts declare as downloads, the default formats first."""
    names = {one.writer for one in made}
    ordered = dict.fromkeys((*defaults(), *sorted(names)))
    return tuple(kind for name in ordered if name in names for kind in find_writer(name).downloads)
