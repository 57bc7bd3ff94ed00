"""Tests the PDF writer: structure, links, options, and notes, characters and books that do not fit."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from convert.document import nodes as n
from convert.document.book import Book, VideoNotes
from convert.document.note import Note, Video
from convert.errors import NotebindError, ToolError, UsageError, WriterError
from convert.reader import read_bytes
from convert.render import typst_book
from convert.render.typst_book import index, template
from convert.report import Diagnostic
from convert.tools import typst_fonts
from convert.tools.typst_child import separate_endings
from convert.tools.typst_compile import CompileError, CompilerSettings, OutOfMemory, compile_typst
from convert.writers.base import Artifact, Job
from convert.writers.pdf import WRITER, PdfOptions, volumes
from convert.writers.pdf.notes import NoteBlocks
from tests.support.needs import needs
from tests.support.notes import EPOCH, summary_of
from tests.support.pdf_notes import book, build, every_node, note, para, second, section, text, third
from tests.support.pdf_reading import dictionaries, faults, inner_links, one_line, opened, outline, uris, words
from tests.support.pdf_reading import fonts as fonts_of

NOTES = (every_node(), second(), third())


@pytest.fixture(scope="module")
def pdf() -> bytes:
    (made,) = build(NOTES)
    assert made.path == "films.pdf"
    return made.data


def test_outline_is_video_note_section(pdf: bytes) -> None:
    assert outline(pdf) == [
        (1, "Every node"), (2, "Section word"), (3, "Deep part"), (2, "Second"), (3, "Deep part"), (1, "Third"),
        (1, "Topics"),
    ]  # fmt: skip


def test_a_video_of_another_name_has_its_own_heading() -> None:
    of = book(*NOTES)
    parts = [msgspec.structs.replace(part, title=part.title and "Mills") for part in of.parts]
    (made,) = build(NOTES, msgspec.structs.replace(of, parts=tuple(parts)))
    assert outline(made.data)[:3] == [(1, "Mills"), (2, "Every node"), (3, "Section word")]


def test_every_stamp_is_a_link_at_its_second(pdf: bytes) -> None:
    assert [uri for uri in uris(pdf) if "?t=" in uri].count("https://youtu.be/YE7VzlLtp-4?t=65") == 3
    assert "https://youtu.be/YE7VzlLtp-4?t=9" in uris(pdf)


def test_title_language_author_and_date() -> None:
    of = book(*NOTES, title='A & <B> "c"', language="de-AT", author="The film club")
    (made,) = build(NOTES, of)
    root, info = opened(made.data).Root, opened(made.data).docinfo
    assert str(info["/Title"]) == "A & <B> „c“"
    assert str(info["/Author"]) == "The film club"
    assert str(root.Lang) == "de-AT"
    assert root.MarkInfo.Marked
    assert root.ViewerPreferences.DisplayDocTitle
    assert str(info["/CreationDate"]).startswith("D:20231114")


def test_same_bytes_with_any_number_of_cores(pdf: bytes) -> None:
    assert build(NOTES, cores=2)[0].data == pdf


def test_a_note_of_its_videos_name_is_one_heading() -> None:
    (made,) = build([third()])
    assert outline(made.data) == [(1, "Third")]


@needs("pdftotext")
def test_a_link_within_the_book_names_the_page(pdf: bytes) -> None:
    pages = words(pdf).split("\f")
    number = next(at for at, page in enumerate(pages, 1) if "deepword" in page)
    assert f"wikiword (p. {number})" in one_line(pdf)
    assert inner_links(pdf) > 8


@needs("pdftotext")
def test_plain_has_no_codes_pages_and_index() -> None:
    (made,) = build(NOTES, options=PdfOptions(plain=True))
    assert "(p. " not in one_line(made.data)
    assert (1, "Topics") not in outline(made.data)
    assert len([uri for uri in uris(made.data) if "?t=" in uri]) == 4


@needs("pdftotext")
@pytest.mark.parametrize("paper", ["a4", "a5"])
def test_a_code_says_what_it_is_for_in_the_language_of_the_book(paper: str) -> None:
    options = PdfOptions(paper=paper)
    (made,) = build([third()], book(third(), language="de"), options=options)
    assert "ansehen" in one_line(made.data)
    (made,) = build([third()], book(third(), language="de"), options=replace(options, plain=True))
    assert "ansehen" not in one_line(made.data)


def test_the_code_of_each_note_is_drawn_and_described(pdf: bytes) -> None:
    figures = [str(thing.Alt) for thing in dictionaries(pdf) if thing.get("/S") == "/Figure"]
    assert figures == [f"QR code: watch {one.title}" for one in NOTES]
    assert not [thing for thing in dictionaries(pdf) if thing.get("/Subtype") == "/Image"]


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792)), ("Letter", (612, 792))])
def test_paper(paper: str, size: tuple[int, int]) -> None:
    (made,) = build([third()], options=PdfOptions(paper=paper, pdf_margin="1in,2cm"))
    box = opened(made.data).pages[0].MediaBox
    assert tuple(round(float(side)) for side in box[2:]) == size


@pytest.mark.parametrize("margin", ["2", "2cm,", "2cm,2cm,2cm", "-2cm", "2cm) panic(", "1e9cm"])
def test_margins_are_lengths(margin: str) -> None:
    with pytest.raises(UsageError, match="--pdf-margin"):
        PdfOptions(pdf_margin=margin)


def test_an_unknown_paper_names_the_known() -> None:
    with pytest.raises(UsageError, match="us-letter"):
        PdfOptions(paper="#panic()")


def test_fonts_are_embedded(pdf: bytes) -> None:
    assert fonts_of(pdf)
    assert all(fonts_of(pdf).values())


def test_a_font_that_is_not_here_is_one_clear_line() -> None:
    with pytest.raises(WriterError, match='the font "No Such Font" is not installed'):
        build([third()], options=PdfOptions(font="No Such Font"))
    with pytest.raises(ToolError, match="no such folder"):
        build([third()], options=PdfOptions(font_path="/no/such/folder"))


# Characters


CODEPOINTS = "日本 हिन्दी العربية ภาษาไทย 😀"


def test_without_fonts_each_note_and_character_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst_fonts, "found_fonts", lambda folder="": ())
    warned: list[Diagnostic] = []
    (made,) = build([note("scripts", para(CODEPOINTS)), third()], warn=warned.append)
    assert [one.code for one in warned] == ["pdf-character"]
    assert warned[0].note == "films/scripts.md"
    assert "other note" not in warned[0].message
    for part in ("ا (U+0627)", "fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji", "without PDF/A"):
        assert part in warned[0].message
    assert opened(made.data).Root.MarkInfo.Marked
    with opened(made.data).open_metadata() as metadata:
        assert "pdfuaid:part" not in metadata


def test_a_book_of_many_such_notes_says_once_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst_fonts, "found_fonts", lambda folder="": ())
    warned: list[Diagnostic] = []
    build([note("one", para("日本")), note("two", para("日 한국")), third()], warn=warned.append)
    assert [(one.code, one.note) for one in warned] == [("pdf-character", "films/one.md")]
    for part in ("日 (U+65E5)", "한 (U+D55C)", "install fonts-noto-cjk,", "(1 other note as well)"):
        assert part in warned[0].message


def test_characters_of_titles_alone_are_named_for_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst_fonts, "found_fonts", lambda folder="": ())
    for fields in ({"title": "映画"}, {"author": "監督"}):
        warned: list[Diagnostic] = []
        build([third()], book(third(), **fields), warn=warned.append)
        assert [(one.code, one.note) for one in warned] == [("pdf-character", "films")]
        assert "in titles" in warned[0].message


def test_a_standard_that_is_lost_outside_the_notes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst_fonts, "uncovered", lambda characters: set())
    warned: list[Diagnostic] = []
    build([third()], book(third(), title="private \ue000 use"), warn=warned.append)
    assert [(one.code, one.note) for one in warned] == [("pdf-character", "films")]


def test_the_index_groups_and_sorts() -> None:
    topics = {"a": "The sail", "b": "Émile", "c": "apple", "d": "3 men", "e": "日本", "f": "A", "g": "An oar"}
    rows = [line.strip() for line in index(topics).split("\n") if line.startswith("  (")]
    assert [row.split('"')[1] for row in rows] == ["0–9", "A", "E", "O", "S", ""]
    assert '("f", "A"), ("c", "apple")' in rows[1]
    assert '("a", "Sail, The")' in rows[4]
    assert '("M", (("a", "Mühle, Die"),' in index({"a": "Die Mühle"}, "de-AT")
    assert '("D", (("a", "Die hard"),' in index({"a": "Die hard"})
    assert '("E", (("a", "Eau, L’"),' in index({"a": "L’eau"}, "fr")
    assert '("W", (("a", "wind, the"),' in index({"a": "the wind"})


@needs("pdftotext")
def test_the_index_joins_pages_that_follow_each_other() -> None:
    link = n.WikiLink("mill", text("mill"))
    (made,) = build([note("mills", *(para("filler " * 80, link) for _ in range(40)))])
    assert re.search(r"\bmill \d+–\d+ ", one_line(made.data), re.IGNORECASE)


def test_a_book_without_such_characters_asks_no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst_fonts, "found_fonts", lambda folder="": pytest.fail("the fonts of the machine were read"))
    build([note("latin", para("Größe Ελλάδα Съёмка Երևան ქართული שלום ∀ → ✓"))])


def test_fonts_of_the_machine_are_found_by_script() -> None:
    chosen = typst_fonts.choose_fonts(CODEPOINTS, "", "", "ja")
    if chosen.missing:
        pytest.skip("no Noto fonts on this machine")
    assert chosen.families[0] == typst_fonts.TEXT
    assert {"Noto Serif CJK JP", "Noto Serif Devanagari"} <= set(chosen.families)


@pytest.mark.parametrize(
    ("character", "script", "package"),
    [
        ("日", "CJK", "fonts-noto-cjk"), ("한", "CJK", "fonts-noto-cjk"), ("ク", "CJK", "fonts-noto-cjk"),
        ("ก", "THAI", "fonts-noto-core"), ("😀", "EMOJI", "fonts-noto-color-emoji"), ("\ue000", "UNNAMED", ""),
    ],
)  # fmt: skip
def test_which_package_brings_a_character(character: str, script: str, package: str) -> None:
    assert typst_fonts.script_of(character) == script
    assert typst_fonts.package_for(character) == package


def test_a_character_that_only_typst_refuses_drops_the_standards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst_fonts, "uncovered", lambda characters: set())
    warned: list[Diagnostic] = []
    (made,) = build([third(), note("odd", para("private \ue000 use"))], warn=warned.append)
    assert [(one.code, one.note) for one in warned] == [("pdf-character", "films/odd.md")]
    assert len(opened(made.data).pages) > 1


def test_the_table_of_embedded_characters_is_typsts() -> None:
    import typst

    faces = typst.Fonts(include_system_fonts=False).families()
    assert {"Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern"} <= set(faces)
    sample = "".join(map(chr, sorted(typst_fonts.embedded_characters())[::9]))
    source = template() + "\n= Sample\n#" + json.dumps(sample.replace("\x7f", ""), ensure_ascii=False)
    assert compile_typst(source, CompilerSettings({"title": "Sample"}, EPOCH)).pdf


# Notes that cannot be typeset


def broken(parts: list[bytes], number: int, at: int | None = None) -> list[bytes]:
    """Return the parts, one of them with code that stops Typst, which no note can contain."""
    piece = msgspec.json.decode(parts[number], type=NoteBlocks)
    blocks = json.loads(bytes(piece.blocks))
    blocks.insert(len(blocks) if at is None else at, {"t": "RawBlock", "c": ["typst", '#panic("stop")']})
    whole = msgspec.structs.replace(piece, blocks=msgspec.Raw(json.dumps(blocks).encode()))
    return [msgspec.json.encode(whole) if at == number else part for at, part in enumerate(parts)]


def assemble(parts: list[bytes], notes: tuple[Note, ...], warned: list[Diagnostic]) -> bytes:
    job = Job(book(*notes), PdfOptions(), EPOCH, warn=warned.append)
    (made,) = WRITER.assemble(parts, job)
    assert isinstance(made, Artifact)
    return made.data


def parts_of(notes: tuple[Note, ...]) -> list[bytes]:
    job = Job(book(*notes), PdfOptions(), EPOCH)
    return [WRITER.part(one, job) for one in notes]


@needs("pdftotext")
@pytest.mark.parametrize("places_known", [True, False])
def test_a_note_that_typst_refuses_is_set_as_text(monkeypatch: pytest.MonkeyPatch, places_known: bool) -> None:
    def without_places(source: str, settings: CompilerSettings) -> Any:
        try:
            return compile_typst(source, settings)
        except CompileError as error:
            raise CompileError(str(error), error.report if places_known else "") from error

    monkeypatch.setattr(volumes, "compile_typst", without_places)
    warned: list[Diagnostic] = []
    data = assemble(broken(parts_of(NOTES), 0), NOTES, warned)
    assert [(one.code, one.note, one.line) for one in warned] == [("pdf-block-plain", "films/every_node.md", 1)]
    assert "stop" in warned[0].message
    read = one_line(data)
    for word in ("plainword", "code`word", "wikiword", "1:05", "cellword", "blockword", "footword", "deepword"):
        assert word in read, word
    assert outline(data)[:3] == [(1, "Every node"), (2, "Section word"), (3, "Deep part")]
    assert opened(data).Root.MarkInfo.Marked


@needs("pdftotext")
def test_a_note_set_as_text_keeps_its_headings_and_labels() -> None:
    notes = linked_notes()
    warned: list[Diagnostic] = []
    data = assemble(broken(parts_of(notes), 1, at=1), notes, warned)
    assert [(one.code, one.note) for one in warned] == [("pdf-note-plain", "films/b.md")]
    assert (2, "Deep") in outline(data)
    assert "See to b (p. 8)" in one_line(data)


@needs("pdftotext")
def test_only_the_blocks_that_typst_refuses_are_set_as_text() -> None:
    blocks = [n.Paragraph((n.Text("Kept "), n.Strong(text(f"words {at}."))), 10 + at) for at in range(20)]
    blocks[7] = n.Paragraph(text("stopword"), 17)
    blocks[12] = n.Paragraph((n.FootnoteMark("1"), n.Strong(text("stopword"))), 22)
    blocks[13] = n.Paragraph((n.Text("again"), n.FootnoteMark("1")), 23)
    one = note("a", *blocks, n.Footnote("1", (para("footword"),), 30))
    word = b'{"t":"Str","c":"stopword"}'
    parts = [part.replace(word, word + b',{"t":"RawInline","c":["typst","#panic(1)"]}') for part in parts_of((one,))]
    warned: list[Diagnostic] = []
    read = one_line(assemble(parts, (one,), warned))
    assert [(found.code, found.line) for found in warned] == [("pdf-block-plain", 17), ("pdf-block-plain", 22)]
    assert (read.count("stopword"), read.count("footword"), read.count("again")) == (2, 1, 1)
    assert all(f"Kept words {at}." in read for at in range(20) if at not in (7, 12, 13))


def test_many_notes_that_typst_refuses_cost_two_more_volumes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What PDF/UA forbids is named one place at a time, when all pages have been made."""
    compiled: list[str] = []

    def counted(source: str, settings: CompilerSettings) -> Any:
        compiled.append(source)
        return compile_typst(source, settings)

    monkeypatch.setattr(volumes, "compile_typst", counted)
    link = n.WikiLink("n0", text("n0"), to=n.Destination("films/n0", "", "n0"))
    notes = tuple(note(f"n{at}", para("Kept words"), para("stopword"), para(link)) for at in range(6))
    head = '#table(table.header(link("https://example.org")[a]), ..range(200).map(str))'
    word = b'{"t":"Str","c":"stopword"}'
    more = b',{"t":"RawInline","c":["typst",' + json.dumps(head).encode() + b"]}"
    parts = [part.replace(word, word + more) if at % 3 else part for at, part in enumerate(parts_of(notes))]
    warned: list[Diagnostic] = []
    assemble(parts, notes, warned)
    assert [(one.code, one.note) for one in warned] == [("pdf-block-plain", f"films/n{at}.md") for at in (1, 2, 4, 5)]
    assert len(compiled) == 3


