"""Tests cards that an author marks, in every documented syntax, and text that only looks like one."""

from __future__ import annotations

import time

import pytest

from convert.document import nodes as n
from convert.document.walk import first_time, inlines, plain_text
from convert.extract.cards import Card, Gap, Marks, cards_of
from convert.extract.cards.card_maker import ALL_MARKS
from convert.extract.cards.card_markup import marked_cards
from convert.extract.cards.mining import NO_TASTE
from convert.extract.cards.model import face_text
from convert.reader import read_bytes
from convert.report import Diagnostic
from convert.writers.anki.deck_cards import blocks_html, face_html


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
            if isinstance(node, n.LineBreak | n.Strong | n.Image)
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


PLUG_INS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    # spaced-repetition: decks by tags
    "deck tag above cards": (
        "#flashcards/films\nWhich hare is big?::The grey one\nWho is small?::The squirrel",
        [("Which hare is big?", "The grey one"), ("Who is small?", "The squirrel")],
    ),
    "deck tags of several decks": (
        "#flashcards/a/b #flashcards/c\nA nest of hares::form",
        [("A nest of hares", "form")],
    ),
    "deck tag of one card": ("#flashcards/films Who drew it?::Anna", [("Who drew it?", "Anna")]),
    "deck tag of a card over lines": ("Who sings? #flashcards\n?\nNobody", [("Who sings?", "Nobody")]),
    "deck tag on a heading": ("## Films #flashcards/films\n\nWho?::Anna", [("Who?", "Anna")]),
    # spaced-repetition: lines
    "small letters": ("hase::hare\nab::away\nself::selbst", [("hase", "hare"), ("ab", "away"), ("self", "selbst")]),
    "blanks around colons": ("Hare :: Hase\n- Form ::Sasse", [("Hare", "Hase"), ("Form", "Sasse")]),
    "numbered items": ("1. eins::one\n2. zwei::two", [("eins", "one"), ("zwei", "two")]),
    "sums": ("2 + 2::4", [("2 + 2", "4")]),
    "both sides over lines": (
        "The plan\nof the day\n?\nwake up\nand yawn",
        [("The plan of the day", "wake up and yawn")],
    ),
    "both ways over lines": ("One\ntwo\n??\nthree\nfour", [("One two", "three four"), ("three four", "One two")]),
    "lines before a card over lines": ("a::b\nWhich?\n?\nThis", [("a", "b"), ("Which?", "This")]),
    "a heading asks": ("### Why a hare\n?\nIt is big", [("Why a hare", "It is big")]),
    "a heading with colons": ("### Hare::Hase", [("Hare", "Hase")]),
    "a blank line ends": ("Which?\n?\nThis one\n\nNot this", [("Which?", "This one")]),
    "a list answers": ("How many?\n?\nFour:\n- alpha\n- beta", [("How many?", "Four: alpha beta")]),
    "code answers": (
        "Which code?\n?\n```py\na = 1\n\nb = 2\n```\nthat is it",
        [("Which code?", "a = 1 b = 2 that is it")],
    ),
    "a table answers": ("Which?\n?\n| a | b |\n|---|---|\n| 1 | 2 |", [("Which?", "a b 1 2")]),
    "an announced table answers": (
        "Which?\n?\nThese:\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        [("Which?", "These: a b 1 2")],
    ),
    "a picture answers": ("How does it look?\n?\n![[hare.png]]", [("How does it look?", "hare.png")]),
    "a picture asks": ("![[hare.png]]::Hase", [("hare.png", "Hase")]),
    "an item asks": ("- Who?\n  ?\n  The hare\n- a::b", [("Who?", "The hare"), ("a", "b")]),
    "a schedule": (
        "a::b\n<!--SR:!2026-01-01,3,250-->\n\nc\n?\nd\n<!--SR:!2026-01-01,3,250-->",
        [("a", "b"), ("c", "d")],
    ),
    "a schedule in a callout": ("c\n?\nd\n> [!sr|card-metadata]\n> <!--SR:!2026-01-01,3,250-->", [("c", "d")]),
    # spaced-repetition: gaps
    "gaps": ("The ==hare== met ==Frank==.", [("The [1:hare] met [2:Frank].", "hare; Frank")]),
    "a hint behind a gap": ("It took ==ten==^[a number] years.", [("It took [1:ten|a number] years.", "ten")]),
    "numbers behind gaps": (
        "A ==hare==^[who][^1], a ==wood==[^2], ==grass==[^1].",
        [("A [1:hare|who], a [2:wood], [1:grass].", "hare; wood; grass")],
    ),
    "numbers and hints within": ("==2;;Hare;;who== and ==1;;wood==.", [("[2:Hare|who] and [1:wood].", "Hare; wood")]),
    "colons before gaps": ("Who?::The ==hare==", [("Who?", "The hare")]),
    "bold is no gap": ("The **hare** wakes.", []),
    # flashcards-obsidian
    "answer below the tag": ("Where is it? #card\nOn the right.", [("Where is it?", "On the right.")]),
    "answer behind the tag": ("Where? #card There.", [("Where?", "There.")]),
    "answer after blank lines": ("Where? #flashcard\n\n\nThere.", [("Where?", "There.")]),
    "tag below the question": ("Where?\n#card\nThere.", [("Where?", "There.")]),
    "tag below a heading": ("## Where\n#card\nThere.", [("Where", "There.")]),
    "heading with tags": ("## Tools #card #open/source\nBlender.\n\nNot this.", [("Tools", "Blender.")]),
    "heading and list": ("## Tools #card\n\nThese:\n\n- brush\n- pen", [("Tools", "These: brush pen")]),
    "reversed": ("Hare #card-reverse\nHase", [("Hare", "Hase"), ("Hase", "Hare")]),
    "reversed by a slash": ("Hare #card/reverse\nHase", [("Hare", "Hase"), ("Hase", "Hare")]),
    "prompt": ("Think of the hare #card-spaced", [("Think of the hare", "")]),
    "two tags in a paragraph": ("One? #card\n1\nTwo? #card\n2", [("One?", "1"), ("Two?", "2")]),
    "an item with the tag": ("- Which? #card\n  - a\n  - b\n- other", [("Which?", "a b")]),
    "tags and ids behind cards": ("a::b #c/d ^1612345678901\ne::f ^name1", [("a", "b"), ("e", "f")]),
    "braces": ("A {big hare} and a {fox}.", [("A [1:big hare] and a [2:fox].", "big hare; fox")]),
    "numbered braces": ("A {2:hare} and a {1:fox}.", [("A [2:hare] and a [1:fox].", "hare; fox")]),
    "braces and highlights": ("A {hare} and ==two== foxes.", [("A [1:hare] and [2:two] foxes.", "hare; two")]),
    "sets are no gaps": ("The set {1, 2, 3} or {a, b} and $\\frac{1}{2}$.", []),
    # Obsidian_to_Anki
    "question over lines": (
        "If there are\ntwo lines #flashcard\none answer\ntoo",
        [("If there are two lines", "one answer too")],
    ),
    "Q and A": ("Q: Who?\nA: The hare.\nQ: Where?\nA: There.", [("Who?", "The hare."), ("Where?", "There.")]),
    "Q and A over lines": ("Q: Who\nelse?\nA: These:\n- a\n- b", [("Who else?", "These: a b")]),
    "Q, blank lines, A": ("Q: Who?\n\n\nA: The hare.", [("Who?", "The hare.")]),
    "Q and A with tags and ids": ("Q: Who? #a\nA: The hare.\n<!--ID: 1600000000000-->", [("Who?", "The hare.")]),
    "a note": (
        "START\nBasic\nWho?\nBack: The hare.\nTags: film\n<!--ID: 1600000000000-->\nEND",
        [("Who?", "The hare.")],
    ),
    "a note with names of fields": (
        "START\nBasic\nFront: Which?\nBack:\n- a\n- b\nEND\n\nc::d",
        [("Which?", "a b"), ("c", "d")],
    ),
    "a reversed note": (
        "START\nBasic (and reversed card)\nHare\nBack: Hase\nEND",
        [("Hare", "Hase"), ("Hase", "Hare")],
    ),
    "a note with gaps": ("START\nCloze\n\nA {hare} runs.\n\nEND", [("A [1:hare] runs.", "hare")]),
    "a note on a line": ("STARTI [Basic] Who? Back: The hare. Tags: film ENDI", [("Who?", "The hare.")]),
    "a note with gaps on a line": (
        "x STARTI [Cloze] A {hare} runs. <!--ID: 16--> ENDI",
        [("A [1:hare] runs.", "hare")],
    ),
    "other gaps": (
        "A {c1|hare}, a {{c3::fox}}, a {{2:wood}}.",
        [("A [1:hare], a [3:fox], a [2:wood].", "hare; fox; wood")],
    ),
    "gaps in highlights": ("A ==c2::hare== here.", [("A [2:hare] here.", "hare")]),
    "a deck for the file": ("TARGET DECK\nFilms::Hares\n\na::b", [("a", "b")]),
    "a deck and tags": ("TARGET DECK: Films::Hares\nFILE TAGS: a b\na::b", [("a", "b")]),
    # of several
    "a callout asks": ("> [!question]- Who?\n> The hare. #flashcard", [("Who?", "The hare.")]),
    "a callout with the tag in its title": ("> [!faq] Who? #card\n> The hare.", [("Who?", "The hare.")]),
    "code is no card": ("Call Vec::new() or `a::b` or `#card` here.", []),
    "an address is no card": ("See https://example.org/a::b now.", []),
    "other tags": ("A #cardinal rule\nand more", []),
}
"""Notes after the documentation of the plug-ins, each with its cards: question, and answer in plain words."""


