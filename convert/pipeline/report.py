"""The results of a run and of each of its books, and their copy for the next run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import msgspec

from convert.document.book import Book
from convert.errors import SaveError
from convert.pipeline.records import PreviousOutputs, Record, Saved
from convert.report import Diagnostic, Severity, diagnostic
from convert.storage.folder import RUN_FOLDER, FileState, Folder
from convert.storage.location import Storage
from convert.storage.packed import DiagnosticLog, PackedDiagnostics
from convert.storage.sealed import DAMAGED, IS_FOLDER, SECRET, UNUSABLE, cause_of, read_sealed, write_sealed
from convert.vault.links import Resolved

NAMED = 3
"""Most files for the next run that a diagnostic names."""
_LAST_RUN = f"{RUN_FOLDER}/last-run.msgpack"


@dataclass
class BookReport:
    """The result of one book; counts and diagnostics are added when it begins."""

    name: str
    title: str
    size: int
    """How many notes it has."""
    make: Callable[[], Book] = field(repr=False)
    counts: dict[str, int] = field(default_factory=dict)
    artifacts: list[Saved] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    """The cause, by writer."""
    diagnostics: DiagnosticLog = field(default_factory=DiagnosticLog)
    unchanged: list[str] = field(default_factory=list)
    """The writers whose artifacts of an earlier run were kept, because nothing that they depend on has changed."""

    _of_parts: set[Diagnostic] = field(default_factory=set, repr=False)

    @property
    def book(self) -> Book:
        """The book, made again at each access."""
        return self.make()

    def keep(self, record: Record) -> None:
        """Add the artifacts, diagnostics and counts of an earlier run."""
        self.unchanged.append(record.writer)
        self.artifacts += record.artifacts
        self.add_diagnostics(record.diagnostics)
        self.counts |= record.counts

    def add_diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Add diagnostics of parts, each once: several records repeat the diagnostics of reading."""
        if new := [one for one in dict.fromkeys(found) if one not in self._of_parts]:
            self._of_parts.update(new)
            self.diagnostics += new


@dataclass
class Report:
    """The result of a run."""

    books: list[BookReport]
    diagnostics: list[Diagnostic]
    """Diagnostics that belong to no book."""
    gone: list[Record] = field(default_factory=list)
    """Records of books whose notes no longer exist; their artifacts are removed if the request says so."""

    def all_diagnostics(self) -> Iterator[Diagnostic]:
        """Yield every diagnostic of the run, then of each book in order."""
        yield from self.diagnostics
        for book in self.books:
            yield from book.diagnostics

    def severities(self) -> Counter[Severity]:
        """Return how many diagnostics of each severity there are."""
        found: Counter[Severity] = Counter(one.severity for one in self.diagnostics)
        for book in self.books:
            found.update(book.diagnostics.counts)
        return found

    def failed(self) -> bool:
        """Return whether something is missing from the outputs."""
        return any(book.failures for book in self.books) or self.severities()["error"] > 0


def count(book: Book, resolved: Mapping[str, Resolved], repaired: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of a book for the summary: notes, videos, words, stamps, links."""
    outcomes: Counter[str] = Counter()
    videos = words = stamps = repairs = 0
    for part in book.parts:
        videos += part.video is not None
    for note, one in resolved.items():
        outcomes.update(one.outcomes)
        words += one.summary.words
        stamps += len(one.resolution.times)
        repairs += repaired.get(note, 0)
    missing = outcomes["missing"] + outcomes["ambiguous"]
    return {
        "notes": len(resolved),
        "videos": videos,
        "words": words,
        "stamps": stamps,
        "repaired": repairs,
        "links_resolved": outcomes.total() - missing - outcomes["index page"] - outcomes["file"],
        "links_missing": missing,
    }


_KeptBook = tuple[str, str, int, dict[str, int], list[Saved], list[str], list[PackedDiagnostics]]
"""The report of a book on disk: name, title, size, counts, artifacts, writers, diagnostics."""


def keep_report(report: Report, output: Storage, fingerprint: str, writers: Mapping[str, Iterable[str]]) -> None:
    """Keep the report of a run without failures for the next run; `writers` are those of each book."""
    if fingerprint and not report.failed() and isinstance(output, Folder):
        with suppress(SaveError, OSError):
            write_sealed(output, _LAST_RUN, _packed(report, fingerprint, writers, _kept_files(output)))


def _kept_files(output: Folder) -> dict[str, FileState]:
    """Return the states of all other files that runs keep. Raises OSError if one is not an ordinary file."""
    return output.states([name for name in output.kept() if name != _LAST_RUN])


def _packed(
    report: Report, fingerprint: str, writers: Mapping[str, Iterable[str]], kept: dict[str, FileState]
) -> Iterator[bytes]:
    yield fingerprint.encode()
    yield msgspec.msgpack.encode((report.diagnostics, kept))
    for one in report.books:
        about = (one.name, one.title, one.size, one.counts, one.artifacts)
        yield msgspec.msgpack.encode((*about, tuple(writers[one.name]), list(one.diagnostics.parts())))


def kept_report(
    output: Storage, fingerprint: str, previous: PreviousOutputs, make: Callable[[int], Book]
) -> Report | None:
    """Return the report of the last run if it has this fingerprint and nothing that it saved was touched, else None.

    `make` makes a book by its index, for callers that access it.
    """
    if not fingerprint or not isinstance(output, Folder):
        return None
    try:
        kept, report = _last_run(output, fingerprint, make)
    except FileNotFoundError:
        return None
    except UNUSABLE as error:
        previous.unusable[_LAST_RUN] = cause_of(error)
        return None
    with suppress(OSError):
        saved = [one for book in report.books for one in book.artifacts] if report else []
        if kept == _kept_files(output) and previous.untouched(saved):
            return report
    return None


def _last_run(
    output: Folder, fingerprint: str, make: Callable[[int], Book]
) -> tuple[dict[str, FileState], Report | None]:
    """Return what the last run kept and its report, None if that has another fingerprint. Raises `UNUSABLE`."""
    frames = read_sealed(output, _LAST_RUN)
    if next(frames, b"") != fingerprint.encode():
        return {}, None
    diagnostics, kept = msgspec.msgpack.decode(next(frames, b""), type=tuple[list[Diagnostic], dict[str, FileState]])
    reports = []
    for index, frame in enumerate(frames):
        name, title, notes, counts, artifacts, own, found = msgspec.msgpack.decode(frame, type=_KeptBook)
        make_book = partial(make, index)
        reports.append(BookReport(name, title, notes, make_book, counts, artifacts, {}, DiagnosticLog(found), own))
    return kept, Report(reports, diagnostics)


def remarks_on(output: Storage, unusable: Mapping[str, str]) -> list[Diagnostic]:
    """Return one diagnostic for all files of earlier runs that were of no use, for each cause."""
    found = []
    for cause in sorted({*unusable.values()}):
        names = sorted(name.rpartition("/")[2] for name in unusable if unusable[name] == cause)
        shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
        message = f"{cause}: {shown}; what they are about is made again"
        code = "record-unusable"
        if cause not in (DAMAGED, IS_FOLDER):
            code = "record-foreign"
            message += "; files of books that are gone have to be removed by hand"
        found.append(diagnostic(code, f"{output}/{RUN_FOLDER}", 0, message))
    if SECRET.forgotten:
        message = f"{SECRET.forgotten}: the next run will take what this one keeps for foreign; set XDG_STATE_HOME"
        found.append(diagnostic("record-foreign", f"{output}/{RUN_FOLDER}", 0, message))
    return found
