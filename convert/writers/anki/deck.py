"""A book's deck: its cards without doubles, with their identity, in named decks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from convert.document.book import Book
from convert.document.note import Note
from convert.errors import UsageError
from convert.extract.cards import LEVELS, cards_of
from convert.report import Warn, diagnostic
from convert.writers.anki import escape
from convert.writers.anki.collection import AnkiNote, package
from convert.writers.anki.html import PICTURES, pictures_in
from convert.writers.anki.identity import Changes, Known, Manifest, identified, key_of
from convert.writers.anki.rows import ROWS, Row, owner_of, row_of
from convert.writers.base import Artifact, Job, State, Tally

if TYPE_CHECKING:
    from convert.writers.anki import AnkiOptions

_ONCE_A_BOOK = frozenset({"acronym", "definition", "labelled", "question"})
VANISHED_NAMED = 20
"""Vanished cards that are named one by one; the rest are counted."""


def note_rows(note: Note, job: Job[AnkiOptions]) -> bytes:
    """The finished cards of a note, as msgpack."""
    options = job.options
    if options.cards not in LEVELS:
        raise UsageError(f"--cards {options.cards}: known are {', '.join(LEVELS)}")
    found = cards_of(note, options.cards, options.max_cards_per_note, options.section_cards)
    return msgspec.msgpack.encode([row_of(card, note) for card in found])


def deck_artifacts(parts: Sequence[bytes], job: Job[AnkiOptions]) -> Iterator[Artifact | State | Tally]:
    """The package of a book, the text file when it is asked for, its state, and how many cards it has."""
    rows, keys = _distinct((row for part in parts for row in ROWS.decode(part)), job.warn)
    previous = _previous(job)
    cards, changes = identified(rows, keys, previous)
    _report(changes, job)
    decks = _Decks(job)
    notes = [_note(row, known, decks.of(row)) for row, known in zip(rows, cards, strict=True)]
    names = sorted({name for row in rows for field in row.fields for name in pictures_in(field)})
    media = [(PICTURES + name, job.picture(name)) for name in names]
    yield Artifact(f"{job.book.name}.apkg", package(notes, job.book.name, job.epoch, media))
    if job.options.tsv:
        from convert.writers.anki.text import text_file

        yield Artifact(f"{job.book.name}.anki.txt", text_file(notes))
    yield State(_manifest(previous, cards))
    yield Tally((("cards", len(rows)), *sorted(cards_by_rule(rows).items())))


def _note(row: Row, known: Known, deck: str) -> AnkiNote:
    """The Anki note of a row, its GUID in the last field for AnkiConnect, which does not tell GUIDs."""
    source = row.fields[-1].replace("<cite>", f'<cite class="nb-{known.guid}">', 1)
    return AnkiNote(known.guid, row.kind, known.mod, (*row.fields[:-1], source), row.tags, deck)


def cards_by_rule(rows: Iterable[Row]) -> Counter[str]:
    """How many cards each rule made, as `cards_<rule>`."""
    return Counter(f"cards_{row.rule.replace('-', '_')}" for row in rows)


def _distinct(rows: Iterable[Row], warn: Warn) -> tuple[list[Row], list[str]]:
    """The rows without doubles, the first of each kept, and their natural keys.

    What a term means or letters stand for is asked once a book, however many notes tell it.
    """
    first: dict[str, Row] = {}
    asked: set[tuple[str, ...]] = set()
    for row in rows:
        if row.rule in _ONCE_A_BOOK:
            question = (row.rule, row.fields[0].casefold(), row.fields[1].casefold())
            if question in asked:
                continue
            asked.add(question)
        kept = first.setdefault(key_of(row), row)
        if kept is not row and kept.fields[:2] != row.fields[:2]:
            where = f"{kept.path}:{kept.line}"
            warn(diagnostic("card-collision", row.path, row.line, f"asks the same as the card of {where}: left out"))
    return list(first.values()), list(first)


def _previous(job: Job[AnkiOptions]) -> Manifest:
    """The memory of the deck: its state, else what the last package implies, else an empty one of this date."""
    if job.previous is not None:
        try:
            return msgspec.msgpack.decode(job.previous, type=Manifest)
        except msgspec.MsgspecError:
            _say(job, "deck-memory-lost", "the state of the last deck cannot be read: the deck itself is read instead")
    name = f"{job.book.name}.apkg"
    data = job.previous_artifact(name)
    if data is not None:
        from convert.writers.anki.reading import recalled

        try:
            return recalled(data, _owners(job.book))
        except ValueError as error:
            _say(job, "deck-memory-lost", f"{name}: {error}; cards that changed may not be updated in Anki")
    _say(job, "deck-memory-none", "no earlier deck is known: if one was imported, what changed since is not updated")
    return Manifest(job.epoch, [])


def _owners(book: Book) -> dict[str, str]:
    owners = {f"note::{escape.tag(entry.slug)}": owner_of(entry.video, entry.id) for entry in book.entries()}
    videos = {f"video::{escape.tag(p.video.id)}": owner_of(p.video, "") for p in book.parts if p.video}
    return owners | videos


def _manifest(previous: Manifest, cards: list[Known]) -> bytes:
    kept = {card.guid for card in cards}
    gone = [known for known in previous.cards if known.guid not in kept]
    return msgspec.msgpack.encode(Manifest(previous.base, cards + gone))


def _report(changes: Changes, job: Job[AnkiOptions]) -> None:
    for known in islice(changes.vanished, VANISHED_NAMED):
        _say(job, "card-vanished", f"no longer made, stays in Anki until deleted there: {known.words!r}")
    counts = f"{changes.new} new, {changes.changed} changed, {changes.unchanged} unchanged"
    more = f", {changes.relinked} of them followed to a new place" if changes.relinked else ""
    _say(job, "deck-changes", f"{counts}, {len(changes.vanished)} vanished{more}")


def _say(job: Job[AnkiOptions], code: str, message: str) -> None:
    job.warn(diagnostic(code, job.book.name, 0, message))


class _Decks:
    """The deck of a row: the one asked for or `Notebind::<channel>`, and one a video below it on request."""

    def __init__(self, job: Job[AnkiOptions]) -> None:
        asked = job.options.deck
        self.whole = "::".join(map(escape.deck_part, asked.split("::"))) if asked else _default(job.book)
        self.by_owner: dict[str, str] = {}
        if job.options.deck_per_video:
            for part in job.book.parts:
                title = f"{self.whole}::{escape.deck_part(part.title)}"
                self.by_owner |= {owner_of(entry.video, entry.id): title for entry in part.notes}

    def of(self, row: Row) -> str:
        return self.by_owner.get(row.owner, self.whole)


def _default(book: Book) -> str:
    """Decks match by name and titles change, so that of one channel is named after its folder."""
    channels = {entry.channel for entry in book.entries()}
    return f"Notebind::{escape.deck_part(channels.pop() if len(channels) == 1 else book.title or book.name)}"
