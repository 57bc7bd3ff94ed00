"""A build: all books of a vault by all writers asked for; one that fails never stops the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from convert.document.book import Book, Entry
from convert.pipeline.assembling import Assembling
from convert.pipeline.earlier import Earlier, earlier
from convert.pipeline.execute import Crew, crew
from convert.pipeline.leftovers import at_work
from convert.pipeline.media import media_of
from convert.pipeline.request import Request, Tell
from convert.pipeline.schedule import Schedule, Task
from convert.pipeline.state import Record, Saved, fingerprints, remove, surrounded
from convert.pipeline.steps import Steps
from convert.pipeline.trees import trees_folder
from convert.pipeline.vault import Vault, chunked, open_vault
from convert.pipeline.work import (
    Assembled,
    BookTask,
    NoteTask,
    Parts,
    explain,
    looks_around,
    make_book,
    make_parts,
)
from convert.report import Diagnostic
from convert.tools.places import Url
from convert.writers import DEFAULT, find_writer, make_options

CHUNK = 64
"""Notes that a worker takes at once; a book with fewer is one task."""
SMALL = 24
"""Fewer notes than this are not worth a second process."""
SLOW = frozenset(("pdf",))
"""Writers whose books are worth a process each however small."""


@dataclass
class BookReport:
    """What became of one book."""

    book: Book
    counts: dict[str, int]
    artifacts: list[Saved] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    """The cause, by writer."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    """The writers whose artifacts of an earlier run still stand: nothing they depend on has changed."""

    def keep(self, record: Record) -> None:
        """Takes over what an earlier run made."""
        self.unchanged.append(record.writer)
        self.artifacts += record.artifacts
        self.diagnostics += record.diagnostics
        self.counts |= record.counts


@dataclass
class Report:
    """What became of a run."""

    books: list[BookReport]
    diagnostics: list[Diagnostic]
    """Those that belong to no book."""
    gone: list[Record] = field(default_factory=list)
    """What earlier runs made of books whose notes are no more; removed when the request says so."""

    def all_diagnostics(self) -> Iterator[Diagnostic]:
        """Every diagnostic of the run, those of books in the order of the books."""
        yield from self.diagnostics
        for book in self.books:
            yield from book.diagnostics

    def failed(self) -> bool:
        """Whether something is missing from the outputs."""
        return any(book.failures for book in self.books) or any(
            found.severity == "error" for found in self.all_diagnostics()
        )


def build(request: Request, tell: Tell = lambda _: None) -> Report:
    """Makes and saves the books; UsageError for unknown writers or options, else failures are in the report."""
    places = (*request.notes, request.vault or request.output, _kept(request.output))
    with at_work(request.output), crew(request.jobs, request.executor, places) as workers:
        # What workers elsewhere are told of this machine's files has to hold from any folder.
        request = replace(request, output=request.output.absolute()) if workers.elsewhere else request
        with nullcontext("") if isinstance(request.output, Url) else trees_folder(request.output) as trees:
            return _build(request, tell, trees, workers)


def _kept(output: Path) -> Path:
    """The output folder, made when it is one of this machine, for workers have to see it."""
    if not isinstance(output, Url):
        with suppress(OSError):
            output.mkdir(parents=True, exist_ok=True)
    return output


def _build(request: Request, tell: Tell, trees: str, crew: Crew) -> Report:
    options = {
        name: make_options(find_writer(name), request.options.get(name, {})) for name in request.writers or DEFAULT
    }
    vault = open_vault(request, crew.size, tell, request.output, trees)
    workers = min(crew.size, _tasks(vault, options))
    schedule = Schedule(lambda: crew.make(workers, ["convert.pipeline.work"]), 2 * workers, crew.look)
    before = earlier(request.output)
    try:
        run = _Run(vault, request, options, before, 1 if crew.elsewhere else crew.size, schedule, tell)
        schedule.run(partial(run.start, report) for report in run.reports)
    finally:
        schedule.close()
    return Report(run.reports, vault.diagnostics, _gone(request, before, run.reports))


def _tasks(vault: Vault, options: dict[str, Any]) -> int:
    """How many tasks are worth a process of their own: a few notes are done before one has started."""
    sizes = [len(book.entries()) for book in vault.books]
    if sum(sizes) < SMALL and not SLOW.intersection(options):
        return 1
    return max(1, sum(-(-size // CHUNK) for size in sizes))


def _gone(request: Request, before: Earlier, reports: list[BookReport]) -> list[Record]:
    found = before.gone({report.book.name for report in reports})
    for record in found if request.prune else ():
        remove(request.output, record)
    return found


def _places(notes: list[NoteTask]) -> tuple[str, ...]:
    """The folder of each note, or the file of one that was named itself."""
    return tuple(dict.fromkeys(note.source.path if note.source.named else note.source.folder for note in notes))


class _Run:
    """The books of one build on their way: chunks of notes first, then each writer's artifacts."""

    def __init__(
        self,
        vault: Vault,
        request: Request,
        options: dict[str, Any],
        before: Earlier,
        cores: int,
        schedule: Schedule,
        tell: Tell,
    ) -> None:
        self.reports = [
            BookReport(book, count(book, vault), diagnostics=_of_notes(book, vault)) for book in vault.books
        ]
        self._vault = vault
        self._request = request
        self._options = options
        self._before = before
        self._cores = cores
        # The last ones come last here too, so that they know whether the others' artifacts still stand.
        self._writers = sorted(options, key=looks_around)
        videos = (part.video for book in vault.books for part in book.parts if part.video)
        self._media = media_of(videos, request.videos if any(map(looks_around, options)) else None)
        self._schedule = schedule
        self._steps = Steps(tell, sum(len(report.book.entries()) for report in self.reports), len(self.reports))

    def start(self, report: BookReport) -> None:
        """Begins a book: as one task when it is small, else with a task for each run of notes."""
        notes = [self._note_task(entry) for entry in report.book.entries()]
        task = self._task(report, notes)
        failed = partial(self._all_failed, report, task)
        self._steps.begin(report.book.name, task.options)
        if not task.options:
            self._steps.notes(report.book.name, len(notes))
        elif len(notes) <= CHUNK:
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

    def _task(self, report: BookReport, notes: list[NoteTask]) -> BookTask:
        """The book with the writers whose artifacts are not those of an earlier run still."""
        request = self._request
        inputs = ((note.digest, note.resolution) for note in notes)
        marks = fingerprints(report.book, inputs, self._options, request.epoch)
        videos = [part.video for part in report.book.parts if part.video]
        media = {video: self._media[video] for video in videos if video in self._media}
        for name in self._writers:
            mark = surrounded(marks[name], _made(report), media.values()) if looks_around(name) else marks[name]
            record = None if request.force else self._before.current(report.book.name, name, mark)
            if record and (not looks_around(name) or self._all_others_kept(report)):
                report.keep(record)
        return BookTask(
            book=report.book,
            options={name: value for name, value in self._options.items() if name not in report.unchanged},
            output=request.output,
            epoch=request.epoch,
            cores=self._cores,
            fingerprints=marks,
            places=_places(notes),
            made=tuple(_made(report)),
            media=media,
            max_seconds=request.max_seconds,
        )

    def _all_others_kept(self, report: BookReport) -> bool:
        return all(name in report.unchanged for name in self._writers if not looks_around(name))

    def _note_task(self, entry: Entry) -> NoteTask:
        vault = self._vault
        resolution = vault.resolved[entry.id].resolution
        return NoteTask(vault.sources[entry.id], vault.digests[entry.id], resolution, vault.trees.get(entry.id))

    def _book_done(self, report: BookReport, result: tuple[Parts, list[Assembled]]) -> None:
        parts, assembled = result
        self._note_parts(report, parts)
        for made in assembled:
            self._assembled(report, made)
        self._steps.notes(report.book.name, len(report.book.entries()))

    def _parts_done(
        self, report: BookReport, task: BookTask, made: dict[int, Parts], number: int, chunks: int, parts: Parts
    ) -> None:
        made[number] = parts
        self._note_parts(report, parts)
        self._steps.notes(report.book.name, min(CHUNK, len(report.book.entries()) - number * CHUNK))
        if len(made) == chunks:
            waiting = [name for name in task.options if name not in report.failures]
            pieces = {name: [one for number in range(chunks) for one in made[number].parts[name]] for name in waiting}
            Assembling(task, pieces, self._schedule, partial(self._assembled, report)).begin()

    def _note_parts(self, report: BookReport, parts: Parts) -> None:
        report.diagnostics += parts.diagnostics
        report.failures |= parts.failures
        self._steps.ended(report.book.name, parts.failures)

    def _assembled(self, report: BookReport, made: Assembled) -> None:
        report.artifacts += made.artifacts
        report.diagnostics += made.diagnostics
        report.counts |= made.counts
        if made.failure:
            report.failures[made.writer] = made.failure
        self._steps.ended(report.book.name, (made.writer,))

    def _all_failed(self, report: BookReport, task: BookTask, error: BaseException) -> None:
        report.failures |= dict.fromkeys(task.options, explain(error))
        self._steps.ended(report.book.name, task.options)


def _made(report: BookReport) -> list[str]:
    """The artifacts of an earlier run that stand, but for those of writers that look around themselves."""
    return sorted(saved.path for saved in report.artifacts if not looks_around(saved.writer))


def _of_notes(book: Book, vault: Vault) -> list[Diagnostic]:
    return [found for entry in book.entries() for found in vault.of_note[entry.id]]


def count(book: Book, vault: Vault) -> dict[str, int]:
    """What a book holds, for the summary: notes, videos, words, stamps, links."""
    outcomes: Counter[str] = Counter()
    stamps = 0
    for entry in book.entries():
        resolved = vault.resolved[entry.id]
        outcomes.update(resolved.outcomes)
        stamps += len(resolved.resolution.times)
    missing = sum(outcomes[name] for name in ("missing", "ambiguous"))
    return {
        "notes": len(book.entries()),
        "videos": sum(part.video is not None for part in book.parts),
        "words": sum(entry.words for entry in book.entries()),
        "stamps": stamps,
        "repaired": sum(vault.repaired.get(entry.id, 0) for entry in book.entries()),
        "links_resolved": sum(outcomes.values()) - missing - outcomes["index page"] - outcomes["file"],
        "links_missing": missing,
    }
