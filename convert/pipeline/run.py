"""A build: all books of a vault by all writers asked for; one that fails never stops the others."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from convert.errors import explain
from convert.pipeline.fingerprint import artifact_fingerprints, run_fingerprint, with_outputs, writer_fingerprints
from convert.pipeline.make import Assembled, Parts, assemble, make_book, make_parts, with_artifacts
from convert.pipeline.records import PreviousOutputs, Saved, remove
from convert.pipeline.report import BookReport, Report, count, keep_report, kept_report, remarks_on
from convert.pipeline.tasks import BookTask, BuildInputs, NoteTask, note_tasks, pack_book, pictures_of
from convert.report import Diagnostic, diagnostic
from convert.request import Progress, Request, Tell
from convert.storage.location import Location, Storage, storage_at
from convert.storage.sealed import SECRET
from convert.vault.scan import chunked, find_files
from convert.vault.vault import Vault, open_vault
from convert.vault.video_files import Transcripts
from convert.workers.pool import Crew, Schedule, Task, cores, crew
from convert.writers import built_in, find_writer, options_of

if TYPE_CHECKING:
    from convert.document.verdict import Verdict

CHUNK = 64
"""Notes that a worker takes at once; a book with fewer is one task."""
SMALL = 24
"""Fewer notes than this are not worth a second process."""

WriterOptions = dict[str, dict[str, Any]]
"""Options of writers, by channel or by book, then by writer. The channel "" stands for all without settings."""


def build(request: Request, tell: Tell = lambda _: None) -> Report:
    """Make and save the books; raise UsageError for unknown writers or options. Other failures are in the report."""
    by_channel = _options(request)
    names = {*built_in(), *chain.from_iterable(by_channel.values())}
    folders: set[str] = set()
    for name in names:
        folders.update(find_writer(name).folders)
    output = storage_at(request.output)
    locations = (*request.notes, request.vault or request.output, request.output)
    with crew(request.jobs, request.executor, locations) as workers, output.locked(sorted(folders)):
        # Workers on other machines have another current folder.
        output = output.absolute() if workers.elsewhere else output
        with output.scratch_folder() as scratch:
            return _build(request, output, by_channel, tell, scratch, workers)


def rehearse(request: Request, tell: Tell = lambda _: None) -> Report:
    """Return the report of a build that saves and removes nothing; raise UsageError as `build` does.

    Without writers in the request, notes are only read. What an earlier build into the same output kept is used, and is
    quick if nothing has changed since.
    """
    output = storage_at(request.output)
    with crew(request.jobs) as workers, _temporary_folder() as scratch:
        options = _options(request) if request.writers else {"": {}}
        return _build(request, output, options, tell, scratch, workers, saves=False)


@contextmanager
def _temporary_folder() -> Iterator[str]:
    """Yield the path of a folder that is removed at the end, "" if none can be made."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="notebind-", ignore_cleanup_errors=True)
    except OSError:
        yield ""
        return
    with folder as path:
        yield path


def _options(request: Request) -> WriterOptions:
    """Return the options of writers by channel."""
    by_channel: WriterOptions = {}
    for channel in ("", *request.channels):
        own = request.of(channel)
        by_channel[channel] = options_of(own.writers, own.options)
    return by_channel


