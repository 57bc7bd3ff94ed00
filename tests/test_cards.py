"""Tests mined cards: what each rule proposes, what is refused, what a card shows, and the cost."""

from __future__ import annotations

import time

import pytest

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import inlines, plain_text
from convert.extract.cards import LEVELS, Card, Gap, cards_of
from convert.extract.cards.candidate import replace_pronoun
from convert.extract.cards.mining import candidates, context_of, likeliest_cards
from convert.extract.cards.model import context_line
from convert.extract.cards.passages import emphasised, flatten, inlines_of, passages, sentences
from convert.reader import read_bytes
from tests.support.needs import CORPUS, USER_NOTES, needs

TALL = "The Republic of Artel was founded in 1911 by the engineer Ada Lindqvist, who led it until the treaty of Vask."


def read(text: str, title: str = "Bridges of the north") -> Note:
    return read_bytes(f"---\ntitle: {title}\nvideoId: aqz-KE-bpKQ\n---\n\n{text}\n".encode(), "n/a.md", "n", "a").note


def proposed(text: str, title: str = "Bridges of the north") -> set[tuple[str, str]]:
    """Return (rule, answer) of every candidate."""
    note = read(text, title)
    return {(one.candidate.rule, one.candidate.answer) for one in candidates(note, passages(note))}