@pytest.mark.parametrize("title", ["Films", "Films \ue000"])
def test_what_lacks_a_font_beside_notes_that_typst_refuses_keeps_its_form(
    monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    monkeypatch.setattr(typst_fonts, "uncovered", lambda characters: set())
    notes = tuple(note(f"n{at}", para("Kept"), para("stopword" if at < 2 else "odd \ue000")) for at in range(3))
    word = b'{"t":"Str","c":"stopword"}'
    parts = [
        part.replace(word, word + b',{"t":"RawInline","c":["typst","#panic(%d)"]}' % at)
        for at, part in enumerate(parts_of(notes))
    ]
    warned: list[Diagnostic] = []
    job = Job(book(*notes, title=title), PdfOptions(), EPOCH, warn=warned.append)
    assert len(list(WRITER.assemble(parts, job))) == 1
    said = {one.note: one.message[-1] for one in warned if one.code in ("pdf-block-plain", "pdf-note-plain")}
    assert said == {"films/n0.md": "0", "films/n1.md": "1"}
    assert {one.code for one in warned} >= {"pdf-character"}


@needs("page-validation")
def test_formulas_that_typst_refuses_cost_one_more_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst_book, "_NAME", re.compile("(?!)"))
    compiled: list[str] = []

    def counted(source: str, settings: CompilerSettings) -> Any:
        compiled.append(source)
        return compile_typst(source, settings)

    monkeypatch.setattr(volumes, "compile_typst", counted)
    signs = ("cap", "otimes", "sqcap", "odot")
    notes = [note(sign, para(n.Math(f"a \\{sign} b"), n.Math("x^2")), para(n.Math("y^2"))) for sign in signs]
    warned: list[Diagnostic] = []
    (made,) = build(notes, warn=warned.append)
    assert [(one.code, one.note, one.line) for one in warned] == [
        ("formula-plain", f"films/{sign}.md", 1) for sign in signs
    ]
    assert len(compiled) == 2
    assert faults(made.data, "ua1") == []


