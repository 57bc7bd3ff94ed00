"""Tests cards that an author marks, in every documented syntax, and text that only looks like one."""

from __future__ import annotations

import pytest

from convert.document.walk import first_time, inlines, plain_text
from convert.extract.cards import Card, Gap, cards_of
from convert.extract.cards.card_markup import marked_cards
from convert.reader import read_bytes


def cards(text: str) -> list[Card]:
    source = f"---\ntitle: Open films\nvideoId: aqz-KE-bpKQ\n---\n\n{text}\n"
    note = read_bytes(source.encode(), "films/a.md", "films", "a").note
    return marked_cards(note, first_time(inlines(note.blocks))).cards


def front(card: Card) -> str:
    return " ".join(
        "".join(
            f"[{node.number}:{plain_text(node.children)}{'|' + node.hint if node.hint else ''}]"
            if isinstance(node, Gap)
            else plain_text((node,)) or " "
            if not hasattr(node, "text")
            else node.text
            for node in card.front
        ).split()
    )


@pytest.mark.parametrize(
    ("text", "fronts", "answers"),
    [
        ("Who drew the hare?::A small team [00:10]", ["Who drew the hare?"], ["A small team"]),
        ("Frames a second::24", ["Frames a second"], ["24"]),
        ("- Frames a second :: 24\n- Reels::3", ["Frames a second", "Reels"], ["24", "3"]),
        ("Hare:::Hase", ["Hare", "Hase"], ["Hase", "Hare"]),
        ("What is a rig?\n?\nThe bones of a model", ["What is a rig?"], ["The bones of a model"]),
        ("Rig\n??\nBones", ["Rig", "Bones"], ["Bones", "Rig"]),
        ("What moves?\n?\n\n- the hare\n- the grass", ["What moves?"], ["the hare the grass"]),
        ("The hare was drawn in ==Blender== by hand.", ["The hare was drawn in [1:Blender] by hand."], ["Blender"]),
        ("==Grass== and ==light== took longest.", ["[1:Grass] and [2:light] took longest."], ["Grass; light"]),
        ("It ran {{c1::ten}} minutes.", ["It ran [1:ten] minutes."], ["ten"]),
        ("It ran {{c2::ten::a number}} minutes.", ["It ran [2:ten|a number] minutes."], ["ten"]),
        ("{{c1::Hare}} and {{c1::squirrel}} met.", ["[1:Hare] and [1:squirrel] met."], ["Hare; squirrel"]),
        ("What is a matte? #flashcard\n\nA painted mask.", ["What is a matte?"], ["A painted mask."]),
        ("## Rotoscoping #card\n\nDrawing over film.", ["Rotoscoping"], ["Drawing over film."]),
    ],
)
def test_marked_cards(text: str, fronts: list[str], answers: list[str]) -> None:
    found = cards(text)
    assert [front(card) for card in found] == fronts
    assert [card.answer for card in found] == answers


@pytest.mark.parametrize(
    "text",
    [
        "The renderer keeps a std::vector of lights.",
        "Call `scene::light()` first.",
        "An address such as fe80::1 is local.",
        "It ends: like this.",
        "::",
        "Question::",
        "::Answer",
        "a::b::c",
        "Is that all?",
        "{{c0::nothing}} here",
        "{{c1::}} empty",
        "====",
    ],
)
def test_what_only_looks_like_a_card(text: str) -> None:
    assert cards(text) == []


def test_time_is_that_of_the_marked_text() -> None:
    (card,) = cards("Before. [00:05]\n\nFrames::24 [00:42]")
    assert card.start_ms == 42_000


def test_context_names_the_headings() -> None:
    (card,) = cards("## Tools\n\n### Paint\n\nColour::Umber")
    assert card.context == "Open films › Tools › Paint"


def test_marked_cards_come_at_every_level_and_are_not_mined_again() -> None:
    source = b"---\ntitle: Open films\n---\n\nThe film was first shown in ==2008== in Amsterdam, the Dutch capital."
    note = read_bytes(source, "films/a.md", "films", "a").note
    for level in ("strict", "normal", "all", "none"):
        assert [card.rule for card in cards_of(note, level)] == ["marked-cloze"]


def test_a_line_of_more_parts_than_can_be_told_apart_is_no_card() -> None:
    assert cards("==a *b* " * 7000) == []
