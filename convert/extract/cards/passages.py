"""The passages of a note: its sections in order, each with its sentences and lists, as the card rules read them.

Paragraphs become plain text that rules can search. Maths, subscripts and superscripts are atoms: one private-use
character each, so that a sentence can be cut and still be shown whole.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import assert_never

import msgspec

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import all_blocks, around, first_time, inlines, plain_text, source_lines, stamps

ATOM = 0xE000
"""First private-use character; the i-th atom of a line is `chr(ATOM + i)`."""
ATOMS = 6400
LONGEST_HEADING = 300
"""Characters."""

_PRIVATE = re.compile("([\ue000-\uf8ff])")
_BLANKS = re.compile(r"[^\S\n]++")
_EMPTY_BRACKETS = re.compile(r" ?[(\[][\s,;-]*+[)\]]")
_END = re.compile(r"""[.!?…]['"”’»)\]]*+(?=\s++['"“‘«(\[]?[^\Wa-z_])|\n""")
_LONGEST_SHORT = 8
"""Characters in which every abbreviation of `_SHORT` fits."""
_SHORT = re.compile(
    r"(?:\b(?:[A-Z]|[Dd]r|[Mm]rs?|[Mm]s|St|Jr|Sr|Prof|Gen|Col|Lt|Sgt|Rep|Sen|Gov|Inc|Ltd|Co|Corp|No|Nos|vs|cf|ca"
    r"|approx|est|al|Fig|fig|Eq|eq|vol|pp?|e\.g|i\.e|a\.m|p\.m|[A-Z]\.[A-Z]))\.$"
)


_SPEAKER = re.compile(r"Speaker \d{1,3}|[^\W\d_a-z][\w.'’-]{0,30}(?: [^\W\d_a-z][\w.'’-]{0,30}){0,3}")
_KEY = re.compile(r"([^\W\d_a-z][\w .'’/-]{1,60}): ?\S")
"""Matches a line that opens with who speaks, or with a key of metadata (`Owner / Host: Anna`)."""


class Span(msgspec.Struct, frozen=True, gc=False):
    """Words that the author emphasised: `kind` is link, strong or emphasis (also of a highlight)."""

    start: int
    end: int
    kind: str


class FlatText(msgspec.Struct, frozen=True, gc=False):
    """Inline nodes as plain text, with the offsets of their stamps and of emphasised words."""

    text: str
    stamps: tuple[tuple[int, int], ...] = ()
    """(offset in the text, milliseconds), in order."""
    spans: tuple[Span, ...] = ()
    atoms: tuple[n.Inline, ...] = ()


class Sentence(msgspec.Struct, frozen=True, gc=False):
    """A sentence of a flat text, with its time if it has one, and its spans as offsets in `text`."""

    text: str
    start_ms: int | None
    spans: tuple[Span, ...] = ()
    atoms: tuple[n.Inline, ...] = ()


class Prose(msgspec.Struct, frozen=True, gc=False):
    """A sentence with its context: `index` is its number in the paragraph; `item` is true in a list.

    `start_ms` is its own time, else the last time before it in the note, else the first after it.
    """

    sentence: Sentence
    start_ms: int | None
    line: int
    index: int = 0
    item: bool = False
    before: str = ""
    """The sentence before it in the same paragraph or list item, or ""."""


class Bullets(msgspec.Struct, frozen=True, gc=False):
    """A list: the first line of each item with its line in the source, and the sentence that announces the list."""

    lead: Prose | None
    """With the time and the line of the list."""
    bullets: tuple[tuple[FlatText, int], ...]
    ordered: bool
    line: int


class Passage(msgspec.Struct, frozen=True, gc=False):
    """A section without its subsections; `section` is None for the text before the first heading."""

    section: n.Section | None
    path: tuple[str, ...]
    """Its headings in plain words, outermost first."""
    heading: str
    """The last of them, "" before the first heading."""
    blocks: tuple[n.Block, ...]
    prose: tuple[Prose, ...]
    lists: tuple[Bullets, ...]
    start_ms: int | None
    """The first time in or below it, else the last time before it."""


def passages(note: Note) -> list[Passage]:
    """Return the passages of a note in text order; the first, before any heading, may be empty."""
    reading = _Reading(first_time(inlines(note.blocks)), _speakers(note) if note.reader else None)
    reading.add_passage(None, (), note.blocks)
    return reading.found


