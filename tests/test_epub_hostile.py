"""Tests EPUBs of hostile notes and books: well-formed, unique ids, no dead links, nothing foreign, text kept."""

from __future__ import annotations

import time
from typing import Any

import pytest

from convert.document import nodes as n
from convert.writers.epub.documents import page_name
from tests.support.epub_books import XHTML, book_of, classed, files_of, from_texts, links_of, pages_of, text_of, write
from tests.support.epub_hostile import BOOKS, NOTES, TWINS, hostile_notes, hostile_trees
from tests.support.notes import note_of, summary_of

FOREIGN = {f"{XHTML}{tag}" for tag in ("script", "iframe", "object", "embed", "form", "font", "center", "svg", "style")}


@pytest.fixture(scope="module")
def notes() -> dict[str, Any]:
    return check(hostile_notes())


def check(data: bytes) -> dict[str, Any]:
    """Check what must be true of every book, and return its pages."""
    names, pages = set(files_of(data)), pages_of(data)
    ids = {name: [e.get("id") for e in page.iter() if e.get("id") is not None] for name, page in pages.items()}
    for name, page in pages.items():
        assert len(set(ids[name])) == len(ids[name]), name
        assert not FOREIGN & {e.tag for e in page.iter()}, name
        assert not [a for e in page.iter() for a in e.keys() if a.startswith("on")], name  # noqa: SIM118
        for href in links_of(page):
            if not href.startswith(("http://", "https://", "mailto:")):
                file, _, fragment = href.partition("#")
                assert (file or name) in names, (name, href)
                assert not fragment or fragment in ids[file or name], (name, href)
    return pages


@pytest.mark.parametrize("name", NOTES)
def test_note(name: str, notes: dict[str, Any]) -> None:
    (body,) = classed(notes[page_name(f"hostile/{name}")], "note-text")
    assert ("kept" in text_of(body)) == (name not in ("empty", "blank"))


def test_notes_of_one_file_name(notes: dict[str, Any]) -> None:
    texts = [text_of(classed(notes[page_name(id)], "note-text")[0]).split()[0] for id in TWINS]
    assert texts == ["first", "second", "third"]


def test_characters_that_stand_for_nothing_are_marked_and_the_rest_stays(notes: dict[str, Any]) -> None:
    assert "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd" in text_of(notes[page_name("hostile/noncharacters")])
    assert "1 < 2 & 3 > 2" in text_of(notes[page_name("hostile/unescaped")])


def test_trees_that_no_reader_makes() -> None:
    pages = check(hostile_trees())
    assert "kept deep down" in text_of(pages[page_name("trees/deep")])


@pytest.mark.parametrize("name", BOOKS)
def test_book(name: str) -> None:
    case = BOOKS[name]
    pages = check(from_texts(case.texts, **case.book))
    for id in case.texts:
        assert case.kept in text_of(pages[page_name(id)])


def test_a_paragraph_of_eleven_megabytes() -> None:
    note = note_of([n.Paragraph((n.Text("words and < " * 916_667),), 1)])
    started = time.process_time()
    pages = check(write([note], book_of([summary_of(note)])))
    assert len(text_of(pages[page_name(note.id)])) > 10_999_000
    assert time.process_time() - started < 20


def test_ten_thousand_stamps_and_footnotes_in_a_row() -> None:
    stamps = tuple(n.Stamp("[0:01]", 1000) for _ in range(10_000))
    marks = tuple(n.FootnoteMark(str(i)) for i in range(10_000))
    notes = tuple(n.Footnote(str(i), (), 1) for i in range(10_000))
    note = note_of([n.Paragraph(stamps, 1), n.Paragraph(marks, 1), *notes])
    started = time.process_time()
    page = check(write([note], book_of([summary_of(note)])))[page_name(note.id)]
    assert len(classed(page, "stamp")) == 10_000
    assert len(classed(page, "footnote")) == 10_000
    assert time.process_time() - started < 20
