"""The state of a rendering: what was written, and what has to be remembered until its place comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from convert.document import nodes as n
from convert.document.walk import child_blocks
from convert.render.xhtml.policy import Policy

DEEPEST = 96
"""Containers inside one another before the rest is set flat: XML parsers refuse depths of a few hundred."""


class Page:
    """Markup in the order of the text, the depth reached, and the footnotes of the tree."""

    __slots__ = (
        "_definitions",
        "blocks",
        "deferred",
        "depth",
        "embeds",
        "has_footnotes",
        "level",
        "marks",
        "numbers",
        "order",
        "out",
        "policy",
        "section",
        "stamped",
    )

    def __init__(self, blocks: tuple[n.Block, ...], policy: Policy) -> None:
        self.blocks = blocks
        self.policy = policy
        self.out: list[str] = []
        self.depth = 0
        self.level = policy.heading
        self.section = ""
        """Id of the section that is being written."""
        self.deferred: list[n.Inline] | None = None
        """Inside a link: stamps and footnote marks that follow it, since links do not nest."""
        self.stamped = -2
        """Length of `out` after the last stamp."""
        self.has_footnotes = False
        self.numbers: dict[str, int] = {}
        """Number of each footnote by its label."""
        self.order: list[str] = []
        """The labels of footnotes in the order of their numbers, which is that of their marks."""
        self.marks: dict[str, int] = {}
        """How many marks each footnote has got so far."""
        self._definitions: dict[str, n.Footnote] | None = None
        self.embeds = 0
        """How many excerpts of other notes were opened."""

    def within(self, blocks: tuple[n.Block, ...], watch: Callable[[int], str | None]) -> Page:
        """The state of an excerpt of another note, written here: its links and footnotes, no ids that the note has."""
        self.embeds += 1
        prefix = f"{self.policy.prefix}e{self.embeds}-"
        inner = Page(blocks, replace(self.policy, watch=watch, prefix=prefix, meet=None, anchors=False))
        inner.out, inner.depth, inner.level = self.out, self.depth, self.level
        return inner

    @property
    def definitions(self) -> dict[str, n.Footnote]:
        """The footnotes of the tree by label; looked for only when there is a mark or a footnote."""
        if self._definitions is None:
            self._definitions = {}
            for footnote in _footnotes(self.blocks):
                self._definitions.setdefault(footnote.label, footnote)
        return self._definitions

    def number(self, label: str) -> int:
        """The number of a footnote; the next free one when it is new."""
        if label not in self.numbers:
            self.order.append(label)
            self.numbers[label] = len(self.order)
        return self.numbers[label]


def _footnotes(blocks: Iterable[n.Block]) -> Iterable[n.Footnote]:
    pending = [iter(blocks)]
    while pending:
        block = next(pending[-1], None)
        if block is None:
            pending.pop()
            continue
        if isinstance(block, n.Footnote):
            yield block
        pending.append(iter(child_blocks(block)))
