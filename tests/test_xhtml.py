"""Tests trees as XHTML: every kind of node, always well-formed, links only where they are allowed."""

import re
import time
from html import unescape
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.document import nodes as n
from convert.render.typography import style_of, typeset
from convert.render.xhtml import Policy, anchor, attribute, escape, render_blocks, render_inlines, web_address, xml_text
from convert.render.xhtml.code import KINDS, LONGEST, PATTERNS, coloured
from convert.render.xhtml.markup import BLOCK, INLINE

WEB = Policy(
    link=lambda to: attribute(f"{to.note}.html#{anchor(to.section)}" if to.section else f"{to.note}.html"),
    watch=lambda ms: f"https://youtu.be/aqz-KE-bpKQ?t={ms // 1000}",
)
BOOK = Policy(link=WEB.link, watch=WEB.watch, epub=True)


def text(words: str) -> tuple[n.Text, ...]:
    return (n.Text(words),)


def para(*inlines: n.Inline | str) -> n.Paragraph:
    return n.Paragraph(tuple(n.Text(i) if isinstance(i, str) else i for i in inlines), 1)


def wiki(label: str, to: n.Destination | None) -> n.WikiLink:
    return n.WikiLink("target", text(label), to=to)


def parsed(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(
        f'<div xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">{markup}</div>'
    )


def all_text(markup: str) -> str:
    return "".join(parsed(markup).itertext())


SOFT, AT = n.Text("\n"), n.Stamp("0:10", 10_000)


@pytest.mark.parametrize(
    ("line", "plain", "broken"),
    [
        (para("a", SOFT, "b"), "a|b", "a/b"),
        (para(n.Strong((n.Text("a"), SOFT, n.Text("b"))), SOFT, "c"), "a|b|c", "a/b/c"),
        (para("a", n.LineBreak(), SOFT, "b"), "a/|b", "a/|b"),
        (para("a", SOFT, n.Math("x", True), SOFT, "b"), "a|x|b", "a|x|b"),
        (para(AT, " a", SOFT, AT, " b"), "0:10 a/0:10 b", "0:10 a/0:10 b"),
        (para(n.Strong((AT,)), " a", SOFT, "(", AT, ") b"), "0:10 a/(0:10) b", "0:10 a/(0:10) b"),
        (para("0:10 a", SOFT, "[1:00:20] b", n.LineBreak(), SOFT, "3:00 c"), "0:10 a/[1:00:20] b/|3:00 c", ""),
        (para("a ", AT, SOFT, AT, " b"), "a\u00a00:10|0:10 b", "a\u00a00:10/0:10 b"),
        (para(AT, " a", SOFT, "b", SOFT, AT, " c"), "0:10 a|b|0:10 c", "0:10 a/b/0:10 c"),
        (para("1:2 a", SOFT, "1:30"), "1:2 a|1:30", "1:2 a/1:30"),
        (para("1:30:ba", SOFT, "1:30"), "1:30:ba|1:30", "1:30:ba/1:30"),
        (
            para("\u4e00", SOFT, n.Emphasis(text("\u4e8c")), SOFT, "\u3002"),
            "\u4e00\u4e8c\u3002",
            "\u4e00/\u4e8c/\u3002",
        ),
        (para("\u4e00", SOFT, "a", SOFT, "\u4e8c"), "\u4e00|a|\u4e8c", "\u4e00/a/\u4e8c"),
        (para("\uac00", SOFT, "\ub098"), "\uac00|\ub098", "\uac00/\ub098"),
    ],
)
def test_ends_of_lines_are_shown_as_in_obsidian_where_each_has_a_time_or_else_as_blanks(
    line: n.Paragraph, plain: str, broken: str
) -> None:
    """`/` is a break, `|` the end of a line that is shown as a blank."""
    item = n.List((n.Item((line,), 1),), 1)
    for breaks, shown in ((False, plain), (True, broken or plain)):
        for block in (line, item):
            markup = render_blocks([block], Policy(breaks=breaks)).replace("<br/>", "/")
            assert all_text(markup).strip("\n").replace("\n", "|") == shown


def test_every_node_kind_has_a_writer() -> None:
    assert set(INLINE) == set(get_args(n.Inline))
    assert set(BLOCK) == set(get_args(n.Block))


INLINES: list[tuple[n.Inline, str]] = [
    (n.Text("a < b & c > d"), "a &lt; b &amp; c &gt; d"),
    (n.Code("<i>"), "<code>&lt;i&gt;</code>"),
    (n.Math("a<b"), '<code class="math">a&lt;b</code>'),
    (n.LineBreak(), "<br/>"),
    (n.Emphasis(text("x")), "<em>x</em>"),
    (n.Strong(text("x")), "<strong>x</strong>"),
    (n.Strike(text("x")), "<s>x</s>"),
    (n.Superscript(text("x")), "<sup>x</sup>"),
    (n.Subscript(text("x")), "<sub>x</sub>"),
    (n.Highlight(text("x")), "<mark>x</mark>"),
    (
        n.Element("ruby", (n.Text("a"), n.Element("rt", text("b")))),
        "<ruby>a<rp>(</rp><rt>b</rt><rp>)</rp></ruby>",
    ),
    (n.Element("ruby", text("a")), "a"),
    (n.Element("rt", text("a")), "(a)"),
    (n.Element("ruby", (n.Emphasis((n.Element("rt", text("a")),)),)), "<em>(a)</em>"),
    (n.Element("kbd", text("x")), "<kbd>x</kbd>"),
    (n.Element("abbr", text("x"), 'y"<'), '<abbr title="y&quot;&lt;">x</abbr>'),
    (n.Link("https://example.org/a?b=1&c=2", text("x")), '<a href="https://example.org/a?b=1&amp;c=2">x</a>'),
    (n.Link("javascript:alert(1)", text("x")), "x"),
    (n.Link("other.md", text("x")), "x"),
    (wiki("x", n.Destination("c/a")), '<a class="note" href="c/a.html">x</a>'),
    (wiki("x", n.Destination("c/a", "two_words")), '<a class="note" href="c/a.html#s-two_words">x</a>'),
    (wiki("x", None), "x"),
    (n.Embed("a", to=n.Destination("c/a", title="A & B")), '<a class="note" href="c/a.html">A &amp; B</a>'),
    (n.Embed("a.png", label="300"), "a.png"),
    (n.Image("https://example.org/a.png", "a cat"), '<a class="image" href="https://example.org/a.png">a cat</a>'),
    (n.Image("cat.png", ""), '<span class="image">image</span>'),
    (
        n.Stamp("[00:03:10]", 190_000),
        '<a class="stamp" href="https://youtu.be/aqz-KE-bpKQ?t=190" aria-label="at 3 minutes 10 seconds">3:10</a>',
    ),
    (n.Stamp("[00:99:99:99]", None), "[00:99:99:99]"),
    (n.FootnoteMark("lost"), "[^lost]"),
]


@pytest.mark.parametrize(("node", "markup"), INLINES)
def test_inline(node: n.Inline, markup: str) -> None:
    assert render_inlines((node,), WEB) == markup


def test_a_note_without_a_video_shows_its_stamps_as_text() -> None:
    assert render_inlines((n.Stamp("[1:05]", 65_000),), Policy()) == '<span class="stamp">1:05</span>'


def test_an_image_with_a_source_is_shown() -> None:
    policy = Policy(image=lambda image: f"images/{image.url}")
    assert render_inlines((n.Image('a".png', "a 'cat'"),), policy) == '<img src="images/a&quot;.png" alt="a \'cat\'"/>'


def test_stamps_are_tied_to_words_and_not_to_each_other() -> None:
    stamps = [n.Stamp("", ms) for ms in (1000, 2000, 3000)]
    markup = render_inlines((stamps[0], n.Text(", "), stamps[1], n.Text(" then "), stamps[2]), WEB)
    assert [link.tail for link in parsed(markup)] == [", ", " then\xa0", None]


def test_a_stamp_stays_on_the_line_of_what_it_times() -> None:
    assert render_inlines((n.Text("the end "), n.Stamp("[0:01]", 1000)), Policy()).startswith("the end\u00a0<span")


def test_links_inside_a_link_come_after_it() -> None:
    inner = (n.Text("see "), n.Strong((n.Stamp("[0:05]", 5000),)), wiki("there", n.Destination("c/b")))
    markup = render_inlines((n.Link("https://example.org/", inner),), WEB)
    links = list(parsed(markup).iter("{http://www.w3.org/1999/xhtml}a"))
    assert [link.get("href") for link in links] == ["https://example.org/", "https://youtu.be/aqz-KE-bpKQ?t=5"]
    assert not any(list(link.iter("{http://www.w3.org/1999/xhtml}a"))[1:] for link in links)
    assert " ".join(all_text(markup).split()) == "see there 0:05"


def cell(words: str) -> tuple[n.Inline, ...]:
    return text(words) if words else ()


TABLE = n.Table(("", "right"), n.Row((cell("a"), cell(""))), (n.Row((cell("b"), cell("1"))),), 1)
BLOCKS: list[tuple[n.Block, str]] = [
    (para("x"), "<p>x</p>"),
    (n.Rule(1), "<hr/>"),
    (n.Quote((para("x"),), 1), "<blockquote>\n<p>x</p>\n</blockquote>"),
    (n.CodeBlock("a < b\n", 1, "C++"), '<pre><code class="language-c">a &lt; b\n</code></pre>'),
    (n.Section("a", 4, text("A"), (para("x"),), 1), '<section id="s-a">\n<h2>A</h2>\n<p>x</p>\n</section>'),
    (n.Section("a", 4, (), (para("x"),), 1), '<section id="s-a">\n<p>x</p>\n</section>'),
    (n.List((n.Item((para("x"),), 1),), 1), "<ul>\n<li>x</li>\n</ul>"),
    (n.List((n.Item((para("x"),), 1),), 1, 3, False), '<ol start="3">\n<li><p>x</p></li>\n</ol>'),
    (
        n.List((n.Item((para("x"),), 1, True),), 1),
        '<ul class="tasks">\n<li class="task"><span class="box" role="img" aria-label="done">☑</span> x</li>\n</ul>',
    ),
    (n.List((n.Item((n.Rule(1),), 1),), 1), "<ul>\n<li>\n<hr/>\n</li>\n</ul>"),
    (
        n.Callout("to-do", (), (para("x"),), 1),
        '<div class="callout callout-to-do" role="note">\n'
        '<p class="callout-title callout-kind">To do</p>\n<p>x</p>\n</div>',
    ),
    (
        TABLE,
        '<table>\n<thead>\n<tr><th scope="col">a</th><td class="right"></td></tr>\n</thead>\n'
        '<tbody>\n<tr><td>b</td><td class="right">1</td></tr>\n</tbody>\n</table>',
    ),
]


@pytest.mark.parametrize(("block", "markup"), BLOCKS)
def test_block(block: n.Block, markup: str) -> None:
    assert render_blocks((block,), WEB) == markup + "\n"


def test_heading_levels_follow_the_nesting_without_jumps() -> None:
    inner = n.Section("b", 5, text("B"), (n.Section("c", 6, text("C"), (), 3),), 2)
    markup = render_blocks((n.Section("a", 2, text("A"), (inner,), 1), n.Section("d", 3, text("D"), (), 4)), WEB)
    assert [e.tag[-2:] for e in parsed(markup).iter() if e.tag[-2] == "h"] == ["h2", "h3", "h4", "h2"]


def test_footnotes_stand_at_the_end_in_the_order_of_their_marks() -> None:
    blocks = (
        n.Footnote("z", (para("Zed ", n.FootnoteMark("in")),), 1),
        para("a", n.FootnoteMark("b"), n.FootnoteMark("z"), n.FootnoteMark("b")),
        n.Footnote("b", (para("Bee"), para("more")), 2),
        n.Footnote("unused", (para("kept"),), 3),
        n.Footnote("in", (para("inner"),), 4),
    )
    root = parsed(render_blocks(blocks, BOOK))
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert ids == ["r-1", "r-2", "r-1-2", "f-1", "f-2", "r-3", "f-3", "f-4"]
    assert len(set(ids)) == len(ids)
    hrefs = [e.get("href", "#")[1:] for e in root.iter("{http://www.w3.org/1999/xhtml}a")]
    assert set(hrefs) <= set(ids)
    assert "kept" in "".join(root.itertext())
    assert root[-1].get("{http://www.idpf.org/2007/ops}type") == "footnotes"
    assert "epub:type" not in render_blocks(blocks, WEB)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://example.org/a(b)_c?x=1#y", "https://example.org/a(b)_c?x=1#y"),
        ("HTTP://Example.org", "HTTP://Example.org"),
        ("mailto:someone@example.org", "mailto:someone@example.org"),
        (" https://example.org/a b ", "https://example.org/a%20b"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/[a]|b", "https://example.org/%5Ba%5D%7Cb"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://example.org/\ud800", "https://example.org/%EF%BF%BD"),
        ("https://", None),
        ("http://[", None),
        ("http://a b/", None),
        ("http://x:99999/", None),
        ("http://x:65535/", "http://x:65535/"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("//example.org", None),
        ("note.md", None),
        ("", None),
    ],
)
def test_web_address(url: str, address: str | None) -> None:
    assert web_address(url) == address


def test_characters_that_xml_forbids() -> None:
    assert xml_text("a\x00b\x0bc\r\nd\x9f\ud800\ufffe\U0001ffff\ufdd0é") == "ab c\n\nd\ufffd\ufffd\ufffd\ufffdé"
    assert attribute(' "a"\n<b>') == "&quot;a&quot; &lt;b&gt;"
    assert escape("👩\u200d🔬 \u202e") == "👩\u200d🔬 \u202e"


def test_anchors_are_ascii_and_differ() -> None:
    identifiers = ["a", "a-2", "1", "é", "e", "a b", "a.b", "a_b", "", "日本"]
    anchors = [anchor(i) for i in identifiers]
    assert len(set(anchors)) == len(anchors)
    assert all(a.isascii() and a[0].isalpha() and " " not in a for a in anchors)
    assert anchor("a") == "s-a"


def nested(depth: int) -> n.Block:
    block: n.Block = para("deep ", n.Stamp("[0:01]", 1000))
    for _ in range(depth):
        block = n.Quote((block,), 1)
    return block


def test_nesting_without_end_is_set_flat() -> None:
    inline: n.Inline = n.Text("core")
    for _ in range(5000):
        inline = n.Emphasis((inline,))
    markup = render_blocks((nested(400), para(inline)), WEB)
    assert markup.count("<blockquote>") < 120
    assert "deep" in all_text(markup)
    assert "core" in all_text(markup)


wild = st.text(st.characters(codec=None, categories=None), max_size=8)
leaf: st.SearchStrategy[Any] = st.one_of(
    st.builds(n.Text, wild),
    st.builds(n.Code, wild),
    st.builds(n.Math, wild, st.booleans()),
    st.just(n.LineBreak()),
    st.builds(n.Stamp, wild, st.none() | st.integers(0, 10**9)),
    st.builds(n.Image, wild, wild),
    st.builds(n.Embed, wild, wild, wild, st.none() | st.builds(n.Destination, wild, wild, wild)),
    st.builds(n.FootnoteMark, st.sampled_from(["1", "2", "3"])),
)
runs = st.lists(
    st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(n.Emphasis, st.lists(inner, max_size=3).map(tuple)),
            st.builds(n.Link, wild, st.lists(inner, max_size=3).map(tuple)),
            st.builds(
                n.WikiLink, wild, st.lists(inner, max_size=3).map(tuple), wild, st.builds(n.Destination, wild, wild)
            ),
        ),
        max_leaves=6,
    ),
    max_size=4,
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(runs, runs, wild, wild)
def test_any_tree_is_well_formed(run: Any, title: Any, name: str, words: str) -> None:
    blocks = (
        n.Section(name, 2, title, (n.Paragraph(run, 1),), 1),
        n.Callout(name, title, (n.List((n.Item((n.Paragraph(run, 1),), 1, True),), 1),), 1),
        n.Table(("left",), n.Row((title,)), (n.Row((run,)),), 1),
        n.CodeBlock(words, 1, name),
        n.Footnote("1", (n.Paragraph(run, 1),), 1),
    )
    shown = n.Excerpt(None, (*blocks, n.EmbedBlock(n.Embed(name), 1, name, n.Excerpt(None, blocks))))
    embed = n.EmbedBlock(n.Embed(words), 1, words, shown)
    root = parsed(render_blocks((*blocks, embed, n.EmbedBlock(n.Embed(name), 2)), BOOK))
    assert not any(list(a.iter(a.tag))[1:] for a in root.iter("{http://www.w3.org/1999/xhtml}a"))
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(set(ids)) == len(ids)