@pytest.mark.parametrize("name", PLUG_INS)
def test_cards_are_those_that_the_plug_in_shows(name: str) -> None:
    text, expected = PLUG_INS[name]
    assert [(front(card), card.answer) for card in cards(text)] == expected


def test_footnotes_are_shown_below_the_answer_and_never_as_marks() -> None:
    (card,) = cards("A hare[^1]::a big one[^1], unlike[^9] others^[foxes]\n\n[^1]: Lepus.")
    html = [blocks_html(card.back), face_html(card.front)]
    below = "<p><sup>1</sup> Lepus.</p>\n<p><sup>2</sup> foxes</p>"
    assert html == [f"<p>a big one<sup>1</sup>, unlike others<sup>2</sup></p>\n{below}", "A hare"]


@pytest.mark.parametrize(
    ("text", "asks", "answer", "anchor"),
    [
        (
            "At [1:10], what is a rig?::Here [1:11]. A **b [1:12]**, c",
            "At, what is a rig?",
            "Here. A b, c",
            "at what is a rig",
        ),
        ("Who ([1:10])?::A hare (see [1:11]) [1:12], [1:13]", "Who?", "A hare (see)", "who"),
        ("[1:10] Who [1:11], [1:12] **is** [1:13]! ::([1:14]) It", "Who is!", "It", "who is"),
        ("Who? #card\nHere [1:10]; there ([1:11]).", "Who?", "Here; there.", "who"),
        ("Who? #card\n- one [1:10], two\n- (see [1:11]) three", "Who?", "one, two (see) three", "who"),
        ("Who? #card\n| a [1:10] | b |\n|---|---|\n| c ([1:11]) | d [1:12]. |", "Who?", "a b c d.", "who"),
        ("The ==hare== [1:10], here [1:11]. Yes ([1:12])!", "The [1:hare], here. Yes!", "hare", "the …  here yes )!"),
        ("The {hare} [1:10], here [1:11]. Yes", "The [1:hare], here. Yes", "hare", "the … here yes"),
        ("What ( ) is , f[^1] ; ::x [y] ! z", "What ( ) is , f ;", "x [y] ! z", "what is f"),
    ],
)
def test_a_stamp_leaves_no_hole_and_no_trace_in_the_identity(text: str, asks: str, answer: str, anchor: str) -> None:
    (card,) = cards(text)
    assert (front(card), card.answer) == (asks, answer)
    assert card.anchor == anchor
    shown = face_html(card.front) + blocks_html(card.back)
    assert "stamp" not in shown


