"""Reads packages that this program wrote: to recall cards if the state is lost, and to push to a running Anki."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile

from convert.writers.anki.collection import NOTE_TYPE_IDS, AnkiNote
from convert.writers.anki.deck_cards import WORDS
from convert.writers.anki.identity import KnownCard, Manifest, digest_of

_KINDS = {mid: kind for kind, mid in NOTE_TYPE_IDS.items()}
_TIME = re.compile(r"[?&#]t=(\d+)")
_MARKUP = re.compile(r"<[^>]*>")
GUID = r' class="nb-([\w-]{22})"'
"""Matches the GUID in the last field, because AnkiConnect does not return it."""


def read_package(data: bytes) -> list[AnkiNote]:
    """Return the Anki notes of a package in order; raises ValueError if it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            content = archive.read("collection.anki2")
        database = sqlite3.connect(":memory:")
        database.deserialize(content)
        rows = database.execute(
            "select n.guid, n.mid, n.mod, n.flds, n.tags, c.did from notes n join cards c on c.nid = n.id"
            " group by n.id order by n.id"
        ).fetchall()
        decks = _deck_names(database)
        database.close()
    except (zipfile.BadZipFile, KeyError, sqlite3.Error, OSError) as error:
        raise ValueError(f"not a deck that can be read: {error}") from error
    return [
        AnkiNote(guid, _KINDS[mid], mod, tuple(fields.split("\x1f")), tuple(tags.split()), decks.get(did, "Notes"))
        for guid, mid, mod, fields, tags, did in rows
        if mid in _KINDS
    ]


def _deck_names(database: sqlite3.Connection) -> dict[int, str]:
    (decks,) = database.execute("select decks from col").fetchone()
    return {int(did): deck["name"] for did, deck in json.loads(decks).items()}


def recalled(data: bytes, owners: dict[str, str]) -> Manifest:
    """Return the manifest that a package implies; `owners` has the owner of a card by its tag `video::` or `note::`."""
    cards = [_known(note, owners) for note in read_package(data)]
    return Manifest(min([card.mod for card in cards], default=0), cards)


def _known(note: AnkiNote, owners: dict[str, str]) -> KnownCard:
    time = _TIME.search(note.fields[3])
    start_ms = int(time[1]) * 1000 if time else None
    owner = next((owners[tag] for tag in note.tags if tag in owners), "")
    words = " ".join(_MARKUP.sub(" ", note.fields[0]).split())[:WORDS]
    fields = (*note.fields[:-1], re.sub(GUID, "", note.fields[-1]))
    digest = digest_of(fields, note.tags)
    return KnownCard(note.guid, note.guid, digest, note.mod, owner, note.kind, start_ms, words)
