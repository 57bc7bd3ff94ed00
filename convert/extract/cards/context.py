"""The line above a card that tells where it stands, without the answer; and what leaks it all the same."""

from __future__ import annotations

import re

import msgspec

from convert.extract.cards.candidate import Candidate
from convert.extract.cards.terms import content, normal

LETTERS = 7
"""Letters of an answer from which it is looked for in a title whose punctuation was dropped ("timerestricted")."""
_LETTER = re.compile(r"[^\W_]")


def title_words(title: str) -> frozenset[str]:
    """The stems of a title, and all its letters in one."""
    return frozenset((*content(title), "".join(_LETTER.findall(title.casefold()))))


class Leak(msgspec.Struct, frozen=True, gc=False):
    """Shares (0 to 1) of the content words of an answer that can be read elsewhere on the card."""

    title: float
    heading: float
    rest: float


def context_of(title: str, candidate: Candidate) -> str:
    """The note's title and the headings that hold no content word of the answer; the label of a list item last.

    A heading that repeats the title or the question is left out.
    """
    path = candidate.clause.passage.path
    label = candidate.clause.label if candidate.rule != "labelled" else ""
    answer = set(content(candidate.answer))
    said = {"", normal(title), normal(candidate.question)}
    kept = [h for h in (*path, label) if normal(h) not in said and not answer & set(content(h))]
    return " › ".join((title, *kept))


def leak_of(title: frozenset[str], candidate: Candidate) -> Leak:
    """How much of the answer the title, the nearest heading and the rest of the front give away."""
    answer = content(candidate.answer)
    path = candidate.clause.passage.path
    letters = "".join(_LETTER.findall(candidate.answer.casefold()))
    if len(letters) >= LETTERS and any(letters in known for known in title if len(known) > LETTERS):
        return Leak(1.0, 0.0, 0.0)
    if not answer:
        return Leak(0.0, 0.0, 0.0)
    heading = set(content(path[-1])) if path else set()
    rest = _rest(candidate)
    return Leak(*(sum(stem in words for stem in answer) / len(answer) for words in (title, heading, rest)))


def _rest(candidate: Candidate) -> set[str]:
    """The stems of the front without the answer."""
    if candidate.kind != "cloze":
        return set(content(candidate.question))
    start, end = candidate.gap
    return {
        stem for word in candidate.clause.words if word.end <= start or word.start >= end for stem in content(word.text)
    }