def _build(
    request: Request,
    output: Storage,
    by_channel: WriterOptions,
    tell: Tell,
    scratch: str,
    workers: Crew,
    saves: bool = True,
) -> Report:
    files = find_files(request)
    previous = PreviousOutputs(output, request.notes)
    fingerprints: dict[str, dict[str, bytes]] = {}
    for channel, own in by_channel.items():
        fingerprints[channel] = writer_fingerprints(own, request.epoch)
    fingerprint = run_fingerprint(request, files.sources, by_channel, fingerprints)
    again = "" if request.force else fingerprint

    @cache
    def unchanged() -> Vault:
        """Return the vault of an unchanged run, opened for the first book that a caller of `build` accesses."""
        return open_vault(request, request.jobs or cores(), lambda _: None, files=files)

    options: WriterOptions = {}
    moved: list[Diagnostic] = []
    if report := kept_report(output, again, previous, lambda index: unchanged().book(index)):
        notes = sum(book.size for book in report.books)
        books = len(report.books)
        tell(Progress("build", notes, notes, "", books, books))
    else:
        vault = open_vault(request, workers, tell, output if saves else None, scratch, files)
        run = _Run(vault, request, output, by_channel, fingerprints, previous, workers, tell, scratch, saves)
        previous.unusable.update(vault.unusable)
        report = Report(run.all(), vault.file_diagnostics)
        options, moved = run.options, run.moved
    if not saves:
        return report
    report.gone = previous.gone({book.name for book in report.books}, request.notes, _in_doubt(report, request))
    remarks = _prune(report, output) if request.prune else []
    if options:
        keep_report(report, output, fingerprint, options)
    # Said once, so not in what is kept.
    report.diagnostics += (*remarks_on(output, previous.unusable), *moved, *remarks)
    return report


def _in_doubt(report: Report, request: Request) -> Sequence[Location]:
    """Return the places that may have notes although this run made nothing of them."""
    if any(book.failures for book in report.books):  # its record, which names its places, may be missing
        return request.notes
    # An empty file may be one that a program is still writing.
    return [one.note for one in report.diagnostics if one.severity == "error" or one.code == "note-empty"]


def _prune(report: Report, output: Storage) -> list[Diagnostic]:
    """Remove the artifacts of books whose notes are gone; return a diagnostic for each that is kept."""
    kept: dict[str, str] = {}
    for number, record in enumerate(report.gone):
        kept |= (left := remove(output, record))
        removed = tuple([one for one in record.artifacts if one.path not in left])
        report.gone[number] = msgspec.structs.replace(record, artifacts=removed)
    return [diagnostic("artifact-kept", f"{output}/{path}", 0, reason) for path, reason in kept.items()]


@dataclass
class _Book:
    """A book that is being made."""

    report: BookReport
    task: BookTask
    waiting: set[str]
    """The writers that are still running."""
    parts: list[Parts | None] = field(default_factory=list)
    """By number of the chunk of notes; empty if the book is one task."""
    later: set[str] = field(default_factory=set)
    """The writers to assemble after the others."""


