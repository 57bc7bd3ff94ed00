"""The policies of pages, and the state of a rendering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from convert.document import nodes as n
from convert.document.note import Video
from convert.document.walk import all_blocks, plain_text
from convert.render.xhtml.text import escape

DEEPEST = 96
"""Depth of nested containers beyond which only paragraphs are written: XML parsers refuse depths of a few hundred."""


def no_target(_: object) -> None:
    """Return None, so that links become text."""


def tex_as_code(node: n.Math) -> str:
    """Return maths as its TeX source, marked up as code."""
    return f'<code class="math">{escape(node.tex)}</code>'


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
    heading: int = 2
    """Level of the outermost headings."""
    prefix: str = ""
    """Prefix of every id, so that several notes can share a page."""
    anchors: bool = True
    """Whether sections and named blocks get ids."""
    epub: bool = False
    """Whether `epub:type` may be written (the page declares the namespace)."""


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

    def number(self, label: str) -> int:
        """Return the number of a footnote, the next free one for a new label."""
        if label not in self.numbers:
            self.order.append(label)
            self.numbers[label] = len(self.order)
        return self.numbers[label]


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
