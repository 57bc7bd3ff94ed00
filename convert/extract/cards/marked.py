"""Cards that the author marked, in the ways of the Obsidian flashcard plug-ins. They always win.

Question::Answer            a card; text on one line
Question:::Answer           a card in both directions
Question                    a card over several lines: a line that holds only `?`
?                           (or `??` for both directions) between question and answer
Answer
A ==word== of a sentence    a cloze; every marked word opens by itself
A {{c1::word::hint}}        a cloze in Anki's own marks; gaps of one number open together
Question #card              a heading or paragraph with the tag asks, what stands below it answers
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import child_blocks, inlines, plain_text, stamps
from convert.extract.cards.marks import cloze, lines, parted, sides, stripped
from convert.extract.cards.model import Card, Face, Gap
from convert.extract.cards.terms import normal

_TAG = re.compile(r"\s*#(?:card|flashcard)s?(?:[/-](?:reverse|both|spaced))?\b")


class _Place:
    """Where the walk is: the headings above and the last time seen."""

    def __init__(self, note: Note) -> None:
        self.note = note
        self.path: tuple[str, ...] = (note.title,)
        self.clock: int | None = next(
            (s.start_ms for s in stamps(inlines(note.blocks)) if s.start_ms is not None), None
        )


def marked_cards(note: Note) -> list[Card]:
    """The cards marked in a note, in the order of its text."""
    return list(_in_blocks(note.blocks, _Place(note)))


def _in_blocks(blocks: Sequence[n.Block], place: _Place) -> Iterator[Card]:
    above = place.path
    skip = 0
    for index, block in enumerate(blocks):
        if skip:
            skip -= 1
            continue
        place.path = above
        cards, skip = _of_block(block, blocks[index + 1 :], place)
        yield from cards
        if isinstance(block, n.Section):
            place.path = (*above, plain_text(block.title))
        yield from _in_blocks(child_blocks(block), place)
    place.path = above


def _of_block(block: n.Block, following: Sequence[n.Block], place: _Place) -> tuple[list[Card], int]:
    """The cards that start at a block, and how many of the blocks that follow they use."""
    if isinstance(block, n.Section):
        return _tagged(block.title, block.children, block.line, place), 0
    if not isinstance(block, n.Paragraph):
        return [], 0
    start_ms = _time(block, place)
    apart = parted(block, following)
    if apart:
        question, answer, both, used = apart
        return _basic("marked-lines", question, answer, both, block.line, start_ms, place), used
    return _of_paragraph(block, following, start_ms, place)


def _time(block: n.Paragraph, place: _Place) -> int | None:
    own = next((s.start_ms for s in stamps(block.children) if s.start_ms is not None), None)
    if own is not None:
        place.clock = own
    return place.clock


def _of_paragraph(
    block: n.Paragraph, following: Sequence[n.Block], start_ms: int | None, place: _Place
) -> tuple[list[Card], int]:
    tagged = _TAG.search(plain_text(block.children[-2:])) if block.children else None
    if tagged and following and not isinstance(following[0], n.Section):
        question = _untagged(block.children)
        return _basic("marked-tag", question, (following[0],), False, block.line, start_ms, place), 0
    cards: list[Card] = []
    for line in lines(block.children):
        cards += _of_line(line, block.line, start_ms, place)
    return cards, 0


def _of_line(line: tuple[n.Inline, ...], row: int, start_ms: int | None, place: _Place) -> list[Card]:
    face = cloze(line)
    if face:
        return [_cloze_card(face, row, start_ms, place)]
    two = sides(line)
    if two:
        question, answer, both = two
        return _basic("marked-inline", question, (n.Paragraph(answer, row),), both, row, start_ms, place)
    return []


def _cloze_card(face: Face, row: int, start_ms: int | None, place: _Place) -> Card:
    words = ["…" if isinstance(node, Gap) else plain_text((node,)) for node in face]
    answer = "; ".join(plain_text(node.children) for node in face if isinstance(node, Gap))
    return Card(
        kind="cloze", rule="marked-cloze", front=_trimmed(face), answer=answer, context=" › ".join(place.path),
        anchor=" ".join(normal(word) or word.strip() for word in words), start_ms=start_ms, line=row,
    )  # fmt: skip


def _trimmed(face: Face) -> Face:
    """The face without blanks at its ends and before the mark where a stamp stood."""
    parts = list(face)
    last = parts[-1] if parts else None
    if len(parts) > 1 and isinstance(last, n.Text) and not last.text.strip(" ."):
        before = parts[-2]
        if isinstance(before, n.Text):
            parts[-2:] = [n.Text(before.text.rstrip() + last.text.strip())]
    return tuple(parts)


def _tagged(title: tuple[n.Inline, ...], children: tuple[n.Block, ...], row: int, place: _Place) -> list[Card]:
    """The card of a heading that carries the tag."""
    answer = tuple(block for block in children if not isinstance(block, n.Section))
    if not answer or not _TAG.search(plain_text(title)):
        return []
    own = next(
        (s.start_ms for s in stamps(inlines((n.Section("", 1, title, children, row),))) if s.start_ms is not None),
        place.clock,
    )
    return _basic("marked-tag", _untagged(title), answer, False, row, own, place)


def _untagged(line: tuple[n.Inline, ...]) -> tuple[n.Inline, ...]:
    return stripped(tuple(n.Text(_TAG.sub("", node.text)) if isinstance(node, n.Text) else node for node in line))


def _basic(
    rule: str, question: tuple[n.Inline, ...], answer: tuple[n.Block, ...], both: bool, row: int, start_ms: int | None,
    place: _Place,
) -> list[Card]:  # fmt: skip
    """The card, and the one that asks the other way round when both are wanted."""
    asked, told = plain_text(question), " ".join(plain_text((node,)) for node in inlines(answer)).strip()
    context = " › ".join(place.path)
    shared: dict[str, Any] = {"kind": "basic", "rule": rule, "context": context, "start_ms": start_ms, "line": row}
    anchor = normal(asked) or asked
    card = Card(front=question, back=answer, answer=told, anchor=anchor, **shared)
    if not both:
        return [card]
    first = answer[0]
    front = first.children if isinstance(first, n.Paragraph) else (n.Text(told),)
    back = (n.Paragraph(question, row),)
    return [card, Card(front=front, back=back, answer=asked, anchor=f"{anchor}\nreversed", **shared)]
