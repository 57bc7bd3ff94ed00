"""Searches a site in a browser: plurals, small slips, beginnings; counts and excerpts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from convert.pipeline.run import build
from convert.request import Request
from tests.support.needs import needs, program
from tests.support.vaults import lay_out, note

pytestmark = needs("playwright", "chromium")

TEXTS = {
    "matrices": "Both matrices have a vertex, and children study cities under leaves. The rhythm of hormones in c++.",
    "ruins": "A matrix with vertices. A child visits a city beneath a leaf. Its hormone; C# and the ratio 3:2.",
    "zoo": "The zebra's stripes don’t fade. Señora Núñez eats crème brûlée. Заметки о кофе. 小麦粉と水を混ぜます。",
    "long": f"{'Words of every length precede it here. ' * 9}The marmalade is here, {'and more words follow. ' * 20}",
    "glued": f"{'小麦粉と水を混ぜます' * 40}終わり{'酵母' * 90}",
}
MANY = "\n\n".join(f"## Part {at} [{at}:00]\n\nThe walrus sleeps {at} hours." for at in range(1, 54))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield the first page of a site with its search open."""
    from playwright.sync_api import sync_playwright

    folder = tmp_path_factory.mktemp("search")
    files = {
        f"found/{name}.md": note(f"## On {name} [0:10]\n\n{text}\n", name.title(), f"find{at:07}")
        for at, (name, text) in enumerate(TEXTS.items())
    }
    lay_out(folder, {**files, "found/many.md": note(MANY, "Many")})
    build(Request((folder / "found",), folder / "out", ("html",), jobs=1))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        shown = chromium.new_page()
        shown.goto((folder / "out" / "found.html" / "index.html").as_uri())
        shown.keyboard.press("/")
        shown.keyboard.type("walrus")
        shown.wait_for_selector(".results a")
        yield shown
        chromium.close()


def search(page: Any, query: str) -> tuple[list[str], list[str], str]:
    """Return the notes of the results, what is marked in the text of the first, and the line above."""
    page.fill("#query", query)
    found = page.locator(".results a").evaluate_all("all => all.map(a => a.getAttribute('href').split('-')[0])")
    marked = page.locator(".results li:first-child span mark").all_inner_texts()
    return found, marked, page.locator(".status").inner_text()


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("matrix", {"matrix", "matrices"}),
        ("matrices", {"matrix", "matrices"}),
        ("vertices", {"vertex", "vertices"}),
        ("city", {"city", "cities"}),
        ("Cities", {"city", "cities"}),
        ("leaf", {"leaf", "leaves"}),
        ("leaves", {"leaf", "leaves"}),
        ("children", {"child", "children"}),
        ("hormones", {"hormone", "hormones"}),
        ("hormone", {"hormone", "hormones"}),
        ("hormo vert", {"hormo", "vert"}),
    ],
)
def test_plurals_and_beginnings_are_found(page: Any, query: str, marked: set[str]) -> None:
    found, _, status = search(page, query)
    assert (sorted(found), status) == (["matrices", "ruins"], "2 places in 2 notes")
    assert {text.lower() for text in page.locator(".results span mark").all_inner_texts()} == marked


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("rythm", "rhythm"),
        ("rhythmm", "rhythm"),
        ("rhytmh", "rhythm"),
        ("rhyzhm", "rhythm"),
        ("hromone", "hormone"),
        ("marmelade", "marmalade"),
        ("marmelad", "marmalade"),
        ("walruz sleeps", "walrus"),
        ("mtarix", "matrix"),
        ("ruinz", "ruins"),
    ],
)
def test_small_slips_are_understood(page: Any, query: str, meant: str) -> None:
    found, marked, status = search(page, query)
    assert found
    assert meant in status.partition(", for ")[2]
    assert not marked or meant in [text.lower() for text in marked]


@pytest.mark.parametrize("query", ["qj", "xyzzy", "rhythms of walruses", "marxelxde", "zoo walrus", "++", "c##", "   "])
def test_nothing_is_found_for_what_is_not_there(page: Any, query: str) -> None:
    assert search(page, query)[0] == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("c++", "matrices"),
        ("C#", "ruins"),
        ("3:2", "ruins"),
        ("don't", "zoo"),
        ("“zebra’s”", "zoo"),
        ("senora nunez", "zoo"),
        ("CREME BRULEE", "zoo"),
        ("заметка кофе"[:6], "zoo"),
        ("終わり", "glued"),
    ],
)
def test_signs_accents_and_other_scripts_are_found(page: Any, query: str, name: str) -> None:
    found, marked, _ = search(page, query)
    assert found == [name]
    assert marked


def test_the_line_above_counts_what_can_be_shown(page: Any) -> None:
    assert search(page, "walrus")[2] == "53 places in 1 note"
    assert page.locator(".results a").count() == 40
    page.get_by_role("button", name="13 more").click()
    assert page.locator(".results a").count() == 53
    assert page.locator(".results button").count() == 0
    assert page.evaluate("document.activeElement.getAttribute('href')") is not None


def test_excerpts_are_cut_between_words(page: Any) -> None:
    search(page, "marmalade")
    text = page.locator(".results span").first.inner_text()
    assert re.fullmatch(r"… (\w+[.,]?\s)+…", text)
    assert set(re.findall(r"\w+", text)) <= set(re.findall(r"\w+", TEXTS["long"]))
    assert "The marmalade is here" in text
    search(page, "終わり")
    assert "終わり" in page.locator(".results span").first.inner_text()
