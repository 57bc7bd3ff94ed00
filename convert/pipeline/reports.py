"""What became of a run and of each of its books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from convert.document.book import Book
from convert.pipeline.state import Record, Saved
from convert.pipeline.vault import Vault
from convert.report import Diagnostic


class Said:
    """Diagnostics in their order, packed: those of a big vault are a hundred thousand."""

    def __init__(self, packed: Iterable[bytes] = ()) -> None:
        self.packed = list(packed)
        """Runs of them as msgpack, to be kept and given to another `Said`."""

    def __iadd__(self, found: Iterable[Diagnostic]) -> Said:
        if several := list(found):
            self.packed.append(msgspec.msgpack.encode(several))
        return self

    def __iter__(self) -> Iterator[Diagnostic]:
        for packed in self.packed:
            yield from msgspec.msgpack.decode(packed, type=list[Diagnostic])


@dataclass
class BookReport:
    """What became of one book; counts and diagnostics of its notes are there once it has been begun."""

    name: str
    title: str
    size: int
    """How many notes it has."""
    make: Callable[[], Book] = field(repr=False)
    counts: dict[str, int] = field(default_factory=dict)
    artifacts: list[Saved] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    """The cause, by writer."""
    diagnostics: Said = field(default_factory=Said)
    unchanged: list[str] = field(default_factory=list)
    """The writers whose artifacts of an earlier run still stand: nothing they depend on has changed."""

    @property
    def book(self) -> Book:
        """The book, made anew at each look."""
        return self.make()

    def begin(self, book: Book, vault: Vault) -> None:
        """Takes over what the vault knows of the notes."""
        self.counts = count(book, vault)
        self.diagnostics += (found for entry in book.entries() for found in vault.of_note[entry.id])

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