@needs("page-validation")
def test_a_head_of_a_table_that_links_is_not_repeated() -> None:
    stamp = n.Stamp("[00:01:05]", 65_000)
    rows = tuple(n.Row((text(f"row {at}"), text("b"))) for at in range(120))
    links: tuple[n.Inline, ...] = (n.Link("https://example.org", text("a")), stamp, n.FootnoteMark("1"))
    tables = [n.Table(("left", "left"), n.Row(((link,), text("h"))), rows, 1) for link in links]
    warned: list[Diagnostic] = []
    (made,) = build([note("a", *tables, n.Footnote("1", (para("foot"),), 1))], warn=warned.append)
    assert warned == []
    assert faults(made.data, "ua1") == []


def test_headings_never_skip_a_level_nor_are_empty() -> None:
    odd = ("\u200e", "", "$ $", "`  `", "<br>", "[0:10]", "![](x.png)", "[[ ]]", "%% x %%", "![[gone]]")
    source = "".join(
        f"# Top\n\n## {title}\n\n#### deeper\n\n> ###### quoted\n\n- ## list\n  #### in it\n\n" for title in odd
    )
    source = f"---\ntitle: a\nvideoId: YE7VzlLtp-4\n---\n\n##### First [00:00:01]\n\n{source}"
    warned: list[Diagnostic] = []
    (made,) = build([read_bytes(source.encode(), "films/a.md", "films", "a").note], warn=warned.append)
    assert warned == []
    levels = [level for level, _ in outline(made.data)]
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels))


