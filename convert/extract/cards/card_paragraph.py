"""Reads the marked cards of one paragraph, line by line, with the blocks after it that may answer.

Kept apart because the lines of a paragraph are a language of their own; `card_markup` walks through the note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from convert.document import nodes as n
from convert.document.walk import all_blocks, child_blocks, inlines, plain_text, source_lines
from convert.extract.cards.card_blocks import last_line, touching
from convert.extract.cards.card_lines import (
    SEPARATORS,
    Line,
    Tagged,
    cut,
    joined,
    says,
    sides,
    stripped,
    tagged,
    without_own_marks,
    without_tags,
)
from convert.extract.cards.card_maker import Maker, SourceLine, lines_of, time_in

MOST_LINES = 200
"""Lines of a note between `START` and `END`, in one paragraph."""
MOST_BLOCKS = 20
"""Blocks of an answer after its own paragraph, and notes in one line."""
_START, _END = "START", "END"
_TYPE_INLINE = re.compile(r"STARTI \[([^\[\]\n]{1,100})\] ?")
_END_INLINE = re.compile(r" ?(?:ID: \d{1,20} ?)?\bENDI\b")
_FIELD = re.compile(r"(Front|Text|Back|Extra|Back Extra|Tags): ?")
_FIELDS_INLINE = re.compile(r"(?<!\S)(Front|Text|Back|Extra|Tags): ")


class ParagraphReader:
    """A paragraph that is read line by line, with the blocks after it that may answer."""

    def __init__(self, maker: Maker, blocks: Sequence[n.Block], index: int, opener: n.Section | None) -> None:
        """Prepare to read the paragraph at `index`; `opener` is the section whose heading stands directly above it."""
        self.maker, self.blocks, self.after, self.opener = maker, blocks, index + 1, opener
        block = blocks[index]
        assert isinstance(block, n.Paragraph)
        self.first_line, self.end = block.line, last_line(block)
        self.lines = lines_of(block)
        self.pending: list[SourceLine] = []
        """Lines that may belong to a question."""
        self.at = 0

    def read(self) -> int:
        """Add the cards of the paragraph; return the index after the last block that they took."""
        before, after = len(self.maker.cards), self.after
        while self.at < len(self.lines):
            own = self.lines[self.at]
            self.at += 1
            if own.number in self.maker.properties:
                self.flush()
                self.maker.taken.add(self.first_line)
            elif not self.read_line(own):
                self.pending.append(own)
        self.flush()
        if len(self.maker.cards) > before:
            self.maker.taken.add(self.first_line)
        if used := self.blocks[after : self.after]:
            self.maker.taken.update([block.line for block in all_blocks(used)])
            self.maker.see(inlines(used))
        return self.after

    def read_line(self, own: SourceLine) -> bool:
        """Add the card that a line ends, opens or is; return False for a line that may belong to a question."""
        if own.words in SEPARATORS:
            return self.read_separated(SEPARATORS[own.words])
        if own.words == _START and self.read_block():
            return True
        if "STARTI [" in own.words and self.read_inline_notes(own):
            return True
        if own.words.startswith("Q: ") and self.read_asked(own):
            return True
        if "::" in own.words and sides(own.line):
            self.flush()
            if own.start_ms is not None:
                self.maker.clock = own.start_ms
            return self.maker.add_line(own)
        found = tagged(own.line) if "#" in own.words else None
        return self.read_tagged(own, found) if found else False

    def flush(self) -> None:
        """Add the gaps of the pending lines, and move the clock past them."""
        for own in self.pending:
            self.maker.clock = self.maker.time(own)
            self.maker.add_gaps([own])
        self.pending = []

    def read_separated(self, both: bool) -> bool:
        """Add the card whose question is above a `?` and whose answer is below it."""
        asked = [without_tags(own.line) for own in self.pending]
        line = self.pending[0].number if self.pending else self.first_line
        if not asked and self.opener and self.at == 1 and self.maker.marks.headings:
            asked, line = self.heading(self.opener)
        if not asked:
            return False
        used = [*self.pending, *self.lines[self.at :]]
        answer, after = self.answer(self.lines[self.at :])
        start_ms = self.time_of(used, answer)
        if not self.maker.add("marked-lines", joined(asked), answer, line, start_ms, both):
            self.maker.miss(joined(asked), line)
            self.flush()
            return True
        self.move_clock(used)
        self.at, self.after, self.pending = len(self.lines), after, []
        return True

    def read_tagged(self, own: SourceLine, found: Tagged) -> bool:
        """Add the card of a line with a tag; its question begins above, its answer is behind the tag or below it."""
        stop = self.at
        while stop < len(self.lines) and not ("#" in self.lines[stop].words and tagged(self.lines[stop].line)):
            stop += 1
        if any(below.words in SEPARATORS for below in self.lines[self.at : stop]):
            # The tag names the deck of a card over several lines.
            self.pending.append(own._replace(line=found.before))
            return True
        asked = [*[one.line for one in self.pending], *([found.before] if says(found.before) else [])]
        line = self.pending[0].number if self.pending else own.number
        if not asked and self.opener and self.at == 1 and self.maker.marks.headings:
            asked, line = self.heading(self.opener)
        behind = [own._replace(line=found.behind)] if says(found.behind) else []
        below = [] if found.spaced else self.lines[self.at : stop]
        used = [*self.pending, own, *below]
        answer, after = ((), self.after) if found.spaced else self.answer([*behind, *below], stop == len(self.lines))
        start_ms = self.time_of(used, answer)
        both, spaced = found.both, found.spaced
        if not (below or behind or self.touches()):
            after = self.after  # What answers over a blank line is read for cards of its own too.
        if not self.maker.add("marked-tag", without_tags(joined(asked)), answer, line, start_ms, both, spaced):
            if found.asks:
                self.maker.miss(joined(asked), own.number)
            self.pending.append(own)
            self.flush()
            return True
        self.at, self.after, self.pending = self.at + len(below), after, []
        self.move_clock(used)
        return True

    def read_asked(self, own: SourceLine) -> bool:
        """Add the card of `Q: ...` and the `A: ...` below it, in this paragraph or at the start of the next."""
        start = self.next_field(self.at)
        if start is None and self.after < len(self.blocks):
            following = self.blocks[self.after]
            if (
                isinstance(following, n.Paragraph)
                and (below := lines_of(following))
                and below[0].words.startswith("A: ")
            ):
                start = len(self.lines)
                self.lines += below
                self.after, self.end = self.after + 1, last_line(following)
        if start is None or not self.lines[start].words.startswith("A: "):
            return False
        self.flush()
        asked = [cut(own.line, 3), *[one.line for one in self.lines[self.at : start]]]
        stop = self.next_field(start + 1)
        answer_lines = self.lines[start : len(self.lines) if stop is None else stop]
        answer_lines[0] = answer_lines[0]._replace(line=cut(answer_lines[0].line, 3))
        answer, self.after = self.answer(answer_lines, stop is None)
        used = [own, *self.lines[self.at : start], *answer_lines]
        self.maker.add("marked-lines", without_tags(joined(asked)), answer, own.number, self.time_of(used, answer))
        self.at = start + len(answer_lines)
        self.move_clock(used)
        return True

    def next_field(self, start: int) -> int | None:
        """Return the index of the next line that begins with `Q: ` or `A: `, None if there is none."""
        return next((i for i in range(start, len(self.lines)) if self.lines[i].words.startswith(("A: ", "Q: "))), None)

    def heading(self, section: n.Section) -> tuple[list[Line], int]:
        """Return a heading as the question of a card, and its line; it is no part of the context of its card."""
        self.maker.path = self.maker.path[:-1]
        return [without_own_marks(section.title)], section.line

    def answer(self, lines: Sequence[SourceLine], last: bool = True) -> tuple[tuple[n.Block, ...], int]:
        """Return lines and, if they are the `last` of the paragraph, the blocks that touch them, as an answer.

        Without lines, the next block is the answer, unless it asks itself. Also return the index after the blocks.
        """
        own = self.maker.paragraphs([one.line for one in lines], lines[0].number if lines else self.first_line)
        blocks, after = self.blocks, self.after
        end = after
        if last and after < len(blocks) and (own or self.touches() or not _asks(blocks[after])):
            head = [n.Paragraph(one.children[-1:], one.line) for one in own if isinstance(one, n.Paragraph)]
            above = self.end if own or self.touches() else blocks[after].line
            end = touching([*head, *blocks[after : after + MOST_BLOCKS]], len(head), above) + after - len(head)
        return (*own, *blocks[after:end]), end

    def touches(self) -> bool:
        """Return whether the next block follows without a blank line."""
        return self.after < len(self.blocks) and self.blocks[self.after].line <= self.end + 1

    def time_of(self, lines: Sequence[SourceLine], answer: Sequence[n.Block]) -> int | None:
        """Return the first time in lines, else the first in their answer, else the last before them."""
        times = [own.start_ms for own in lines if own.start_ms is not None]
        start_ms = times[0] if times else time_in(answer)
        return self.maker.clock if start_ms is None else start_ms

    def move_clock(self, lines: Sequence[SourceLine]) -> None:
        """Move the clock to the last time in lines."""
        times = [own.start_ms for own in lines if own.start_ms is not None]
        self.maker.clock = times[-1] if times else self.maker.clock

    # Notes of Obsidian_to_Anki

    def read_block(self) -> bool:
        """Add the note between this line and `END`, which may be in a later block; return False if there is none."""
        start = self.at
        head = self.lines[start : start + MOST_LINES]
        stop = next((i for i, own in enumerate(head) if own.words == _END), None)
        blocks: list[n.Block] = []
        if stop is None:
            end = next((i for i in self.next_blocks() if _ends(self.blocks[i])), None)
            if end is None or any(isinstance(one, n.Section) for one in self.blocks[self.after : end]):
                return False
            blocks = list(self.blocks[self.after : end + 1])
            self.after, self.at = end + 1, len(self.lines)
        else:
            head, self.at = head[:stop], start + stop + 1
        self.flush()
        self.add_note(head, blocks, self.lines[start - 1].number)
        self.move_clock(head)
        return True

    def next_blocks(self) -> range:
        """Return the indexes of the blocks in which a note may end."""
        return range(self.after, min(self.after + MOST_BLOCKS, len(self.blocks)))

    def add_note(self, head: Sequence[SourceLine], blocks: Sequence[n.Block], number: int) -> None:
        """Add the card of a note whose first line is its type, and whose fields go over lines and blocks."""
        if not head:
            return
        kind, lines = head[0].words, [*head[1:]]
        if not lines and blocks and isinstance(first := blocks[0], n.Paragraph):
            lines, blocks = lines_of(first), blocks[1:]
        if "cloze" in kind.casefold():
            self.maker.add_gaps([own for own in lines if own.words != _END])
            for block in blocks:
                self.maker.add_gaps(lines_of(block) if isinstance(block, n.Paragraph) else [])
            return
        in_front = True
        front: list[Line] = []
        back: list[Line] = []
        for own in lines:
            field = _FIELD.match(own.words)
            in_front = in_front and not (field and field[1].startswith(("Back", "Extra")))
            if not (field and field[1] == "Tags"):
                (front if in_front else back).append(cut(own.line, field.end()) if field else own.line)
        answer = (*self.maker.paragraphs(back, number), *[kept for one in blocks for kept in _before_end(one)])
        both = "reversed" in kind.casefold()
        self.maker.add("marked-lines", joined(front), answer, number, self.time_of(head, answer), both)

    def read_inline_notes(self, own: SourceLine) -> bool:
        """Add the notes `STARTI [Basic] Question Back: Answer ENDI` in a line; return whether there is one."""
        found = tried = 0
        for index, node in enumerate(own.line):
            for kind in _TYPE_INLINE.finditer(node.text) if isinstance(node, n.Text) else ():
                assert isinstance(node, n.Text)
                rest = (n.Text(node.text[kind.end() :]), *own.line[index + 1 :])
                found += tried < MOST_BLOCKS and self.add_inline_note(kind[1], rest, own)
                tried += 1
        return found > 0

    def add_inline_note(self, kind: str, line: Line, own: SourceLine) -> bool:
        """Add the note whose fields begin `line` and end at `ENDI`; return whether there is one."""
        end = next((i for i, one in enumerate(line) if isinstance(one, n.Text) and _END_INLINE.search(one.text)), None)
        if end is None:
            return False
        self.flush()
        last = line[end]
        assert isinstance(last, n.Text)
        body = stripped((*line[:end], n.Text(_END_INLINE.split(last.text, maxsplit=1)[0])))
        if "cloze" in kind.casefold():
            return self.maker.add_gaps([own._replace(line=body)])
        front, back = _fields(body)
        answer = self.maker.paragraphs([back], own.number)
        both = "reversed" in kind.casefold()
        return self.maker.add("marked-inline", front, answer, own.number, self.maker.time(own), both)


def _fields(body: Line) -> tuple[Line, Line]:
    """Return front and back of an inline note."""
    front: list[n.Inline] = []
    back: list[n.Inline] = []
    into: list[n.Inline] | None = front
    for node in body:
        if not isinstance(node, n.Text):
            if into is not None:
                into.append(node)
            continue
        first, *others = _FIELDS_INLINE.split(node.text)
        if into is not None:
            into.append(n.Text(first))
        for name, text in zip(others[::2], others[1::2], strict=True):
            into = None if name == "Tags" else front if name in ("Front", "Text") else back
            if into is not None:
                into.append(n.Text(text))
    return stripped(front), stripped(back)


def _ends(block: n.Block) -> bool:
    """Return whether the last line of a block is `END`."""
    if isinstance(block, n.Paragraph):
        found = source_lines(block)
        return bool(found) and plain_text(found[-1][1]) == _END
    inner = child_blocks(block)
    return bool(inner) and not isinstance(block, n.Section) and _ends(inner[-1])


def _before_end(block: n.Block) -> list[n.Block]:
    """Return a block of a note without the line `END` and the tags of the note."""
    match block:
        case n.Paragraph(line=line):
            lines = [own.line for own in lines_of(block) if own.words != _END]
            return [n.Paragraph(joined(lines), line)] if lines else []
        case n.List(items):
            kept = [
                replace(item, children=tuple([k for one in item.children for k in _before_end(one)])) for item in items
            ]
            return [replace(block, items=tuple(kept))]
        case n.Quote(children) | n.Callout(children=children) | n.Group(children=children):
            return [replace(block, children=tuple([k for one in children for k in _before_end(one)]))]
        case _:
            return [block]


def _asks(block: n.Block) -> bool:
    """Return whether a block has a question with a tag of its own."""
    return any(tagged(one.children) for one in all_blocks((block,)) if isinstance(one, n.Paragraph))