class _Reading(msgspec.Struct, gc=False):
    """A walk through a note: the last time seen, the passages so far, and the content of the current section."""

    clock: int | None
    speakers: frozenset[str] | None
    """Who speaks in a note of another kind; None in one of our own."""
    found: list[Passage] = []
    prose: list[Prose] = []
    lists: list[Bullets] = []
    lead: Sentence | None = None
    in_metadata: bool = False

    def add_passage(self, section: n.Section | None, path: tuple[str, ...], blocks: tuple[n.Block, ...]) -> None:
        """Add the passage of a section below the headings of `path`, and the passages of the sections in it."""
        heading = ""
        if section is not None:
            self.clock = first_time(inlines((section,)), self.clock)
            heading = heading_of(section)
            path = (*path, heading)
        start_ms = self.clock
        self.prose, self.lists, self.lead = [], [], None
        self.in_metadata = "metadata" in heading.lower()
        own = tuple([block for block in blocks if not isinstance(block, n.Section)])
        self.read(own)
        prose, lists = tuple(self.prose), tuple(self.lists)
        self.found.append(Passage(section, path, heading, own, prose, lists, start_ms))
        for block in blocks:
            if isinstance(block, n.Section):
                self.add_passage(block, path, block.children)

    def read(self, blocks: Iterable[n.Block], item: bool = False) -> None:
        """Read the sentences and lists of blocks; a sentence that ends in a colon announces the list after it."""
        for block in blocks:
            match block:
                case n.Paragraph(children, line):
                    said = children if self.speakers is None else self.said(block, self.speakers)
                    self.add_prose(sentences(flatten(said)), line, item)
                    continue
                case n.List():
                    self.add_list(block)
                case n.Quote(children) | n.Callout(children=children) | n.Group(children=children):
                    self.read(children, item)
                case _:
                    pass
            self.lead = None

    def said(self, paragraph: n.Paragraph, speakers: frozenset[str]) -> tuple[n.Inline, ...]:
        """Return the text of a paragraph that an app wrote, without who speaks and without lines of metadata."""
        lines = [line for _, line in source_lines(paragraph)]
        keys = [_key(line) for line in lines]
        if (self.in_metadata or len(lines) > 1) and all(keys) and speakers.isdisjoint(keys):
            return ()
        nodes: list[n.Inline] = []
        for line, key in zip(lines, keys, strict=True):
            kept = _without_speaker(line, key in speakers)
            nodes += [n.Text("\n") if kept is line else n.LineBreak()] if nodes else []
            nodes += [node for at, node in enumerate(kept) if not (_is_host(kept, at) or _is_host(kept, at + 1))]
        return tuple(nodes)

    def add_prose(self, found: list[Sentence], line: int, item: bool) -> None:
        """Add the sentences of a paragraph."""
        before = ""
        for index, sentence in enumerate(found):
            if sentence.start_ms is not None:
                self.clock = sentence.start_ms
            self.prose.append(Prose(sentence, self.clock, line, index, item, before))
            before = sentence.text
        self.lead = found[-1] if before.endswith(":") else None

    def add_list(self, block: n.List) -> None:
        """Add a list and the sentences of its items; it starts with its lead, else with its first stamp."""
        lead = None
        if self.lead:
            start_ms = self.lead.start_ms
            if start_ms is None:
                times = stamps(inlines((block,)))
                start_ms = times[0].start_ms if times else self.clock
            lead = Prose(self.lead, start_ms, block.line)
        bullets = []
        for item in block.items:
            first = item.children[0] if item.children else None
            bullets.append((flatten(first.children if isinstance(first, n.Paragraph) else ()), item.line))
        self.lists.append(Bullets(lead, tuple(bullets), block.start is not None, block.line))
        for item in block.items:
            self.read(item.children, item=True)


def _speakers(note: Note) -> frozenset[str]:
    """Return the names that open lines, with a colon behind them, more than once: those of speakers, not of terms."""
    paragraphs = [block for block in all_blocks(note.blocks) if isinstance(block, n.Paragraph)]
    counts = Counter([_key(line) for block in paragraphs for _, line in source_lines(block)])
    return frozenset([name for name, count in counts.items() if count > 1 and _SPEAKER.fullmatch(name)])