def test_a_book_that_nothing_helps_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, settings: CompilerSettings) -> Any:
        raise CompileError("no luck")

    monkeypatch.setattr(volumes, "compile_typst", refuse)
    with pytest.raises(WriterError, match=r"films\.pdf: Typst refuses"):
        assemble(parts_of(NOTES), NOTES, [])


def test_the_process_of_typst_is_bound_in_memory() -> None:
    source = template() + "\n#for n in range(200000) [word #n ]"
    with pytest.raises(OutOfMemory):
        compile_typst(source, CompilerSettings({"title": "Big"}, EPOCH, memory_bytes=120 << 20))


@needs("pdftotext")
@pytest.mark.parametrize(("origin", "shown"), [("films", False), ("Old mills", True)])
def test_the_head_of_a_note_names_where_it_is_from_if_that_is_not_the_book(origin: str, shown: bool) -> None:
    one = msgspec.structs.replace(note("a", para("Here.")), origin=n.WikiLink(origin, text(origin)))
    (made,) = build([one])
    assert (f"From {origin}" in one_line(made.data)) == shown


def test_page_numbers_that_move_each_other_are_settled() -> None:
    odd = "calc.odd(counter(page).final().first())"
    source = f'#context if sys.inputs.at("steady", default: "") == "" and {odd} [#pagebreak() back] else [forth]'
    made = compile_typst(source, CompilerSettings({"title": "Back and forth"}, EPOCH, standards=()))
    with opened(made.pdf) as pdf:
        assert len(pdf.pages) == 1


