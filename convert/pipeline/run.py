"""A build: all books of a vault by all writers asked for; one that fails never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from convert.errors import explain
from convert.pipeline.fingerprint import artifact_fingerprints, run_fingerprint, with_outputs, writer_fingerprints
from convert.pipeline.make import Assembled, Parts, assemble, make_book, make_parts
from convert.pipeline.records import PreviousOutputs, remove
from convert.pipeline.report import BookReport, Report, count, keep_report, kept_report
from convert.pipeline.tasks import BookTask, BuildInputs, NoteTask, note_tasks, pack_book, pictures_of
from convert.request import Progress, Request, Tell
from convert.storage.location import Storage, storage_at
from convert.vault.scan import chunked, find_files
from convert.vault.vault import Vault, open_vault
from convert.vault.video_files import Transcripts, media_of
from convert.workers.pool import Crew, Schedule, Task, crew
from convert.writers import built_in, find_writer, options_of

CHUNK = 64
"""Notes that a worker takes at once; a book with fewer is one task."""
SMALL = 24
"""Fewer notes than this are not worth a second process."""

Asked = dict[str, dict[str, Any]]
"""The options of each writer by channel; "" is for all channels without settings of their own."""


def build(request: Request, tell: Tell = lambda _: None) -> Report:
    """Make and save the books; raise UsageError for unknown writers or options. Other failures are in the report."""
    asked: Asked = {}
    folders = {folder for name in built_in() for folder in find_writer(name).folders}
    for channel in ("", *request.channels):
        own = request.of(channel)
        asked[channel] = options_of(own.writers, own.options)
        for name in asked[channel]:
            folders.update(find_writer(name).folders)
    output = storage_at(request.output)
    output.make()  # workers have to see it
    locations = (*request.notes, request.vault or request.output, request.output)
    with output.locked(sorted(folders)), crew(request.jobs, request.executor, locations) as workers:
        # Workers on other machines need paths that hold from any folder.
        output = output.absolute() if workers.elsewhere else output
        with output.scratch_folder() as scratch:
            return _build(request, output, asked, tell, scratch, workers)


def _build(request: Request, output: Storage, asked: Asked, tell: Tell, scratch: str, crew: Crew) -> Report:
    files, previous = find_files(request), PreviousOutputs(output)
    fingerprints = {channel: writer_fingerprints(options, request.epoch) for channel, options in asked.items()}
    of_writers = [one for each in fingerprints.values() for one in each.values()]
    fingerprint = run_fingerprint(request, files.sources, asked, of_writers)
    again = "" if request.force else fingerprint
    if report := kept_report(output, again, previous, lambda i: open_vault(request, crew, tell).library[i]):
        notes, books = sum([book.size for book in report.books]), len(report.books)
        tell(Progress("build", notes, notes, "", books, books))
    else:
        vault = open_vault(request, crew, tell, output, scratch, files)
        run = _Run(vault, request, output, asked, fingerprints, previous, crew, tell, scratch)
        report = Report(run.all(), vault.file_diagnostics)
        keep_report(report, output, fingerprint, run.options)
    report.gone = previous.gone({book.name for book in report.books})
    if request.prune:
        for record in report.gone:
            remove(output, record)
    return report


class _Run:
    """The books of one build: first the parts of their notes in chunks, then the artifacts of each writer."""

    def __init__(
        self,
        vault: Vault,
        request: Request,
        output: Storage,
        asked: Asked,
        fingerprints: Mapping[str, Mapping[str, bytes]],
        previous: PreviousOutputs,
        crew: Crew,
        tell: Tell,
        scratch: str,
    ) -> None:
        """`fingerprints` are those of writers, by channel and name.

        `scratch` is a folder for files of the run that all workers see, "" if there is none.
        """
        self.options: Asked = {}
        """The options of each writer by the name of a book."""
        self._vault = vault
        self._request = request
        self._output = output
        self._fingerprints = fingerprints
        self._previous = previous
        self._crew = crew
        self._tell = tell
        self._scratch = scratch
        self._reports: list[BookReport] = []
        self._last: set[str] = set()
        """The writers that run last."""
        self._waiting: dict[str, set[str]] = {}
        """The writers that have not ended, by the name of a book that is not done."""
        self._notes = self._notes_done = self._books_done = 0
        tasks, slow = 0, False
        for index, plan in enumerate(vault.library.plans):
            make = partial(vault.library.__getitem__, index)
            self._reports.append(BookReport(plan.name, plan.title, len(plan.notes), make))
            self.options[plan.name] = asked.get(plan.channel, asked[""])
            self._notes += len(plan.notes)
            tasks += -(-len(plan.notes) // CHUNK)
            for name in self.options[plan.name]:
                writer = find_writer(name)
                slow |= writer.slow
                if writer.runs_last:
                    self._last.add(name)
        self._media = media_of(vault.library.videos(), request.videos if self._last else None)
        self._transcripts = Transcripts(vault.sources, request.videos)
        # A few notes are done before a second process has started.
        size = 1 if self._notes < SMALL and not slow else min(crew.size, max(1, tasks))
        self._schedule = Schedule(lambda: crew.make(size, ["convert.pipeline.make"]), 2 * size, crew.look)

    def all(self) -> list[BookReport]:
        """Make all books and return their reports."""
        try:
            self._schedule.run(map(partial(partial, self._start), range(len(self._reports))))
        finally:
            self._schedule.close()
        return self._reports

    def _start(self, index: int) -> None:
        """Begin a book; one whose artifacts can all be kept is never unpacked."""
        report = self._reports[index]
        report.diagnostics.refer(self._vault.note_diagnostics, self._vault.library.plans[index].notes)
        inputs = self._inputs(index)
        options = self._to_make(report, inputs)
        self._waiting[report.name] = set(options)
        if not options:
            self._advance(report, report.size)
            return
        task, notes = self._tasks(index, options, inputs)
        failed = partial(self._failed, report, task.options)
        if len(notes) <= CHUNK:
            self._schedule.submit(Task(make_book, (task, notes), partial(self._book_done, report), failed))
        else:
            assembly = _Assembly(task, self._schedule, partial(self._assembled, report))
            chunks = chunked(notes, CHUNK)
            made: dict[int, Parts] = {}
            for number, chunk in enumerate(chunks):
                then = partial(self._parts_done, report, assembly, made, number, len(chunks))
                self._schedule.submit(Task(make_parts, (task, chunk), then, failed))

    def _advance(self, report: BookReport, notes: int = 0, writers: Iterable[str] = ()) -> None:
        """Count notes of a book as done, and writers as ended or failed, which may be named again.

        A book is done when its last writer has ended.
        """
        self._notes_done += notes
        waiting = self._waiting.get(report.name, set(writers))
        waiting.difference_update(writers)
        if done := report.name in self._waiting and not waiting:
            del self._waiting[report.name]
            self._books_done += 1
        if notes or done:
            books = len(self._reports)
            self._tell(Progress("build", self._notes_done, self._notes, report.name, self._books_done, books))

    def _inputs(self, index: int) -> BuildInputs:
        library = self._vault.library
        plan = library.plans[index]
        writers = self._fingerprints.get(plan.channel, self._fingerprints[""])
        fingerprints = artifact_fingerprints(self._vault, index, self._request, writers)
        transcripts: dict[str, Path] = {}
        for name, values in self.options[plan.name].items():
            if find_writer(name).wants_transcripts(values):
                transcripts = transcripts or self._transcripts.find(library[index])
                fingerprints[name] = with_outputs(fingerprints[name], transcripts, transcripts.values())
        media = {}
        if self._media:
            videos = [library.video_of.get(note) for note in plan.notes]
            media = {video: self._media[video] for video in videos if video in self._media}
        return BuildInputs(fingerprints, media, transcripts)

    def _to_make(self, report: BookReport, inputs: BuildInputs) -> dict[str, Any]:
        """Keep the artifacts of an earlier run that are up to date; return the options of the other writers."""
        options = self.options[report.name]
        if self._request.force:
            return options
        to_make: set[str] = set()
        for name in sorted(options, key=self._last.__contains__):
            fingerprint = inputs.fingerprints[name]
            if name in self._last:
                outputs = [one.path for one in report.artifacts if one.writer not in self._last]
                fingerprint = with_outputs(fingerprint, outputs, inputs.media.values())
            record = self._previous.current(report.name, name, fingerprint)
            if record and not (name in self._last and to_make - self._last):
                report.keep(record)
            else:
                to_make.add(name)
        return {name: values for name, values in options.items() if name in to_make}

    def _tasks(self, index: int, options: dict[str, Any], inputs: BuildInputs) -> tuple[BookTask, list[NoteTask]]:
        """Return the task of a book and those of its notes."""
        vault, report = self._vault, self._reports[index]
        book, resolved = vault.library.book_and_notes(index)
        report.counts |= count(book, resolved, vault.repaired)
        notes = note_tasks([summary.id for summary in book.entries()], resolved, vault)
        origins = dict.fromkeys([note.source.path if note.source.named else note.source.folder for note in notes])
        task = BookTask(
            packed=pack_book(book, self._scratch),
            options=options,
            output=self._output,
            epoch=self._request.epoch,
            inputs=inputs,
            cores=1 if self._crew.elsewhere else self._crew.size,
            origins=tuple(origins),
            made=tuple([saved for saved in report.artifacts if saved.writer not in self._last]),
            pictures=pictures_of(notes, vault),
            counts=report.counts,
            max_seconds=self._request.max_seconds,
        )
        return task, notes

    def _book_done(self, report: BookReport, result: tuple[Parts, list[Assembled]]) -> None:
        parts, assembled = result
        self._add_parts(report, report.size, parts)
        for made in assembled:
            self._assembled(report, made)

    def _parts_done(
        self, report: BookReport, assembly: _Assembly, made: dict[int, Parts], number: int, chunks: int, parts: Parts
    ) -> None:
        made[number] = parts
        self._add_parts(report, min(CHUNK, report.size - number * CHUNK), parts)
        if len(made) == chunks:
            assembly.begin([made[number] for number in range(chunks)], report.failures)

    def _add_parts(self, report: BookReport, notes: int, parts: Parts) -> None:
        report.tell(parts.diagnostics)
        for diagnostics in parts.by_writer.values():
            report.tell(diagnostics)
        report.failures |= parts.failures
        self._advance(report, notes, parts.failures)

    def _assembled(self, report: BookReport, made: Assembled) -> None:
        report.artifacts += made.artifacts
        if made.diagnostics:
            report.diagnostics += made.diagnostics
        report.counts |= made.counts
        if made.failure:
            report.failures[made.writer] = made.failure
        self._advance(report, writers=(made.writer,))

    def _failed(self, report: BookReport, writers: Mapping[str, Any], error: BaseException) -> None:
        report.failures |= dict.fromkeys(writers, explain(error))
        self._advance(report, writers=writers)


class _Assembly:
    """The last step of a book of many notes: its writers run at the same time, those that run last after the others."""

    def __init__(self, task: BookTask, schedule: Schedule, then: Callable[[Assembled], None]) -> None:
        """`then` takes what became of each writer."""
        self._task = task
        self._schedule = schedule
        self._then = then
        self._parts: dict[str, list[Parts]] = {}
        self._running: set[str] = set()

    def begin(self, runs: list[Parts], failed: Mapping[str, str]) -> None:
        """Assemble the parts of all notes by the writers that have not failed."""
        for name in self._task.options:
            if name not in failed:
                self._parts[name] = [
                    Parts({name: run.parts[name]}, {}, run.diagnostics, {name: run.by_writer[name]}) for run in runs
                ]
        self._submit([name for name in self._parts if not find_writer(name).runs_last] or list(self._parts))

    def _submit(self, names: list[str]) -> None:
        self._running.update(names)
        for name in sorted(names):
            failed = partial(self._failed, name)
            self._schedule.submit(Task(assemble, (self._task, name, self._parts.pop(name)), self._assembled, failed))

    def _failed(self, name: str, error: BaseException) -> None:
        self._assembled(Assembled(name, failure=explain(error)))

    def _assembled(self, made: Assembled) -> None:
        self._then(made)
        self._task = self._task.with_made(made.writer, made.artifacts)
        self._running.discard(made.writer)
        if not self._running:
            self._submit(list(self._parts))