def _key(line: tuple[n.Inline, ...]) -> str:
    """Return who speaks in a line, or its key if it may be one of metadata; "" for others, as those with a time."""
    found = None if any(isinstance(node, n.Stamp) for node in line) else _KEY.match(plain_text(line))
    return found[1] if found else ""


def _is_host(line: tuple[n.Inline, ...], at: int) -> bool:
    """Return whether a link behind a stamp says its host and no more: its words were the time."""
    link = line[at] if 1 < at < len(line) and isinstance(line[at - 2], n.Stamp) else None
    return isinstance(link, n.Link) and f"//{plain_text(line[at - 1 : at + 1])}/" in f"{link.url}/"


def _without_speaker(line: tuple[n.Inline, ...], speaks: bool) -> tuple[n.Inline, ...]:
    """Return a line of a transcript without the name before its stamp, or before its colon if it `speaks`."""
    at = next((index for index, node in enumerate(line) if isinstance(node, n.Stamp)), 0)
    if at and _SPEAKER.fullmatch(plain_text(line[:at]).rstrip(": ")):
        behind = line[at + 1 : at + 2]
        if not behind or (isinstance(text := behind[0], n.Text) and text.text.startswith(":")):
            return (line[at], *[n.Text(one.text[1:]) for one in behind if isinstance(one, n.Text)], *line[at + 2 :])
    colon = next((index for index, node in enumerate(line) if isinstance(node, n.Text) and ":" in node.text), -1)
    if speaks and isinstance(text := line[colon], n.Text):
        return (n.Text(text.text.partition(":")[2].lstrip()), *line[colon + 1 :])
    return line


def heading_of(section: n.Section) -> str:
    """Return the heading of a section in plain words, cut at `LONGEST_HEADING`: every card below it repeats it."""
    return plain_text(section.title)[:LONGEST_HEADING].rstrip()


def flatten(nodes: Iterable[n.Inline]) -> FlatText:
    """Return the text of inline nodes; hard line breaks are newlines, images and embeds are left out."""
    flat = _Flattening()
    flat.add(nodes)
    return FlatText("".join(flat.parts).rstrip(), tuple(flat.stamps), tuple(flat.spans), tuple(flat.atoms))


class _Flattening(msgspec.Struct, gc=False):
    """A text under construction: blanks are single, and none precedes a stamp."""

    parts: list[str] = []
    length: int = 0
    blank: bool = True
    stamps: list[tuple[int, int]] = []
    spans: list[Span] = []
    atoms: list[n.Inline] = []
    stamped: int = 0
    """Number of parts before the last stamp."""

    def add(self, nodes: Iterable[n.Inline], kind: str = "") -> None:
        """Add inline nodes; with a `kind` their text is a span."""
        start = self.length
        for node in nodes:
            match node:
                case n.Text(text) | n.Code(text):
                    text = text if text.isascii() else _PRIVATE.sub("", text)
                    text = _BLANKS.sub(" ", text.replace("\n", " "))
                    self.put(text[1:] if self.blank and text.startswith(" ") else text)
                case n.Stamp(start_ms=start_ms):
                    self.stamp(start_ms)
                case n.WikiLink(children=children) | n.Link(children=children):
                    self.add(children, "link")
                case n.Strong(children):
                    self.add(children, "strong")
                case n.Emphasis(children) | n.Highlight(children):
                    self.add(children, "emphasis")
                case n.Strike(children):
                    self.add(children)
                case n.Element(name, children) if name != "ruby":
                    before, behind = around(node)
                    self.put(before)
                    self.add(children)
                    self.put(behind)
                case n.Math() | n.Superscript() | n.Subscript() | n.Element():
                    if len(self.atoms) < ATOMS:
                        self.put(chr(ATOM + len(self.atoms)))
                        self.atoms.append(node)
                case n.LineBreak():
                    self.put("\n")
                case n.Embed() | n.Image() | n.FootnoteMark():
                    pass
                case _:
                    assert_never(node)
        end = self.length - 1 if self.blank else self.length
        if kind and end > start:
            self.spans.append(Span(start, end, kind))

    def put(self, text: str) -> None:
        """Add characters."""
        if text:
            self.parts.append(text)
            self.length += len(text)
            self.blank = text[-1] in " \n"

    def stamp(self, start_ms: int | None) -> None:
        """Add a stamp and drop the blank before it."""
        # Drop mere commas and blanks between two stamps.
        while self.stamped and len(self.parts) > self.stamped and not self.parts[-1].strip(" ,;"):
            self.length -= len(self.parts.pop())
        if self.parts and self.parts[-1].endswith(" "):
            self.parts[-1] = self.parts[-1][:-1]
            self.length -= 1
        self.blank = not self.length
        if start_ms is not None:
            self.stamps.append((self.length, start_ms))
        self.stamped = len(self.parts)


