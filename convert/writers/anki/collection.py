"""Writes an Anki collection of schema 11 (`collection.anki2`), the `.apkg` around it, and the same notes as text.

Written here instead of with genanki, whose packages differ in every run, have one `mod` for all notes, and
cost more time, memory and space (`make bench` prints the figures).
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from convert.errors import WriterError
from convert.tools import package_data
from convert.tools.reproducible_zip import Deflated, deflate_file, make_zip

FIELDS = ("Front", "Back", "Context", "Watch", "Source")
"""Names of the fields, in order; the same for all note types."""

# Frozen: Anki matches a note type by its id, and another field name under the same id makes every later import fail.
NOTE_TYPE_IDS = {
    "basic": 1_763_810_000_101, "cloze": 1_763_810_000_102, "list": 1_763_810_000_103, "section": 1_763_810_000_104,
}  # fmt: skip
NOTE_TYPE_NAMES = {kind: f"Notebind {kind.title()}" for kind in NOTE_TYPE_IDS}

STYLE_DATE = 1_796_027_213
"""The `mod` of the note types in Unix seconds. Raise it when style or templates change, or old decks keep theirs."""

_CONTEXT = "{{#Context}}<div class=nb-context>{{Context}}</div>{{/Context}}"
_BELOW = (
    '{{#Source}}<div class="nb-source{{#Context}} nb-told{{/Context}}">{{Source}}</div>{{/Source}}'
    "{{#Watch}}<div class=nb-watch>{{Watch}}</div>{{/Watch}}"
)
_QUESTION = _CONTEXT + "<div class=nb-front>{{Front}}</div>"
_ANSWER = "<div class=nb-asked>{{FrontSide}}</div><hr id=answer><div class=nb-back>{{Back}}</div>" + _BELOW
_GAP = _CONTEXT + "<div class=nb-front>{{cloze:Front}}</div>"
_FILLED = _GAP + "{{#Back}}<hr id=answer><div class=nb-back>{{Back}}</div>{{/Back}}" + _BELOW
_LATEX_PRE = (
    "\\documentclass[12pt]{article}\n\\special{papersize=3in,5in}\n\\usepackage[utf8]{inputenc}\n"
    "\\usepackage{amssymb,amsmath}\n\\pagestyle{empty}\n\\setlength{\\parindent}{0in}\n\\begin{document}\n"
)

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
_TAGS = re.compile(r"<[^<>]*+>")
_SPREAD = 10 * 365 * 86_400_000
"""Ten years in milliseconds, over which the first note ids of different decks are spread."""
_VERSION_FIELD = 96
"""Offset of the SQLite release in its file: the only bytes that differ between machines."""


class AnkiNote(msgspec.Struct, frozen=True, gc=False):
    """A note of the collection."""

    guid: str
    kind: str
    mod: int
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    deck: str


def package(
    notes: Iterable[AnkiNote],
    name: str,
    epoch: int,
    media: Sequence[tuple[str, bytes]] = (),
    untold: msgspec.Struct | None = None,
) -> bytes:
    """Return the `.apkg` of notes in study order; same notes, same bytes. `name` spreads the ids, `epoch` is its date.

    `media` has the files that fields show, with their names. `untold` is kept for `reading`, which recalls lost states
    from decks; Anki ignores it. Raises WriterError if the temporary folder cannot hold it.
    """
    with tempfile.TemporaryDirectory(prefix="notebind-") as folder:
        path = Path(folder) / "collection.anki2"
        try:
            _fill(path, notes, name, epoch, untold)
            with path.open("r+b") as file:
                file.seek(_VERSION_FIELD)
                file.write(b"\0\0\0\0")
            listed = json.dumps({str(number): file for number, (file, _) in enumerate(media)}).encode()
            files = {str(number): data for number, (_, data) in enumerate(media)}
            entries: list[tuple[str, bytes | Deflated]] = [("collection.anki2", deflate_file(path)), ("media", listed)]
            return make_zip([*entries, *files.items()], epoch, frozenset(files))
        except (sqlite3.Error, OSError) as error:
            raise WriterError(
                f"the deck {name} could not be written: {error}; is the temporary folder full?"
            ) from error


def _fill(path: Path, notes: Iterable[AnkiNote], name: str, epoch: int, untold: msgspec.Struct | None) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.executescript("pragma page_size=4096; pragma journal_mode=off; pragma synchronous=off;" + _SCHEMA)
        database.execute("begin")
        decks: dict[str, int] = {}
        _insert(database, notes, decks, _first_id(name, epoch))
        database.execute("insert into col values (1,?,?,?,11,0,0,0,?,?,?,?,'{}')", _col(decks, epoch, untold))
        database.execute("commit")
    finally:
        database.close()


def _insert(database: sqlite3.Connection, notes: Iterable[AnkiNote], decks: dict[str, int], first: int) -> None:
    """Insert all notes and cards in batches; card ids are consecutive."""
    card_id = first
    note_rows: list[tuple[Any, ...]] = []
    card_rows: list[tuple[Any, ...]] = []
    for due, note in enumerate(notes, 1):
        did = decks.get(note.deck) or decks.setdefault(note.deck, deck_id(note.deck))
        first_field = _TAGS.sub("", note.fields[0])
        checksum = int.from_bytes(hashlib.sha1(first_field.encode(), usedforsecurity=False).digest()[:4], "big")
        tags = f" {' '.join(note.tags)} " if note.tags else ""
        fields = "\x1f".join(note.fields)
        note_id, type_id = first + due, NOTE_TYPE_IDS[note.kind]
        note_rows.append((note_id, note.guid, type_id, note.mod, tags, fields, first_field, checksum))
        # Other templates make one card, cloze templates one for each number.
        orders = {int(number) - 1 for number in _CLOZE.findall(note.fields[0])} - {-1} if note.kind == "cloze" else {0}
        for order in sorted(orders):
            card_id += 1
            card_rows.append((card_id, note_id, did, order, note.mod, due))
        if len(note_rows) >= 2000:
            _flush(database, note_rows, card_rows)
    _flush(database, note_rows, card_rows)


def _flush(database: sqlite3.Connection, notes: list[tuple[Any, ...]], cards: list[tuple[Any, ...]]) -> None:
    database.executemany(_NOTE, notes)
    database.executemany(_CARD, cards)
    notes.clear()
    cards.clear()


def _first_id(name: str, epoch: int) -> int:
    """Return the id before a deck's first, in milliseconds like all ids of Anki, within ten years before `epoch`."""
    return max(epoch * 1000 - _stable(name) % _SPREAD, 1)


