"""Uses the reading room in a browser: plays, searches, follows links, presses keys and runs axe."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convert.pipeline.records import PreviousOutputs
from convert.pipeline.run import build
from convert.request import Request
from convert.storage.folder import Folder
from convert.tools.local_server import LocalServer
from convert.writers.html.documents import POLICY
from tests.support.media import make_media
from tests.support.needs import NODE_MODULES, needs, program
from tests.support.vaults import OTHER, VIDEO, lay_out, note

pytestmark = needs("playwright", "chromium")

AXE = NODE_MODULES / "axe-core" / "axe.min.js"
WIDTHS = {360: 740, 800: 1000, 1440: 900}

BEGINNING = note(
    "A rabbit wakes [00:00:02] beside the *old* tree, says [[the_making|the note on the making]].\n\n"
    "## The burrow [00:00:10]\n\nIt is dug under roots [00:00:12]. See [[the_making#Tools of the trade]].\n\n"
    "### Its doors [00:00:20]\n\n| door | use |\n|---|---|\n| front | in [00:00:21] |\n| back | out |\n\n"
    "## The meadow [00:00:30]\n\n> [!tip] Look twice\n> The grass moves [00:00:32].\n\n"
    "```python\nprint('rabbit' * 40)\n```\n\n"
    "- [x] seen\n- [ ] heard[^1]\n\n[^1]: By night.\n\n## The end [00:00:45]\n\nOf $3. And $e = mc^2$ [00:00:50].\n",
    title="The rabbit",
)
MAKING = note(
    "## Tools of the trade\n\nPencils and a zoetrope [00:00:15].\n\n## Back\n\nTo [[the_rabbit]].\n\n"
    "![[snow#Cave]]\n\n![[the_rabbit#Its doors]]\n",
    title="The making",
)
ELSEWHERE = note(
    "## Snow [00:01:00]\n\nA dragon in the snow [00:01:10].\n\n## Cave [00:02:00]\n\nDark [00:02:05].\n", "Snow", OTHER
)
HOSTILE = note(
    "## <script>window.hit = 1</script> <img src=x onerror=window.hit=1> [00:00:05]\n\n"
    "<iframe srcdoc='<script>top.hit=1</script>'></iframe> [click](javascript:window.hit=1) "
    "<a href='javascript:window.hit=1'>here</a> \"' onclick=\"window.hit=1\" &lt;b&gt; "
    "</article></main><style>*{display:none}</style>\n\n"
    "[[the_rabbit|<b onmouseover=window.hit=1>rabbit</b>]] zebra [00:00:07]\n",
    title="</title><script>window.hit = 1</script>",
    video="hostile0000",
)
INDEX = (
    "---\ntitle: Rabbits & more\n---\n"
    f"### [Big Buck Bunny](https://www.youtube.com/watch?v={VIDEO})\n- [[the_rabbit]]\n- [[the_making]]\n\n"
    f"### [Sintel](https://www.youtube.com/watch?v={OTHER})\n- [[snow]]\n"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site with the first video as a file beside it, and return the output folder."""
    folder = tmp_path_factory.mktemp("room")
    files = {"the_rabbit": BEGINNING, "the_making": MAKING, "snow": ELSEWHERE, "hostile": HOSTILE, "films": INDEX}
    lay_out(folder, {f"films/{name}.md": text for name, text in files.items()})
    (folder / "videos").mkdir()
    make_media(folder / "videos" / f"bunny & co [{VIDEO}].webm")
    request = Request(
        (folder / "films",), folder / "out", ("epub", "chapters", "html"), videos=folder / "videos", jobs=1
    )
    assert [book.failures for book in build(request).books] == [{}]
    return folder / "out"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = LocalServer(Folder(site).open, PreviousOutputs(Folder(site)).versions, POLICY)
    server.renew({f"/videos/{path.name}": path for path in (site.parent / "videos").iterdir()})
    server.start()
    yield f"{server.address}/films.html"
    server.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--mute-audio"]
        chromium = playwright.chromium.launch(executable_path=program("chromium"), args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Yield a page, and fail if its console is not empty."""
    with_page = browser.new_page(viewport={"width": 1440, "height": 900})
    errors = watched(with_page)
    yield with_page
    with_page.close()
    assert errors == []


def watched(page: Any) -> list[str]:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(dialog.message))
    return errors


def room(site: Path, start: str) -> str:
    """Return the page whose name begins so."""
    (found,) = (site / "films.html").glob(f"{start}*.html")
    return found.name


def goes(page: Any, expression: str) -> None:
    """Wait until an expression is true in the page."""
    page.wait_for_function(f"() => {expression}", timeout=10_000)


TIME = "document.querySelector('video').currentTime"


@pytest.mark.parametrize("served", [False, True], ids=["disk", "server"])
def test_a_stamp_plays_its_second_and_the_chapters_follow(site: Path, address: str, page: Any, served: bool) -> None:
    name = room(site, "big-buck-bunny")
    page.goto(f"{address}/{name}" if served else (site / "films.html" / name).as_uri())
    page.click("text='0:32'")
    goes(page, f"{TIME} >= 32 && {TIME} < 40 && !document.querySelector('video').paused")
    goes(page, "document.querySelector('.chapters a[aria-current]')?.textContent.includes('The meadow')")
    assert page.locator("section.now > h3").inner_text().split() == ["The", "meadow", "0:30"]
    assert page.locator(".stamp.now").inner_text() == "0:32"
    page.click(".chapters >> text='The burrow'")
    goes(page, f"{TIME} >= 10 && {TIME} < 15")
    goes(page, "document.querySelector('.chapters a[aria-current]').textContent.includes('The burrow')")
    cues = page.evaluate(
        "[...document.querySelector('video').textTracks].map(t => [t.kind, t.cues.length, t.cues[0].text])"
    )
    assert [kind for kind, _, _ in cues] == ["chapters", "subtitles"]
    assert cues[1][2].startswith("A rabbit wakes")


def test_the_video_goes_on_where_it_was_when_the_page_is_loaded_again(site: Path, address: str, page: Any) -> None:
    page.goto(f"{address}/{room(site, 'big-buck-bunny')}")
    page.click("text='0:32'")
    goes(page, f"{TIME} >= 32")
    page.reload()
    goes(page, f"{TIME} >= 32")


def test_keys_play_seek_and_go_from_section_to_section(site: Path, address: str, page: Any) -> None:
    page.goto(f"{address}/{room(site, 'big-buck-bunny')}")
    goes(page, "document.querySelector('video').readyState > 0")
    page.keyboard.press("Space")
    goes(page, "!document.querySelector('video').paused")
    page.keyboard.press("Space")
    goes(page, "document.querySelector('video').paused")
    before = page.evaluate(TIME)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    goes(page, f"Math.abs({TIME} - {before} - 5) < 0.5")
    seen = []
    for key in "jjjk":
        page.keyboard.press(key)
        page.wait_for_timeout(600)  # smooth scrolling
        seen.append(
            page.evaluate(
                "document.activeElement.textContent.split(' ')[0] + document.activeElement.textContent.split(' ')[1]"
            )
        )
    assert len(set(seen[:3])) == 3
    assert seen[3] == seen[1]


def test_keys_of_letters_can_be_switched_off(site: Path, address: str, page: Any) -> None:
    page.goto(f"{address}/index.html")
    page.keyboard.press("?")
    page.get_by_label("Letters and signs are keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    page.reload()
    page.keyboard.press("/")
    assert page.locator("dialog[open]").count() == 0
    page.get_by_role("button", name="Search").click()
    assert page.locator("dialog[open]").count() == 1


@pytest.mark.parametrize("served", [False, True], ids=["disk", "server"])
def test_search_finds_words_and_leads_to_their_section(site: Path, address: str, page: Any, served: bool) -> None:
    page.goto(f"{address}/index.html" if served else (site / "films.html" / "index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("zoetrop pencil")
    page.wait_for_selector(".results a")
    assert page.locator(".results b").all_inner_texts() == ["Tools of the trade"]
    assert page.locator(".results mark").all_inner_texts() == ["Pencils", "zoetrop"]
    assert page.locator(".status").inner_text() == "1 place in 1 note"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**#n2-s-tools*")
    assert page.evaluate("document.querySelector(':target').innerText").startswith("Tools of the trade")
    page.keyboard.press("/")
    page.keyboard.type("nowhere at all")
    goes(page, "document.querySelector('.status').textContent === 'Nothing found.'")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_times_of_a_note_that_is_shown_play_its_own_video(site: Path, page: Any) -> None:
    page.context.route(re.compile("https://"), lambda route: route.fulfill(content_type="text/html", body="a film"))
    page.goto((site / "films.html" / room(site, "big-buck-bunny")).as_uri())
    page.click(".embed >> text='0:21'")
    goes(page, f"{TIME} >= 21 && {TIME} < 25 && !document.querySelector('video').paused")
    page.click(".embed >> text='2:05'")
    page.wait_for_url(f"https://youtu.be/{OTHER}?t=125")


def test_links_between_notes_open(site: Path, page: Any) -> None:
    page.goto((site / "films.html" / room(site, "title-script")).as_uri())
    page.click("a.note")
    page.wait_for_url("**/big-buck-bunny*#n1")
    page.click("text='the note on the making'")
    page.wait_for_url("**#n2")
    assert "</title>" in page.locator("#n1 .linked-from").inner_text()


EMBED = """<!DOCTYPE html><script>
let time = 70;
addEventListener("message", (event) => {
  const said = JSON.parse(event.data);
  (window.heard ??= []).push([said.event, said.func, ...(said.args ?? [])]);
  if (said.func === "seekTo") time = said.args[0];
  event.source.postMessage(JSON.stringify({ event: "infoDelivery", info: { currentTime: time, playerState: 1 } }), "*");
});
</script>"""


def test_youtube_is_loaded_on_a_click_and_not_before(site: Path, address: str, page: Any) -> None:
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(content_type="text/html", body=EMBED)

    page.route(re.compile("https://"), answer)
    page.goto(f"{address}/{room(site, 'sintel')}")
    page.wait_for_selector(".poster")
    assert asked == []
    page.click("text='1:10'")
    goes(page, "document.querySelector('.chapters a[aria-current]')")
    assert asked[0].startswith(f"https://www.youtube-nocookie.com/embed/{OTHER}?")
    assert "start=70" in asked[0]
    page.click("text='2:05'")
    goes(page, "document.querySelector('.chapters a[aria-current]').textContent.includes('Cave')")
    assert ["command", "seekTo", 125, True] in page.frames[1].evaluate("window.heard")
    assert len(asked) == 1


def test_from_the_disk_youtube_opens_in_a_new_tab(site: Path, page: Any) -> None:
    page.context.route(re.compile("https://"), lambda route: route.fulfill(content_type="text/html", body="a film"))
    page.goto((site / "films.html" / room(site, "sintel")).as_uri())
    with page.expect_popup() as opened:
        page.click("text='1:10'")
    assert opened.value.url == f"https://youtu.be/{OTHER}?t=70"
    assert page.locator("button.poster").count() == 0
    with page.expect_popup() as opened:
        page.locator(".player > .watch").click()
    assert opened.value.url == f"https://youtu.be/{OTHER}"


def test_a_file_that_does_not_play_leaves_youtube(site: Path, browser: Any, tmp_path: Path) -> None:
    films = tmp_path / "films.html"
    films.mkdir()
    for file in (site / "films.html").iterdir():
        films.joinpath(file.name).write_bytes(file.read_bytes())
    page = browser.new_page()
    page.goto((films / room(site, "big-buck-bunny")).as_uri())  # the film was moved
    page.wait_for_selector("text='This browser cannot play the file.'")
    assert page.locator("a.stamp").first.get_attribute("target") == "_blank"
    page.close()


def test_hostile_notes_are_shown_as_text(site: Path, page: Any) -> None:
    page.goto((site / "films.html" / room(site, "title-script")).as_uri())
    page.keyboard.press("/")
    page.keyboard.type("zebra")
    page.wait_for_selector(".results a")
    page.hover(".results a")
    page.keyboard.press("Escape")
    for link in page.locator(".notes a.note, .notes b").all():
        link.hover()
    assert page.evaluate("window.hit") is None
    assert page.title().startswith("</title><script>")
    assert page.locator(".notes script, .notes iframe, .notes img, .notes style, .notes [onclick]").count() == 0
    assert "<script>window.hit = 1</script>" in page.locator("h1").inner_text()


def test_the_policy_lets_nothing_inline_run(site: Path, browser: Any) -> None:
    page = browser.new_page()
    errors = watched(page)
    page.goto((site / "films.html" / "index.html").as_uri())
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend',"
        '\'<img src=x onerror="window.hit=1"><p style="color:red">x</p>\');'
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.hit=1'}))"
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.hit") is None
    assert sum("Content Security Policy" in error for error in errors) >= 2
    page.close()


@needs("axe-core")
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(
    site: Path, address: str, browser: Any, width: int, colours: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, color_scheme=colours)
    page = context.new_page()
    errors = watched(page)
    page.goto(f"{address}/index.html")
    assert faults(page) == []
    for name in ("topics.html", room(site, "title-script")):
        page.goto(f"{address}/{name}")
        assert faults(page) == []
    page.goto(f"{address}/{room(site, 'big-buck-bunny')}")
    assert faults(page) == []
    page.click("text='0:32'")
    goes(page, f"{TIME} >= 32 && document.querySelector('section.now')")
    page.wait_for_timeout(500)  # the colours fade
    assert faults(page) == []
    page.keyboard.press("/")
    page.keyboard.type("rabbit")
    page.wait_for_selector(".results a")
    assert faults(page) == []
    context.close()
    assert errors == []


def faults(page: Any) -> list[str]:
    """Return the violations of all axe rules, and whether the page is wider than the screen."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 200))]))")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [json.dumps(one) for one in found] + (["wider than the page"] if wide else [])


