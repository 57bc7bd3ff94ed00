"""Tests the gate for cards that others wrote: what passes, what is refused and why, and files of any content."""

from __future__ import annotations

import json
import time
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from convert.cli import app
from convert.document import nodes as n
from convert.document.note import Note
from convert.extract.cards import Gap, cards_of
from convert.extract.cards.gate import Gate
from convert.extract.cards.gate.exchange import (
    MOST_CARDS,
    MOST_SENTENCES,
    RUBRIC,
    Draft,
    answer_schema,
    drafts,
    exported,
    sources,
)
from convert.reader import read_bytes

NOTE = """---
title: Bridges of the north
videoId: aqz-KE-bpKQ
---

## The crossing at Artel

The Republic of Artel was founded in 1991 by the engineer Ada Lindqvist, who led it until the treaty of 1998 [00:01:00].
The crossing was built of larch by 340 workers and opened in May 1932 [00:02:00].
Vaskholm attacked Tarnmouth in 1921, and in 1934 Tarnmouth attacked Orsa [00:02:30].
The old ferry did not carry horses after the storm [00:03:00].
It stood on more than 12 piers of granite [00:03:30].
Most masons call short beams set in a wall corbels [00:04:00].
The toll was 5 million crowns in 1950 and 7 million crowns in 1960 [00:04:30].
The deck rests on three things: rollers, springs and a hinge of bronze [00:05:00].
Salt air may weaken the inner wires of a cable [00:05:30].
The keeper turns steam into ice by a pump [00:06:00].
A plain line says std::vector<int> holds whole numbers [00:06:30].
"""


def note_of(text: str = NOTE) -> Note:
    return read_bytes(text.encode(), "north/bridges.md", "north", "bridges").note


def gate_of(*notes: Note) -> Gate:
    gate = Gate()
    for note in notes or (note_of(),):
        ids = frozenset([one.id for found in sources(note) for one in found])
        gate.add_note(note, ids, cards_of(note, "none", 0, False))
    return gate


def quote(start: str, note: Note | None = None) -> dict[str, str]:
    """Return the quote of the sentence that starts like this."""
    (found,) = [one for found in sources(note or note_of()) for one in found if one.text.startswith(start)]
    return {"id": found.id, "text": found.text}


def draft(start: str, front: str, back: Any, **more: Any) -> Draft:
    return msgspec.convert({"quotes": [quote(start)], "front": front, "back": back} | more, Draft)


