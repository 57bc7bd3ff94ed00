"""Opens the pages of a site on narrow screens: nothing is wider than they are, chapters and search are at hand."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from convert.pipeline.run import build
from convert.request import Request
from tests.readback.test_reading_room import faults, watched
from tests.support.needs import needs, program
from tests.support.vaults import OTHER, VIDEO, lay_out, note

pytestmark = needs("playwright", "chromium")

WIDTHS = (320, 360, 412)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
ADDRESS = f"https://example.org/{'a-long-path/' * 9}?q={'x' * 120}"
SUM = " + ".join(f"x_{{{number}}}^2" for number in range(40))
MATRIX = f"\\begin{{pmatrix}} {' & '.join(map(str, range(30)))} \\end{{pmatrix}}"
NESTED = "\n".join(f"{'  ' * level}- {LONG} `{'code' * 20}` ${SUM}$ [0:3{level}]" for level in range(9))
SHORT = " | ".join(["It is a row of short words, and so are all of them."] * 3)
TIED = "\N{NO-BREAK SPACE}".join(["tied"] * 60)
BLOCKS = {
    "words": f"{LONG}{LONG} **{'b' * 200}** *{'i' * 200}* ~~{'s' * 200}~~ ==={'m' * 90}=== {'0' * 300} {TIED}",
    "addresses": f"{ADDRESS} and <{ADDRESS}> and [{ADDRESS}]({ADDRESS}) and ![{LONG}]({ADDRESS})",
    "code": f"`{'code_without_end' * 9}`\n\n```python\nprint('{'long line ' * 40}')\n```",
    "a table": f"| {'column' * 9} | b | c | d |\n|---|---|---|---|\n| `{'x' * 60}` | {LONG} | {ADDRESS} | [0:21] |",
    "sentences": f"| a | b | c | d |\n{'|---' * 4}|\n| row | {SHORT} |",
    "nameless": f"| | | | |\n{'|---' * 4}|\n| row | {SHORT} |",
    "figures": f"| of | {' | '.join(['figures'] * 12)} |\n{'|---' * 13}|\n| row | {' | '.join(['12.5'] * 12)} |",
    "formulas": f"In ${SUM}$ and ${MATRIX}$ it ends.\n\n$${SUM}$$\n\n> > > $${MATRIX}$$ and ${SUM}$",
    "lists": NESTED,
    "tasks": f"- [ ] {ADDRESS}\n- [x] {'-' * 200}\n1234567890. {LONG}",
    "quotes": f"> [!tip] {LONG}\n> {ADDRESS}\n>\n> > > > > > {LONG}",
    "pictures": f"![wide](wide.png) ![{LONG}](wide.png) ![[wide.png|1800]]",
    "terms": f"{LONG}\n: {ADDRESS}\n\n<details><summary>{LONG}{LONG}</summary>\n\n{ADDRESS}\n\n</details>",
    "links": f"[[{LONG}{LONG}]] [[hard_words|{LONG}{LONG}]] #{'tag' * 40} and a note[^1].\n\n[^1]: {ADDRESS} ${SUM}$",
    "embeds": "![[other]]\n\n![[hard_a_table]]",
    "HTML": f"<kbd>{'k' * 90}</kbd> <ruby>{'漢' * 9}<rt>{'k' * 50}</rt></ruby> H<sub>{'2' * 90}</sub>",
    "times": "1:00:00 " + ", ".join(f"[1:00:{second:02}]" for second in range(30)),
    "headings": f"### {LONG}{LONG} [0:40]\n\n###### {'_'.join([LONG] * 3)} [0:50]\n\n# {ADDRESS}",
}
PROSE = "A word on rivers and boats [0:05]. " * 60


def grey(width: int, height: int) -> bytes:
    """Return a grey PNG."""
    rows = zlib.compress(b"".join(b"\0" + b"\x88" * width for _ in range(height)))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        made += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a site of hard notes, each kind on a page of its own, then all on one, and return its folder."""
    folder = tmp_path_factory.mktemp("phones")
    files: dict[str, str | bytes] = {"hard/wide.png": grey(2000, 90)}
    for number, (kind, text) in enumerate(BLOCKS.items()):
        name = f"hard_{kind.replace(' ', '_')}"
        files[f"hard/{name}.md"] = note(f"## {kind} [0:10]\n\n{text}\n\n{PROSE}\n", f"{kind}", f"hard{number:07}")
        files[f"hard/all_{number}.md"] = note(f"## {kind} [{number + 1}:00]\n\n{text}\n", f"{kind} {LONG}", OTHER)
    files["hard/other.md"] = note(f"# {ADDRESS} [0:10]\n\n[[hard_words]] ${SUM}$ `{'c' * 90}`\n", f"{LONG} {ADDRESS}")
    files["hard/loose.md"] = note(f"## {LONG}\n\n{PROSE}\n\n## {ADDRESS}\n\n[[other]]\n", "W" * 200, "")
    files["hard/hard.md"] = (
        f"---\ntitle: {LONG} {'W' * 90}\n---\n### [{ADDRESS}](https://www.youtube.com/watch?v={OTHER})\n- [[all_0]]\n\n"
        f"### [{'long' * 90}](https://www.youtube.com/watch?v={VIDEO})\n- [[other]]\n"
    )
    lay_out(folder, files)
    report = build(Request((folder / "hard",), folder / "out", ("epub", "chapters", "html"), jobs=1))
    assert [book.failures for book in report.books] == [{}]
    return folder / "out" / "hard.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program("chromium"), args=["--no-sandbox", "--disable-gpu", "--mute-audio"]
        )
        yield chromium
        chromium.close()


