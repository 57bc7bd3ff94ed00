"""Opens books in a reading system (epub.js in Chromium) and checks them with Ace for accessibility."""

from __future__ import annotations

import functools
import http.server
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convert.pipeline.run import build
from convert.request import Request
from tests.support.epub_books import from_texts, links_of, pages_of
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


def read(book: Path, address: str) -> dict[str, Any]:
    """Return what epub.js showed while pages were turned and a link was followed."""
    served = HERE / "node_modules" / f"book-{os.getpid()}.epub"
    served.write_bytes(book.read_bytes())
    try:
        pages = [
            f"{address}/reader.html",
            f"{address}/node_modules/{served.name}",
            str(program("chromium")),
            str(PAGES),
        ]
        done = subprocess.run(["node", "read.mjs", *pages], cwd=HERE, capture_output=True, text=True, timeout=120)
    finally:
        served.unlink()
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@needs("node", "chromium", "epubjs")
def test_a_reading_system_opens_turns_and_follows(book: Path, address: str) -> None:
    seen = read(book, address)
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