GOOD = [
    ("The Republic", "In which year was the Republic of Artel founded?", "1991"),
    ("The Republic", "Who founded the Republic of Artel in 1991?", "Ada Lindqvist"),
    ("The Republic", "Who led the Republic of Artel until the treaty of 1998?", "the engineer Ada Lindqvist"),
    ("The Republic", "The Republic of Artel was founded in 1991 by the engineer [...], who led it.", "Ada Lindqvist"),
    ("Vaskholm", "Vaskholm attacked Tarnmouth in [...].", "1921"),
    ("The crossing", "Of what was the crossing built?", "larch"),
    ("The crossing", "How many workers built it?", "340"),
    ("The crossing", "When did the crossing open?", "May 1932"),
    ("Vaskholm", "Whom did Vaskholm attack in 1921?", "Tarnmouth"),
    ("Vaskholm", "Who attacked Orsa?", "Tarnmouth"),
    ("Vaskholm", "In which year did Tarnmouth attack Orsa?", "1934"),
    ("The old ferry", "What did the old ferry not carry after the storm?", "horses"),
    ("It stood", "On how many piers of granite did it stand?", "more than 12"),
    ("Most masons", "What do most masons call short beams set in a wall?", "corbels"),
    ("The toll", "How high was the toll in 1960?", "7 million crowns"),
    ("The deck", "On which three things does the deck rest?", ["rollers", "springs", "a hinge of bronze"]),
    ("Salt air", "What may salt air weaken in a cable?", "the inner wires"),
    ("The keeper", "Into what does the keeper turn steam?", "ice"),
]
BAD = [
    ("number", "The Republic", "In which year was the Republic of Artel founded?", "1993"),
    ("number", "The crossing", "How many workers built the crossing?", "34"),
    ("number", "The crossing", "Of what was the crossing built by 350 workers?", "larch"),
    ("unit", "The toll", "How high was the toll in 1960?", "7 crowns"),
    ("name", "The Republic", "Who founded the Republic of Artel in 1991?", "Ida Lindqvist"),
    ("name", "The Republic", "In which year was the Kingdom of Artel founded?", "1991"),
    ("negation", "The old ferry", "What did the old ferry carry after the storm?", "horses"),
    ("negation", "The crossing", "Of what was the crossing never built?", "larch"),
    ("negation", "The crossing", "Of what was the crossing built?", "not larch"),
    ("quantity", "It stood", "On how many piers of granite did it stand?", "12"),
    ("quantity", "It stood", "On how many piers of granite did it stand?", "less than 12"),
    ("quantity", "Most masons", "What do all masons call short beams set in a wall?", "corbels"),
    ("opposite", "The old ferry", "What did the old ferry not carry before the storm?", "horses"),
    ("invented", "The crossing", "Of what was the crossing built?", "larch and oak"),
    ("invented", "The deck", "On which things does the deck rest?", ["rollers", "springs", "a hinge", "chains"]),
    ("order", "The keeper", "What does the keeper do?", "turns ice into steam"),
    ("leak", "The Republic", "Who is the engineer Lindqvist, who founded it?", "Ada Lindqvist"),
    ("leak", "The crossing", "When in May of 1932 was the crossing opened?", "May 1932"),
    ("leak by stem", "The Republic", "By which founder was the Republic of Artel led?", "founded"),
    ("leak of the section", "The crossing", "What was opened in May 1932?", "the crossing"),
    ("leak of the title", "The Republic", "What has the north?", "bridges"),
    ("gap", "The Republic", "The Republic of Artel was founded in [...] by the engineer Ada Lindqvist.", "1998"),
    ("empty", "The crossing", "Was it built?", "yes"),
    ("empty", "The crossing", "", "larch"),
    ("HTML", "The crossing", "Of what was <b>the crossing</b> built?", "larch"),
    ("HTML", "The crossing", "Of what was the crossing built?", "larch<img src=x onerror=alert(1)>"),
    ("HTML", "The crossing", "Of what was the crossing built?", "&lt;larch"),
    ("Anki", "The crossing", "The crossing was built of {{c1::larch}}", "larch"),
    ("Anki", "The crossing", "Of what was the crossing built?", "larch [sound:x.mp3]"),
    ("LaTeX", "The crossing", "Of what was the crossing built? \\input{x}", "larch"),
    ("LaTeX", "The crossing", "Of what was the crossing built?", "[latex]larch[/latex]"),
    ("script", "The crossing", "Of what was the crossing built? javascript:x", "larch"),
    ("bidi", "The crossing", "Of what was the \u202ecrossing built?", "larch"),
    ("control", "The crossing", "Of what was the crossing built?", "lar\x1fch"),
    ("long", "The crossing", "Of what was the crossing built?" + " really" * 50, "larch"),
    ("half a leak", "The deck", "On what, beside springs of bronze, does the deck rest?", "a hinge of bronze"),
    ("two gaps", "The crossing", "The crossing was built of [...] by [...] workers.", "larch"),
    ("another sentence", "The crossing", "Beams of the engineer at Artel were [...] by 340 men.", "larch"),
    ("another sentence", "It stood", "Horses left the ferry for 12 piers of [...].", "granite"),
    ("no sentence", "Salt air", "Cables of a bridge rust: the thing that rusts is [...].", "the inner wires"),
]


