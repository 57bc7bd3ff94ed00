"""What a name or term is, told in passing: "Bessarabia, the eastern part of Moldavia, ..."."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.english import COMMON, STOP, Token, rarity
from convert.extract.cards.rules.definitions import PEOPLE

FEWEST, MOST = 3, 16
"""Words of what is told."""
_GLOSS = re.compile(
    r"(?: \([A-Z][\w.]{1,6}\))?(?:, (?:or |which (is|are|was|were) )?|[—–]| [—–-] | \()"
    r"((?:an?|the|one of the|any) [^,;:()—–]+(?:, (?:which|that|who|where) [^,;:()—–]+)?)"
)
_CLOSED = re.compile(r"[—–)]| [—–-] |, (?!(?:and|or|but|as well as)\b)|[.!]?$")
_NOT_TOLD = re.compile(
    r"(?:an?|the) (?:same|other|next|first|last|latter|former|one|very|few|lot|more|most|better|way|result|move"
    r"|step|process"
    r"|idea|fact|goal|practice of|concept|term|number|majority|need|key|crucial|significant|major|great"
    r"|powerful|vital"
    r"|common|critical|topic|situation|decision|claim|figure|phenomenon|stark|notable|view|large|small|week|day"
    r"|month|year|day|time)\b"
)
_POINTS = re.compile(
    r"\b(?:this|that|these|those|it|its|their|his|her|he|she|they|him|them|you|your|we|our|here)\b", re.I
)
_DATED = re.compile(
    r"\d|(?:century|decade|January|February|March|April|May|June|July|August|September|October|November|December)$"
)
LONGEST = 5
"""Words of a name."""


def appositions(clause: Clause) -> Iterator[Candidate]:
    """A question for what a name or a rare term is, answered by the words set beside it."""
    for match in _GLOSS.finditer(clause.text):
        name = _named(clause, match.start())
        told = match[2].rstrip(' .!"”')
        if not name or not FEWEST <= len(told.split()) <= MOST or not _CLOSED.match(clause.text, match.end()):
            continue
        if clause.text[match.start() : match.start() + 2] == ", " and not _set_beside(
            clause, match.start(), match.end()
        ):
            continue
        if _NOT_TOLD.match(told) or _POINTS.search(told) or not _nominal(clause, match.start(2), match.end(2)):
            continue
        yield Candidate("apposition", "basic", clause, told, question=_question(name, told, clause), subject=name)


def _named(clause: Clause, end: int) -> str:
    """The name or rare term that ends at `end`, "" when there is none or it stands in a list."""
    before = [i for i, word in enumerate(clause.words) if word.end <= end]
    last = before[-1] + 1 if before else 0
    if not last or clause.words[last - 1].end != end:
        return ""
    match = re.search(r"(?:d?)((?:[PN]|J(?=[JNP]))*[PN])$", clause.tags[:last])
    if not match or _in_list(clause.tags[: match.start()]):
        return ""
    words = clause.words[match.start(1) : last]
    if len(words) > LONGEST or not (words[0].tag == "P" or any(rarity(w.text) == 3 for w in words)):
        return ""
    article = clause.words[match.start()].text.casefold() if match.start() < match.start(1) else ""
    if article not in {"", "the", "a", "an"}:
        return ""
    if match.start() and clause.words[match.start() - 1].text in {"of", "for", "and", "#"} and words[0].tag == "P":
        return ""
    name = clause.text[words[0].start : words[-1].end]
    if _DATED.search(name) or not (words[-1].tag == "P" or _rare(words, article)):
        return ""
    return f"{article} {name}".strip()


def _rare(words: tuple[Token, ...], article: str) -> bool:
    """Whether a name in lower case is a term: one rare word, not a thing spoken of before."""
    return len(words) == 1 and article != "the" and rarity(words[0].text) == 3


def _set_beside(clause: Clause, start: int, end: int) -> bool:
    """Whether words between commas go with the name before them: they close the clause, or its verb follows them."""
    before = "".join(word.tag for word in clause.words if word.end <= start)
    after = "".join(word.tag for word in clause.words if word.start >= end)
    opens = not re.search("[VmDG]", before) and not re.search("[,]", before)
    if opens and (before[:1] in set("psRGD") or not re.match(r",R?[mVDw]", after)):
        return False
    return before[:1] not in set("psR") or bool(re.search("[,]", before))


def _in_list(before: str) -> bool:
    return bool(re.search(r"[PN],?cd?$|[PN],d?$", before))


def _nominal(clause: Clause, start: int, end: int) -> bool:
    """Whether what is told is a noun phrase: its first words hold no finite verb, and it is no mere list of names."""
    tags = "".join(word.tag for word in clause.words if start <= word.start and word.end <= end)
    head = re.match(r"(?:#pd|d)R?[JNPG#D\"]*[NP]", tags)
    lower = any(word.tag in "NG" and word.text[0].islower() for word in clause.words if start <= word.start < end)
    return bool(head) and lower and not re.search(r"^[^w]*(?:[Vm]|D(?![pt]))", tags[head.end() :]) if head else False


def _question(name: str, told: str, clause: Clause) -> str:
    person = PEOPLE.match(told)
    past = re.search(r"\b(?:was|were|had|1\d\d\d|became)\b", clause.text) and person
    plural = (
        name.endswith("s")
        and not name.endswith(("ss", "us", "is"))
        and not told.startswith(("a ", "an "))
        and not person
    )
    proper = name.split()[0].casefold() not in STOP | COMMON or name.split()[-1][0].isupper()
    shown = name if proper else name[0].lower() + name[1:]
    return f"{'Who' if person else 'What'} {'was' if past else 'are' if plural else 'is'} {shown}?"
