"""Tests mined cards: what each rule proposes, what is refused, what a card shows, and the cost."""

from __future__ import annotations

import time

import pytest

from convert.document.note import Note
from convert.document.walk import plain_text
from convert.extract.cards import LEVELS, Card, Gap, cards_of
from convert.extract.cards.candidate import replace_pronoun
from convert.extract.cards.mining import candidates, context_of, data
from convert.extract.cards.passages import flatten, inlines_of, passages, sentences
from convert.reader import read_bytes
from tests.support.needs import CORPUS, USER_NOTES, needs

TALL = "The Republic of Artel was founded in 1991 by the engineer Ada Lindqvist, who led it until the treaty of 1998."


def read(text: str, title: str = "Bridges of the north") -> Note:
    return read_bytes(f"---\ntitle: {title}\nvideoId: aqz-KE-bpKQ\n---\n\n{text}\n".encode(), "n/a.md", "n", "a").note


def proposed(text: str, title: str = "Bridges of the north") -> set[tuple[str, str]]:
    """Return (rule, answer) of every candidate."""
    note = read(text, title)
    return {(one.candidate.rule, one.candidate.answer) for one in candidates(note, passages(note))}


@pytest.mark.parametrize(
    ("text", "rule", "answer"),
    [
        (TALL, "date", "1991"),
        (TALL, "person", "Ada Lindqvist"),
        ("The span was closed on March 3, 1932, in heavy snow.", "date", "March 3, 1932"),
        ("A caisson is a watertight chamber that is sunk to the bed of a river.", "definition",
         "a watertight chamber that is sunk to the bed of a river"),
        ("The rivet is part of the Building Information Model (BIM) of it.", "acronym", "Building Information Model"),
        ("A flat arch (FA) of the kind was drawn by the Ministry of Roads and Water (MRW) in haste.", "acronym",
         "Ministry of Roads and Water"),
        ("Trains are timed by CTC (Central Track Control) in the valley of the Tarn.", "acronym",
         "Central Track Control"),
        ("The steel was tested with deoxyribonuclease (DRN) before the winter.", "acronym", "deoxyribonuclease"),
        ("A resonance occurs when the wind and the deck swing at one pace.", "occurrence",
         "when the wind and the deck swing at one pace"),
        ("- **Ring of Stone (ROS)**: it holds the lamp above the water.", "acronym", "Ring of Stone"),
        ("## Bureau of Old Bridges (BOB)\n\nIt was small.", "acronym", "Bureau of Old Bridges"),
        ("A map of the Sunken Stone Road (SSR) was drawn.", "acronym", "Sunken Stone Road"),
        ("**Early years** The Republic of Artel was founded in 1991.", "date", "1991"),
        ("Short beams set in a wall are called corbels by every mason.", "naming", "corbels"),
        ("The cables failed because the salt air had eaten their inner wires.", "cause",
         "the salt air had eaten their inner wires"),
    ],
)  # fmt: skip
def test_rules_propose(text: str, rule: str, answer: str) -> None:
    assert (rule, answer) in proposed(text)


@pytest.mark.parametrize(
    "text",
    [
        "This means that the load of 400 tons was too high for it.",
        "What did the engineers find in 1932?",
        "Click the button to open the drawing of 1932.",
        "In 1932.",
        "The transcript gives no information on the year 1932.",
    ],
)
def test_sentences_that_carry_no_card(text: str) -> None:
    assert proposed(text) == set()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The model has a hidden dimension of 1152 and four beams.", "1152"),
        ("The bridge could have been finished by 1932 with more steel.", "1932"),
        ("Vaskholm was founded in 1932 or 1934 by monks.", "1932"),
        ("The treaty of 1932 was signed on May 3, 1932, in Artel.", "1932"),
        ("By the 1930s, the Tarn had grown tired of its ferries.", "1930s"),
        ("After he left Artel, he was crowned in 1932 in Vask.", "1932"),
        ("The Tarn Viaduct is a major source of pride for the valley.", "a major source of pride for the valley"),
        ("The Tarn Viaduct is a marvel.", "a marvel"),
        ("After the 1932 Vaskholm flood the piers were built anew.", "1932 flood"),
    ],
)  # fmt: skip
def test_answers_that_no_rule_proposes(text: str, answer: str) -> None:
    assert answer not in {found for _, found in proposed(text)}


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("A resonance takes place when", "When does a resonance take place?"),
        ("Resonances take place when", "When do Resonances take place?"),
        ("A resonance arises because", "Why does a resonance arise?"),
        ("Resonances occur if", "When do Resonances occur?"),
    ],
)
def test_the_verb_of_an_occurrence_agrees_in_its_question(text: str, question: str) -> None:
    note = read(f"{text} the wind and the deck swing at one pace.")
    assert question in {one.candidate.question for one in candidates(note, passages(note))}


def test_a_subject_without_words_is_no_term() -> None:
    assert proposed('"" is a chamber that is sunk to the bed of a river.') == set()


