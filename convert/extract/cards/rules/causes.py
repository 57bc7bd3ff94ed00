"""Causes, purposes and consequences: the clause after the marker is the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause

LONGEST = 14
"""Words of an answer."""

_MARKER = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|thanks to|caused by|in order to|so that|as a result of|resulting in"
    r"|result(?:s|ed)? in"
    r"|lead(?:s|ing)? to|led to|allow(?:s|ing|ed)? (?:for )?|enabl(?:es|ing|ed)|prevent(?:s|ing|ed)?|caus(?:es|ing|ed)"
    r"|trigger(?:s|ing|ed)?|designed to|used to|serves? to|aims? to|aimed at|responsible for|depends? on"
    r"|consists? of|made up of"
    r"|composed of|requir(?:es|ed|ing)|by (?=\w+ing\b)|instead of|rather than|defined (?:as|by)|measured (?:in|by)) +"
)
_STOP_AT = re.compile(
    r"[,;:(]|(?<=\w) (?:while|which|who|although|but|whereas|when|if|because|since|unless)\b|[.!?]+[\"”']?$"
)


def causes(clause: Clause) -> Iterator[Candidate]:
    """A gap for what stands after a marker of cause, purpose or make-up."""
    for match in _MARKER.finditer(clause.text):
        start = match.end()
        if match.start() == 0:
            continue
        stop = _STOP_AT.search(clause.text, start)
        end = stop.start() if stop else len(clause.text)
        answer = clause.text[start:end].strip()
        if answer and 1 < len(answer.split()) <= LONGEST:
            yield Candidate("cause", "cloze", clause, answer, (start, start + len(clause.text[start:end].rstrip())))
