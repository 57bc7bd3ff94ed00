"""Sentences prepared for the rules, and the cards that rules propose before they are judged."""

from __future__ import annotations

import re

import msgspec

from convert.extract.cards.english import Token, content, is_plural, stem, tokens
from convert.extract.cards.model import Kind
from convert.extract.cards.passages import Passage, Prose

_CONNECTIVE = re.compile(
    r"(?:However|Additionally|Furthermore|Moreover|For example|For instance|Similarly|Likewise|Consequently|Therefore"
    r"|Thus|Hence|As a result|In addition|Also|Specifically|Notably|Importantly|In fact|Finally|Ultimately"
    r"|Interestingly|Crucially|Instead|Conversely|In contrast|By contrast|On the other hand|Meanwhile|Indeed|Overall"
    r"|Essentially|In essence|In other words|That is|First|Second|Third|Firstly|Secondly|Thirdly|Lastly|Next|Then"
    r"|Again|Besides|Fundamentally|Generally|In general|In particular|Particularly|Primarily|Unfortunately"
    r"|Fortunately|Surprisingly|Remarkably|Significantly|Nevertheless|Nonetheless|Still|Accordingly|To illustrate"
    r"|More importantly|Historically speaking|Simply put|Put simply|Technically|Basically), ++|(?:And|But|Yet) "
)
_LABEL = re.compile(r"([^.:?!]{2,60}?)(?::| [–—-]) ++(?=\S)")
_RUN_IN = re.compile(r"\s{1,3}+[A-Z]\w*+ [a-z\d]")
"""A bold lead followed by a sentence: "**Piers** The deck rests on ..."."""
_OPENING = re.compile(
    r"(It|They|He|She|Its|Their|His|Her)\b(?=[ ’'])"
    r"|(?:This|These|That|Such) ([a-z]++)\b(?= (?:is|are|was|were|has|have|had|can|may|\w+ed|\w+s)\b)"
)
_EMPTY_IT = re.compile(
    r"It(?:['’]s| is| was| has been| can be| may be) (?:\w+ly |also |often )?(?:\w+ed|\w+ble|important|crucial"
    r"|essential|vital|clear|likely|true|worth|known|not|only|about|necessary|easy|hard|difficult|better|best|good)\b"
    r"(?! (?:as|by|in|on|for|with)\b)"
)
"""An "it" that refers to nothing before it."""
_SUBJECT = re.compile(r'\A"?d?[JNPG#D]*[NP]"?(?=(?:\([^(]*+\(,?)?R*+[mVD])')
_PERSON = re.compile(r"P{2,4}$")
_HER_BE = re.compile(r"Her (?:is|was|has)")
_SHORT_IS = re.compile(r"^['’]s\b")
_NO_NAME = frozenset({"this", "these", "that", "his", "her", "their", "its", "some", "many"})
LONGEST = 6
"""Words of a subject that replaces a pronoun."""
LONGEST_SENTENCE = 2000
"""Characters of a sentence that is mined: a longer one is no card, whatever it says."""


class Clause(msgspec.Struct, frozen=True, gc=False):
    """A sentence prepared for the rules, without its connective and its label."""

    prose: Prose
    passage: Passage
    text: str
    label: str
    """The label before it in a list item (`Label: ...`), or ""."""
    words: tuple[Token, ...]
    pronoun_replaced: bool
    """Whether its opening pronoun was replaced by what it refers to."""
    stems: tuple[str, ...]
    """The stems of its content words."""
    tags: str
    """The classes of `words`, a character each."""


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A proposed card; a cloze has a `gap` (offsets in the clause's text), other kinds a question and an answer."""

    rule: str
    kind: Kind
    clause: Clause
    answer: str
    gap: tuple[int, int] = (0, 0)
    question: str = ""
    subject: str = ""
    """The subject of the question, used as anchor."""


def clause_of(prose: Prose, passage: Passage) -> Clause:
    """Return the clause of a sentence."""
    text = whole = prose.sentence.text
    label = ""
    strong = next((s for s in prose.sentence.spans if s.kind == "strong" and s.start == 0), None)
    match = _LABEL.match(text) if prose.index == 0 and (prose.item or strong) else None
    if match and match.end() < len(text):
        label, text = match[1].strip(" *:"), text[match.end() :]
    elif strong and _RUN_IN.match(text, strong.end):
        label, text = text[: strong.end].strip(" .:"), text[strong.end :].lstrip()
    connective = _CONNECTIVE.match(text)
    if connective and connective.end() < len(text):
        text = text[connective.end() :]
    known = replace_pronoun(text, "" if label else prose.before, label or passage.heading)
    if not known and len(text) < len(whole):
        text = text[0].upper() + text[1:]
    text = known or text
    words = tuple(tokens(text))
    stems = tuple([word_stem for word in words for word_stem in content(word.text)])
    tags = "".join([word.tag for word in words])
    return Clause(prose, passage, text, label, words, bool(known), stems, tags)


def replace_pronoun(text: str, before: str, heading: str) -> str:
    """Return a sentence with its opening pronoun replaced by what it refers to, or "" if that is not safe.

    A pronoun refers to the subject of `before`; "this X" to a heading that ends in X.
    """
    match = _OPENING.match(text)
    if not match or _EMPTY_IT.match(text):
        return ""
    name = _by_heading(match[2], heading) if match[2] else _by_subject(match[1], before)
    if not name:
        return ""
    owned = match[1] in {"Its", "Their", "His"} or (match[1] == "Her" and not _HER_BE.match(text))
    possessive = ("’" if name.endswith("s") else "’s") if owned else ""
    return name + possessive + _SHORT_IS.sub(" is", text[match.end() :])


def _by_heading(noun: str, heading: str) -> str:
    """Return the heading if it is a noun phrase that ends in `noun`, with an article if it needs one."""
    words = heading.split()
    if not 1 < len(words) <= LONGEST or not words[-1].isalpha() or words[0].endswith("ing"):
        return ""
    if stem(words[-1]) != stem(noun) or {"and", "&", "or", "of"} & set(words[:-1]):
        return ""
    plural = noun.endswith("s") and not noun.endswith("ss")
    return heading if plural or words[0] in {"The", "A", "An"} else f"The {heading}"


def _by_subject(pronoun: str, before: str) -> str:
    """Return the subject of `before` if it is short, a name or a term, and agrees with the pronoun."""
    words = tokens(before)
    match = _SUBJECT.match("".join([word.tag for word in words]))
    if not match or match.end() > LONGEST:
        return ""
    subject = words[: match.end()]
    name = before[subject[0].start : subject[-1].end]
    if name.endswith(("'s", "’s", "speaker")) or subject[0].lower in _NO_NAME:
        return ""
    if "P" not in match.group()[1:] and max([token.rarity for token in subject]) < 3:
        return ""
    if pronoun in {"He", "She", "His", "Her"}:
        return name if _PERSON.match(match.group()) else ""
    return name if is_plural(subject[-1].text) == (pronoun in {"They", "Their"}) else ""