@pytest.mark.parametrize(
    ("text", "rule", "answer"),
    [
        (TALL, "date", "1911"),
        ("The treaty of Vask was signed on March 3, 1932, in Artel.", "date", "1932"),
        ("A caisson is a watertight chamber that is sunk to the bed of a river.", "definition",
         "a watertight chamber that is sunk to the bed of a river"),
        ("The rivet is part of the Building Information Model (BIM) of it.", "acronym", "Building Information Model"),
        ("A flat arch of the kind was drawn by the Union of Roads and Water (URW) in haste.", "acronym",
         "Union of Roads and Water"),
        ("Trains are timed by CTC (Central Track Control) in the valley of the Tarn.", "acronym",
         "Central Track Control"),
        ("The steel was tested with deoxyribonuclease (DRN) before the winter.", "acronym", "deoxyribonuclease"),
        ("- **Ring of Stone (ROS)**: it holds the lamp above the water.", "acronym", "Ring of Stone"),
        ("## Board of Old Bridges (BOB)\n\nIt was small.", "acronym", "Board of Old Bridges"),
        ("A map of the Sunken Stone Road (SSR) was drawn.", "acronym", "Sunken Stone Road"),
        ("**Early years** The Republic of Artel was founded in 1911.", "date", "1911"),
        ("The wall of a loft rests on short beams called corbels.", "naming", "corbels"),
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


def test_a_month_before_a_century_is_no_year() -> None:
    text = "The Kingdom of Artel was founded by Pelagius in March 8th century after a war against the Umayyads."
    assert ("date", "8th century") not in proposed(text)


def test_a_subject_without_words_is_no_term() -> None:
    assert proposed('"" is a chamber that is sunk to the bed of a river.') == set()


def test_plural_letters_are_asked_in_the_singular() -> None:
    assert ("acronym", "cable stay tower") in proposed("The wind bent two cable stay towers (CSTs) near the town.")


def test_letters_are_found_in_sentences_that_carry_no_other_card() -> None:
    assert proposed("This was decided by the Northern Bridge Union (NBU) in 1932.") == {
        ("acronym", "Northern Bridge Union")
    }


def test_a_sentence_gives_a_card_for_each_date_and_one_other() -> None:
    text = "The Republic of Artel was founded in June 1911, and a treaty was signed by its president in May 1924."
    cards = cards_of(read(text), "all")
    assert {card.answer for card in cards if card.rule == "date"} == {"1911", "1924"}
    assert sum(card.rule != "date" for card in cards) <= 1


def test_answers_that_the_title_gives_away_are_refused() -> None:
    text = "The valley is crossed by roads on cables, a kind called suspension bridges."
    assert "suspension bridges" in {answer for _, answer in proposed(text, "Roads of the north")}
    answers = {answer for _, answer in proposed(text, "Suspension bridges")}
    assert not any("suspension bridge" in answer for answer in answers)


def test_context_leaves_out_headings_that_hold_the_answer() -> None:
    text = f"{TALL}\n\nThe wall of a loft rests on short beams called corbels."
    note = read(f"## Before the flood\n\n### Corbel and pier\n\n{text}")
    found = {one.candidate.answer: one.candidate for one in candidates(note, passages(note))}
    assert context_of(note.title, found["1911"]) == "Bridges of the north › Corbel and pier"
    assert context_of(note.title, found["corbels"]) == "Bridges of the north › Before the flood"


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
    note = read("The law of $f = \\frac{wl^2}{8h}$ was proved in 1932 by the engineer Ada Lindqvist in Artel.")
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
    counts = [len(cards_of(note, level)) for level in LEVELS]
    assert counts[0] <= counts[1] <= counts[2]
    assert counts[2] == 3
    assert counts[3] == 0
    assert len(cards_of(note, "all", 2)) == 2


def test_cards_carry_their_reasons_and_chance() -> None:
    (card, *_) = cards_of(read(TALL), "all")
    assert 0 < card.score < 1
    assert {reason.name for reason in card.reasons} & {"worth", f"rule_{card.rule}", "year"}
    weights = [abs(reason.weight) for reason in card.reasons]
    assert weights == sorted(weights, reverse=True)


def test_no_card_twice() -> None:
    note = read(f"{TALL}\n\n## Again\n\n{TALL}")
    found = cards_of(note, "all")
    assert len({card.answer for card in found}) == len(found) <= 4


def test_notes_in_other_languages_are_not_mined() -> None:
    note = read("Die Brücke wurde 1932 von Ada Lindqvist gebaut und trägt noch heute viele Züge über den Fluss.")
    assert cards_of(note, "all") == []


def faces(cards: list[Card], rule: str) -> list[tuple[str, str]]:
    """Return (front, answer) of the cards of a rule."""
    return [(plain_text(card.front), card.answer) for card in cards if card.rule == rule]  # type: ignore[arg-type]


def test_section_cards_come_only_if_asked_for() -> None:
    kinds = "## Kinds\n\nThere are two:\n\n- flat\n- round"
    note = read(f"## Piers\n\nThey are hollow. [00:10]\n\n{kinds}\n\n## Empty\n\n## Top\n\n### Deep\n\nX.")
    assert cards_of(note, "none") == []
    cards = cards_of(note, "none", with_sections=True)
    assert faces(cards, "section") == [
        ("Piers: what are the main points?", "They are hollow."),
        ("Kinds: what are the main points?", "There are two: flat round"),
        ("Top: what are the main points?", "Deep"),
        ("Deep: what are the main points?", "X."),
    ]
    assert cards[0].start_ms == 10_000


@pytest.mark.parametrize(
    "heading",
    [
        "Conclusion",
        "Credits",
        "A short introduction",
        "Summary of all this",
        "Our sponsors",
        "Overview",
        "Key takeaways",
    ],
)
def test_sections_around_the_matter_give_no_card(heading: str) -> None:
    assert cards_of(read(f"## {heading}\n\nThe piers are hollow."), "none", with_sections=True) == []


def test_a_long_section_gives_no_card() -> None:
    text = (
        "The piers of the viaduct stand in rows of four, and each of them is hollow from its foot to its head, so that"
    )
    text += " the masons could climb in them."
    assert cards_of(read(f"## Piers\n\n{text} {text}"), "none", with_sections=True) == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("## What is a caisson?\n\nRain fell. A caisson is a watertight chamber sunk to the bed of a river. Deep.",
         "A caisson is a watertight chamber sunk to the bed of a river."),
        ("## What is a dry joint?\n\nAn office of Artel wrote of it, defining it as \"stones laid without mortar\".",
         'An office of Artel wrote of it, defining it as "stones laid without mortar".'),
        ("## What does the mason carry?\n\nRain fell. The mason carries a line of hemp and a plumb of lead.",
         "The mason carries a line of hemp and a plumb of lead."),
        ("## Which stones carry an arch?\n\nThere are two:\n\n- springers\n- voussoirs",
         "There are two: springers voussoirs"),
    ],
)  # fmt: skip
def test_a_heading_that_asks_is_answered_by_default(text: str, answer: str) -> None:
    (card,) = cards_of(read(text), "none")
    assert (card.kind, card.rule, card.answer) == ("section", "heading", answer)
    assert cards_of(read(text), "none", with_sections=True) == [card]


