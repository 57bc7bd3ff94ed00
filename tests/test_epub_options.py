"""Tests the EPUB writer: metadata, language, cover, style sheet and options."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from convert.document import nodes as n
from convert.document.book import Moment
from convert.errors import WriterError
from convert.report import Diagnostic
from convert.writers.epub import cover
from convert.writers.epub.documents import EpubPages
from tests.support.epub_books import (
    OPF,
    TEXTS,
    XHTML,
    book_of,
    classed,
    data,
    files_of,
    from_texts,
    metadata,
    outline,
    page_of,
    pages,
    pages_of,
    read_notes,
    text_of,
    toc,
    write,
)
from tests.support.notes import EPOCH, note_of, summary_of

__all__ = ["data", "pages"]


def test_split_none_has_no_parts() -> None:
    pages = pages_of(from_texts(TEXTS, {"split": "none"}))
    ol = toc(pages).find(f"{XHTML}ol")
    assert ol is not None
    assert [line[0] for line in outline(ol)][:4] == ["The rabbit", "Frames", "The dragon", "Loose end"]
    assert not [name for name in pages if name.startswith("video-")]


@pytest.mark.parametrize(("links", "number"), [("all", 3), ("first", 1), ("none", 0)])
def test_links_between_notes_can_be_thinned_but_not_stamps(links: str, number: int) -> None:
    page = page_of(pages_of(from_texts(TEXTS, {"links": links})), "films/rabbit")
    (body,) = classed(page, "note-text")
    assert len(classed(body, "note")) == number
    assert len(classed(body, "stamp")) == 4
    assert "the cave" in text_of(body)


def test_metadata(pages: dict[str, ElementTree.Element]) -> None:
    assert metadata(pages, "title") == ["Films"]
    assert metadata(pages, "creator") == []  # it would repeat the title
    assert metadata(pages, "language") == ["en"]
    assert metadata(pages, "source") == ["https://youtu.be/aqz-KE-bpKQ", "https://youtu.be/eRsGyueVLvQ"]
    assert metadata(pages, "dcterms:modified") == ["2023-11-14T22:13:20Z"]
    assert metadata(pages, "belongs-to-collection") == ["films"]
    assert metadata(pages, "subject") == []
    tagged = {"films/a": "---\ntags: rivers, maps\n---\n[[b]]\n", "films/b": "---\ntags: maps\n---\n[[a]]\n"}
    assert metadata(pages_of(from_texts(tagged)), "subject") == ["maps", "rivers"]
    assert metadata(pages, "description")[0].startswith("4 notes on 2 videos: Film 1; Film 2")
    assert set(metadata(pages, "schema:accessibilityFeature")) >= {"tableOfContents", "index", "readingOrder"}
    assert "MathML" not in metadata(pages, "schema:accessibilityFeature")
    assert metadata(pages, "dcterms:conformsTo")
    assert EPOCH == 1_700_000_000


def test_the_identifier_stays_while_the_notes_stay() -> None:
    first, again, other = (
        metadata(pages_of(from_texts(texts)), "identifier")
        for texts in (TEXTS, {id: TEXTS[id].replace("Fire", "Smoke") for id in TEXTS}, {"films/one": "One [0:01]."})
    )
    assert first == again != other
    assert first[0].startswith("urn:uuid:")


def test_an_author_stands_before_the_channel() -> None:
    pages = pages_of(from_texts(TEXTS, author="An Author"))
    assert metadata(pages, "creator") == ["An Author"]
    assert "An Author" in text_of(pages["title.xhtml"])


@pytest.mark.parametrize(("tag", "kept"), [("pt-BR", "pt-BR"), ("en_GB", "en-GB"), ("not a tag!", "und"), ("", "und")])
def test_language(tag: str, kept: str) -> None:
    pages = pages_of(from_texts({"films/one": "One [0:01].\n"}, language=tag))
    assert metadata(pages, "language") == [kept]
    assert page_of(pages, "films/one").get("lang") == kept
    assert bool(metadata(pages, "dcterms:conformsTo")) == (kept != "und")


def test_a_note_may_have_its_own_language() -> None:
    text = "---\ntitle: Un\nlang: fr\n---\nTexte [0:01].\n"
    page = page_of(pages_of(from_texts({"films/one": text})), "films/one")
    assert page.get("lang") == "fr"


def test_a_language_written_from_the_right_turns_the_pages() -> None:
    pages = pages_of(from_texts({"films/one": "אחת [0:01].\n"}, language="he"))
    (order,) = pages["content.opf"].iter(f"{OPF}spine")
    assert order.get("page-progression-direction") == "rtl"
    assert page_of(pages, "films/one").get("dir") == "rtl"
    (title,) = (e for e in pages["contents.xhtml"].iter(f"{XHTML}h1"))
    assert (title.text, title.get("lang"), title.get("dir")) == ("Contents", "en", "ltr")


def test_the_cover_is_drawn_for_the_book() -> None:
    note = note_of([n.Rule(1)])
    entry = summary_of(note)
    fields = {f: getattr(entry, f) for f in type(entry).__struct_fields__}
    timed = type(entry)(**fields | {"moments": tuple(Moment(-1, ms) for ms in range(0, 600_000, 7_000))})
    pictures = [
        files_of(write([note], book_of([e], title=title)))["cover.png"]
        for e, title in ((entry, "Films"), (timed, "Films"), (timed, "Other films"), (timed, "电影"))
    ]
    assert len(set(pictures)) == 4
    assert {struct.unpack(">II", picture[16:24]) for picture in pictures} == {(1200, 1920)}


@pytest.mark.parametrize(
    "title",
    [
        "",
        " ",
        "\u200b",
        "\u202eevil",
        "W" * 160,
        "😀" * 60,
        "人工知能、" * 30,
        "כותרת ארוכה מאוד",
        "ก" * 80,
        '"#sys.inputs',
        "a " * 80,
    ],
)
def test_a_cover_is_drawn_for_any_title(title: str) -> None:
    notes, summaries = read_notes(TEXTS)
    assert files_of(write(notes, book_of(summaries, title=title)))["cover.png"].startswith(b"\x89PNG")


def drawing(texts: dict[str, str | bytes], title: str = "Films") -> Any:
    _, summaries = read_notes(texts)
    return cover._drawing_data(EpubPages(book_of(summaries, title=title)), "", "about")


def test_lines_of_a_cover_end_between_words_and_where_japanese_may() -> None:
    assert drawing(TEXTS, "The 2 films")["words"] == [(" ", "The"), (" ", "2"), (" ", "films")]
    assert [piece for _, piece in drawing(TEXTS, "「GPT」の、ノート")["words"]] == ["「GPT」", "の、", "ノー", "ト"]
    assert [len(piece) for _, piece in drawing(TEXTS, "x" * 80)["words"]] == [36, 36, 8]


def test_blocks_of_a_cover_are_as_wide_as_the_page_and_few() -> None:
    many = {
        f"films/n{at}": f"---\ntitle: N{at}\nvideoId: {at:011}\n---\n"
        + "".join(f"## H{k}\n\nA [{k // 60:02}:{k % 60:02}:00].\n\n" for k in range(1, 40 + at))
        for at in range(40)
    }
    for texts in (TEXTS, many, {"films/n1": many["films/n1"]}, {"films/a": "# A\n\nWords.\n"}):
        rows = drawing(texts)["rows"]
        assert 1 <= len(rows) <= cover.MOST_ROWS
        assert max(map(len, rows)) <= cover.MOST_BLOCKS
        assert all(sum(width for width, _ in row) == pytest.approx(1, abs=0.01) for row in rows)
        assert {tone for row in rows for _, tone in row} <= {0, 1, 2, 3}
        assert min(width for row in rows for width, _ in row) >= cover.NARROWEST
        assert all(3 in {tone for _, tone in row} for row in rows if len(row) > 1)


def test_a_long_author_of_a_cover_is_cut_and_one_like_the_title_is_left_out() -> None:
    pages = EpubPages(book_of(read_notes(TEXTS)[1], title="Films"))
    assert len(cover._drawing_data(pages, "Name, " * 40, "about")["author"]) <= cover.LONGEST_AUTHOR + 1
    assert cover._drawing_data(pages, "films", "about")["author"] == ""


def test_a_cover_counts_once_and_keeps_its_colours() -> None:
    assert drawing(TEXTS)["about"] == "4 notes on 2 videos"
    pair = {one: TEXTS[one] for one in ("films/rabbit", "films/frames")}
    assert drawing(pair)["about"] == "2 notes on a video"
    assert drawing(pair)["pair"] == drawing(TEXTS)["pair"] != drawing(TEXTS, "Other films")["pair"]


def png() -> bytes:
    """Return a picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def test_a_cover_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(png())
    assert files_of(from_texts(TEXTS, {"cover": str(tmp_path / "mine.png")}))["cover.png"] == png()


