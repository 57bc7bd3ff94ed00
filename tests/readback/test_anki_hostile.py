"""Imports hostile text into the real Anki, which must show it as written, without anything active."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

from convert.document import nodes as n
from convert.reader import read_bytes
from convert.writers.anki.reading import read_package
from tests.support.anki_cases import Anki, Deck, note, paragraph, section
from tests.support.needs import needs
from tests.support.notes import FILM

pytestmark = needs("anki")

HOSTILE = [
    "a\x1fb",
    "lone \ud800 surrogate",
    "{{c1::cloze}} in text",
    "{{c0::nothing}}",
    "{{Front}} and {{/Front}}",
    "std::vector<int>",
    "}} shuts {{ opens",
    "[latex]\\input{x}[/latex]",
    "[$]x[/$] and [$$]y[/$$]",
    "[sound:a.mp3]",
    "[anki:tts lang=en_US]x[/anki:tts]",
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "\\(x\\) and \\[y\\]",
    "a & b &amp; c",
    "tab\there",
    "rtl \u202e mark",
    "\u0000nul",
]


@pytest.fixture
def anki(tmp_path: Path) -> Anki:
    return Anki(tmp_path)


def shown(page: str) -> str:
    """Return the visible text of a card, without style and markup."""
    page = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def faces(col: Any) -> list[tuple[str, str]]:
    cards = [col.get_card(i) for i in col.find_cards("", order="c.id asc")]
    return [(card.question(), card.answer()) for card in cards]


def test_hostile_text_is_shown_as_written(anki: Anki) -> None:
    blocks = [
        section(f"{number}: {text}", paragraph(text, 1000), line=number) for number, text in enumerate(HOSTILE, 1)
    ]
    deck = Deck([note(*blocks, title="{{c1::title}} [sound:x] <b>")])
    assert anki.imported(deck.package)["new"] == len(HOSTILE) + 2, (
        "a section card each, and the cloze of one of them in its heading and in its text"
    )
    pages = anki.with_collection(faces)
    assert anki.with_collection(lambda col: list(col.get_empty_cards().notes)) == []
    for question, answer in pages:
        assert not re.search(
            r"<(script|img|object|iframe)|<[^>]*onerror=|\[sound:|\[anki:|\[latex\]|\[\$|<a [^>]*javascript",
            question + answer,
        )
    assert sum('class="cloze' in answer for _, answer in pages) == 2, "of the heading and of the text below it"
    for text in (
        "std::vector<int>",
        "{{c1::cloze}} in text",
        "}} shuts {{ opens",
        "\\(x\\) and \\[y\\]",
        "a & b &amp; c",
    ):
        assert any(text in shown(answer) for _, answer in pages), text


def test_hostile_clozes_hide_their_words(anki: Anki) -> None:
    marked = ["std::vector", "a}}b", "{{c1::x}}", "<b>", "[sound:x]", "x::hint"]
    lines = [
        n.Paragraph((n.Text("Say "), n.Highlight((n.Text(word),)), n.Text(f" number {i}.")), i)
        for i, word in enumerate(marked)
    ]
    deck = Deck([note(*lines)])
    assert anki.imported(deck.package)["new"] == len(marked)
    for word, (question, answer) in zip(marked, anki.with_collection(faces), strict=True):
        assert "[...]" in shown(question), word
        assert word in shown(answer), word
        assert word not in shown(question).replace("[...]", ""), word


def test_maths_reaches_mathjax_whole(anki: Anki) -> None:
    source = b"---\ntitle: Maths\n---\n\nThe area is ==$\\pi r^{2}$== of $\\frac{a}{{b}}$ where [x]."
    deck = Deck([read_bytes(source, "films/a.md", "films", "a").note])
    (card,) = read_package(deck.package)
    assert "{{c1::\\(\\pi r^{2} \\)}}" in card.fields[0]
    assert "\\(\\frac{a}{ {b} } \\)" in card.fields[0]
    anki.imported(deck.package)
    ((question, answer),) = anki.with_collection(faces)
    assert "\\pi" not in shown(question)
    assert "\\(\\pi r^{2}" in shown(answer)


def test_watch_links_are_the_only_addresses(anki: Anki) -> None:
    link = n.Link("javascript:alert(1)", (n.Text("click"),))
    deck = Deck([note(section("Links", n.Paragraph((link,), 1)), video=FILM)])
    anki.imported(deck.package)
    addresses = re.findall(r'href="([^"]*)"', "".join(map("".join, anki.with_collection(faces))))
    assert all(address.startswith("https://youtu.be/") for address in addresses)