DOUBTFUL = [
    ("says 'more'", "It stood", "Of what stone are the piers on which it stood?", "granite"),
    ("nearer to what is asked", "The toll", "How high was the toll in 1960?", "5 million crowns"),
    ("nearer to what is asked", "Vaskholm", "In which year did Tarnmouth attack Orsa?", "1921"),
    ("'Orsa' of the front", "The Republic", "In which year was the Republic of Orsa founded?", "1991"),
    ("who does it", "Vaskholm", "Whom did Tarnmouth attack in 1921?", "Vaskholm"),
    ("who does it", "Vaskholm", "Who attacked Vaskholm in 1921?", "Tarnmouth"),
    ("something else after 'Into'", "The keeper", "Into what does the keeper turn ice?", "steam"),
    ("says 'Most'", "Most masons", "What do masons call short beams set in a wall?", "corbels"),
    ("says 'may'", "Salt air", "What does salt air weaken in a cable?", "the inner wires"),
    ("of the front is not in", "The crossing", "Of what was the crossing, paid for by a lottery, built?", "larch"),
    ("of the front is not in", "The crossing", "Of what was the crossing hastily built?", "larch"),
    ("'1950' of the front", "The crossing", "Of what was the crossing, whose toll is known for 1950, built?", "larch"),
    ("says 'it'", "It stood", "Of what are the piers of the bridge of Orsa?", "granite"),
    ("not the quoted sentence", "The crossing", "Opened in May 1932, the crossing was built of [...].", "larch"),
]
"""What the gate says of cards that may be wrong or right: it lets them in."""


@pytest.mark.parametrize(("start", "front", "back"), GOOD)
def test_good_cards_pass(start: str, front: str, back: Any) -> None:
    judged = gate_of().judge(draft(start, front, back), "line 1")
    assert not isinstance(judged, str), judged
    note, card, doubt = judged
    assert doubt == ""
    assert (card.rule, note.id) == ("imported", "north/bridges")
    assert card.start_ms is not None
    assert card.start_ms % 30_000 == 0
    assert card.sentence.startswith(start)


@pytest.mark.parametrize(("kind", "start", "front", "back"), BAD)
def test_others_are_refused_for_a_reason(kind: str, start: str, front: str, back: Any) -> None:
    reason = gate_of().judge(draft(start, front, back), "line 1")
    assert isinstance(reason, str), kind
    assert "\n" not in reason


@pytest.mark.parametrize(("told", "start", "front", "back"), DOUBTFUL)
def test_doubtful_cards_are_let_in_with_the_doubt(told: str, start: str, front: str, back: Any) -> None:
    judged = gate_of().judge(draft(start, front, back), "line 1")
    assert not isinstance(judged, str), judged
    assert told in judged[2]


SIGNS = """---
title: Counting n choose k
videoId: aqz-KE-bpKQ
---

## The seven dog years

Many people say that a year of a dog equals seven years of a person [00:01:00].
The quotient n! / (k! * (n - k)!) is what n choose k equals [00:02:00].
Any term but zero to the power 0 equals 1 [00:03:00].
Anna Berg was found guilty of deceiving Carl Holm [00:04:00].
Smoke lowers the pulse and can raise the pressure of blood [00:05:00].
A new hall has three dimensions, and people call such halls 3D [00:06:00].
The tangents of 30 degrees and 60 degrees are reciprocals of each other [00:07:00].
The dot may replace the cross in 7 x [00:08:00].
"""


