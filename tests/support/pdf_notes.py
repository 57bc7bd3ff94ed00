"""Notes for the tests of the PDF: one with every kind of node, and three notes of two videos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convert.document import nodes as n
from convert.document.book import Book
from convert.document.note import Note, Video
from convert.writers.base import Artifact, Job
from convert.writers.pdf import WRITER, PdfOptions
from tests.support.notes import EPOCH, book_of, note_of, summary_of

ELEMENTS: tuple[Any, ...] = ("abbr", "ins", "kbd", "q", "samp", "small", "u", "var")
TITLED: tuple[Any, ...] = ("details", "figure")
ALIGNED: tuple[Any, ...] = ("center", "right")
VIDEO = Video("youtube", "YE7VzlLtp-4")


def text(words: str) -> tuple[n.Inline, ...]:
    return (n.Text(words),)


def para(*children: n.Inline | str) -> n.Paragraph:
    return n.Paragraph(tuple(n.Text(c) if isinstance(c, str) else c for c in children), 1)


def section(id: str, level: int, *children: n.Block, title: tuple[n.Inline, ...] | None = None) -> n.Section:
    return n.Section(id, level, title or text(id.replace("-", " ").capitalize()), children, 1)


def note(slug: str, *blocks: n.Block, title: str = "", video: Video | None = VIDEO) -> Note:
    return note_of(blocks, f"films/{slug}", title or slug.replace("_", " ").capitalize(), video)


def book(*notes: Note, **fields: Any) -> Book:
    """Return a book with a part for each video, named after its first note."""
    return book_of([summary_of(one) for one in notes], **fields)


def build(
    notes: Sequence[Note], of: Book | None = None, options: PdfOptions | None = None, **job: Any
) -> list[Artifact]:
    """Return the artifacts of a book of these notes."""
    work = Job(of or book(*notes), options or PdfOptions(), EPOCH, **job)
    parts = [WRITER.part(one, work) for one in notes]
    return [made for made in WRITER.assemble(parts, work) if isinstance(made, Artifact)]


def every_node() -> Note:
    """Return a note with every kind of node, each with its own word."""
    stamp = n.Stamp("[00:01:05]", 65_000)
    inlines: tuple[n.Inline, ...] = (
        n.Text("plainword "),
        n.Code("code`word"),
        n.Text(" then "),
        n.Math("E = mc^2"),
        n.LineBreak(),
        n.Emphasis(text("emphasisword")),
        n.Strong(text("strongword")),
        n.Strike(text("strikeword")),
        n.Superscript(text("superword")),
        n.Subscript(text("subword")),
        n.Highlight(text("markword")),
        n.Text(" "),
        n.Element("ruby", (n.Text("baseword"), n.Element("rt", text("readingword")))),
        *[n.Element(name, text(f"{name}word"), "fullword" if name == "abbr" else "") for name in ELEMENTS],
        n.Text(" and "),
        n.Link("https://example.org/a?b=c&d#e", text("linkword")),
        n.Text(".After a link, "),
        n.WikiLink("second", text("wikiword"), to=n.Destination("films/second", "deep-part", "Second")),
        n.WikiLink("gone", text(" missingword")),
        n.Embed("second", label="embedword"),
        n.Image("https://example.org/picture.png", "imageword"),
        stamp,
        n.FootnoteMark("1"),
    )
    item = n.Item((para("itemword"), n.List((n.Item((para("taskword"),), 1, True),), 1)), 1)
    table = n.Table(("left", "right"), n.Row((text("headword"), text("h2"))), (n.Row((text("cellword"), (stamp,))),), 1)
    return note(
        "every_node",
        n.Paragraph(inlines, 1),
        para(n.Math(r"\sum_{i=1}^n i = \frac{n(n+1)}{2}", True)),
        section(
            "section-word",
            2,
            n.List((item,), 1, start=7),
            n.Quote((para("quoteword"),), 1),
            n.Callout("warning", text("calloutword"), (para("bodyword"),), 1),
            *[n.Group(kind, text(f"{kind}word"), (para(f"in{kind}word"),), 1) for kind in TITLED],
            n.Group("definitions", (), (n.Group("definition", text("termword"), (para("definedword"),), 1),), 1),
            *[n.Group(kind, (), (para(f"{kind}word"),), 1) for kind in ALIGNED],
            n.CodeBlock("blockword = 1\n", 1, "python"),
            n.EmbedBlock(n.Embed("second", label="sourceword"), 1, shown=n.Excerpt(None, (para("excerptword"),))),
            n.EmbedBlock(n.Embed("second", label="unshownword"), 1),
            section("deep-part", 5, table, n.Rule(1)),
            title=(n.Text("Section word "), stamp),
        ),
        n.Footnote("1", (para("footword"),), 1),
        n.Footnote("2", (para("unmarkedword"),), 1),
    )


def second() -> Note:
    return note(
        "second",
        para("Back to ", n.WikiLink("every_node", text("the first"), to=n.Destination("films/every_node"))),
        section("deep-part", 2, para("deepword ", n.Stamp("[00:00:09]", 9_000))),
    )


def third() -> Note:
    return note("third", para("Of another film."), video=Video("youtube", "aqz-KE-bpKQ"))
