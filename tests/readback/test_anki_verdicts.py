"""Imports decks that obey verdicts into the real Anki: nothing discarded comes back, nothing kept is lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from convert.push import AnkiConnect, learning, push
from convert.storage.folder import Folder
from tests.support.anki_cases import Anki
from tests.support.anki_connect import StandIn, anki
from tests.support.needs import needs
from tests.test_cards_judged import TEXT, deck, lay, say

__all__ = ["anki"]

pytestmark = needs("anki")

KEPT, EDITED = "What bounds the sea", "Which wind pushes it?"
DISCARDED, DELETED = "What pulls the sea", "What salts the sea"


def fronts(col: Any) -> dict[str, tuple[int, int, int]]:
    """Return interval, repetitions and due day of each card by its front."""
    found = {}
    for number in col.find_cards(""):
        card = col.get_card(number)
        found[card.note().fields[0]] = (card.ivl, card.reps, card.due)
    return found


def learn(col: Any) -> None:
    for place, number in enumerate(col.find_cards("")):
        card = col.get_card(number)
        card.type, card.queue, card.ivl, card.reps, card.due = 2, 2, 30 + place, 4, 100 + place
        col.update_card(card)


def test_verdicts_last_through_everything(
    anki: tuple[StandIn, AnkiConnect], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "_state_folder", lambda: Folder(tmp_path / "state"))
    stand_in, client = anki
    real = Anki(tmp_path)
    films = lay(tmp_path, TEXT + "\nWhat salts the sea::the rivers [00:05:00]\n")
    apkg = tmp_path / "out" / "films.apkg"
    deck(tmp_path)
    push(apkg, client, learn="yes")
    real.imported(apkg.read_bytes())
    real.with_collection(learn)
    before = real.with_collection(fronts)
    assert len(before) == 4

    say(films, DISCARDED, verdict="discard")
    say(films, KEPT)
    say(films, "What pushes the sea", front=EDITED, back="The west wind", edited=True)
    (number,) = [n for n, one in stand_in.notes.items() if one["fields"]["Front"]["value"] == DELETED]
    del stand_in.notes[number]
    push(apkg, client, learn="yes")
    for front in (DISCARDED, DELETED):
        real.with_collection(lambda col, front=front: col.remove_notes(col.find_notes(f'"Front:{front}"')))

    reworded = TEXT.replace("What pulls the", "What pulls at the").replace("What pushes the", "What pushes at the")
    reworded = reworded.replace("What bounds the", "What bounds all the")
    lay(tmp_path, reworded + "\nWhat salts all the sea::rivers [00:05:00]\n")
    (films / "tides.md").rename(films / "moon.md")
    made = deck(tmp_path)
    expected = {"What bounds all the sea", EDITED}
    assert made.keys() == expected
    real.imported(apkg.read_bytes())
    after = real.with_collection(fronts)
    assert after == {"What bounds all the sea": before[KEPT], EDITED: before["What pushes the sea"]}

    shutil.rmtree(tmp_path / "out")  # even if what earlier decks held is forgotten
    made = deck(tmp_path)
    assert not {DISCARDED, DELETED} & made.keys()
    assert made.keys() == expected
