"""Pronouns at the start of a sentence, put back into the words they stand for where that is safe."""

from __future__ import annotations

import re

from convert.extract.cards.english import Token, rarity, tokens
from convert.extract.cards.terms import stem

_OPENING = re.compile(
    r"(It|They|He|She|Its|Their|His|Her)\b(?=[ ’'])|(?:This|These|That|Such) ([a-z]+)\b(?= (?:is|are|was|were"
    r"|has|have|had|can|may|\w+ed|\w+s)\b)"
)
_EMPTY_IT = re.compile(
    r"It(?:['’]s| is| was| has been| can be| may be) (?:\w+ly |also |often )?(?:\w+ed|\w+ble|important|crucial"
    r"|essential|vital|clear"
    r"|likely|true|worth|known|not|only|about|necessary|easy|hard|difficult|better|best|good)\b(?! (?:as|by|in"
    r"|on|for|with)\b)"
)
"""An "it" that stands for nothing before it."""
_SUBJECT = re.compile(r'"?d?[JNPG#D]*[NP]"?(?=(?:\([^(]*\(,?)?R*[mVD])')
_PERSON = re.compile(r"P{2,4}$")
LONGEST = 6
"""Words of a subject."""


def resolved(text: str, before: str, heading: str) -> str:
    """The sentence with its opening pronoun replaced by the subject of the sentence `before`, or its opening
    "this X" by a heading that is an X; "" when neither is safe."""
    match = _OPENING.match(text)
    if not match or _EMPTY_IT.match(text):
        return ""
    name = _by_heading(match[2], heading) if match[2] else _by_subject(match[1], before)
    if not name:
        return ""
    owned = match[1] in {"Its", "Their", "His"} or (match[1] == "Her" and not re.match(r"Her (?:is|was|has)", text))
    mark = ("’" if name.endswith("s") else "’s") if owned else ""
    return name + mark + re.sub(r"^['’]s\b", " is", text[match.end() :])


def _by_heading(noun: str, heading: str) -> str:
    """The heading when it is a noun phrase that ends in `noun`, with an article where it needs one."""
    words = heading.split()
    if (
        not 1 < len(words) <= LONGEST
        or not words[-1].isalpha()
        or words[0].endswith("ing")
        or stem(words[-1]) != stem(noun)
    ):
        return ""
    if {"and", "&", "or", "of"} & set(words[:-1]):
        return ""
    plural = noun.endswith("s") and not noun.endswith("ss")
    return heading if plural or words[0] in {"The", "A", "An"} else f"The {heading}"


def _by_subject(pronoun: str, before: str) -> str:
    """The subject of the sentence before: short, a name or a term, in the number and kind of the pronoun."""
    words = tokens(before)
    match = _SUBJECT.match("".join(token.tag for token in words))
    if not match or match.end() > LONGEST:
        return ""
    subject = words[: match.end()]
    name = before[subject[0].start : subject[-1].end]
    return name if _fits(pronoun, subject, name) else ""


def _fits(pronoun: str, subject: list[Token], name: str) -> bool:
    last = subject[-1]
    plural = last.text.endswith("s") and not last.text.endswith(("ss", "is", "us"))
    known = any(token.tag == "P" for token in subject[1:]) or any(rarity(token.text) == 3 for token in subject)
    if (
        not known
        or name.endswith(("'s", "’s", "speaker"))
        or subject[0].text.casefold()
        in {
            "this",
            "these",
            "that",
            "his",
            "her",
            "their",
            "its",
            "some",
            "many",
        }
    ):
        return False
    if pronoun in {"He", "She", "His", "Her"}:
        return bool(_PERSON.match("".join(token.tag for token in subject)))
    return plural == (pronoun in {"They", "Their"})
