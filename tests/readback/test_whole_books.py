"""Builds the seeds and the user's own note in all formats and reads each result with another program."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from convert.pipeline.run import build
from convert.request import Request
from tests.support.anki_cases import Anki
from tests.support.epub_validity import complaints
from tests.support.needs import ROOT, USER_NOTES, needs
from tests.support.pdf_reading import faults, opened, outline, uris

XHTML = {"x": "http://www.w3.org/1999/xhtml"}


class Built:
    """One book in every format."""

    def __init__(self, source: Path, output: Path) -> None:
        report = build(Request((source,), output))
        (self.report,) = report.books
        assert self.report.failures == {}
        self.output, self.name, self.source = output, self.report.book.name, source

    def file(self, suffix: str) -> Path:
        return self.output / f"{self.name}{suffix}"

    def pages(self) -> dict[str, Any]:
        with zipfile.ZipFile(self.file(".epub")) as book:
            return {name: etree.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xhtml")}

    def chapters(self, suffix: str) -> dict[str, Path]:
        """Return the chapter files of one format by video."""
        return {path.name.removesuffix(suffix): path for path in self.file(".chapters").glob(f"*{suffix}")}


@pytest.fixture(scope="module", params=["seeds", pytest.param("user", marks=needs("user-note"))])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    source = ROOT / "seeds" / "open_movies" if request.param == "seeds" else min(USER_NOTES.glob("*.txt"))
    return Built(source, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(min(USER_NOTES.glob("*.txt")), tmp_path_factory.mktemp("users"))


@needs("epubcheck")
def test_epub_is_valid(built: Built) -> None:
    assert complaints(built.file(".epub")) == []


@needs("page-validation")
@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_pdf_conforms(built: Built, profile: str) -> None:
    assert faults(built.file(".pdf").read_bytes(), profile) == []


@needs("srt")
def test_chapters_agree_across_their_readers(built: Built) -> None:
    import av
    import srt

    metas = built.chapters(".ffmeta")
    assert metas
    for video, meta in metas.items():
        with av.open(str(meta)) as file:
            rows = [(one["start"], one["end"], one["metadata"]["title"]) for one in file.chapters()]
        cues = srt.parse(built.chapters(".srt")[video].read_text("utf-8"), ignore_errors=False)
        assert [(_ms(cue.start), _ms(cue.end), cue.content) for cue in cues] == rows
        assert matroska_rows(built.chapters(".chapters.xml")[video]) == rows
        assert rows[0][0] == 0
        assert all(start < end for start, end, _ in rows)
        assert all(before[1] <= after[0] for before, after in pairwise(rows))
        assert not [title for *_, title in rows if re.search(r"\[\[|\]\]|<|\*\*|\d:\d\d", title)]


def _ms(time: Any) -> int:
    return round(time.total_seconds() * 1000)


def matroska_rows(path: Path) -> list[tuple[int, int, str]]:
    atoms = etree.parse(str(path)).iterfind(".//ChapterAtom")
    return [
        (
            _clock(str(atom.findtext("ChapterTimeStart"))),
            _clock(str(atom.findtext("ChapterTimeEnd"))),
            str(atom.findtext("ChapterDisplay/ChapterString")),
        )
        for atom in atoms
    ]


def _clock(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return round((int(hours) * 60 + int(minutes)) * 60_000 + float(seconds) * 1000)


@needs("anki")
def test_deck_imports_once(built: Built, tmp_path: Path) -> None:
    anki, package = Anki(tmp_path), built.file(".apkg").read_bytes()
    first = anki.imported(package)
    assert first["new"] >= 3
    assert anki.imported(package) == {"new": 0, "updated": 0, "duplicate": first["new"], "conflicting": 0}
    assert anki.with_collection(lambda col: list(col.get_empty_cards().notes)) == []
    watched = anki.with_collection(lambda col: [col.get_note(nid)["Watch"] for nid in col.find_notes("")])
    assert [one for one in watched if not re.search(r'href="https://youtu\.be/[\w-]{11}\?t=\d+"', one)] == []


# The user's note: figures counted by hand


STAMP = re.compile(r'data-t="(\d+):(\d+):(\d+)"')


def expected_links(source: Path) -> Counter[str]:
    """Return the address of every stamp, found by a plain search in the note."""
    text = source.read_text("utf-8")
    video = re.search(r"^videoId: (\S+)", text, re.MULTILINE)
    assert video
    times = (int(h) * 3600 + int(m) * 60 + int(s) for h, m, s in STAMP.findall(text))
    return Counter(f"https://youtu.be/{video[1]}?t={seconds}" for seconds in times)


@needs("user-note")
def test_the_users_note_in_the_model(users: Built) -> None:
    from convert.document import nodes as n
    from convert.document.walk import descend, inlines
    from convert.reader import read_bytes
    from tests.support.notes import sections

    note = read_bytes(users.source.read_bytes(), "note.txt", "notes", "note").note
    found = Counter(type(node) for node in descend(inlines(note.blocks)))
    headings = [section.level for section in sections(note.blocks)]
    assert (len(headings), len(set(headings))) == (11, 2)
    assert (found[n.Stamp], found[n.WikiLink]) == (72, 38)
    assert note.origin
    assert [len(block.items) for block in all_blocks(note.blocks) if isinstance(block, n.List)] == [8]


def all_blocks(blocks: Any) -> list[Any]:
    from convert.document.walk import child_blocks

    return [one for block in blocks for one in (block, *all_blocks(child_blocks(block)))]


@needs("user-note")
def test_the_users_note_as_a_book(users: Built) -> None:
    pages = users.pages()
    bodies = [body for page in pages.values() for body in page.iterfind(".//x:div[@class='note-text']", XHTML)]
    links = Counter(a.get("href") for body in bodies for a in body.iterfind(".//x:a[@class]", XHTML))
    stamps = Counter({url: count for url, count in links.items() if "?t=" in (url or "")})
    assert stamps == expected_links(users.source)
    assert stamps.total() == 72
    nav = next(page for name, page in pages.items() if name.endswith("nav.xhtml"))
    depths = [sum(1 for up in a.iterancestors() if etree.QName(up).localname == "ol") for a in nav.iter("{*}a")]
    assert max(depths) >= 3


@needs("user-note")
def test_the_users_note_on_paper(users: Built) -> None:
    data = users.file(".pdf").read_bytes()
    pdf = opened(data)
    assert str(pdf.Root.Lang)
    assert str(pdf.docinfo["/Title"]) == users.report.book.title
    assert Counter(url for url in uris(data) if "?t=" in url) == expected_links(users.source)
    (title, *entries) = [title for _, title in outline(data) if title != "Topics"]
    assert title == users.report.book.title
    assert len(entries) == 11


@needs("user-note")
def test_the_users_note_as_chapters(users: Built) -> None:
    (listed,) = users.chapters(".youtube.txt").values()
    rows = [line.split(" ", 1) for line in listed.read_text("utf-8").splitlines()]
    assert len(rows) == 11
    assert rows[0][0] == "0:00"
    (matroska,) = users.chapters(".chapters.xml").values()
    assert [title for _, title in rows] == [title for *_, title in matroska_rows(matroska)]
