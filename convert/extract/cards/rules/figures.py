"""Dates and quantities: a gap that has one answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause

MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = re.compile(
    rf"\b(?:(?:{MONTH})(?: \d{{1,2}}(?:st|nd|rd|th)?)?,? (?:of )?|\d{{1,2}} (?:{MONTH}),? )?"
    r"(?<![-–\d$€£,.])(?:1[0-9]\d\d|20[0-3]\d)s?\b(?![-–]\d|,\d{3}|%| ?(?:percent|people|million|years|times"
    r"|miles|dollars|meters|km|kg|words))"
    r"|\b(?:early |mid-|late )?\d{1,2}(?:st|nd|rd|th)[ -]century\b"
)
_ONE = r"\d+(?:,\d{3})*(?:\.\d+)?"
QUANTITY = re.compile(
    rf"(?<![\w.,/:=+*^(-])(?:[$€£] ?)?{_ONE}(?:(?:[-–]| to | and ){_ONE})?(?: ?%|x\b)?"
    r"(?: (?:hundred|thousand|million|billion|trillion|percent|percentage points|degrees(?: \w+)?))?(?![\w-]|[:/.]\d)"
    r"(?: (?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|milliseconds?|kilometers?|kilometres?|miles?"
    r"|meters?|metres?"
    r"|feet|inches|centimeters?|tons?|tonnes?|grams?|kilograms?|milligrams?|pounds?|ounces?|liters?|watts?|volts?|hertz"
    r"|kg|km|cm|mm|mg|ml|Hz|kHz|MHz|GHz|GB|MB|TB|dB|lux|calories|tokens|parameters|bits|bytes|dollars|euros|times)\b)?"
)


_MEASURES = re.compile(r"\b(?:of|to|is|size|than|over|about|equals?|at least|up to|bit|for|with|and its|requires?) $")
"""Words before a number that is a size more often than a year."""


def dates(clause: Clause) -> Iterator[Candidate]:
    """A gap for every date that names a year, a decade or a century."""
    for match in DATE.finditer(clause.text):
        if _MEASURES.search(clause.text, 0, match.start()):
            continue
        yield Candidate("date", "cloze", clause, match.group(), match.span())


def quantities(clause: Clause) -> Iterator[Candidate]:
    """A gap for every number that is no date, with its unit."""
    taken = [match.span() for match in DATE.finditer(clause.text)]
    for match in QUANTITY.finditer(clause.text):
        start, end = match.span()
        if all(end <= a or start >= b for a, b in taken):
            yield Candidate("quantity", "cloze", clause, match.group(), (start, end))
