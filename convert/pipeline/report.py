"""What became of a run and of each of its books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from convert.document.book import Book
from convert.pipeline.records import Record, Saved
from convert.report import Diagnostic, Severity
from convert.storage.packed import DiagnosticLog
from convert.vault.resolve import Resolved


@dataclass
class BookReport:
    """What became of one book; its counts and diagnostics are there once it has been begun."""

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
    """The writers whose artifacts of an earlier run still stand: nothing they depend on has changed."""

    _told: set[Diagnostic] = field(default_factory=set, repr=False)

    @property
    def book(self) -> Book:
        """The book, made anew at each look."""
        return self.make()

    def keep(self, record: Record) -> None:
        """Takes over what an earlier run made."""
        self.unchanged.append(record.writer)
        self.artifacts += record.artifacts
        self.tell(record.diagnostics)
        self.counts |= record.counts

    def tell(self, found: Iterable[Diagnostic]) -> None:
        """Takes over what was said as parts were made, each once: what reading says is remembered by every writer."""
        new = [one for one in found if one not in self._told]
        self._told.update(new)
        self.diagnostics += new


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

    def severities(self) -> Counter[Severity]:
        """How many diagnostics of each severity there are."""
        of_books = (book.diagnostics.counts for book in self.books)
        return sum(of_books, Counter(found.severity for found in self.diagnostics))

    def failed(self) -> bool:
        """Whether something is missing from the outputs."""
        return any(book.failures for book in self.books) or self.severities()["error"] > 0


def count(book: Book, resolved: Mapping[str, Resolved], repaired: Mapping[str, int]) -> dict[str, int]:
    """What a book holds, for the summary: notes, videos, words, stamps, links."""
    outcomes: Counter[str] = Counter()
    for one in resolved.values():
        outcomes.update(one.outcomes)
    missing = sum(outcomes[name] for name in ("missing", "ambiguous"))
    return {
        "notes": len(resolved),
        "videos": sum(part.video is not None for part in book.parts),
        "words": sum(one.entry.words for one in resolved.values()),
        "stamps": sum(len(one.resolution.times) for one in resolved.values()),
        "repaired": sum(repaired.get(note, 0) for note in resolved),
        "links_resolved": sum(outcomes.values()) - missing - outcomes["index page"] - outcomes["file"],
        "links_missing": missing,
    }
