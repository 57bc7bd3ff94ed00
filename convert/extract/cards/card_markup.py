"""Cards that the author marked up in the syntax of the Obsidian flashcard plug-ins: one of three sources of cards.

They take precedence over mined cards of the same sentence.

Question::Answer            a card; text on one line
Question:::Answer           a card in both directions
Question                    a card over several lines: a line that holds only `?`
?                           (or `??` for both directions) between question and answer
Answer
A ==word== of a sentence    a cloze; each marked word opens alone
A {word}, {{c1::word::hint}}  the same in the markup of other plug-ins and of Anki; gaps of one number open together
Question #card              a heading or paragraph with the tag asks, the text behind or below it answers
Q: Question, A: Answer      a card; both may go over several lines
START, Basic, ..., END      a note of Obsidian_to_Anki, with the fields of its type; `STARTI [Basic] ... ENDI` on a line

An answer ends at a blank line, as in the plug-ins, but a list, table, code or picture that it announces belongs to it.

Kept apart because it knows the syntax of Obsidian plug-ins, not mining.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import child_blocks, descend, own_inlines, plain_text
from convert.extract.cards.card_blocks import Footnotes, touching
from convert.extract.cards.card_lines import MARKUP, says, stripped, tagged, without_own_marks, without_tags
from convert.extract.cards.card_maker import ALL_MARKS, Maker, Marks, SourceLine, time_in
from convert.extract.cards.card_paragraph import ParagraphReader
from convert.extract.cards.model import Card
from convert.extract.cards.passages import LONGEST_HEADING


class Marked(NamedTuple):
    """The cards marked in a note in text order."""

    cards: list[Card]
    lines: frozenset[int]
    """The first lines of the paragraphs from which no card is mined."""
    unanswered: list[int]
    """The lines of questions that make no card, because nothing answers them."""


def marked_cards(note: Note, start_ms: int | None, marks: Marks = ALL_MARKS) -> Marked:
    """Return the cards marked in a note; `start_ms` is the first time in it."""
    maker = Maker(start_ms, marks, Footnotes(note.blocks), frozenset(note.properties or ()))
    _visit(maker, note.blocks, (note.title,))
    made = {card.line for card in maker.cards}
    return Marked(maker.cards, frozenset(maker.taken), [line for line in maker.unanswered if line not in made])


def _visit(maker: Maker, blocks: Sequence[n.Block], path: tuple[str, ...], section: n.Section | None = None) -> None:
    """Add the cards of blocks below the headings of `path`; `section` is the one that they open."""
    index = 0
    while index < len(blocks):
        block = blocks[index]
        maker.path = path
        index += 1
        if isinstance(block, n.Paragraph):
            opener = section if section and index == 1 and block.line == section.line + 1 else None
            index = _read_paragraph(maker, blocks, index - 1, opener)
        elif isinstance(block, n.Section):
            _read_heading(maker, block)
            _visit(maker, block.children, (*path, _untagged(block)), block)
        elif isinstance(block, n.List):
            for item in block.items:
                _visit(maker, item.children, path)
        elif not (isinstance(block, n.Callout) and _read_callout(maker, block)):
            maker.see(own_inlines(block))
            _visit(maker, child_blocks(block), path)


def _untagged(section: n.Section) -> str:
    """Return the words of a heading without card tags, cut as those of other cards."""
    found = tagged(section.title)
    words = plain_text(without_tags((*found.before, n.Text(" "), *found.behind) if found else section.title))
    return words[:LONGEST_HEADING].rstrip()


def _read_heading(maker: Maker, section: n.Section) -> None:
    """Add the cards of a heading: with a tag, with `::`, or with gaps."""
    own_ms = maker.see(section.title)
    title = plain_text(section.title)
    if not maker.marks.headings or not (MARKUP.search(title) or n.Highlight in map(type, descend(section.title))):
        return
    own = SourceLine(without_own_marks(section.title), title, section.line, own_ms)
    if found := tagged(own.line):
        children = section.children
        end = touching(children, 0, children[0].line) if children else 0
        answer = maker.paragraphs([found.behind], section.line) or children[:end]
        start_ms = next((ms for ms in (own_ms, time_in((section,)), maker.clock) if ms is not None), None)
        made = maker.add("marked-tag", found.before, answer, section.line, start_ms, found.both, found.spaced)
        if found.asks and not made:
            maker.miss(found.before, section.line)
    elif not maker.add_line(own):
        maker.add_gaps([own])


def _read_callout(maker: Maker, callout: n.Callout) -> bool:
    """Add the card of a callout that asks in its title, with the tag there or at its end; return whether it does."""
    question, children = stripped(callout.title), callout.children
    last = children[-1] if children else None
    found, answer = tagged(question), children
    if found:
        question = found.before
    elif isinstance(last, n.Paragraph) and (found := tagged(last.children)):
        answer = (*children[:-1], n.Paragraph(found.before, last.line))
        answer = answer if says(found.before) and not says(found.behind) else ()
    if not found or not answer or not says(question):
        if found and found.asks and not answer:
            maker.miss(question, callout.line)
        return False
    own_ms = maker.see(callout.title)
    start_ms = next((ms for ms in (own_ms, time_in(answer), maker.clock) if ms is not None), None)
    return maker.add("marked-tag", question, answer, callout.line, start_ms, found.both)


def _read_paragraph(maker: Maker, blocks: Sequence[n.Block], index: int, opener: n.Section | None) -> int:
    """Add the cards of a paragraph; return the index after the blocks that they took."""
    block = blocks[index]
    assert isinstance(block, n.Paragraph)
    nodes = descend(block.children)
    if n.Highlight in map(type, nodes) or MARKUP.search("".join([one.text for one in nodes if type(one) is n.Text])):
        return ParagraphReader(maker, blocks, index, opener).read()
    maker.pass_by(nodes)
    return index + 1