def typeset_cases() -> list[tuple[str, str, str]]:
    return [
        ("en", "He said \"hello\" and 'bye'.", "He said “hello” and ‘bye’."),
        ("de", "Er sagte \"hallo\" und 'bis bald'.", "Er sagte „hallo“ und ‚bis bald‘."),
        ("de", "Peter's \"Wort\"", "Peter’s „Wort“"),
        ("de-CH", '"Wort"', "«Wort»"),
        ("fr", 'Il dit "bonjour" qu\'elle', "Il dit «\u202fbonjour\u202f» qu’elle"),
        ("fr", '" bonjour "', "« bonjour »"),
        ("es", '"hola"', "«hola»"),
        ("it", "l'\"ora\" dell'anno", "l’«ora» dell’anno"),
        ("pt", '"olá"', "“olá”"),
        ("pt-PT", '"olá"', "«olá»"),
        ("nl", "'s avonds \"laat\"", "’s avonds “laat”"),
        ("sv", '"hej"', "”hej”"),
        ("und", '"x"', "“x”"),
        ("he", 'צה"ל אמר "שלום"', "צה״ל אמר “שלום”"),
        ("ja", '彼は"はい"と', "彼は「はい」と"),
        ("en", "6'2\" and a 12\" rule, 5' 3\"", "6′2″ and a 12″ rule, 5′ 3″"),
        ("en", '"He is 6\'2" tall, born in 1984"', "“He is 6′2″ tall, born in 1984”"),
        ("en", "rock 'n' roll of the '90s, the 1980's", "rock ’n’ roll of the ’90s, the 1980’s"),
        ("en", "'tis the dogs' day", "’tis the dogs’ day"),
        ("en", "\"'Hi,' she said\" (\"so\")", "“‘Hi,’ she said” (“so”)"),
        ("en", "'don't do it' and an 's'", "‘don’t do it’ and an ‘s’"),
        ("en", "wait--what -- that - and --- so... 10--20", "wait—what – that – and — so… 10–20"),
        ("en", "run --help, i--, ....  ../... and -x", "run --help, i--, ....  ../... and -x"),
        ("en", "https://a.org/b--c'd...e \"f\"", "https://a.org/b--c'd...e “f”"),
        ("en", '"a "b" c', "“a “b” c"),
        ("ja", "Ship \"a\" and 'b' now", "Ship “a” and ‘b’ now"),
        ("ru", 'Revert "b--c"', "Revert “b—c”"),
        ("ru", 'Из "Go"', "Из «Go»"),
        ("fr", 'Revert "b"', "Revert «\u202fb\u202f»"),
        ("he", "ג'ייטון, חלק ב' של 'שלום'", "ג׳ייטון, חלק ב׳ של ‘שלום’"),
        ("zh", "名（'_'）的 'abc'改 '低成本'真正", "名（‘_’）的 ‘abc’改 ‘低成本’真正"),
        ("zh", "mode='a'改成 'b'", "mode='a'改成 ‘b’"),
        ("en", "f'(x) = F'=f, the dogs' (two), 'a'= b", "f′(x) = F′=f, the dogs’ (two), ‘a’= b"),
        ("en", '{{< podcast id="a" t=\'b\' >}} {{ "c" | d }} "e"', '{{< podcast id="a" t=\'b\' >}} {{ "c" | d }} “e”'),
        ("en", 'img decoding="async" is "new"', 'img decoding="async" is “new”'),
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "written", "shown"), typeset_cases())
def test_signs_are_set_as_the_language_has_them(language: str, written: str, shown: str) -> None:
    assert typeset(written, style_of(language)) == shown
    assert all_text(render_inlines(text(written), Policy(style=style_of(language)))) == shown
    assert all_text(render_inlines(text(written), Policy())) == written


