"""Opens books in what people read with (epub.js and foliate-js in Chromium, MuPDF); Ace checks accessibility."""

from __future__ import annotations

import functools
import http.server
import json
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convert.pipeline.run import build
from convert.request import Request
from tests.support.epub_books import NCX, from_texts, links_of, pages_of
from tests.support.epub_hostile import NOTES
from tests.support.needs import ROOT, USER_NOTES, needs, program

HERE = Path(__file__).parent / "reading_system"
PAGES = 18


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the larger channel of the seeds: six notes, two of them of one video."""
    output = tmp_path_factory.mktemp("book")
    build(Request((ROOT / "seeds" / "open_movies",), output, ("epub",), jobs=1))
    return output / "open_movies.epub"


@pytest.fixture
def address() -> Iterator[str]:
    """Serve the folder of the reading system."""
    handler = functools.partial(Quiet, directory=str(HERE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def read(script: str, page: str, book: Path, address: str, *more: str) -> dict[str, Any]:
    """Return what a script saw of a book in a reading system."""
    served = HERE / "node_modules" / f"book-{os.getpid()}.epub"
    served.write_bytes(book.read_bytes())
    try:
        pages = [f"{address}/{page}", f"{address}/node_modules/{served.name}", str(program("chromium"))]
        command = ["node", script, *pages, *more]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120)
    finally:
        served.unlink()
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@needs("node", "chromium", "epubjs")
def test_a_reading_system_opens_turns_and_follows(book: Path, address: str) -> None:
    seen = read("read.mjs", "reader.html", book, address, str(PAGES))
    assert seen["errors"] == []
    pages = pages_of(book.read_bytes())
    nav = next(nav for nav in pages["nav.xhtml"].iter() if nav.get("id") == "toc")
    assert seen["toc"] == links_of(nav)
    turned = [(place["href"], place["page"]) for place in seen["turned"]]
    assert [href for href, _ in turned[:3]] == ["cover.xhtml", "title.xhtml", "contents.xhtml"]
    assert len(set(turned[:-1])) == PAGES + 1
    assert turned[-1] == turned[-3]
    assert any(place["pages"] > 1 for place in seen["turned"])
    assert seen["followed"]["arrived"] == seen["followed"]["target"].partition("#")[0]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a book of 2,000 notes, each with a link to the next."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "films").mkdir()
    for at in range(2000):
        front = f"---\ntitle: Note {at}\nvideoId: vid{at // 20:08}\n---\n\n"
        note = f"{front}## Start [00:00:10]\n\nOn to [[{(at + 1) % 2000}]].\n"
        (folder / "films" / f"{at}.md").write_text(note, encoding="utf-8")
    build(Request((folder / "films",), folder / "out", ("epub",), jobs=2))
    return folder / "out" / "films.epub"


ODD = (
    "---\ntitle: {}\nvideoId: {}\n---\n\n"
    "## One [00:00:10]\n\nSee [[{}]] and $x = \\frac{{a}}{{b}}$ [00:00:20].[^1] `code`\n\n"
    "| A | B |\n| --- | ---: |\n| [00:01:00] | ==marked== |\n\n> [!warning] Hot\n> **Take care** [0:30].\n\n"
    "```\nprint(1)\n```\n\n[^1]: A footnote [00:02:00].\n"
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a book from right to left, with formulas, tables, callouts and footnotes."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "food").mkdir()
    for name, other, video in (("a", "b", "aqz-KE-bpKQ"), ("b", "a", "eRsGyueVLvQ")):
        (folder / "food" / f"{name}.md").write_text(ODD.format(name, video, other), encoding="utf-8")
    build(Request((folder / "food",), folder / "out", ("epub",), language="ar", jobs=1))
    return folder / "out" / "food.epub"


STALL_MS = 15_000
"""Milliseconds within which a book of any size is on the screen; one of 2,000 notes takes two seconds here."""


@needs("node", "chromium", "foliate-js")
@pytest.mark.parametrize(("name", "direction"), [("book", None), ("odd", "rtl"), ("many", None)])
def test_foliate_opens_finds_all_places_and_goes_there_and_back(
    name: str, direction: str | None, address: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(name)
    seen = read("foliate.mjs", "foliate.html", path, address)
    assert (seen["errors"], seen["lost"], seen["dark"]) == ([], [], [])
    assert seen["opened_ms"] < STALL_MS
    assert seen["dir"] == direction
    nav = next(nav for nav in pages_of(path.read_bytes())["nav.xhtml"].iter() if nav.get("id") == "toc")
    assert [line.rpartition("/")[2] for line in seen["toc"]] == links_of(nav)
    assert seen["links"] > len(seen["toc"])  # the page of contents has them too
    assert seen["followed"]["arrived"] == seen["followed"]["target"].partition("#")[0]
    assert seen["back"]


@needs("pymupdf")
@pytest.mark.parametrize("name", ["book", "odd", "many"])
def test_mupdf_shows_all_pages_and_every_link_is_sound(name: str, request: pytest.FixtureRequest) -> None:
    import pymupdf

    path: Path = request.getfixturevalue(name)
    pymupdf.TOOLS.reset_mupdf_warnings()
    start = time.monotonic()
    opened = pymupdf.open(path)
    kinds = Counter[int]()
    for page in opened:
        for link in page.get_links():
            kinds[link["kind"]] += 1
            assert link["kind"] != pymupdf.LINK_GOTO or 0 <= link["page"] < opened.page_count, link
            assert link["kind"] != pymupdf.LINK_NAMED, link
    files = pages_of(path.read_bytes())
    outside = sum(href.startswith("http") for page in files.values() for href in links_of(page))
    toc = opened.get_toc()
    assert all(number > 0 for _, _, number in toc)
    assert len(toc) == len(list(files["toc.ncx"].iter(f"{NCX}navPoint")))
    assert kinds[pymupdf.LINK_URI] >= outside > 0
    assert kinds[pymupdf.LINK_GOTO] > 0
    assert (time.monotonic() - start) * 1000 < STALL_MS
    assert "error" not in pymupdf.TOOLS.mupdf_warnings()  # as of a style sheet that is dropped from a line on


def violations(book: Path) -> list[tuple[str, str]]:
    """Return (page, rule) for each violation that Ace finds."""
    out = book.parent / "ace"
    env = os.environ | {"PUPPETEER_EXECUTABLE_PATH": str(program("chromium"))}
    ace = [str(HERE / "node_modules" / ".bin" / "ace-cli"), "--silent", "--force", "--outdir", str(out), str(book)]
    subprocess.run(ace, env=env, check=True, capture_output=True, timeout=240)
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["earl:result"]["earl:outcome"] in ("pass", "fail")
    return [
        (page["earl:testSubject"]["url"], fault["earl:test"]["dct:title"])
        for page in report["assertions"]
        for fault in page["assertions"]
    ]


@needs("node", "chromium", "ace")
def test_ace_finds_no_violation_in_the_seeds(book: Path) -> None:
    assert violations(book) == []


@needs("node", "chromium", "ace")
def test_ace_finds_no_violation_in_ten_odd_notes(tmp_path: Path) -> None:
    odd = [
        "callouts",
        "tables",
        "code",
        "math",
        "footnotes",
        "nested_links",
        "odd_lists",
        "heading_jumps",
        "right_to_left",
        "remote_image",
    ]
    book = tmp_path / "odd.epub"
    book.write_bytes(from_texts({f"odd/{name}": NOTES[name] for name in odd}))
    assert violations(book) == []


@needs("node", "chromium", "ace", "user-note")
def test_ace_finds_no_violation_in_the_users_note(tmp_path: Path) -> None:
    build(Request(tuple(USER_NOTES.glob("*.txt")), tmp_path, ("epub",), jobs=1))
    (book,) = tmp_path.glob("*.epub")
    assert violations(book) == []
