"""The policies of pages, and the state of a rendering."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from convert.document import nodes as n
from convert.document.note import Video
from convert.document.walk import all_blocks, descend, own_inlines, plain_text
from convert.render.typography import Style, as_lines, typeset_alone, typeset_line
from convert.render.xhtml.text import anchor, escape

DEEPEST = 96
"""Depth of nested containers beyond which only paragraphs are written: XML parsers refuse depths of a few hundred."""

_FEWEST_COLUMNS = 4
_MANY_COLUMNS = 5
_WIDE, _WIDEST, _LONG_WORD, _GAP = 46, 68, 15, 1
"""Letters across a page in the type of tables, in the small type of wide ones, of a word that is not broken, and of
the space between columns."""
_MOST_REPEATED = 10
"""The names of columns may be repeated up to so many times the text of their table."""
_REPEATABLE = (n.Text, n.Code, n.Emphasis, n.Strong)


def no_target(_: object) -> None:
    """Return None, so that links become text."""


def tex_as_code(node: n.Math) -> str:
    """Return maths as its TeX source, marked up as code."""
    return f'<code class="math">{escape(node.tex)}</code>'


def plain_code(code: str, language: str) -> str:
    """Return code as the content of an element; its language is not asked."""
    return escape(code)


@dataclass(frozen=True)
class Policy:
    """The choices of a page. The default links only to the web."""

    link: Callable[[n.Destination], str | None] = no_target
    """Returns the href of a wikilink or embed as the value of an attribute; None for its label as plain text."""
    watch: Callable[[int], str | None] = no_target
    """Returns the address that plays the video from a number of milliseconds, as the value of an attribute.

    It returns None to show the time as plain text.
    """
    watch_other: Callable[[Video | None], Callable[[int], str | None]] | None = None
    """Returns `watch` for the video of an embedded note; None if embedded notes are only linked."""
    meet: Callable[[n.WikiLink, str], object] | None = None
    """Receives every wikilink and the id of its section ("" before the first)."""
    image: Callable[[n.Image], str | None] = no_target
    """Returns the `src` of an image; None for its alt text, as a link if the address allows one."""
    math: Callable[[n.Math], str] = tex_as_code
    """Returns the markup of an expression; `convert.render.xhtml.mathml.mathml` for MathML."""
    code: Callable[[str, str], str] = plain_code
    """Returns the content of a block of code in a language; `convert.render.xhtml.code.coloured` marks its parts."""
    heading: int = 2
    """Level of the outermost headings."""
    prefix: str = ""
    """Prefix of every id, so that several notes can share a page."""
    anchors: bool = True
    """Whether sections and named blocks get ids."""
    epub: bool = False
    """Whether `epub:type` may be written (the page declares the namespace)."""
    style: Style | None = None
    """The quotes and dashes of the page; None shows signs as they are written."""
    language: str = "en"
    """The language of the words that are not of the note."""
    breaks: bool = False
    """Whether ends of lines within paragraphs are shown as such."""

    def elsewhere(self, video: Video, ms: int) -> tuple[str, str | None]:
        """Return class and href of a stamp of another video than the note's; players do not take it for theirs."""
        return "stamp-elsewhere", self.watch_other(video)(ms) if self.watch_other else None


