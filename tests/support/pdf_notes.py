"""Books built by hand for the tests of the PDF: every kind of node, two videos, three notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convert.document import nodes as n
from convert.document.book import Book, NoteSummary, VideoNotes
from convert.document.note import HeadingFact, Note, Video
from convert.document.walk import plain_text, sections
from convert.writers.base import Artifact, Job
from convert.writers.pdf import WRITER, PdfOptions

EPOCH = 1_700_000_000
VIDEO = Video("youtube", "YE7VzlLtp-4")


def text(words: str) -> tuple[n.Inline, ...]:
    return (n.Text(words),)


def para(*children: n.Inline | str) -> n.Paragraph:
    return n.Paragraph(tuple(n.Text(c) if isinstance(c, str) else c for c in children), 1)


def section(id: str, level: int, *children: n.Block, title: tuple[n.Inline, ...] | None = None) -> n.Section:
    return n.Section(id, level, title or text(id.replace("-", " ").capitalize()), children, 1)


def note(slug: str, *blocks: n.Block, title: str = "", video: Video | None = VIDEO) -> Note:
    title = title or slug.replace("_", " ").capitalize()
    return Note(
        id=f"films/{slug}", channel="films", slug=slug, path=f"films/{slug}.md", title=title, video=video, blocks=blocks
    )


def entry(note: Note) -> NoteSummary:
    headings = tuple(HeadingFact(s.id, s.level, plain_text(s.title), s.line) for s in sections(note.blocks))
    return NoteSummary(
        id=note.id,
        channel=note.channel,
        slug=note.slug,
        path=note.path,
        title=note.title,
        video=note.video,
        headings=headings,
    )


def book(*notes: Note, title: str = "Films", language: str = "en", **facts: Any) -> Book:
    """A book with a part for each run of notes on one video, named after its first note."""
    parts: list[VideoNotes] = []
    for one in notes:
        if parts and parts[-1].video == one.video:
            parts[-1] = VideoNotes(video=one.video, title=parts[-1].title, notes=(*parts[-1].notes, entry(one)))
        else:
            parts.append(VideoNotes(video=one.video, title=one.title, notes=(entry(one),)))
    return Book(name="films", title=title, parts=tuple(parts), language=language, **facts)


def build(
    notes: Sequence[Note], of: Book | None = None, options: PdfOptions | None = None, **job: Any
) -> list[Artifact]:
    """The artifacts of a book of these notes."""
    work = Job(of or book(*notes), options or PdfOptions(), EPOCH, **job)
    parts = [WRITER.part(one, work) for one in notes]
    return [made for made in WRITER.assemble(parts, work) if isinstance(made, Artifact)]


def every_node() -> Note:
    """A note that holds every kind of node, each with a word of its own."""
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
