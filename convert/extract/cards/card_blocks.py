"""The blocks that answer a marked card: how far they reach, and how they look on its back.

Kept apart because it deals with whole blocks; `card_markup` decides which cards there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from convert.document import nodes as n
from convert.document.walk import all_blocks, descend, inlines, own_inlines, plain_text, source_lines
from convert.extract.cards.card_lines import OWN_LINE, Line, joined, without_holes, without_notes, without_own_marks
from convert.extract.cards.model import shortened

_NO_ANSWER = n.Section | n.Footnote | n.Rule
"""Blocks at which an answer ends."""
_SCHEDULE = "sr"
"""The callout in which a plug-in keeps the schedule of the card above it."""
LONGEST_FOOTNOTE = 10_000
"""Bytes of a packed footnote beyond which cards show only the beginning of its words."""
LONGEST_WORDS = 2000
"""Characters of these words."""
MOST_FOOTNOTES = 1_000_000
"""Bytes of the footnotes on all cards of a note; further ones are shown as `…`."""
InlineT = TypeVar("InlineT", bound=n.Inline)


def last_line(block: n.Block) -> int:
    """Return the number of the last source line of a block."""
    match block:
        case n.Paragraph():
            found = source_lines(block)
            return found[-1][0] if found else block.line
        case n.CodeBlock(text, line):
            return line + (text.count("\n") + 1 if text else 0) + 1
        case n.Table(rows=rows, line=line):
            return line + 1 + len(rows)
        case n.List(items):
            last = items[-1]
            return last_line(last.children[-1]) if last.children else last.line
        case n.Quote(children) | n.Callout(children=children) | n.Group(children=children):
            return last_line(children[-1]) if children else block.line
        case _:
            return block.line


def touching(blocks: Sequence[n.Block], index: int, end: int) -> int:
    """Return the index after the blocks from `index` on that follow line `end`, and each other, without a blank line.

    A text that ends in a colon also announces the list, table, code or picture after a blank line.
    """
    while index < len(blocks) and not isinstance(block := blocks[index], _NO_ANSWER):
        if block.line > end + 1 and not (index and _announces(blocks[index - 1]) and _is_announced(block)):
            break
        end = last_line(block)
        index += 1
    return index


def _announces(block: n.Block) -> bool:
    return isinstance(block, n.Paragraph) and plain_text(block.children).endswith(":")


def _is_announced(block: n.Block) -> bool:
    if isinstance(block, n.Paragraph):
        return all(isinstance(node, n.Image | n.Math | n.LineBreak) for node in block.children)
    return isinstance(block, n.List | n.Table | n.CodeBlock | n.EmbedBlock)


def cleaned(block: n.Block) -> list[n.Block]:
    """Return a block of an answer without what plug-ins wrote for themselves: nothing or the block."""
    match block:
        case n.Paragraph(line=line):
            written = source_lines(block)
            kept = [one for _, one in written if not OWN_LINE.fullmatch(plain_text(one))]
            if len(kept) == len(written) and not any("^" in plain_text(one[-1:]) for one in kept):
                return [replace(block, children=without_holes(block.children))]
            text = without_holes(joined([without_own_marks(one) for one in kept]))
            return [n.Paragraph(text, line)] if text else []
        case n.List(items):
            return [replace(block, items=tuple([replace(item, children=_all(item.children)) for item in items]))]
        case n.Quote(children) | n.Callout(children=children) | n.Group(children=children):
            is_schedule = isinstance(block, n.Callout) and block.kind == _SCHEDULE
            return [] if is_schedule else [replace(block, children=_all(children))]
        case n.Table(head=head, rows=rows):
            head, *others = [n.Row(tuple(map(without_holes, row.cells))) for row in (head, *rows)]
            return [replace(block, head=head, rows=tuple(others))]
        case _:
            return [block]


def _all(blocks: Sequence[n.Block]) -> tuple[n.Block, ...]:
    return tuple([kept for block in blocks for kept in cleaned(block)])


def words_of(blocks: Sequence[n.Block]) -> str:
    """Return the words of blocks on one line, each once."""
    words = [block.text if isinstance(block, n.CodeBlock) else _own_words(block) for block in all_blocks(blocks)]
    return " ".join(" ".join(words).split())


def _own_words(block: n.Block) -> str:
    if isinstance(block, n.Table):
        return " ".join([plain_text(cell) for row in (block.head, *block.rows) for cell in row.cells])
    return plain_text(own_inlines(block))


def as_line(blocks: Sequence[n.Block]) -> Line:
    """Return blocks as one line with line breaks, for the front of a card that asks in the other direction."""
    lines: list[Line] = []
    for block in blocks:
        if isinstance(block, n.List):
            for number, item in enumerate(block.items):
                sign = "• " if block.start is None else f"{block.start + number}. "
                lines.append((n.Text(sign), *as_line(item.children)))
        elif isinstance(block, n.CodeBlock):
            lines.append((n.Code(block.text),))
        elif isinstance(block, n.Quote | n.Callout):
            lines.append(as_line(block.children))
        elif isinstance(block, n.Group):
            lines += [block.title, as_line(block.children)]
        elif shown := own_inlines(block):
            lines.append(shown)
    return joined(lines)


class Footnotes:
    """The footnotes of a note, to be shown on the cards whose text marks them."""

    def __init__(self, blocks: Sequence[n.Block]) -> None:
        """Collect the footnotes below `blocks`."""
        self._known = {block.label: block for block in all_blocks(blocks) if isinstance(block, n.Footnote)}
        self._lines: dict[str, tuple[Line, int]] = {}
        """The text and the size of each footnote that was shown."""
        self._left = MOST_FOOTNOTES

    def shown(self, front: Sequence[n.Inline], back: Sequence[n.Block]) -> tuple[n.Block, ...]:
        """Return the back with numbers in place of footnote marks, and below it the notes of front and back."""
        marks = [node for node in (*descend(front), *inlines(back)) if isinstance(node, n.FootnoteMark)]
        numbers: dict[str, int] = {}
        for mark in marks:
            if mark.label in self._known:
                numbers.setdefault(mark.label, len(numbers) + 1)
        shown = tuple([_numbered(block, numbers) for block in back])
        return (*shown, *[self._note(label, number) for label, number in numbers.items()])

    def _note(self, label: str, number: int) -> n.Paragraph:
        note = self._known[label]
        if label not in self._lines:
            self._lines[label] = _bounded(without_notes(as_line(note.children), shown=True))
        line, size = self._lines[label]
        self._left -= size
        sign = n.Superscript((n.Text(str(number)),))
        return n.Paragraph((sign, n.Text(" "), *(line if self._left >= 0 else _CUT)), note.line)


_CUT: Line = (n.Text("…"),)


def _bounded(line: Line) -> tuple[Line, int]:
    """Return a line and its size; of a long one the first words, as text: each card has it again."""
    if len(msgspec.msgpack.encode(line)) > LONGEST_FOOTNOTE:
        line = (n.Text(shortened(plain_text(line), LONGEST_WORDS)),)
    return line, len(msgspec.msgpack.encode(line))


def _numbered(block: n.Block, numbers: dict[str, int]) -> n.Block:
    """Return a block with a number in place of each footnote mark."""
    match block:
        case n.Paragraph(children):
            return replace(block, children=_numbered_line(children, numbers))
        case n.List(items):
            inner = [
                replace(item, children=tuple([_numbered(one, numbers) for one in item.children])) for item in items
            ]
            return replace(block, items=tuple(inner))
        case n.Quote(children) | n.Callout(children=children) | n.Group(children=children):
            return replace(block, children=tuple([_numbered(one, numbers) for one in children]))
        case n.Table(head=head, rows=rows):
            head, *others = [
                n.Row(tuple([_numbered_line(cell, numbers) for cell in row.cells])) for row in (head, *rows)
            ]
            return replace(block, head=head, rows=tuple(others))
        case _:
            return block


def _numbered_line(line: Line, numbers: dict[str, int]) -> Line:
    done: list[n.Inline] = []
    for node in line:
        if isinstance(node, n.FootnoteMark):
            done += [n.Superscript((n.Text(str(numbers[node.label])),))] if node.label in numbers else []
        elif isinstance(node, n.Parent):
            done.append(replace(node, children=_numbered_line(node.children, numbers)))
        else:
            done += without_notes((node,), shown=True)
    return tuple(done)
