"""Tests the deck writer: reproducible bytes, identity, counts of changes, nothing active in cards."""

from __future__ import annotations

import html
import re
import time

import msgspec
import pytest

from convert.document import nodes as n
from convert.document.note import Video
from convert.errors import UsageError
from convert.extract.cards.model import Card, face_of
from convert.writers.anki import AnkiOptions, deck_cards
from convert.writers.anki.deck_cards import video_tag
from convert.writers.anki.identity import Manifest
from convert.writers.anki.reading import read_package
from tests.support.anki_cases import Deck, note, paragraph, section


def two_sections(last: str = "The meadow was grown from a scan.", second: str = "Grass") -> n.Section:
    return section(
        "Light",
        paragraph("The sun is one lamp.", 10_000),
        section(second, paragraph(last, 95_000), level=3),
    )


def test_same_notes_give_the_same_bytes() -> None:
    first, again = Deck([note(two_sections())]), Deck([note(two_sections())])
    assert first.package == again.package
    assert first.state == again.state


def test_the_report_counts_cards_by_rule() -> None:
    deck = Deck([note(section("Light", paragraph("What is a rig?::The bones of a model", 1_000)), section("Grass"))])
    assert deck.counts == {"cards": 2, "cards_marked_inline": 1, "cards_section": 1}


def test_nothing_changed_gives_the_same_package_from_its_own_state() -> None:
    first = Deck([note(two_sections())])
    second = Deck([note(two_sections())], previous=first.state)
    assert second.package == first.package
    assert second.message("deck-changes") == "0 new, 0 changed, 2 unchanged, 0 vanished"


def test_mod_rises_on_the_changed_card_alone() -> None:
    first = Deck([note(two_sections())])
    second = Deck([note(two_sections("The meadow was drawn by hand."))], previous=first.state)
    third = Deck([note(two_sections("The meadow was drawn by two hands."))], previous=second.state)
    mods = [[card.mod for card in read_package(deck.package)] for deck in (first, second, third)]
    assert [[mod - mods[0][0] for mod in row] for row in mods] == [[0, 0], [0, 1], [0, 2]]
    assert second.message("deck-changes") == "0 new, 1 changed, 1 unchanged, 0 vanished"


def test_lost_state_is_read_from_the_last_package() -> None:
    first = Deck([note(two_sections())])
    second = Deck([note(two_sections("It was drawn by hand."))], previous=first.state)
    third = Deck([note(two_sections("It was drawn twice."))], previous_artifact={"films.apkg": second.package}.get)
    assert [c.guid for c in read_package(third.package)] == [c.guid for c in read_package(first.package)]
    assert read_package(third.package)[1].mod == read_package(second.package)[1].mod + 1
    assert "deck-memory-none" not in third.codes()


@pytest.mark.parametrize("artifact", [b"", b"PK\x03\x04 no zip", b"SQLite format 3\0"])
def test_broken_memory_is_a_warning(artifact: bytes) -> None:
    deck = Deck([note(two_sections())], previous=b"\xff", previous_artifact=lambda _: artifact)
    assert deck.codes().count("deck-memory-lost") == 2


def test_first_deck_says_that_nothing_came_before() -> None:
    assert "deck-memory-none" in Deck([note(two_sections())]).codes()


def test_renamed_heading_keeps_its_card() -> None:
    first = Deck([note(two_sections())])
    second = Deck([note(two_sections(second="Grasses"))], previous=first.state)
    assert [c.guid for c in read_package(second.package)] == [c.guid for c in read_package(first.package)]
    assert second.message("deck-changes") == (
        "0 new, 1 changed, 1 unchanged, 0 vanished, 1 of them followed to a new place"
    )


def test_an_unrelated_card_of_the_same_time_inherits_nothing() -> None:
    options = AnkiOptions(section_cards=False)
    first = Deck([note(paragraph("What is a rig?::The bones of a model", 10_000))], options)
    replaced = [note(paragraph("Who drew the grass?::Nobody, it grew", 10_000))]
    second = Deck(replaced, options, previous=first.state)
    (before,), (after,) = read_package(first.package), read_package(second.package)
    assert (after.guid != before.guid, after.mod) == (True, before.mod)
    assert second.message("deck-changes") == "1 new, 0 changed, 0 unchanged, 1 vanished"


