"""The books in a reading system (epub.js in Chromium) and under Ace, the checker of accessibility."""

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

from convert.pipeline.build import build
from convert.pipeline.request import Request
from tests.epub_books import links_of, pages_of
from tests.needs import ROOT, needs, program

HERE = Path(__file__).parent / "reading_system"
PAGES = 18


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds' larger channel: six notes, two of them of one video."""
    output = tmp_path_factory.mktemp("book")
    build(Request((ROOT / "seeds" / "open_movies",), output, ("epub",), jobs=1))
    return output / "open_movies.epub"


@pytest.fixture
def address() -> Iterator[str]:
    """A server of the folder with the reading system."""
    handler = functools.partial(Quiet, directory=str(HERE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def read(book: Path, address: str) -> dict[str, Any]:
    """What epub.js showed of a book while pages were turned and a link followed."""
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


@needs("node", "chromium", "ace")
def test_ace_finds_no_violation(book: Path, tmp_path: Path) -> None:
    env = os.environ | {"PUPPETEER_EXECUTABLE_PATH": str(program("chromium"))}
    ace = [str(HERE / "node_modules" / ".bin" / "ace-cli"), "--silent", "--force", "--outdir", str(tmp_path), str(book)]
    subprocess.run(ace, env=env, check=True, capture_output=True, timeout=240)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    found = [
        (page["earl:testSubject"]["url"], fault["earl:test"]["dct:title"])
        for page in report["assertions"]
        for fault in page["assertions"]
    ]
    assert (report["earl:result"]["earl:outcome"], found) == ("pass", [])
