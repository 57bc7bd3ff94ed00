"""Cards of headings: a heading that asks is answered by default, other sections give a card only if asked for.

One of three sources of cards, beside `card_markup` and `mining`.

Kept apart because these cards need neither candidates nor the model, and have their own option.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import block_text, inlines, plain_text
from convert.extract.cards.candidate import clause_of
from convert.extract.cards.english import content, normal, rarity
from convert.extract.cards.model import Card, context_line
from convert.extract.cards.passages import Bullets, Passage, Prose, Sentence, emphasised, sentences
from convert.extract.cards.strictness import dangles, says_what

ITEMS = 10
"""Items of a list on a section card."""
PICTURES = 2
"""Pictures on a section card."""
SENTENCES = 2
"""Sentences on the card of a section without a list."""
LONGEST = 250
"""Characters of the answer of a section card that is no list."""
FEWEST_ANSWERS, MOST_ANSWERS = 2, 7
"""Items of a list that answers a heading."""
LONGEST_ANSWER = 300
"""Characters of what answers a heading."""

_ASKS = re.compile(r"\A(?:What|Who|Why|How|When|Where|Which) .+\?$")
_OPEN = re.compile(
    r"\A(?:Why (?!(?:is|are|was|were|do|does|did|has|have|had|can|must)\b)|Who (?:is|was)\b|How .+ works?\?"
    r"|What [Mm]akes\b)"
)
"""A reason for doing something rather than for a fact ("Why Rust for games?"), a person, how or why something works."""
_POINTS = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|their|he|she|his|her|we|us|our|you|your|I|my|next|here|now|else)\b",
    re.IGNORECASE,
)
"""Words of a heading that asks about something outside it: "How does it work?"."""
_WHAT_IS = re.compile(r"What (?:is|are|was|were) (?:an? |the )?(.{2,60})\?$", re.IGNORECASE)
_BRACKETS = re.compile(r" \([^()]*+\)")
_ARTICLE = re.compile(r"\A(?:an?|the) ", re.IGNORECASE)
_VERB = re.compile(
    r"(?: \([^()]{1,40}+\))? (?:(?:can be|is) (?:understood|defined) as|is|are|was|were|refers? to|means?) "
)
_DEFINED_AS = re.compile(r"\bdefin(?:ed|es|ing) (?:it |them |this )?as\b")
_DENIES = re.compile(r"\b(?:no|not|never|none|nor)\b")
_TELLS_WHY = re.compile(r"\b(?:because|due to|so that|in order to|since|therefore|caused by)\b")
_TELLS_HOW = re.compile(r"\b(?:by|through|using|with|via)\b")
_TELLS_WHEN = re.compile(r"\d")
_LOOSE = re.compile(
    r", (?:and|or) |[\"“]|\b(?:akin|(?:is|are) about|described as|serv(?:es?|ing) as|designed to|will|would|could"
    r"|should|may|might|considered|best|perfect)\b"
)
"""Signs that a definition is a list of traits, a figure of speech, a purpose or an opinion."""
_ASKS_LIST = re.compile(r"(?:Which|What are the) |.*\b(?:\d|two|three|four|five|six|seven)\b")
"""How a heading asks for a list: what the things of a name are is no list."""
_OPINES = re.compile(r"\b(?:could|would|should|might|may|considered|believed?|argues?|best|perfect)\b")
_SIGN = {"Why": _TELLS_WHY, "How": _TELLS_HOW, "When": _TELLS_WHEN}
"""What the answer to a question contains, by the question's first word."""
_NEEDED = 0.6
"""The least share of the content words of a heading that its answer contains."""
_FRAME = re.compile(
    r"(?i)\b(?:conclusions?|credits?|introduction|intro|outro|summary|sponsors?|sponsorship|overview|recap|takeaways?"
    r"|outlook|outline|closing|final (?:thoughts|words|remarks)|acknowledge?ments?|thanks|references|resources|links"
    r"|further reading|about|contents|disclaimer|transcript|timestamps|chapters|abstract|preface|questions)\b"
)
"""Headings of what stands around the matter of a note."""


def heading_cards(note: Note, found: list[Passage]) -> list[Card]:
    """Return a card for each heading that is a question and that a sentence or a short list below it answers."""
    cards = []
    for passage, occurrence in _headed(found):
        if _ASKS.match(passage.heading) and not _points(passage.heading, note.title) and (back := _answer(passage)):
            cards.append(_card(note, passage, occurrence, "heading", back))
    return cards


def section_cards(note: Note, found: list[Passage]) -> list[Card]:
    """Return a card for each other section with a list or a short text, if it is no introduction or the like."""
    cards = []
    for passage, occurrence in _headed(found):
        heading = passage.heading
        if _ASKS.match(heading) or _FRAME.search(heading) or passage.section is None:
            continue
        back = _condensed(passage.section, passage)
        if back and (any(isinstance(block, n.List) for block in back) or _length(back) <= LONGEST):
            pictures = [] if any(isinstance(node, n.Image) for node in inlines(back)) else _pictures(passage)
            cards.append(_card(note, passage, occurrence, "section", (*back, *pictures)))
    return cards


