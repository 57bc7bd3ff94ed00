"""What the rules propose: a card before it is judged."""

from __future__ import annotations

import re

import msgspec

from convert.extract.cards.english import Token, tokens
from convert.extract.cards.model import Kind
from convert.extract.cards.passages import Passage, Prose
from convert.extract.cards.resolving import resolved
from convert.extract.cards.terms import content

_CONNECTIVE = re.compile(
    r"(?:However|Additionally|Furthermore|Moreover|For example|For instance|Similarly|Likewise|Consequently"
    r"|Therefore|Thus"
    r"|Hence|As a result|In addition|Also|Specifically|Notably|Importantly|In fact|Finally|Ultimately|Interestingly"
    r"|Crucially|Instead|Conversely|In contrast|By contrast|On the other hand|Meanwhile|Indeed|Overall|Essentially"
    r"|In essence|In other words|That is|First|Second|Third|Firstly|Secondly|Thirdly|Lastly|Next|Then|Again|Besides"
    r"|Fundamentally|Generally|In general|In particular|Particularly|Primarily|Unfortunately|Fortunately|Surprisingly"
    r"|Remarkably|Significantly|Nevertheless|Nonetheless|Still|Accordingly|To illustrate|More importantly"
    r"|Historically speaking|Simply put|Put simply|Technically|Basically), +|(?:And|But|Yet) "
)
_LABEL = re.compile(r"([^.:?!]{2,60}?)(?::| [–—-]) +(?=\S)")
_RUN_IN = re.compile(r"\s+[A-Z]\w* [a-z\d]")
"""A bold lead without a mark: "**Piers** The deck rests on ..."."""


class Clause(msgspec.Struct, frozen=True, gc=False):
    """A sentence made ready for rules: its connective and its label taken off, its words classed."""

    prose: Prose
    passage: Passage
    text: str
    shift: int
    """Characters taken off its start."""
    label: str
    """The label that stood before it in a list item (`Label: ...`), or ""."""
    words: tuple[Token, ...]
    resolved: bool
    """Whether its opening pronoun was replaced."""
    stems: tuple[str, ...]
    """The stems of its content words."""
    tags: str
    """The classes of `words`, a character each."""

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The offsets of the words `first` to `last`, both included."""
        return self.words[first].start, self.words[last].end


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A proposed card; a cloze has `gap` (offsets in the clause's text), others a question and an answer."""

    rule: str
    kind: Kind
    clause: Clause
    answer: str
    gap: tuple[int, int] = (0, 0)
    question: str = ""
    items: tuple[str, ...] = ()
    """The items of a list card."""
    subject: str = ""
    """What the card asks about: the anchor of a card with a question."""


def clause_of(prose: Prose, passage: Passage) -> Clause:
    """The clause of a sentence."""
    text = prose.sentence.text
    label = ""
    strong = next((s for s in prose.sentence.spans if s.kind == "strong" and s.start == 0), None)
    match = _LABEL.match(text) if prose.index == 0 and (prose.item or strong) else None
    if match and (strong or prose.item) and match.end() < len(text):
        label, text = match[1].strip(" *:"), text[match.end() :]
    elif strong and _RUN_IN.match(text, strong.end):
        label, text = text[: strong.end].strip(" .:"), text[strong.end :].lstrip()
    connective = _CONNECTIVE.match(text)
    if connective and connective.end() < len(text):
        text = text[connective.end() :]
    shift = len(prose.sentence.text) - len(text)
    known = resolved(text, "" if label else prose.before, label or (passage.path[-1] if passage.path else ""))
    if known:
        shift += len(text) - len(known)
        text = known
    elif shift:
        text = text[0].upper() + text[1:]
    words = tuple(tokens(text))
    return Clause(
        prose,
        passage,
        text,
        shift,
        label,
        words,
        bool(known),
        tuple(stem for word in words for stem in content(word.text)),
        "".join(token.tag for token in words),
    )
