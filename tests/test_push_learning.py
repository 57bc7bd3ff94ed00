"""Tests what a push learns from Anki: deleted cards are discarded, suspended ones are asked about, a flag undoes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from convert.cli import main
from convert.cli.push import push_deck
from convert.errors import SaveError
from convert.pipeline.run import build
from convert.push import AnkiConnect, PushPlan, learning, push
from convert.request import Request
from convert.review.session import Answer, Session
from convert.vault.vault import open_vault
from convert.vault.verdicts import read_verdicts
from tests.support.anki_connect import StandIn, anki
from tests.test_cards_judged import TEXT, deck, lay

__all__ = ["anki"]

Anki = tuple[StandIn, AnkiConnect]
ALL = {"What pulls the sea", "What pushes the sea", "What bounds the sea"}


def pushed(folder: Path, client: AnkiConnect, learn: str = "yes", make: bool = True, **options: object) -> PushPlan:
    if make:
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
    plan = pushed(tmp_path, client, "restore", make=False)
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
    line, is_whole = push_deck(tmp_path / "out" / "films.apkg", client.address)
    assert not is_whole
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


FEWER = TEXT.replace("What pulls the sea::the moon [00:00:10]", "")


def test_two_vaults_with_a_folder_of_one_name_keep_their_cards(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    other = tmp_path / "other"
    lay(tmp_path)
    lay(other, TEXT.replace("the sea", "the lake"))
    pushed(tmp_path, client, prune=True)
    plan = pushed(other, client, prune=True)
    assert (plan.orphans, plan.left, len(stand_in.notes)) == ([], 3, 6)
    line, _ = push_deck(other / "out" / "films.apkg", client.address, prune=True)
    assert "0 deleted, 3 of this channel are not known to be of this book: left" in line
    lay(tmp_path, FEWER)
    plan = pushed(tmp_path, client, prune=True)
    assert (len(plan.orphans), plan.left, len(stand_in.notes)) == (1, 3, 5)
    assert "What pulls the sea" not in fronts(stand_in)


def test_a_card_that_two_books_have_stays_until_both_drop_it(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    for folder in (tmp_path, tmp_path / "other"):
        lay(folder)
        pushed(folder, client)
    lay(tmp_path, FEWER)
    assert pushed(tmp_path, client, prune=True).left == 1
    lay(tmp_path / "other", FEWER)
    assert pushed(tmp_path / "other", client, prune=True).left == 1  # another book added it
    assert fronts(stand_in) == ALL
    assert len(pushed(tmp_path, client, prune=True).orphans) == 1
    assert fronts(stand_in) == ALL - {"What pulls the sea"}


def test_other_notes_into_the_same_output_are_another_book(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    lay(tmp_path)
    pushed(tmp_path, client)
    shutil.move(tmp_path / "notes", tmp_path / "before")
    lay(tmp_path / "new", FEWER)
    build(Request((tmp_path / "new" / "notes",), tmp_path / "out", ("anki",), {"anki": {"cards": "none"}}))
    assert pushed(tmp_path, client, make=False, prune=True).left == 1
    assert fronts(stand_in) == ALL


@pytest.mark.parametrize("place", ["out", "away", "known"])
def test_a_deck_that_was_not_built_here_deletes_nothing(place: str, anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    lay(tmp_path)
    pushed(tmp_path, client)
    lay(tmp_path / "evil", FEWER)
    deck(tmp_path / "evil")
    forged = tmp_path / place / "films.apkg"
    forged.parent.mkdir(exist_ok=True)
    if place == "known":  # even if one from there was pushed before
        shutil.copy(tmp_path / "out" / "films.apkg", forged)
        push(forged, client, learn="yes")
    shutil.copy(tmp_path / "evil" / "out" / "films.apkg", forged)
    shutil.copytree(tmp_path / "evil" / "out" / ".notebind", forged.parent / ".notebind", dirs_exist_ok=True)
    assert push(forged, client, prune=True, learn="yes").left == 1
    assert fronts(stand_in) == ALL


def test_what_was_in_anki_before_the_first_push_stays(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    lay(tmp_path)
    deck(tmp_path)
    stand_in.importPackage(str(tmp_path / "out" / "films.apkg"))
    pushed(tmp_path, client)
    lay(tmp_path, FEWER)
    assert pushed(tmp_path, client, prune=True).left == 1
    assert fronts(stand_in) == ALL


def test_what_a_person_copied_stays(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    lay(tmp_path)
    pushed(tmp_path, client)
    (copied,) = [one for one in stand_in.notes.values() if one["fields"]["Front"]["value"] == "What pulls the sea"]
    stand_in.notes[1] = {**copied, "noteId": 1}
    lay(tmp_path, FEWER)
    assert pushed(tmp_path, client, prune=True).orphans == []
    assert len(stand_in.notes) == 4


def test_a_memory_that_is_lost_or_damaged_deletes_nothing(anki: Anki, tmp_path: Path) -> None:
    stand_in, client = anki
    lay(tmp_path)
    pushed(tmp_path, client)
    (memory,) = (tmp_path / "state" / "push").iterdir()
    memory.write_bytes(memory.read_bytes().replace(b"films", b"other"))
    lay(tmp_path, FEWER)
    assert pushed(tmp_path, client, prune=True).left == 1
    assert fronts(stand_in) == ALL


def test_verdicts_that_are_no_utf8_end_a_push_with_an_error(
    anki: Anki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in, client = anki
    films = lay(tmp_path)
    pushed(tmp_path, client)
    remove(stand_in, "What pulls the sea")
    (films / "cards.toml").write_bytes(b"# caf\xe9\n")
    path = str(tmp_path / "out" / "films.apkg")
    monkeypatch.setattr("sys.argv", ["notebind", "push", path, "--address", client.address])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "cards.toml:1: is no UTF-8, so nothing was written: save the file as UTF-8" in capsys.readouterr().out
    assert (films / "cards.toml").read_bytes() == b"# caf\xe9\n"
    assert "What pulls the sea" not in fronts(stand_in)