def test_vanished_card_is_named_and_returns_newer() -> None:
    first = Deck([note(two_sections())])
    second = Deck([note(section("Light", paragraph("The sun is one lamp.", 10_000)))], previous=first.state)
    assert second.codes().count("card-vanished") == 1
    third = Deck([note(two_sections("Mown."))], previous=second.state)
    assert read_package(third.package)[1].guid == read_package(first.package)[1].guid
    assert read_package(third.package)[1].mod == read_package(first.package)[1].mod + 1
    assert "card-vanished" not in third.codes()


def test_sections_of_two_notes_of_one_video_stay_apart() -> None:
    deck = Deck([note(two_sections()), note(two_sections(), slug="meadow-2")])
    assert len({card.guid for card in read_package(deck.package)}) == 4


def test_each_card_links_to_the_second() -> None:
    watch = [card.fields[3] for card in read_package(Deck([note(two_sections())]).package)]
    assert watch == [
        '<a href="https://youtu.be/aqz-KE-bpKQ?t=10">Watch at 0:10</a>',
        '<a href="https://youtu.be/aqz-KE-bpKQ?t=95">Watch at 1:35</a>',
    ]


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        ("A film", "A film"),
        ("A film › Light", '<span class="nb-place">A film</span> <span class="nb-place">› Light</span>'),
        ("A › B › C", '<span class="nb-place">A › B</span> <span class="nb-place">› C</span>'),
        (
            "<b> › {{c}}",
            '<span class="nb-place">&lt;b&gt;</span> <span class="nb-place">› &#123;&#123;c&#125;&#125;</span>',
        ),
    ],
)
def test_title_and_heading_on_top_are_parts_that_a_narrow_card_shows_below_each_other(context: str, shown: str) -> None:
    card = Card(
        kind="basic", rule="own", front=face_of("Why?"), answer="", context=context, anchor="a", start_ms=0, line=0
    )
    assert deck_cards.deck_cards([card], note())[0].fields[2] == shown


def test_note_without_video_has_cards_without_links() -> None:
    (first, _) = read_package(Deck([note(two_sections(), video=None)]).package)
    assert first.fields[3] == ""


def test_tags_and_deck() -> None:
    (first, _) = read_package(Deck([note(two_sections())]).package)
    assert first.tags == ("channel::films", "note::meadow", "rule::section", "video::aqz-KE-bpKQ")
    assert video_tag(Video("youtube", "-aqz--KEbp-")) == "video::-aqz--KEbp-"
    assert first.deck == "Notebind::films"


def test_named_deck_and_deck_per_video() -> None:
    options = AnkiOptions(section_cards=True, deck="Mine::Films", deck_per_video=True)
    other = note(two_sections(), title="Odd :: name", slug="odd", video=Video("youtube", "WhWc3b3KhnY"))
    decks = {card.deck for card in read_package(Deck([note(two_sections()), other], options).package)}
    assert decks == {"Mine::Films::How a meadow film was made", "Mine::Films::Odd : name"}


def test_text_file_on_request() -> None:
    deck = Deck([note(two_sections())], AnkiOptions(section_cards=True, tsv=True))
    lines = deck.files["films.anki.txt"].decode().splitlines()
    assert lines[:2] == ["#separator:Tab", "#html:true"]
    assert len([line for line in lines if not line.startswith("#")]) == 2


def test_two_cards_that_ask_the_same_are_a_diagnostic() -> None:
    deck = Deck([note(paragraph("Lamps::one"), paragraph("Lamps::two", line=3))])
    assert deck.codes().count("card-collision") == 1
    assert [card.fields[1] for card in read_package(deck.package)] == ["<p>one</p>"]


def test_what_letters_stand_for_is_asked_once_a_book() -> None:
    text = "The film was rendered with an Open Shading Language (OSL) of its own in 2008."
    notes = [note(paragraph(text), slug=slug, video=None) for slug in ("one", "two")]
    cards = read_package(Deck(notes, AnkiOptions(cards="all", section_cards=False)).package)
    assert [card.fields[0] for card in cards].count("What does OSL stand for?") == 1


def test_unknown_level_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="known are strict, normal, all, none"):
        AnkiOptions(cards="some")


