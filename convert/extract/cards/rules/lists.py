"""Rules for lists and headings: a list whose lead counts or names a closed class, an acronym in a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, clause_of
from convert.extract.cards.english import LISTS
from convert.extract.cards.passages import Bullets, Passage, Prose, Sentence, sentences
from convert.extract.cards.rules.patterns import acronyms

FEWEST, MOST = 2, 7
LONGEST = 75
"""Characters of an item."""
_ACTS = re.compile(
    r"(?:To|If|When|Once|Before|After|Using|Here|Click|Configure|Select|Set|Follow|Go|Add|Then|Next|Enter|Create"
    r"|You|Your|We|For|By|In this|In the (?:video|episode)|This (?:is|means)|Example|Note|Steps?)\b"
)
"""Leads that announce steps or examples."""
_BACK = re.compile(
    r"(?:This|These|That|Those|It|They|He|She|His|Her|Their|Its|There|Some)\b|.*\b(?:it|they|this|these)\b"
)
COUNTS = {word: number for number, word in enumerate("two three four five six seven".split(), 2)} | {"both": 2}  # noqa: SIM905
_CLOSED = re.compile(
    r"\b(?:main|primary|types?|kinds?|parts|components|stages|phases|categories|layers|principles|pillars|elements"
    r"|requirements|conditions|criteria|consists?|divided|classified|composed)\b"
)
_OPEN = re.compile(r"\b(?:includ\w+|such as|examples?|for instance|some|several|various|many|like)\b")
_LABEL = re.compile(r"^(.{2,60}?)(?::| [–—-]) ")


def lists(passage: Passage) -> Iterator[Candidate]:
    """Yield a card for each short list that a sentence announces."""
    for found in passage.lists:
        if found.lead is None or _ACTS.match(found.lead.text):
            continue
        items = _items(found)
        if not FEWEST <= len(items) <= MOST or not _is_bounded(found.lead.text, len(items)):
            continue
        # Labels such as "Cause" and "Cure" name parts of the list, not things.
        if len([item for item in items if item.casefold() in LISTS["roles"]]) * 2 >= len(items):
            continue
        clause = clause_of(Prose(found.lead, found.start_ms, found.line), passage)
        if clause.text.rstrip(":") and not _BACK.match(clause.text):
            question = clause.text.rstrip(": ") + ":"
            yield Candidate("list", "list", clause, "; ".join(items), question=question, items=items, subject=question)


def titled(passage: Passage) -> Iterator[Candidate]:
    """Yield what the letters in a heading stand for."""
    if passage.section is not None and "(" in passage.heading:
        heading = Sentence(passage.heading, passage.start_ms)
        yield from acronyms(clause_of(Prose(heading, passage.start_ms, passage.section.line), passage))


def _is_bounded(lead: str, count: int) -> bool:
    """Return whether a lead tells how many things follow, or names a closed class of things."""
    words = set(lead.casefold().replace(":", " ").split())
    named = {COUNTS[word] for word in words & COUNTS.keys()}
    if count in named or str(count) in words:
        return True
    return not named and bool(_CLOSED.search(lead)) and not _OPEN.search(lead)


def _items(found: Bullets) -> tuple[str, ...]:
    """Return the items, each its label or its first sentence; () when one is empty or long."""
    items = []
    for bullet, _ in found.bullets:
        whole = sentences(bullet)
        text = whole[0].text if whole else ""
        label = _LABEL.match(text)
        text = (label[1] if label else text).strip(" .:;,")
        if not text or len(text) > LONGEST or bullet.atoms:
            return ()
        items.append(text)
    return tuple(items)
