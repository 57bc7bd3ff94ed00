"""A note as the card rules read it: its sections in order, each with its sentences and lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import inlines, plain_text, stamps
from convert.extract.cards.prose import Line, Sentence, flatten, sentences


class Prose(msgspec.Struct, frozen=True, gc=False):
    """A sentence in its place: `index` of `count` in its paragraph; `item` when it stands in a list.

    `start_ms` is its own time, or the nearest before it in the note, or the first after it.
    """

    sentence: Sentence
    start_ms: int | None
    line: int
    index: int
    count: int
    item: bool
    before: str
    """The sentence before it in the same paragraph or list item, or ""."""


class Bullet(msgspec.Struct, frozen=True, gc=False):
    """An item of a list: its first line, and whether more stands below it."""

    line: Line
    deeper: bool
    row: int


class Bullets(msgspec.Struct, frozen=True, gc=False):
    """A list, and the sentence that announces it (None when none does)."""

    lead: Sentence | None
    bullets: tuple[Bullet, ...]
    ordered: bool
    start_ms: int | None
    line: int


class Passage(msgspec.Struct, frozen=True, gc=False):
    """A section without its subsections: `section` is None for what stands before the first heading."""

    section: n.Section | None
    path: tuple[str, ...]
    """Its headings in plain words, outermost first."""
    blocks: tuple[n.Block, ...]
    prose: tuple[Prose, ...]
    lists: tuple[Bullets, ...]
    start_ms: int | None
    """The first time in or under it, the last one before it when there is none."""


class _Reading:
    """What is gathered of one section; `clock` is the last time seen."""

    def __init__(self, clock: int | None) -> None:
        self.clock = clock
        self.prose: list[Prose] = []
        self.lists: list[Bullets] = []
        self.lead: Sentence | None = None

    def read(self, blocks: Iterable[n.Block], item: bool = False) -> None:
        for block in blocks:
            match block:
                case n.Paragraph(children, line):
                    self.paragraph(flatten(children), line, item)
                case n.List():
                    self.list(block)
                case n.Quote(children) | n.Callout(children=children):
                    self.read(children, item)
                    self.lead = None
                case _:
                    self.lead = None

    def paragraph(self, line: Line, row: int, item: bool) -> None:
        found = sentences(line)
        before = ""
        for index, sentence in enumerate(found):
            if sentence.start_ms is not None:
                self.clock = sentence.start_ms
            self.prose.append(Prose(sentence, self.clock, row, index, len(found), item, before))
            before = sentence.text
        self.lead = found[-1] if found and found[-1].text.endswith(":") else None

    def list(self, block: n.List) -> None:
        lead, first = self.lead, next(iter(stamps(inlines((block,)))), None)
        bullets = tuple(_bullet(item) for item in block.items)
        start_ms = lead.start_ms if lead and lead.start_ms is not None else first.start_ms if first else self.clock
        self.lists.append(Bullets(lead, bullets, block.start is not None, start_ms, block.line))
        for item in block.items:
            self.read(item.children, item=True)
        self.lead = None


def _bullet(item: n.Item) -> Bullet:
    first = item.children[0] if item.children else None
    line = flatten(first.children) if isinstance(first, n.Paragraph) else Line("")
    return Bullet(line, len(item.children) > 1, item.line)


def passages(note: Note) -> Iterator[Passage]:
    """The passages of a note in the order of the text, the one before the first heading first (even when empty)."""
    first = next((s.start_ms for s in stamps(inlines(note.blocks)) if s.start_ms is not None), None)
    yield from _passages(None, (), note.blocks, _Clock(first))


class _Clock:
    """The last time seen in a note, from its first one on."""

    def __init__(self, ms: int | None) -> None:
        self.ms = ms


def _passages(
    section: n.Section | None, path: tuple[str, ...], blocks: tuple[n.Block, ...], clock: _Clock
) -> Iterator[Passage]:
    own = tuple(block for block in blocks if not isinstance(block, n.Section))
    reading = _Reading(_first_time(section, clock.ms))
    start_ms = reading.clock
    reading.read(own)
    clock.ms = reading.clock
    yield Passage(section, path, own, tuple(reading.prose), tuple(reading.lists), start_ms)
    for block in blocks:
        if isinstance(block, n.Section):
            yield from _passages(block, (*path, plain_text(block.title)), block.children, clock)


def _first_time(section: n.Section | None, clock: int | None) -> int | None:
    """The stamp of the heading, else the first below it, else the last before it."""
    if section is None:
        return clock
    return next((s.start_ms for s in stamps(inlines((section,))) if s.start_ms is not None), clock)