def test_ruby_and_marks_stay() -> None:
    (card,) = cards(
        "<ruby>水<rt>みず</rt></ruby>::==water== <ruby>x</rt></ruby> <kbd onclick='y()'>K</kbd> 10<sup>6</sup>"
    )
    assert face_html(card.front) == "<ruby>水<rp>(</rp><rt>みず</rt><rp>)</rp></ruby>"
    assert blocks_html(card.back) == "<p><mark>water</mark> x <kbd>K</kbd> 10<sup>6</sup></p>"
    assert (face_text(card.front), card.answer) == ("水(みず)", "water x K 10⁶")


def test_what_logseq_wrote_for_itself_is_no_card_and_no_answer() -> None:
    own = "card-last-interval:: 4\ncard-repeats:: 1\ncard-next-schedule:: 2024-05-01T10:00:00.000Z"
    (card,) = cards(f"What is a rig? #card\n{own}\nBones\n\nA line\n\ncollapsed:: true\n")
    assert (front(card), card.answer) == ("What is a rig?", "Bones")


def test_details_answer() -> None:
    (card,) = cards("What is it? #card\n<details><summary>Look</summary>hidden</details>")
    assert blocks_html(card.back) == "<details>\n<summary>Look</summary>\n<p>hidden</p>\n</details>"


