"""Section cards: one for each heading, so that no deck is empty."""

from __future__ import annotations

import re

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import inlines, plain_text
from convert.extract.cards.model import Card
from convert.extract.cards.passages import Bullets, Passage, Prose
from convert.extract.cards.prose import Line, inlines_of, sentences
from convert.extract.cards.terms import content, normal

ITEMS = 10
"""Longest list that a section card shows whole."""
PICTURES = 2
SENTENCES = 2
"""Sentences of a section without a list."""


_ASKS = re.compile(r"(?:What|Who|Why|How|When|Where|Which) .+\?$")
_DEFINES = re.compile(
    r"\b(?:is|are|was|were) (?:a|an|the)\b|\b(?:defin\w+|refers? to|means|known as|called|describ\w+ as)\b"
)


def section_card(note: Note, passage: Passage, occurrence: int) -> Card | None:
    """The card of a section, None when nothing stands under its heading.

    `occurrence` counts the sections of the same heading path before it in the note.
    """
    section = passage.section
    back = _condensed(passage) if section else ()
    heading = passage.path[-1] if passage.path else ""
    if section is None or not back or not heading:
        return None
    return Card(
        kind="section",
        rule="section",
        front=_question(heading),
        back=(*back, *_pictures(passage, back)),
        answer=_words(back),
        context=" › ".join((note.title, *passage.path[:-1])),
        anchor=f"{note.slug}\n{normal(' / '.join(passage.path))}\n{occurrence}",
        start_ms=passage.start_ms,
        line=section.line,
    )


def _question(heading: str) -> tuple[n.Inline, ...]:
    if heading.endswith("?"):
        return (n.Text(heading),)
    return (n.Text(f"{heading.rstrip(' .:;')}: what are the main points?"),)


def _condensed(passage: Passage) -> tuple[n.Block, ...]:
    """The first list of the section, else its first sentences, else its subheadings, else its first block.

    A heading that asks what something is gets the sentences that come nearest to saying it.
    """
    if passage.prose and _ASKS.match(passage.path[-1] if passage.path else ""):
        return tuple(_sentence(p) for p in _answering(passage))
    if passage.lists and passage.lists[0].bullets:
        return _list(passage.lists[0])
    if passage.prose:
        return tuple(_sentence(p) for p in passage.prose[:SENTENCES])
    below = [block for block in passage.section.children if isinstance(block, n.Section)] if passage.section else []
    if below:
        return (_headings(below[:ITEMS]),)
    return tuple(block for block in passage.blocks if not isinstance(block, n.Rule | n.Footnote))[:1]


def _pictures(passage: Passage, back: tuple[n.Block, ...]) -> tuple[n.Block, ...]:
    """The first pictures of a section, each a paragraph, unless its words bring one along."""
    if any(isinstance(node, n.Image) for node in inlines(back)):
        return ()
    shown = [(node, block.line) for block in passage.blocks for node in inlines((block,)) if isinstance(node, n.Image)]
    return tuple(n.Paragraph((image,), line) for image, line in shown if image.picture)[:PICTURES]


def _sentence(prose: Prose) -> n.Paragraph:
    return n.Paragraph(inlines_of(prose.sentence.text, prose.sentence.atoms), prose.line)


def _answering(passage: Passage) -> list[Prose]:
    """The sentences of a passage that speak of its heading's words, those that define before the others."""
    asked = frozenset(content(passage.path[-1]))
    said = [
        len(asked & set(content(p.sentence.text))) + 3 * bool(_DEFINES.search(p.sentence.text)) for p in passage.prose
    ]
    best = sorted(range(len(said)), key=lambda i: (-said[i], i))[:SENTENCES]
    return [passage.prose[i] for i in sorted(best)]


def _list(found: Bullets) -> tuple[n.Block, ...]:
    lead = (n.Paragraph(inlines_of(found.lead.text, found.lead.atoms), found.line),) if found.lead else ()
    items = [n.Item((n.Paragraph(_first_sentence(b.line), b.row),), b.row) for b in found.bullets if b.line.text]
    if len(items) > ITEMS:
        items[ITEMS:] = [n.Item((n.Paragraph((n.Text("…"),), found.line),), found.line)]
    return (*lead, n.List(tuple(items), found.line, 1 if found.ordered else None)) if items else lead


def _first_sentence(line: Line) -> tuple[n.Inline, ...]:
    found = sentences(line)
    return inlines_of(found[0].text, found[0].atoms) if found else ()


def _headings(below: list[n.Section]) -> n.List:
    items = tuple(n.Item((n.Paragraph((n.Text(plain_text(s.title)),), s.line),), s.line) for s in below)
    return n.List(items, below[0].line)


def _words(back: tuple[n.Block, ...]) -> str:
    return " ".join(filter(None, (plain_text((node,)) for node in inlines(back) if isinstance(node, n.Text))))
