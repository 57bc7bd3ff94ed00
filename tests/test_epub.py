"""Tests the EPUB writer: contents, links, and the pages that are not notes."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from convert.document import nodes as n
from convert.document.book import Book, VideoNotes
from convert.document.note import Video
from convert.render.book_pages import watch_href, watch_links
from convert.writers.epub.documents import narrowed, page_name
from tests.support.epub_books import (
    FRONT,
    NCX,
    OPF,
    OPS,
    TEXTS,
    XHTML,
    book_of,
    classed,
    data,
    files_of,
    from_texts,
    links_of,
    metadata,
    outline,
    page_of,
    pages,
    pages_of,
    read_notes,
    spine,
    text_of,
    toc,
    write,
)
from tests.support.notes import FILM, note_of, summary_of

__all__ = ["data", "pages"]


def test_contents_are_nested_by_video_note_and_section(pages: dict[str, ElementTree.Element]) -> None:
    ol = toc(pages).find(f"{XHTML}ol")
    assert ol is not None
    assert outline(ol) == [
        ["Film 1", [["The rabbit", [["Morning", [["Flowers"]]], ["Evening"]]], ["Frames", [["Counting"]]]]],
        ["Film 2", [["The dragon", [["The cave"]]]]],
        ["Loose end"],
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
    pages = pages_of(write([note], book_of([summary_of(note)])))
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
    empty = VideoNotes(video=Video("youtube", "TLkA0RELQ1g"), title="Nothing said", notes=())
    pages = pages_of(write(notes, book_of(entries, parts=(empty, *book_of(entries).parts))))
    assert "Nothing said" not in "".join(text_of(page) for name, page in pages.items() if name.endswith(".xhtml"))


def test_the_length_of_a_video_is_told_where_it_is_known() -> None:
    notes, entries = read_notes(TEXTS)
    parts = book_of(entries).parts
    timed = VideoNotes(video=parts[0].video, title="Film 1", notes=parts[0].notes, duration_ms=596_000)
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


def test_mathml_is_declared_and_carries_its_tex() -> None:
    math = n.Paragraph((n.Math(r"\frac{a}{b} < c"), n.Math(r"\frac{a}"), n.Math("x", True)), 1)
    note, plain = note_of([math]), note_of([n.Rule(1)], "films/two", "Two")
    pages = pages_of(write([note, plain], book_of([summary_of(note), summary_of(plain)])))
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
    guide = [(e.get("type"), e.get("href")) for e in pages["content.opf"].iter(f"{OPF}reference")]
    assert guide[:3] == [("cover", "cover.xhtml"), ("title-page", "title.xhtml"), ("toc", "contents.xhtml")]
    assert [kind for kind, _ in guide[3:]] == ["text", "index"]


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


def test_a_video_id_that_is_no_id_gives_no_links() -> None:
    note = note_of([n.Paragraph((n.Stamp("[0:01]", 1000),), 1)], video=Video("youtube", 'x"><script>'))
    page = page_of(pages_of(write([note], book_of([summary_of(note)]))), note.id)
    assert not list(page.iter(f"{XHTML}script"))
    assert not [href for href in links_of(page) if href.startswith("http")]


def test_names_of_files_differ_for_notes_of_one_name() -> None:
    names = {page_name(id) for id in ("a/one", "b/one", "A/one", "a/One", "a/óne", "a/一", "a/二", "a/")}
    assert len({name.lower() for name in names}) == 8
    assert all(name.isascii() and " " not in name for name in names)


def test_an_empty_book_is_still_a_book() -> None:
    pages = pages_of(write([], Book(name="empty", title="", parts=())))
    assert metadata(pages, "title") == ["Untitled"]
    assert [FILM.id in href for href in links_of(toc(pages))] == [False]


def test_the_address_of_a_file_with_a_query_is_ready_for_an_attribute() -> None:
    video = Video("file", "https://example.org/film.mp4?a=1&b=2")
    assert watch_href(video) == "https://example.org/film.mp4?a=1&amp;b=2"
    assert watch_links(video)(65_000) == "https://example.org/film.mp4?a=1&amp;b=2#t=65"
    unsafe = Video("file", 'https://example.org/"><script>')
    assert watch_href(unsafe) is None
    assert watch_links(unsafe)(65_000) is None


def sheet_rules(selector: str) -> dict[str, str]:
    """Return what the style sheet of a book says of a selector."""
    note = note_of([n.Rule(1)])
    text = files_of(write([note], book_of([summary_of(note)])))["style.css"].decode()
    found: dict[str, str] = {}
    for names, _, rules in (one.partition("{") for one in re.sub(r"/\*.*?\*/", "", text, flags=re.S).split("}")):
        if selector in map(str.strip, names.split(",")):
            found |= {key.strip(): value.strip() for key, _, value in (r.partition(":") for r in rules.split(";"))}
    return found


def test_names_of_the_contents_are_whole_and_stay_with_the_lines_below_them() -> None:
    assert sheet_rules(".contents li ol")["break-before"] == sheet_rules("nav li ol")["break-before"] == "avoid"
    assert sheet_rules(".contents li li:first-child + li")["break-before"] == "avoid"
    assert sheet_rules(".contents a")["break-inside"] == "avoid"


def test_headings_are_little_larger_than_the_text_and_the_line_below_a_title_is_quiet() -> None:
    sizes = [float(sheet_rules(f"h{level}")["font-size"].removesuffix("em")) for level in (1, 2, 3, 4)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] <= 1.25
    assert sheet_rules(".note-head a")["text-decoration"] == "none"
    assert float(sheet_rules(".note-head .source")["opacity"]) < 1


def words(*cells: str) -> n.Row:
    return n.Row(tuple([(n.Text(one),) if one else () for one in cells]))


def note_page_of(*blocks: n.Block) -> ElementTree.Element:
    note = note_of(blocks)
    return page_of(pages_of(write([note], book_of([summary_of(note)]))), note.id)


def inside(page: ElementTree.Element, tag: str) -> list[str]:
    return ["".join(one.itertext()) for one in page.iter(f"{XHTML}{tag}")]


def test_a_table_wider_than_a_page_is_a_list_for_each_row() -> None:
    head = words("Collector", "Generational", "Concurrently", "", "Throughputs", "Compacting")
    rows = (
        words("One", "yes", "partly", "unnamed things", "", "incrementally"),
        words("Two", "no", "distributively", "", "90 %", "no"),
    )
    page = note_page_of(n.Table(("",) * 6, head, rows, 1, "wide"))
    assert not [*page.iter(f"{XHTML}table")]
    assert inside(page, "dt") == ["Collector: One", "Collector: Two"]
    said = ["Generational: ", "Concurrently: ", "", "Throughputs: ", "Compacting: "]
    values = [
        ["yes", "partly", "unnamed things", "", "incrementally"],
        ["no", "distributively", "", "90 %", "no"],
    ]
    lines = ["".join(one.itertext()) for of in page.iter(f"{XHTML}dd") for one in of]
    assert lines == [name + value for row in values for name, value in zip(said, row, strict=True)]
    assert not [*page.iter(f"{XHTML}li")]
    assert [one.tag for one in page.iter() if one.get("id") == "b-wide"] == [f"{XHTML}p"]


def test_tables_stay_tables_where_they_fit_or_where_their_names_cannot_be_repeated() -> None:
    long = "Generational"
    numbers = n.Table(("",) * 9, words(*"abcdefghi"), (words(*"123456789"),), 1)
    three = n.Table(("",) * 3, words(long * 9, long, long), (words("a", "b", "c"),), 1)
    nameless = n.Table(("",) * 6, words(*[""] * 6), (words(*[long] * 6),), 1)
    linked = n.Table(("",) * 6, n.Row(((n.Link("https://example.org", (n.Text(long),)),),) * 6), (words(*"abcdef"),), 1)
    many = n.Table(("",) * 6, words(*[long] * 6), (words(*[""] * 6),) * 1000, 1)
    four = n.Table(("",) * 4, words(*"abcd"), (words(*"1234"),), 1)
    seven = n.Table(("",) * 7, words(*["Accuracy (first)"] * 7), (words(*["26 seconds"] * 7),), 1)
    tables = [*note_page_of(numbers, three, nameless, linked, many, four, seven).iter(f"{XHTML}table")]
    assert [one.get("class") for one in tables] == ["tight", None, "tight", "tight", "tight", None, "tight"]


def test_long_words_in_tables_may_break_and_nothing_else_changes() -> None:
    told = (
        "-XX:MaxGCPauseMillis",
        "https://example.org/a/long-address_here",
        "a&b<c" * 5,
        "x" * 40,
        "कि" * 20,
        "short",
    )
    cells = n.Row(tuple([(n.Code(one),) for one in told[:3]]))
    others = n.Row((*[(n.Text(one),) for one in told[3:5]], (n.Text(told[5]), n.Math(r"\text{abcdefghijklmnopqrst}"))))
    page = note_page_of(n.Table(("",) * 3, cells, (others,), 1))
    assert inside(page, "th") == [*told[:3]]
    assert inside(page, "td")[:2] == [*told[3:5]]
    breaks = [len([*one.iter(f"{XHTML}wbr")]) for tag in ("th", "td") for one in page.iter(f"{XHTML}{tag}")]
    assert breaks == [3, 6, 2, 3, 0, 0]


def test_a_long_line_of_code_goes_on_deeper_than_it_begins() -> None:
    code = f"if a:\n    call({'x, ' * 30})\n\n{' ' * 40}# deep\n"
    page = note_page_of(
        n.CodeBlock(code, 1), n.CodeBlock("short\n  lines\n", 2), n.CodeBlock(many := "x\n" * 99 + "y" * 40, 3)
    )
    lines = [one for one in page.iter(f"{XHTML}span") if "line" in (one.get("class") or "").split()]
    assert [one.get("class") for one in lines] == ["line", "line in4", "line", "line in12"]
    assert inside(page, "pre") == [code, "short\n  lines\n", many]


def test_names_with_hyphens_are_whole_in_long_lines_of_code() -> None:
    code = f"import {{ openai }} from '@ai-sdk/openai'; a - b --all {'x-' * 20}\n"
    page = note_page_of(n.CodeBlock(code, 1), n.CodeBlock("short-name\n", 2))
    assert ["".join(one.itertext()) for one in page.iter() if one.get("class") == "whole"] == ["@ai-sdk/openai"]
    assert inside(page, "pre") == [code, "short-name\n"]
    assert narrowed(f'<pre><code><span class="a-b">{"a-b" * 40}</span></code></pre>').count("whole") == 0
    assert sheet_rules(".whole")["white-space"] == "nowrap"
    assert sheet_rules("pre .line")["opacity"] == sheet_rules("pre .whole")["opacity"] == "1"
    assert sheet_rules("pre")["box-decoration-break"] == "clone"


@pytest.mark.parametrize("opening", ['<span class="s">', "<i>", "<b>"])
def test_marks_that_go_on_for_lines_are_closed_with_each_line(opening: str) -> None:
    closing = f"</{opening[1:].split(' ')[0].rstrip('>')}>"
    text = f"a {opening}b\n\nc{closing} {'d' * 40}\n"
    page = narrowed(f"<pre><code>{text}</code></pre>")
    for line in page.split("\n</span>")[:-1]:
        ElementTree.fromstring(f"{line.removeprefix('<pre><code>')}</span>")
    assert "".join(ElementTree.fromstring(page).itertext()) == "".join(
        ElementTree.fromstring(f"<p>{text}</p>").itertext()
    )


def test_a_note_with_the_name_of_its_video_says_it_once() -> None:
    notes = [note_of([n.Rule(1)], "films/one", "Film 1"), note_of([n.Rule(1)], "films/two", "Two")]
    pages = pages_of(write(notes, book_of([*map(summary_of, notes)])))
    heads = [" ".join(" ".join(inside(page_of(pages, note.id), "header")).split()) for note in notes]
    assert heads == ["Film 1 Watch the video", "Two Film 1 · Watch the video"]
