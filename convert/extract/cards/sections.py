"""Section cards: one for each heading, so that no deck is empty.

One of three sources of cards, beside `card_markup` and `mining`.

Kept apart because section cards need neither sentences nor the model, and have their own option.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import block_text, inlines, plain_text
from convert.extract.cards.english import content, normal
from convert.extract.cards.model import Card
from convert.extract.cards.passages import Bullets, Passage, Sentence, inlines_of, sentences

ITEMS = 10
"""Items of a list on a section card."""
PICTURES = 2
"""Pictures on a section card."""
SENTENCES = 2
"""Sentences on the card of a section without a list."""

_ASKS = re.compile(r"\A(?:What|Who|Why|How|When|Where|Which) .+\?$")
_DEFINES = re.compile(
    r"\b(?:is|are|was|were) (?:a|an|the)\b|\b(?:defin\w+|refers? to|means|known as|called|describ\w+ as)\b"
)


def section_cards(note: Note, found: list[Passage]) -> list[Card]:
    """Return a card for each section that has a heading and something below it."""
    seen: dict[tuple[str, ...], int] = {}
    cards = []
    for passage in found:
        section, heading = passage.section, passage.heading
        occurrence = seen[passage.path] = seen.get(passage.path, -1) + 1
        if section is None or not heading or not (back := _condensed(section, passage)):
            continue
        question = heading if heading.endswith("?") else f"{heading.rstrip(' .:;')}: what are the main points?"
        shown = inlines(back)
        pictures = [] if any(isinstance(node, n.Image) for node in shown) else _pictures(passage)
        card = Card(
            kind="section",
            rule="section",
            front=(n.Text(question),),
            back=(*back, *pictures),
            answer=block_text(back),
            context=" › ".join((note.title, *passage.path[:-1])),
            anchor=f"{note.slug}\n{normal(' / '.join(passage.path))}\n{occurrence}",
            start_ms=passage.start_ms,
            line=section.line,
        )
        cards.append(card)
    return cards


def _condensed(section: n.Section, passage: Passage) -> tuple[n.Block, ...]:
    """Return the first list of a section, else its first sentences, else its subheadings, else its first block.

    A heading that is a question gets the sentences that most probably answer it.
    """
    prose = passage.prose
    asks = bool(prose and _ASKS.match(passage.heading))
    if not asks and passage.lists and passage.lists[0].bullets:
        return _list(passage.lists[0])
    if prose:
        shown = _answering(passage) if asks else range(len(prose[:SENTENCES]))
        return _told(section, passage, shown)
    if below := _subheadings(section):
        return below
    return tuple([block for block in passage.blocks if not isinstance(block, n.Rule | n.Footnote)][:1])


def _told(section: n.Section, passage: Passage, shown: Sequence[int]) -> tuple[n.Block, ...]:
    """Return the shown sentences of a section, and what the last announces with a colon."""
    prose = passage.prose
    told = tuple([_paragraph(prose[index].sentence, prose[index].line) for index in shown])
    last, following = prose[shown[-1]].sentence, prose[shown[-1] + 1 :][:1]
    if not last.text.endswith(":"):
        return told
    announced = [_bullets(found) for found in passage.lists if found.lead and found.lead.sentence is last]
    announced += [tuple([_paragraph(one.sentence, one.line) for one in following]), _subheadings(section)]
    below = next(filter(None, announced), ())
    return (*told, *below) if below else told[:-1] or told


def _subheadings(section: n.Section) -> tuple[n.Block, ...]:
    """Return the first headings directly below a section, as a list, () if there are none."""
    below = [block for block in section.children if isinstance(block, n.Section)][:ITEMS]
    items = [_item(Sentence(plain_text(inner.title), None), inner.line) for inner in below]
    return (n.List(tuple(items), below[0].line),) if below else ()


def _answering(passage: Passage) -> list[int]:
    """Return the indexes of the sentences with most words of the heading; a definition counts as three words."""
    asked = set(content(passage.heading))
    texts = [prose.sentence.text for prose in passage.prose]
    scores = [-len(asked & set(content(text))) - 3 * bool(_DEFINES.search(text)) for text in texts]
    return sorted(sorted(range(len(scores)), key=scores.__getitem__)[:SENTENCES])


def _list(found: Bullets) -> tuple[n.Block, ...]:
    lead = (_paragraph(found.lead.sentence, found.line),) if found.lead else ()
    return (*lead, *_bullets(found))


def _bullets(found: Bullets) -> tuple[n.Block, ...]:
    """Return a list of the first sentences of its items, without the colons before what is left out."""
    items = [_item(sentences(text)[0], line) for text, line in found.bullets if text.text]
    if len(items) > ITEMS:
        items[ITEMS:] = [_item(Sentence("…", None), found.line)]
    return (n.List(tuple(items), found.line, 1 if found.ordered else None),) if items else ()


def _item(sentence: Sentence, line: int) -> n.Item:
    text = sentence.text.removesuffix(":") or sentence.text
    return n.Item((n.Paragraph(inlines_of(text, sentence.atoms), line),), line)


def _paragraph(sentence: Sentence, line: int) -> n.Paragraph:
    return n.Paragraph(inlines_of(sentence.text, sentence.atoms), line)


def _pictures(passage: Passage) -> list[n.Paragraph]:
    """Return the first pictures of a section, each as a paragraph."""
    nodes = [(node, block.line) for block in passage.blocks for node in inlines((block,))]
    pictures = [(node, line) for node, line in nodes if isinstance(node, n.Image) and node.picture]
    return [n.Paragraph((node,), line) for node, line in pictures[:PICTURES]]
