"""Uses `notebind review` in a browser: keys, undo, search, edits, axe, a phone, and three thousand cards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convert.request import Request
from convert.review.server import ReviewServer
from convert.review.session import Session
from convert.vault.vault import open_vault
from convert.vault.verdicts import read_verdicts
from tests.support.needs import NODE_MODULES, needs, program
from tests.support.vaults import lay_out, note

pytestmark = needs("playwright", "chromium")

AXE = NODE_MODULES / "axe-core" / "axe.min.js"
TEXT = note(
    "## The sea\n\nTides are the rise and fall of sea levels caused by the gravity of the moon [00:00:10].\n\n"
    "In 1859 Charles Darwin published On the Origin of Species, which founded evolutionary biology [00:00:40].\n\n"
    "## <img src=x onerror=window.hit=1>\n\n"
    "Plate tectonics is the theory that the crust of the Earth is divided into moving plates [00:01:10].\n\n"
    "In 1953 James Watson and Francis Crick discovered the structure of DNA (deoxyribonucleic acid) [00:02:10].\n\n"
    "Who drew it?::The bears\n",
    title="<script>window.hit = 1</script>",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu"]
        chromium = playwright.chromium.launch(executable_path=program("chromium"), args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def session(tmp_path: Path) -> Session:
    lay_out(tmp_path, {"films/sea.md": TEXT})
    return Session(open_vault(Request((tmp_path / "films",)), 1, lambda _: None), "all", 12, False)


@pytest.fixture
def server(session: Session) -> Iterator[ReviewServer]:
    server = ReviewServer(session)
    server.start()
    yield server
    server.close()


@pytest.fixture
def page(browser: Any, server: ReviewServer) -> Iterator[Any]:
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(server.page)
    page.wait_for_selector("#list li")
    yield page
    assert faults == []
    assert page.evaluate("window.hit") is None
    context.close()


def said(folder: Path) -> dict[str, str]:
    return {one.front: one.verdict for one in read_verdicts(str(folder / "films")).entries}


def press(page: Any, key: str) -> None:
    """Press a key and wait for the answer of the server."""
    with page.expect_response("**/verdict"):
        page.keyboard.press(key)
    page.wait_for_timeout(50)


def front(page: Any) -> str:
    return str(page.evaluate("current.front"))


def test_keys_keep_discard_and_undo(page: Any, tmp_path: Path) -> None:
    cards = page.evaluate("cards.length")
    assert cards >= 3
    first = front(page)
    press(page, "k")
    second = front(page)
    assert second != first
    press(page, "d")
    assert said(tmp_path) == {first: "keep", second: "discard"}
    assert page.text_content("#progress") == f"2 of {cards} reviewed, 1 kept"
    assert page.evaluate("shown.length") == cards - 2
    press(page, "u")
    assert front(page) == second
    assert said(tmp_path) == {first: "keep"}
    press(page, "u")
    assert front(page) == first
    assert said(tmp_path) == {}
    page.keyboard.press("n")
    assert front(page) != first
    page.keyboard.press("p")
    assert front(page) == first


def test_an_edit_is_kept_and_undone(page: Any, tmp_path: Path) -> None:
    first = front(page)
    page.keyboard.press("e")
    page.fill("#edit-front", "What is {{c1::mine}}?")
    page.fill("#edit-back", "<b>An answer</b>")
    with page.expect_response("**/verdict"):
        page.click("#edit button[type=submit]")
    page.wait_for_timeout(50)
    (entry,) = read_verdicts(str(tmp_path / "films")).entries
    assert (entry.front, entry.back, entry.edited) == ("What is {{c1::mine}}?", "<b>An answer</b>", True)
    press(page, "u")
    assert front(page) == first
    assert read_verdicts(str(tmp_path / "films")).entries == ()


def test_a_card_stands_beside_its_sentence_and_section(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("gravity")
    page.keyboard.press("Enter")
    assert page.evaluate("shown.length") == 1
    assert "Tides are the rise" in page.text_content("#source mark")
    assert "Darwin" in page.text_content("#source")
    assert page.get_attribute("#watch", "href").endswith("t=10")


def test_filters_by_rule_and_state(page: Any) -> None:
    rule = page.evaluate("current.rule")
    page.select_option("#rule", rule)
    assert page.evaluate("shown.every((card) => card.rule === current.rule)")
    press(page, "k")
    page.select_option("#rule", "")
    page.select_option("#state", "keep")
    assert page.evaluate("shown.length") == 1
    page.select_option("#state", "discard")
    assert page.is_visible("#empty")


def test_what_cannot_be_saved_is_said_and_nothing_moves(page: Any, tmp_path: Path) -> None:
    (tmp_path / "films" / "cards.toml").mkdir()
    first = front(page)
    press(page, "k")
    assert "cannot be written" in page.text_content("#error")
    assert front(page) == first


def test_a_verdict_lasts_into_the_next_review(page: Any, tmp_path: Path) -> None:
    first = front(page)
    press(page, "d")
    again = Session(open_vault(Request((tmp_path / "films",)), 1, lambda _: None), "all", 12, False)
    assert [card.verdict for card in again.shown.values() if card.front == first] == ["discard"]


def test_the_page_counts_marked_cards(page: Any) -> None:
    marked = page.locator("#marked")
    assert marked.locator("summary").inner_text() == "1 card that you marked is always made: change it in its note"
    marked.locator("summary").click()
    assert marked.locator("li").inner_text().endswith("films/sea.md: 1")


@pytest.mark.parametrize("width", [360, 800, 1440])
def test_axe_finds_nothing(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    for step in ("", "e", "Escape"):
        if step:
            page.keyboard.press(step)
        page.evaluate("document.getElementById('marked').open = true")
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_three_thousand_cards_are_painted_within_a_second_and_scroll(browser: Any, tmp_path: Path) -> None:
    facts = [
        f"## Part {number}\n\nIn {1000 + number % 900} King Harald{number} founded the city of Town{number}. "
        f"{'The rest of this section is about something else. ' * 5}[00:00:10]\n"
        for number in range(3000)
    ]
    lay_out(tmp_path, {"films/one.md": TEXT})
    session = Session(open_vault(Request((tmp_path / "films",)), 1, lambda _: None), "all", 12, False)
    card = next(iter(session.shown.values()))
    for number, fact in enumerate(facts):
        session.sections.append(fact)
        one = json.loads(json.dumps({name: getattr(card, name) for name in card.__struct_fields__}))
        one |= {"id": str(number), "front": f"Who founded Town{number}?", "sentence": fact[:60], "section": number}
        session.shown[str(number)] = type(card)(**one)
    server = ReviewServer(session)
    server.start()
    page = browser.new_page()
    page.goto(server.page)
    page.wait_for_selector("#list li:nth-of-type(3000)", state="attached")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    ready = page.evaluate("performance.mark('now').startTime")
    script = """async () => {
      const nav = document.querySelector("nav"), gaps = [];
      let last = performance.now();
      for (let step = 0; step < 60; step++) {
        nav.scrollTop += 2500;
        await new Promise(requestAnimationFrame);
        gaps.push(performance.now() - last);
        last = performance.now();
      }
      return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)];
    }"""
    frame = page.evaluate(script)
    print(f"first paint {painted:.0f} ms, list {ready:.0f} ms, frame {frame:.0f} ms")
    assert painted < 1000
    assert frame < 100
    server.close()
    page.close()
