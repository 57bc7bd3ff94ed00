"""The parts that a sentence counts, asked together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.rules.lists import COUNTS

MOST = 18
"""Words of counted parts."""
_COUNTED = re.compile(
    r"\b(two|three|four|five|six|seven|both)(?: [\w-]+){1,5}?(?:: | [—–-] |[—–])([^:;—–.!?]{5,140})[.!]?$"
)
_ITEMS = re.compile(r", (?:and |or )?| (?:and|or) ")


def counted(clause: Clause) -> Iterator[Candidate]:
    """A gap for the parts that a sentence announces by their number: "two kinds: X and Y"."""
    for match in _COUNTED.finditer(clause.text):
        answer = re.sub(r"\([^)]*\)", "", match[2])
        items = [item for item in _ITEMS.split(answer) if item.strip()]
        if len(items) == COUNTS[match[1].casefold()] and len(answer.split()) <= MOST:
            yield Candidate("counted", "cloze", clause, match[2], match.span(2))
