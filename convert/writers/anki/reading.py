"""Reads packages that this program wrote: to recall cards if the state is lost, and to push to a running Anki.

Others may have made the file: its archive, its database and its rows are read within bounds, and nothing in it runs.
"""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from sys import getsizeof
from typing import Any

import msgspec

from convert.errors import NotebindError
from convert.writers.anki.collection import FIELDS, NOTE_TYPE_IDS, AnkiNote
from convert.writers.anki.deck_cards import WORDS
from convert.writers.anki.identity import Guid, KnownCard, Manifest, Mod, digest_of

MOST_COLLECTION = 96_000_000
"""Bytes of a collection, which is held in memory twice: the decks of 2,000 notes have a third of this."""
_MOST_FILES = 50_000
"""Files in an archive, at most."""
_MOST_ROWS = 150_000_000
"""Bytes of memory for the rows of a table; damaged pages can refer to the same text again and again."""
_LONGEST_VALUE = 10_000_000
_MOST_TABLES = 100
_STEPS_TO_OPEN, _STEPS_TO_READ = 50_000, 100_000_000
"""Steps of the database, at most: the second are some seconds and millions of rows."""
_FILE_ENTRY = b"PK\1\2"

_KINDS = {mid: kind for kind, mid in NOTE_TYPE_IDS.items()}
_TIME = re.compile(r"[?&#]t=(\d{1,9})(?!\d)")
_MARKUP = re.compile(r"<[^<>]*+>")
_NOT_PLAIN = re.compile(r"\b(?:as|virtual)\b", re.IGNORECASE)
"""Matches one of the words without which there is no view, computed column or table of another kind."""
GUID = re.compile(r' class="nb-([\w-]{22})"')
"""Matches the GUID in the last field, because AnkiConnect does not return it."""

_Row = tuple[int, Guid, int, Mod, str, str]


class _Deck(msgspec.Struct):
    name: str


class _Conf(msgspec.Struct):
    notebind: Manifest | None = None


class _Package(msgspec.Struct):
    """The notes in order, the date of the deck, and what it keeps beside (`identity.untold`)."""

    notes: list[AnkiNote]
    date: Mod
    untold: Manifest | None


def read_package(data: bytes) -> list[AnkiNote]:
    """Return the Anki notes of a package in order; raises ValueError if it cannot be read."""
    return _read(data).notes


def _read(data: bytes) -> _Package:
    try:
        database = _opened(_collection(data))
        try:
            return _content(database)
        finally:
            database.close()
    except NotebindError:  # the time of the step is over
        raise
    # zipfile and sqlite3 raise errors of many kinds for damaged files.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"not a deck that can be read: {reason}") from error


def _collection(data: bytes) -> bytes:
    """Return the collection in an archive."""
    if data.count(_FILE_ENTRY) > _MOST_FILES:
        raise ValueError(f"an archive of more than {_MOST_FILES} files")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("collection.anki2")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            raise ValueError("its collection is encrypted or compressed in another way")
        if info.file_size > MOST_COLLECTION:
            raise ValueError(f"its collection has more than {MOST_COLLECTION / 1e6:g} MB")
        return archive.read(info)


def _opened(collection: bytes) -> sqlite3.Connection:
    """Return a database in memory that only reads plain tables, for a limited time."""
    database = sqlite3.connect(":memory:")
    database.deserialize(collection)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    database.set_authorizer(_allowed)
    database.set_progress_handler(lambda: True, _STEPS_TO_OPEN)
    tables = database.execute("select type, name, sql from sqlite_master").fetchmany(_MOST_TABLES)
    for kind, _, written in tables:
        if kind not in ("table", "index") or _NOT_PLAIN.search(written or ""):
            raise ValueError("it has tables that no deck has")
    if {"notes", "cards", "col"} - {name for _, name, _ in tables}:
        raise ValueError("it lacks the tables of a deck")
    database.set_progress_handler(lambda: True, _STEPS_TO_READ)
    return database


def _allowed(action: int, one: str | None, two: str | None, three: str | None, view: str | None) -> int:
    """Return whether a statement may do this: it may read columns, but of no view, and call no function."""
    reads = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ) and view is None
    return sqlite3.SQLITE_OK if reads else sqlite3.SQLITE_DENY


def _content(database: sqlite3.Connection) -> _Package:
    ((date, conf, decks),) = _rows(database, "select crt, conf, decks from col")
    names = {int(did): deck.name for did, deck in msgspec.json.decode(decks, type=dict[str, _Deck]).items()}
    untold = msgspec.json.decode(conf, type=_Conf).notebind
    return _Package(_notes(database, names), msgspec.convert(date, Mod), untold)


def _notes(database: sqlite3.Connection, decks: Mapping[int, str]) -> list[AnkiNote]:
    rows = [row for row in _rows(database, "select id, guid, mid, mod, flds, tags from notes") if row[2] in _KINDS]
    deck_of = dict(_rows(database, "select nid, did from cards"))
    notes = []
    for id, guid, mid, mod, written, tags in sorted(msgspec.convert(rows, list[_Row])):
        fields = tuple(written.split("\x1f"))
        if len(fields) != len(FIELDS):
            raise ValueError(f"a card has {len(fields)} fields")
        if id in deck_of:
            notes.append(AnkiNote(guid, _KINDS[mid], mod, fields, tuple(tags.split()), decks.get(deck_of[id], "Notes")))
    return notes


def _rows(database: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    taken = 0
    for row in database.execute(query):
        taken += getsizeof(row) + sum(map(getsizeof, row))
        if taken > _MOST_ROWS:
            raise ValueError("it has more cards than a deck holds")
        yield row


def recalled(data: bytes, owners: dict[str, str]) -> Manifest:
    """Return the manifest that a package implies; `owners` has the owner of a card by its tag `video::` or `note::`."""
    package = _read(data)
    cards = [_known(note, owners) for note in package.notes]
    base = min([card.mod for card in cards], default=package.date)
    if not package.untold:
        return Manifest(base, cards)
    untold = {card.guid: card for card in package.untold.cards}
    cards = [untold.pop(card.guid, card) for card in cards]
    return Manifest(package.untold.base, [*cards, *untold.values()])


def _known(note: AnkiNote, owners: dict[str, str]) -> KnownCard:
    time = _TIME.search(note.fields[3])
    start_ms = int(time[1]) * 1000 if time else None
    owner = next((owners[tag] for tag in note.tags if tag in owners), "")
    words = " ".join(_MARKUP.sub(" ", note.fields[0]).split())[:WORDS]
    fields = (*note.fields[:-1], GUID.sub("", note.fields[-1]))
    digest = digest_of(fields, note.tags)
    return KnownCard(note.guid, note.guid, digest, note.mod, owner, note.kind, start_ms, words)
