"""Tests that cards of hostile notes cost time in proportion to their length, and what such notes still give."""

from __future__ import annotations

import tracemalloc

import pytest

from convert.document.note import Note
from convert.document.walk import plain_text
from convert.extract.cards import cards_of
from convert.extract.cards.candidate import LONGEST_SENTENCE
from convert.extract.cards.card_blocks import LONGEST_WORDS, MOST_FOOTNOTES
from convert.extract.cards.mining import candidates
from convert.extract.cards.passages import LONGEST_HEADING, passages
from convert.reader import read_bytes
from convert.writers.anki import deck
from convert.writers.anki.deck_cards import (
    LONGEST_CONTEXT,
    LONGEST_TAG,
    LONGEST_TAGS,
    LONGEST_TITLE,
    MOST_TAGS,
    deck_cards,
)
from tests.support.anki_cases import Deck
from tests.support.limits import limit, needs_limit

SECONDS = 5
"""Limit of CPU for a note: most take less than one, and each took more than eight when texts were read many times."""
ENGLISH = "The quay of the old town was built of stone in 1932, and it is the base of the light on the bay.\n\n" * 20
SIZE = 100_000


def pumped(fragment: str, size: int = SIZE) -> str:
    return fragment * (size // len(fragment))


def read(text: str) -> Note:
    source = f"---\ntitle: Quays\nvideoId: aqz-KE-bpKQ\n---\n\n{ENGLISH}{text}\n"
    return read_bytes(source.encode(), "n/a.md", "n", "a").note


SENTENCES = {
    "letters in one word": "The code " + pumped("G-A-C-T-") + " (drawn above) is read.",
    "letters in each sentence": pumped("The code is " + "G-A-C-T-" * 60 + " (drawn above) for it.\n\n"),
    "letters before brackets": pumped("G-A-C-T-G-A-C-T ") + "(DNA)",
    "letters in open brackets": "The AB (" + pumped("a-"),
    "abbreviations": pumped("Mr. ") + "End.",
    "initials": pumped("Mr. A. B. "),
    "emphasis": pumped("**Oak** Ash bb is. ", 3 * SIZE),
    "brackets": pumped("("),
    "quotation marks": pumped("“"),
    "quotation marks in sentences": pumped("The oak is " + "“" * 1800 + " here.\n\n", 4 * SIZE),
    "digits": pumped("7"),
    "open brackets after a subject": "The oak" + pumped(" (", 3 * SIZE) + " is a tree that grows.",
}
MARKED = {
    "gaps never closed": "aa " + pumped("{{c1::"),
    "gaps never closed after one": "aa {{c1::b}} " + pumped("{{c1::b "),
    "colons in a gap": "aa {{c1::" + pumped("::") + "{",
    "highlights": pumped("==oak== ash ", 2 * SIZE),
    "highlights among gaps": pumped("{{c9::oak}} ==ash== ", 3 * SIZE),
    "an address": pumped("a:") + "g::1",
    "a name": pumped("a1") + "-::b",
    "blanks before a tag": "aa" + pumped(" ") + "x #card\n\nbb",
}
HEADINGS = {
    "a long heading over cards": "# " + pumped("Oak ") + "\n\n" + pumped("What is it::The oak\n\n"),
    "a long heading over sections": "# " + pumped("Oak ") + "\n\n" + pumped("## Ash\n\nbb\n\n"),
    "a long question over sentences": "## What is " + pumped("an oak ") + "?\n\n" + pumped("An oak is a tree. "),
}


@needs_limit
@pytest.mark.parametrize("text", [pytest.param(t, id=k) for k, t in (SENTENCES | MARKED | HEADINGS).items()])
def test_time_is_bounded(text: str) -> None:
    note = read(text)
    with limit(SECONDS):
        deck_cards(cards_of(note, with_sections=True), note)


def test_an_endless_sentence_is_no_card() -> None:
    wall = "The wall was built by the Layer of Old Mortar (LOM) in 1911, because it rained"
    short, long = (f"{wall}{' so' * (length // 3)}." for length in (300, LONGEST_SENTENCE))
    assert "acronym" in {one.candidate.rule for one in candidates(read(short), passages(read(short)))}
    assert not [one for one in candidates(read(long), passages(read(long))) if "wall" in one.candidate.clause.text]


def test_an_endless_heading_is_cut_on_its_cards() -> None:
    cards = cards_of(read("## " + "Oak " * 200 + "\n\nIt grows.\n\nWhat grows::The oak"), with_sections=True)
    section, marked = (card for card in cards if card.rule in {"section", "marked-inline"} and card.line > 40)
    assert len(plain_text([node for node in section.front if hasattr(node, "text")])) < LONGEST_HEADING + 40
    assert len(marked.context) < LONGEST_HEADING + 20


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("A {{c1::b::c}} d.", "b"),
        ("A {{c1::b}c::d}} e.", "b}c"),
        ("A {{c1::b::c}d}} e.", "b::c}d"),
        ("A {{c1::::b}} c.", "::b"),
        ("A {{c1::b}}} c.", "b"),
        ("A {{c1::b c {{c2::d}} e.", "d"),
        ("A {{c1::{b}::c}} d.", "{b}"),
    ],
)
def test_gaps_end_where_they_did(line: str, answer: str) -> None:
    assert [card.answer for card in cards_of(read(line), "none") if card.kind == "cloze"] == [answer]


