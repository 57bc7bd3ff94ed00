"""Checks the books of the seeds, of the user's note and of all hostile notes with EPUBCheck."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from convert.pipeline.run import build
from convert.request import Request
from tests.support.epub_books import from_texts
from tests.support.epub_hostile import BOOKS, hostile_notes, hostile_trees
from tests.support.epub_validity import complaints
from tests.support.needs import ROOT, USER_NOTES, needs

pytestmark = needs("epubcheck", "jpype")


def assert_valid(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    assert complaints(path) == []


@pytest.mark.parametrize("option", [{}, {"split": "none", "links": "first"}], ids=["plain", "no-parts"])
def test_seeds(option: dict[str, str], tmp_path: Path) -> None:
    build(Request((ROOT / "seeds",), tmp_path, ("epub",), options={"epub": option}, jobs=1))
    books = sorted(tmp_path.glob("*.epub"))
    assert len(books) == 2
    assert [complaints(book) for book in books] == [[], []]


@needs("user-note")
def test_the_users_note(tmp_path: Path) -> None:
    build(Request(tuple(USER_NOTES.glob("*.txt")), tmp_path, ("epub",), jobs=1))
    (book,) = tmp_path.glob("*.epub")
    assert complaints(book) == []


def test_html_of_notes(tmp_path: Path) -> None:
    """Every rule of `tests/spec/html.md` gives a valid page."""
    notes = re.findall(r"````note\n(.*?)````\n", (ROOT / "tests/spec/html.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "notes").mkdir()
    for number, text in enumerate(notes):
        (tmp_path / f"notes/n{number}.md").write_text(
            f"---\ntitle: N\nvideoId: aqz-KE-bpKQ\n---\n\n{text}", encoding="utf-8"
        )
    build(Request((tmp_path / "notes",), tmp_path, ("epub",), jobs=1))
    (book,) = tmp_path.glob("*.epub")
    assert len(notes) > 20
    assert complaints(book) == []


def test_hostile_notes(tmp_path: Path) -> None:
    assert_valid(hostile_notes(), tmp_path / "notes.epub")


def test_hostile_trees(tmp_path: Path) -> None:
    assert_valid(hostile_trees(), tmp_path / "trees.epub")


@pytest.mark.parametrize("name", BOOKS)
def test_hostile_book(name: str, tmp_path: Path) -> None:
    assert_valid(from_texts(BOOKS[name].texts, **BOOKS[name].book), tmp_path / "book.epub")


def test_a_broken_book_is_complained_about(tmp_path: Path) -> None:
    data = from_texts(BOOKS["title"].texts, **BOOKS["title"].book)
    (tmp_path / "book.epub").write_bytes(data[: len(data) // 2])
    assert complaints(tmp_path / "book.epub")
