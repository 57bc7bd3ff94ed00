"""The rules that propose cards: each takes a clause and yields candidates, good and bad; `mining` judges them.

This module has the rules that search a sentence for one pattern (causes, dates, people, acronyms), and those for
lists (the lead counts the items or names a closed class) and headings (with an acronym).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from convert.extract.cards.candidate import LONGEST_SENTENCE, Candidate, Clause, clause_of
from convert.extract.cards.definitions import definitions, labelled, naming, occurrences, questions
from convert.extract.cards.english import LISTS
from convert.extract.cards.passages import Bullets, Passage, Prose, Sentence, sentences

LONGEST = 14
"""Most words of the answer of a cause."""

_MARKER = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|thanks to|caused by|in order to|so that|as a result of|resulting in"
    r"|result(?:s|ed)? in|lead(?:s|ing)? to|led to|allow(?:s|ing|ed)? (?:for )?|enabl(?:es|ing|ed)"
    r"|prevent(?:s|ing|ed)?|caus(?:es|ing|ed)|trigger(?:s|ing|ed)?|designed to|used to|serves? to|aims? to|aimed at"
    r"|responsible for|depends? on|consists? of|made up of|composed of|requir(?:es|ed|ing)|by (?=\w+ing\b)|instead of"
    r"|rather than|defined (?:as|by)|measured (?:in|by)) ++"
)
_STOP_AT = re.compile(
    r"[,;:(]|(?<=\w) (?:while|which|who|although|but|whereas|when|if|because|since|unless)\b|(?<![.!?])[.!?]++[\"”']?$"
)

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

_ROLE = (
    "President|Prime Minister|Chancellor|King|Queen|Emperor|Sultan|Tsar|Pope|General|Foreign Minister"
    "|Secretary-General|leader|founder|CEO|inventor|mathematician|physicist|chemist|biologist|philosopher"
    "|economist|psychologist|neuroscientist|astronomer|engineer|historian|author|director|researcher|scientist"
)
_NAME = r"((?:[A-Z][\w'’-]+|[A-Z]\.)(?: (?:(?:de|von|van|der|al|bin) )?(?:[A-Z][\w'’-]+|[A-Z]\.|[IVX]+)){1,3})"
_OFFICE = re.compile(rf"\b(?:{_ROLE}),? {_NAME}")
_PASSIVE = re.compile(
    r"\b(?:discovered|invented|founded|created|developed|introduced|proposed|written|coined|designed|proved|proven"
    r"|formulated|established|led|painted|directed|composed|built|described|pioneered|popularized)"
    rf" by (?:[a-z-]+ ){{0,3}}{_NAME}"
)

_SHORT = r"([A-Z][A-Za-z]{0,4}[A-Z]s?)"
# Hyphens belong to the word before them unless blanks follow: with one way to read each text, none is tried twice.
_WORDS = r"[A-Za-z][\w'’-]{0,60}+(?: [ -]{0,9}+[A-Za-z][\w'’-]{0,60}+){0,6}+"
_LETTERS_FIRST = re.compile(rf"\b{_SHORT} \((?=[^()]*[ -][A-Za-z])({_WORDS})\)")
_ACRONYM = re.compile(rf"(?<![A-Za-z])({_WORDS}) \({_SHORT}\)")
_GAP = re.compile(r"[ -]++")
_SMALL = frozenset({"of", "the", "and", "for", "in", "on", "to"})

FEWEST, MOST = 2, 7
"""Items of a list card."""
LONGEST_ITEM = 75
"""Characters of an item of a list card."""
_ACTS = re.compile(
    r"(?:To|If|When|Once|Before|After|Using|Here|Click|Configure|Select|Set|Follow|Go|Add|Then|Next|Enter|Create"
    r"|You|Your|We|For|By|In this|In the (?:video|episode)|This (?:is|means)|Example|Note|Steps?)\b"
)
"""Leads that announce steps or examples."""
_BACK = re.compile(
    r"\A(?:This|These|That|Those|It|They|He|She|His|Her|Their|Its|There|Some)\b|\b(?:it|they|this|these)\b"
)
COUNTS = {word: number for number, word in enumerate("two three four five six seven".split(), 2)} | {"both": 2}  # noqa: SIM905
_CLOSED = re.compile(
    r"\b(?:main|primary|types?|kinds?|parts|components|stages|phases|categories|layers|principles|pillars|elements"
    r"|requirements|conditions|criteria|consists?|divided|classified|composed)\b"
)
_OPEN = re.compile(r"\b(?:includ\w+|such as|examples?|for instance|some|several|various|many|like)\b")
_LABEL = re.compile(r"^(.{2,60}?)(?::| [–—-]) ")


def causes(clause: Clause) -> Iterator[Candidate]:
    """Yield a gap for what follows a word of cause, purpose or composition."""
    for match in _MARKER.finditer(clause.text):
        if match.start() == 0:
            continue
        start = match.end()
        stop = _STOP_AT.search(clause.text, start)
        behind = clause.text[start : stop.start() if stop else None].rstrip()
        if 1 < len(behind.split()) <= LONGEST:
            yield Candidate("cause", "cloze", clause, behind.strip(), (start, start + len(behind)))


def dates(clause: Clause) -> Iterator[Candidate]:
    """Yield a gap for the year of every date, or for its decade or century."""
    for match in _DATE.finditer(clause.text):
        if not _MEASURES.search(clause.text, 0, match.start()):
            # Day and month stay on the card: only the year is worth learning.
            year = _YEAR.search(match.group())
            start = match.start() + (year.start() if year else 0)
            yield Candidate("date", "cloze", clause, clause.text[start : match.end()], (start, match.end()))


def people(clause: Clause) -> Iterator[Candidate]:
    """Yield a gap for a full name that follows an office or an achievement."""
    for match in (*_OFFICE.finditer(clause.text), *_PASSIVE.finditer(clause.text)):
        yield Candidate("person", "cloze", clause, match[1], match.span(1))


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
    if short.endswith("s"):
        short = short[:-1]
        answer = answer if " of " in answer else answer.removesuffix("s")
    return Candidate("acronym", "basic", clause, answer, question=f"What does {short} stand for?", subject=short)


def _initials(words: list[str]) -> str:
    return "".join([word[0] for word in words if word and word.casefold() not in _SMALL]).casefold()


def _spells(words: list[str], short: str) -> bool:
    """Return whether letters stand for words: each word gives its first letter, and all letters occur in order."""
    letters, text = short.casefold(), "".join(words)
    if words[0].casefold() in _SMALL or words[0][:1].casefold() != letters[0] or len(text) < 8:
        return False
    return _is_within(_initials(words), letters) and _is_within(letters, text.casefold())


def _is_within(letters: str, text: str) -> bool:
    """Return whether the letters occur in the text in this order."""
    rest = iter(text)
    return all(letter in rest for letter in letters)


def lists(passage: Passage) -> Iterator[Candidate]:
    """Yield a card for each short list that a sentence announces."""
    for found in passage.lists:
        lead = found.lead.sentence.text if found.lead else ""
        if not found.lead or len(lead) > LONGEST_SENTENCE or _ACTS.match(lead):
            continue
        items = _items(found)
        if not FEWEST <= len(items) <= MOST or not _is_bounded(lead, len(items)):
            continue
        # Labels such as "Cause" and "Cure" name parts of the list, not things.
        if len([item for item in items if item.casefold() in LISTS["roles"]]) * 2 >= len(items):
            continue
        clause = clause_of(found.lead, passage)
        if clause.text.rstrip(":") and not _BACK.search(clause.text):
            question = clause.text.rstrip(": ") + ":"
            yield Candidate("list", "list", clause, "; ".join(items), question=question, items=items, subject=question)


def titled(passage: Passage) -> Iterator[Candidate]:
    """Yield what the letters in a heading stand for."""
    if passage.section is not None and "(" in passage.heading:
        heading = Sentence(passage.heading, passage.start_ms)
        yield from acronyms(clause_of(Prose(heading, passage.start_ms, passage.section.line), passage))


def _is_bounded(lead: str, count: int) -> bool:
    """Return whether a lead gives the number of items or a closed class."""
    words = set(lead.casefold().replace(":", " ").split())
    named = {COUNTS[word] for word in words & COUNTS.keys()}
    if count in named or str(count) in words:
        return True
    return not named and bool(_CLOSED.search(lead)) and not _OPEN.search(lead)


def _items(found: Bullets) -> tuple[str, ...]:
    """Return the label or first sentence of each item; () if one is empty or too long."""
    items = []
    for bullet, _ in found.bullets:
        whole = sentences(bullet)
        text = whole[0].text if whole else ""
        label = _LABEL.match(text)
        text = (label[1] if label else text).strip(" .:;,")
        if not text or len(text) > LONGEST_ITEM or bullet.atoms:
            return ()
        items.append(text)
    return tuple(items)


Rule = Callable[[Clause], Iterator[Candidate]]
RULES: tuple[Rule, ...] = (questions, definitions, labelled, naming, occurrences, acronyms, dates, people, causes)
"""In order of precedence: the first of two rules with the same gap gives the card its name."""

ANYWHERE: tuple[Rule, ...] = (acronyms,)
"""Rules whose cards need no context: they are tried on sentences that cannot give other cards."""
