"""Acronyms: what letters stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause

_LETTERS_FIRST = re.compile(r"\b([A-Z][A-Za-z]{0,4}[A-Z]s?) \(((?:[A-Za-z][\w'’-]*[ -]+){1,6}[A-Za-z][\w'’-]*)\)")
_ACRONYM = re.compile(r"((?:[A-Za-z][\w'’-]*[ -]+){0,6}[A-Za-z][\w'’-]*) \(([A-Z][A-Za-z]{0,4}[A-Z]s?)\)")


def acronyms(clause: Clause) -> Iterator[Candidate]:
    """ "Words Of It (WOI)" or "WOI (Words Of It)": what the letters stand for."""
    for text in (clause.label, clause.text):
        if "(" in text:
            yield from _spelled_in(clause, text)


def _spelled_in(clause: Clause, text: str) -> Iterator[Candidate]:
    for match in _LETTERS_FIRST.finditer(text):
        if _spells(re.split(r"[ -]+", match[2]), match[1].removesuffix("s")):
            yield _letters(clause, match[1], match[2])
    for match in _ACRONYM.finditer(text):
        words = re.split(r"[ -]+", match[1])
        for count in _lengths(words, match[2].removesuffix("s")):
            if _spells(words[-count:], match[2].removesuffix("s")):
                yield _letters(clause, match[2], match[1][_start(match[1], words[-count:]) :])
                break


def _letters(clause: Clause, short: str, answer: str) -> Candidate:
    if short.endswith("s"):
        short = short[:-1]
        answer = answer if " of " in answer else answer.removesuffix("s")
    return Candidate("acronym", "basic", clause, answer, question=f"What does {short} stand for?", subject=short)


def _lengths(words: list[str], short: str) -> list[int]:
    """How many of the words before the brackets may be meant: as many as there are letters first."""
    counts = range(1, min(len(words), len(short) + 2) + 1)
    return sorted(counts, key=lambda count: (_initials(words[-count:]) != short.casefold(), count))


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words if word and word.casefold() not in _SMALL).casefold()


_SMALL = frozenset({"of", "the", "and", "for", "in", "on", "to"})


def _spells(words: list[str], short: str) -> bool:
    """Whether letters stand for words: each word gives its first letter, and all letters are found in order."""
    if words[0].casefold() in _SMALL or words[0][:1].casefold() != short[0].casefold() or len("".join(words)) < 8:
        return False
    return _within(_initials(words), short.casefold()) and _within(short.casefold(), "".join(words).casefold())


def _within(letters: str, text: str) -> bool:
    """Whether the letters stand in the text in this order."""
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _start(text: str, tail: list[str]) -> int:
    """Where the words of `tail` begin in `text`, which ends with them."""
    return re.search(r"[ -]+".join(map(re.escape, tail)) + "$", text).start()  # type: ignore[union-attr]