def phone(browser: Any, width: int = 360, **more: Any) -> Any:
    """Return a page in a browser that lays out as phones do: what is too wide makes the whole page wider."""
    return browser.new_context(
        viewport={"width": width, "height": 780}, is_mobile=True, has_touch=True, reduced_motion="reduce", **more
    ).new_page()


WIDER = """() => {
  const root = document.documentElement, over = Math.max(root.scrollWidth, innerWidth) - screen.width;
  scrollTo(9999, scrollY);
  return Math.max(over, scrollX);
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(site: Path, browser: Any, width: int) -> None:
    """Also the sites in the folder that NOTEBIND_SITES names, if it names one."""
    page = phone(browser, width)
    others = Path(os.environ.get("NOTEBIND_SITES", "/dev/null"))
    files = sorted([*site.glob("*.html"), *others.glob("*.html/*.html")])
    assert len(files) > len(BLOCKS)
    found = []
    for file in files:
        page.goto(file.as_uri(), wait_until="domcontentloaded")
        if (over := page.evaluate(WIDER)) > 0:
            found.append(f"{file.name} by {over}")
    page.context.close()
    assert found == []


def page_of(site: Path, start: str) -> str:
    (found,) = site.glob(f"{start}-????????.html")
    return found.as_uri()


def test_chapters_and_search_are_at_hand_in_mid_note(site: Path, browser: Any) -> None:
    page = phone(browser)
    errors = watched(page)
    page.goto(page_of(site, "words"))
    page.evaluate("scrollTo(0, 1500)")
    assert page.locator(".bar >> text=Search").is_visible()
    page.goto(next(file.as_uri() for file in site.glob("https-*.html")))
    page.evaluate("scrollTo(0, 4000)")
    page.get_by_role("button", name="Chapters").tap()
    assert page.locator(".sheet .chapters [aria-current]").count() == 1
    assert page.locator(".sheet .shelf").is_hidden()
    page.locator(".sheet .chapters a", has_text="tasks").tap()
    assert page.locator(".sheet[open]").count() == 0
    heading = page.locator(".notes h3", has_text="tasks").first
    assert 40 < heading.evaluate("e => e.getBoundingClientRect().top") < 120
    page.get_by_role("button", name="Search").tap()
    assert page.locator("#query").is_visible()
    assert errors == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Chapters").tap()
    assert faults(page) == []
    page.context.close()


def test_a_note_without_times_has_contents(site: Path, browser: Any) -> None:
    page = phone(browser)
    page.goto(next(file.as_uri() for file in site.glob("wwww*.html")))
    page.evaluate("scrollTo(0, 900)")
    button = page.get_by_role("button", name="Contents")
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator(".sheet .chapters [aria-current]").inner_text().strip() == LONG
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Contents"
    page.keyboard.press("Enter")
    page.locator(".sheet a").last.click()
    assert page.evaluate("document.querySelector(':target').innerText").startswith("https://example.org/")
    page.context.close()


def test_times_are_quiet_until_pointed_at(site: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page.goto(page_of(site, "words"))
    stamp = page.locator("p > a.stamp").first
    looks = "e => getComputedStyle(e).backgroundColor"
    quiet = stamp.evaluate(looks)
    stamp.hover()
    assert (quiet, stamp.evaluate(looks) != quiet) == ("rgba(0, 0, 0, 0)", True)
    page.close()


def test_no_line_with_rounded_ends_stands_above_a_note(site: Path, browser: Any) -> None:
    page = phone(browser)
    page.goto(next(file.as_uri() for file in site.glob("https-*.html")) + "#n2")
    looks = "all => all.map(e => getComputedStyle(e)).map(s => [s.borderTopWidth, s.borderTopLeftRadius])"
    found = page.eval_on_selector_all("article.note", looks)
    assert len(found) > 1
    assert [one for one in found if "0px" not in one] == []
    page.context.close()


def test_code_is_small_as_wide_as_the_screen_and_shaded_where_it_is_cut(site: Path, browser: Any) -> None:
    page = phone(browser)
    page.goto(page_of(site, "code"))
    code = page.locator("pre")
    box = code.evaluate("e => [e.getBoundingClientRect().left, e.getBoundingClientRect().width]")
    assert box == [0, 360]
    for element in (code, code.locator("code")):
        assert element.evaluate("e => getComputedStyle(e).fontSize") == "13px"
    assert shades(code) == (False, True)
    code.evaluate("e => { e.scrollLeft = 99999; }")
    assert shades(code) == (True, False)
    page.goto(page_of(site, "figures"))
    assert shades(page.locator(".wide")) == (False, True)
    page.context.close()


def test_rows_of_text_are_lists_and_rows_of_figures_keep_their_first_column(site: Path, browser: Any) -> None:
    page = phone(browser)
    errors = watched(page)
    page.goto(page_of(site, "a-table"))
    assert page.locator(".wide").evaluate("e => e.scrollWidth - e.clientWidth") == 0
    named = "e => getComputedStyle(e, '::before').content"
    assert [cell.evaluate(named) for cell in page.get_by_role("cell").all()] == ["none", '"b"', '"c"', '"d"']
    assert page.get_by_role("columnheader").count() == 4
    for name, looks in (("sentences", "flow-root"), ("nameless", "table-cell")):
        page.goto(page_of(site, name))
        assert page.locator("td").first.evaluate("e => getComputedStyle(e).display") == looks
    page.goto(page_of(site, "a-table"))
    page.set_viewport_size({"width": 1440, "height": 900})
    assert page.locator("td").first.evaluate("e => getComputedStyle(e).display") == "table-cell"
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(page_of(site, "figures"))
    left = "e => e.getBoundingClientRect().left"
    before = page.locator("td").first.evaluate(left)
    page.locator(".wide").evaluate("e => { e.scrollLeft = 200; }")
    assert page.locator("td").first.evaluate(left) == before
    assert page.locator("td").nth(1).evaluate(left) < 0
    assert errors == []
    assert faults(page) == []
    page.goto(page_of(site, "a-table"))
    assert faults(page) == []
    page.context.close()


@pytest.mark.parametrize("width", [360, 1440])
def test_a_title_stands_clear_of_the_bar_and_its_video_below_it(site: Path, browser: Any, width: int) -> None:
    page = phone(browser, width)
    page.goto(next(file.as_uri() for file in site.glob("https-*.html")) + "#n3")
    title = page.locator("#n3 > .note-title")
    clear = title.evaluate("e => e.getBoundingClientRect().top - document.querySelector('.bar').offsetHeight")
    assert 28 <= clear <= 34
    looks = title.evaluate("e => [getComputedStyle(e).fontSize, getComputedStyle(e).textDecorationLine]")
    assert looks == ["32px" if width == 1440 else "23px", "none"]
    origin = page.locator("#n3 > .note-title + .origin")
    assert origin.inner_text().startswith("From ")
    assert origin.get_by_role("link", name="Watch on YouTube").get_attribute("href") == f"https://youtu.be/{OTHER}"
    assert origin.evaluate("e => e.offsetHeight") < 30
    assert origin.get_by_role("link").evaluate("e => e.offsetHeight") >= 42
    assert page.evaluate(WIDER) <= 0
    page.context.close()


def test_on_paper_there_are_the_text_and_the_address_of_the_video(site: Path, browser: Any) -> None:
    for page in (phone(browser), browser.new_page()):
        page.goto(page_of(site, "words"))
        page.emulate_media(media="print")
        for gone in (".bar", ".shelf", ".chapters", ".elsewhere b", ".elsewhere i", ".onward"):
            assert page.locator(gone).first.is_hidden(), gone
        watch = page.locator(".watch")
        assert watch.evaluate("e => [e.offsetHeight < 60, getComputedStyle(e, '::after').content]")[0]
        assert watch.evaluate("e => getComputedStyle(e).backgroundImage") == "none"
        assert page.locator("p > .stamp").first.evaluate("e => getComputedStyle(e).marginLeft") == "0px"
        page.close()


def shades(box: Any) -> tuple[bool, bool]:
    """Return whether the left and the right edge of a box are darker than its middle line of padding is, thinly."""
    from PIL import Image

    with Image.open(BytesIO(box.screenshot())) as picture:
        grey_values = picture.convert("L")
    row = [grey_values.getpixel((x, 3)) for x in range(grey_values.width)]
    ground = row[len(row) // 2]
    assert ground - min(row[1], row[-2]) < 30
    assert (row[12], row[-13]) == (ground, ground)
    return row[1] < ground - 15, row[-2] < ground - 15


def test_the_chapter_that_is_read_is_marked(site: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    errors = watched(page)
    page.goto(next(file.as_uri() for file in site.glob("https-*.html")))
    for name in ("tasks", "lists"):
        page.locator(".notes h3", has_text=name).first.evaluate("e => e.scrollIntoView()")
        page.locator(".side a[aria-current]", has_text=name).wait_for(timeout=3000)
        assert page.locator(".side [aria-current]").count() == 1
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function("() => !document.querySelector('.side [aria-current]')", timeout=3000)
    assert errors == []
    page.close()


def test_the_chapter_of_the_first_time_in_sight_is_marked_in_mid_section(site: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 500}, reduced_motion="reduce")
    page.goto(next(file.as_uri() for file in site.glob("https-*.html")))
    times = page.locator("section:has(> h3:has-text('times')) p > a.stamp").last
    times.evaluate("e => scrollBy(0, e.getBoundingClientRect().top - 60)")
    page.locator(".side a[aria-current]", has_text="words").wait_for(timeout=3000)
    page.close()


def test_rows_of_the_columns_are_seen_whole_and_the_marked_one_in_the_middle(site: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 700}, reduced_motion="reduce")
    page.goto(next(file.as_uri() for file in site.glob("https-*.html")))
    page.locator(".notes h3", has_text="tasks").first.evaluate("e => e.scrollIntoView()")
    page.locator(".side a[aria-current]", has_text="tasks").wait_for(timeout=3000)
    chapters = page.locator("details.chapters")
    for scroll in (0, 7, -19):
        chapters.evaluate("(e, by) => { e.scrollTop += by; }", scroll)
        page.wait_for_timeout(100)
        for column in (chapters, page.locator("main > .shelf")):
            above, below, edges, rows = column.evaluate(EDGES)
            assert edges[0] <= above < below <= edges[1]
            assert all(
                bottom <= above + 1 or (above <= top + 1 and bottom <= below + 1) or top >= below - 1
                for top, bottom in rows
            )
        if not scroll:
            top, bottom = page.locator(".side [aria-current]").evaluate(BOX)
            assert abs((top + bottom) / 2 - sum(edges_of(chapters)) / 2) < 60
    page.close()


BOX = "e => { const {top, bottom} = e.getBoundingClientRect(); return [top, bottom]; }"
EDGES = """e => {
  const ol = e.querySelector('ol'), start = ol.getBoundingClientRect(), style = ol.style;
  const box = e.getBoundingClientRect(), head = e.querySelector('summary')?.offsetHeight ?? 0;
  const from = Number.parseFloat(style.getPropertyValue('--from'));
  const to = Number.parseFloat(style.getPropertyValue('--to'));
  const whole = style.getPropertyValue('--to').startsWith('calc');
  const rows = [...ol.querySelectorAll('a')].map(a => a.getBoundingClientRect()).map(row => [row.top, row.bottom]);
  const edges = [box.top + head - 1, box.bottom + 1];
  return [Math.max(edges[0], start.top + from), whole ? edges[1] : start.top + to, edges, rows];
}"""


def edges_of(column: Any) -> list[float]:
    """Return where the rows of a column begin and end on the screen."""
    edges: list[float] = column.evaluate(EDGES)[2]
    return edges


def test_the_note_that_is_read_is_marked_in_the_column(site: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    errors = watched(page)
    page.goto(next(file.as_uri() for file in site.glob("https-*.html")))
    marked = page.locator(".shelf ol ol [aria-current]")
    for note_id in ("n9", "n14", "n2"):
        page.locator(f"#{note_id}").evaluate("e => e.scrollIntoView()")
        page.locator(f".shelf [href='#{note_id}'][aria-current]").wait_for(timeout=3000)
        inside = "e => { const a = e.getBoundingClientRect(), b = e.closest('nav').getBoundingClientRect();"
        assert marked.evaluate(f"{inside} return a.top >= b.top && a.bottom <= b.bottom; }}")
    assert errors == []
    assert faults(page) == []
    page.close()


@pytest.mark.parametrize("width", [360, 1100])
def test_where_there_is_no_column_other_videos_are_in_the_sheet(site: Path, browser: Any, width: int) -> None:
    page = phone(browser, width)
    errors = watched(page)
    page.goto(page_of(site, "words"))
    assert page.locator("main > .shelf a:visible").count() == 0
    page.get_by_role("button", name="Notes").tap()
    link = page.locator(".sheet .shelf > ol > :not(.here) > a").first
    name = link.get_attribute("href") or ""
    assert link.evaluate("e => e.getBoundingClientRect().height") >= 40
    link.tap()
    page.wait_for_url(f"**/{name}")
    page.goto(next(file.as_uri() for file in site.glob("https-*.html")))
    page.get_by_role("button", name="Notes" if width == 1100 else "Chapters").tap()
    if width == 360:
        page.locator(".sheet summary").tap()
    page.locator(".sheet .shelf a", has_text="All notes").tap()
    page.wait_for_url("**/index.html")
    assert errors == []
    page.go_back()
    page.get_by_role("button", name="Notes" if width == 1100 else "Chapters").tap()
    assert faults(page) == []
    page.context.close()


def test_nothing_shines_through_the_bar(site: Path, browser: Any) -> None:
    page = phone(browser)
    page.goto(page_of(site, "words"))
    looks = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).backdropFilter]"
    assert page.locator(".bar").evaluate(looks) == ["rgb(252, 251, 248)", "none"]
    page.context.close()


def test_a_page_from_the_disk_has_a_quiet_row_for_its_video(site: Path, browser: Any) -> None:
    for width in (360, 1440):
        page = phone(browser, width)
        page.goto(page_of(site, "words"))
        row = page.locator(".player > a.watch")
        assert row.inner_text().split("\n")[0] == "words"
        assert "Watch on YouTube" in row.inner_text()
        assert 42 <= row.evaluate("e => e.offsetHeight") <= 100
        assert row.evaluate("e => getComputedStyle(e).backgroundImage") == "none"
        assert page.locator(".player").evaluate("e => e.children.length") == 1
        assert faults(page) == []
        page.context.close()


def test_a_page_says_its_title_once(site: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto(page_of(site, "words"))
    shown = page.evaluate(
        "[...document.querySelectorAll('body :not(.shelf *, .player *)')]"
        ".filter(e => !e.children.length && e.checkVisibility())"
        ".map(e => e.textContent.trim())"
    )
    assert len([text for text in shown if text.startswith("words")]) == 1
    page.close()


@pytest.mark.parametrize("width", [360, 800, 1100, 1440, 2200])
def test_bar_and_page_have_one_left_edge(site: Path, browser: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 780})
    left = "e => Math.round(e.getBoundingClientRect().left + parseFloat(getComputedStyle(e).paddingLeft))"
    for name in ("index", "topics", "words", "wwww"):
        page.goto(next(file.as_uri() for file in site.glob(f"{name}*.html")))
        home = page.locator(".bar .home")
        first = ".shelf p a" if width > 1280 and name in ("words", "wwww") else "h1"
        assert abs(home.evaluate(left) - page.locator(first).evaluate(left)) <= 1, name
        assert home.inner_text().startswith(LONG)
    page.close()


def test_a_button_copies_the_code(site: Path, browser: Any) -> None:
    for page in (phone(browser), browser.new_page(reduced_motion="reduce")):
        errors = watched(page)
        page.add_init_script(
            "Object.defineProperty(navigator.clipboard, 'writeText', {value: async t => { window.copied = t; }})"
        )
        page.goto(page_of(site, "code"))
        button = page.locator(".copy")
        page.locator("pre").focus()
        page.keyboard.press("Tab")
        assert button.evaluate("e => e === document.activeElement && getComputedStyle(e).opacity") == "1"
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Copied").wait_for(timeout=3000)
        assert page.evaluate("window.copied") == f"print('{'long line ' * 40}')"
        assert errors == []
        assert faults(page) == []
        assert page.evaluate(WIDER) <= 0
        page.close()


def test_on_phones_the_button_stands_above_the_code(site: Path, browser: Any) -> None:
    page = phone(browser)
    page.add_init_script("navigator.clipboard ?? Object.defineProperty(navigator, 'clipboard', {value: {}})")
    page.goto(page_of(site, "code"))
    assert page.locator(".copy").evaluate("e => e.offsetHeight > 0 && getComputedStyle(e).opacity") == "1"
    assert page.locator(".copy").evaluate(BOX)[1] <= page.locator("pre").evaluate(BOX)[0]
    page.context.close()


def test_search_fills_the_screen_of_a_phone_and_is_closed_in_one_way(site: Path, browser: Any) -> None:
    page = phone(browser)
    page.goto(page_of(site, "code"))
    page.get_by_role("button", name="Search").tap()
    assert page.locator("dialog.search").evaluate("e => [e.offsetWidth, e.offsetHeight]") == [360, 780]
    page.keyboard.type("rivers")
    page.wait_for_selector(".results a")
    width = page.locator("#query").evaluate("e => e.offsetWidth")
    page.locator("#query").tap(position={"x": width - 8, "y": 12})
    assert page.locator("#query").input_value() == "rivers"
    assert faults(page) == []
    page.get_by_role("button", name="Close").tap()
    assert page.locator("dialog[open]").count() == 0
    page.context.close()


def test_rows_above_the_heading_of_chapters_are_hidden(site: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 500})
    page.goto(next(file.as_uri() for file in site.glob("https-*.html")))
    seen = page.locator("details.chapters").evaluate(
        "e => { e.scrollTop = 95; const {left, top} = e.getBoundingClientRect();"
        " return [2, 5, 9, 20].map(y => document.elementFromPoint(left + 90, top + y).tagName); }"
    )
    assert seen == ["SUMMARY"] * 4
    page.close()


def test_what_is_touched_is_as_high_as_a_thumb(site: Path, browser: Any) -> None:
    for width in (360, 1100):
        page = phone(browser, width)
        page.goto(next(file.as_uri() for file in site.glob("https-*.html")))
        for button in page.locator(".bar .quiet:visible").all():
            assert button.evaluate(
                "e => { const {left, top, width, height} = e.getBoundingClientRect(), x = left + width / 2;"
                " return [-21, 21].every(y => e.contains(document.elementFromPoint(x, top + height / 2 + y))); }"
            )
        for link in page.locator(".side .chapters a:visible, main .shelf ol ol a:visible, .onward a").all()[:60]:
            assert link.evaluate("e => e.offsetHeight") >= 42
        page.get_by_role("button", name="Notes" if width == 1100 else "Chapters").tap()
        for link in page.locator(".sheet :is(a, summary):visible").all():
            assert link.evaluate("e => e.offsetHeight") >= 42
        close = page.locator(".sheet .quiet")
        assert close.evaluate("e => parseFloat(getComputedStyle(e, '::after').height)") >= 42
        page.goto((site / "topics.html").as_uri())
        for letter in page.locator(".letters a").all():
            assert letter.evaluate("e => Math.min(e.offsetWidth, e.offsetHeight)") >= 44
        page.context.close()