@pytest.mark.parametrize(
    ("start", "front", "back", "told"),
    [
        ("Many", "How many years of a person do many people say that a year of a dog equals?", "seven", "section"),
        ("The quotient", "To which quotient is n choose k equal?", "n! / (k! * (n - k)!)", ""),
        ("Any term", "What does any term but zero to the power 0 equal?", "1", ""),
        ("Anna", "Who was found guilty of deceiving Carl Holm?", "Anna Berg", ""),
        ("Anna", "Who was found guilty of deceiving Anna Berg?", "Carl Holm", "who does it"),
        ("Smoke", "Smoke can raise?", "the pressure of blood", ""),
        ("Smoke", "Smoke can raise?", "the pulse", "something else after"),
        ("The tangents", "What are the tangents of 30° and 60° of each other?", "reciprocals", ""),
        ("The tangents", "What are the tangents of 30 % and 60° of each other?", "reciprocals", "another unit"),
        ("The dot", "What may replace the cross in 7 times x?", "the dot", ""),
        ("The dot", "What may replace the cross in 7% x?", "the dot", "another unit"),
        ("A new hall", "In how many dimensions are halls called 3D?", "three", ""),
    ],
)
def test_numbers_letters_and_terse_questions(start: str, front: str, back: str, told: str) -> None:
    note = note_of(SIGNS)
    judged = gate_of(note).judge(_with(quote(start, note), front, back), "")
    said = judged if isinstance(judged, str) else judged[2]
    assert told in said
    assert bool(told) == bool(said)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- The moon pulls the water ([Time 0:11:42](https://share.snipd.com/snip/abc))", ["The moon pulls the water"]),
        (
            "- It stands there. ([12:44](https://share.snipd.com/a))\n\n## Metadata\n\n- Author: Al",
            ["It stands there."],
        ),
        ("Show: Tides\nHost: Anna Berg\n\n\U0001f3a7 03:12 - 05:18\nShe built it.", ["\U0001f3a7 She built it."]),
        (
            "Anna  0:02\nThe gauge.\n\nBen Cho  0:19\nWells sink.\n\nAl  0:30\nFerries left.",
            ["The gauge.", "Wells sink.", "Ferries left."],
        ),
        (
            "**Anna** [00:12]: The gauge.\n**Ben** [00:22]: Wells sink.\n\n"
            "Anna: 00:01:01\nTides rise.\n\nBen: 00:01:09\nWater falls.",
            ["The gauge.", "Wells sink.", "Tides rise.", "Water falls."],
        ),
        (
            "\U0001f3a7 03:12 - 05:18\n\nAnna: The sun: a star.\nBen: Tides rise.\n\n"
            "**Anna**: Stones sink.\nBen: Water falls.\n\nSun: a star.",
            ["The sun: a star.", "Tides rise.", "Stones sink.", "Water falls.", "Sun: a star."],
        ),
    ],
)
def test_exports_leave_out_hosts_speakers_and_metadata(text: str, told: list[str]) -> None:
    note = read_bytes(text.encode(), "a.md", "c", "a").note
    assert note.reader
    assert [one["text"] for passage in exported(note) for one in passage["sentences"]] == told


def test_what_others_write_in_our_format_is_told_as_it_is() -> None:
    text = "Anna Berg: The [gauge](https://a.org) [0:10] [a.org](https://a.org/x) stands."
    note = note_of(f"---\nvideoId: aqz-KE-bpKQ\n---\n\n{text}\n")
    (passage,) = exported(note)
    assert [one["text"] for one in passage["sentences"]] == ["Anna Berg: The gauge a.org stands."]


def test_a_quote_is_the_sentence_to_the_letter() -> None:
    front, back = "Of what was the crossing built?", "larch"
    right = quote("The crossing")
    for wrong in (
        right | {"text": right["text"].replace("May", "June")},
        right | {"text": right["text"][:30]},
        right | {"text": right["text"].replace(" was", "  was")},
        right | {"id": quote("It stood")["id"]},
        right | {"id": "aaaaaaaa"},
    ):
        assert isinstance(gate_of().judge(_with(wrong, front, back), ""), str)
    assert not isinstance(gate_of().judge(_with(right, front, back), ""), str)


def _with(one: dict[str, str], front: str, back: Any) -> Draft:
    return msgspec.convert({"quotes": [one], "front": front, "back": back}, Draft)


def test_quotes_are_of_one_note_and_have_a_time() -> None:
    other = note_of(NOTE.replace("Bridges", "Roads").replace("larch", "oak"))
    other = msgspec.structs.replace(other, id="north/roads")
    untimed = note_of("---\ntitle: Untimed\n---\n\nThe gate of Orsa was painted green in 1950.\n")
    gate = gate_of(note_of(), other, untimed)
    both = [quote("The crossing"), quote("The crossing", other)]
    reason = gate.judge(msgspec.convert({"quotes": both, "front": "Of what was it built?", "back": "larch"}, Draft), "")
    assert "several notes" in str(reason)
    assert list(exported(untimed)) == []


def test_several_sentences_may_be_quoted() -> None:
    two = [quote("The crossing"), quote("It stood")]
    front = "Of what stone are the piers of the crossing that opened in 1932?"
    judged = gate_of().judge(msgspec.convert({"quotes": two, "front": front, "back": "granite"}, Draft), "")
    assert not isinstance(judged, str), judged
    assert judged[1].start_ms == 210_000