def test_plural_letters_are_asked_in_the_singular() -> None:
    assert ("acronym", "cable stay tower") in proposed("The wind bent two cable stay towers (CSTs) near the town.")


def test_letters_are_found_in_sentences_that_carry_no_other_card() -> None:
    assert proposed("This was decided by the Northern Bridge Office (NBO) in 1932.") == {
        ("acronym", "Northern Bridge Office")
    }


def test_lists_need_a_lead_that_bounds_them() -> None:
    items = "\n\n- tension\n- compression"
    assert ("list", "tension; compression") in proposed(f"A truss works by two forces:{items}")
    assert ("list", "tension; compression") in proposed(f"The main forces in a truss are:{items}")
    assert not {rule for rule, _ in proposed(f"A truss has some benefits:{items}")} & {"list"}


def test_a_sentence_gives_a_card_for_each_date_and_one_other() -> None:
    text = "The Republic of Artel was founded in 1911, and the treaty of Vask was signed by its president in May 1924."
    cards = cards_of(read(text), "all", with_sections=False)
    assert {card.answer for card in cards if card.rule == "date"} == {"1911", "May 1924"}
    assert sum(card.rule != "date" for card in cards) <= 1


def test_answers_that_the_title_gives_away_are_refused() -> None:
    text = "Bridges that hang from cables are called suspension bridges by every mason."
    assert "suspension bridges" in {answer for _, answer in proposed(text)}
    answers = {answer for _, answer in proposed(text, "Suspension bridges")}
    assert not any("suspension bridge" in answer for answer in answers)


def test_context_leaves_out_headings_that_hold_the_answer() -> None:
    note = read(f"## Before the flood\n\n### Ada Lindqvist\n\n{TALL}")
    found = {one.candidate.answer: one.candidate for one in candidates(note, passages(note))}
    assert context_of(note.title, found["1991"]) == "Bridges of the north › Before the flood › Ada Lindqvist"
    assert context_of(note.title, found["Ada Lindqvist"]) == "Bridges of the north › Before the flood"


@pytest.mark.parametrize(
    ("text", "before", "heading", "expected"),
    [
        ("It was built twice.", "The Tarn Viaduct is a bridge of brick.", "", "The Tarn Viaduct was built twice."),
        ("It's built of brick.", "The Tarn Viaduct is a bridge of brick.", "", "The Tarn Viaduct is built of brick."),
        ("Its piers are hollow.", "The Tarn Viaduct is a bridge of brick.", "", "The Tarn Viaduct’s piers are hollow."),
        ("They hold the deck.", "Voussoirs are wedge stones.", "", "Voussoirs hold the deck."),
        ("She drew it alone.", "Ada Lindqvist was the engineer.", "", "Ada Lindqvist drew it alone."),
        ("This arch is flat.", "", "Jack Arch", "The Jack Arch is flat."),
        ("She drew it alone.", "The Tarn Viaduct is a bridge of brick.", "", ""),
        ("It is important to rest.", "The Tarn Viaduct is a bridge of brick.", "", ""),
        ("They hold the deck.", "The Tarn Viaduct is a bridge of brick.", "", ""),
        ("It was late.", "Some people left.", "", ""),
        ("Rain fell.", "The Tarn Viaduct is a bridge of brick.", "", ""),
    ],
)
def test_pronouns(text: str, before: str, heading: str, expected: str) -> None:
    assert replace_pronoun(text, before, heading) == expected


def test_stamps_belong_to_the_sentence_before_them() -> None:
    note = read("One bridge fell [00:10]. Two stood [00:20], [00:25].\nThree burned. [00:30]")
    found = [(s.text, s.start_ms) for s in sentences(flatten(note.blocks[0].children))]  # type: ignore[union-attr]
    assert found == [("One bridge fell.", 10_000), ("Two stood.", 20_000), ("Three burned.", 30_000)]


def test_abbreviations_end_no_sentence() -> None:
    note = read("Dr. A. Lind met Prof. Ost at 9 a.m. on No. 4 pier, i.e. the old one. It rained.")
    assert len(sentences(flatten(note.blocks[0].children))) == 2  # type: ignore[union-attr]


def test_maths_is_shown_whole() -> None:
    note = read("The sag of the cable in 1932 was given by $f = \\frac{wl^2}{8h}$ in the drawings of Lindqvist.")
    clause = next(candidates(note, passages(note))).candidate.clause
    assert [type(node).__name__ for node in inlines_of(clause.text, clause.prose.sentence.atoms)] == [
        "Text",
        "Math",
        "Text",
    ]
    masks = {one.candidate.answer for one in candidates(note, passages(note))}
    assert "1932" in masks


def test_levels_hold_fewer_and_surer_cards() -> None:
    note = read("\n\n".join(f"In 19{year}, the Republic of Artel signed the treaty of {name} with its neighbours."
                            for year, name in ((11, "Lorn"), (24, "Vask"), (36, "Tarn"))))  # fmt: skip
    counts = [len(cards_of(note, level, with_sections=False)) for level in LEVELS]
    assert counts[0] <= counts[1] <= counts[2]
    assert counts[2] == 3
    assert counts[3] == 0
    assert len(cards_of(note, "all", 2, with_sections=False)) == 2


