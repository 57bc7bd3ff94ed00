"""Imports decks into the real Anki."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convert.pipeline.run import build
from convert.request import Request
from convert.writers.anki import collection
from tests.support.anki_cases import Anki, Deck, note, paragraph, section
from tests.support.needs import needs
from tests.support.vaults import lay_out

pytestmark = needs("anki")


@pytest.fixture
def anki(tmp_path: Path) -> Anki:
    return Anki(tmp_path)


def film(second: str = "The meadow was grown from a scan.") -> Deck:
    return Deck([made(second)])


def made(second: str) -> Any:
    return note(
        section("Light", paragraph("The sun is one lamp.", 10_000)), section("Grass", paragraph(second, 95_000))
    )


def test_import_adds_every_card_once(anki: Anki) -> None:
    assert anki.imported(film().package) == {"new": 2, "updated": 0, "duplicate": 0, "conflicting": 0}
    assert anki.imported(film().package) == {"new": 0, "updated": 0, "duplicate": 2, "conflicting": 0}
    assert anki.with_collection(lambda col: (col.note_count(), col.card_count())) == (2, 2)
    assert anki.with_collection(lambda col: list(col.get_empty_cards().notes)) == []


def test_edit_updates_in_place_and_keeps_the_schedule(anki: Anki) -> None:
    first = film()
    anki.imported(first.package)

    def learn(col: Any) -> None:
        card = col.get_card(col.find_cards("Front:Grass*")[0])
        card.type, card.queue, card.ivl, card.reps, card.due = 2, 2, 30, 4, 100
        col.update_card(card)

    anki.with_collection(learn)
    second = Deck([made("The meadow was drawn by hand.")], previous=first.state)
    assert anki.imported(second.package) == {"new": 0, "updated": 1, "duplicate": 1, "conflicting": 0}

    def look(col: Any) -> tuple[Any, ...]:
        card = col.get_card(col.find_cards("Front:Grass*")[0])
        return card.ivl, card.reps, card.due, card.note().fields[1]

    assert anki.with_collection(look) == (30, 4, 100, "<p>The meadow was drawn by hand.</p>")


def test_later_edits_of_the_user_win(anki: Anki) -> None:
    first = film()
    anki.imported(first.package)

    def edit(col: Any) -> None:
        found = col.get_note(col.find_notes("Front:Grass*")[0])
        found.fields[1] = "my own words"
        col.update_note(found)

    anki.with_collection(edit)
    second = Deck([made("The meadow was drawn by hand.")], previous=first.state)
    assert anki.imported(second.package)["updated"] == 0
    backs = anki.with_collection(lambda col: [col.get_note(i).fields[1] for i in col.find_notes("Front:Grass*")])
    assert backs == ["my own words"]


def test_a_new_style_replaces_the_old_one_but_not_a_later_one_of_the_user(
    anki: Anki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Note types keep their ids, fields and cards; style and templates are those that are dated later."""
    newest = collection.STYLE_DATE
    monkeypatch.setattr(collection, "STYLE_DATE", newest - 1000)
    monkeypatch.setattr(collection, "package_data", lambda *_: b".card { color: red }")
    anki.imported(film().package)
    monkeypatch.undo()

    def types(col: Any) -> list[tuple[int, list[str], str]]:
        return [
            (one["id"], [field["name"] for field in one["flds"]], one["css"])
            for one in map(col.models.get, collection.NOTE_TYPE_IDS.values())
            if one
        ]

    before = anki.with_collection(types)
    assert {css for _, _, css in before} == {".card { color: red }"}
    assert anki.imported(film().package) == {"new": 0, "updated": 0, "duplicate": 2, "conflicting": 0}
    after = anki.with_collection(types)
    assert [one[:2] for one in after] == [one[:2] for one in before]
    assert all(".nb-watch" in css for _, _, css in after)

    def edit(col: Any) -> None:
        for number, _, _ in after:
            kind = col.models.get(number)
            kind["css"] = ".card { color: green }"
            col.models.update_dict(kind)

    anki.with_collection(edit)
    monkeypatch.setattr(collection, "STYLE_DATE", 1_000_000_000)
    anki.imported(film().package)
    assert {css for _, _, css in anki.with_collection(types)} == {".card { color: green }"}


def test_collection_passes_ankis_own_check(anki: Anki) -> None:
    anki.imported(film().package)
    message, sound = anki.with_collection(lambda col: col.fix_integrity())
    assert sound, message


def test_what_a_deck_keeps_beside_its_cards_is_nothing_to_anki(anki: Anki) -> None:
    """A card is gone, another has followed to a new place, and all have changed: the deck holds this for itself."""
    first = film()
    other = note(section("Sun", paragraph("It is one lamp.", 10_000)))
    second = Deck([other], previous=first.state)
    assert anki.imported(first.package)["new"] == 2
    assert anki.imported(second.package)["conflicting"] == 0
    assert anki.with_collection(lambda col: col.fix_integrity()[1])
    assert Deck([made("It grew.")], previous_artifact=lambda _: second.package).package == (
        Deck([made("It grew.")], previous=second.state).package
    )


def test_a_folder_renamed_after_an_edit_doubles_no_card(anki: Anki, tmp_path: Path) -> None:
    for folder, question in (("films", "The hare"), ("films", "The grey hare"), ("movies", "The grey hare")):
        notes = lay_out(
            tmp_path / "notes", {f"{folder}/a.md": f"---\nvideoId: aqz-KE-bpKQ\n---\n[0:30] {question}::Hase\n"}
        )
        if folder == "movies":
            (notes / "films/a.md").unlink()
            (notes / "films").rmdir()
        options = {"anki": {"cards": "none", "section_cards": False}}
        build(Request((notes,), tmp_path / "out", ("anki",), options, jobs=1))
        counts = anki.imported((tmp_path / "out" / f"{folder}.apkg").read_bytes())
        assert counts["conflicting"] == 0
    assert anki.with_collection(lambda col: col.note_count()) == 1


def test_marked_cards_arrive_with_lists_ruby_gaps_and_two_links(anki: Anki, tmp_path: Path) -> None:
    text = (
        "---\nvideoId: aqz-KE-bpKQ\n---\n[0:10] Which?\n?\nThese:\n- a\n- b\n\n"
        "[0:20] <ruby>水<rt>みず</rt></ruby>:::water\n\nA ==hare==^[who] and a {fox}.\n"
    )
    lay_out(tmp_path, {"vault/.obsidian/app.json": "{}", "vault/films/a.md": text})
    options = {"anki": {"cards": "none", "section_cards": False}}
    build(Request((tmp_path / "vault",), tmp_path / "out", ("anki",), options, jobs=1))
    anki.imported((tmp_path / "out/films.apkg").read_bytes())

    def look(col: Any) -> list[list[str]]:
        return [col.get_note(id).fields for id in sorted(col.find_notes(""))]

    lists, there, back, gaps = anki.with_collection(look)
    assert lists[1] == "<p>These:</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"
    water = '<div lang="ja">{}</div>'.format
    assert (there[0], back[0]) == (water("<ruby>水<rp>(</rp><rt>みず</rt><rp>)</rp></ruby>"), water("water"))
    assert gaps[0] == "A {{c1::hare::who}} and a {{c2::fox}}."
    assert lists[3].count("<a href=") == 2
    assert "obsidian://open?vault=vault&amp;file=films%2Fa" in lists[3]
    assert anki.with_collection(lambda col: col.card_count()) == 5
