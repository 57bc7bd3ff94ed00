"""Paragraphs as plain text that rules can search: sentences, their times, their linked and bold words.

What is not words (maths, sub- and superscripts) stands in the text as one private-use character each,
an atom, so that a sentence can be cut and still be shown whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import assert_never

import msgspec

from convert.document import nodes as n
from convert.document.walk import plain_text

ATOM = 0xE000
"""First private-use character; the i-th atom of a line is `chr(ATOM + i)`."""
ATOMS = 6400

_PRIVATE = re.compile("[\ue000-\uf8ff]")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_BRACKETS = re.compile(r" ?[(\[][\s,;-]*[)\]]")
_END = re.compile(r"""[.!?…]['"”’»)\]]*(?=\s+['"“‘«(\[]?[^\Wa-z_])|\n""")
_SHORT = re.compile(
    r"(?:\b(?:[A-Z]|[Dd]r|[Mm]rs?|[Mm]s|St|Jr|Sr|Prof|Gen|Col|Lt|Sgt|Rep|Sen|Gov|Inc|Ltd|Co|Corp|No|Nos|vs|cf|ca"
    r"|approx|est|al|Fig|fig|Eq|eq|vol|pp?|e\.g|i\.e|a\.m|p\.m|[A-Z]\.[A-Z]))\.$"
)


class Span(msgspec.Struct, frozen=True, gc=False):
    """Words that the author singled out: `kind` is link, strong, emphasis or highlight."""

    start: int
    end: int
    kind: str


class Line(msgspec.Struct, frozen=True, gc=False):
    """The plain text of inline nodes, the places of their stamps and of the words singled out in it."""

    text: str
    stamps: tuple[tuple[int, int], ...] = ()
    """(offset in the text, milliseconds), in order."""
    spans: tuple[Span, ...] = ()
    atoms: tuple[n.Inline, ...] = ()


class Sentence(msgspec.Struct, frozen=True, gc=False):
    """A sentence of a line: its text, its time if the line has one, its spans (offsets in `text`)."""

    text: str
    start_ms: int | None
    spans: tuple[Span, ...] = ()
    atoms: tuple[n.Inline, ...] = ()


class _Flat:
    """A line under construction; blanks are single and none stands before a stamp."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.blank = True
        self.stamps: list[tuple[int, int]] = []
        self.spans: list[Span] = []
        self.atoms: list[n.Inline] = []
        self.stamped = 0
        """How many parts stood before the last stamp: mere commas between two stamps are left out."""

    def words(self, text: str) -> None:
        if not text.isascii():
            text = _PRIVATE.sub("", text)
        text = _BLANKS.sub(" ", text.replace("\n", " "))
        self.put(text[1:] if self.blank and text.startswith(" ") else text)

    def put(self, text: str) -> None:
        if text:
            self.parts.append(text)
            self.length += len(text)
            self.blank = text[-1] in " \n"

    def stamp(self, start_ms: int | None) -> None:
        while self.stamped and len(self.parts) > self.stamped and not self.parts[-1].strip(" ,;"):
            self.length -= len(self.parts.pop())
        if self.parts and self.parts[-1].endswith(" "):
            self.parts[-1] = self.parts[-1][:-1]
            self.length -= 1
        self.blank = not self.length
        if start_ms is not None:
            self.stamps.append((self.length, start_ms))
        self.stamped = len(self.parts)

    def atom(self, node: n.Inline) -> None:
        if len(self.atoms) < ATOMS:
            self.put(chr(ATOM + len(self.atoms)))
            self.atoms.append(node)

    def span(self, kind: str, children: Iterable[n.Inline]) -> None:
        start = self.length
        self.add(children)
        end = self.length - 1 if self.blank else self.length
        if end > start:
            self.spans.append(Span(start, end, kind))

    def add(self, inlines: Iterable[n.Inline]) -> None:
        for node in inlines:
            match node:
                case n.Text(text) | n.Code(text):
                    self.words(text)
                case n.Stamp(start_ms=start_ms):
                    self.stamp(start_ms)
                case n.WikiLink(children=children) | n.Link(children=children):
                    self.span("link", children)
                case n.Strong(children):
                    self.span("strong", children)
                case n.Emphasis(children):
                    self.span("emphasis", children)
                case n.Highlight(children):
                    self.span("highlight", children)
                case n.Strike(children):
                    self.add(children)
                case n.Math() | n.Superscript() | n.Subscript():
                    self.atom(node)
                case n.LineBreak():
                    self.put("\n")
                case n.Embed() | n.Image() | n.FootnoteMark():
                    pass
                case _:
                    assert_never(node)


def flatten(inlines: Iterable[n.Inline]) -> Line:
    """The line of inline nodes; hard line breaks are newlines, images and embeds are left out."""
    flat = _Flat()
    flat.add(inlines)
    return Line("".join(flat.parts).rstrip(), tuple(flat.stamps), tuple(flat.spans), tuple(flat.atoms))


def sentences(line: Line) -> list[Sentence]:
    """The sentences of a line.

    A stamp belongs to the sentence before it, unless the line opens with one: then to those after it.
    """
    found = []
    leading = bool(line.stamps) and line.stamps[0][0] == 0
    for start, end in _bounds(line.text):
        text = line.text[start:end]
        spans = tuple(
            Span(s.start - start, s.end - start, s.kind) for s in line.spans if start <= s.start < s.end <= end
        )
        found.append(Sentence(_tidy(text), _time(line.stamps, start, end, leading), spans, line.atoms))
    return found


def _bounds(text: str) -> list[tuple[int, int]]:
    bounds, start = [], 0
    for match in _END.finditer(text):
        if not _SHORT.search(text, start, match.start() + 1) or match.group() == "\n":
            bounds.append((start, match.end()))
            start = match.end()
    bounds.append((start, len(text)))
    return [(a, b) for a, b in (_trim(text, *pair) for pair in bounds) if b > a]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _tidy(text: str) -> str:
    """The text without the brackets that stood around a stamp (kept when that would move a span)."""
    match = _EMPTY_BRACKETS.search(text)
    return text if match is None or match.end() < len(text) - 1 else text[: match.start()] + text[match.end() :]


def _time(stamps: tuple[tuple[int, int], ...], start: int, end: int, leading: bool) -> int | None:
    if leading:
        return next((ms for offset, ms in reversed(stamps) if offset <= start), None)
    inside = [ms for offset, ms in stamps if start < offset <= end]
    after = [ms for offset, ms in stamps if offset > end]
    before = [ms for offset, ms in stamps if offset <= start]
    return next(iter(inside + after + before[::-1]), None)


def inlines_of(text: str, atoms: tuple[n.Inline, ...] = ()) -> tuple[n.Inline, ...]:
    """The nodes of a text that holds atoms."""
    if not atoms:
        return (n.Text(text),) if text else ()
    found: list[n.Inline] = []
    start = 0
    for match in _PRIVATE.finditer(text):
        if match.start() > start:
            found.append(n.Text(text[start : match.start()]))
        found.append(atoms[ord(match.group()) - ATOM])
        start = match.end()
    if start < len(text):
        found.append(n.Text(text[start:]))
    return tuple(found)


def spelled(text: str, atoms: tuple[n.Inline, ...]) -> str:
    """The text with every atom in plain words: what anchors, tags and reports are made of."""
    return _PRIVATE.sub(lambda m: plain_text((atoms[ord(m.group()) - ATOM],)), text) if atoms else text