def test_each_card_has_the_time_and_the_number_of_its_own_line() -> None:
    text = "[0:30] a::b\n[5:00] c::d\ne::f\n[9:00] A ==g==.\n\n- [10:00] h::i\n- j::k [11:00]\n\n"
    text += "[12:00] l\n?\nm\n\nn #card\n- [13:00] o"
    found = [(card.start_ms, card.line) for card in cards(text)]
    seconds = [(30, 6), (300, 7), (300, 8), (540, 9), (600, 11), (660, 12), (720, 14), (780, 18)]
    assert found == [(second * 1000, line) for second, line in seconds]


@pytest.mark.parametrize(
    ("marks", "left"),
    [
        (Marks(inline=False), ["hare", "Hase", "A … .", "title"]),
        (Marks(reversed=False), ["who", "A … .", "title"]),
        (Marks(highlights=False), ["who", "hare", "Hase", "title"]),
        (Marks(headings=False), ["who", "hare", "Hase", "A … ."]),
    ],
)
def test_each_mark_can_be_switched_off(marks: Marks, left: list[str]) -> None:
    note = read_bytes(
        b"who::he\n\nhare:::Hase\n\nA ==fox== .\n\n## title #card\n\nx\n", "films/a.md", "films", "a"
    ).note
    shown = [
        " ".join("…" if isinstance(node, Gap) else node.text.strip() for node in card.front)
        for card in marked_cards(note, None, marks).cards
    ]  # type: ignore[union-attr]
    assert shown == left


def test_many_lines_of_one_kind_take_no_longer_than_their_number() -> None:
    for line in (
        "a #card\n",
        "START\n\n",
        "Q: x\n",
        "?\n",
        "{a ",
        "==a ",
        "^[ ",
        "STARTI [Basic] x ",
        "k:: v\n",
        "<ruby>",
    ):
        source = ("q::a\n" + line * 4000).encode()
        note = read_bytes(source, "films/a.md", "films", "a").note
        start = time.process_time()
        marked_cards(note, None)
        assert time.process_time() - start < 2, line


def test_time_is_that_of_the_marked_text() -> None:
    (card,) = cards("Before. [00:05]\n\nFrames::24 [00:42]")
    assert card.start_ms == 42_000


def test_context_names_the_headings() -> None:
    (card,) = cards("## Tools\n\n### Paint\n\nColour::Umber")
    assert card.context == "Open films › Tools › Paint"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Why? #card", [1]),
        ("Why? #flashcard-reverse", [1]),
        ("- Why? #card\n- How? #card\n  - So.", [1]),
        ("## Why? #card\n\n## How? #card\n\nSo.", [1]),
        ("> [!note] Why? #card", [1]),
        ("Why? #card\n\nHow? #card\nSo.", [1]),
        ("Why? #card\n\n- How? #card\n  - So.", [1]),
        ("Why?\n?", [1]),
        ("Words.\n\nMore words\nWhy? #card [0:10]", [4]),
        ("Why? #card So.", []),
        ("Why? #card\n\nSo.", []),
        ("Why? #card-spaced", []),
        ("The ==hare== ran. #card", []),
        ("# Films #flashcards\n\nWords.", []),
        ("#card", []),
        ("#flashcards #biology", []),
        ("A note on #cards", []),
        ("Why? #card\n?\nSo.", []),
        ("`#card` in code, and a\\#card", []),
    ],
)
def test_questions_that_nothing_answers_are_told(text: str, lines: list[int]) -> None:
    note = read_bytes(text.encode(), "a.md", "c", "a").note
    said: list[Diagnostic] = []
    cards_of(note, "none", 0, False, ALL_MARKS, NO_TASTE, said.append)
    assert [(one.code, one.note, one.line) for one in said] == [("card-unanswered", "a.md", line) for line in lines]


def test_marked_cards_come_at_every_level_and_are_not_mined_again() -> None:
    source = b"---\ntitle: Open films\n---\n\nThe film was first shown in ==2008== in Amsterdam, the Dutch capital."
    note = read_bytes(source, "films/a.md", "films", "a").note
    for level in ("strict", "normal", "all", "none"):
        assert [card.rule for card in cards_of(note, level)] == ["marked-cloze"]


def test_a_line_of_more_parts_than_can_be_told_apart_is_no_card() -> None:
    assert cards("==a *b* " * 7000) == []
