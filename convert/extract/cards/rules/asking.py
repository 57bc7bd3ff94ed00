"""Questions that a sentence answers: why, how, what for, of what, what happens when, what or who does it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.english import rarity
from convert.extract.cards.grammar import Parsed, asked, finite, parsed, third
from convert.extract.cards.terms import content

FEWEST, MOST = 2, 22
"""Words of an answer."""
MOST_ASKED = 26
"""Words of a question."""
_END = re.compile(r"[;:—–]|, (?:which|who|where|while|whereas|although|but|making|leading|allowing|causing|with)\b|[.!]+[\"”']?$"
                  r"| (?:while|whereas|although|but|even though)\b")
_WHY = re.compile(r",? (?=(?:because(?: of)?|due to|in order to|as a result of|thanks to|so that) )|,? (?=since (?:it|they|the|a|there) )")
_HOW = re.compile(r",? (?=(?:by|through) \w{3,}ing\b)")
_HANDLES = re.compile(r"\b(?:click|select|enter|typ|hover|press|drag)ing\b")
"""Answers that tell how to handle a program."""
_UNBOUND = re.compile(
    r"\b(?:this|these|those|such|he|she|his|him|you|your|we|our|us|I|my|speaker|here|video|article|presenter|author"
    r"|former|latter|above|following|said|says|another|example|instance|also|too|even|therefore|thus)\b",
    re.IGNORECASE,
)
_OBJECT_VERBS = frozenset(
    """accelerate activate affect allow block boost bind break build calculate capture carry cause
    combine comprise connect constitute contain control convert create decrease define delay describe
    destroy detect determine disrupt drive eliminate emit enable encode enhance establish
    exacerbate form generate govern handle hinder identify impair improve increase induce influence inhibit initiate
    limit lower maintain map measure mediate minimize modulate monitor optimize
    predict preserve prevent produce promote protect raise reduce regulate release remove replace represent require
    resemble resolve restore restrict secrete separate signal simulate solve stimulate store
    suppress surround transfer transform translate transmit transport trigger violate weaken""".split()  # noqa: SIM905
)
_LINKED = {"lead": "to", "depend": "on", "rely": "on", "consist": "of", "result": "in from", "stem": "from", "arise": "from",
           "originate": "from in", "contribute": "to", "respond": "to", "bind": "to", "derive": "from", "belong": "to",
           "correspond": "to", "act": "as on", "serve": "as", "refer": "to", "turn": "into", "differ": "from in", "occur": "in"}
_PASSIVE = re.compile(
    r"(?:(?:primarily|mainly|largely|often|usually|typically|generally|commonly|originally|partly) )?"
    r"(?:(?:caused|triggered|driven|produced|controlled|regulated|powered|determined|mediated|released|generated|influenced"
    r"|limited|governed|affected|formed|defined|measured|surrounded|replaced|supported|funded|owned|ruled|separated|followed) by"
    r"|(?:made|composed|comprised) (?:up )?of|(?:responsible|known|used|needed|required|essential|famous|designed|intended|suited) for"
    r"|(?:based|dependent|focused|reliant|built|modeled) on|(?:located|found|stored|measured|rooted|housed|situated) (?:in|on|at|between)"
    r"|(?:derived|made|descended|obtained|separated|different|distinct) from|(?:related|linked|tied|connected|equal|equivalent|proportional|due"
    r"|attributed|sensitive|limited|similar|analogous) to|(?:associated|filled|linked) with|(?:used|designed|needed|required|intended|meant|employed) to"
    r"|divided into|classified (?:as|into)|defined as|measured by|named after|characterized by|capable of) "
)
_IF = re.compile(r"(If|When|Once|Whenever) ([^,]{8,110}), (?:then )?([^:;]{8,170}?)[.!]?$")


def asking(clause: Clause) -> Iterator[Candidate]:
    """Every question that the clause answers."""
    if clause.prose.sentence.atoms or '"' in clause.text[:2]:
        return
    yield from _conditions(clause)
    parts = parsed(clause)
    if parts is None or _UNBOUND.search(parts.subject) or _UNBOUND.search(parts.setting):
        return
    yield from _reasons(clause, parts)
    yield from _objects(clause, parts)


def _fits(question: str, answer: str) -> bool:
    return (
        bool(question)
        and FEWEST <= len(answer.split()) <= MOST
        and 4 <= len(question.split()) <= MOST_ASKED
        and not _UNBOUND.search(question)
        and question.count("(") == question.count(")")
        and answer.count("(") == answer.count(")")
        and answer.count('"') % 2 == 0 == question.count('"') % 2
    )


def _card(rule: str, clause: Clause, question: str, answer: str, subject: str) -> Iterator[Candidate]:
    answer = answer.strip(" ,;.")
    if _fits(question, answer):
        yield Candidate(rule, "basic", clause, answer, question=question, subject=subject)


def _reasons(clause: Clause, parts: Parsed) -> Iterator[Candidate]:
    for word, pattern in (("why", _WHY), ("how", _HOW)):
        match = pattern.search(clause.text, parts.rest)
        if match and _plain(clause.text[parts.first : match.start()]):
            answer = clause.text[match.end() : _end(clause, match.end())]
            if word == "how" and _HANDLES.search(answer):
                continue
            yield from _card(word, clause, asked(parts, clause, word, match.start()), answer, parts.subject)


def _end(clause: Clause, start: int) -> int:
    """Where an answer that begins at `start` ends: before the next clause, which an "and" may open."""
    stop = _END.search(clause.text, start)
    end = stop.start() if stop else len(clause.text)
    for index, word in enumerate(clause.words):
        if start < word.start < end and word.text in {"and", "or"} and _CLAUSE.match(clause.tags, index + 1):
            return word.start
    return end


_CLAUSE = re.compile(r"R?[Vm]|o|d?[JNP#]*[NP](?:pd?[JNP]*[NP])?R?[mV]")


def _plain(predicate: str) -> bool:
    """Whether a predicate can be asked a reason for: it says one thing, and not merely what the subject is called."""
    return not re.search(r"[,;:]|\b(?:and|but|which|who)\b|^(?:is|are|was|were) (?:an?|the|to|that|used|seen|defined)\b|^\w+ (?:it|them)\b", predicate)


def _objects(clause: Clause, parts: Parsed) -> Iterator[Candidate]:
    """ "The liver stores glucose" -> "What does the liver store?"; "X is made of Y" -> "What is X made of?"."""
    text = clause.text
    start = _object(clause, parts)
    if not start:
        return
    answer = text[start : _end(clause, start)]
    if _WHY.search(answer) or _HOW.search(answer):
        return
    yield from _card("object", clause, asked(parts, clause, "what", start), answer, parts.subject)


def _object(clause: Clause, parts: Parsed) -> int:
    """Where the object or what follows "is made of" begins; 0 when the verb is none that forces one."""
    text, words = clause.text, clause.words
    if not parts.base:
        match = _PASSIVE.match(text, parts.rest)
        if match:
            return match.end()
        at = parts.at + 1
        while at < len(words) and words[at].tag == "R":
            at += 1
        verb = finite(words[at].text) if at + 1 < len(words) and parts.verb not in {"is", "are", "was", "were", "has", "have", "had"} else None
        if verb is None or verb[2] != "base" or not verb[1]:
            return 0
        return _after(clause, verb[1], at)
    return _after(clause, parts.base, parts.at)


def _after(clause: Clause, base: str, at: int) -> int:
    words = clause.words
    if at + 1 >= len(words):
        return 0
    following = words[at + 1]
    if base in _LINKED and following.text in _LINKED[base].split() and at + 2 < len(words):
        return words[at + 2].start
    if base in _OBJECT_VERBS and following.tag in "dJNPG#RD":
        return following.start
    return 0


def _conditions(clause: Clause) -> Iterator[Candidate]:
    """ "When light enters water, it slows down" -> "What happens when light enters water?"."""
    match = _IF.match(clause.text)
    if not match or _PAST.search(match[2]) or _VAGUE_CONDITION.match(match[2]):
        return
    first = next((i for i, word in enumerate(clause.words) if word.start >= match.start(2)), 0)
    last = next((i for i, word in enumerate(clause.words) if word.start >= match.end(2)), 0)
    if not re.match(r"R?d?[JNPG#D]*[NP][^,]*[mVD]", clause.tags[first:last]):
        return
    word = match[1].lower()
    yield from _card("condition", clause, f"What happens {word} {match[2]}?", match[3], match[2])


_PAST = re.compile(r"\b(?:was|were|had|did|\w+ed (?:the|a|an|his|her|to|in|by))\b")
_VAGUE_CONDITION = re.compile(r"(?:they|it|he|she|we|you|one|someone|people|\w+ing|part of|a result|of|time|research|technology)\b", re.I)