@pytest.mark.parametrize(
    "text",
    [
        "## How does it work?\n\nThe work of it is done by two engines.",
        "## How does a caisson work?\n\nA caisson does its work by the weight of a chamber.",
        "## What makes a caisson different?\n\nA different caisson makes use of a chamber by weight.",
        "## What is a caisson?\n\nA caisson is a chamber of strength, beauty, and weight in the bed of a river.",
        "## What is a caisson?\n\nA caisson is a chamber designed to help the masons of a bridge in the river.",
        "## What is a caisson?\n\nA caisson is a chamber that all bridges of the valley will have some day.",
        "## What are caissons?\n\nEach of the caissons has:\n\n- a chamber\n- a shaft",
        "## What is the model?\n\nThe model is a small copy of the bridge that hangs from the wall of the room.",
        "## What is a caisson?\n\nCaissons were sunk by night. It is a watertight chamber in the bed of a river.",
        "## What is a caisson?\n\nA caisson is one of the most important things in the life of a bridge.",
        "## What is a caisson?\n\nA caisson is not a thing that an office of Artel would have built by itself.",
        "## Why stone for bridges?\n\nStone is good for bridges because it is cheap.",
        "## Who is Ada Lindqvist?\n\nAda Lindqvist is an engineer of bridges in the town of Artel.",
        f"## What is a caisson?\n\nA caisson is a chamber {'of stone and of brick and of wood and of iron ' * 8}.",
    ],
)
def test_a_heading_that_points_or_is_not_answered_gives_no_card(text: str) -> None:
    assert cards_of(read(text), "none") == []


def test_what_a_heading_asks_is_asked_once() -> None:
    note = read("## What is a caisson?\n\nA caisson is a watertight chamber that is sunk to the bed of a river.")
    assert [card.rule for card in cards_of(note, "all")] == ["heading"]


@pytest.mark.parametrize(
    "text",
    [
        "A decade later, in 1932, the Republic of Artel signed the treaty of Vask.",
        "In 1932, the militia overthrew the government of Artel in a coup.",
        "After the flood of the Tarn, it joined the Republic of Artel by treaty in 1932.",
        "The Tarn Company released its new model in 1932 during the war.",
        "In early 1932, the Republic of Artel declared its independence from Vask.",
        "In 1932, 12 percent of the Republic of Artel had seen the war.",
        "The war of Artel, including a raid in 1932, ended with the treaty of Vask.",
        "The iron of the Artel bridge was proved at 1300 °C by the engineer Ada Lindqvist.",
        "Ada Lindqvist, then a student in Artel, bought a house in 1932.",
        "The Republic of Artel was founded in 1995 by the engineer Ada Lindqvist.",
        "The Office of Old Bridges was founded in May 2014 by the engineer Ada Lindqvist.",
        "The Republic of Artel was founded in the 1890s by the engineer Ada Lindqvist.",
        "The Republic of Artel was founded in 1911, two years after the Tarn flood of 1909.",
        "The Republic of Artel (a union of towns) was founded in 1911 by Ada Lindqvist.",
        "The 1911 Artel revolution was led by the engineer Ada Lindqvist.",
        "~400 people of Artel founded the town of Vask in 1911.",
        "Republic of Artel founded in 1911 by the engineer Ada Lindqvist",
        "In 1932, the United Kingdom sent Ada Lindqvist to the office in Artel.",
    ],
)
def test_dates_that_no_textbook_gives(text: str) -> None:
    assert {rule for rule, _ in proposed(text)} & {"date"} == set()


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("In May 2014, Artel invaded the valley of the Tarn.", "2014"),
        ('The term "hanging bridge" emerged in the 1990s during the wars of Artel.', "1990s"),
        ("After the flood of 1909, the Republic of Artel was founded in May 1911.", "1911"),
    ],
)
def test_dates_of_wars_and_terms_may_be_recent_and_those_with_a_month_beside_another(text: str, year: str) -> None:
    assert ("date", year) in proposed(text)


