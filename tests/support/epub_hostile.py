"""Notes and books that try to break an EPUB: each must give a valid one that keeps the text.

These cases break EbookLib, pandoc or naive writers. `NOTES` go through the reader. `TREES` do not, because the
writer must also accept what the reader would have repaired. `BOOKS` have unusual fields of the book.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from convert.document import nodes as n
from convert.document.nodes import Destination, WikiLink
from tests.support.epub_books import book_of, from_texts, write
from tests.support.notes import note_of, summary_of


@dataclass(frozen=True)
class Case:
    """Notes by `channel/slug`, fields of the book, and words that it must still contain."""

    texts: dict[str, str | bytes]
    kept: str = "kept"
    book: dict[str, Any] = field(default_factory=dict)


def _note(body: str, title: str = "Title", more: str = "") -> str:
    return f"---\ntitle: {title}\nvideoId: aqz-KE-bpKQ\n{more}---\n\n{body}\n\nThese words are kept [00:00:01].\n"


NOTES: dict[str, str | bytes] = {
    "control_characters": _note("a\x01\x02\x08b\x0b\x0c\x1f\x7f\x80\x9f## no\r\n\n## Head\x07ing"),
    "nul": _note("a\x00b\n\n## He\x00ad"),
    "surrogate": _note("a\ud800b\udfffc").encode("utf-8", "surrogatepass"),
    "not_utf8": b"---\ntitle: Title\nvideoId: aqz-KE-bpKQ\n---\n\n\xff\xfe\x80 caf\xe9\n\nThese words are kept.\n",
    "noncharacters": _note("a\ufffeb\uffffc\ufdd0d\U0001fffee\U0010ffff"),
    "unescaped": _note("1 < 2 & 3 > 2 &bogus; &#0; &#xD800; &#xFFFE; &nbsp; &lt;b&gt; ]]> <!-- -->"),
    "script": _note("<script>alert('x')</script>\n\n<p onclick=\"alert(1)\">kept</p>\n\n<svg onload=alert(1)>"),
    "iframe": _note('<iframe src="https://example.org/"></iframe>\n\n<object data="x"></object><embed src="y">'),
    "form": _note('<form action="x"><input type="text"/><button>Go</button></form>\n\n<video src="a.mp4"></video>'),
    "duplicate_headings": _note("## Same\n\na\n\n## Same\n\nb\n\n## same\n\nc\n\n### Same\n\nd"),
    "duplicate_html_ids": _note('<p id="a">x</p>\n\n<p id="a">y</p>\n\n<div id="title">z</div>'),
    "ids_with_blanks": _note('<p id="a b">x</p>\n\n<p id="">y</p>\n\n## 1 2 3\n\n## !!!\n\n## \u00a0'),
    "long_title": _note("x", title="A title without end " * 1000),
    "long_word": _note("W" * 20_000 + "\n\n## " + "H" * 20_000),
    "right_to_left": _note("## שלום עולם\n\nمرحبا بالعالم", title="שלום, عالم"),
    "bidi": _note("## \u202eevil\u202c \u2066x", title="abc \u202egnp.exe \u2067"),
    "emoji": _note("## 🧪 👩‍🔬 🏳️‍🌈 e\u0301\u0301\u0301", title="🎬🇫🇷👨‍👩‍👧‍👦"),
    "self_link": _note("[[self_link]] [[self_link#Nowhere]] [[#Here]] [[self_link#Here|here]]\n\n## Here\n\nx"),
    "missing_target": _note("[[no such note]] [[a/b/c]] [[x#y#z]] [[ ]] [[|]] ![[gone.png]] ![[gone]]"),
    "bad_fragment": _note("[[self_link#\x00]] [[emoji#a b c]] [a](#nowhere) [b](emoji.md#x) [c](../../etc/passwd)"),
    "empty": "---\ntitle: Empty\nvideoId: aqz-KE-bpKQ\n---\n",
    "blank": "---\ntitle: Blank\nvideoId: aqz-KE-bpKQ\n---\n\n   \n\t\n\n&nbsp;\n",
    "empty_title": _note("x", title='""'),
    "blank_title": _note("x", title='"\\x01 \\u200b"'),
    "only_text": "bare words, kept, no markup and no newline [00:00:01]",
    "html_in_title": _note("x", title="<b>Bold</b> & <script>x</script> ]]> --"),
    "html_in_heading": _note("## <b>a</b> & <i>b\n\n## [[x]] [00:00:02]\n\n## [00:00:03]\n\n##\n\n## `<code>`"),
    "math": _note(r"$\frac{a}{b}$ $$\sum_{i=0}^\infty x_i < \alpha$$ $\begin{matrix}1&2\end{matrix}$ $\undefined{x}$"),
    "broken_math": _note(r"$\frac{a}$ $a^b^c$ $\left( x$ $\text{<b>}$ $x_{$ $$\begin{align}a&=b\\c&=d\end{align}$$"),
    "svg": _note('<svg viewBox="0 0 1 1" xmlns="http://www.w3.org/2000/svg"><linearGradient/></svg>'),
    "footnotes": _note("a[^1] b[^x y] c[^1] d[^none]\n\n[^1]: one [00:00:04]\n\n[^x y]: two[^1]\n\n[^unused]: three"),
    "remote_image": _note("![alt](https://example.org/a.png) ![](http://x/y.gif) ![\x01](data:image/png;base64,AA)"),
    "bad_urls": _note(
        "[a](http://[) [b](<http://a b/c d>) [c](javascript:alert(1)) [d](http://x:99999/) [e](//x) [f](http://)\n"
        "[g](https://example.org/ä|[]{}^`\\) [h](file:///etc/passwd) [i](data:text/html,x) [j](mailto:) [k](http://ü..x)"
    ),
    "blanks_in_href": _note("[x](<a b c.md>) [y](<https://example.org/a b>) [z](https://example.org/%zz%)"),
    "html4": _note("<center><font color=red>kept</font></center>\n\n<p>a<p>b<table><p>c</table><b><i>x</b></i>"),
    "odd_attributes": _note('<p a:b="1" 1x="2" "="3">x</p>\n\n<a href=x href=y>z</a>\n\n<br/ ><hr ///>'),
    "comments": _note("<!-- a -- b --->\n\n<!--> x -->\n\n<? php ?>\n\n<![CDATA[ y ]]>\n\n<!DOCTYPE z>"),
    "bad_language": _note("x", more="lang: not a language!\nlanguage: <x>\n"),
    "whole_document": _note("<!DOCTYPE html><html><head><title>T</title></head><body><h1>H</h1>kept</body></html>"),
    "deep_divs": _note("<div>" * 400 + "kept" + "</div>" * 400),
    "deep_quotes": _note(">" * 400 + " deep"),
    "deep_lists": _note("\n".join("  " * i + "- x" for i in range(300))),
    "deep_emphasis": _note("*a **b " * 300),
    "heading_jumps": _note("###### six\n\n# one\n\n#### four\n\n## two\n\n##### five"),
    "callouts": _note("> [!<x>] T\n> a\n\n> [!]\n> b\n\n> [!note]- \n\n> [!a b&c] [[x]] [00:00:05]\n>\n> > [!note] in"),
    "tables": _note("|a|b|\n|-|-:|\n|[[x\\|y]]|[00:00:06]|\n|c|\n|d|e|f|\n\n| |\n|-|\n\n|||\n|-|-|\n"),
    "odd_stamps": _note(
        '<a class="yt-timestamp" data-t="99:99:99:99">[x]</a> [99:99] [00:00:07][00:00:08] [9999:00:00]'
    ),
    "nested_links": _note("[a [b](http://b/) [[self_link]] [00:00:09]](http://a/) [[self_link|x [y](http://c/)]]"),
    "odd_lists": _note("0. zero\n\n999999999. many\n\n- [ ] a\n- [x] **b**\n- [x]\n-\n\n1) x"),
    "code": _note('```"><script>\n]]> \x01 <b>\n```\n\n```c++ title=x\n\n```\n\n`` ` ``\n\n    indented\tkept'),
    "index_names": "---\ntitle: Index\n---\n[[con]] [[nul.md]] [[..]] [[/]] [[%2e%2e]] [[a\x00b]] kept",
}
"""Notes for the reader, all in one book."""

TWINS: dict[str, str | bytes] = {
    "one/same": _note("first [[other/same]]"),
    "other/same": _note("second [[one/same]]"),
    "One/Same": _note("third"),
}
"""Notes with the same file name."""

_ODD = "\x00\ud800\ufffe<&\">' \u202e"


def _deep(depth: int) -> n.Block:
    block: n.Block = n.Paragraph((n.Text("kept deep down"),), 1)
    for level in range(depth):
        block = n.Section(f"s{level}", 2, (n.Text("S"),), (block,), 1) if level % 2 else n.Quote((block,), 1)
    return block


def _excerpt(*blocks: n.Block) -> n.Block:
    """Return an embedded note that has the same ids of sections, blocks and footnotes as all others here."""
    marked = n.Paragraph((n.FootnoteMark("x"), n.Stamp(_ODD, 5000)), 1, "name")
    inner = (n.Section(_ODD, 2, (n.Text(_ODD),), (marked, marked), 1), *blocks, n.Footnote("x", (marked,), 1))
    return n.EmbedBlock(n.Embed(_ODD, to=Destination("gone/gone", "", _ODD)), 1, shown=n.Excerpt(None, inner))


def _to(note: str, section: str = "") -> WikiLink:
    return WikiLink(_ODD, (n.Text(_ODD),), to=Destination(note, section, _ODD))


TREES: dict[str, tuple[n.Block, ...]] = {
    "odd_text_everywhere": (
        n.Section(_ODD, 9, (n.Text(_ODD), n.Code(_ODD)), (n.CodeBlock(_ODD, 1, _ODD),), 1),
        n.Section(_ODD + "2", -1, (), (n.Callout(_ODD, (), (), 1), n.Callout("", (n.Text(_ODD),), (), 1)), 2),
        n.Paragraph((n.Image(_ODD, _ODD), n.Embed(_ODD, _ODD, _ODD), n.Math(_ODD), n.Stamp(_ODD, None)), 3),
    ),
    "links_to_nowhere": (n.Paragraph((_to("gone/gone"), _to("trees/deep", "gone"), _to("trees/links_to_nowhere")), 1),),
    "no_footnotes": (n.Paragraph((n.FootnoteMark("x"),), 1), n.Footnote(_ODD, (n.Rule(1),), 1), n.Footnote("e", (), 1)),
    "no_items": (n.List((), 1), n.List((n.Item((), 1),), 1, 0), n.Quote((), 1), n.Paragraph((), 1)),
    "no_cells": (n.Table((), n.Row(()), (), 1), n.Table(("",), n.Row(((),)), (n.Row(((),)),), 1)),
    "negative_time": (n.Paragraph((n.Stamp("x", -5), n.Stamp("y", 10**15)), 1),),
    "deep": (_deep(400),),
    "excerpts": (_excerpt(_excerpt(_deep(200))), _excerpt(), n.Paragraph((n.FootnoteMark("x"),), 2, "name")),
}
"""Trees that the reader never makes."""

BOOKS: dict[str, Case] = {
    "title": Case({"films/one": _note("x")}, book={"title": f"Books {_ODD}", "author": f"An author {_ODD}"}),
    "no_title": Case({"films/one": _note("x")}, book={"title": "\x01", "author": "\x01"}),
    "long_title": Case({"films/one": _note("x")}, book={"title": "Long " * 4000, "author": "Author " * 4000}),
    "two_authors": Case({"a/one": _note("x"), "b/two": _note("y")}, book={"title": "Two"}),
    "language": Case({"films/one": _note("x")}, book={"language": "<not> a language"}),
    "right_to_left": Case({"films/one": _note("x"), "films/two": _note("y")}, book={"language": "ar", "title": "كتاب"}),
    "no_video": Case({"films/one": "Words kept.\n", "films/two": "More words kept [00:01:00].\n"}),
    "channel_names": Case({"\x01<b>/one": _note("x"), "..\u202e/two": _note("y")}),
}
"""Books with odd fields of their own."""


def hostile_notes() -> bytes:
    """Return one EPUB with all hostile notes."""
    return from_texts({f"hostile/{name}": text for name, text in NOTES.items()} | TWINS, title="Hostile notes")


def hostile_trees() -> bytes:
    """Return one EPUB with all hostile trees."""
    notes = [note_of(blocks, f"trees/{name}", name) for name, blocks in TREES.items()]
    return write(notes, book_of([summary_of(note) for note in notes], name="trees"))
