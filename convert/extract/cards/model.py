"""What a flashcard is, before any format: a front, a back, and where both come from."""

from __future__ import annotations

from typing import Literal

import msgspec

from convert.document import nodes as n

Kind = Literal["basic", "cloze", "list", "section"]

SURE = 1.0
"""Score of a card that no model judges: section cards and those that the author marked."""


class Gap(msgspec.Struct, frozen=True, gc=False):
    """Words of a cloze that the learner fills in; gaps of one number open together."""

    number: int
    children: tuple[n.Inline, ...]
    hint: str = ""


Face = tuple[n.Inline | Gap, ...]


class Reason(msgspec.Struct, frozen=True, gc=False):
    """One feature of a card and what it adds to the score (log-odds)."""

    name: str
    weight: float


class Card(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One flashcard of a note."""

    kind: Kind
    rule: str
    """The rule that made it, in kebab case: readers suspend a kind of card by it."""
    front: Face
    back: tuple[n.Block, ...] = ()
    """What is shown beside the opened gaps of a cloze; the answer of any other card."""
    answer: str
    """The answer in plain words."""
    context: str = ""
    """Title and headings above it, without the answer."""
    sentence: str = ""
    """The sentence of the source, in plain words."""
    anchor: str
    """What the identity of the card depends on: never its answer, never its position in the note."""
    start_ms: int | None
    line: int
    score: float = SURE
    """The chance that a reader keeps the card, 0 to 1."""
    reasons: tuple[Reason, ...] = ()