def deck_id(name: str) -> int:
    """Return a stable id for a deck. Anki matches decks by name, so the id only has to be unique."""
    return (1 << 40) + _stable(name) % (1 << 40)


def _stable(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _col(decks: dict[str, int], epoch: int, untold: msgspec.Struct | None) -> tuple[Any, ...]:
    conf = {"curDeck": 1, "activeDecks": [1], "curModel": NOTE_TYPE_IDS["basic"], "nextPos": 1, "schedVer": 2}
    own = {"notebind": msgspec.to_builtins(untold)} if untold else {}
    levels = [name.split("::") for name in decks]
    names = {"::".join(path[:depth]) for path in levels for depth in range(1, len(path) + 1)}
    listed = {"1": _deck("Default", 1, epoch)}
    for name in sorted(names):
        did = decks.get(name) or deck_id(name)
        listed[str(did)] = _deck(name, did, epoch)
    css = package_data("convert.writers.anki", "cards.css").decode()
    models = {str(number): _model(kind, css) for kind, number in NOTE_TYPE_IDS.items()}
    return (
        *(epoch, epoch * 1000, epoch * 1000),
        json.dumps(conf | own),
        json.dumps(models, sort_keys=True, ensure_ascii=False),
        json.dumps(listed, sort_keys=True),
        json.dumps({"1": _DCONF}),
    )


def _model(kind: str, css: str) -> dict[str, Any]:
    """Return a note type for the `models` column of a schema-11 collection."""
    name, question, answer = ("Cloze", _GAP, _FILLED) if kind == "cloze" else ("Card 1", _QUESTION, _ANSWER)
    template = {"name": name, "ord": 0, "qfmt": question, "afmt": answer, "did": None, "bqfmt": "", "bafmt": ""}
    field = {"sticky": False, "rtl": False, "font": "Arial", "size": 20, "media": []}
    return {
        "id": NOTE_TYPE_IDS[kind],
        "name": NOTE_TYPE_NAMES[kind],
        "type": int(kind == "cloze"),
        "mod": STYLE_DATE,
        "usn": -1,
        "sortf": 0,
        "did": 1,
        "tmpls": [template],
        "flds": [{"name": name, "ord": order, **field} for order, name in enumerate(FIELDS)],
        "css": css,
        "latexPre": _LATEX_PRE,
        "latexPost": "\\end{document}",
        "req": [[0, "any", [0]]],
        "tags": [],
        "vers": [],
    }


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

_TEXT_HEAD = "#separator:Tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:4\n"


def text_file(notes: Iterable[AnkiNote]) -> bytes:
    """Return the notes as tab-separated UTF-8 lines for Anki's File > Import, which matches them by GUID.

    It contains no note types: import the package first, which creates them.
    """
    lines = []
    for note in notes:
        cells = (note.guid, NOTE_TYPE_NAMES[note.kind], note.deck, " ".join(note.tags), *note.fields)
        lines.append("\t".join(map(_cell, cells)) + "\n")
    return (_TEXT_HEAD + "".join(lines)).encode()


def _cell(text: str) -> str:
    text = text.replace("\t", " ")
    return '"' + text.replace('"', '""') + '"' if '"' in text or "\n" in text or text.startswith("#") else text