class Rendering(msgspec.Struct):
    """The state of a rendering: the markup so far, the depth, and the footnotes of the tree."""

    blocks: tuple[n.Block, ...]
    policy: Policy
    level: int
    """Level of the next headings."""
    depth: int = 0
    out: list[str] = []
    section: str = ""
    """Id of the current section."""
    deferred: list[n.Inline] | None = None
    """Inside a link: stamps and footnote marks to write after it, because links do not nest."""
    stamped: int = -2
    """Length of `out` after the last stamp."""
    has_footnotes: bool = False
    numbers: dict[str, int] = {}
    """Number of each footnote by its label."""
    order: list[str] = []
    """The labels of footnotes in the order of their numbers, which is the order of their marks."""
    references: dict[str, int] = {}
    """Number of marks of each footnote so far."""
    _definitions: dict[str, n.Footnote] | None = None
    embeds: int = 0
    """Number of excerpts of other notes so far."""
    style: Style | None = None
    line: Sequence[n.Inline] = ()
    """The inline nodes of the current block."""
    line_set: dict[int, str] | None = None
    """Its texts as they are shown, by `id` of the node; None until one is asked for that its neighbours decide."""

    def __post_init__(self) -> None:
        self.style = self.policy.style

    def line_of(self, nodes: Sequence[n.Inline]) -> Sequence[n.Inline]:
        """Return the inline nodes of a block, or of a part of it that is read apart; they are now the current line."""
        self.line, self.line_set = nodes, None
        return nodes

    def paragraph(self, block: n.Paragraph) -> Sequence[n.Inline]:
        """Return the inline nodes of a paragraph, with the ends of its lines as they are shown; see `line_of`."""
        return self.line_of(as_lines(block.children, self.policy.breaks))

    def typeset(self, node: n.Text, style: Style) -> str:
        """Return a text of the current line as it is shown."""
        alone = typeset_alone(node.text, style)
        if alone is not None:
            return alone
        if self.line_set is None:
            self.line_set = typeset_line(self.line, style)
        return self.line_set.get(id(node), node.text)

    def fitted(self, table: n.Table) -> tuple[bool, n.Group | None]:
        """Return whether a table of a book has small type, and the rows of one that is too wide even so, else None."""
        many = len(table.alignments)
        if not self.policy.epub or many < _FEWEST_COLUMNS:
            return False, None
        said = [[plain_text(cell) for cell in row.cells] for row in (table.head, *table.rows)]
        longest = [max(map(len, " ".join(column).split()), default=0) for column in zip(*said, strict=True)]
        across = sum([min(letters, _LONG_WORD) + _GAP for letters in longest]) - _GAP
        records = _records(table, said) if across > _WIDEST else None
        return many >= _MANY_COLUMNS or across > _WIDE, records

    def within(self, blocks: tuple[n.Block, ...], watch: Callable[[int], str | None]) -> Rendering:
        """Return the state for an excerpt of another note, with its own footnotes and a new prefix of ids."""
        self.embeds += 1
        prefix = f"{self.policy.prefix}e{self.embeds}-"
        policy = replace(self.policy, watch=watch, prefix=prefix, meet=None, anchors=False)
        return Rendering(blocks, policy, self.level, self.depth, self.out)

    @property
    def definitions(self) -> dict[str, n.Footnote]:
        """The footnotes of the tree by label, collected on first use."""
        if self._definitions is None:
            self._definitions = {}
            for block in all_blocks(self.blocks):
                if isinstance(block, n.Footnote):
                    self._definitions.setdefault(block.label, block)
        return self._definitions

    def footnotes(self) -> Iterator[n.Footnote]:
        """Yield the footnotes of the tree in the order of their marks, then the unmarked ones.

        A footnote may contain the first mark of another, which then comes before the unmarked ones.
        """
        unmarked = iter(self.definitions)
        done = 0
        while True:
            if done == len(self.order):
                label = next((label for label in unmarked if label not in self.numbers), None)
                if label is None:
                    return
                self.number(label)
            yield self.definitions[self.order[done]]
            done += 1

    def refer(self, label: str) -> tuple[int, str]:
        """Return the number of the footnote that a mark refers to, and the id of the mark; count the mark."""
        number, times = self.number(label), self.references.get(label, 0) + 1
        self.references[label] = times
        own = f"{self.policy.prefix}r-{number}"
        return number, own if times == 1 else f"{own}-{times}"

    def id_of(self, name: n.BlockName) -> str:
        """Return the attribute that makes a named block the target of links."""
        return f' id="{self.policy.prefix}{anchor(f"^{name}")}"' if name and self.policy.anchors else ""

    def number(self, label: str) -> int:
        """Return the number of a footnote, the next free one for a new label."""
        if label not in self.numbers:
            self.order.append(label)
            self.numbers[label] = len(self.order)
        return self.numbers[label]


def _records(table: n.Table, said: list[list[str]]) -> n.Group | None:
    """Return the rows of a table as definitions: the first cell, and lines `name: value` of the others.

    None if the names of its columns cannot be repeated, or are too long for that.
    """
    names = table.head.cells
    repeated, own = len("".join(said[0])) * len(table.rows), len("".join(map("".join, said)))
    simple = all(isinstance(node, _REPEATABLE) for name in names for node in descend(name))
    if not repeated or not simple or repeated > _MOST_REPEATED * own:
        return None
    rows = [_record(table, row, msgspec.UNSET if number else table.name) for number, row in enumerate(table.rows)]
    return n.Group("definitions", (), tuple(rows), table.line)


def _record(table: n.Table, row: n.Row, name: n.BlockName) -> n.Group:
    colon, blank, line = n.Text(":"), n.Text(" "), table.line
    first, *others = [
        ((n.Emphasis((*label, colon)), blank, *cell) if label else cell)
        for label, cell in zip(table.head.cells, row.cells, strict=True)
    ]
    lines = [n.Paragraph(other, line, name if at == 0 else msgspec.UNSET) for at, other in enumerate(others)]
    return n.Group("definition", first, tuple(lines), line)


def is_reading(node: n.Inline) -> bool:
    """Return whether a node says how the base of its ruby is read."""
    return isinstance(node, n.Element) and node.name == "rt"


def deep_paragraphs(blocks: Iterable[n.Block]) -> list[str]:
    """Return a paragraph of the words of each block and each inside it."""
    own = [(block, own_inlines(block)) for block in all_blocks(blocks)]
    said = [one.text if isinstance(one, n.CodeBlock) else " ".join(map(deep_text, words)) for one, words in own]
    return [f"<p>{escape(words)}</p>\n" for words in said if words]


def deep_text(node: n.Inline) -> str:
    """Return the words of a node however deep they are nested, without recursion."""
    words: list[str] = []
    pending: list[n.Inline] = [node]
    while pending:
        top = pending.pop()
        if isinstance(top, n.Parent):
            pending.extend(reversed(top.children))
        else:
            words.append(top.raw if isinstance(top, n.Stamp) else plain_text((top,)))
    return " ".join(words)
