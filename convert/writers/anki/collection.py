"""An Anki collection of schema 11 (`collection.anki2`) and the `.apkg` around it.

Written here rather than through genanki: its packages differ at every run, hold one `mod` for all notes, and
cost more time, memory and space (`make bench` prints the figures).
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from convert.errors import WriterError
from convert.tools.reproducible_zip import Packed, make_zip, pack_file
from convert.writers.anki import notetypes

_SCHEMA = """
create table col (id integer primary key, crt integer not null, mod integer not null, scm integer not null,
  ver integer not null, dty integer not null, usn integer not null, ls integer not null, conf text not null,
  models text not null, decks text not null, dconf text not null, tags text not null);
create table notes (id integer primary key, guid text not null, mid integer not null, mod integer not null,
  usn integer not null, tags text not null, flds text not null, sfld integer not null, csum integer not null,
  flags integer not null, data text not null);
create table cards (id integer primary key, nid integer not null, did integer not null, ord integer not null,
  mod integer not null, usn integer not null, type integer not null, queue integer not null, due integer not null,
  ivl integer not null, factor integer not null, reps integer not null, lapses integer not null,
  left integer not null, odue integer not null, odid integer not null, flags integer not null, data text not null);
create table revlog (id integer primary key, cid integer not null, usn integer not null, ease integer not null,
  ivl integer not null, lastIvl integer not null, factor integer not null, time integer not null,
  type integer not null);
create table graves (usn integer not null, oid integer not null, type integer not null);
"""
_NOTE = "insert into notes values (?,?,?,?,-1,?,?,?,?,0,'')"
_CARD = "insert into cards values (?,?,?,?,?,-1,0,0,?,0,0,0,0,0,0,0,0,'')"
_CLOZE = re.compile(r"\{\{c(\d+)::")
_TAGS = re.compile(r"<[^>]*>")
_SPREAD = 10 * 365 * 86_400_000
"""Ten years of milliseconds: note ids of different decks start at different places in it."""
_VERSION_FIELD = 96
"""Where a SQLite file says which release wrote it: the one thing in it that differs between machines."""


class AnkiNote(msgspec.Struct, frozen=True, gc=False):
    """A record of the collection."""

    guid: str
    kind: str
    mod: int
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    deck: str


def package(notes: Iterable[AnkiNote], name: str, epoch: int, media: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """The `.apkg` of notes in study order: same notes, same bytes. `name` spreads ids, `epoch` dates the whole.

    `media` are the files that fields show, by name. WriterError when the temporary folder cannot hold it.
    """
    with tempfile.TemporaryDirectory(prefix="notebind-") as folder:
        path = Path(folder) / "collection.anki2"
        try:
            _fill(path, notes, name, epoch)
            with path.open("r+b") as file:
                file.seek(_VERSION_FIELD)
                file.write(b"\0\0\0\0")
            listed = json.dumps({str(number): name for number, (name, _) in enumerate(media)}).encode()
            files = [(str(number), data) for number, (_, data) in enumerate(media)]
            entries: list[tuple[str, bytes | Packed]] = [("collection.anki2", pack_file(path)), ("media", listed)]
            entries += files
            return make_zip(entries, epoch, frozenset(name for name, _ in files))
        except (sqlite3.Error, OSError) as error:
            raise WriterError(
                f"the deck {name} could not be written: {error}; is the temporary folder full?"
            ) from error


def _fill(path: Path, notes: Iterable[AnkiNote], name: str, epoch: int) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.executescript("pragma page_size=4096; pragma journal_mode=off; pragma synchronous=off;" + _SCHEMA)
        database.execute("begin")
        decks: dict[str, int] = {}
        _insert(database, notes, decks, _first_id(name, epoch))
        database.execute("insert into col values (1,?,?,?,11,0,0,0,?,?,?,?,'{}')", _col(decks, epoch))
        database.execute("commit")
    finally:
        database.close()


def _insert(database: sqlite3.Connection, notes: Iterable[AnkiNote], decks: dict[str, int], first: int) -> None:
    """All notes and cards, in batches; card ids run on where a note has several cards."""
    card_id = first
    note_rows: list[tuple[Any, ...]] = []
    card_rows: list[tuple[Any, ...]] = []
    for due, note in enumerate(notes, 1):
        did = decks.get(note.deck) or decks.setdefault(note.deck, deck_id(note.deck))
        note_rows.append(_note_row(first + due, note))
        for order in _orders(note):
            card_id += 1
            card_rows.append((card_id, first + due, did, order, note.mod, due))
        if len(note_rows) >= 2000:
            _flush(database, note_rows, card_rows)
    _flush(database, note_rows, card_rows)


def _flush(database: sqlite3.Connection, notes: list[tuple[Any, ...]], cards: list[tuple[Any, ...]]) -> None:
    database.executemany(_NOTE, notes)
    database.executemany(_CARD, cards)
    notes.clear()
    cards.clear()


def _note_row(note_id: int, note: AnkiNote) -> tuple[Any, ...]:
    first = _TAGS.sub("", note.fields[0]) if "<" in note.fields[0] else note.fields[0]
    checksum = int.from_bytes(hashlib.sha1(first.encode(), usedforsecurity=False).digest()[:4], "big")
    tags = f" {' '.join(note.tags)} " if note.tags else ""
    mid = notetypes.IDS[note.kind]
    return note_id, note.guid, mid, note.mod, tags, "\x1f".join(note.fields), first, checksum


def _orders(note: AnkiNote) -> Iterable[int]:
    """The templates that make a card: one, or one for each number of a cloze."""
    if note.kind != "cloze":
        return (0,)
    return sorted({int(number) - 1 for number in _CLOZE.findall(note.fields[0]) if number != "0"})


def _first_id(name: str, epoch: int) -> int:
    """Where the ids of a deck start: in the ten years before `epoch`, as Anki's ids are milliseconds."""
    return max(epoch * 1000 - _stable(name) % _SPREAD, 1)