@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("Of what was the crossing built?", "larch"),
        ("Of  what was the CROSSING built ?", "Larch"),
        ("The crossing was built of [...] by 340 workers.", "larch"),
        ("What is it that the crossing was built of?", "of larch"),
    ],
)
def test_a_card_is_asked_once(front: str, back: str) -> None:
    gate = gate_of()
    assert not isinstance(gate.judge(draft("The crossing", "Of what was the crossing built?", "larch"), "line 1"), str)
    assert "line 1" in str(gate.judge(draft("The crossing", front, back), "line 2"))
    assert not isinstance(gate.judge(draft("The crossing", "When did the crossing open?", "May 1932"), "line 3"), str)


def test_marked_mined_and_kept_cards_are_not_repeated() -> None:
    note = note_of(NOTE + "\nOf what was the crossing built?::larch\n")
    gate = gate_of(note)
    one = msgspec.convert(
        {"quotes": [quote("The crossing", note)], "front": "Of what was the crossing built?", "back": "larch"}, Draft
    )
    assert "north/bridges.md:" in str(gate.judge(one, ""))
    gate = gate_of()
    gate.add_card("Of what was the crossing built?", "larch", quote("The crossing")["text"], "a card of cards.toml")
    assert "cards.toml" in str(gate.judge(one, ""))


def test_kinds_and_identity() -> None:
    gate = gate_of()
    made = {}
    for start, front, back in GOOD:
        judged = gate.judge(draft(start, front, back), front)
        if not isinstance(judged, str):
            made[front] = judged[1]
    cloze = gate_of().judge(draft(*GOOD[3]), "")
    assert not isinstance(cloze, str)
    assert cloze[1].kind == "cloze"
    assert any(isinstance(one, Gap) for one in cloze[1].front)
    assert "lindqvist" not in cloze[1].anchor
    rests = made["On which three things does the deck rest?"]
    assert rests.kind == "list"
    assert isinstance(rests.back[0], n.List)
    assert made["Of what was the crossing built?"].anchor == "of what was the crossing built"


def test_an_export_says_all_that_a_writer_needs() -> None:
    told = list(exported(note_of()))
    assert told == list(exported(note_of()))
    (passage,) = told
    assert (passage["note"], passage["section"]) == ("north/bridges", "The crossing at Artel")
    assert passage["context"] == "Bridges of the north › The crossing at Artel"
    assert passage["rubric"] == RUBRIC
    assert passage["schema"] == answer_schema()
    assert "$ref" not in json.dumps(passage["schema"])
    first = passage["sentences"][0]
    assert first["seconds"] == 60.0
    assert first["text"].startswith("The Republic of Artel")


def test_ids_survive_edits_elsewhere_and_long_sections_are_cut() -> None:
    edited = note_of(
        NOTE.replace("The old ferry did not carry horses after the storm [00:03:00].\n", "New [00:03:00].\n")
    )
    assert quote("The crossing", edited) == quote("The crossing")
    lines = "".join(
        f"The pier of number {number} is of stone [00:00:01].\n" for number in range(MOST_SENTENCES * 2 + 1)
    )
    assert [len(one["sentences"]) for one in exported(note_of("---\ntitle: T\n---\n\n" + lines))] == [30, 30, 1]


def test_a_writer_is_asked_what_a_card_is_worth_and_what_else_would_fit() -> None:
    (card,) = [answer_schema()["properties"]["cards"]["items"]]
    assert card["required"] == list(card["properties"]) == ["quotes", "worth", "front", "back", "rival"]
    front, back = "Of what was the crossing built?", "larch"
    told = gate_of().judge(draft("The crossing", front, back, worth="timber", rival="pine"), "")
    assert "'pine'" in str(told)
    for rival in ("", "none", "None.", "-"):
        assert not isinstance(gate_of().judge(draft("The crossing", front, back, rival=rival), ""), str)


def test_an_answer_may_have_no_card() -> None:
    assert list(drafts('{"cards": []}\n{"cards": []}\n')) == []
    assert list(drafts("I found none.\n")) != []


@pytest.mark.parametrize("before", ["", "Sure! Here it is: ", "- ", "1. ", "Answer: "])
def test_words_may_stand_before_an_answer_on_its_line(before: str) -> None:
    one = json.dumps({"quotes": [quote("It stood")], "front": "Of what?", "back": "granite"})
    assert [
        line for line, found in drafts(f"x\n{before}{one} Hope that helps\n{one}\n") if not isinstance(found, str)
    ] == [2, 3]


