"""The tree of a note: a closed union of inline nodes and one of block nodes.

Nodes are immutable, hold no parents and know no output format. Every `match` over `Inline` or `Block` ends in
`assert_never`, so that the type checker finds a new kind of node. Blocks keep the line of the source file (1-based) on
which they start.

A tree that waits for its vault has nodes of `UNRESOLVED` in place of stamps, links and images: they carry the number of
their fact. `convert.reader.resolve` replaces them; no writer sees one, and no JSON holds one.

The docstrings of the classes are the descriptions in the JSON Schema that `notebind schema` prints.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Node(msgspec.Struct, frozen=True, gc=False, tag_field="type"):
    """Base of all nodes; its subclasses are told apart by the JSON field `type`."""


BlockName = str | msgspec.UnsetType
"""The `name` of `^name` at the end of a block, unique in its note, that links call it by; unset for most blocks."""


class Video(msgspec.Struct, frozen=True, gc=False):
    """The identity of a video: a provider ("youtube") and the provider's id."""

    provider: str
    id: str


# Inline nodes


class Text(Node, frozen=True, gc=False, tag="text"):
    """Characters as a reader sees them; a line break of the source is one newline."""

    text: str


class Code(Node, frozen=True, gc=False, tag="code"):
    """A code span."""

    text: str


class Math(Node, frozen=True, gc=False, tag="math"):
    """TeX source without its dollar signs; `display` when it stood between `$$`."""

    tex: str
    display: bool = False


class LineBreak(Node, frozen=True, gc=False, tag="line_break"):
    """A hard line break (`<br/>`, two blanks or a backslash at the end of a line)."""


class Emphasis(Node, frozen=True, gc=False, tag="emphasis"):
    children: tuple[_AnyInline, ...]


class Strong(Node, frozen=True, gc=False, tag="strong"):
    children: tuple[_AnyInline, ...]


class Strike(Node, frozen=True, gc=False, tag="strike"):
    children: tuple[_AnyInline, ...]


class Superscript(Node, frozen=True, gc=False, tag="superscript"):
    children: tuple[_AnyInline, ...]


class Subscript(Node, frozen=True, gc=False, tag="subscript"):
    children: tuple[_AnyInline, ...]


class Highlight(Node, frozen=True, gc=False, tag="highlight"):
    """Marked text, `==so==` or `<mark>`."""

    children: tuple[_AnyInline, ...]


class Element(Node, frozen=True, gc=False, tag="element"):
    """An element of HTML whose name is its meaning; its attributes are gone, but `full` says what an `abbr` stands for.

    A `ruby` holds its base and, in `rt`, how the base before it is read.
    """

    name: Literal["abbr", "ins", "kbd", "q", "rt", "ruby", "samp", "small", "u", "var"]
    children: tuple[_AnyInline, ...]
    full: str = ""


class Link(Node, frozen=True, gc=False, tag="link"):
    """A link to an address outside the vault, as written (its scheme is not vetted here)."""

    url: str
    children: tuple[_AnyInline, ...]


class Destination(msgspec.Struct, frozen=True, gc=False):
    """Where a wikilink leads: a note id (`channel/slug`) and a place in it: a section id, `^name` of a block, or ""."""

    note: str
    section: str = ""
    title: str = ""
    """The title of the note: the text of a link without a label."""


class WikiLink(Node, frozen=True, gc=False, tag="wikilink"):
    """`[[target#fragment | label]]`; `children` is the label, never empty.

    `to` is None until the vault resolves it, and stays None when the target is missing.
    """

    target: str
    children: tuple[_AnyInline, ...]
    fragment: str = ""
    to: Destination | None = None


class Embed(Node, frozen=True, gc=False, tag="embed"):
    """`![[target#fragment | label]]`: another note or a file shown in place; `label` may be a width."""

    target: str
    fragment: str = ""
    label: str = ""
    to: Destination | None = None


class Picture(msgspec.Struct, frozen=True, gc=False):
    """A picture file that a book holds: a name made of its content (`<hash>.png`) and its size in pixels."""

    name: str
    width: int = 0
    height: int = 0


class Image(Node, frozen=True, gc=False, tag="image"):
    """`![alt](url)` or `![[file.png|300]]`, the address as written; `width` in pixels as asked for, 0 when it is not.

    `picture` is None until the vault finds the file, and stays None when it is missing, unfit or elsewhere on the web.
    """

    url: str
    alt: str
    width: int = 0
    picture: Picture | None = None


class Stamp(Node, frozen=True, gc=False, tag="stamp"):
    """A point in the video: `raw` as written, `start_ms` what it means (None when it means nothing).

    `video` is set where the note is about several videos and it is another one than the note's `video`.
    """

    raw: str
    start_ms: int | None
    video: Video | msgspec.UnsetType = msgspec.UNSET


class UnresolvedLink(WikiLink, frozen=True, gc=False, kw_only=True, tag="unresolved_wikilink"):
    """A wikilink before it is resolved: `fact` indexes `Facts.links`.

    Unless it is `labelled`, its label is made of its target, and the title that it leads to will replace it.
    """

    fact: int
    labelled: bool


