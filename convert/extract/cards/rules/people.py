"""Who did it: names behind an office, and behind a passive verb."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause

_ROLE = (
    "President|Prime Minister|Chancellor|King|Queen|Emperor|Sultan|Tsar|Pope|General|Foreign Minister|Secretary-General"
    "|leader|founder|co-founder|CEO|inventor|mathematician|physicist|chemist|biologist|philosopher|economist|psychologist|neuroscientist"
    "|astronomer|engineer|historian|author|director|researcher|scientist"
)
_NAME = r"((?:[A-Z][\w'’-]+|[A-Z]\.)(?: (?:(?:de|von|van|der|al|bin) )?(?:[A-Z][\w'’-]+|[A-Z]\.|[IVX]+)){1,3})"
_OFFICE = re.compile(rf"\b(?:{_ROLE}),? {_NAME}")
_PASSIVE = re.compile(
    r"\b(?:discovered|invented|founded|created|developed|introduced|proposed|written|coined|designed|proved"
    r"|proven|formulated"
    rf"|established|led|painted|directed|composed|built|described|pioneered|popularized) by (?:[a-z-]+ ){{0,3}}{_NAME}"
)


def people(clause: Clause) -> Iterator[Candidate]:
    """A gap for a full name that an office or a deed singles out."""
    for pattern in (_OFFICE, _PASSIVE):
        for match in pattern.finditer(clause.text):
            yield Candidate("person", "cloze", clause, match[1], match.span(1))
