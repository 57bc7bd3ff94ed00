"""Code that workers run: makes the parts of some notes, assembles a book's artifacts and saves them.

Kept apart because it runs in worker processes; `run` plans what they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import msgspec

from convert.document.book import Book
from convert.document.note import Note
from convert.errors import SaveError, explain
from convert.pipeline.fingerprint import with_outputs
from convert.pipeline.records import (
    Record,
    Saved,
    all_saved,
    announce,
    keep_what_is_not_ours,
    of_other_notes,
    read_record,
    read_state,
    record_name,
    save_record,
    save_state,
    state_name,
    to_be_saved,
)
from convert.pipeline.tasks import BookTask, NoteTask
from convert.reader import read_bytes
from convert.reader.block_embeds import show_embeds
from convert.reader.resolve import resolve_tree
from convert.report import Diagnostic, diagnostic
from convert.storage.location import BatchReader, Storage, read
from convert.storage.packed import FileSlice, unpack_tree
from convert.storage.sealed import SECRET, UNUSABLE, UnusableError, cause_of
from convert.vault.pictures import read_picture
from convert.vault.scan import digest
from convert.vault.video_files import LONGEST_TRANSCRIPT
from convert.workers.pool import TookTooLong, time_limit
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
    """The result of one writer for a book: the saved artifacts, or the cause of its failure."""

    writer: str
    artifacts: list[Saved] = field(default_factory=list)
    failure: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)
    """Why the state was of no use, by its name, if there was one."""
    moved: list[Diagnostic] = field(default_factory=list)
    """What was in the place of artifacts and is kept beside them."""


@lru_cache(maxsize=1)
def _unpack_book(packed: bytes | FileSlice) -> Book:
    """Return the book of a task, unpacked once a worker: a big book has a hundred tasks."""
    data = packed if isinstance(packed, bytes) else packed.read()
    return msgspec.msgpack.decode(data, type=Book)


def make_book(task: BookTask, notes: Sequence[NoteTask]) -> tuple[Parts, list[Assembled]]:
    """Make a whole book: the parts and the artifacts of all writers. The data of the parts is not returned."""
    parts = make_parts(task, notes)
    assembled: list[Assembled] = []
    for name in sorted(task.options, key=lambda name: find_writer(name).runs_last):
        if name not in parts.failures:
            result = assemble(task, name, [parts])
            task = with_artifacts(task, result)
            assembled.append(result)
    parts.parts.clear()
    return parts, assembled


def with_artifacts(task: BookTask, result: Assembled) -> BookTask:
    """Return the task with a writer's artifacts added, unless that writer runs last."""
    if find_writer(result.writer).runs_last:
        return task
    return replace(task, made=(*task.made, *result.artifacts))


def make_parts(task: BookTask, notes: Sequence[NoteTask]) -> Parts:
    """Read each note once and pass it to every writer; a writer that fails gets no further notes."""
    parts = Parts()
    jobs = {}
    for name in task.options:
        parts.parts[name] = []
        parts.by_writer[name] = []
        jobs[name] = _job(task, name, parts.by_writer[name])
    files = BatchReader([note.source.path for note in notes])
    try:
        with time_limit(task.max_seconds):
            for note_task in notes:
                note = _read_with_embeds(note_task, parts.diagnostics, files)
                for name, job in jobs.items():
                    if name not in parts.failures:
                        _make_part(name, note, job, parts)
    except TookTooLong as error:
        parts.failures |= dict.fromkeys(task.options, explain(error))
    return parts


