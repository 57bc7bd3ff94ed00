"""Counts notes and books as they are done, and tells of it."""

from __future__ import annotations

from collections.abc import Iterable

from convert.request import Progress, Tell


class Steps:
    """How far a build has come. A book is done when all its writers have ended."""

    def __init__(self, tell: Tell, notes: int, books: int) -> None:
        self._tell = tell
        self._notes = notes
        self._books = books
        self._notes_done = 0
        self._books_done = 0
        self._open: dict[str, set[str]] = {}

    def begin(self, book: str, writers: Iterable[str]) -> None:
        """A book that these writers make."""
        self._open[book] = set(writers)
        self.ended(book, ())

    def notes(self, book: str, number: int) -> None:
        """So many more notes of a book are read and made."""
        self._notes_done += number
        self._say(book)

    def ended(self, book: str, writers: Iterable[str]) -> None:
        """These writers of a book have made its artifacts or failed; each may be named again."""
        waiting = self._open.get(book)
        if waiting is None:
            return
        waiting.difference_update(writers)
        if not waiting:
            del self._open[book]
            self._books_done += 1
            self._say(book)

    def _say(self, book: str) -> None:
        self._tell(Progress("build", self._notes_done, self._notes, book, self._books_done, self._books))