@dataclass
class _Run:
    """The books of one build: first the parts of their notes in chunks, then the artifacts of each writer."""

    vault: Vault
    request: Request
    output: Storage
    by_channel: WriterOptions
    fingerprints: Mapping[str, Mapping[str, bytes]]
    """Fingerprints of writers, by channel and name."""
    previous: PreviousOutputs
    workers: Crew
    tell: Tell
    scratch: str
    """A folder for files of the run that all workers see, "" if there is none."""
    saves: bool = True

    def __post_init__(self) -> None:
        self.options: WriterOptions = {}
        """The options of each writer by the name of a book."""
        self.moved: list[Diagnostic] = []
        """What was in the place of artifacts and is kept."""
        self._reports: list[BookReport] = []
        self._notes = 0
        self._notes_done = 0
        self._books_done = 0
        tasks = 0
        for index, plan in enumerate(self.vault.plans):
            make = partial(self.vault.book, index)
            self._reports.append(BookReport(plan.name, plan.title, len(plan.notes), make))
            self.options[plan.name] = self.by_channel.get(plan.channel, self.by_channel[""])
            self._notes += len(plan.notes)
            tasks += math.ceil(len(plan.notes) / CHUNK)
        self._last: set[str] = set()
        """The writers that run last."""
        slow = keeps_state = False
        for name in set(chain.from_iterable(self.options.values())):
            slow |= find_writer(name).slow
            keeps_state |= find_writer(name).keeps_state
            if find_writer(name).runs_last:
                self._last.add(name)
        # A few notes are done before a second process has started.
        self._size = 1 if self._notes < SMALL and not slow else min(self.workers.size, max(1, tasks))
        self._media = self.vault.films if self._last else {}
        made = {report.name for report in self._reports}
        self._elders = self.previous.elders(made) if keeps_state else ()
        self._transcripts = Transcripts(self.vault.sources, self.request.videos)

    def all(self) -> list[BookReport]:
        """Make all books and return their reports."""
        make_executor = partial(self.workers.make, self._size, ["convert.pipeline.make"])
        self._schedule = Schedule(make_executor, 2 * self._size, self.workers.check_workers)
        try:
            self._schedule.run(partial(self._start, index) for index in range(len(self._reports)))
        finally:
            self._schedule.close()
        return self._reports

    def _start(self, index: int) -> None:
        """Begin a book; one whose artifacts can all be kept is never unpacked."""
        report = self._reports[index]
        report.diagnostics.refer(self.vault.note_diagnostics, self.vault.plans[index].notes)
        inputs = self._inputs(index)
        options = self._to_make(report, inputs)
        if not options:
            self._advance(report, report.size, 1)
            return
        task, notes = self._tasks(index, options, inputs)
        book = _Book(report, task, set(options))
        self._tell(report, options)
        failed = partial(self._failed, book)
        if len(notes) <= CHUNK:
            self._schedule.submit(Task(make_book, (task, notes), partial(self._book_done, book), failed))
            return
        chunks = chunked(notes, CHUNK)
        book.parts = [None] * len(chunks)
        for number, chunk in enumerate(chunks):
            self._schedule.submit(Task(make_parts, (task, chunk), partial(self._parts_done, book, number), failed))

    def _inputs(self, index: int) -> BuildInputs:
        plan = self.vault.plans[index]
        writers = self.fingerprints.get(plan.channel, self.fingerprints[""])
        fingerprints = artifact_fingerprints(self.vault, index, self.request, writers)
        transcripts: dict[str, Path] = {}
        for name, values in self.options[plan.name].items():
            if find_writer(name).wants_transcripts(values):
                transcripts = transcripts or self._transcripts.find(self.vault.book(index))
                fingerprints[name] = with_outputs(fingerprints[name], transcripts, transcripts.values())
        verdicts = self._verdicts(index, fingerprints)
        media = {one: self._media[one] for one in plan.videos if one in self._media} if self._media else {}
        return BuildInputs(fingerprints, media, transcripts, verdicts)

    def _verdicts(self, index: int, fingerprints: dict[str, str]) -> tuple[Verdict, ...]:
        """Return the verdicts on cards of a book if a writer obeys them; adds their files to its fingerprint."""
        plan = self.vault.plans[index]
        writers = [name for name in self.options[plan.name] if find_writer(name).wants_verdicts]
        if not writers:
            return ()
        from convert.vault.verdicts import read_all_verdicts  # only decks need it

        files = read_all_verdicts(map(self.vault.sources.__getitem__, plan.notes))
        self._reports[index].add_diagnostics(chain.from_iterable(file.problems for file in files))
        if said := [file.digest.hex() for file in files if file.digest]:
            for name in writers:
                fingerprints[name] = with_outputs(fingerprints[name], said, ())
        return tuple(chain.from_iterable(file.entries for file in files))

    def _to_make(self, report: BookReport, inputs: BuildInputs) -> dict[str, Any]:
        """Keep the artifacts of an earlier run that are up to date; return the options of the other writers."""
        options = self.options[report.name]
        if self.request.force:
            return options
        to_make: set[str] = set()
        for name in sorted(options, key=self._last.__contains__):
            fingerprint = inputs.fingerprints[name]
            if name in self._last:
                outputs = [one.path for one in report.artifacts if one.writer not in self._last]
                fingerprint = with_outputs(fingerprint, outputs, inputs.media.values())
            record = self.previous.current(report.name, name, fingerprint)
            if record and not (name in self._last and to_make - self._last):
                report.keep(record)
            else:
                to_make.add(name)
        return {name: options[name] for name in options if name in to_make} if report.unchanged else options

    def _tasks(self, index: int, options: dict[str, Any], inputs: BuildInputs) -> tuple[BookTask, list[NoteTask]]:
        """Return the task of a book and those of its notes."""
        report = self._reports[index]
        book, resolved = self.vault.book_and_notes(index)
        report.counts |= count(book, resolved, self.vault.repaired)
        notes = note_tasks(book.summaries(), resolved, self.vault)
        pictures = pictures_of(notes, self.vault)
        origins: dict[str, None] = {}
        for note in notes:
            origins[note.source.path if note.source.named else note.source.folder] = None
        made: list[Saved] = []
        for saved in report.artifacts:
            if saved.writer not in self._last:
                made.append(saved)
        task = BookTask(
            packed=pack_book(book, self.scratch),
            options=options,
            output=self.output,
            # A run that saves nothing makes no secret either; it reads that of an earlier run where it needs it.
            secret=SECRET.key() if self.saves else b"",
            epoch=self.request.epoch,
            inputs=inputs,
            cores=1 if self.workers.elsewhere else self.workers.size,
            origins=tuple(origins),
            elders=self._elders,
            made=tuple(made),
            pictures=pictures,
            counts=report.counts,
            max_seconds=self.request.max_seconds,
            saves=self.saves,
        )
        return task, notes

    def _book_done(self, book: _Book, result: tuple[Parts, list[Assembled]]) -> None:
        parts, assembled = result
        self._add_parts(book, parts)
        self._end(book, parts.failures, book.report.size, assembled)

    def _parts_done(self, book: _Book, number: int, parts: Parts) -> None:
        book.parts[number] = parts
        self._add_parts(book, parts)
        self._end(book, parts.failures, min(CHUNK, book.report.size - number * CHUNK))
        if None not in book.parts:
            first = book.waiting - self._last or set(book.waiting)
            book.later = book.waiting - first
            self._assemble(book, first)

    def _assemble(self, book: _Book, writers: Iterable[str]) -> None:
        """Begin the last step of a book of many notes: its writers run at the same time."""
        for name in sorted(writers):
            runs = [
                Parts({name: run.parts.pop(name)}, {}, run.diagnostics, {name: run.by_writer[name]})
                for run in filter(None, book.parts)
            ]
            failed = partial(self._failed, book, writers=(name,))
            self._schedule.submit(Task(assemble, (book.task, name, runs), partial(self._assembled, book), failed))

    def _add_parts(self, book: _Book, parts: Parts) -> None:
        book.report.add_diagnostics(chain(parts.diagnostics, *parts.by_writer.values()))
        book.report.failures |= parts.failures

    def _assembled(self, book: _Book, result: Assembled) -> None:
        book.task = with_artifacts(book.task, result)
        self._end(book, assembled=(result,))

    def _failed(self, book: _Book, error: BaseException, writers: Iterable[str] = ()) -> None:
        failures = dict.fromkeys(writers or book.task.options, explain(error))
        book.report.failures |= failures
        self._end(book, failures)

    def _end(
        self, book: _Book, failed: Iterable[str] = (), notes: int = 0, assembled: Iterable[Assembled] = ()
    ) -> None:
        """Record finished notes, failed writers and assembled artifacts; start the writers that run last.

        A writer may fail more than once. The book is done with its last writer.
        """
        before = len(book.waiting)
        book.waiting.difference_update(failed)
        for result in assembled:
            book.report.artifacts += result.artifacts
            if result.diagnostics:
                known = {*book.report.diagnostics}
                book.report.diagnostics += tuple([one for one in result.diagnostics if one not in known])
            book.report.counts |= result.counts
            self.previous.unusable.update(result.unusable)
            self.moved += result.moved
            if result.failure:
                book.report.failures[result.writer] = result.failure
            book.waiting.discard(result.writer)
        self._advance(book.report, notes, 1 if before and not book.waiting else 0, book.waiting)
        if book.later and book.waiting == book.later:
            later, book.later = book.later, set()
            self._assemble(book, later)

    def _advance(self, report: BookReport, notes: int, books: int, waiting: Iterable[str] = ()) -> None:
        self._notes_done += notes
        self._books_done += books
        self._tell(report, waiting)

    def _tell(self, report: BookReport, waiting: Iterable[str]) -> None:
        done, total = (self._notes_done, self._notes), (self._books_done, len(self._reports))
        self.tell(Progress("build", *done, report.name, *total, tuple(sorted(waiting))))