@pytest.mark.parametrize(
    "text",
    ["a\x1fb", "\ud800", "{{c1::x}}", "}}", "a::b", "[sound:x]", "[latex]", "[$]", "[anki:tts]", "\\(x\\)", "<b>&amp;"],
)
def test_escaped_text_holds_nothing_active(text: str) -> None:
    escaped = deck_cards.escaped(text)
    assert not re.search(r"\{\{|\}\}|::|\[(sound:|latex|\$|anki:)|\\[(\[]|<[^/s]|[\x00-\x08\x1f\ud800]", escaped)


def test_escaped_addresses_stay_the_same() -> None:
    address = "https://youtu.be/a_b-c?t=1&x={{y}}"
    assert html.unescape(deck_cards.escaped(address)) == address


EDITS: list[tuple[n.Section, ...]] = [
    (two_sections(second="Grasses"), section("Sky", paragraph("It is a sphere.", 200_000))),
    (two_sections("Drawn by two hands.", "Grasses"),),
    (two_sections("Drawn by hand."), section("Sky", paragraph("It is a plane.", 200_000))),
]


def test_a_deck_after_a_lost_state_is_the_one_after_a_kept_state() -> None:
    """Cards followed to a new place, changed and stayed: all is recalled from the deck beside."""
    kept = Deck([note(two_sections())])
    for sections in (*EDITS, (), EDITS[0], EDITS[2]):
        recalled = Deck([note(*sections)], previous_artifact={"films.apkg": kept.package}.get)
        kept = Deck([note(*sections)], previous=kept.state)
        assert recalled.package == kept.package
        assert recalled.message("deck-changes") == kept.message("deck-changes")


@pytest.mark.parametrize("damaged", [b"", b"\x90", b"\x83", msgspec.msgpack.encode({"base": 1, "cards": [1]})])
def test_a_damaged_state_is_as_good_as_a_lost_one(damaged: bytes) -> None:
    kept = Deck([note(two_sections())])
    found = Deck([note(*EDITS[0])], previous=damaged, previous_artifact={"films.apkg": kept.package}.get)
    assert found.package == Deck([note(*EDITS[0])], previous=kept.state).package


@pytest.mark.parametrize(
    "change",
    [{"guid": '"><script>'}, {"guid": "a" * 23}, {"mod": 1 << 62}, {"mod": -1}, {"words": "x" * 10_000}],
)
def test_a_state_with_what_no_card_has_is_a_damaged_one(change: dict[str, object]) -> None:
    kept = Deck([note(two_sections())])
    known = msgspec.msgpack.decode(kept.state, type=Manifest)
    known.cards[0] = msgspec.structs.replace(known.cards[0], **change)
    found = Deck([note(*EDITS[0])], previous=msgspec.msgpack.encode(known))
    assert found.codes().count("deck-memory-lost") == 1


def test_a_new_card_is_compared_with_so_many_vanished_ones() -> None:
    kept = Deck([note(two_sections())])
    known = msgspec.msgpack.decode(kept.state, type=Manifest)
    one = known.cards[1]
    crowd = [msgspec.structs.replace(one, key=f"k{number}", guid=f"{number:022}") for number in range(100_000)]
    began = time.process_time()
    Deck([note(two_sections(second="Grasses"))], previous=msgspec.msgpack.encode(Manifest(known.base, crowd)))
    assert time.process_time() - began < 5


def test_an_empty_deck_says_why() -> None:
    deck = Deck([note(section("Light", paragraph("The sun is one lamp.", 1_000)))], AnkiOptions())
    assert deck.counts == {"cards": 0}
    assert "--section-cards" in deck.message("deck-empty")
    assert not {"deck-changes", "deck-memory-none"} & set(deck.codes()), "a deck that never had cards has no changes"
    assert "deck-empty" not in Deck([note(two_sections())]).codes()


@pytest.mark.parametrize(
    ("context", "hidden"),
    [("", True), ("How a meadow… › Light", True), ("How a meadow film was made", True), ("Elsewhere › Light", False)],
)
def test_the_title_is_hidden_below_only_if_the_line_on_top_says_it(context: str, hidden: bool) -> None:
    card = Card(
        kind="basic", rule="own", front=face_of("Why?"), answer="", context=context, anchor="a", start_ms=0, line=0
    )
    ((source,),) = [one.fields[-1:] for one in deck_cards.deck_cards([card], note())]
    cite = "<cite>How a meadow film was made</cite>"
    assert source == (cite if hidden else f'<span class="nb-title">{cite}</span>')
