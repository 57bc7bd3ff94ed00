"""Tests that builds obey verdicts: discarded cards never come back, edits and kept cards stay, as notes change."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import msgspec
import pytest

from convert.document.verdict import Verdict
from convert.extract.cards import Gap, cards_of, taste_of
from convert.extract.cards.mining import learned
from convert.extract.cards.model import blocks_of, blocks_text, face_of, face_text
from convert.pipeline.run import build
from convert.reader import read_bytes
from convert.request import Request
from convert.vault.verdicts import save_verdicts
from convert.writers.anki.collection import AnkiNote
from convert.writers.anki.deck_cards import deck_cards
from convert.writers.anki.reading import read_package

VIDEO = "aaaaaaaaaaa"
FRONT = f"---\ntitle: Tides\nvideoId: {VIDEO}\n---\n# The sea\n\n"
TEXT = (
    "What pulls the sea::the moon [00:00:10]\n\nWhat pushes the sea::the wind [00:01:20]\n\n"
    "What bounds the sea::the shore [00:02:30]\n"
)


def lay(folder: Path, text: str = TEXT, name: str = "tides") -> Path:
    films = folder / "notes" / "films"
    films.mkdir(parents=True, exist_ok=True)
    (films / f"{name}.md").write_text(FRONT + text, "utf-8")
    return films


def deck(folder: Path, **options: object) -> dict[str, AnkiNote]:
    """Build and return the notes of the deck by their front."""
    asked = {"cards": "none", "section_cards": False} | options
    request = Request((folder / "notes",), folder / "out", ("anki",), {"anki": asked})
    report = build(request)
    assert not report.failed(), [book.failures for book in report.books]
    return {note.fields[0]: note for note in read_package((folder / "out" / "films.apkg").read_bytes())}


def verdicts_on(films: Path) -> dict[str, Verdict]:
    """Return what a review would write to keep each card of the notes, by front."""
    found = {}
    for path in films.glob("*.md"):
        note = read_bytes(path.read_bytes(), str(path), "films", path.stem).note
        cards = cards_of(note, "none", with_sections=False)
        for card, made in zip(cards, deck_cards(cards, note), strict=True):
            found[made.fields[0]] = Verdict(
                verdict="keep", front=face_text(card.front), back=blocks_text(card.back), note=note.slug,
                seconds=made.start_ms and made.start_ms / 1000, rule=card.rule, kind=card.kind, owner=made.owner,
                anchor=made.anchor, words=made.words,
            )  # fmt: skip
    return found


def say(films: Path, question: str, /, **about: object) -> Verdict:
    verdict = msgspec.structs.replace(verdicts_on(films)[question], **about)
    save_verdicts(str(films), [verdict])
    return verdict


def test_a_discarded_card_never_comes_back(tmp_path: Path) -> None:
    films = lay(tmp_path)
    before = deck(tmp_path)
    say(films, "What pulls the sea", verdict="discard")
    left = {"What pushes the sea", "What bounds the sea"}
    assert deck(tmp_path).keys() == left
    reworded = TEXT.replace("What pulls the sea", "What pulls at the sea")
    lay(tmp_path, reworded)
    assert deck(tmp_path).keys() == left
    (films / "tides.md").rename(films / "moon.md")
    assert deck(tmp_path).keys() == left
    shutil.rmtree(tmp_path / "out")
    after = deck(tmp_path)
    assert after.keys() == left
    assert {front: after[front].guid for front in left} == {front: before[front].guid for front in left}


def test_an_undone_verdict_brings_the_card_back_with_its_identity(tmp_path: Path) -> None:
    films = lay(tmp_path)
    before = deck(tmp_path)
    verdict = say(films, "What pulls the sea", verdict="discard")
    deck(tmp_path)
    save_verdicts(str(films), (), [verdict.identity])
    assert {front: note.guid for front, note in deck(tmp_path).items()} == {f: n.guid for f, n in before.items()}


def test_an_edit_stays_through_rewording_and_keeps_the_schedule(tmp_path: Path) -> None:
    films = lay(tmp_path)
    before = deck(tmp_path)["What pulls the sea"]
    say(films, "What pulls the sea", front="Which body\npulls <b>?", back="- {{moon}}\n- sun", edited=True)
    front = "Which body<br/>pulls &lt;b&gt;?"
    edited = deck(tmp_path)[front]
    assert (edited.guid, edited.mod > before.mod) == (before.guid, True)
    assert "<li>" in edited.fields[1]
    assert "{{" not in edited.fields[1]
    lay(tmp_path, TEXT.replace("What pulls the sea", "What pulls at the sea"), "tides")
    assert deck(tmp_path)[front].guid == before.guid


def test_a_kept_card_stays_when_its_rule_no_longer_makes_it(tmp_path: Path) -> None:
    films = lay(tmp_path)
    before = deck(tmp_path)["What pulls the sea"]
    say(films, "What pulls the sea")
    lay(tmp_path, "Nothing is marked here [00:00:10].")
    (left,) = deck(tmp_path).values()
    assert (left.guid, left.fields[:2]) == (before.guid, before.fields[:2])
    assert "t=10" in left.fields[3]


def test_only_what_was_kept_is_built_if_that_is_asked(tmp_path: Path) -> None:
    text = (
        "In 1859 Charles Darwin published On the Origin of Species, which founded evolutionary biology. [00:00:10]\n\n"
        "Tides are the rise and fall of sea levels caused by the gravity of the moon. [00:01:10]\n"
    )
    films = lay(tmp_path, text)
    assert deck(tmp_path, cards="reviewed") == {}
    verdict = Verdict(
        verdict="waiting", imported=True, front="What causes {{c1::tides}}?", back="The <moon>", note="tides",
        seconds=70, rule="imported", kind="cloze", owner=f"youtube:{VIDEO}", anchor="a", words="What causes […]?",
    )  # fmt: skip
    save_verdicts(str(films), [verdict])
    assert deck(tmp_path, cards="reviewed") == {}
    save_verdicts(str(films), [msgspec.structs.replace(verdict, verdict="keep")])
    (made,) = deck(tmp_path, cards="reviewed").values()
    assert made.fields[0] == "What causes {{c1::tides}}?"
    assert made.fields[1] == "<p>The &lt;moon&gt;</p>"
    assert "t=70" in made.fields[3]
    assert {"video::" + VIDEO, "note::tides", "rule::imported"} <= set(made.tags)


FOREIGN = {
    "no question": {"front": " ", "back": "b", "edited": True},
    "a gap without words": {"front": "{{c1::}}", "edited": True, "kind": "cloze"},
    "no gap": {"front": "plain", "kind": "cloze", "imported": True, "anchor": "x"},
    "no text": {"front": "", "kind": "basic", "imported": True, "anchor": "x"},
    "another video": {"front": "a", "imported": True, "owner": "youtube:bbbbbbbbbbb", "anchor": "x"},
    "a note as owner": {"front": "a", "imported": True, "owner": "films/tides", "anchor": "x"},
    "waiting": {"front": "a", "imported": True, "anchor": "x", "verdict": "waiting"},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_says_nonsense_makes_no_odd_cards(name: str, tmp_path: Path) -> None:
    films = lay(tmp_path)
    before = {front: note.fields for front, note in deck(tmp_path).items()}
    say(films, "What pulls the sea", **FOREIGN[name])
    assert {front: note.fields for front, note in deck(tmp_path).items()} == before


PARTS = ("<script", "<img", "{{", "[sound", "[latex", "\\(", "\x07")
ACTIVE = "<script>x</script> {{Front}} [sound:a.mp3] [latex]x[/latex] \\(x\\) \x07 {{c99::a::b}} <img src=x onerror=y>"


@pytest.mark.parametrize("kind", ["basic", "cloze", "list", "section"])
def test_nothing_that_a_person_or_a_file_says_is_active_in_anki(kind: str, tmp_path: Path) -> None:
    films = lay(tmp_path)
    about = {"front": f"{ACTIVE} {{{{c1::gap}}}}", "back": ACTIVE, "context": ACTIVE, "sentence": ACTIVE}
    say(films, "What pulls the sea", kind=kind, anchor="x", imported=True, rule="imported", **about)
    (made,) = [note for note in deck(tmp_path).values() if "rule::imported" in note.tags]
    shown = (*made.fields[1:3], made.fields[4])
    assert [part for part in PARTS if part in "".join(shown)] == []
    assert [part for part in ("<script", "<img", "{{Front", "[sound", "\x07") if part in made.fields[0]] == []


def test_a_build_is_made_again_when_verdicts_change_and_only_then(tmp_path: Path) -> None:
    films = lay(tmp_path)
    deck(tmp_path)
    request = Request((tmp_path / "notes",), tmp_path / "out", ("anki", "chapters"), {"anki": {"cards": "none"}})
    build(request)
    assert [book.unchanged for book in build(request).books] == [["anki", "chapters"]]
    say(films, "What pulls the sea", verdict="discard")
    assert [book.unchanged for book in build(request).books] == [["chapters"]]
    assert [book.unchanged for book in build(request).books] == [["anki", "chapters"]]


def test_damage_in_the_file_is_told_and_stops_no_build(tmp_path: Path) -> None:
    films = lay(tmp_path)
    (films / "cards.toml").write_text("[[card]]\nverdict = 'maybe'\n")
    request = Request((tmp_path / "notes",), tmp_path / "out", ("anki",), {"anki": {"cards": "none"}})
    for _ in range(3):
        (told,) = [one for book in build(request).books for one in book.diagnostics if one.code == "verdict-unreadable"]
        assert told.note.endswith("cards.toml")
        assert told.line == 1


def said(rule: str, verdict: str, count: int, chance: float = 0.8, note: str = "") -> list[Verdict]:
    odds = math.log(chance / (1 - chance))
    about = {"rule": rule, "verdict": verdict, "kind": "basic", "owner": "a", "anchor": "b", "odds": odds}
    return [Verdict(note=note or f"n{one}", **about) for one in range(count)]  # type: ignore[arg-type]


def test_the_ranker_learns_by_rule() -> None:
    assert taste_of([]) == {}
    as_expected = taste_of([*said("date", "keep", 8), *said("date", "discard", 2)])
    assert abs(as_expected["rule", "date"]) < 0.01
    taste = taste_of([*said("date", "discard", 30), *said("acronym", "keep", 30), *said("naming", "waiting", 9)])
    assert taste["rule", "date"] == -3.0
    assert 0.5 < taste["rule", "acronym"] < 3
    assert ("rule", "naming") not in taste
    few = taste_of(said("date", "discard", 1))["rule", "date"]
    assert -1 < few < 0


def test_the_ranker_learns_by_note_what_the_rule_does_not_tell() -> None:
    """Six cards of a rule, three kept, are as expected; that those of one note were discarded is not."""
    taste = taste_of([*said("date", "keep", 3, 0.5, "tides"), *said("date", "discard", 3, 0.5, "wars")])
    assert abs(taste["rule", "date"]) < 0.01
    assert learned(taste, "date", "tides") > 0.9
    assert learned(taste, "date", "wars") < -0.9
    assert abs(learned(taste, "date", "other")) < 0.01
    assert learned(taste, "naming", "tides") > 0.9
    disliked = taste_of(said("date", "discard", 30, note="wars"))
    assert disliked["rule", "date"] == -3.0
    assert disliked["note", "wars"] > -2.5  # by itself it would be -3


@pytest.mark.parametrize(
    "text", ["plain", "a {{c1::b}} c {{c2::d::hint}}", "two\nlines", "{{c1::only}}", "{{ c1 }} {{c1::}} }}{{"]
)
def test_a_front_is_the_same_after_it_was_text(text: str) -> None:
    assert face_text(face_of(text)) == text
    gaps = [piece for piece in face_of(text) if isinstance(piece, Gap)]
    assert len(gaps) == text.count("::b") + text.count("::d") + text.count("::only")


@pytest.mark.parametrize("text", ["plain", "- a\n- b", "before\n- a\nafter", "one\ntwo", ""])
def test_a_back_is_the_same_after_it_was_text(text: str) -> None:
    assert blocks_text(blocks_of(text)) == text
