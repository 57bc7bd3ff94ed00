"""The rules that propose cards: each takes a clause and yields candidates, good and bad; `mining` judges them.

This module has the rules that search a sentence or a heading for one pattern: dates and acronyms.

Kept apart because `mining`, which chooses among candidates, need not know how they are found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from convert.extract.cards.candidate import Candidate, Clause, clause_of
from convert.extract.cards.definitions import definitions, naming
from convert.extract.cards.passages import Passage, Prose, Sentence

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"\b(?:(?:{_MONTH})(?: \d{{1,2}}(?:st|nd|rd|th)?)?,? (?:of )?|\d{{1,2}} (?:{_MONTH}),? )?"
    r"(?<![-–\d$€£,.])(?:1[0-9]\d\d|20[0-3]\d)s?\b(?![-–]\d|,\d{3}|%| ?(?:percent|people|million|years|times|miles"
    r"|dollars|meters|km|kg|words))"
    r"|\b(?:early |mid-|late )?\d{1,2}(?:st|nd|rd|th)[ -]century\b"
)
_YEAR = re.compile(r"\d{4}s?$")
_MEASURES = re.compile(r"\b(?:of|to|is|size|than|over|about|equals?|at least|up to|bit|for|with|and its|requires?) $")
"""Words before a number that is more often a size than a year."""

_SHORT = r"([A-Z][A-Za-z]{0,4}[A-Z]s?)"
# Hyphens belong to the word before them unless blanks follow: with one way to read each text, none is tried twice.
_WORDS = r"[A-Za-z][\w'’-]{0,60}+(?: [ -]{0,9}+[A-Za-z][\w'’-]{0,60}+){0,6}+"
_LETTERS_FIRST = re.compile(rf"\b{_SHORT} \((?=[^()]*[ -][A-Za-z])({_WORDS})\)")
_ACRONYM = re.compile(rf"(?<![A-Za-z])({_WORDS}) \({_SHORT}\)")
_GAP = re.compile(r"[ -]++")
_SINGULAR = (("ies", "y"), ("oses", "osis"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("ss", "ss"))
"""Endings of plurals, but for those that only lose their s."""
_SMALL = frozenset({"of", "the", "and", "for", "in", "on", "to"})


def dates(clause: Clause) -> Iterator[Candidate]:
    """Yield a gap for the year of every date, or for its decade or century."""
    for match in _DATE.finditer(clause.text):
        if not _MEASURES.search(clause.text, 0, match.start()):
            # Day and month stay on the card: only the year is worth learning.
            year = _YEAR.search(match.group())
            start = match.start() + (year.start() if year else 0)
            yield Candidate("date", "cloze", clause, clause.text[start : match.end()], (start, match.end()))


def acronyms(clause: Clause) -> Iterator[Candidate]:
    """Yield what the letters of "Words Of It (WOI)" or "WOI (Words Of It)" stand for."""
    for text in (clause.label, clause.text):
        if "(" not in text:
            continue
        for match in _LETTERS_FIRST.finditer(text):
            if _spells(_GAP.split(match[2]), match[1].removesuffix("s")):
                yield _acronym(clause, match[1], match[2])
        for match in _ACRONYM.finditer(text):
            if answer := _words_of(match[1], match[2].removesuffix("s")):
                yield _acronym(clause, match[2], answer)


def _words_of(before: str, short: str) -> str:
    """Return the last words of `before` that letters stand for, or "".

    As many words as letters are tried first.
    """
    starts = [0, *[gap.end() for gap in _GAP.finditer(before)]]
    words = _GAP.split(before)
    counts = range(1, min(len(words), len(short) + 2) + 1)
    for count in sorted(counts, key=lambda count: (_initials(words[-count:]) != short.casefold(), count)):
        if _spells(words[-count:], short):
            return before[starts[-count] :]
    return ""


def _acronym(clause: Clause, short: str, answer: str) -> Candidate:
    answer = answer.rstrip("'’")
    if short.endswith("s") or (short.endswith("S") and _initials(_GAP.split(answer)) == short[:-1].casefold()):
        short = short[:-1]
        head, of, rest = answer.partition(" of ")
        answer = answer if " and " in answer else _singular(head) + of + rest
    return Candidate("acronym", "basic", clause, answer, question=f"What does {short} stand for?", subject=short)


def _initials(words: list[str]) -> str:
    return "".join([word[0] for word in words if word and word.casefold() not in _SMALL]).casefold()


def _singular(words: str) -> str:
    """Return words without the plural of the last: "area", "body", "index", "anastomosis"."""
    for ending, single in _SINGULAR:
        if words.endswith(ending):
            return words.removesuffix(ending) + single
    return words.removesuffix("s")


def _spells(words: list[str], short: str) -> bool:
    """Return whether letters stand for words: each word gives its first letter, and all letters occur in order."""
    letters, text = short.casefold(), "".join(words)
    if words[0].casefold() in _SMALL or words[1:2] == ["the"] or words[0][:1].casefold() != letters[0] or len(text) < 8:
        return False
    return _is_within(_initials(words), letters) and _is_within(letters, text.casefold())


def _is_within(letters: str, text: str) -> bool:
    """Return whether the letters occur in the text in this order."""
    rest = iter(text)
    return all(letter in rest for letter in letters)


def titled(passage: Passage) -> Iterator[Candidate]:
    """Yield what the letters in a heading stand for."""
    if passage.section is not None and "(" in passage.heading:
        heading = Sentence(passage.heading, passage.start_ms)
        yield from acronyms(clause_of(Prose(heading, passage.start_ms, passage.section.line), passage))


Rule = Callable[[Clause], Iterator[Candidate]]
RULES: tuple[Rule, ...] = (definitions, naming, acronyms, dates)
"""In order of precedence: the first of two rules with the same gap gives the card its name."""

ANYWHERE: tuple[Rule, ...] = (acronyms,)
"""Rules whose cards need no context: they are tried on sentences that cannot give other cards."""