def test_cards_carry_their_reasons_and_chance() -> None:
    (card, *_) = cards_of(read(TALL), "all", with_sections=False)
    assert 0 < card.score < 1
    assert {reason.name for reason in card.reasons} & {"worth", f"rule_{card.rule}", "year"}
    weights = [abs(reason.weight) for reason in card.reasons]
    assert weights == sorted(weights, reverse=True)


def test_no_card_twice() -> None:
    note = read(f"{TALL}\n\n## Again\n\n{TALL}")
    found = cards_of(note, "all", with_sections=False)
    assert len({card.answer for card in found}) == len(found) <= 4


def test_notes_in_other_languages_are_not_mined() -> None:
    note = read("Die Brücke wurde 1932 von Ada Lindqvist gebaut und trägt noch heute viele Züge über den Fluss.")
    assert cards_of(note, "all", with_sections=False) == []


def test_section_cards_say_what_stands_below() -> None:
    kinds = "## Kinds\n\nThere are two:\n\n- flat\n- round"
    note = read(f"## Piers\n\nThey are hollow. [00:10]\n\n{kinds}\n\n## Empty\n\n## Top\n\n### Deep\n\nX.")
    cards = [card for card in cards_of(note, "none") if card.kind == "section"]
    assert [plain_text(c.front) for c in cards] == [  # type: ignore[arg-type]
        "Piers: what are the main points?", "Kinds: what are the main points?", "Top: what are the main points?",
        "Deep: what are the main points?",
    ]  # fmt: skip
    assert [c.answer for c in cards] == ["They are hollow.", "There are two: flat round", "Deep", "X."]
    assert cards[0].start_ms == 10_000


def gaps(card: Card) -> list[Gap]:
    return [node for node in card.front if isinstance(node, Gap)]


@needs("user-note")
def test_the_users_note_gives_cards_that_stand() -> None:
    data = next(USER_NOTES.glob("*.txt")).read_bytes()
    found = cards_of(read_bytes(data, "n.txt", "n", "n").note)
    mined = [card for card in found if card.kind != "section"]
    assert len(found) - len(mined) == 11
    assert len(mined) >= 10
    assert all(card.start_ms is not None for card in found)
    for card in mined:
        assert card.answer
        assert card.answer not in card.context
        assert len(gaps(card)) == (card.kind == "cloze")


@needs("corpus")
def test_mining_costs_ten_milliseconds_a_note() -> None:
    notes = []
    for path in sorted(CORPUS.glob("*/*.md"))[::40]:
        notes.append(read_bytes(path.read_bytes(), path.name, path.parent.name, path.stem).note)
    for note in notes[:10]:
        cards_of(note)
    times = []
    for _ in range(3):
        start = time.process_time()
        for note in notes:
            cards_of(note)
        times.append((time.process_time() - start) / len(notes))
    assert min(times) < 0.015, "10 ms on a quiet machine; half as much again is allowed here"


def test_letters_are_sure_and_causes_have_a_bar() -> None:
    text = (
        f"{TALL}\n\nThe cables failed because the salt air had eaten their inner wires.\n\nA flat arch (FA) was drawn."
    )
    found = cards_of(read(text), "all", with_sections=False)
    assert {card.score > 0.9 for card in found if card.rule == "acronym"} == {True}
    assert all(card.score >= data()["bars"]["cause"] for card in found if card.rule == "cause")
    levels_of = [[c.rule for c in cards_of(read(text), level, with_sections=False)] for level in ("strict", "normal")]
    assert "acronym" in levels_of[0]
    assert set(levels_of[0]) <= set(levels_of[1])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The load is $q=mg$ on **each** pier.", "The load is q=mg on each pier."),
        ("It holds. Consider the load:\n\n$$q=mg$$", "It holds. Consider the load: q=mg"),
        ("It holds. It is drawn so:\n\n```\nx\n```", "It holds."),
        ("An arch has parts:\n\n### Key\n\nTop.\n\n### Foot\n\nBase.", "An arch has parts: Key Foot"),
        ("- Arch:\n  - round\n- Beam: flat", "Arch Beam: flat"),
        ("| a | b |\n| --- | --- |\n| $c$ | d |", "a b c d"),
    ],
)
def test_section_cards_tell_formulas_and_what_a_colon_announces(text: str, answer: str) -> None:
    cards = [card for card in cards_of(read(f"## Loads\n\n{text}"), "none") if card.rule == "section"]
    assert cards[0].answer == answer


def test_a_question_is_answered_by_the_list_that_the_answer_announces() -> None:
    text = "## What are the types of arch?\n\nSome are old. The types of arch are:\n\n- round\n- flat"
    (card,) = cards_of(read(text), "none")
    assert card.answer == "Some are old. The types of arch are: round flat"


def test_words_of_a_marked_answer_are_told_once() -> None:
    (card,) = cards_of(read("What bears it::**two piers** of $n$ tons"), "none")
    assert card.answer == "two piers of n tons"
