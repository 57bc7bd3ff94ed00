"""The EPUB writer: contents, links, furniture, metadata and options, on books small enough to read."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from convert.document import nodes as n
from convert.document.book import Book, Moment, Part
from convert.document.note import Video
from convert.errors import WriterError
from convert.report import Diagnostic
from convert.writers.epub.shelf import page_name
from tests.epub_books import (
    DC,
    EPOCH,
    NCX,
    OPF,
    OPS,
    VIDEO,
    XHTML,
    book_of,
    classed,
    entry_of,
    files_of,
    from_texts,
    links_of,
    note_of,
    pages_of,
    read_notes,
    text_of,
    write,
)

FRONT = "---\ntitle: {}\nvideoId: {}\n---\n\n"
TEXTS = {
    "films/rabbit": FRONT.format("The rabbit", "aqz-KE-bpKQ")
    + "Begins [00:00:05].\n\n## Morning [00:00:10]\n\nSee [[dragon#The cave | the cave]] and [[poem]] [00:00:20] "
    "[00:00:25].\n\n#### Flowers\n\n"
    "More of the [[dragon]].\n\n##### Too deep\n\n## Evening\n\nBack to the [[dragon]].\n",
    "films/frames": FRONT.format("Frames", "aqz-KE-bpKQ")
    + "Words [01:02:03] on the [[rabbit]].\n\n## Counting\n\nA.\n",
    "films/dragon": FRONT.format("The dragon", "eRsGyueVLvQ") + "Fire.\n\n## The cave\n\nA scar and the [[Rabbit]].\n",
    "films/loose": "---\ntitle: Loose end\n---\n\nSaid [00:00:09] of the [[poem]].\n",
}


@pytest.fixture(scope="module")
def data() -> bytes:
    return from_texts(TEXTS)


@pytest.fixture(scope="module")
def pages(data: bytes) -> dict[str, ElementTree.Element]:
    return pages_of(data)


def outline(ol: ElementTree.Element) -> list[Any]:
    """A list of the nav as nested [title, [...]]."""
    return [[text_of(li[0]), *[outline(inner) for inner in li.findall(f"{XHTML}ol")]] for li in ol]


def toc(pages: dict[str, ElementTree.Element]) -> ElementTree.Element:
    return next(nav for nav in pages["nav.xhtml"].iter(f"{XHTML}nav") if nav.get(f"{OPS}type") == "toc")


def spine(pages: dict[str, ElementTree.Element]) -> list[str]:
    names = {item.get("id"): item.get("href", "") for item in pages["content.opf"].iter(f"{OPF}item")}
    return [names[ref.get("idref")] for ref in pages["content.opf"].iter(f"{OPF}itemref")]


def metadata(pages: dict[str, ElementTree.Element], name: str) -> list[str]:
    whole = pages["content.opf"]
    found = [e for e in whole.iter(f"{OPF}meta") if e.get("property") == name] + list(whole.iter(f"{DC}{name}"))
    return [e.text or "" for e in found]


def page_of(pages: dict[str, ElementTree.Element], id: str) -> ElementTree.Element:
    return pages[page_name(id)]


def test_contents_are_nested_by_video_note_and_section(pages: dict[str, ElementTree.Element]) -> None:
    ol = toc(pages).find(f"{XHTML}ol")
    assert ol is not None
    assert outline(ol) == [
        ["Film 1", [["The rabbit", [["Morning", [["Flowers"]]], ["Evening"]]], ["Frames", [["Counting"]]]]],
        ["Film 2", [["The dragon", [["The cave"]]]]],
        ["Without a video", [["Loose end"]]],
        ["Topics"],
        ["Videos"],
        ["Colophon"],
    ]


def test_the_ncx_has_the_lines_of_the_nav_in_its_order(pages: dict[str, ElementTree.Element]) -> None:
    sources = [content.get("src") for content in pages["toc.ncx"].iter(f"{NCX}content")]
    assert sources == links_of(toc(pages))
    assert not list(pages["toc.ncx"].iterfind(f".//{NCX}navPoint/{NCX}navPoint"))


def test_the_nav_follows_the_reading_order(pages: dict[str, ElementTree.Element]) -> None:
    order = spine(pages)
    places = [order.index(href.partition("#")[0]) for href in links_of(toc(pages))]
    assert places == sorted(places)
    assert order[:3] == ["cover.xhtml", "title.xhtml", "contents.xhtml"]


def test_the_ncx_of_a_large_book_leaves_out_sections() -> None:
    sections = [n.Section(f"s{i}", 2, (n.Text(f"S{i}"),), (), i) for i in range(1100)]
    note = note_of(sections)
    pages = pages_of(write([note], book_of([entry_of(note)])))
    assert len(links_of(toc(pages))) > 1100
    assert len(list(pages["toc.ncx"].iter(f"{NCX}content"))) < 10


def test_every_link_of_the_book_leads_to_a_place_that_is_there(data: bytes, pages: dict[str, Any]) -> None:
    names = set(files_of(data))
    ids = {name: {e.get("id") for e in page.iter()} for name, page in pages.items()}
    for name, page in pages.items():
        for href in links_of(page):
            if href.startswith("https:"):
                continue
            file, _, fragment = href.partition("#")
            assert (file or name) in names, href
            assert not fragment or fragment in ids[file or name], href


def test_stamps_lead_to_the_second_and_say_it_in_words(pages: dict[str, ElementTree.Element]) -> None:
    (body,) = classed(page_of(pages, "films/frames"), "note-text")
    (stamp,) = classed(body, "stamp")
    assert stamp.get("href") == "https://youtu.be/aqz-KE-bpKQ?t=3723"
    assert stamp.text == "1:02:03"
    assert stamp.get("aria-label") == "at 1 hour 2 minutes 3 seconds"
    rabbit = classed(page_of(pages, "films/rabbit"), "stamp")
    assert [s.get("href", "")[-3:] for s in rabbit] == ["t=5", "=10", "=20", "=25"]
    assert [s.get("class") for s in rabbit] == ["stamp", "stamp", "stamp", "stamp more"]


def test_a_note_without_a_video_shows_its_times_without_links(pages: dict[str, ElementTree.Element]) -> None:
    page = page_of(pages, "films/loose")
    (stamp,) = classed(page, "stamp")
    assert stamp.tag == f"{XHTML}span"
    assert "Watch the video" not in text_of(page)


def test_wikilinks_lead_to_the_note_and_its_section(pages: dict[str, ElementTree.Element]) -> None:
    (body,) = classed(page_of(pages, "films/rabbit"), "note-text")
    dragon = page_name("films/dragon")
    assert [link.get("href") for link in classed(body, "note")] == [f"{dragon}#s-the_cave", dragon, dragon]
    assert "poem" in text_of(body)


def test_back_links_stand_at_the_end_of_a_note(pages: dict[str, ElementTree.Element]) -> None:
    (aside,) = classed(page_of(pages, "films/dragon"), "linked-from")
    assert links_of(aside) == [page_name("films/rabbit")]
    assert not classed(page_of(pages, "films/loose"), "linked-from")


def test_many_back_links_are_cut_with_their_number() -> None:
    texts = {f"films/n{i:02}": f"---\ntitle: N{i}\n---\nTo the [[hub]].\n" for i in range(30)}
    pages = pages_of(from_texts(texts | {"films/hub": "---\ntitle: Hub\n---\nHub.\n"}))
    (aside,) = classed(page_of(pages, "films/hub"), "linked-from")
    assert len(links_of(aside)) == 24
    assert "and 6 more" in text_of(aside)


def test_the_index_has_topics_with_and_without_a_note(pages: dict[str, ElementTree.Element]) -> None:
    index = pages["topics.xhtml"]
    terms = {text_of(p): links_of(p) for p in classed(index, "term") if p.tag == f"{XHTML}p"}
    assert terms == {
        "Poem": [],
        "The dragon": [page_name("films/dragon")],
        "The rabbit": [page_name("films/rabbit")],
    }
    places = [links_of(ul) for ul in classed(index, "places")]
    assert places[0] == [f"{page_name('films/rabbit')}#s-morning", page_name("films/loose")]


def test_a_large_index_has_a_page_for_each_initial() -> None:
    words = " ".join(f"[[{chr(97 + i % 3)}{i}]]" for i in range(450)) + " [[99]]"
    pages = pages_of(from_texts({"films/one": f"---\ntitle: One\n---\n{words}\n"}))
    titles = [text_of(pages[name][1]).split()[:2] for name in spine(pages) if name.startswith("topics")]
    assert titles == [["Topics:", letter] for letter in "ABC#"]


def test_the_list_of_videos_names_and_links_them(pages: dict[str, ElementTree.Element]) -> None:
    (listing,) = classed(pages["videos.xhtml"], "videos")
    assert "https://youtu.be/aqz-KE-bpKQ" in links_of(listing)
    assert "Film 2 youtu.be/eRsGyueVLvQ" in text_of(listing)


def test_a_part_opens_with_its_video_and_its_notes(pages: dict[str, ElementTree.Element]) -> None:
    (part,) = (page for name, page in pages.items() if name.startswith("video-aqz"))
    assert text_of(part[1]) == "Video 1 Film 1 Watch the video The rabbit Frames"
    assert links_of(part) == ["https://youtu.be/aqz-KE-bpKQ", page_name("films/rabbit"), page_name("films/frames")]


def test_a_video_of_one_note_opens_with_it(pages: dict[str, ElementTree.Element]) -> None:
    assert not [name for name in pages if name.startswith("video-ers")]
    assert links_of(toc(pages)).count(page_name("films/dragon")) == 2
    assert "The dragon Film 2 · Watch the video" in text_of(page_of(pages, "films/dragon"))


def test_a_part_without_notes_leaves_no_trace() -> None:
    notes, entries = read_notes(TEXTS)
    empty = Part(video=Video("youtube", "TLkA0RELQ1g"), title="Nothing said", notes=())
    pages = pages_of(write(notes, book_of(entries, parts=(empty, *book_of(entries).parts))))
    assert "Nothing said" not in "".join(text_of(page) for name, page in pages.items() if name.endswith(".xhtml"))


def test_the_length_of_a_video_is_told_where_it_is_known() -> None:
    notes, entries = read_notes(TEXTS)
    parts = book_of(entries).parts
    timed = Part(video=parts[0].video, title="Film 1", notes=parts[0].notes, duration_ms=596_000)
    pages = pages_of(write(notes, book_of(entries, parts=(timed, *parts[1:]))))
    assert "youtu.be/aqz-KE-bpKQ · 9:56" in text_of(pages["videos.xhtml"])


def test_a_book_of_one_note_needs_no_part_and_lists_its_sections() -> None:
    pages = pages_of(from_texts({"films/rabbit": TEXTS["films/rabbit"]}))
    assert not [name for name in pages if name.startswith("video-")]
    assert "Morning" in text_of(pages["contents.xhtml"])
    assert "Watch the video" in text_of(pages["title.xhtml"])
    places = [text_of(ul) for ul in classed(pages["topics.xhtml"], "places")]
    assert places == ["Morning Flowers Evening", "Morning"]


def test_several_channels_group_the_contents() -> None:
    texts = {"a/one": "---\ntitle: One\n---\nText.\n", "b/two": FRONT.format("Two", "eRsGyueVLvQ") + "Text.\n"}
    pages = pages_of(from_texts(texts, title="Both"))
    ol = toc(pages).find(f"{XHTML}ol")
    assert ol is not None
    assert [line[0] for line in outline(ol)][:2] == ["a", "b"]
    assert metadata(pages, "creator") == ["a", "b"]
    assert len([name for name in spine(pages) if name not in pages]) == 0


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
    assert metadata(pages, "creator") == ["films"]
    assert metadata(pages, "language") == ["en"]
    assert metadata(pages, "source") == ["https://youtu.be/aqz-KE-bpKQ", "https://youtu.be/eRsGyueVLvQ"]
    assert metadata(pages, "dcterms:modified") == ["2023-11-14T22:13:20Z"]
    assert metadata(pages, "belongs-to-collection") == ["films"]
    assert metadata(pages, "subject") == ["Poem", "The rabbit"]
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


def test_mathml_is_declared_and_carries_its_tex() -> None:
    math = n.Paragraph((n.Math(r"\frac{a}{b} < c"), n.Math(r"\frac{a}"), n.Math("x", True)), 1)
    note, plain = note_of([math]), note_of([n.Rule(1)], "films/two", "Two")
    pages = pages_of(write([note, plain], book_of([entry_of(note), entry_of(plain)])))
    page = page_of(pages, note.id)
    found = list(page.iter("{http://www.w3.org/1998/Math/MathML}math"))
    assert [m.get("alttext") for m in found] == [r"\frac{a}{b} < c", "x"]
    assert [m.get("display") for m in found] == ["inline", "block"]
    assert r"\frac{a}" in text_of(page)
    items = {item.get("href"): item.get("properties") for item in pages["content.opf"].iter(f"{OPF}item")}
    assert (items[page_name(note.id)], items[page_name(plain.id)]) == ("mathml", None)
    assert "MathML" in metadata(pages, "schema:accessibilityFeature")


def test_landmarks(pages: dict[str, ElementTree.Element]) -> None:
    _, landmarks = pages["nav.xhtml"].iter(f"{XHTML}nav")
    assert landmarks.get("hidden") == "hidden"
    kinds = [a.get(f"{OPS}type") for a in landmarks.iter(f"{XHTML}a")]
    assert kinds == ["cover", "titlepage", "toc", "bodymatter", "index", "colophon"]


def test_the_archive_is_what_readers_expect(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        assert archive.testzip() is None
    assert data[30:58] == b"mimetypeapplication/epub+zip"
    assert [info.compress_type for info in infos if info.filename in ("mimetype", "EPUB/cover.png")] == [0, 0]
    assert {info.date_time for info in infos} == {(2023, 11, 14, 22, 13, 20)}
    assert len({info.filename.lower() for info in infos}) == len(infos)
    assert all(info.filename.isascii() for info in infos)


def test_same_bytes_twice(data: bytes) -> None:
    assert from_texts(TEXTS) == data


def test_headings_have_no_jumps(pages: dict[str, ElementTree.Element]) -> None:
    for name, page in pages.items():
        levels = [int(e.tag[-1]) for e in page.iter() if e.tag[-2:] in {f"h{i}" for i in range(1, 7)}]
        assert all(b <= a + 1 for a, b in pairwise(levels)), name
        assert levels[:1] == [1] or name in ("cover.xhtml", "toc.ncx", "content.opf", "META-INF/container.xml"), name


def test_the_cover_is_drawn_for_the_book() -> None:
    note = note_of([n.Rule(1)])
    entry = entry_of(note)
    fields = {f: getattr(entry, f) for f in type(entry).__struct_fields__}
    timed = type(entry)(**fields | {"moments": tuple(Moment(-1, ms) for ms in range(0, 600_000, 7_000))})
    pictures = [
        files_of(write([note], book_of([e], title=title)))["cover.png"]
        for e, title in ((entry, "Films"), (timed, "Films"), (timed, "Other films"), (timed, "电影"))
    ]
    assert len(set(pictures)) == 4
    assert {struct.unpack(">II", picture[16:24]) for picture in pictures} == {(1200, 1920)}


def png() -> bytes:
    """A picture of one point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def test_a_cover_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(png())
    assert files_of(from_texts(TEXTS, {"cover": str(tmp_path / "mine.png")}))["cover.png"] == png()