def sentences(flat: FlatText) -> list[Sentence]:
    """Return the sentences of a text.

    A stamp belongs to the sentence before it; if the text opens with a stamp, stamps belong to the sentence after.
    """
    found = []
    offsets = [offset for offset, _ in flat.stamps]
    opens = offsets[:1] == [0]
    bounds = _bounds(flat.text)
    for (start, end), spans in zip(bounds, _spans_of(flat.spans, bounds), strict=True):
        text = flat.text[start:end]
        brackets = _EMPTY_BRACKETS.search(text)
        # Remove brackets that contained only a stamp, unless that would move a span.
        if brackets and brackets.end() >= len(text) - 1:
            text = text[: brackets.start()] + text[brackets.end() :]
        stamp = min(bisect_right(offsets, start) - opens, len(offsets) - 1)
        start_ms = flat.stamps[stamp][1] if offsets else None
        found.append(Sentence(text, start_ms, tuple(spans), flat.atoms))
    return found


def _spans_of(spans: Iterable[Span], bounds: list[tuple[int, int]]) -> list[list[Span]]:
    """Return the spans inside each sentence, with offsets in it."""
    starts = [start for start, _ in bounds]
    found: list[list[Span]] = [[] for _ in bounds]
    for span in spans:
        index = bisect_right(starts, span.start) - 1
        if index >= 0 and span.start < span.end <= bounds[index][1]:
            found[index].append(Span(span.start - starts[index], span.end - starts[index], span.kind))
    return found


def _is_short(text: str, start: int, end: int) -> bool:
    """Return whether the full stop before `end` is that of an abbreviation in the sentence from `start`."""
    # From the start of the sentence, "Dr. Dr. Dr. ..." would be searched again and again.
    return bool(_SHORT.search(text, max(start, end - _LONGEST_SHORT), end))


def _bounds(text: str) -> list[tuple[int, int]]:
    """Return the offsets of the sentences of a text, without the blanks around them."""
    bounds = []
    start = 0
    for end in [*_END.finditer(text), None]:
        if end and end.group() != "\n" and _is_short(text, start, end.start() + 1):
            continue
        piece = text[start : end.end()] if end else text[start:]
        if words := piece.strip():
            first = start + len(piece) - len(piece.lstrip())
            bounds.append((first, first + len(words)))
        start += len(piece)
    return bounds


def inlines_of(text: str, atoms: tuple[n.Inline, ...] = ()) -> tuple[n.Inline, ...]:
    """Return the inline nodes of a text with atoms."""
    # Parts at odd indexes are what the pattern found: atoms.
    parts = _PRIVATE.split(text) if atoms else [text]
    return tuple([atoms[ord(part) - ATOM] if index % 2 else n.Text(part) for index, part in enumerate(parts) if part])


def emphasised(text: str, sentence: Sentence) -> tuple[n.Inline, ...]:
    """Return the inline nodes of words of a sentence, with what the author made strong or emphasised in it."""
    found: list[n.Inline] = []
    done = 0
    for span in sorted(sentence.spans, key=lambda span: span.start):
        words = sentence.text[span.start : span.end]
        start = text.find(words, done) if span.kind != "link" else -1
        if start < 0:
            continue
        found += inlines_of(text[done:start], sentence.atoms)
        done = start + len(words)
        node = n.Strong if span.kind == "strong" else n.Emphasis
        found.append(node(inlines_of(words, sentence.atoms)))
    return (*found, *inlines_of(text[done:], sentence.atoms))


def spelled(text: str, atoms: tuple[n.Inline, ...]) -> str:
    """Return the text with every atom in plain words, for anchors, tags and reports."""
    return _PRIVATE.sub(lambda m: plain_text((atoms[ord(m.group()) - ATOM],)), text) if atoms else text