def test_answers_are_found_in_what_models_write() -> None:
    card = {"quotes": [quote("The crossing")], "front": "f", "back": "b"}
    text = "\n".join([
        "Sure, here are the cards:", "", "```json", json.dumps({"cards": [card, card]}, indent=2), "```",
        json.dumps(card), json.dumps([card]) + " " + json.dumps(card), '{"cards": []}',
    ])  # fmt: skip
    found = list(drafts(text))
    assert sum(isinstance(one, Draft) for _, one in found) == 5
    assert not any(isinstance(one, str) for _, one in found)
    assert found[0][0] == 4


@pytest.mark.parametrize(
    "text",
    [
        "[" * 300_000,
        "{\n" * 100_000,
        '{"cards": ' * 50_000,
        '{"a": "' + "x" * 3_000_000,
        '["x",\n' * 50_000,
        "NaN\nnull\n1\n\"text\"\n" * 1000,
        '{"quotes": 1}\n[1, [2], null, {}]\n{"cards": 7}\n',
        '{"quotes": [], "front": "", "back": []}',
        "\x00\x1b[2J\u202e\n" * 1000,
    ],
)  # fmt: skip
def test_any_text_is_read_in_little_time(text: str) -> None:
    start = time.perf_counter()
    found = list(drafts(text))
    assert time.perf_counter() - start < 5
    assert found
    assert all(isinstance(one, str) and "\n" not in one for _, one in found)


def test_a_file_has_so_many_cards() -> None:
    card = json.dumps({"quotes": [{"id": "a", "text": "b"}], "front": "f", "back": "b"}) + "\n"
    found = list(drafts(card * (MOST_CARDS + 5)))
    assert len(found) == MOST_CARDS + 1
    assert "at most" in str(found[-1][1])


def test_long_sentences_and_fields_cost_little() -> None:
    gate = gate_of()
    start = time.perf_counter()
    for front in ("not " * 75, "Who " * 75, "1 " * 150, "Aa" * 150, "[" * 300, "'" * 300):
        gate.judge(draft("The crossing", front, "larch"), "")
    assert time.perf_counter() - start < 2


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["cards", *words])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "north"
    folder.mkdir()
    (folder / "bridges.md").write_text(NOTE, "utf-8")
    return folder


def answers(path: Path, *cards: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(card) + "\n" for card in cards), "utf-8")
    return path


def test_export_and_import(vault: Path, tmp_path: Path) -> None:
    export = tmp_path / "passages.jsonl"
    assert run(str(vault), "--export", str(export))[0] == 0
    first = export.read_bytes()
    run(str(vault), "--export", str(export))
    assert export.read_bytes() == first
    passage = json.loads(first.splitlines()[0])
    told = {one["text"]: one["id"] for one in passage["sentences"]}
    text = next(text for text in told if text.startswith("The crossing"))
    good = {"quotes": [{"id": told[text], "text": text}], "front": "Of what was the crossing built?", "back": "larch"}
    bad = good | {"back": "oak"}
    file = answers(tmp_path / "cards.jsonl", bad, good, good)
    code, said, problems = run(str(vault), "--cards", "none", "--import", str(file))
    assert code == 0, problems
    assert "1 of 3 cards accepted (0 doubtful), 2 refused" in said
    assert f"{file}:1: refused 'Of what was the crossing built?': the word 'oak'" in problems
    assert f"{file}:3: refused 'Of what was the crossing built?': it repeats the card of line 2" in problems
    (entry,) = tomllib.loads((vault / "cards.toml").read_text("utf-8"))["card"]
    assert entry["verdict"] == "waiting"
    assert (entry["front"], entry["back"], entry["seconds"]) == ("Of what was the crossing built?", "larch", 120.0)
    assert entry["imported"] is True
    before = (vault / "cards.toml").read_bytes()
    code, said, _ = run(str(vault), "--cards", "none", "--import", str(file))
    assert (code, "0 of 3" in said) == (1, True)
    assert (vault / "cards.toml").read_bytes() == before


