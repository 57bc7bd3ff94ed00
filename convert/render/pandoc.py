"""A note's tree as pandoc's JSON tree, the input of `pandoc -f json`.

No text of a note becomes a raw node, an attribute or an unvetted address: whatever a note holds, pandoc only
escapes it. https://hackage.haskell.org/package/pandoc-types is the definition of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from convert.document import nodes as n
from convert.document.note import Video, slug
from convert.document.video import watch_url
from convert.render.pandoc_text import typst_string

API_VERSION = (1, 23, 1)
Json = dict[str, Any]
Dialect = Literal["typst", "plain"]
"""`typst` uses the functions of our own template; `plain` is pandoc's tree alone, for its other formats."""

MAX_DEPTH = 24
"""How deep quotes and lists are followed; below it their text is set flat."""


@dataclass
class Context:
    """What the tree of one note needs to know of its book, and what is found on the way through it."""

    video: Video | None = None
    level: int = 1
    """Level of the note's own heading."""
    label: Callable[[n.Destination], str | None] = lambda _: None
    """The label of a link's target in this book, None when it is not in it."""
    section_label: Callable[[str], str] = lambda section: section
    """The label of one of the note's own sections, or of a named block (`^name`)."""
    dialect: Dialect = "typst"
    index: bool = True
    """Whether wikilinks are marked as topics of the index."""
    defined: set[str] = field(default_factory=set)
    """The labels that the note's headings and named blocks got."""
    linked: set[str] = field(default_factory=set)
    """The labels that the note's links lead to."""
    in_heading: bool = False
    """Within a heading, which recurs in the contents and in running heads, no mark may stand twice."""
    heading_marks: list[Json] = field(default_factory=list)
    """The topic marks of the heading at hand, to stand below it."""
    pictures: set[str] = field(default_factory=set)
    """The names of those that the note shows."""
    formulas: int = 0
    """How many were met."""
    footnote: Callable[[str], list[Json]] = lambda _: []
    """The pandoc blocks of a footnote by its label; [] when there is none."""

    def stamp_url(self, start_ms: int) -> str:
        """The address that plays the note's video from there, "" without a video."""
        return watch_url(self.video, start_ms) if self.video else ""

    def mark_topic(self, node: n.WikiLink) -> list[Json]:
        """The mark by which the index finds the page of a link; its topic is the target, resolved or not."""
        key = topic_key(node)
        if not self.index or self.dialect != "typst" or not key:
            return []
        mark = f"#topic({typst_string(key)});"
        if not self.in_heading:
            return [raw_inline(mark)]
        self.heading_marks.append(raw(mark))
        return []


def topic_key(node: n.WikiLink) -> str:
    """What links to one topic have in common, the key of `convert.extract.topics.Mention`."""
    return node.to.note if node.to else slug(node.target).replace("/", "_")


def document(blocks: bytes, meta: bytes = b"{}") -> bytes:
    """A whole pandoc document around JSON-encoded blocks (without their brackets)."""
    version = ",".join(map(str, API_VERSION)).encode()
    return b'{"pandoc-api-version":[%b],"meta":%b,"blocks":[%b]}' % (version, meta, blocks)


def raw(code: str) -> Json:
    """A block of our own template's language; never made from the text of a note unescaped."""
    return {"t": "RawBlock", "c": ["typst", code]}


def raw_inline(code: str) -> Json:
    """The inline sister of `raw`."""
    return {"t": "RawInline", "c": ["typst", code]}


def attributes(identifier: str = "", classes: Iterable[str] = ()) -> list[Any]:
    """pandoc's triple of identifier, classes and (always empty) key-value pairs."""
    return [identifier, list(classes), []]
