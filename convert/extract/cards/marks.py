"""The marks by which an author makes a card, read from lines and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from convert.document import nodes as n
from convert.document.walk import plain_text
from convert.extract.cards.model import Face, Gap
from convert.extract.cards.prose import ATOM, ATOMS, inlines_of

_CLOZE = re.compile(r"\{\{c([1-9]\d?)::(.+?)(?:::([^{}]*?))?\}\}|==(?=[^\s=])([^=\n]+?)(?<=[^\s=])==", re.DOTALL)
_MARK = re.compile(r"\{\{c\d|==")
_MARKS = {"?": False, "??": True}


def sides(line: tuple[n.Inline, ...]) -> tuple[tuple[n.Inline, ...], tuple[n.Inline, ...], bool] | None:
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
    question = stripped((*line[:index], n.Text(text.text[: match.start()])))
    answer = stripped((n.Text(text.text[match.end() :]), *line[index + 1 :]))
    if not says(question) or not says(answer) or _is_code(question, match, text.text):
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


def parted(
    block: n.Paragraph, following: Sequence[n.Block]
) -> tuple[tuple[n.Inline, ...], tuple[n.Block, ...], bool, int] | None:
    """Question, answer, both ways and blocks used of a card over several lines; None when there is no `?` line."""
    found = list(lines(block.children))
    for index, line in enumerate(found):
        mark = _MARKS.get(plain_text(line))
        if mark is None:
            continue
        question = _joined(found[:index])
        below = _joined(found[index + 1 :])
        if not says(question):
            return None
        if says(below):
            return question, (n.Paragraph(below, block.line),), mark, 0
        if following and not isinstance(following[0], n.Section | n.Rule):
            return question, (following[0],), mark, 1
    return None


def lines(children: tuple[n.Inline, ...]) -> Iterator[tuple[n.Inline, ...]]:
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
    return stripped(tuple(joined))


def cloze(line: tuple[n.Inline, ...]) -> Face | None:
    """The face of a line with marked words or Anki's own marks, None when it has neither."""
    face: list[n.Inline | Gap] = []
    for node in _written(line):
        children = node.children if isinstance(node, n.Emphasis | n.Strong) else ()
        inside = any(isinstance(child, n.Highlight) for child in children)
        for part in children if inside else (node,):
            face.append(Gap(_numbers(face) + 1, part.children) if isinstance(part, n.Highlight) else part)
    gaps = [node for node in face if isinstance(node, Gap)]
    around = [node for node in face if not isinstance(node, Gap)]
    return tuple(face) if gaps and all(says(g.children) for g in gaps) and says(around) else None


def _numbers(face: list[n.Inline | Gap]) -> int:
    return max((node.number for node in face if isinstance(node, Gap)), default=0)


def _written(line: tuple[n.Inline, ...]) -> list[n.Inline | Gap]:
    """The line without stamps, Anki's marks and `==` around maths read as gaps."""
    kept = tuple(node for node in line if not isinstance(node, n.Stamp))
    atoms = tuple(node for node in kept if not isinstance(node, n.Text))
    if len(atoms) > ATOMS or not any(isinstance(node, n.Text) and _MARK.search(node.text) for node in kept):
        return list(kept)
    following = iter(range(len(atoms)))
    text = "".join(node.text if isinstance(node, n.Text) else chr(ATOM + next(following)) for node in kept)
    face: list[n.Inline | Gap] = []
    start = 0
    for match in _CLOZE.finditer(text):
        face += inlines_of(text[start : match.start()], atoms)
        number = int(match[1]) if match[1] else _numbers(face) + 1
        face.append(Gap(number, inlines_of(match[2] or match[4], atoms), match[3] or ""))
        start = match.end()
    return [*face, *inlines_of(text[start:], atoms)]


def stripped(line: tuple[n.Inline, ...]) -> tuple[n.Inline, ...]:
    """The line without stamps, and without blanks at its ends."""
    kept = [node for node in line if not isinstance(node, n.Stamp)]
    while kept and isinstance(kept[0], n.Text) and kept[0].text != kept[0].text.lstrip():
        kept[0] = n.Text(kept[0].text.lstrip())
        kept = kept if kept[0].text else kept[1:]
    while kept and isinstance(kept[-1], n.Text) and kept[-1].text != kept[-1].text.rstrip():
        kept[-1] = n.Text(kept[-1].text.rstrip())
        kept = kept if kept[-1].text else kept[:-1]
    return tuple(node for node in kept if not (isinstance(node, n.Text) and not node.text))


def says(line: Iterable[n.Inline]) -> bool:
    """Whether a line holds anything to read."""
    return any(isinstance(node, n.Math | n.Code | n.Image) or plain_text((node,)).strip() for node in line)
