"""Flashcards independent of any format: a front, a back, and the source of both.

Its sides can be plain text that a person edits, and such text sides again: a gap is `{{c1::words}}` or
`{{c1::words::hint}}`, and lines that begin with `- ` are a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from convert.document import nodes as n
from convert.document.walk import child_blocks, own_inlines, plain_text

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
    quoted: Face = ()
    """The same as it is written, with its emphasis; () if it has none."""
    anchor: str
    """The text that identifies the card; independent of its answer and of its position in the note."""
    start_ms: int | None
    line: int
    score: float = SURE
    """The chance that a reader keeps the card, 0 to 1."""
    reasons: tuple[Reason, ...] = ()


_GAP = re.compile(r"\{\{c(\d{1,2})::([^{}]{1,2000}+)\}\}")


def face_text(face: Face) -> str:
    """Return a front as text."""
    return "\n".join([" ".join(line.split()) for line in "".join(map(_piece_text, face)).split("\n")]).strip()


def _piece_text(piece: n.Inline | Gap) -> str:
    if isinstance(piece, Gap):
        words = plain_text(piece.children).replace("{", "(").replace("}", ")")
        return f"{{{{c{piece.number}::{words}{f'::{piece.hint}' if piece.hint else ''}}}}}"
    # The blanks at the ends of a text count here, which `plain_text` strips.
    return piece.text if isinstance(piece, n.Text) else "\n" if isinstance(piece, n.LineBreak) else plain_text((piece,))


def blocks_text(blocks: Iterable[n.Block]) -> str:
    """Return a back as text."""
    return "\n".join([line for block in blocks for line in _block_lines(block)])


def _block_lines(block: n.Block) -> list[str]:
    if isinstance(block, n.List):
        return [f"- {' '.join(blocks_text(item.children).split())}" for item in block.items]
    if isinstance(block, n.CodeBlock):
        return block.text.split("\n")
    if isinstance(block, n.Table):
        return [" | ".join(map(plain_text, row.cells)) for row in (block.head, *block.rows)]
    # Where a stamp was, a blank stands before the full stop.
    own = face_text(own_inlines(block)).replace(" .", ".").replace(" ,", ",").split("\n")
    return [*filter(None, own), *[line for inner in child_blocks(block) for line in _block_lines(inner)]]


def face_of(text: str) -> Face:
    """Return a text as a front."""
    face: list[n.Inline | Gap] = []
    start = 0
    for found in _GAP.finditer(text):
        words, _, hint = found[2].partition("::")
        face += [*_inlines(text[start : found.start()]), Gap(max(int(found[1]), 1), (n.Text(words or "…"),), hint)]
        start = found.end()
    return (*face, *_inlines(text[start:]))


def _inlines(text: str) -> list[n.Inline]:
    first, *others = text.split("\n")
    found: list[n.Inline] = [n.Text(first)] if first else []
    for line in others:
        found += [n.LineBreak(), *([n.Text(line)] if line else [])]
    return found


def blocks_of(text: str) -> tuple[n.Block, ...]:
    """Return a text as a back."""
    blocks: list[n.Block] = []
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for is_item, several in groupby(lines, lambda line: line.startswith("- ")):
        if is_item:
            blocks.append(n.List(tuple([n.Item(_paragraph([line[2:]]), 0) for line in several]), 0))
        else:
            blocks += _paragraph([*several])
    return tuple(blocks)


def _paragraph(lines: Sequence[str]) -> tuple[n.Block, ...]:
    return (n.Paragraph(tuple(_inlines("\n".join(lines))), 0),)