def test_tags_of_a_note_are_bounded_because_each_card_carries_them() -> None:
    tags = ", ".join([f"t{number}" for number in range(MOST_TAGS * 2)])
    note = read_bytes(f"---\ntags: [{tags}]\n---\n\nOak::Ash [0:01]\n".encode(), "n/a.md", "n", "a").note
    (card,) = deck_cards(cards_of(note), note)
    assert len([tag for tag in card.tags if tag.startswith("tag::")]) == MOST_TAGS
    note = read_bytes(f"---\ntags: {'t' * 999}\n---\n\nOak::Ash [0:01]\n".encode(), "n/a.md", "n", "a").note
    (card,) = deck_cards(cards_of(note), note)
    assert f"tag::{'t' * LONGEST_TAG}" in card.tags
    for many in (", ".join(["t" * 190 + str(number) for number in range(90)]), ", ".join(["/" * 190] * 90)):
        note = read_bytes(f"---\ntags: [{many}]\n---\n\nOak::Ash [0:01]\n".encode(), "n/a.md", "n", "a").note
        (card,) = deck_cards(cards_of(note), note)
        assert LONGEST_TAG < sum(map(len, card.tags)) < LONGEST_TAGS + 200


def test_title_and_headings_of_a_note_are_bounded_because_each_card_carries_them() -> None:
    headings = "".join([f"{'#' * level} {'h' * 290}\n\n" for level in range(1, 7)])
    note = read_bytes(f"---\ntitle: {'t' * 900}\n---\n\n{headings}Oak::Ash [0:01]\n".encode(), "n/a.md", "n", "a").note
    (card,) = deck_cards(cards_of(note), note)
    assert sum(map(len, card.fields)) < LONGEST_TITLE + LONGEST_CONTEXT + 100


def test_footnotes_on_the_cards_of_a_note_are_bounded_because_each_card_has_its_copy() -> None:
    def size(foot: str, cards: str) -> int:
        note = read_bytes(f"{foot}\n\n{cards}".encode(), "n/a.md", "n", "a").note
        return sum([len(field) for card in deck_cards(cards_of(note, "none"), note) for field in card.fields])

    asked = "".join([f"Oak {number}::Ash[^1]\n\n" for number in range(300)])
    for long in (
        "w " * 20_000,
        f"[w](https://example.org/{'w' * 40_000})",
        f"${'w+' * 20_000}$",
        "![w](w.png) " * 4000,
    ):
        assert size(f"[^1]: {long}", asked) < 300 * (LONGEST_WORDS + 200)
    lines = "".join([f"Oak =={number}== a[^1].\n\n" for number in range(300)])
    assert size(f"[^1]: {'w ' * 4000}", lines) < MOST_FOOTNOTES + 300 * 200
    assert size(f"[^1]: {'w ' * 4000}", "Oak::Ash[^1]\n\n" * 300) < MOST_FOOTNOTES + 300 * 200
    feet = "".join([f"[^{number}]: {'w ' * 40}\n\n" for number in range(200)])
    marks = "".join([f"[^{number}]" for number in range(200)])
    cards = "".join([f"Oak {number}::Ash{marks}\n\n" for number in range(100)])
    assert size(feet, cards) < MOST_FOOTNOTES + len(cards) * 5


def test_a_note_of_endless_cards_gives_the_first_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deck, "MOST_CARDS", 3)
    made = Deck([read_bytes(b"Oak tree::Ash\n\n" * 2 + b"Elm tree::Fir\n\n" * 3, "films/a.md", "films", "a").note])
    assert made.message("cards-left-out") == "only the first 3 of 5 cards are in the deck: divide the note into several"
    assert made.counts["cards"] == 2


@pytest.mark.parametrize("text", ["- a\n", "> a\n\n", "a (b)\n\n", "- (AB)\n", "The oak is a tree that grows.\n\n"])
def test_tiny_sentences_take_little_memory(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a sentence that gives no card nothing is kept: each took 1,800 bytes."""
    monkeypatch.setattr("convert.extract.cards.mining.MOST_SEEN", 100)
    found, number = read(text * 1500), 1500
    read_passages = passages(found)
    list(candidates(found, read_passages))  # what is loaded and cached is not counted
    tracemalloc.start()
    for _ in candidates(found, read_passages):
        pass
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most / number < 1000


def test_what_is_not_kept_would_give_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(
        f"The town of Oak{letter * 2} was built in {1900 + number}, and the Royal Ash Board (RAB) ran the quay.\n\n"
        for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz" * 4)
    )
    found = read(text)
    wanted = list(candidates(found, passages(found)))
    assert len(wanted) > 80
    monkeypatch.setattr("convert.extract.cards.mining.MOST_SEEN", 0)
    assert list(candidates(found, passages(found))) == wanted
