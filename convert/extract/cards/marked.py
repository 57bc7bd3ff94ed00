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
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import child_blocks, inlines, plain_text, stamps
from convert.extract.cards.model import Card, Face, Gap
from convert.extract.cards.terms import normal

_CLOZE = re.compile(r"\{\{c([1-9]\d?)::(.+?)(?:::([^{}]*?))?\}\}", re.DOTALL)
_MARKS = {"?": False, "??": True}
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
    parted = _parted(block, following)
    if parted:
        question, answer, both, used = parted
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
    for line in _lines(block.children):
        cards += _of_line(line, block.line, start_ms, place)
    return cards, 0


def _of_line(line: tuple[n.Inline, ...], row: int, start_ms: int | None, place: _Place) -> list[Card]:
    face = _cloze(line)
    if face:
        return [_cloze_card(face, row, start_ms, place)]
    sides = _sides(line)
    if sides:
        question, answer, both = sides
        return _basic("marked-inline", question, (n.Paragraph(answer, row),), both, row, start_ms, place)
    return []


# Question::Answer


def _sides(line: tuple[n.Inline, ...]) -> tuple[tuple[n.Inline, ...], tuple[n.Inline, ...], bool] | None:
    """The sides of `Question::Answer`, and whether both ways; None when the line is no card.

    `std::vector` and `a::b` without blanks in running text are no cards: an answer must hold the rest of the line
    and the mark must stand between two sides of words, once.
    """
    found = [
        (i, m) for i, node in enumerate(line) if isinstance(node, n.Text) for m in re.finditer(r":{2,}", node.text)
    ]
    if len(found) != 1 or len(found[0][1].group()) > 3 or any(isinstance(x, n.Text) and "{{c" in x.text for x in line):
        return None
    index, match = found[0]
    text = line[index]
    assert isinstance(text, n.Text)
    question = _stripped((*line[:index], n.Text(text.text[: match.start()])))
    answer = _stripped((n.Text(text.text[match.end() :]), *line[index + 1 :]))
    if not _says(question) or not _says(answer) or _is_code(question, match, text.text):
        return None
    return question, answer, len(match.group()) == 3


def _is_code(question: tuple[n.Inline, ...], match: re.Match[str], text: str) -> bool:
    """Whether the colons join two names or numbers without blanks: `std::vector`, `fe80::1`."""
    if re.search(r"(?<!\w)[0-9a-f:]+$", text[: match.start()]) and re.match(r"[0-9a-f]", text[match.end() :]):
        return True
    before = re.search(r"[a-z_]\w*$", text[: match.start()])
    after = re.match(r"[a-z_]\w*", text[match.end() :], re.IGNORECASE)
    if not before or not after:
        return False
    alone = plain_text(question) == before.group()
    return before.group() in _NAMESPACES or (alone and after.group().islower())


_NAMESPACES = frozenset({"std", "boost", "self", "crate", "super", "core", "alloc", "fe80", "tokio", "chrono"})


# ? between lines


def _parted(
    block: n.Paragraph, following: Sequence[n.Block]
) -> tuple[tuple[n.Inline, ...], tuple[n.Block, ...], bool, int] | None:
    """Question, answer, both ways and blocks used of a card over several lines; None when there is no `?` line."""
    lines = list(_lines(block.children))
    for index, line in enumerate(lines):
        mark = _MARKS.get(plain_text(line))
        if mark is None:
            continue
        question = _joined(lines[:index])
        below = _joined(lines[index + 1 :])
        if not _says(question):
            return None
        if _says(below):
            return question, (n.Paragraph(below, block.line),), mark, 0
        if following and not isinstance(following[0], n.Section | n.Rule):
            return question, (following[0],), mark, 1
    return None


def _lines(children: tuple[n.Inline, ...]) -> Iterator[tuple[n.Inline, ...]]:
    """The source lines of a paragraph."""
    line: list[n.Inline] = []
    for node in children:
        pieces = node.text.split("\n") if isinstance(node, n.Text) else [node]
        for index, piece in enumerate(pieces):
            if index or isinstance(piece, n.LineBreak):
                yield tuple(line)
                line = []
            if isinstance(piece, str):
                line += [n.Text(piece)] if piece else []
            elif not isinstance(piece, n.LineBreak):
                line.append(piece)
    yield tuple(line)


def _joined(lines: Iterable[tuple[n.Inline, ...]]) -> tuple[n.Inline, ...]:
    joined: list[n.Inline] = []
    for line in lines:
        joined += [n.LineBreak(), *line] if joined else line
    return _stripped(tuple(joined))


# Clozes


def _cloze(line: tuple[n.Inline, ...]) -> Face | None:
    """The face of a line with marked words or Anki's own marks, None when it has neither."""
    own: list[n.Inline | Gap] = []
    number = 0
    for node in line:
        if isinstance(node, n.Text) and "{{c" in node.text:
            own += _anki_gaps(node.text)
        elif isinstance(node, n.Highlight):
            number += 1
            own.append(Gap(number, node.children))
        elif isinstance(node, n.Emphasis | n.Strong) and any(isinstance(c, n.Highlight) for c in node.children):
            for child in node.children:
                number += isinstance(child, n.Highlight)
                own.append(Gap(number, child.children) if isinstance(child, n.Highlight) else child)
        elif not isinstance(node, n.Stamp):
            own.append(node)
    gaps = [node for node in own if isinstance(node, Gap)]
    around = [node for node in own if not isinstance(node, Gap)]
    return tuple(own) if gaps and all(_says(g.children) for g in gaps) and _says(around) else None


def _anki_gaps(text: str) -> Iterator[n.Inline | Gap]:
    start = 0
    for match in _CLOZE.finditer(text):
        if match.start() > start:
            yield n.Text(text[start : match.start()])
        yield Gap(int(match[1]), (n.Text(match[2]),), match[3] or "")
        start = match.end()
    if start < len(text):
        yield n.Text(text[start:])


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


# Cards


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
    return _stripped(tuple(n.Text(_TAG.sub("", node.text)) if isinstance(node, n.Text) else node for node in line))


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


def _stripped(line: tuple[n.Inline, ...]) -> tuple[n.Inline, ...]:
    """The line without stamps, and without blanks at its ends."""
    kept = [node for node in line if not isinstance(node, n.Stamp)]
    while kept and isinstance(kept[0], n.Text) and kept[0].text != kept[0].text.lstrip():
        kept[0] = n.Text(kept[0].text.lstrip())
        kept = kept if kept[0].text else kept[1:]
    while kept and isinstance(kept[-1], n.Text) and kept[-1].text != kept[-1].text.rstrip():
        kept[-1] = n.Text(kept[-1].text.rstrip())
        kept = kept if kept[-1].text else kept[:-1]
    return tuple(node for node in kept if not (isinstance(node, n.Text) and not node.text))


def _says(line: Iterable[n.Inline]) -> bool:
    """Whether a line holds anything to read."""
    return any(isinstance(node, n.Math | n.Code | n.Image) or plain_text((node,)).strip() for node in line)
