"""Dates: a gap that has one answer."""

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

_MEASURES = re.compile(r"\b(?:of|to|is|size|than|over|about|equals?|at least|up to|bit|for|with|and its|requires?) $")
"""Words before a number that is a size more often than a year."""


def dates(clause: Clause) -> Iterator[Candidate]:
    """A gap for every date that names a year, a decade or a century."""
    for match in DATE.finditer(clause.text):
        if _MEASURES.search(clause.text, 0, match.start()):
            continue
        yield Candidate("date", "cloze", clause, match.group(), match.span())
