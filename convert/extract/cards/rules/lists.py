"""Lists whose lead counts or names a closed class."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause, clause_of
from convert.extract.cards.english import LISTS
from convert.extract.cards.passages import Bullets, Passage, Prose
from convert.extract.cards.prose import Sentence, sentences
from convert.extract.cards.rules.letters import acronyms

FEWEST, MOST = 2, 7
LONGEST = 75
"""Characters of an item."""
_ACTS = re.compile(
    r"(?:To|If|When|Once|Before|After|Using|Here|Click|Configure|Select|Set|Follow|Go|Add|Then|Next|Enter|Create"
    r"|You|Your|We|For|By"
    r"|In this|In the (?:video|episode)|This (?:is|means)|Example|Note|Steps?)\b"
)
"""Leads that announce steps or examples."""
_BACK = re.compile(
    r"(?:This|These|That|Those|It|They|He|She|His|Her|Their|Its|There|Some)\b|.*\b(?:it|they|this|these)\b"
)
_ROLES = LISTS["roles"]
"""Labels that name a part in a list, not a thing."""
COUNTS = {word: number for number, word in enumerate("two three four five six seven".split(), 2)} | {"both": 2}  # noqa: SIM905
_CLOSED = re.compile(
    r"\b(?:main|primary|types?|kinds?|parts|components|stages|phases|categories|layers|principles|pillars|elements"
    r"|requirements|conditions|criteria|consists?|divided|classified|composed)\b"
)
_OPEN = re.compile(r"\b(?:includ\w+|such as|examples?|for instance|some|several|various|many|like)\b")
_LABEL = re.compile(r"^(.{2,60}?)(?::| [–—-]) ")


def lists(passage: Passage) -> Iterator[Candidate]:
    """A card for each short list that a sentence announces."""
    for found in passage.lists:
        items = _items(found)
        if found.lead is None or not FEWEST <= len(items) <= MOST or _ACTS.match(found.lead.text):
            continue
        if sum(item.casefold() in _ROLES for item in items) * 2 >= len(items):
            continue
        if not _bounded(found.lead.text, len(items)):
            continue
        clause = _clause(found, passage)
        if clause.text.rstrip(":") and not _BACK.match(clause.text):
            question = clause.text.rstrip(": ") + ":"
            yield Candidate("list", "list", clause, "; ".join(items), question=question, items=items, subject=question)


def _bounded(lead: str, count: int) -> bool:
    """Whether a lead tells how many things follow, or names a closed class of them."""
    words = set(lead.casefold().replace(":", " ").split())
    named = {COUNTS[word] for word in words & COUNTS.keys()}
    return (
        count in named or str(count) in words or (not named and bool(_CLOSED.search(lead)) and not _OPEN.search(lead))
    )


def _clause(found: Bullets, passage: Passage) -> Clause:
    assert found.lead is not None
    prose = Prose(found.lead, found.start_ms, found.line, 0, 1, False, "")
    return clause_of(prose, passage)


def _items(found: Bullets) -> tuple[str, ...]:
    """The items, each its label or its first sentence; () when one is empty or long."""
    items = []
    for bullet in found.bullets:
        whole = sentences(bullet.line)
        text = whole[0].text if whole else ""
        label = _LABEL.match(text)
        text = (label[1] if label else text).strip(" .:;,")
        if not text or len(text) > LONGEST or bullet.line.atoms:
            return ()
        items.append(text)
    return tuple(items)


def titled(passage: Passage) -> Iterator[Candidate]:
    """What the letters in a heading stand for."""
    heading = passage.path[-1] if passage.path else ""
    if passage.section is not None and "(" in heading:
        prose = Prose(Sentence(heading, passage.start_ms), passage.start_ms, passage.section.line, 0, 1, False, "")
        yield from acronyms(clause_of(prose, passage))
