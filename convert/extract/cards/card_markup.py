"""Cards that the author marked up in the syntax of the Obsidian flashcard plug-ins: one of three sources of cards.

They take precedence over mined cards of the same sentence.

Question::Answer            a card; text on one line
Question:::Answer           a card in both directions
Question                    a card over several lines: a line that holds only `?`
?                           (or `??` for both directions) between question and answer
Answer
A ==word== of a sentence    a cloze; each marked word opens alone
A {{c1::word::hint}}        a cloze in Anki's own markup; gaps of one number open together
Question #card              a heading or paragraph with the tag asks, the text below it answers

Kept apart because it knows the syntax of Obsidian plug-ins, not mining.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence

import msgspec

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import block_text, child_blocks, descend, first_time, inlines, plain_text
from convert.extract.cards.english import normal
from convert.extract.cards.model import Card, Face, Gap
from convert.extract.cards.passages import ATOM, ATOMS, heading_of, inlines_of

Line = tuple[n.Inline, ...]
"""One source line of a paragraph, or several with line breaks between them."""

_TAG = re.compile(r"(?<!\s)\s*+#(?:card|flashcard)s?(?:[/-](?:reverse|both|spaced))?\b")
_CLOZE = re.compile(
    r"\{\{c([1-9]\d?)::(.(?:[^{}]|\{(?!\{c\d)|\}(?!\}))*+)\}\}|==(?=[^\s=])([^=\n]++)(?<=[^\s=])==", re.DOTALL
)
_MARKUP = re.compile(r"\?|::|==|\{\{c|#(?:flash)?card")
"""Signs of a card in a paragraph, besides highlights."""
_OPENS_CLOZE = re.compile(r"\{\{c\d|==")
_COLONS = re.compile(r":{2,}+")
_ADDRESS = re.compile(r"(?<!\w)[0-9a-f:]{1,39}+$")
"""The start of an IPv6 address at the end of a text."""
_HEXADECIMAL = frozenset("0123456789abcdef")
_LAST_WORD = re.compile(r"(?<!\w)\w++$")
_SCOPE = re.compile(r"[a-z_]\w*+")
_MEMBER = re.compile(r"[a-z_]\w*+", re.IGNORECASE)
_SEPARATORS = {"?": False, "??": True}
"""Lines between question and answer, and whether the card works both ways."""
_NAMESPACES = frozenset({"std", "boost", "self", "crate", "super", "core", "alloc", "fe80", "tokio", "chrono"})


def marked_cards(note: Note, start_ms: int | None) -> list[Card]:
    """Return the cards marked in a note, in text order; `start_ms` is the first time in it."""
    walk = _Walk(start_ms)
    walk.visit(note.blocks, (note.title,))
    return walk.cards


class _Walk(msgspec.Struct, gc=False):
    """A walk through a note: the last time seen, the cards so far, and the headings above."""

    clock: int | None
    cards: list[Card] = []
    path: tuple[str, ...] = ()

    def visit(self, blocks: Sequence[n.Block], path: tuple[str, ...]) -> None:
        """Add the cards of blocks below the headings of `path`."""
        answer: n.Block | None = None
        for block, following in zip(blocks, [*blocks[1:], None], strict=False):
            if block is answer:
                continue
            self.path = below = path
            if isinstance(block, n.Section):
                if _TAG.search(plain_text(block.title)):
                    self.add_tagged_heading(block)
                below = (*path, heading_of(block))
            if isinstance(block, n.Paragraph):
                nodes = descend(block.children)
                self.clock = first_time(nodes, self.clock)
                if _MARKUP.search(plain_text(block.children)) or n.Highlight in map(type, nodes):
                    answer = self.add_paragraph(block, None if isinstance(following, n.Section) else following)
            elif children := child_blocks(block):
                self.visit(children, below)

    def add_tagged_heading(self, section: n.Section) -> None:
        """Add the card of a heading that carries the tag."""
        answer = tuple([block for block in section.children if not isinstance(block, n.Section)])
        if answer:
            start_ms = first_time(inlines((section,)), self.clock)
            self.add("marked-tag", _untagged(section.title), answer, section.line, start_ms)

    def add_paragraph(self, block: n.Paragraph, following: n.Block | None) -> n.Block | None:
        """Add the cards of a paragraph. Return the block that became the answer: it may be the one after it."""
        found = lines(block.children)
        separator = next((index for index, line in enumerate(found) if plain_text(line) in _SEPARATORS), None)
        if separator is not None and says(question := _joined(found[:separator])):
            both = _SEPARATORS[plain_text(found[separator])]
            below = _joined(found[separator + 1 :])
            answer = n.Paragraph(below, block.line) if says(below) else following
            if answer and not isinstance(answer, n.Rule):
                self.add("marked-lines", question, (answer,), block.line, self.clock, both)
                return answer
        if following and _TAG.search(plain_text(block.children[-2:])):
            self.add("marked-tag", _untagged(block.children), (following,), block.line, self.clock)
            return None
        for line in found:
            if face := cloze(line):
                self.cards.append(self.cloze_card(face, block.line))
            elif two := sides(line):
                question, words, both = two
                self.add("marked-inline", question, (n.Paragraph(words, block.line),), block.line, self.clock, both)
        return None

    def cloze_card(self, face: Face, line: int) -> Card:
        """Return the card of a line with gaps."""
        gaps = [plain_text(node.children) for node in face if isinstance(node, Gap)]
        words = ["…" if isinstance(node, Gap) else plain_text((node,)) for node in face]
        return Card(
            kind="cloze", rule="marked-cloze", front=_without_blank_end(face), answer="; ".join(gaps),
            context=" › ".join(self.path), anchor=" ".join([normal(word) or word.strip() for word in words]),
            start_ms=self.clock, line=line,
        )  # fmt: skip

    def add(
        self, rule: str, question: Line, answer: tuple[n.Block, ...], line: int, start_ms: int | None,
        both: bool = False,
    ) -> None:  # fmt: skip
        """Add a card; with `both` also the card that asks in the other direction."""
        asked, told = plain_text(question), block_text(answer)
        anchor = normal(asked) or asked
        card = Card(
            kind="basic", rule=rule, front=question, back=answer, answer=told, context=" › ".join(self.path),
            anchor=anchor, start_ms=start_ms, line=line,
        )  # fmt: skip
        self.cards.append(card)
        if both:
            front = answer[0].children if isinstance(answer[0], n.Paragraph) else (n.Text(told),)
            back, anchor = (n.Paragraph(question, line),), f"{anchor}\nreversed"
            self.cards.append(msgspec.structs.replace(card, front=front, back=back, answer=asked, anchor=anchor))


def _untagged(line: Line) -> Line:
    return stripped([n.Text(_TAG.sub("", node.text)) if isinstance(node, n.Text) else node for node in line])


def _without_blank_end(face: Face) -> Face:
    """Return the face without the blank that a removed stamp left before the final full stop."""
    if len(face) > 1:
        *parts, before, last = face
        if isinstance(before, n.Text) and isinstance(last, n.Text) and not last.text.strip(" ."):
            return (*parts, n.Text(before.text.rstrip() + last.text.strip()))
    return face


def sides(line: Line) -> tuple[Line, Line, bool] | None:
    """Return the sides of `Question::Answer`, and whether it works both ways; None if the line is no card.

    `std::vector` and `a::b` in running text are no cards: the colons must occur once, between two sides of words,
    and the answer is the rest of the line.
    """
    texts = [(index, node.text) for index, node in enumerate(line) if isinstance(node, n.Text)]
    found = [(index, match) for index, text in texts for match in _COLONS.finditer(text)]
    if len(found) != 1 or len(found[0][1].group()) > 3 or any("{{c" in text for _, text in texts):
        return None
    index, match = found[0]
    before, behind = match.string[: match.start()], match.string[match.end() :]
    question, answer = stripped((*line[:index], n.Text(before))), stripped((n.Text(behind), *line[index + 1 :]))
    if not says(question) or not says(answer) or _is_code(plain_text(question), before, behind):
        return None
    return question, answer, len(match.group()) == 3


def _is_code(question: str, before: str, behind: str) -> bool:
    """Return whether colons join two names or numbers without blanks: `std::vector`, `fe80::1`."""
    if behind[:1] in _HEXADECIMAL and _ADDRESS.search(before):
        return True
    word = _LAST_WORD.search(before)
    scope = _SCOPE.search(word.group()) if word else None
    name = _MEMBER.match(behind)
    if not scope or not name:
        return False
    return scope.group() in _NAMESPACES or (question == scope.group() and name.group().islower())


def lines(children: Line) -> list[Line]:
    """Return the source lines of a paragraph."""
    found: list[list[n.Inline]] = [[]]
    for node in children:
        if isinstance(node, n.LineBreak):
            found.append([])
        elif isinstance(node, n.Text):
            first, *others = node.text.split("\n")
            found[-1] += [n.Text(first)] if first else []
            found += [[n.Text(text)] if text else [] for text in others]
        else:
            found[-1].append(node)
    return [tuple(line) for line in found]


def _joined(found: list[Line]) -> Line:
    joined: list[n.Inline] = []
    for line in found:
        joined += [n.LineBreak(), *line] if joined else line
    return stripped(joined)


def cloze(line: Line) -> Face | None:
    """Return the face of a line with marked words or Anki's own markup, None if it has neither."""
    face: list[n.Inline | Gap] = []
    last = 0
    for node in _with_gaps(line):
        parts: Sequence[n.Inline | Gap] = (node,)
        if isinstance(node, n.Emphasis | n.Strong) and any(isinstance(child, n.Highlight) for child in node.children):
            parts = node.children
        for part in parts:
            if isinstance(part, n.Highlight):
                part = Gap(last + 1, part.children)
            if isinstance(part, Gap):
                last = max(last, part.number)
            face.append(part)
    around = [node for node in face if not isinstance(node, Gap)]
    if len(around) == len(face) or not says(around):
        return None
    return tuple(face) if all(says(node.children) for node in face if isinstance(node, Gap)) else None