def _headed(found: list[Passage]) -> list[tuple[Passage, int]]:
    """Return the passages with a heading, and how often the same path occurred before."""
    seen: dict[tuple[str, ...], int] = {}
    headed = []
    for passage in found:
        occurrence = seen[passage.path] = seen.get(passage.path, -1) + 1
        if passage.section is not None and passage.heading:
            headed.append((passage, occurrence))
    return headed


def _card(note: Note, passage: Passage, occurrence: int, rule: str, back: tuple[n.Block, ...]) -> Card:
    heading = passage.heading
    question = heading if heading.endswith("?") else f"{heading.rstrip(' .:;')}: what are the main points?"
    above = passage.path[-2] if len(passage.path) > 1 and normal(passage.path[-2]) != normal(note.title) else ""
    return Card(
        kind="section",
        rule=rule,
        front=(n.Text(question),),
        back=back,
        answer=block_text(back),
        context=context_line(note.title, above),
        anchor=f"{note.slug}\n{normal(' / '.join(passage.path))}\n{occurrence}",
        start_ms=passage.start_ms,
        line=passage.section.line if passage.section else 0,
    )


def _points(heading: str, title: str) -> bool:
    """Return whether a stranger could not know what a heading asks for: a common word needs the title for it."""
    what = _WHAT_IS.match(heading)
    word = what[1].casefold() if what else ""
    common = {rarity(word), rarity(word.removesuffix("s"))} & {1, 2}
    return bool(_POINTS.search(heading) or _OPEN.match(heading) or (common and word not in title.casefold()))


def _answer(passage: Passage) -> tuple[n.Block, ...]:
    """Return what answers the heading of a passage: a sentence, else a short list, else nothing."""
    heading = passage.heading
    what = _WHAT_IS.match(heading)
    for prose in passage.prose:
        answers = _defines(what[1], prose, passage) if what else _replies(heading, prose, passage)
        if answers and len(prose.sentence.text) <= LONGEST_ANSWER:
            return (_paragraph(prose.sentence, prose.line),)
    if _ASKS_LIST.match(heading) and len(passage.lists) == 1:
        found = passage.lists[0]
        back = _list(found)
        whole = found.lead is not None and not dangles(found.lead.sentence.text, clause_of(found.lead, passage))
        if whole and FEWEST_ANSWERS <= len(found.bullets) <= MOST_ANSWERS and _length(back) <= LONGEST_ANSWER:
            return back
    return ()


def _defines(term: str, prose: Prose, passage: Passage) -> bool:
    """Return whether a sentence says what a term is."""
    text = prose.sentence.text
    if text.endswith(":"):
        return False
    if quoted := _DEFINED_AS.search(text):
        return not _DENIES.search(text, 0, quoted.start()) and '"' in text[quoted.end() : quoted.end() + 3]
    start = _after_subject(_BRACKETS.sub("", term), text)
    if not start or _DENIES.match(text, start) or _LOOSE.search(text, start - len(" is ")):
        return False
    return says_what(text[start:]) and not dangles(text, clause_of(prose, passage))


def _after_subject(term: str, text: str) -> int:
    """Return the offset of what a sentence says of its subject, 0 if a term is not its subject."""
    article = _ARTICLE.match(text)
    for start in {0, article.end() if article else 0}:
        end = start + len(term)
        if text[start:end].casefold() == term.casefold() and (verb := _VERB.match(text, end)):
            return verb.end()
    return 0


def _replies(heading: str, prose: Prose, passage: Passage) -> bool:
    """Return whether a sentence has most words of a question, and what a question of its kind asks for."""
    text = prose.sentence.text
    asked, told = set(content(heading)), set(content(text))
    common = asked & told
    sign = _SIGN.get(heading.split()[0])
    if (
        len(common) < 2
        or len(common) < _NEEDED * len(asked)
        or told <= asked
        or text.endswith((":", "?"))
        or _OPINES.search(text)
    ):
        return False
    return not (sign and not sign.search(text)) and not dangles(text, clause_of(prose, passage))


def _condensed(section: n.Section, passage: Passage) -> tuple[n.Block, ...]:
    """Return the first list of a section, else its first sentences, else its subheadings, else its first block."""
    prose = passage.prose
    if passage.lists and passage.lists[0].bullets:
        return _list(passage.lists[0])
    if prose:
        return _told(section, passage, range(len(prose[:SENTENCES])))
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


def _length(blocks: tuple[n.Block, ...]) -> int:
    """Return the characters of the words of blocks."""
    return len(block_text(blocks))


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
    return n.Item((n.Paragraph(emphasised(text, sentence), line),), line)


def _paragraph(sentence: Sentence, line: int) -> n.Paragraph:
    return n.Paragraph(emphasised(sentence.text, sentence), line)


def _pictures(passage: Passage) -> list[n.Paragraph]:
    """Return the first pictures of a section, each as a paragraph."""
    nodes = [(node, block.line) for block in passage.blocks for node in inlines((block,))]
    pictures = [(node, line) for node, line in nodes if isinstance(node, n.Image) and node.picture]
    return [n.Paragraph((node,), line) for node, line in pictures[:PICTURES]]
