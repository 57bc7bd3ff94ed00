"""Makes the cards that an author marked, and keeps the time that passes from mark to mark.

Kept apart because the walk through a note and the reading of a paragraph both make cards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from convert.document import nodes as n
from convert.document.walk import child_blocks, descend, own_inlines, plain_text, source_lines, stamps
from convert.extract.cards.card_blocks import Footnotes, as_line, cleaned, words_of
from convert.extract.cards.card_lines import (
    NAMES_NEXT,
    OWN_LINE,
    Line,
    cloze,
    joined,
    says,
    sides,
    tagged,
    without_holes,
    without_notes,
    without_own_marks,
    without_tags,
)
from convert.extract.cards.english import normal
from convert.extract.cards.model import Card, Face, Gap


class Marks(NamedTuple):
    """Which marks make cards: `::`, `:::`, highlighted words, headings."""

    inline: bool = True
    reversed: bool = True
    highlights: bool = True
    headings: bool = True


ALL_MARKS = Marks()


class SourceLine(NamedTuple):
    """A line of a paragraph without stamps; `start_ms` is the first time in it, if there is one."""

    line: Line
    words: str
    number: int
    start_ms: int | None


class Maker(msgspec.Struct, gc=False):
    """Makes cards: the last time seen, the cards so far, and the headings above."""

    clock: int | None
    marks: Marks
    footnotes: Footnotes
    properties: frozenset[int]
    """The lines that hold properties of the note (`Note.properties`)."""
    cards: list[Card] = []
    taken: set[int] = set()
    """The first lines of the paragraphs from which cards, or properties, are taken."""
    path: tuple[str, ...] = ()
    unanswered: list[int] = []
    """The lines of questions without an answer."""

    def see(self, nodes: Sequence[n.Inline]) -> int | None:
        """Move the clock to the last time among the nodes; return the first."""
        return self.pass_by(descend(nodes))

    def pass_by(self, nodes: Sequence[n.Inline]) -> int | None:
        """Move the clock to the last time directly among the nodes; return the first."""
        times = [node.start_ms for node in nodes if isinstance(node, n.Stamp) and node.start_ms is not None]
        if times:
            self.clock = times[-1]
        return times[0] if times else None

    def add_line(self, own: SourceLine) -> bool:
        """Add the card of a line with `::` or `:::`; return whether it has one."""
        two = sides(own.line)
        if not two:
            return False
        question, words, both = two
        if found := tagged(question):
            question = joined([found.before, found.behind])
        if self.marks.reversed if both else self.marks.inline:
            answer = (n.Paragraph(words, own.number),)
            self.add("marked-inline", without_tags(question), answer, own.number, self.time(own), both)
        return True

    def add_gaps(self, lines: Sequence[SourceLine]) -> bool:
        """Add the cards of lines with gaps; return whether there is one."""
        before = len(self.cards)
        for own in lines:
            if face := cloze(own.line, self.marks.highlights):
                self.cards.append(self.cloze_card(face, own))
        return len(self.cards) > before

    def cloze_card(self, face: Face, own: SourceLine) -> Card:
        """Return the card of a line with gaps."""
        gaps = [plain_text(node.children) for node in face if isinstance(node, Gap)]
        words = ["…" if isinstance(node, Gap) else plain_text((node,)) for node in face]
        around = [node for node in face if not isinstance(node, Gap)]
        shown = [kept for node in face for kept in ((node,) if isinstance(node, Gap) else without_notes((node,)))]
        return Card(
            kind="cloze", rule="marked-cloze", front=without_holes(shown), answer="; ".join(gaps),
            back=self.footnotes.shown(around, ()), context=self.context(),
            anchor=" ".join([normal(word) or word.strip() for word in words]),
            start_ms=self.time(own), line=own.number,
        )  # fmt: skip

    def context(self) -> str:
        """Return the title and the headings above, without a heading that repeats the one before it."""
        path = self.path
        return " › ".join([name for index, name in enumerate(path) if not index or name != path[index - 1]])

    def time(self, own: SourceLine) -> int | None:
        """Return the time of a line, else the last before it."""
        return self.clock if own.start_ms is None else own.start_ms

    def paragraphs(self, lines: Sequence[Line], number: int) -> tuple[n.Block, ...]:
        """Return lines as the paragraph of an answer, () if they say nothing."""
        text = joined(lines)
        return (n.Paragraph(text, number),) if says(text) else ()

    def add(
        self, rule: str, question: Line, answer: Sequence[n.Block], line: int, start_ms: int | None,
        both: bool = False, spaced: bool = False,
    ) -> bool:  # fmt: skip
        """Add a card; with `both` also the card that asks in the other direction. A `spaced` one has no answer."""
        back = tuple([] if spaced else [kept for block in answer for kept in cleaned(block)])
        front, told = without_notes(question), words_of(back)
        if not says(front) or not (back or spaced):
            return False
        asked = plain_text(front)
        anchor = normal(asked) or asked
        card = Card(
            kind="basic", rule=rule, front=without_holes(front), back=self.footnotes.shown(question, back), answer=told,
            context=self.context(), anchor=anchor, start_ms=start_ms, line=line,
        )  # fmt: skip
        self.cards.append(card)
        if both and told:
            front, anchor = without_notes(as_line(back)), f"{anchor}\nreversed"
            back = self.footnotes.shown((), (n.Paragraph(question, line),))
            self.cards.append(msgspec.structs.replace(card, front=front, back=back, answer=asked, anchor=anchor))
        return True

    def miss(self, question: Line, line: int) -> None:
        """Remember the line of a question that nothing answers, if it says something."""
        if says(question):
            self.unanswered.append(line)


def lines_of(paragraph: n.Paragraph) -> list[SourceLine]:
    """Return the lines of a paragraph, without those that plug-ins wrote for themselves."""
    found: list[SourceLine] = []
    names_next = False
    for number, nodes in source_lines(paragraph):
        line = without_own_marks(nodes)
        words = plain_text(line)
        skipped, names_next = names_next, words in NAMES_NEXT
        if skipped or names_next or OWN_LINE.fullmatch(words) or not says(line):
            continue
        found.append(SourceLine(line, words, number, time_in((n.Paragraph(nodes, number),))))
    return found


def time_in(blocks: Sequence[n.Block]) -> int | None:
    """Return the first time in blocks, in milliseconds."""
    for block in blocks:
        times = [stamp.start_ms for stamp in stamps(own_inlines(block)) if stamp.start_ms is not None]
        if times:
            return times[0]
        if (inner := time_in(child_blocks(block))) is not None:
            return inner
    return None
