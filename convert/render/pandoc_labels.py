"""Labels of notes and sections in one document: short, in ASCII, the same in every run."""

from __future__ import annotations

from convert.document.book import Book, NoteSummary
from convert.document.nodes import Destination


class Labels:
    """`n7` for the eighth note of a book, `n7-2` for its third heading, `n7-b2` for its third named block."""

    def __init__(self, book: Book) -> None:
        self._notes = {entry.id: number for number, entry in enumerate(book.entries())}
        self.parts = {entry.id: part for part in book.parts for entry in part.notes}
        """The video of each note."""
        self._sections = {
            entry.id: {
                **{heading.id: str(number) for number, heading in enumerate(entry.headings)},
                **{f"^{name}": f"b{number}" for number, name in enumerate(entry.blocks)},
            }
            for entry in book.entries()
        }

    def number(self, note: str) -> int:
        """The place of a note in the book; KeyError for a note that is not in it."""
        return self._notes[note]

    def note(self, note: str) -> str:
        """The label of a note of the book."""
        return f"n{self._notes[note]}"

    def section(self, note: str, section: str) -> str:
        """The label of a section or of a block (`^name`), "" when the note has none of that id."""
        number = self._sections.get(note, {}).get(section)
        return "" if number is None else f"{self.note(note)}-{number}"

    def target(self, to: Destination) -> str | None:
        """The label of a link's target, that of the whole note when the section is gone; None outside the book."""
        if to.note not in self._notes:
            return None
        return self.section(to.note, to.section) or self.note(to.note)


_recent: tuple[Book, Labels] | None = None


def labels_of(book: Book) -> Labels:
    """The labels of a book; those of the last book are kept, for they are asked for note by note."""
    global _recent
    if _recent is None or _recent[0] is not book:
        _recent = (book, Labels(book))
    return _recent[1]


def stands_alone(entries: tuple[NoteSummary, ...], title: str) -> bool:
    """Whether a video has one note of the video's own name: one heading serves both."""
    return len(entries) == 1 and entries[0].title == title
