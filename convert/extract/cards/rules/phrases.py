"""Noun phrases: names, links, quoted words and the things that a sentence ends on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause

_PHRASE = re.compile(r"(?:[JNP#]|D(?=[JNP])|R(?=[JD][NP]))*[NP](?:pd?(?:[JNP#]|D(?=[JNP]))*[NP])?")
_SIMPLE = re.compile(r"(?:[JNP#]|D(?=[JNP]))*[NP]")
_QUOTED = re.compile(r"[\"“]([^\"“”]{2,60})[\"”]")
LONGEST = 6
"""Words of a phrase."""


def quoted(clause: Clause) -> Iterator[Candidate]:
    """A gap for the words between quotation marks."""
    for match in _QUOTED.finditer(clause.text):
        answer = match[1].rstrip(" ,.;")
        if answer and len(answer.split()) <= LONGEST - 1 and not answer.endswith("?"):
            yield Candidate("quoted", "cloze", clause, answer, (match.start(1), match.start(1) + len(answer)))


def phrases(clause: Clause) -> Iterator[Candidate]:
    """A gap for every noun phrase, with and without what "of" adds to it."""
    seen: set[tuple[int, int]] = set()
    for pattern in (_SIMPLE, _PHRASE):
        for match in pattern.finditer(clause.tags):
            first, last = match.start(), match.end() - 1
            words = clause.words[first : last + 1]
            linking = [w.text for w in words if w.tag == "p"]
            if (first, last) in seen or last - first >= LONGEST or linking not in ([], ["of"]):
                continue
            seen.add((first, last))
            start, end = clause.span(first, last)
            rule = "name" if clause.tags[last] == "P" and clause.tags[first] in "P#" else "term"
            yield Candidate(rule, "cloze", clause, clause.text[start:end], (start, end))