def test_quotes_open_in_one_node_and_close_in_another() -> None:
    nodes = (
        n.Text('"'), n.Emphasis(text("so")), n.Text('" and "'), n.Code("'x' -- \"y\"..."), n.Text('" "\''),
        n.Link("https://a.org/'b'", text("it's -- 'c'...")), n.Text("'\" \""), n.Stamp("[1:05]", 65_000),
        n.Text('" '), n.Math("f'' -- \"g\""), n.Element("kbd", text("'")), n.Text(" '"), n.Strong(text("d'")),
    )  # fmt: skip
    shown = all_text(render_inlines(nodes, Policy(style=style_of("en"))))
    assert shown == "“so” and “'x' -- \"y\"...” “‘it’s -- ‘c’...’” “1:05” f'' -- \"g\"' ‘d’"


def test_a_quote_does_not_reach_into_the_next_block() -> None:
    blocks = (para('a "b'), para('"c" d'), n.Table(("", ""), n.Row((text('"e'), text('f"'))), (), 1))
    assert "c” d" in render_blocks(blocks, Policy(style=style_of("en")))
    assert render_blocks(blocks, Policy(style=style_of("en"))).count("“") == 3


def test_quotes_are_found_in_linear_time() -> None:
    start = time.perf_counter()
    for hostile in (
        '"a ' * 50_000 + "'b 'c' " * 50_000,
        "'a " * 50_000,
        '"a ' * 50_000,
        "a\" '" * 40_000,
        "-- " * 50_000,
        "'\"" * 50_000,
        "1'1\"" * 30_000,
        "{{" * 50_000,
        "a='b=\"" * 30_000,
        "f'(" * 30_000,
    ):
        typeset(hostile, style_of("en"))
        render_inlines([n.Text(hostile[:500])] * 200, Policy(style=style_of("fr")))
    assert time.perf_counter() - start < 20