@needs("pdftotext")
def test_settled_page_numbers_stand_at_every_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    goal = n.WikiLink("b", text("goal"), to=n.Destination("films/b", "", "B"))
    notes = (note("a", para("See ", goal, ", then ", goal, ".")), note("b", para("Here.")))
    parts, compiled = parts_of(notes), compile_typst

    def steady(source: str, settings: CompilerSettings) -> Any:
        return compiled(source, replace(settings, inputs={**settings.inputs, "steady": "yes"}))

    monkeypatch.setattr(volumes, "compile_typst", steady)
    assert one_line(assemble(parts, notes, [])).replace("\xa0", " ").count("(p. 3") == 2


# Volumes


def linked_notes() -> tuple[Note, ...]:
    """Return two notes on two videos that link to each other and to a section."""
    to_second = n.WikiLink("b", text("to b"), to=n.Destination("films/b", "deep", "B"))
    to_first = n.WikiLink("a", text("to a"), to=n.Destination("films/a", "", "A"))
    filler = tuple(para("filler " * 80) for _ in range(30))
    return (
        note("a", *filler, para("See ", to_second)),
        note("b", section("deep", 2, para("See ", to_first)), video=Video("youtube", "aqz-KE-bpKQ")),
    )


@needs("pdftotext")
def test_a_big_book_is_split_and_links_name_volume_and_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "NOTES", 1)
    warned: list[Diagnostic] = []
    first, following = build(linked_notes(), warn=warned.append)
    assert (first.path, following.path) == ("films-1.pdf", "films-2.pdf")
    assert [one.code for one in warned] == ["pdf-volumes"]
    page = next(at for at, page in enumerate(words(following.data).split("\f"), 1) if "See" in page)
    assert f"to b (vol. 2, p. {page})" in one_line(first.data)
    assert "to a (vol. 1, p. 3)" in one_line(following.data)
    assert str(opened(following.data).docinfo["/Title"]) == "Films, volume 2 of 2"