def _make_part(name: str, note: Note, job: Job[Any], parts: Parts) -> None:
    try:
        parts.parts[name].append(find_writer(name).part(note, job))
    except Exception as error:
        parts.failures[name] = f"{note.path}: {explain(error)}"


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
    name = (source.shown, source.channel, source.slug)
    return read_bytes(data, *name, task.resolution, source.read_as, source.times).note


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

    If the task saves nothing, they are dropped.

    The diagnostics of the parts are recorded with the artifacts.
    """
    SECRET.use(task.secret)
    result = Assembled(name)
    parts: list[bytes] = []
    of_parts: list[Diagnostic] = []
    for run in runs:
        parts += run.parts[name]
        of_parts += (*run.diagnostics, *run.by_writer[name])
    try:
        with time_limit(task.max_seconds):
            job = _job(task, name, result.diagnostics)
            if find_writer(name).keeps_state:
                previous = _previous_state(task.output, job.book.name, result)
                job = replace(job, previous=previous, elders=partial(_elders, task, name))
            products = list(find_writer(name).assemble(parts, job))
        if not task.saves:
            result.artifacts = to_be_saved(name, [one for one in products if isinstance(one, Artifact)])
            return result
        states = _save(products, result, task, job.book.name)
        fingerprint = task.inputs.fingerprints[name]
        if find_writer(name).runs_last:
            fingerprint = with_outputs(fingerprint, [one.path for one in task.made], task.inputs.media.values())
        record = Record(
            fingerprint=fingerprint,
            book=job.book.name,
            writer=name,
            origins=task.origins,
            artifacts=tuple(result.artifacts),
            diagnostics=(*of_parts, *result.diagnostics),
            counts={**task.counts, **result.counts},
            states=states,
        )
        save_record(task.output, record)
    except Exception as error:
        result.failure = explain(error)
    return result


def _previous_state(output: Storage, book: str, result: Assembled) -> bytes | None:
    try:
        return read_state(output, book, result.writer)
    except UnusableError as error:
        result.unusable[state_name(book, result.writer)] = error.cause
        return None


def _save(products: Sequence[Product], result: Assembled, task: BookTask, book: str) -> tuple[Saved, ...]:
    """Save artifacts, then the state, which must never be ahead of them. Return the records of states."""
    output = task.output
    artifacts = []
    for product in products:
        if isinstance(product, Tally):
            result.counts |= dict(product.counts)
        elif not isinstance(product, State):
            artifacts.append(product)
    copies = [one for one in artifacts if isinstance(one, Copy)]
    own = [one for one in artifacts if isinstance(one, Artifact)]
    sources = {output.link_to(path): path for path in task.inputs.media.values()} if copies else {}
    announced = to_be_saved(result.writer, own)
    films = {copy.path: sources[copy.of] for copy in copies}
    for path, film in films.items():  # Of a film the size is enough until it is copied.
        announced.append(Saved(result.writer, path, film.stat().st_size, "", -1))
    _make_room(announced, films, result, task, book)
    output.write_all({one.path: one.data for one in own})
    for path, film in films.items():
        output.write_copy(path, film)
    states = [save_state(output, book, result.writer, one.data) for one in products if isinstance(one, State)]
    result.artifacts = all_saved(announced, output)
    return tuple(states)


def _make_room(
    announced: Sequence[Saved], films: Mapping[str, Path], result: Assembled, task: BookTask, book: str
) -> None:
    """Record what will be saved, and move aside what is in its place and not ours. Raises SaveError."""
    record = Record("", book, result.writer, task.origins, tuple(announced), (), {})
    try:
        previous = read_record(task.output, book, result.writer)
    except UNUSABLE as error:  # Whoever can damage a record could call a file of the user's ours.
        previous, result.unusable[record_name(book, result.writer)] = None, cause_of(error)
    if previous and (others := of_other_notes(previous, task.origins)):
        message = f"replaces that of {others[0]}: give another --output, or build both together"
        result.moved.append(diagnostic("book-replaced", f"{task.output}/{book}", 0, message))
    announce(task.output, record, previous)
    keep_what_is_not_ours(task.output, announced, films, previous, result.moved.append)


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
        verdicts=inputs.verdicts if find_writer(name).wants_verdicts else (),
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
    except (FileNotFoundError, SaveError):
        return None
    except OSError:  # It is there, and its writer says that it is of no use.
        return b""


def _elders(task: BookTask, writer: str) -> Iterator[tuple[bytes, bool]]:
    """Yield the states of a writer of books that this run does not make, and whether their notes are gone."""
    for book, name, is_gone in task.elders:
        if name == writer:
            with suppress(UnusableError):
                if (state := read_state(task.output, book, writer)) is not None:
                    yield state, is_gone


def _transcript(paths: Mapping[str, Path], note: str) -> tuple[str, bytes] | None:
    path = paths.get(note)
    try:
        return (str(path), read(str(path), LONGEST_TRANSCRIPT)) if path else None
    except OSError:
        return None


def _downloads(made: Iterable[Saved]) -> tuple[Download, ...]:
    """Return the downloads that the writers of these artifacts declare, default formats first."""
    names = {one.writer for one in made}
    ordered = dict.fromkeys((*defaults(), *sorted(names)))
    return tuple(kind for name in ordered if name in names for kind in find_writer(name).downloads)