def test_cards_are_taken_whole_or_not_at_all(vault: Path, tmp_path: Path) -> None:
    other = tmp_path / "south"
    other.mkdir()
    (other / "bridges.md").write_text(NOTE.replace("Artel", "Zubor").replace("larch", "slate"), "utf-8")
    export = tmp_path / "passages.jsonl"
    run(str(vault), str(other), "--export", str(export))
    told = [one for line in export.read_text().splitlines() for one in json.loads(line)["sentences"]]
    crossings = [one for one in told if one["text"].startswith("The crossing")]
    assert len(crossings) == 2
    backs = ["larch" if "larch" in one["text"] else "slate" for one in crossings]
    fronts = ("Of what was the crossing built?", "What is it that the crossing was made from?")
    asked = zip(crossings, fronts, backs, strict=True)
    cards = [{"quotes": [one], "front": front, "back": back} for one, front, back in asked]
    latin = "# Überquerung\n".encode("latin-1")
    (other / "cards.toml").write_bytes(latin)
    code, said, problems = run(str(vault), str(other), "--import", str(answers(tmp_path / "cards.jsonl", *cards)))
    assert (code, said) == (1, "")
    assert "south/cards.toml:1: is no UTF-8, so nothing was written: save the file as UTF-8" in problems
    assert (other / "cards.toml").read_bytes() == latin
    assert not (vault / "cards.toml").exists()


def test_damage_is_one_line(vault: Path, tmp_path: Path) -> None:
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes(b'{"front": "\xe9"}\n')
    for name in (str(latin), str(tmp_path / "nowhere.jsonl"), str(tmp_path)):
        code, _, problems = run(str(vault), "--import", name)
        assert code == 2
        assert len(problems.splitlines()) == 1
    code, _, problems = run(str(vault), "--export", str(tmp_path))
    assert (code, len(problems.splitlines())) == (1, 1)
    code, _, problems = run(str(vault), "--export", "x", "--import", "y")
    assert code == 2
    odd = answers(tmp_path / "odd.jsonl", {"quotes": [{"id": "\x1b[2J", "text": ""}], "front": "\u202e", "back": "b"})
    assert "\x1b" not in run(str(vault), "--import", str(odd))[2]


def test_an_export_replaces_nothing_but_an_export(vault: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text("My own words.\n", "utf-8")
    code, _, problems = run(str(vault), "--export", str(own))
    assert code == 1
    assert "is not an earlier export" in problems
    assert own.read_text("utf-8") == "My own words.\n"


def test_an_export_is_no_link_s_target(vault: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("mine", "utf-8")
    (tmp_path / "link.jsonl").symlink_to(kept)
    run(str(vault), "--export", str(tmp_path / "link.jsonl"))
    assert kept.read_text("utf-8") == "mine"


def test_an_accepted_card_builds_once_it_is_kept(vault: Path, tmp_path: Path) -> None:
    """It waits until then; afterwards it has the same identity and link in every deck, wherever the sentence moves."""
    fields = [
        {"quotes": [quote("The crossing")], "front": "Of what was the crossing built?", "back": "larch"},
        {"quotes": [quote("The deck")], "front": "On which things does the deck rest?", "back": ["rollers", "springs"]},
    ]
    file = answers(tmp_path / "cards.jsonl", *fields)
    assert run(str(vault), "--cards", "none", "--import", str(file))[0] == 0
    build = ["build", str(vault), "--to", "anki", "--cards", "none", "--tsv", "--quiet", "--output"]

    def deck(name: str) -> list[str]:
        CliRunner().invoke(app, [*build, str(tmp_path / name)], catch_exceptions=False)
        lines = (tmp_path / name / "north.anki.txt").read_text("utf-8").splitlines()
        return [line for line in lines if "larch" in line]

    assert deck("waiting") == []
    kept = (vault / "cards.toml").read_text("utf-8").replace('verdict = "waiting"', 'verdict = "keep"')
    (vault / "cards.toml").write_text(kept, "utf-8")
    (card,) = deck("kept")
    assert "t=120" in card
    assert "rule::imported" in card
    note = vault / "bridges.md"
    note.write_text(note.read_text("utf-8").replace("The Republic of", "New words.\n\nThe Republic of"), "utf-8")
    assert deck("moved") == [card]