def marked(code: str, language: str) -> str:
    """Return the marks of code in one letter each: `b(keyword)`, `i(comment)`, `s(string)`, `n(number)`."""
    short = re.sub('<(?:span class=")?([bisn])"?>', r"\1(", coloured(code, language))
    return unescape(re.sub("</(?:b|i|span)>", ")", short))


CODE = [
    (
        "python",
        "@go\ndef f(x):  # it's\n    return 'a\\'b'",
        "n(@go)\nb(def) f(x):  i(# it's)\n    b(return) s('a\\'b')",
    ),
    ("Py", 'x.is = """a\n"b" """ + 3.14 if None', 'x.is = s("""a\n"b" """) + n(3.14) b(if) n(None)'),
    ("js", "let a = `x\n${1}` // if\no.new = 0x1F", "b(let) a = s(`x\n${1}`) i(// if)\no.new = n(0x1F)"),
    ("{.ts}", "type A = 'b' /* a\nb */", "b(type) A = s('b') i(/* a\nb */)"),
    ("rust", "fn f<'a>(c: &'a str) { 'x' }", "b(fn) f<'a>(c: &'a str) { s('x') }"),
    ("C++", "#include <a>\nclass B; // c", "b(#include) <a>\nb(class) B; i(// c)"),
    (
        "bash",
        "for f in *.md; do\n  ls -l --all $f ${#a} a#b # c",
        "b(for) f b(in) *.md; b(do)\n  ls n(-l) n(--all) n($f) ${#a} a#b i(# c)",
    ),
    ("sh", "echo it's fine", "b(echo) it's fine"),
    ("json", '{"a": [1, true], "b":"c"}', '{n("a"): [n(1), n(true)], n("b"):s("c")}'),
    ("yaml", "a: b # c\nu: http://d", "n(a): b i(# c)\nn(u): http://d"),
    ("toml", "[a.b]\nc = 'd'", "b([a.b])\nn(c) = s('d')"),
    ("html", "<!-- a --><b class='c'>\"if\"</b>", "i(<!-- a -->)b(<b) n(class)=s('c')>\"if\"b(</b)>"),
    ("css", "a:hover { color: red } /* b */", "a:hover { n(color): red } i(/* b */)"),
    ("sql", "SELECT a FROM b -- c", "b(SELECT) a b(FROM) b i(-- c)"),
    ("lua", "--[[ a\nb ]] local x", "i(--[[ a\nb ]]) b(local) x"),
    ("haskell", "f' x = {- a -} y where", "f' x = i({- a -}) y b(where)"),
    ("matlab", "x = 1 % a", "x = n(1) i(% a)"),
    ("clj", "(defn f [] :a) ; b", "(b(defn) f [] n(:a)) i(; b)"),
    ("latex", "\\emph{50\\%} % a", "b(\\emph){50\\%} i(% a)"),
    ("diff", "-a\n+b\n c", "i(-a)\ns(+b)\n c"),
    ("python", 'x = "not closed\nif', 'x = "not closed\nb(if)'),
    ("", "if 1", "if 1"),
    ("mermaid", "if 1", "if 1"),
]