def test_no_pdf_is_made_that_waits_for_pages_of_other_volumes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "NOTES", 1)
    sizes: list[int] = []

    def counted(source: str, settings: CompilerSettings) -> Any:
        compiled = compile_typst(source, settings)
        sizes.append(len(compiled.pdf))
        return compiled

    monkeypatch.setattr(volumes, "compile_typst", counted)
    printed = build(linked_notes())
    assert sizes == [0, 0, *(len(one.data) for one in printed)]


def test_a_volume_that_shows_no_page_of_another_is_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "NOTES", 1)
    drafts: list[bool] = []

    def counted(source: str, settings: CompilerSettings) -> Any:
        drafts.append(settings.draft)
        return compile_typst(source, settings)

    monkeypatch.setattr(volumes, "compile_typst", counted)
    assert len(build((note("a", para("One")), note("b", para("Two"), video=Video("youtube", "aqz-KE-bpKQ"))))) == 2
    assert drafts == [False, False]


def test_a_book_that_needs_too_much_memory_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    def small(source: str, settings: CompilerSettings) -> Any:
        if "//\x1e0" in source and "//\x1e1" in source:
            raise OutOfMemory("typst ran out of memory")
        return compile_typst(source, settings)

    monkeypatch.setattr(volumes, "compile_typst", small)
    assert [made.path for made in build(linked_notes())] == ["films-1.pdf", "films-2.pdf"]


def test_volumes_end_where_videos_end() -> None:
    notes = tuple(note(f"n{at}", video=Video("youtube", f"video-{at // 3}")) for at in range(12))
    of = book(*notes)
    assert volumes.divide(of, [1_000_000] * 12) == [range(3), range(3, 6), range(6, 9), range(9, 12)]
    assert volumes.divide(of, [10] * 12) == [range(12)]
    assert volumes.divide(of, [10] * 12, at_least=2) == [range(6), range(6, 12)]


def test_notes_of_one_huge_video_are_divided_too() -> None:
    notes = tuple(note(f"n{at}") for at in range(4))
    assert volumes.divide(book(*notes), [3_000_000] * 4) == [range(1), range(1, 2), range(2, 3), range(3, 4)]


# Attacks: code that would run, read or fetch must stay text