@pytest.mark.parametrize(
    "text",
    [
        "A caisson is one of the chambers that are sunk to the bed of a river.",
        "Tarnsoft is a platform that keeps the drawings of bridges for their engineers.",
        "A caisson is a novel approach to the founding of bridges in a river.",
        "A caisson is a chamber like this chamber in the bed of the river.",
        "A caisson is a watertight chamber.",
        "The second caisson was a chamber that is sunk to the bed of a river.",
        "Ada Lindqvist is an engineer who built the bridges of the Tarn valley.",
    ],
)
def test_definitions_that_define_nothing(text: str) -> None:
    assert {rule for rule, _ in proposed(text)} & {"definition"} == set()


@pytest.mark.parametrize(
    "text",
    [
        "The folds of the inner skin of a pier are called cristae, each of them a crista.",
        "The grandmother of the mason called 911 in the night.",
        "The drawings of the bridge are kept by a company called Tarnsoft.",
        'What the speaker likes is termed a "bridge of thought" by all masons.',
        "The rule of the wedge is known as Lindqvist Law in all schools of Artel.",
        "The arch is called the crown of the bridge by all masons.",
        "The caisson, also known as the diving chamber, is sunk to the bed of a river.",
        "The road of the valley crosses a pass called Vaskholm in the winter.",
        "The masons of Artel feared a failure known as buckling or bending of the piers.",
        "The load of the arch goes through what's known as thrust.",
        "The house regulates its warmth by a process called thermoregulation.",
        "A part of stone called voussoir",
    ],
)
def test_names_that_are_cut_told_or_of_no_use(text: str) -> None:
    assert {rule for rule, _ in proposed(text, "Lindqvist and the arch")} & {"naming"} == set()


@pytest.mark.parametrize(
    "letters", ["Chief Executive Officer (CEO)", "Flat Arch (FA)", "Artel Police Department (APD)"]
)
def test_letters_that_everybody_knows_or_nobody_needs(letters: str) -> None:
    assert proposed(f"The work was shown to the {letters} of the town.") == set()


@pytest.mark.parametrize(
    ("plural", "single"),
    [
        ("cable stay bodies (CSBs)", "cable stay body"),
        ("cable stay boxes (CSBs)", "cable stay box"),
        ("cable stay bypasses (CSBs)", "cable stay bypass"),
        ("joints of steel cables (JSCs)", "joint of steel cables"),
        ("cable stays and towers (CSTs)", "cable stays and towers"),
        ("cable stay anastomoses (CSAs)", "cable stay anastomosis"),
        ("cable stay towers (CSTS)", "cable stay tower"),
        ("'cable stay towers' (CSTs)", "cable stay tower"),
    ],
)
def test_the_singular_of_what_letters_stand_for(plural: str, single: str) -> None:
    assert proposed(f"The wind bent two {plural} near the town.") == {("acronym", single)}


