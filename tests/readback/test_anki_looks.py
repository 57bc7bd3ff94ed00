"""Shows cards as the real Anki renders them, in a browser as wide as a phone, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from convert.pipeline.run import build
from convert.request import Request
from tests.readback.test_reading_room import AXE
from tests.support.anki_cases import Anki
from tests.support.anki_cases import note as anki_note
from tests.support.needs import ROOT, needs, program
from tests.support.vaults import lay_out, note

pytestmark = needs("anki", "playwright", "chromium", "axe-core")

TITLE = "How sourdough rises"
TEXT = f"""
## Yeast and bacteria [0:10]

**Mother dough**: Bakers keep *lactic acid bacteria* (LAB) in a **levain** (wild yeast) for decades [0:20].

What does yeast eat?::*Simple sugars* such as **glucose** and ==honey==, see [a page](https://example.org) [0:30]

The ==levain== is a **mixture** of flour and `water` [0:50]

Which program?::`python -m bread {"--a-very-long-option-name" * 4}`

What is long? #card
- {"Donaudampfschifffahrtsgesellschaft" * 3}

Table?
?

| flour of the mill | water | salt | time |
|---|---|---|---|
| {"wholewheat" * 5} | `{"350 g" * 9}` | 10 g | 4 hours |

Code?
?

```
{"a long line of code " * 9}
```
"""


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Return (rule, HTML of the answer with its style) of each card, as Anki renders it."""
    folder = tmp_path_factory.mktemp("looks")
    lay_out(folder, {"films/a.md": note(TEXT, TITLE), "films/b.md": note("Why?::Because [0:10]", "A title " * 30)})
    options = {"anki": {"cards": "all", "highlight_cards": True, "obsidian_link": True, "obsidian_vault": "V"}}
    build(Request((folder / "films",), folder / "out", ("anki",), options, jobs=1))
    anki = Anki(folder)
    anki.imported((folder / "out" / "films.apkg").read_bytes())

    def shown(col: Any) -> list[tuple[str, str]]:
        found = [col.get_card(one) for one in col.find_cards("")]
        rules = [next(tag for tag in card.note().tags if tag.startswith("rule::")) for card in found]
        blanks = [card.render_output().question_text for card in found if card.note_type()["type"]]
        assert blanks
        assert all("data-cloze=" in one for one in blanks), "the style knows the blank by it"
        return [
            (rule, f"<style>{out.css}</style>{out.answer_text}")
            for rule, out in zip(rules, [card.render_output() for card in found], strict=True)
        ]

    return anki.with_collection(shown)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        yield chromium.new_page(viewport={"width": 380, "height": 700})
        chromium.close()


def show(page: Any, card: str, night: bool = False) -> None:
    kind = "card nightMode night_mode" if night else "card"
    page.set_content(f'<!DOCTYPE html><html lang="en" class="mobile"><body class="{kind}">{card}</body></html>')


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_every_card_is_readable_on_a_phone(cards: list[tuple[str, str]], page: Any, night: bool) -> None:
    assert len(cards) >= 8
    for _, card in cards:
        show(page, card, night)
        assert page.evaluate("document.documentElement.scrollWidth") <= 380, page.inner_text("body")
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate(
            "axe.run({runOnly: ['color-contrast', 'link-name', 'list', 'listitem', 'target-size']})"
            ".then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
        )
        assert found == []
        luminance = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (max(luminance) < 80) == night


def test_links_are_quiet_and_as_high_as_a_thumb(cards: list[tuple[str, str]], page: Any) -> None:
    for _, card in cards:
        show(page, card)
        boxes = page.locator(".nb-watch a").evaluate_all("all => all.map(a => a.getBoundingClientRect().toJSON())")
        assert len(boxes) == 2
        assert all(box["height"] >= 44 and 44 <= box["width"] <= 170 for box in boxes)
        assert boxes[0]["right"] + 16 <= boxes[1]["left"]
        told = "a => [getComputedStyle(a).backgroundColor, getComputedStyle(a).borderTopWidth]"
        assert page.locator(".nb-watch a").first.evaluate(told) == ["rgba(0, 0, 0, 0)", "0px"]


def test_an_answer_is_as_large_as_its_question_which_steps_back(cards: list[tuple[str, str]], page: Any) -> None:
    looks = "one => [parseFloat(getComputedStyle(one).fontSize), getComputedStyle(one).color]"
    seen = 0
    for _, card in cards:
        show(page, card)
        if page.locator(".nb-back").count():
            (asked, faint), (answered, ink) = (page.locator(one).evaluate(looks) for one in (".nb-front", ".nb-back"))
            assert answered >= asked >= 19
            assert faint != ink == page.evaluate("getComputedStyle(document.body).color")
            seen += 1
    assert seen >= 6


@pytest.mark.parametrize(
    ("title", "heading", "cut", "lines"),
    [
        ("How sourdough rises", "Yeast", False, 1),
        ("Importance of tool calling in AI", "Why Tool Calling Matters", True, 1),
        ("Ethnic cleansing accusations in Karabakh", "What is Ethnic Cleansing?", True, 1),
        ("サワードウはどのように膨らむのか", "酵母と乳酸菌のはたらきについて", True, 1),
        ("AI", "A heading of so many words that it has no room in a line of a phone", False, 2),
    ],
)
def test_the_line_on_top_is_one_with_the_whole_heading(
    page: Any, title: str, heading: str, cut: bool, lines: int
) -> None:
    from convert.extract.cards import Card
    from convert.extract.cards.model import context_line
    from convert.writers.anki.collection import package_data
    from convert.writers.anki.deck_cards import deck_cards

    context = context_line(title, heading)
    card = Card(kind="basic", rule="own", front=(), answer="", context=context, anchor="a", start_ms=0, line=0)
    (made,) = deck_cards([card], anki_note())
    css = package_data("convert.writers.anki", "cards.css").decode()
    show(page, f"<style>{css}</style><div class=nb-context>{made.fields[2]}</div>")
    places = page.locator(".nb-place")
    assert places.evaluate_all("all => all.map(one => one.scrollWidth > one.clientWidth)") == [cut, False]
    tops = places.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    assert len({box["top"] for box in tops}) == 1
    assert tops[1]["height"] < 20 * lines
    assert tops[1]["right"] <= 380


def test_a_question_stands_out_and_lists_of_answers_are_a_step_smaller(cards: list[tuple[str, str]], page: Any) -> None:
    sizes = "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    seen = 0
    for _, card in cards:
        show(page, card)
        weight = page.locator(".nb-front").evaluate("one => getComputedStyle(one).fontWeight")
        assert weight == ("400" if page.locator(".nb-front .cloze").count() else "600")
        for size in page.locator(".nb-back li").evaluate_all(sizes):
            assert 18 <= size < 19.9
            seen += 1
    assert seen


def test_the_link_to_the_video_is_in_sight_below_a_long_answer(cards: list[tuple[str, str]], page: Any) -> None:
    for _, card in cards:
        show(page, card.replace("<div class=nb-back>", f"<div class=nb-back>{'<p>One more line.</p>' * 40}"))
        bottom = page.locator(".nb-watch a").first.evaluate("one => one.getBoundingClientRect().bottom")
        assert bottom <= 700, "it stays at the end of the screen"


@pytest.mark.parametrize("answer", ["1990s", "2 days"])
def test_a_blank_is_as_wide_as_a_short_answer(page: Any, answer: str) -> None:
    from convert.writers.anki.collection import package_data

    css = package_data("convert.writers.anki", "cards.css").decode()
    tops = []
    for gap in (f'<span class="cloze" data-cloze="{answer}">[...]</span>', f'<span class="cloze">{answer}</span>'):
        front = f"The term “ethnic cleansing” emerged in the {gap} during the wars in former <i>Yugoslavia</i>."
        show(page, f"<style>{css}</style><div class=nb-front>{front}</div>")
        tops.append(page.locator("i").evaluate("one => one.getBoundingClientRect().left"))
    assert abs(tops[0] - tops[1]) < 1, tops


def test_a_card_from_the_right_has_its_links_at_the_right(page: Any) -> None:
    from convert.writers.anki.collection import package_data

    css = package_data("convert.writers.anki", "cards.css").decode()
    link = '<div class=nb-watch><a href="https://youtu.be/a">شاهد عند 1:41</a></div>'
    show(page, f'<style>{css}</style><div class=nb-front><div lang="ar" dir="rtl">ماذا؟</div></div>{link}')
    box = page.locator(".nb-watch a").bounding_box()
    assert 380 - (box["x"] + box["width"]) < 20


@pytest.mark.parametrize("sheet", ["book.css", "reading_room.css", "cards.css"])
def test_emphasis_is_bold_in_scripts_without_italics(page: Any, sheet: str) -> None:
    css = next(ROOT.joinpath("convert").rglob(sheet)).read_text("utf-8")
    words = "".join(f'<p lang="{language}"><em>x</em></p>' for language in ("ja", "zh-Hant", "ar", "he", "en"))
    page.set_content(f'<style>{css}</style><body class="card"><div class="note-text">{words}</div></body>')
    look = "all => all.map(one => getComputedStyle(one)).map(one => [one.fontStyle, one.fontWeight])"
    looks = page.locator("em").evaluate_all(look)
    assert looks == [["normal", "700"]] * 4 + [["italic", "400"]]


def test_a_card_says_its_title_once(cards: list[tuple[str, str]], page: Any) -> None:
    for _, card in cards:
        show(page, card)
        text = page.inner_text("body")
        assert text.count(TITLE) + (text.count("A title A title A title") > 0) == 1, text
        assert page.locator(".nb-source:visible").evaluate_all("all => all.every(a => a.innerText.trim())")


def test_the_sentence_keeps_its_emphasis(cards: list[tuple[str, str]], page: Any) -> None:
    (card,) = [card for rule, card in cards if rule == "rule::acronym"]
    show(page, card)
    assert page.locator(".nb-source b, .nb-source strong").all_inner_texts() == ["Mother dough", "levain"]
    assert page.locator(".nb-source em").all_inner_texts() == ["lactic acid bacteria"]