def test_a_cover_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.svg").write_text("<svg/>")
    with pytest.raises(
        WriterError, match=r"mine\.svg: the cover cannot be used: no PNG, .* or WebP picture: convert it"
    ):
        from_texts(TEXTS, {"cover": str(tmp_path / "mine.svg")})
    with pytest.raises(WriterError, match=r"gone\.png: the cover cannot be read"):
        from_texts(TEXTS, {"cover": str(tmp_path / "gone.png")})


def test_a_sound_in_a_container_of_pictures_is_no_cover(tmp_path: Path) -> None:
    """WAVE and WebP files both begin with RIFF."""
    (tmp_path / "mine.webp").write_bytes(b"RIFF" + struct.pack("<I", 28) + b"WAVEfmt " + bytes(16) + b"data" + bytes(4))
    with pytest.raises(
        WriterError, match=r"mine\.webp: the cover cannot be used: no PNG, .* or WebP picture: convert it"
    ):
        from_texts(TEXTS, {"cover": str(tmp_path / "mine.webp")})


def test_a_damaged_picture_is_no_cover(tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(png()[:45])
    with pytest.raises(WriterError, match=r"mine\.png: .*: a damaged picture .*: save it anew"):
        from_texts(TEXTS, {"cover": str(tmp_path / "mine.png")})


def test_a_style_sheet_is_added_without_what_it_would_fetch(tmp_path: Path) -> None:
    css = '@import "x.css";\np { color: red; background: url(http://example.org/a.png) }\n.a { src: url(data:x) }\n'
    (tmp_path / "mine.css").write_text(css)
    said: list[Diagnostic] = []
    notes, entries = read_notes(TEXTS)
    style = files_of(write(notes, book_of(entries), said, css=str(tmp_path / "mine.css")))["style.css"].decode()
    assert style.endswith("\np { color: red; background:  }\n.a { src: url(data:x) }\n")
    assert [d.code for d in said] == ["css-reference-dropped"]
    with pytest.raises(WriterError, match=r"gone\.css: the style sheet cannot be read"):
        from_texts(TEXTS, {"css": str(tmp_path / "gone.css")})


def test_dates_come_from_the_notes_and_none_is_made_up() -> None:
    dated = {"films/one": "---\ntitle: A\ndate: 2021-02-03\n---\nA.", "films/two": "---\ntitle: B\ndate: soon\n---\nB."}
    assert "3 February 2021" in text_of(pages_of(from_texts(dated))["title.xhtml"])
    undated = pages_of(from_texts(TEXTS))["title.xhtml"]
    assert "2023" not in text_of(undated)
    assert classed(undated, "date") == []


def test_the_style_sheet_fixes_no_colour_of_text(data: bytes) -> None:
    style = files_of(data)["style.css"].decode()
    assert set(re.findall(r"[\s;{]color:\s*([^;}]+)", style)) == {"inherit"}
    assert "http" not in style
    assert "@font-face" not in style
