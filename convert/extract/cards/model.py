"""Flashcards independent of any format: a front, a back, and the source of both."""

from __future__ import annotations

from typing import Literal

import msgspec

from convert.document import nodes as n

Kind = Literal["basic", "cloze", "list", "section"]

SURE = 1.0
"""Score of a card that no model judges: section cards and those that the author marked."""


LONGEST_CONTEXT = 80
"""Characters of the line that says where a card comes from."""


def context_line(title: str, heading: str) -> str:
    """Return the title of a note and a heading in it as one line of at most `LONGEST_CONTEXT` characters."""
    if not heading:
        return shortened(title, LONGEST_CONTEXT)
    room = LONGEST_CONTEXT - len(" › ")
    heading = shortened(heading, max(room - len(title), room // 2))
    return f"{shortened(title, room - len(heading))} › {heading}"


def shortened(text: str, most: int) -> str:
    """Return the text, cut after a word if it has more than `most` characters."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut).rstrip(" ,;:–—-") + "…"


class Gap(msgspec.Struct, frozen=True, gc=False):
    """Words of a cloze that the learner fills in; gaps with the same number open together."""

    number: int
    children: tuple[n.Inline, ...]
    hint: str = ""


Face = tuple[n.Inline | Gap, ...]


class Reason(msgspec.Struct, frozen=True, gc=False):
    """A feature of a card and its contribution to the score (log-odds)."""

    name: str
    weight: float


class Card(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One flashcard of a note."""

    kind: Kind
    rule: str
    """The rule that made it, in kebab case, so that readers can suspend its cards."""
    front: Face
    back: tuple[n.Block, ...] = ()
    """The answer; for a cloze, what is shown beside its opened gaps."""
    answer: str
    """The answer in plain words."""
    context: str = ""
    """Title and headings above it, without the answer."""
    sentence: str = ""
    """The source sentence in plain words."""
    anchor: str
    """The text that identifies the card; independent of its answer and of its position in the note."""
    start_ms: int | None
    line: int
    score: float = SURE
    """The chance that a reader keeps the card, 0 to 1."""
    reasons: tuple[Reason, ...] = ()
