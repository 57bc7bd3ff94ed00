"""A build: all books of a vault by all writers asked for; one that fails never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from convert.document.book import Book
from convert.document.nodes import Picture
from convert.document.note import Resolution, Video
from convert.errors import explain
from convert.pipeline.assemble import Assembling
from convert.pipeline.embeds import everything, with_embedded
from convert.pipeline.fingerprint import mark_of_book
from convert.pipeline.last_run import last_report, mark_of, remember
from convert.pipeline.make import (
    Assembled,
    Parts,
    make_book,
    make_parts,
    runs_last,
)
from convert.pipeline.previous import Earlier
from convert.pipeline.progress import Steps
from convert.pipeline.records import Record, Saved, fingerprints, remove, with_outputs
from convert.pipeline.report import BookReport, Report, count
from convert.pipeline.tasks import BookTask, NoteTask, pack_book
from convert.request import Progress, Request, Tell
from convert.storage.location import Storage, storage_at
from convert.vault.media import media_of
from convert.vault.scan_all import chunked, find
from convert.vault.transcripts import Transcripts
from convert.vault.vault import Vault, open_vault
from convert.workers.pool import Crew, crew
from convert.workers.schedule import Schedule, Task
from convert.writers import built_in, find_writer, options_of

CHUNK = 64
"""Notes that a worker takes at once; a book with fewer is one task."""
SMALL = 24
"""Fewer notes than this are not worth a second process."""


def build(request: Request, tell: Tell = lambda _: None) -> Report:
    """Makes and saves the books; UsageError for unknown writers or options, else failures are in the report."""
    output = storage_at(request.output)
    output.make()  # workers have to see it
    places = (*request.notes, request.vault or request.output, request.output)
    options = options_of(request.writers, request.options)
    writers = [find_writer(name) for name in {*built_in(), *options}]
    folders = sorted({folder for writer in writers for folder in writer.folders})
    with output.locked(folders), crew(request.jobs, request.executor, places) as workers:
        # What workers elsewhere are told of this machine's files has to hold from any folder.
        output = output.absolute() if workers.elsewhere else output
        with output.scratch_folder() as scratch:
            return _build(request, output, tell, scratch, workers)


def _build(request: Request, output: Storage, tell: Tell, trees: str, crew: Crew) -> Report:
    files, before = find(request), Earlier(output)
    mark = mark_of(request, files[0])
    if report := last_report(request, mark, before, lambda place: open_vault(request, crew, tell).books[place]):
        report.gone = _gone(request, output, before, report.books)
        notes, books = sum(book.size for book in report.books), len(report.books)
        tell(Progress("build", notes, notes, "", books, books))
        return report
    vault = open_vault(request, crew, tell, output, trees, files)
    asked = ((name, request.of(plan.channel)) for name, plan in vault.books.named())
    options = {name: options_of(one.writers, one.options) for name, one in asked}
    workers = min(crew.size, _tasks(vault, {writer for own in options.values() for writer in own}))
    schedule = Schedule(lambda: crew.make(workers, ["convert.pipeline.make"]), 2 * workers, crew.look)
    try:
        run = _Run(vault, request, output, options, before, 1 if crew.elsewhere else crew.size, schedule, tell, trees)
        schedule.run(partial(run.start, place) for place in range(len(run.reports)))
    finally:
        schedule.close()
    report = Report(run.reports, vault.diagnostics, _gone(request, output, before, run.reports))
    remember(request, mark, report, options)
    return report


def _tasks(vault: Vault, writers: set[str]) -> int:
    """How many tasks are worth a process of their own: a few notes are done before one has started."""
    sizes = [len(plan.notes) for plan in vault.books.plans]
    if sum(sizes) < SMALL and not any(find_writer(name).slow for name in writers):
        return 1
    return max(1, sum(-(-size // CHUNK) for size in sizes))


def _gone(request: Request, output: Storage, before: Earlier, reports: list[BookReport]) -> list[Record]:
    found = before.gone({report.name for report in reports})
    for record in found if request.prune else ():
        remove(output, record)
    return found


def _pictures(notes: Iterable[NoteTask]) -> Iterator[Picture]:
    return (picture for note in notes for picture in note.resolution.pictures if picture)


def _places(notes: list[NoteTask]) -> tuple[str, ...]:
    """The folder of each note, or the file of one that was named itself."""
    return tuple(dict.fromkeys(note.source.path if note.source.named else note.source.folder for note in notes))


@dataclass(frozen=True)
class _Around:
    """What a book depends on: a fingerprint by writer, the media files of its videos, the transcripts of its notes."""

    marks: dict[str, str]
    media: dict[Video, Path]
    heard: dict[str, Path]


class _Run:
    """The books of one build on their way: chunks of notes first, then each writer's artifacts."""

    def __init__(
        self,
        vault: Vault,
        request: Request,
        output: Storage,
        options: dict[str, dict[str, Any]],
        before: Earlier,
        cores: int,
        schedule: Schedule,
        tell: Tell,
        folder: str,
    ) -> None:
        """`folder` is one for files of the run that all workers see, "" when there is none."""
        books = vault.books
        self.reports = [
            BookReport(name, plan.title, len(plan.notes), partial(books.__getitem__, place))
            for place, (name, plan) in enumerate(books.named())
        ]
        self._vault = vault
        self._request = request
        self._output = output
        self._options = options
        self._before = before
        self._cores = cores
        watchful = any(runs_last(name) for own in options.values() for name in own)
        self._media = media_of(books.videos(), request.videos if watchful else None)
        self._transcripts = Transcripts(vault.sources, request.videos)
        self._schedule = schedule
        self._folder = folder
        self._steps = Steps(tell, sum(report.size for report in self.reports), len(self.reports))

    def start(self, place: int) -> None:
        """Begins a book: nothing of it is unpacked when all its artifacts are those of an earlier run still."""
        report = self.reports[place]
        report.diagnostics.refer(self._vault.of_note, self._vault.books.plans[place].notes)
        around = self._around(place)
        options = self._to_make(report, around)
        self._steps.begin(report.name, options)
        if options:
            self._begin(place, options, around)
        else:
            self._steps.notes(report.name, report.size)

    def _begin(self, place: int, options: dict[str, Any], around: _Around) -> None:
        """Makes it: as one task when it is small, else with a task for each run of notes."""
        report = self.reports[place]
        book, known = self._vault.books.look(place)
        report.counts |= count(book, known, self._vault.repaired)
        tasks = [self._note_task(entry.id, known[entry.id].resolution) for entry in book.entries()]
        notes = with_embedded(tasks, self._vault)
        task = self._task(report, book, notes, options, around)
        failed = partial(self._all_failed, report, task)
        if len(notes) <= CHUNK:
            self._schedule.submit(Task(make_book, (task, notes), partial(self._book_done, report), failed))
        else:
            self._start_chunks(report, task, notes, failed)

    def _start_chunks(
        self, report: BookReport, task: BookTask, notes: list[NoteTask], failed: Callable[[BaseException], None]
    ) -> None:
        chunks = chunked(notes, CHUNK)
        made: dict[int, Parts] = {}
        for number, chunk in enumerate(chunks):
            then = partial(self._parts_done, report, task, made, number, len(chunks))
            self._schedule.submit(Task(make_parts, (task, chunk), then, failed))

    def _around(self, place: int) -> _Around:
        request, books = self._request, self._vault.books
        options = self._options[books.names[place]]
        marks = fingerprints(mark_of_book(self._vault, place, request), options, request.epoch)
        videos = (books.video_of.get(note) for note in books.plans[place].notes)
        media = {video: self._media[video] for video in videos if video in self._media} if self._media else {}
        listening = [name for name, values in options.items() if find_writer(name).wants_transcripts(values)]
        heard = self._transcripts.of(books[place]) if listening else {}
        for name in listening:
            marks[name] = with_outputs(marks[name], sorted(heard), heard.values())
        return _Around(marks, media, heard)

    def _to_make(self, report: BookReport, around: _Around) -> dict[str, Any]:
        """The options of the writers whose artifacts are not those of an earlier run still; the others are kept."""
        options, marks = self._options[report.name], around.marks
        # Those that run last come last, for they have to know whether the others' artifacts still stand.
        for name in sorted(options, key=runs_last):
            wide = runs_last(name)
            mark = marks[name]
            if wide:
                mark = with_outputs(mark, (one.path for one in _made(report)), around.media.values())
            record = None if self._request.force else self._before.current(report.name, name, mark)
            if record and (not wide or _all_others_kept(report, options)):
                report.keep(record)
        return {name: value for name, value in options.items() if name not in report.unchanged}

    def _task(
        self, report: BookReport, book: Book, notes: list[NoteTask], options: dict[str, Any], around: _Around
    ) -> BookTask:
        return BookTask(
            packed=pack_book(book, self._folder),
            options=options,
            output=self._output,
            epoch=self._request.epoch,
            cores=self._cores,
            fingerprints=around.marks,
            places=_places(notes),
            made=tuple(_made(report)),
            media=around.media,
            pictures={one.name: self._vault.pictures[one.name] for one in _pictures(everything(notes))},
            transcripts=around.heard,
            counts=report.counts,
            max_seconds=self._request.max_seconds,
        )

    def _note_task(self, note: str, resolution: Resolution) -> NoteTask:
        vault = self._vault
        return NoteTask(vault.sources[note], vault.digests[note], resolution, vault.trees.get(note))

    def _book_done(self, report: BookReport, result: tuple[Parts, list[Assembled]]) -> None:
        parts, assembled = result
        self._note_parts(report, parts)
        for made in assembled:
            self._assembled(report, made)
        self._steps.notes(report.name, report.size)

    def _parts_done(
        self, report: BookReport, task: BookTask, made: dict[int, Parts], number: int, chunks: int, parts: Parts
    ) -> None:
        made[number] = parts
        self._note_parts(report, parts)
        self._steps.notes(report.name, min(CHUNK, report.size - number * CHUNK))
        if len(made) == chunks:
            waiting = [name for name in task.options if name not in report.failures]
            pieces = {name: [made[number].of(name) for number in range(chunks)] for name in waiting}
            Assembling(task, pieces, self._schedule, partial(self._assembled, report)).begin()

    def _note_parts(self, report: BookReport, parts: Parts) -> None:
        report.tell(parts.diagnostics)
        for said in parts.said.values():
            report.tell(said)
        report.failures |= parts.failures
        self._steps.ended(report.name, parts.failures)

    def _assembled(self, report: BookReport, made: Assembled) -> None:
        report.artifacts += made.artifacts
        report.diagnostics += made.diagnostics
        report.counts |= made.counts
        if made.failure:
            report.failures[made.writer] = made.failure
        self._steps.ended(report.name, (made.writer,))

    def _all_failed(self, report: BookReport, task: BookTask, error: BaseException) -> None:
        report.failures |= dict.fromkeys(task.options, explain(error))
        self._steps.ended(report.name, task.options)


def _all_others_kept(report: BookReport, writers: Iterable[str]) -> bool:
    return all(name in report.unchanged for name in writers if not runs_last(name))


def _made(report: BookReport) -> list[Saved]:
    """Return the artifacts of an earlier run that are kept, without those of writers that run last."""
    return [saved for saved in report.artifacts if not runs_last(saved.writer)]