def _with_gaps(line: Line) -> list[n.Inline | Gap]:
    """Return the line without stamps, with Anki's markup and `==` around maths read as gaps."""
    kept = [node for node in line if not isinstance(node, n.Stamp)]
    atoms = tuple([node for node in kept if not isinstance(node, n.Text)])
    texts = [node.text for node in kept if isinstance(node, n.Text)]
    if len(atoms) > ATOMS or not any(map(_OPENS_CLOZE.search, texts)):
        return list(kept)
    following = iter(range(ATOM, ATOM + len(atoms)))
    text = "".join([node.text if isinstance(node, n.Text) else chr(next(following)) for node in kept])
    face: list[n.Inline | Gap] = []
    start = last = 0
    for match in _CLOZE.finditer(text):
        face += inlines_of(text[start : match.start()], atoms)
        number = int(match[1] or last + 1)
        words, hint = _with_hint(match[2]) if match[2] else (match[3], "")
        face.append(Gap(number, inlines_of(words, atoms), hint))
        last = max(last, number)
        start = match.end()
    return [*face, *inlines_of(text[start:], atoms)]


def _with_hint(body: str) -> tuple[str, str]:
    """Return the words of a gap, at least a character, and its hint: what follows the first `::` after a last brace."""
    start = max(body.rfind("{"), body.rfind("}"), 0) + 1
    words, _, hint = body[start:].partition("::")
    return body[:start] + words, hint


def stripped(line: Sequence[n.Inline]) -> Line:
    """Return the line without stamps and empty texts, and without blanks at its ends."""
    kept = deque([node for node in line if not isinstance(node, n.Stamp)])
    while kept and isinstance(first := kept[0], n.Text) and first.text != (text := first.text.lstrip()):
        kept.popleft()
        kept.extendleft([n.Text(text)] if text else [])
    while kept and isinstance(last := kept[-1], n.Text) and last.text != (text := last.text.rstrip()):
        kept.pop()
        kept.extend([n.Text(text)] if text else [])
    return tuple([node for node in kept if not isinstance(node, n.Text) or node.text])


def says(line: Sequence[n.Inline]) -> bool:
    """Return whether a line contains anything to read."""
    return bool(plain_text(line)) or any(isinstance(node, n.Math | n.Code | n.Image) for node in line)
