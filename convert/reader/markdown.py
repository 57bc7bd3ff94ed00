"""The edge to pyromark (pulldown-cmark): which syntax is on, and where code stands in a source."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from typing import Any

import pyromark

OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_WIKILINKS
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_TASKLISTS
)
"""GFM's own callouts and math are off: the first knows a tenth of the callouts, the second takes money for formulas."""

PLAIN = pyromark.Markdown(options=OPTIONS)
WITH_MATH = pyromark.Markdown(options=OPTIONS | pyromark.Options.ENABLE_MATH)


def events(text: str, math: bool = False) -> Iterator[tuple[Any, Any]]:
    """(event, range) pairs of a source; ranges are UTF-8 byte offsets."""
    return (WITH_MATH if math else PLAIN).events_with_range(text, merge_text=True)


class Spans:
    """Ranges of characters, in order and apart."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self._starts = [start for start, _ in ranges]
        self._ends = [end for _, end in ranges]

    def covers(self, offset: int) -> bool:
        """Whether the character at the offset lies in one of the ranges."""
        at = bisect.bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self._ends[at]

    def is_one(self, start: int, end: int) -> bool:
        """Whether one of the ranges begins and ends so."""
        at = bisect.bisect_left(self._starts, start)
        return at < len(self._starts) and (self._starts[at], self._ends[at]) == (start, end)


def code_spans(text: str) -> Spans:
    """Where code spans and code blocks stand, in characters."""
    ranges = []
    for event, place in PLAIN.events_with_range(text):
        if type(event) is dict and ("Code" in event or _opens_code(event)):
            ranges.append((place["start"], place["end"]))
    return Spans(ranges if text.isascii() else _in_characters(ranges, text.encode()))


def _in_characters(ranges: list[tuple[int, int]], data: bytes) -> list[tuple[int, int]]:
    """Ranges of bytes as ranges of characters; each byte is decoded once."""
    spans, at, characters = [], 0, 0
    for start, end in ranges:
        first = characters + len(data[at:start].decode("utf-8", "ignore"))
        characters = first + len(data[start:end].decode("utf-8", "ignore"))
        spans.append((first, characters))
        at = end
    return spans


def _opens_code(event: Any) -> bool:
    start = event.get("Start")
    return type(start) is dict and "CodeBlock" in start