def deck_id(name: str) -> int:
    """A stable id for a deck (Anki matches decks by name; the id only has to differ)."""
    return (1 << 40) + _stable(name) % (1 << 40)


def _stable(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _col(decks: dict[str, int], epoch: int) -> tuple[Any, ...]:
    conf = {"curDeck": 1, "activeDecks": [1], "curModel": notetypes.IDS["basic"], "nextPos": 1, "schedVer": 2}
    listed = {"1": _deck("Default", 1, epoch)} | {str(did): _deck(name, did, epoch) for name, did in _parents(decks)}
    texts = (json.dumps(conf), notetypes.models_json(), json.dumps(listed, sort_keys=True), json.dumps({"1": _DCONF}))
    return (epoch, epoch * 1000, epoch * 1000, *texts)


def _parents(decks: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Every deck and the decks above it."""
    names = {"::".join(levels[:i]) for name in decks if (levels := name.split("::")) for i in range(1, len(levels) + 1)}
    return ((name, decks.get(name) or deck_id(name)) for name in sorted(names))


def _deck(name: str, did: int, epoch: int) -> dict[str, Any]:
    today = {"newToday": [0, 0], "revToday": [0, 0], "lrnToday": [0, 0], "timeToday": [0, 0]}
    shown = {"collapsed": False, "browserCollapsed": False, "desc": "", "dyn": 0, "conf": 1, "extendNew": 0}
    return {"id": did, "name": name, "mod": epoch, "usn": -1, "extendRev": 0, **shown, **today}


_DCONF: dict[str, Any] = {
    "id": 1,
    "name": "Default",
    "mod": 0,
    "usn": 0,
    "maxTaken": 60,
    "autoplay": True,
    "timer": 0,
    "replayq": True,
    "dyn": False,
    "new": {"delays": [1, 10], "ints": [1, 4, 0], "initialFactor": 2500, "order": 1, "perDay": 20, "bury": False},
    "rev": {"perDay": 200, "ease4": 1.3, "ivlFct": 1, "maxIvl": 36500, "bury": False, "hardFactor": 1.2},
    "lapse": {"delays": [10], "mult": 0, "minInt": 1, "leechFails": 8, "leechAction": 1},
}