@pytest.mark.parametrize(
    ("text", "title", "group"),
    [
        ("The wind bent the deck by vortex induced motion (VIM) of its air.", "Wind", "term"),
        ("The wind bent the deck by Vortex Induced Motion (VIM) of its air.", "What VIM does", "topic"),
        ("Each cell of the brain has a Vortex Induced Motion (VIM) of its proteins.", "Wind", "topic"),
        ("The wind bent the deck by Vortex Induced Motion (VIM) of its air.", "Wind", "acronym"),
        ("The wind bent the deck by its vortex induced motion group (VIMG).", "Wind", "acronym"),
        ("The wind bent the deck, says the northern union of masons (NUM).", "Wind", "acronym"),
    ],
)
def test_letters_of_terms_are_told_from_those_of_names(text: str, title: str, group: str) -> None:
    note = read(text, title)
    (judged,) = [one for one in candidates(note, passages(note)) if one.candidate.rule == "acronym"]
    for name in ("acronym", "term", "topic"):
        least = {"acronym": 1.0, "term": 1.0, "topic": 1.0} | {name: 0.0}
        assert len(likeliest_cards(note, [judged], least, 9)) == (name == group)


def test_letters_keep_their_case_and_a_shortened_word_is_no_acronym() -> None:
    assert proposed("The weather of the bridge is its environment (ENV) in the valley.") == set()
    assert proposed("The wind of the valley turns the sail pole (TSP) of the mill.") == set()
    cards = cards_of(read("The gene is read at a cAMP response element (CRE) of the cell."), "all")
    assert [card.answer for card in cards] == ["cAMP response element"]
    assert "cAMP response element" in plain_text(cards[0].back[0].children)  # type: ignore[union-attr]


def test_letters_that_the_title_tells_are_refused() -> None:
    text = "The steel was tested by the Central Track Control (CTC) of the valley."
    assert proposed(text) == {("acronym", "Central Track Control")}
    assert proposed(text, "Central track control in the valley") == set()


def test_emphasis_stays_on_the_card() -> None:
    text = "In **Artel**, a *caisson* is a watertight chamber."
    found = sentences(flatten(read(text).blocks[0].children))[0]  # type: ignore[union-attr]
    assert [type(node).__name__ for node in emphasised(found.text, found)] == [
        "Text", "Strong", "Text", "Emphasis", "Text",
    ]  # fmt: skip
    (card,) = cards_of(read("The **Republic of Artel** was founded in 1911 after the *war* of the Tarn."), "all")
    assert [type(node).__name__ for node in card.front] == [
        "Text", "Strong", "Text", "Gap", "Text", "Emphasis", "Text",
    ]  # fmt: skip
    (card,) = cards_of(read("## What is a pier?\n\nA **pier** is a pillar of stone that carries a bridge."), "none")
    assert any(isinstance(node, n.Strong) for node in inlines(card.back))


def test_the_context_is_one_short_line() -> None:
    assert context_line("A", "") == "A"
    assert context_line("A", "B") == "A › B"
    long = "the bridges of the northern valleys and of the towns between them " * 3
    for title, heading in ((long, "B"), ("A", long), (long, long), ("x" * 200, "y" * 200)):
        line = context_line(title, heading)
        assert len(line) <= 80
        assert " › " in line


def gaps(card: Card) -> list[Gap]:
    return [node for node in card.front if isinstance(node, Gap)]


@needs("user-note")
def test_the_users_note_gives_cards_that_stand() -> None:
    data = next(USER_NOTES.glob("*.txt")).read_bytes()
    found = cards_of(read_bytes(data, "n.txt", "n", "n").note)
    assert len(found) >= 4
    assert [card.rule for card in found if card.kind == "section"] == ["heading"]
    for card in found:
        assert card.start_ms is not None
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
    cards = [
        card for card in cards_of(read(f"## Loads\n\n{text}"), "none", with_sections=True) if card.rule == "section"
    ]
    assert cards[0].answer == answer


def test_a_question_is_answered_by_the_list_that_the_answer_announces() -> None:
    text = "## What are the types of arch?\n\nSome are old. The types of arch are:\n\n- round\n- flat"
    (card,) = cards_of(read(text), "none")
    assert card.answer == "The types of arch are: round flat"


def test_words_of_a_marked_answer_are_told_once() -> None:
    (card,) = cards_of(read("What bears it::**two piers** of $n$ tons"), "none")
    assert card.answer == "two piers of n tons"