def test_a_cover_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.svg").write_text("<svg/>")
    with pytest.raises(WriterError, match=r"mine\.svg: the cover is no PNG.*convert it"):
        from_texts(TEXTS, {"cover": str(tmp_path / "mine.svg")})
    with pytest.raises(WriterError, match=r"gone\.png: the cover cannot be read"):
        from_texts(TEXTS, {"cover": str(tmp_path / "gone.png")})


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


def test_dates_come_from_the_notes_or_the_book() -> None:
    dated = {"films/one": "---\ntitle: A\ndate: 2021-02-03\n---\nA.", "films/two": "---\ntitle: B\ndate: soon\n---\nB."}
    assert "3 February 2021" in text_of(pages_of(from_texts(dated))["title.xhtml"])
    assert "14 November 2023" in text_of(pages_of(from_texts(TEXTS))["title.xhtml"])


def test_the_style_sheet_fixes_no_colour_of_text(data: bytes) -> None:
    style = files_of(data)["style.css"].decode()
    assert set(re.findall(r"[\s;{]color:\s*([^;}]+)", style)) == {"inherit"}
    assert "http" not in style
    assert "@font-face" not in style


def test_a_video_id_that_is_no_id_gives_no_links() -> None:
    note = note_of([n.Paragraph((n.Stamp("[0:01]", 1000),), 1)], video=Video("youtube", 'x"><script>'))
    page = page_of(pages_of(write([note], book_of([entry_of(note)]))), note.id)
    assert not list(page.iter(f"{XHTML}script"))
    assert not [href for href in links_of(page) if href.startswith("http")]


def test_names_of_files_differ_for_notes_of_one_name() -> None:
    names = {page_name(id) for id in ("a/one", "b/one", "A/one", "a/One", "a/óne", "a/一", "a/二", "a/")}
    assert len({name.lower() for name in names}) == 8
    assert all(name.isascii() and " " not in name for name in names)


def test_an_empty_book_is_still_a_book() -> None:
    pages = pages_of(write([], Book(name="empty", title="", parts=())))
    assert metadata(pages, "title") == ["Untitled"]
    assert [VIDEO.id in href for href in links_of(toc(pages))] == [False]
