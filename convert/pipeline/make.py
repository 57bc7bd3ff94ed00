"""What workers do: make the parts of a run of notes, assemble a book's artifacts and save them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from convert.document.note import Note
from convert.errors import SaveError, explain
from convert.pipeline.records import (
    Record,
    Saved,
    all_saved,
    dump_record,
    forget,
    read_state,
    record_name,
    state_name,
    with_outputs,
)
from convert.pipeline.tasks import BookTask, NoteTask
from convert.reader.embeds import show_embeds
from convert.reader.formats import read_note
from convert.reader.resolved import resolve_tree
from convert.report import Diagnostic, diagnostic
from convert.storage.location import BatchReader, read
from convert.storage.packed import unpack_tree
from convert.vault.pictures import read_picture
from convert.vault.scan import digest
from convert.vault.transcripts import LONGEST as LONGEST_TRANSCRIPT
from convert.workers.timeout import TookTooLong, within
from convert.writers import DEFAULT, find_writer
from convert.writers.base import Artifact, Copy, Download, Job, Product, State, Tally


@dataclass
class Parts:
    """The parts of a run of notes, by writer, in the order of the notes."""

    parts: dict[str, list[bytes]]
    failures: dict[str, str] = field(default_factory=dict)
    """The cause, by writer, for writers that failed on a note."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    """What reading the notes said, whoever makes parts of them."""
    said: dict[str, list[Diagnostic]] = field(default_factory=dict)
    """What each writer said of its parts."""

    def of(self, writer: str) -> Parts:
        """Those of one writer."""
        return Parts({writer: self.parts[writer]}, {}, self.diagnostics, {writer: self.said.get(writer, [])})


@dataclass
class Assembled:
    """What one writer made of a book: the artifacts saved, or why it failed."""

    writer: str
    artifacts: list[Saved] = field(default_factory=list)
    failure: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def make_parts(task: BookTask, notes: Sequence[NoteTask]) -> Parts:
    """Reads each note once and hands it to every writer; a writer that fails is not asked again."""
    made = Parts({name: [] for name in task.options})
    try:
        with within(task.max_seconds):
            _make_parts(task, notes, made)
    except TookTooLong as error:
        made.failures |= dict.fromkeys(task.options, explain(error))
    return made


def _make_parts(task: BookTask, notes: Sequence[NoteTask], made: Parts) -> None:
    jobs = {name: _job(task, name, made.said.setdefault(name, [])) for name in task.options}
    files = BatchReader(note_task.source.path for note_task in notes)
    for note_task in notes:
        note = _with_embeds(_read(note_task, made.diagnostics, files), note_task, made.diagnostics, files)
        for name, job in jobs.items():
            if name in made.failures:
                continue
            try:
                made.parts[name].append(find_writer(name).part(note, job))
            except Exception as error:
                made.failures[name] = f"{note_task.source.shown}: {explain(error)}"


def _read(task: NoteTask, problems: list[Diagnostic], files: BatchReader) -> Note:
    """The note with its resolution; what it lost since it was scanned is a diagnostic, not an error."""
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
    return read_note(data, source.shown, source.channel, source.slug, task.resolution).note


MOST_READ = 16_000_000
"""Bytes of other notes that are read to show them in one."""


def _with_embeds(note: Note, task: NoteTask, problems: list[Diagnostic], files: BatchReader) -> Note:
    """The note with what it shows of others."""
    if not task.resolution.embeds:
        return note
    others = {one.source.id: one for one in task.embeds}
    room = MOST_READ

    def look_up(name: str) -> Note | None:
        nonlocal room
        room -= others[name].source.size if name in others else 0
        return _read(others[name], problems, files) if name in others and room >= 0 else None

    def say(code: str, line: int, message: str) -> None:
        problems.append(diagnostic(code, task.source.shown, line, message))

    return show_embeds(note, look_up, say, task.embed_bytes)


def assemble(task: BookTask, name: str, runs: Sequence[Parts]) -> Assembled:
    """Makes and saves one writer's artifacts; they are saved only when all of them could be made.

    `runs` are the parts of all its notes. What was said of them is remembered with the artifacts.
    """
    made = Assembled(name)
    try:
        with within(task.max_seconds):
            parts = [one for run in runs for one in run.parts[name]]
            products = list(find_writer(name).assemble(parts, _job(task, name, made.diagnostics)))
        made.counts = {key: number for one in products if isinstance(one, Tally) for key, number in one.counts}
        made.artifacts = _save(products, name, task)
        said = [one for run in runs for one in (*run.diagnostics, *run.said[name])]
        _remember(made, task, said)
    except Exception as error:
        made.failure = explain(error)
    return made


def make_book(task: BookTask, notes: Sequence[NoteTask]) -> tuple[Parts, list[Assembled]]:
    """A whole book in one go: parts and artifacts of all writers; the parts themselves do not come back."""
    made = make_parts(task, notes)
    assembled: list[Assembled] = []
    for name in sorted(task.options, key=runs_last):
        if name not in made.failures:
            assembled.append(assemble(knowing(task, assembled), name, [made.of(name)]))
    made.parts.clear()
    return made, assembled


def runs_last(name: str) -> bool:
    """Return whether a writer is assembled after the others and learns what they made (see `Writer`)."""
    return find_writer(name).runs_last


def knowing(task: BookTask, assembled: Iterable[Assembled]) -> BookTask:
    """Return the task with the artifacts that were made since by writers that do not run last."""
    new = [one for made in assembled if not runs_last(made.writer) for one in made.artifacts]
    return replace(task, made=(*task.made, *new))


def _save(products: Iterable[Product], writer: str, task: BookTask) -> list[Saved]:
    """State is saved last: it is never ahead of the artifacts."""
    artifacts = [product for product in products if isinstance(product, Artifact | Copy)]
    sources = {task.output.link_to(path): path for path in task.media.values()}
    forget(task.output, task.book.name, writer)
    task.output.write_all({one.path: one.data for one in artifacts if isinstance(one, Artifact)})
    for artifact in artifacts:
        if isinstance(artifact, Copy):
            task.output.write_copy(artifact.path, sources[artifact.of])
    for product in products:
        if isinstance(product, State):
            task.output.write(state_name(task.book.name, writer), product.data)
    return all_saved(writer, artifacts, task.output)


def _remember(made: Assembled, task: BookTask, said: Iterable[Diagnostic]) -> None:
    fingerprint = task.fingerprints.get(made.writer, "")
    if runs_last(made.writer):
        fingerprint = with_outputs(fingerprint, (one.path for one in task.made), task.media.values())
    record = Record(
        fingerprint=fingerprint,
        book=task.book.name,
        writer=made.writer,
        places=task.places,
        artifacts=tuple(made.artifacts),
        diagnostics=(*said, *made.diagnostics),
        counts={**task.counts, **made.counts},
    )
    task.output.write(record_name(task.book.name, made.writer), dump_record(record))


def _job(task: BookTask, name: str, diagnostics: list[Diagnostic]) -> Job[Any]:
    def previous_artifact(path: str) -> bytes | None:
        try:
            return task.output.read(path)
        except (OSError, SaveError):
            return None

    def transcript(note: str) -> tuple[str, bytes] | None:
        path = task.transcripts.get(note)
        try:
            return (str(path), read(str(path), LONGEST_TRANSCRIPT)) if path else None
        except OSError:
            return None

    around = runs_last(name)
    return Job(
        book=task.book,
        options=task.options[name],
        epoch=task.epoch,
        warn=diagnostics.append,
        previous=read_state(task.output, task.book.name, name),
        previous_artifact=previous_artifact,
        picture=partial(read_picture, task.pictures),
        transcript=transcript,
        cores=task.cores,
        made=tuple(sorted(one.path for one in task.made)) if around else (),
        downloads=_downloads(task.made) if around else (),
        media={video: task.output.link_to(path) for video, path in task.media.items()} if around else {},
    )


def _downloads(made: Iterable[Saved]) -> tuple[Download, ...]:
    """Return what the writers of these artifacts declare as downloads, the default formats first."""
    names = {one.writer for one in made}
    ordered = sorted(names, key=lambda name: (DEFAULT.index(name) if name in DEFAULT else len(DEFAULT), name))
    return tuple(kind for name in ordered for kind in find_writer(name).downloads)
