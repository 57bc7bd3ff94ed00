"""Tests the tree for pandoc: it has every node, and no text of a note becomes code, an attribute or an address."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.document import nodes as n
from convert.extract.topics import key_of, mentions
from convert.render.pandoc import Context, pandoc_document
from convert.render.pandoc_text import strings, typst_string, vetted_url
from convert.render.pandoc_tree import note_body
from convert.tools.pandoc_run import run_pandoc
from tests.support.pdf_notes import VIDEO, every_node, note, para, section, text


def tree(*blocks: n.Block, **context: Any) -> list[dict[str, Any]]:
    return note_body(blocks, Context(video=VIDEO, **context))


def typst(*blocks: n.Block, **context: Any) -> str:
    """Return what pandoc makes of the blocks in one call."""
    encoded = json.dumps(tree(*blocks, **context))[1:-1].encode()
    return run_pandoc(pandoc_document(encoded), "typst", "--sandbox").decode()


def kinds(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield value["t"]
        yield from kinds(value.get("c"))
    elif isinstance(value, list):
        for child in value:
            yield from kinds(child)


def test_ends_of_lines_are_breaks_in_the_pdf_where_the_vault_or_times_say_so() -> None:
    line = n.Paragraph((n.Text("a"), n.Text("\n"), n.Strong((n.Text("- b"), n.Text("\n"), n.Text("c")))), 1)
    times = n.Paragraph((n.Stamp("0:10", 10_000), n.Text(" a"), n.Text("\n"), n.Stamp("0:20", 20_000), n.Text(" b")), 1)
    heading = n.Section("s", 2, line.children, (), 1)
    counts = {True: [2, 1, 0], False: [0, 1, 0]}
    for breaks, expected in counts.items():
        found = [[*kinds(tree(one, breaks=breaks))].count("LineBreak") for one in (line, times, heading)]
        assert found == expected


def test_every_kind_of_node_is_in_the_sample() -> None:
    held = {type(node) for node in walk(every_node().blocks)}
    assert set(typing.get_args(n.Inline)) | set(typing.get_args(n.Block)) <= held


def walk(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, tuple):
        for child in value:
            yield from walk(child)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from walk(getattr(value, name))


@pytest.mark.parametrize("typst", [True, False])
def test_no_word_is_lost(typst: bool) -> None:
    source = json.dumps(tree(*every_node().blocks, typst=typst))
    for word in [
        "plainword",
        "codeword",
        "emphasisword",
        "strongword",
        "strikeword",
        "superword",
        "subword",
        "markword",
        "linkword",
        "wikiword",
        "missingword",
        "embedword",
        "imageword",
        "itemword",
        "taskword",
        "headword",
        "cellword",
        "quoteword",
        "calloutword",
        "bodyword",
        "blockword",
        "footword",
        "unmarkedword",
    ]:
        assert word.replace("codeword", "code`word") in source


def test_pandoc_takes_the_tree_for_other_formats() -> None:
    encoded = json.dumps(tree(*every_node().blocks, typst=False))[1:-1].encode()
    html = run_pandoc(pandoc_document(encoded), "html5", "--sandbox", "--mathml").decode()
    for tag in [
        "<del>",
        "<sup>",
        "<sub>",
        "<mark>",
        "<math",
        "<table>",
        "<ol",
        "<ul",
        "<blockquote>",
        "<pre",
        "<hr",
        "<em>",
        "<strong>",
        "<code>",
    ]:
        assert tag in html
    assert html.count("https://youtu.be/YE7VzlLtp-4?t=65") == 3


def test_a_tree_for_other_formats_has_no_raw_nodes() -> None:
    assert not {"RawInline", "RawBlock"} & set(kinds(tree(*every_node().blocks, typst=False)))


def test_levels_follow_nesting_not_the_number_of_signs() -> None:
    deep = section("a", 1, section("b", 6), section("c", 3, section("d", 4)))
    headers = [block["c"][0] for block in tree(deep, level=2) if block["t"] == "Header"]
    assert headers == [3, 4, 4, 5]


def test_a_heading_of_stamps_shows_them_as_written() -> None:
    source = typst(section("s", 2, title=(n.Stamp("[00:00:05]", 5000),)))
    assert source.startswith("== \\[00:00:05\\]")


def test_the_bookmark_of_a_heading_ends_with_its_words() -> None:
    source = typst(section("s", 2, title=(n.Text("Words "), n.Stamp("[00:00:05]", 5000))))
    assert source.startswith('== Words#at-in-heading("https://youtu.be/YE7VzlLtp-4?t=5", "0:05");')


def test_a_heading_that_ends_in_code_keeps_its_blank() -> None:
    source = typst(section("s", 2, title=(n.Text("Words of "), n.Code("code"), n.Text(" "), n.Stamp("[x]", 5000))))
    assert source.startswith('== Words of #raw("code");#at-in-heading(')


def test_topics_of_a_heading_are_marked_below_it() -> None:
    source = typst(section("s", 2, title=(n.WikiLink("some_topic", text("Topic")),)))
    heading, below = source.split("<s>")
    assert "#topic" not in heading
    assert '#topic("some_topic");' in below


def test_a_topic_has_one_key_in_text_and_index() -> None:
    resolved = n.WikiLink("second", text("label"), to=n.Destination("films/second", "deep", "Second"))
    missing = n.WikiLink("Some / Thing", text("label"))
    found = mentions(note("one", para(resolved, missing)))
    assert [key_of(resolved), key_of(missing)] == [mention.key for mention in found]


TIME = n.Stamp("[00:00:05]", 5000)


@pytest.mark.parametrize(
    ("children", "shown"),
    [
        (("word ", TIME, "."), "word~T."),
        (("word ", TIME, " ", TIME), "word~T,~T"),
        (("word", TIME, TIME), "wordT,~T"),
        (("word (", TIME, ") more"), "word~(T) more"),
        (("word [", TIME, "]"), "word~[T]"),
        (("word ", TIME, " - ", TIME), "word~T~-~T"),
        (("word ", TIME, ", ", TIME), "word~T,~T"),
        (("word — ", TIME), "word~—~T"),
        (("word", n.LineBreak(), TIME), "word~T"),
        (("word", n.LineBreak(), TIME, " more"), "word|T more"),
        ((TIME, " word"), "T word"),
        (("a ", n.Strong((TIME,)), " ", TIME), "a~*,~T"),
        (("w ", *[one for _ in range(6) for one in (TIME, " ")]), "w~T,~T,~T,~T, T, T"),
    ],
)
def test_times_stay_with_the_word_before_them(children: tuple[Any, ...], shown: str) -> None:
    (made,) = tree(para(*children))
    kinds_shown = {"Space": " ", "LineBreak": "|", "Strong": "*"}
    texts = [
        part["c"] if part["t"] == "Str" else kinds_shown.get(part["t"], "T" if "#at(" in str(part) else "")
        for part in made["c"]
    ]
    assert "".join(texts).replace("\u00a0", "~") == shown


def test_a_time_stays_with_the_word_before_it_in_a_table() -> None:
    row = n.Row((text("A"), (n.Text("sails turn "), TIME)))
    source = typst(n.Table(("", ""), row, (row,), 1))
    assert source.count("turn~#at(") == 2


@pytest.mark.parametrize(
    "blocks",
    [
        (n.CodeBlock("code", 1), para(TIME)),
        (n.CodeBlock("code", 1), para("[", TIME, "]"), para("Below it.")),
        (para(n.Math("a+b", True), " ", TIME),),
        (para(n.Math("a+b", True), TIME, " ", TIME),),
    ],
)
def test_times_below_code_or_a_formula_end_the_paragraph_above(blocks: tuple[n.Block, ...]) -> None:
    leading, *rest = tree(para("Sails turn."), *blocks)
    assert "#at(" in str(leading)
    assert "#at(" not in str(rest)


def test_times_stay_below_code_without_a_paragraph_above_it() -> None:
    code, times = tree(n.CodeBlock("code", 1), para(TIME))
    assert code["t"] == "CodeBlock"
    assert "#at(" in str(times)


@pytest.mark.parametrize(
    ("cells", "side"),
    [
        (("12", "1,200", "−3"), "right"),
        (("40 %", "", "3.5%"), "right"),
        (("$5", "~7", "1.200,50 €"), "right"),
        (("12", "many"), "auto"),
        (("4 kg", "5 kg"), "auto"),
        (("", ""), "auto"),
    ],
)
def test_a_column_of_numbers_is_set_from_the_right(cells: tuple[str, ...], side: str) -> None:
    rows = tuple(n.Row((text("Sack"), text(cell) if cell else ())) for cell in cells)
    head = n.Row((text("A"), text("B")))
    assert f"align: (auto,{side},)" in typst(n.Table(("", ""), head, rows, 1))
    assert "align: (auto,center,)" in typst(n.Table(("", "center"), head, rows, 1))


def test_a_stamp_inside_a_link_stays_a_link() -> None:
    label = (n.Text("see "), n.Stamp("[00:00:05]", 5000), n.Text(" there"))
    source = typst(para(n.Link("https://example.org/", label)))
    assert source.count("https://example.org/") == 2
    assert source.count("#at(") == 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:x", " javascript:x", "java\nscript:x", "data:text/html,x",
        "file:///etc/passwd", "vbscript:x", "//example.org", "/etc/passwd", "#", "", "http://", "https:/x", "mailto:",
    ],
)  # fmt: skip
def test_other_schemes_stay_text(url: str) -> None:
    assert vetted_url(url) == ""
    source = typst(para(n.Link(url, text("word")), n.Image(url, "picture")))
    assert "link(" not in source
    assert "word" in source


def test_web_addresses_and_mail_are_links() -> None:
    for url in ("http://a.org", "HTTPS://a.org/x y", "mailto:someone@a.org"):
        assert vetted_url(url) == url.replace(" ", "%20")


def test_the_text_after_a_link_is_not_its_method() -> None:
    source = typst(para(n.Link("https://a.org", text("x")), ".The (end)", n.Code("`"), ".at(0)"))
    assert '#link("https://a.org")[x];.The' in source
    assert '#raw("`");.at(0)' in source


def test_footnotes_stand_at_their_marks_and_never_run_in_circles() -> None:
    loop = n.Footnote("1", (para("loop ", n.FootnoteMark("1")),), 1)
    source = typst(para("word", n.FootnoteMark("1"), n.FootnoteMark("9")), loop)
    assert "#footnote[loop \\[1\\]];" in source
    assert "\\[9\\]" in source


def marks(*labels: int) -> list[n.FootnoteMark]:
    return [n.FootnoteMark(f"{label}") for label in labels]


def test_a_footnote_stands_at_its_first_mark_and_later_marks_refer_to_it() -> None:
    foot = n.Footnote("1", (para("foot"),), 1)
    assert "a#footnote[foot];b\n" in typst(para("a", *marks(1), "b"), foot)
    again = typst(section("h", 2, para("a", *marks(1), "b", *marks(1)), title=(*text("H"), *marks(1))), foot)
    assert "H#footnote[foot];\n" in again  # the contents repeat it, so it can have no label
    assert "a#footnote[foot]<n0-f1>;b#footnote(<n0-f1>);\n" in again
    rows = n.Table(("left",), n.Row((tuple(marks(1)),)), (n.Row((tuple(marks(1, 1)),)),), 1)
    assert "[#footnote[foot];],),\n" in (source := typst(rows, foot))
    assert "[#footnote[foot]<n0-f1>;#footnote(<n0-f1>);]" in source


def test_footnotes_of_an_excerpt_have_labels_of_their_own() -> None:
    shown = (para(*marks(1, 1)), n.Footnote("1", (para("theirs"),), 1))
    excerpt = n.EmbedBlock(n.Embed("b", to=n.Destination("b")), 1, shown=n.Excerpt(None, shown))
    source = typst(para(*marks(1, 1)), excerpt, n.Footnote("1", (para("ours"),), 1))
    assert "ours]<n0-f1>;#footnote(<n0-f1>);" in source
    assert "theirs]<n0-f2>;#footnote(<n0-f2>);" in source


def test_footnotes_do_not_multiply() -> None:
    def size(count: int, said: int = 2, heading: bool = False) -> int:
        feet = [n.Footnote(f"{at}", (para("w " * 50, *marks(*[at + 1] * said)),), 1) for at in range(count)]
        first = section("h", 2, title=(*text("x"), *marks(0))) if heading else para(*marks(0))
        return len(json.dumps(tree(*[first] * count, *feet)))

    assert size(12) < 2.6 * size(6)
    assert size(12, heading=True) < 2.6 * size(6, heading=True)
    assert size(400, 1) < 4.5 * size(100, 1)


def test_footnotes_within_many_others_stand_at_the_end() -> None:
    feet = [n.Footnote(f"{at}", (para(f"foot{at}", *marks(at + 1)),), 9 + at) for at in range(12)]
    context = Context()
    source = json.dumps(note_body((para(*marks(0)), *feet), context))
    assert all(source.count(f'"foot{at}"') == 1 for at in range(12))
    assert context.footnotes_deep == {12, 15, 18}


def test_other_engines_link_to_a_footnote_that_is_marked_again() -> None:
    foot = n.Footnote("a", (para("foot"),), 1)
    encoded = json.dumps(tree(para("x", n.FootnoteMark("a"), "y", n.FootnoteMark("a")), foot, typst=False))
    html = run_pandoc(pandoc_document(encoded[1:-1].encode()), "html5").decode()
    assert html.count("<p>foot") == 1
    assert '<span id="n0-f1"></span>y<a href="#n0-f1"><sup>a</sup></a>' in html


def test_deep_nesting_is_set_flat() -> None:
    block: n.Block = para("bottom")
    for _ in range(300):
        block = n.Quote((block,), 1)
    assert "bottom" in typst(block)


def test_paragraphs_of_a_tight_item_stay_apart() -> None:
    source = typst(n.List((n.Item((para("one"), para("two")), 1),), 1))
    assert re.search(r"one\n\s*\n\s*two", source)


def test_a_paragraph_in_hebrew_runs_from_the_right() -> None:
    assert "#leftward[" in typst(para("שלום and more"))
    assert "#leftward[" not in typst(para("1. Größe שלום"))


def test_a_word_longer_than_a_line_can_break() -> None:
    token = "x" * 90
    source = typst(para(token, n.Code(token)), n.CodeBlock(token, 1), para("日" * 90))
    assert token not in source
    assert source.replace("\u200b", "").count(token) == 3
    assert "日" * 90 in source


def test_a_list_of_tasks_has_boxes_for_bullets() -> None:
    tasks = n.List((n.Item((para("a"),), 1, True), n.Item((para("b"),), 1, False)), 1)
    source = typst(tasks)
    assert source.startswith("#tasks[")
    assert ("☒ a" in source, "☐ b" in source) == (True, True)


STARTS = ["- a", "+ a", "= a", "/ a: b", "1. a", " - a", "  = a", "12. a", "-", "=", "1.", "- ", "/", "// a", "/* a */"]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("wrap", [n.Text, lambda words: n.Strong(text(words))])
def test_no_text_begins_a_list_or_a_heading(start: str, wrap: Any) -> None:
    line = typst(para(wrap(start), n.LineBreak(), wrap(start))).strip()
    for begun in line.replace("#strong[", "\n").split("\n"):
        assert not begun.lstrip().startswith(("- ", "+ ", "= ", "/ ", "1. ", "12. ", "//", "/*")), line


hostile = st.text(
    st.sampled_from(list("#[](){}<>@$*_`\\/=-+.;:~'\"!|&%^ ab1\n\t\x00\x1e\u202e\ufeff\ud800é日")), max_size=40
)


@given(hostile)
def test_a_string_literal_cannot_be_left(value: str) -> None:
    literal = typst_string(value)
    assert literal[0] == literal[-1] == '"'
    assert '"' not in literal[1:-1].replace("\\\\", "").replace('\\"', "")
    assert "\n" not in literal


@given(hostile)
def test_strings_keep_what_can_be_read(value: str) -> None:
    joined = "".join(part.get("c", " ") for part in strings(value))
    readable = "".join(c for c in value if c not in "\x00\x1e\u202e\ufeff\ud800")
    assert joined.split() == readable.split()


@pytest.mark.parametrize("part", ["word ", "- 1. = // ... -- 'a' \"b\" ", "W", "#*_`$@<>[]\\~", "日本", "a_1 "])
def test_a_long_text_reads_the_same_in_pieces(part: str) -> None:
    text = (part * 2000)[:6000].strip()
    pieces = strings(text)
    assert len(pieces) > 2
    assert max(len(piece.get("c", "")) for piece in pieces) <= 1000
    whole = "".join(piece.get("c", " ") for piece in pieces)
    assert whole.replace("\u200b", "") == text
    made = set()
    for content in (pieces, [{"t": "Str", "c": whole}]):
        block = {"t": "Para", "c": [{"t": "Str", "c": "x "}, *content]}
        made.add(run_pandoc(pandoc_document(json.dumps(block).encode()), "typst", "--sandbox"))
    assert len(made) == 1


@pytest.mark.parametrize(("columns", "rows"), [(65, 2), (10, 2001)])
def test_a_table_that_no_page_holds_is_set_in_lines(columns: int, rows: int) -> None:
    row = n.Row(((n.Text("x"),), *[()] * (columns - 2), (n.Text("y"),)))
    made = tree(n.Table(("",) * columns, row, (row,) * rows, 1))
    assert [block["t"] for block in made] == ["Para"] * (rows + 1)
    assert [part.get("c", " ") for part in made[-1]["c"]] == ["x", " ", "|", " ", "y"]


def test_an_endless_paragraph_is_several_and_none_begins_a_list() -> None:
    made = tree(para(n.Text("- word " * 9000)))
    assert [block["t"] for block in made] == ["Para"] * len(made)
    assert len(made) > 2
    assert all(block["c"][0] == {"t": "Str", "c": "-"} for block in made)
    assert sum(part.get("c", "").count("word") for block in made for part in block["c"]) == 9000


def test_a_note_has_only_so_many_formulas() -> None:
    made = tree(para(*(n.Math("x", False) for _ in range(10_005))))
    parts = [part for block in made for part in block["c"]]
    assert sum(part["t"] == "Math" for part in parts) == 10_000
    assert [part for part in parts if part["t"] == "Str"] == [{"t": "Str", "c": "x"}] * 5


def test_texts_without_blanks_between_them_can_break() -> None:
    (made,) = tree(para(*(one for _ in range(300) for one in (n.Strong(text("ab")), n.Text("cd")))))
    texts = [part["c"] if part["t"] == "Str" else part["c"][0]["c"] for part in made["c"] if part["t"] != "RawInline"]
    words = "".join(texts).split("\u200b")
    assert "".join(words) == "abcd" * 300
    assert max(map(len, words)) <= 60


def test_a_table_of_an_endless_cell_is_set_in_lines() -> None:
    head, row = (n.Row((text("a"), text(words))) for words in ("b", "word " * 9000))
    made = tree(n.Table(("", ""), head, (row,), 1))
    assert {block["t"] for block in made} == {"Para"}
    assert sum(part.get("c", "").count("word") for block in made for part in block["c"]) == 9000