MANY = 1000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site of a channel with a thousand notes of 600 words, four for each video."""
    folder = tmp_path_factory.mktemp("large")
    words = [
        f"{start}{end}"
        for start in ("sel", "mor", "tan", "ribo", "cal")
        for end in ("ting", "dal", "vex", "us", "ane", "or")
    ]
    for number in range(MANY):
        said = [words[(number * 7 + at * at) % len(words)] for at in range(600)]
        sections = [
            f"## Part {at} of {words[number % 30]} [00:{at:02}:00]\n\n"
            f"{' '.join(said[at * 100 : at * 100 + 100])} [00:{at:02}:30].\n"
            for at in range(6)
        ]
        text = note(
            "\n".join(sections), f"A note of a usual length on {words[number % 30]} {number}", f"video{number // 4:06}"
        )
        lay_out(folder, {f"large/note_{number}.md": text})
    build(Request((folder / "large",), folder / "out", ("html",), jobs=2))
    return folder / "out" / "large.html"


def test_a_thousand_notes_are_searched_at_once(large: Path, page: Any) -> None:
    """The median search takes less than 50 ms, and the first page loads less than 300 kB."""
    sizes: list[int] = []
    page.on("request", lambda request: sizes.append(large.joinpath(request.url.rpartition("/")[2]).stat().st_size))
    page.goto((large / "index.html").as_uri())
    assert len(sizes) == 3  # the page with its style and script
    assert sum(sizes) < 300_000
    page.keyboard.press("/")
    goes(page, "readingRoom.lookUp?.('selting').found.length")
    took = page.evaluate(
        """() => ["s", "selting", "selting mordal", "tanvex ribous calane", "note 77", "nowhere"].map((query) => {
          const times = [1, 2, 3, 4, 5].map(() => {
            const begun = performance.now();
            readingRoom.lookUp(query);
            return performance.now() - begun;
          });
          return times.sort((a, b) => a - b)[2];
        })"""
    )
    assert max(took) < 50, took


def test_a_page_that_notebind_did_not_make_runs_nothing(site: Path, address: str, browser: Any) -> None:
    """In the origin of the site it could read all pages and films, and send them away by leading elsewhere."""
    script = "document.title = 'ran'; fetch('/films.html/index.html').then(() => { document.title = 'read' })"
    (site / "evil.html").write_text(f"<title>evil</title><script>{script}</script>", "utf-8")
    (site / "evil.js").write_text(script, "utf-8")
    page = browser.new_page()
    page.goto(f"{address}/index.html")
    assert page.evaluate("fetch('/films.html/index.html').then(() => 'read', () => 'refused')") == "refused"
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {src: '/evil.js'}))")
    page.wait_for_timeout(300)
    assert page.title() not in ("ran", "read")
    page.goto(f"{address.removesuffix('/films.html')}/evil.html")
    page.wait_for_timeout(300)
    assert page.title() not in ("evil", "ran", "read")
    assert "notebind did not make this" in page.inner_text("body")
    page.close()