@pytest.mark.parametrize(("language", "code", "shown"), CODE)
def test_code_of_a_known_language_has_its_parts_marked(language: str, code: str, shown: str) -> None:
    assert marked(code, language) == shown


def test_long_code_and_that_of_other_pages_stays_plain() -> None:
    assert "<b>" in coloured("if " * (LONGEST // 3), "c")
    assert "<b>" not in coloured("if " * (LONGEST // 3 + 1), "c")
    block = n.CodeBlock("if x < 1:", 1, "python")
    plain = '<pre><code class="language-python">if x &lt; 1:</code></pre>\n'
    assert render_blocks((block,), WEB) == plain
    shown = render_blocks((block,), Policy(code=coloured))
    assert shown != plain
    assert all_text(shown) == all_text(plain)


OPENED = ("", '"', "'", "`", "/*", '"""', "{-", "--[[", "<!--", "$'", "s!")
REPEATED = (
    "\\\\",
    "\\",
    "\\1",
    '"',
    "'",
    "''",
    "/*",
    "*",
    "-",
    "--[[",
    "{-",
    "<!--",
    "<a",
    "='",
    "1 ",
    "a-",
    "$",
    "\n[",
    "# ",
    ":",
    "é",
    "&",
)


@pytest.mark.parametrize("language", {family: name for name, (family, _) in KINDS.items()}.values())
def test_hostile_code_is_marked_in_time_and_loses_nothing(language: str) -> None:
    began = time.process_time()
    for opening in OPENED:
        for piece in REPEATED:
            code = (opening + piece * 3000)[:3000]
            shown = coloured(code, language)
            assert all_text(shown) == code
            assert len(shown) < 13 * len(code)
    assert time.process_time() - began < 20


def test_each_language_has_a_family_of_patterns() -> None:
    assert {family for family, _ in KINDS.values()} == PATTERNS.keys()
