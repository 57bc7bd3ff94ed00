"""Validates PDFs against PDF/UA-1 and PDF/A-2a with page-validation."""

from __future__ import annotations

import pytest

from convert.document.book import Book, VideoNotes
from convert.reader import read_bytes
from convert.writers.pdf import PdfOptions
from tests.support.needs import USER_NOTES, needs
from tests.support.notes import summary_of
from tests.support.pdf_notes import build, every_node, note, para, second, third
from tests.support.pdf_reading import faults, one_line, opened, outline, uris

pytestmark = needs("page-validation")
both = pytest.mark.parametrize("profile", ["ua1", "2a"])


@pytest.fixture(scope="module")
def every() -> bytes:
    return build([every_node(), second(), third()])[0].data


@both
def test_every_node_conforms(every: bytes, profile: str) -> None:
    assert faults(every, profile) == []


@both
def test_plain_conforms(profile: str) -> None:
    (made,) = build([every_node(), second(), third()], options=PdfOptions(plain=True, paper="us-letter"))
    assert faults(made.data, profile) == []


@both
def test_many_streams_conform(profile: str) -> None:
    """There are so many streams that some end in a carriage return."""
    notes = [note(f"n{at}", *(para(f"{at} words " * 60) for _ in range(20))) for at in range(60)]
    assert faults(build(notes)[0].data, profile) == []


@pytest.fixture(scope="module")
def users() -> bytes:
    """Return the PDF of the user's own note."""
    path = min(USER_NOTES.glob("*.txt"))
    read = read_bytes(path.read_bytes(), path.name, "notes", path.stem).note
    part = VideoNotes(video=read.video, title=read.title, notes=(summary_of(read),))
    return build([read], Book(name="notes", title=read.title, parts=(part,), language="en"))[0].data


@needs("user-note")
@both
def test_the_users_note_conforms(users: bytes, profile: str) -> None:
    assert faults(users, profile) == []


@needs("user-note")
def test_the_users_note_is_whole(users: bytes) -> None:
    assert len([uri for uri in uris(users) if "?t=" in uri]) == 72
    below = [title for level, title in outline(users) if level > 1]
    assert len(below) == 11
    assert [level for level, _ in outline(users)].count(1) == 2
    root = opened(users).Root
    assert str(root.Lang) == "en"
    assert root.MarkInfo.Marked
    assert str(opened(users).docinfo["/Title"]).startswith("Ethnic cleansing")


@needs("user-note", "pdftotext")
def test_the_users_note_has_contents_with_pages(users: bytes) -> None:
    assert "2 Ethnic cleansing accusations in NagornoKarabakh What is Ethnic Cleansing?" in one_line(users)
