"""Tests what a push learns from Anki: deleted cards are discarded, suspended ones are asked about, a flag undoes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.cli.push import push_deck
from convert.errors import SaveError
from convert.push import AnkiConnect, PushPlan, learning, push
from convert.request import Request
from convert.review.session import Answer, Session
from convert.storage.folder import Folder
from convert.vault.vault import open_vault
from convert.vault.verdicts import read_verdicts
from tests.support.anki_connect import StandIn, anki
from tests.test_cards_judged import TEXT, deck, lay

__all__ = ["anki"]

Anki = tuple[StandIn, AnkiConnect]
ALL = {"What pulls the sea", "What pushes the sea", "What bounds the sea"}


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "_state_folder", lambda: Folder(tmp_path / "state"))


def pushed(folder: Path, client: AnkiConnect, learn: str = "yes", build: bool = True, **options: object) -> PushPlan:
    if build:
        deck(folder)
    return push(folder / "out" / "films.apkg", client, learn=learn, **options)  # type: ignore[arg-type]


def fronts(stand_in: StandIn) -> set[str]:
    return {note["fields"]["Front"]["value"] for note in stand_in.notes.values()}


def remove(stand_in: StandIn, front: str) -> None:
    """Delete a card as a person does in Anki."""
    (number,) = [number for number, one in stand_in.notes.items() if one["fields"]["Front"]["value"] == front]
    del stand_in.notes[number]


def test_a_deleted_card_is_discarded_and_stays_away(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    films = lay(tmp_path)
    pushed(tmp_path, client)
    assert fronts(stand_in) == ALL
    left = ALL - {"What pulls the sea"}
    remove(stand_in, "What pulls the sea")
    plan = pushed(tmp_path, client)
    assert (len(plan.deleted), plan.add, plan.problem) == (1, [], "")
    assert fronts(stand_in) == left
    (entry,) = read_verdicts(str(films)).entries
    assert (entry.verdict, entry.deleted, entry.words, entry.note) == ("discard", True, "What pulls the sea", "tides")
    lay(tmp_path, TEXT.replace("What pulls the sea", "What pulls at the sea"))
    (films / "tides.md").rename(films / "moon.md")
    assert deck(tmp_path).keys() == left
    pushed(tmp_path, client)
    assert fronts(stand_in) == left


def test_a_deleted_card_stays_away_when_others_are_imported_with_it(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    lay(tmp_path)
    pushed(tmp_path, client)
    remove(stand_in, "What pulls the sea")
    lay(tmp_path, TEXT + "\nWhat salts the sea::rivers [00:05:00]\n")
    plan = pushed(tmp_path, client)
    assert (len(plan.add), len(plan.deleted)) == (1, 1)
    assert fronts(stand_in) == ALL - {"What pulls the sea"} | {"What salts the sea"}


def test_another_profile_gets_all_cards(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    lay(tmp_path)
    pushed(tmp_path, client)
    stand_in.notes.clear()
    stand_in.guids.clear()
    stand_in.profile = "User 2"
    assert len(pushed(tmp_path, client).add) == 3


def test_the_flag_brings_them_back(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    films = lay(tmp_path)
    pushed(tmp_path, client)
    remove(stand_in, "What pulls the sea")
    pushed(tmp_path, client)
    deck(tmp_path)
    plan = pushed(tmp_path, client, "restore", build=False)
    assert plan.restored == 1
    assert read_verdicts(str(films)).entries == ()
    pushed(tmp_path, client)
    assert fronts(stand_in) == ALL


def test_nothing_is_learned_if_that_is_not_wanted(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    films = lay(tmp_path)
    pushed(tmp_path, client)
    remove(stand_in, "What pulls the sea")
    assert len(pushed(tmp_path, client, "no").add) == 1
    assert fronts(stand_in) == ALL
    assert not (films / "cards.toml").exists()


def test_a_dry_run_writes_nothing(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    films = lay(tmp_path)
    pushed(tmp_path, client)
    remove(stand_in, "What pulls the sea")
    assert len(pushed(tmp_path, client, dry_run=True).deleted) == 1
    assert not (films / "cards.toml").exists()
    assert len(stand_in.notes) == 2


def test_a_suspended_card_is_put_to_the_person_once(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    films = lay(tmp_path)
    pushed(tmp_path, client)
    number = next(iter(stand_in.notes))
    stand_in.suspended = {number}
    assert len(pushed(tmp_path, client).suspended) == 1
    (entry,) = read_verdicts(str(films)).entries
    assert (entry.verdict, entry.suspended) == ("waiting", True)
    assert deck(tmp_path).keys() == ALL
    session = Session(open_vault(Request((films,)), 1, lambda _: None), "normal", 12, False)
    (asked,) = [card for card in session.shown.values() if card.suspended]
    session.judge(Answer(asked.id, "keep"))
    (entry,) = read_verdicts(str(films)).entries
    assert (entry.verdict, entry.suspended, entry.guid) == ("keep", False, "")
    assert pushed(tmp_path, client).suspended == []
    stand_in.suspended = set()
    assert pushed(tmp_path, client).suspended == []
    stand_in.suspended = {number}
    assert len(pushed(tmp_path, client).suspended) == 1


def test_what_cannot_be_written_is_said_and_the_card_stays_away(
    anki: Anki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in, client = anki
    lay(tmp_path)
    pushed(tmp_path, client)
    remove(stand_in, "What pulls the sea")

    def refuse(*_: object) -> None:
        raise SaveError("cards.toml: cannot be written")

    monkeypatch.setattr(learning, "save_verdicts", refuse)
    line = push_deck(tmp_path / "out" / "films.apkg", client.address)
    assert "1 deleted in Anki: discarded (--restore brings them back)" in line
    assert "not written down: cards.toml: cannot be written" in line
    assert "What pulls the sea" not in fronts(stand_in)


def test_a_deck_from_elsewhere_has_no_notes(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    lay(tmp_path)
    deck(tmp_path)
    (tmp_path / "away").mkdir()
    away = tmp_path / "away" / "films.apkg"
    away.write_bytes((tmp_path / "out" / "films.apkg").read_bytes())
    push(away, client, learn="yes")
    remove(stand_in, "What pulls the sea")
    assert "its notes are not known" in push(away, client, learn="yes").problem