class UnresolvedEmbed(Embed, frozen=True, gc=False, kw_only=True, tag="unresolved_embed"):
    """An embed before it is resolved: `fact` indexes `Facts.links`."""

    fact: int


class UnresolvedImage(Image, frozen=True, gc=False, kw_only=True, tag="unresolved_image"):
    """An image before it is resolved: `fact` indexes `Facts.images`."""

    fact: int


class UnresolvedStamp(Stamp, frozen=True, gc=False, kw_only=True, tag="unresolved_stamp"):
    """A stamp before it is resolved: `fact` indexes `Facts.stamps`, `start_ms` is its literal time."""

    fact: int


class FootnoteMark(Node, frozen=True, gc=False, tag="footnote_mark"):
    """The mark in the text that points to the `Footnote` of the same label."""

    label: str


Parent = Emphasis | Strong | Strike | Superscript | Subscript | Highlight | Element | Link | WikiLink
"""The inline nodes that have children."""
Inline = Text | Code | Math | LineBreak | Parent | Embed | Image | Stamp | FootnoteMark
UNRESOLVED = (UnresolvedLink, UnresolvedEmbed, UnresolvedImage, UnresolvedStamp)
_AnyInline = Inline | UnresolvedLink | UnresolvedEmbed | UnresolvedImage | UnresolvedStamp


# Block nodes


class Paragraph(Node, frozen=True, gc=False, tag="paragraph"):
    """Inline nodes; the name of the first paragraph of an item is that of the item."""

    children: tuple[_AnyInline, ...]
    line: int
    name: BlockName = msgspec.UNSET


class Section(Node, frozen=True, gc=False, tag="section"):
    """A heading and what stands under it, deeper sections included.

    `id` is unique in its note: the slug of the heading without stamps, `-2`, `-3` where it recurs.
    """

    id: str
    level: int
    title: tuple[_AnyInline, ...]
    children: tuple[Block, ...]
    line: int


class Item(msgspec.Struct, frozen=True, gc=False):
    """An item of a list; `checked` is None but in a task list."""

    children: tuple[Block, ...]
    line: int
    checked: bool | None = None


class List(Node, frozen=True, gc=False, tag="list"):
    """A list; `start` is the first number of an ordered one and None for bullets.

    In a `tight` list the paragraphs of the items are set without space between them.
    """

    items: tuple[Item, ...]
    line: int
    start: int | None = None
    tight: bool = True
    name: BlockName = msgspec.UNSET


class Quote(Node, frozen=True, gc=False, tag="quote"):
    children: tuple[Block, ...]
    line: int
    name: BlockName = msgspec.UNSET


class Callout(Node, frozen=True, gc=False, tag="callout"):
    """An Obsidian callout `> [!kind]± title`; `kind` is lower case, `fold` "open", "closed" or ""."""

    kind: str
    title: tuple[_AnyInline, ...]
    children: tuple[Block, ...]
    line: int
    fold: Literal["", "open", "closed"] = ""
    name: BlockName = msgspec.UNSET


class Group(Node, frozen=True, gc=False, tag="group"):
    """Blocks that HTML holds together; `title` is the summary, the caption or the term, () for the other kinds.

    `definitions` holds a `definition` for each term.
    """

    kind: Literal["center", "definition", "definitions", "details", "figure", "right"]
    title: tuple[_AnyInline, ...]
    children: tuple[Block, ...]
    line: int


class CodeBlock(Node, frozen=True, gc=False, tag="code_block"):
    """Verbatim text; `language` is the first word of the fence's info string or ""."""

    text: str
    line: int
    language: str = ""
    name: BlockName = msgspec.UNSET


class Row(msgspec.Struct, frozen=True, gc=False):
    cells: tuple[tuple[_AnyInline, ...], ...]


class Table(Node, frozen=True, gc=False, tag="table"):
    """A table; every row has as many cells as `alignments`."""

    alignments: tuple[Literal["", "left", "center", "right"], ...]
    head: Row
    rows: tuple[Row, ...]
    line: int
    name: BlockName = msgspec.UNSET


class Footnote(Node, frozen=True, gc=False, tag="footnote"):
    """The text of a footnote, where it stands in the source."""

    label: str
    children: tuple[Block, ...]
    line: int


class Rule(Node, frozen=True, gc=False, tag="rule"):
    """A thematic break."""

    line: int


class Excerpt(msgspec.Struct, frozen=True, gc=False):
    """A note, or a section or block of it, to be shown in another: its blocks, and the video that their stamps mean.

    Footnotes that its text marks and that stand elsewhere in the note are at its end.
    """

    video: Video | None
    blocks: tuple[Block, ...]


class EmbedBlock(Node, frozen=True, gc=False, tag="embed_block"):
    """An embed that stands alone: what it names is shown in place.

    `shown` is unset in a note as it is read, and stays unset where the link alone is to stand. It is no part of the
    note: walks over the tree pass it by.
    """

    embed: Embed | UnresolvedEmbed
    line: int
    name: BlockName = msgspec.UNSET
    shown: Excerpt | msgspec.UnsetType = msgspec.UNSET


Block = Paragraph | Section | List | Quote | Callout | Group | CodeBlock | Table | Footnote | Rule | EmbedBlock
