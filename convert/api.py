"""What other programs call: one note, or a vault of notes with everything resolved. `convert.build` makes the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from convert.document.book import Book
from convert.document.note import Note
from convert.errors import UsageError
from convert.reader import Reading
from convert.reader.formats import read_note as read
from convert.report import Diagnostic
from convert.request import Request, TimeFormat
from convert.vault.vault import Vault as Resolved
from convert.vault.vault import open_vault as resolve
from convert.vault.vault import read_resolved

StrPath = str | os.PathLike[str]


class Vault:
    """Notes with their links, times and videos resolved; what `notebind show` and `check` print comes from here."""

    def __init__(self, resolved: Resolved) -> None:
        self._resolved = resolved

    def books(self) -> Iterator[Book]:
        """The books in the order of their names, each made when its turn comes: contents and times, no trees."""
        yield from self._resolved.books

    def note(self, note_id: str) -> Note:
        """A note with its tree, its file read now; KeyError when no note has that id (`channel/slug`).

        `Stamp.start_ms` is the repaired time in milliseconds, `WikiLink.to` where a link leads. A file that is gone
        gives a note without blocks.
        """
        return read_resolved(self._resolved, note_id)

    def notes(self) -> Iterator[Note]:
        """All notes of all books with their trees, in order; one at a time is in memory."""
        for book in self.books():
            for entry in book.entries():
                yield self.note(entry.id)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """What is wrong with the files, then with the notes book by book, by line."""
        yield from self._resolved.diagnostics
        for book in self.books():
            for entry in book.entries():
                yield from self._resolved.of_note[entry.id]


def read_note(path: StrPath, data: bytes | None = None) -> Reading:
    """Reads one note by itself: `note` (the tree), `facts` (headings, links, stamps, words) and `diagnostics`.

    Without its vault, links have no destination and stamps their literal time (`Stamp.start_ms`, milliseconds). With
    `data` nothing is read and `path` names the note only. What is wrong with the text is a diagnostic; OSError when
    the file cannot be read.
    """
    file = Path(path)
    content = file.read_bytes() if data is None else data
    return read(content, str(path), file.absolute().parent.name, file.stem)


def open_vault(
    *notes: StrPath,
    vault: StrPath | None = None,
    videos: StrPath | None = None,
    time_format: TimeFormat = "auto",
    jobs: int = 1,
) -> Vault:
    """Reads the files and folders `notes`, searched down, and resolves them; nothing is written.

    `vault` is a folder that links, times and titles are looked up in beside them, `videos` one of media files, whose
    length decides doubtful stamps. `jobs` processes read. UsageError when a path is not there; a bad file is a
    diagnostic.
    """
    paths = tuple(map(Path, notes))
    context, films = (Path(one) if one is not None else None for one in (vault, videos))
    for path in (*paths, context, films):
        if path is not None and not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    request = Request(paths, vault=context, videos=films, time_format=time_format)
    return Vault(resolve(request, jobs, lambda _: None))