ATTACKS = {
    "raw inline": '`#panic("ran")`{=typst}',
    "raw block": '```{=typst}\n#panic("ran")\n```',
    "attribute": "<span typst:text:size='panic(read(\"{secret}\"))'>word</span>",
    "bracketed span": '[word]{typst:text:size="panic(1)"}',
    "code": '#panic("ran") #eval("1") #{ panic() } $#panic()$ \\#panic()',
    "heading": '## #panic("ran") [[x" ); #panic() | "); #panic()]]',
    "read": '#read("{secret}") #include "{secret}" #image("{secret}")',
    "image": "![picture]({secret}) ![[{secret}]] ![p](file://{secret})",
    "import": '#import "@preview/cetz:0.2.2": canvas',
    "tex input": "$\\text{\\input{{secret}}}$ $$\\input{{secret}}$$ $\\include{{secret}} \\write18{id}$",
    "tex string": '$x" + panic("ran") + "$ $x\\$ and "; panic() ; "$',
    "links": "[a](javascript:alert(1)) [b](file://{secret}) [c](data:text/html,x) [d](#) [e]() <javascript:alert(1)>",
    "html": "<script>alert(1)</script><link rel=attachment href='file://{secret}'><img src='{secret}'>"
    "<a href='javascript:x'>a</a>",
    "labels": '<n0> @n0 #label("n0") #link(<gone>)[x] //\x1e0 /* ',
    "code block": '```typst\n#panic("ran")\n//\x1e1\n```\n````\n```\n#panic()\n```\n````',
    "front matter": '---\ntitle: "#panic(\\"ran\\") ]; \\\\ // /*"\nvideoId: YE7VzlLtp-4\n---\n\nword [00:00:01]',
    "code span": '`"); #panic("ran` `` \\"); #panic() ``',
    "footnote": "word[^1]\n\n[^1]: #panic() ]; #panic()",
    "table": '| #panic() | ], [ |\n|---|---|\n| #panic("x") | ]) #panic() |',
    "callout": '> [!x", panic())] title"]) #panic()\n> ]) #panic()',
}


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a picture and a text that no note may reach, and a symbolic link to them."""
    folder = tmp_path_factory.mktemp("secret")
    (folder / "secret.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>hushhush</text></svg>')
    (folder / "link.svg").symlink_to(folder / "secret.svg")
    return folder / "link.svg"


@pytest.fixture(scope="module")
def attacked(secret: Path) -> tuple[bytes, list[Diagnostic]]:
    """Return all attacks as one book."""
    notes = []
    for name, attack in ATTACKS.items():
        source = attack.replace("{secret}", str(secret))
        if not source.startswith("---"):
            source = f"---\ntitle: {name}\nvideoId: YE7VzlLtp-4\n---\n\n{source}\n"
        slug = name.replace(" ", "_")
        notes.append(read_bytes(source.encode(), f"films/{slug}.md", "films", slug).note)
    parts = tuple(VideoNotes(video=one.video, title=one.title, notes=(summary_of(one),)) for one in notes)
    warned: list[Diagnostic] = []
    (made,) = build(notes, Book(name="films", title="#panic() ]", parts=parts), warn=warned.append)
    return made.data, warned


def test_no_attack_breaks_or_changes_the_book(attacked: tuple[bytes, list[Diagnostic]]) -> None:
    assert attacked[1] == []
    assert outline(attacked[0])[0][1] == "raw inline"


def test_no_attack_makes_a_link_that_acts(attacked: tuple[bytes, list[Diagnostic]]) -> None:
    assert {uri.partition(":")[0] for uri in uris(attacked[0])} == {"https"}
    actions = {str(thing.get("/S")) for thing in dictionaries(attacked[0])}
    assert not actions & {"/JavaScript", "/Launch", "/GoToR", "/SubmitForm"}
    assert "/EmbeddedFiles" not in opened(attacked[0]).Root.get("/Names", {})


@needs("pdftotext")
def test_no_attack_runs_or_reads(attacked: tuple[bytes, list[Diagnostic]]) -> None:
    read = one_line(attacked[0])
    assert "hushhush" not in read
    for written in ('#panic("ran")', "#import", "#read(", "\\input"):
        assert written in read


def test_the_compiler_reads_nothing_outside_its_empty_root(secret: Path) -> None:
    for code in (f'#read("{secret}")', f'#image("{secret}")', f'#include "{secret}"', '#import "@preview/cetz:0.2.2"'):
        with pytest.raises(CompileError):
            compile_typst(f"{template()}\n{code}", CompilerSettings({"title": "x"}, EPOCH))


def test_footnotes_that_mark_each_other_are_typeset() -> None:
    chain = "".join([f"[^{at}]: foot[^{at + 1}] and[^{at + 1}]\n\n" for at in range(150)])
    marked = "## h[^0]\n\n> [!note] t[^0]\n> - x[^0]\n\n|a[^1]|\n|---|\n|b[^1] [^1]|\n\n**y[^1]** [z[^0]](https://example.org)\n\n"
    source = f"---\ntitle: a\nvideoId: YE7VzlLtp-4\n---\n\n{marked}{chain}"
    warned: list[Diagnostic] = []
    build([read_bytes(source.encode(), "films/a.md", "films", "a").note], warn=warned.append)
    assert [(one.code, one.line) for one in warned] == [("footnote-deep", 23)]


# Other engines


def test_an_engine_that_is_not_here_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match="pip install weasyprint"):
        build([third()], options=PdfOptions(pdf_engine="weasyprint"))
    with pytest.raises(UsageError, match="known are typst, weasyprint, xelatex"):
        build([third()], options=PdfOptions(pdf_engine="prince"))


def if_installed(name: str) -> pytest.MarkDecorator:
    """Skip tests of engines that are not installed; they are not part of the product."""
    return pytest.mark.skipif(not shutil.which(name), reason=f"needs {name}")


ENGINE = """#!/bin/sh
for last; do :; done
cat "$1" > {folder}/seen.html
{action} "$last"
"""


def fake_engine(folder: Path, action: str) -> None:
    """Install a stand-in for weasyprint that keeps its input."""
    program = folder / "weasyprint"
    program.write_text(ENGINE.format(folder=folder, action=action))
    program.chmod(0o755)


def test_an_engine_gets_the_sanitised_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_engine(tmp_path, "printf %%PDF- >")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    hostile = note("hostile", para(n.Link("javascript:x()", text("a")), n.Image("/etc/passwd", "b"), "<script>"))
    (made,) = build([*NOTES, hostile], options=PdfOptions(pdf_engine="weasyprint"))
    assert made.data == b"%PDF-"
    seen = (tmp_path / "seen.html").read_text()
    assert seen.count("https://youtu.be/YE7VzlLtp-4?t=65") == 3
    assert not [bad for bad in ("javascript:", "<script>", "/etc/passwd", "<img") if bad in seen]


def test_an_engine_that_makes_nothing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_engine(tmp_path, "true")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(NotebindError, match=r"weasyprint made no PDF|pandoc failed"):
        build([third()], options=PdfOptions(pdf_engine="weasyprint"))


@if_installed("weasyprint")
def test_weasyprint_makes_the_book() -> None:
    (made,) = build(NOTES, options=PdfOptions(pdf_engine="weasyprint"))
    assert len([uri for uri in uris(made.data) if "?t=" in uri]) == 4
    assert build(NOTES, options=PdfOptions(pdf_engine="weasyprint"))[0] == made


@if_installed("xelatex")
def test_xelatex_makes_the_book() -> None:
    (made,) = build(NOTES, options=PdfOptions(pdf_engine="xelatex"))
    assert len([uri for uri in uris(made.data) if "?t=" in uri]) == 4
    assert build(NOTES, options=PdfOptions(pdf_engine="xelatex"))[0] == made


# Bytes


def test_a_stream_that_ends_in_a_carriage_return_is_told_from_its_line_end() -> None:
    data = b"%PDF\n1 0 obj\n<< /Length 3 >>\nstream\nab\r\nendstream\nendobj\n2 0 obj\n"
    fixed = separate_endings(data)
    assert fixed == b"%PDF\n1 0 obj\n<< /Length 3>>\nstream\nab\r\r\nendstream\nendobj\n2 0 obj\n"
    assert separate_endings(fixed) == fixed
    assert separate_endings(data.replace(b"/Length 3", b"/Length 9")) == data.replace(b"/Length 3", b"/Length 9")


def test_an_empty_book_of_no_words_is_made() -> None:
    bare = msgspec.structs.replace(note("bare", video=None), title="")
    (made,) = build([bare], book(bare, title=""))
    assert len(opened(made.data).pages) == 2
