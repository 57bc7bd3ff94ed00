"""Tests what marked cards need the vault for: properties, links into Obsidian, identity across folders, printing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from convert.pipeline.run import build
from convert.request import Request
from convert.writers.anki.collection import AnkiNote
from convert.writers.anki.reading import read_package
from tests.support.command import Desk
from tests.support.vaults import Files, build_files, lay_out, note, open_files

NO_CARDS = {"cards": "none", "section_cards": False}


def deck(folder: Path, files: Files, name: str = "films", **options: object) -> list[AnkiNote]:
    """Return the cards of a vault that are marked."""
    build_files(folder, files, "anki", **NO_CARDS, **options)
    return read_package((folder / "output" / f"{name}.apkg").read_bytes())


def taken(folder: Path, files: Files) -> dict[str, str]:
    """Return the key of each field of the note `films/a.md`, and `card` or `property`."""
    vault = open_files(folder, files)
    found = [one for one in vault.note_diagnostics.get("films/a", ()) if one.code.startswith("field-")]
    return {one.message.split("'")[1]: one.code.removeprefix("field-") for one in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hare:: Hase", {"hare": "card"}),
        ("hare:: Hase\nfox:: Fuchs", {"hare": "card", "fox": "card"}),
        ("- hare:: Hase\n- fox:: Fuchs", {"hare": "card", "fox": "card"}),
        ("director:: Anna\nhare:: Hase", {"director": "property", "hare": "property"}),
        ("- seen:: 2012-05-01\n- by:: Anna", {"seen": "property", "by": "property"}),
        ("seen:: [[b]]\n\nhare:: Hase", {"seen": "card", "hare": "card"}),
        ("The [topic:: hares] of (kind:: short) films.", {"topic": "property", "kind": "property"}),
        ("- (due:: soon) draw\n- by:: Anna", {"due": "property", "by": "property"}),
        ("[0:10] hare:: Hase\n[0:20] year:: Jahr", {}),
        ("hare::Hase\nfox ::Fuchs\n`a:: b`\nWho is it?:: Anna", {}),
        ("mood:: calm", {"mood": "property"}),
    ],
)
def test_a_line_is_a_property_or_a_card(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    assert taken(tmp_path, {"films/a.md": note(text), "songs/b.md": note("Mood:: gay")}) == expected


def test_properties_make_no_cards_and_cards_do(tmp_path: Path) -> None:
    text = "speaker:: Anna\nrating:: 5\n[topic:: hares]\n\nmood:: calm\n\nhare:: Hase\n\nsize::big"
    cards = deck(tmp_path, {"films/a.md": note(text), "films/b.md": note("mood:: gay")})
    assert [card.fields[0] for card in cards] == ["hare", "size"]


def test_switches_of_the_deck(tmp_path: Path) -> None:
    files: Files = {"films/a.md": note("a::b\n\nc:::d\n\nE ==f== .\n\n## g #card\nh")}
    off = dict.fromkeys(("inline_cards", "reversed_cards", "highlight_cards", "heading_cards"), False)
    assert [len(deck(tmp_path, files)), len(deck(tmp_path, files, **off))] == [5, 0]


def test_cards_lead_to_their_heading_in_obsidian(tmp_path: Path) -> None:
    files: Files = {
        "My vault/.obsidian/app.json": "{}",
        "My vault/films/a b.md": note("x::y\n\n## The [0:30] #1 hare\n\nq::a"),
    }
    cards = deck(tmp_path, files)
    links = [card.fields[3].split('<a href="')[-1].split('"')[0] for card in cards]
    start = "obsidian://open?vault=My%20vault&amp;file=films%2Fa%20b"
    assert links == [start, f"{start}%23The%200%2030%201%20hare"]
    assert "obsidian" not in str([card.fields for card in deck(tmp_path, files, obsidian_link=False)])


def test_ends_of_lines_on_cards_are_those_of_the_vault_and_change_no_identity(tmp_path: Path) -> None:
    text = "## Why? #card\n\nThe sea rises\ntwice a day.\n\nhare\nfox\n?\nHase\nFuchs\n\nA ==bat== in\nthe dark"
    made = {}
    for name, settings in (("plain", None), ("strict", '{"strictLineBreaks": true}'), ("breaks", "{}")):
        files: Files = {"films/a.md": note(text)}
        files |= {"films/.obsidian/app.json": settings} if settings else {}
        build_files(tmp_path / name, files, "anki", cards="all", section_cards=True, obsidian_link=False)
        made[name] = read_package((tmp_path / name / "output" / "films.apkg").read_bytes())
    assert made["plain"] == made["strict"]
    assert [card.guid for card in made["plain"]] == [card.guid for card in made["breaks"]]
    assert "rises<br/>twice" in str(made["breaks"])
    assert "rises<br/>twice" not in str(made["plain"])


def test_the_name_of_the_vault_can_be_given(tmp_path: Path) -> None:
    files: Files = {"films/a.md": note("[0:10] q::a")}
    assert "obsidian" not in deck(tmp_path, files)[0].fields[3]
    (card,) = deck(tmp_path, files, obsidian_vault="Films & more")
    assert '<a href="obsidian://open?vault=Films%20%26%20more&amp;file=a">' in card.fields[3]


@pytest.mark.parametrize("video", ["aqz-KE-bpKQ", ""])
@pytest.mark.parametrize("edit", ["[0:30] The grey hare::Hase", "[0:30] The big grey hare::Hase"])
def test_a_folder_renamed_after_an_edit_doubles_no_card(tmp_path: Path, video: str, edit: str) -> None:
    def guids(folder: str, text: str) -> list[str]:
        lay_out(tmp_path / "notes" / folder, {"a.md": note(text, video=video)})
        build(Request((tmp_path / "notes",), tmp_path / "out", ("anki",), {"anki": NO_CARDS}, jobs=1))
        return [card.guid for card in read_package((tmp_path / "out" / f"{folder}.apkg").read_bytes())]

    first = guids("films", "[0:30] The hare::Hase")
    assert guids("films", "[0:30] The grey hare::Hase") == first
    shutil.rmtree(tmp_path / "notes" / "films")
    assert guids("movies", edit) == first


def test_cards_are_printed_as_they_look_and_no_word_twice(tmp_path: Path) -> None:
    text = "Which **big** one?\n?\nThese **two**:\n- *hare*\n- fox\n\n"
    text += "A ==hare== and a ==fox==.\n\na #card\n\n```\nx\n```\n"
    lay_out(tmp_path / "films", {"a.md": note("# Film\n" + text, title="Film")})
    ran = Desk(tmp_path).run("cards", "films", "--cards", "none", "--no-section-cards")
    assert ran.out.splitlines() == [
        "films/a.md:6: marked-lines 1.00",
        "  Q: Which big one?",
        "  A: These two:",
        "     - hare",
        "     - fox",
        "  in: Film",
        "films/a.md:12: marked-cloze 1.00",
        "  Q: A [...] and a fox.",
        "  A: hare",
        "  Q: A hare and a [...].",
        "  A: fox",
        "  in: Film",
        "films/a.md:14: marked-tag 1.00",
        "  Q: a",
        "  A: x",
        "  in: Film",
    ]
