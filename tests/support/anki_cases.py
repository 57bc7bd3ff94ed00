"""Notes and decks for tests, and a real Anki that imports them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from convert.document import nodes as n
from convert.document.note import Note, Video
from convert.report import Diagnostic
from convert.writers.anki import WRITER, AnkiOptions
from convert.writers.base import Artifact, Job, State, Tally
from tests.support.notes import EPOCH, FILM, book_of, note_of, summary_of


def paragraph(text: str, start_ms: int | None = None, line: int = 1) -> n.Paragraph:
    """Return a paragraph of one text with a stamp at its end."""
    stamp = () if start_ms is None else (n.Text(" "), n.Stamp("0", start_ms))
    return n.Paragraph((n.Text(text), *stamp), line)


def section(title: str, *blocks: n.Block, level: int = 2, line: int = 1) -> n.Section:
    return n.Section(title.lower().replace(" ", "-"), level, (n.Text(title),), blocks, line)


def note(
    *blocks: n.Block, title: str = "How a meadow film was made", slug: str = "meadow", video: Video | None = FILM
) -> Note:
    return note_of(blocks, f"films/{slug}", title, video)


class Deck:
    """The results of one run of the writer, with section cards if no options are given."""

    def __init__(self, notes: Sequence[Note], options: AnkiOptions | None = None, **job: Any) -> None:
        self.diagnostics: list[Diagnostic] = []
        book = book_of([summary_of(one) for one in notes], title="films")
        whole = Job(book, options or AnkiOptions(section_cards=True), EPOCH, self.diagnostics.append, **job)
        made = list(WRITER.assemble([WRITER.part(one, whole) for one in notes], whole))
        self.files = {item.path: item.data for item in made if isinstance(item, Artifact)}
        self.state = next(item.data for item in made if isinstance(item, State))
        self.counts = dict(next(item.counts for item in made if isinstance(item, Tally)))
        self.package = self.files["films.apkg"]

    def codes(self) -> list[str]:
        return [d.code for d in self.diagnostics]

    def message(self, code: str) -> str:
        return next(d.message for d in self.diagnostics if d.code == code)


class Anki:
    """A collection of the real Anki, which is closed after every use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "collection.anki2"

    def imported(self, package: bytes) -> dict[str, int]:
        """Import a package and return the numbers of new, updated, duplicate and conflicting notes."""
        from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest

        file = self.folder / "deck.apkg"
        file.write_bytes(package)
        options = ImportAnkiPackageOptions(with_scheduling=False, with_deck_configs=False)
        request = ImportAnkiPackageRequest(package_path=str(file), options=options)
        log = self.with_collection(lambda col: col.import_anki_package(request).log)
        return {kind: len(getattr(log, kind)) for kind in ("new", "updated", "duplicate", "conflicting")}

    def with_collection(self, act: Callable[[Any], Any]) -> Any:
        """Open the collection, return the result of `act`, and close it."""
        from anki.collection import Collection

        collection = Collection(str(self.path))
        try:
            return act(collection)
        finally:
            collection.close()
