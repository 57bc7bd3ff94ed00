"""A sentence taken apart into setting, subject and verb, and turned into a question."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec

from convert.extract.cards.candidate import Clause
from convert.extract.cards.english import COMMON, LISTS, STOP

Tense = Literal["s", "base", "past"]

BASES = LISTS["bases"]
_IRREGULAR = dict(pair.split(":") for pair in sorted(LISTS["irregular"]))
_AUXILIARIES = frozenset("is are was were can could will would should may might must cannot".split())  # noqa: SIM905
_HAVE = {"has": "s", "have": "base", "had": "past"}
_SETTING = re.compile(
    r"(?:In|On|At|During|After|Before|Since|From|Under|Until|Between|Following|By|Within|Throughout|For|With|Among|Across"
    r"|Through|Without)\b[^,]{2,60}, "
)
_SUBJECT = re.compile(
    r'"?d?R?[JNPG#D"]*[NPG]"?(?:cd?[JNPG#]*[NP])?(?:pd?[JNPG#D]*[NP](?:cd?[JNPG#]*[NP])?){0,2}(?:\([^(]*\(,?)?'
)
LONGEST = 12
"""Words of a subject."""


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """A main clause whose subject and verb are known: `setting` + `subject` + `verb` + what follows `rest`."""

    setting: str
    """What stands before the subject ("In 1932"), "" when nothing does."""
    subject: str
    """In the middle of a sentence: its article in lower case."""
    verb: str
    """The auxiliary, or the only verb, as written."""
    base: str
    """The verb's base; "" after an auxiliary."""
    tense: Tense
    first: int
    """The offset of the verb in the text."""
    rest: int
    """The offset of what follows it."""
    plural: bool
    at: int
    """The index of the verb among the words."""


def parsed(clause: Clause) -> Parsed | None:
    """The parts of a clause that opens with a setting or its subject; None when they are not plain."""
    text, words = clause.text, clause.words
    setting = _SETTING.match(text)
    start = setting.end() if setting else 0
    skipped = next((i for i, word in enumerate(words) if word.start >= start), len(words))
    match = _SUBJECT.match(clause.tags, skipped)
    if not match:
        return None
    at, adverb = match.end(), ""
    while at < len(words) and words[at].tag == "R":
        adverb, at = adverb + " ", at + 1
    at, found = _verb(clause, skipped, at)
    if found is None or at - skipped > LONGEST:
        return None
    verb, base, tense = found
    last = at - 1
    while last >= skipped and words[last].tag in "R,":
        last -= 1
    subject = text[words[skipped].start : words[last].end]
    return Parsed(
        setting[0].rstrip(", ") if setting else "",
        lowered(subject, words[skipped].tag == "P" and skipped > 0),
        verb,
        base,
        tense,
        words[at].start,
        words[at].end + 1,
        _plural(words[last].text, subject, verb),
        at,
    )


def _verb(clause: Clause, first: int, at: int) -> tuple[int, tuple[str, str, Tense] | None]:
    """The index and form of the verb at `at`, or of a noun before it that is one ("the enzyme cleaves bonds")."""
    words = clause.words
    if at < len(words) and words[at].tag in "mVDN":
        found = finite(words[at].text)
        if found:
            return at, found
    for index in range(first + 1, min(at, len(words) - 1)):
        word = words[index]
        if word.tag == "N" and word.text.endswith("s") and not words[index - 1].text.endswith("s"):
            found = finite(word.text)
            if found and found[2] == "s" and words[index + 1].tag in "dJN#P" and words[index - 1].tag in "NP":
                return index, found
    return at, None


@lru_cache(maxsize=1 << 13)
def finite(word: str) -> tuple[str, str, Tense] | None:
    """A finite form as (form, base, tense); the base of an auxiliary is "". None when the word is no known verb."""
    word = word.casefold()
    if word in _AUXILIARIES or word in _HAVE:
        return word, "", "base"
    if word in _IRREGULAR:
        return word, _IRREGULAR[word], "past"
    for ending, put, tense in _ENDINGS:
        base = word.removesuffix(ending) + put
        if word.endswith(ending) and base in BASES:
            return word, base, tense
    if len(word) > 5 and word.endswith("ed") and word[-3] == word[-4] and word[:-3] in BASES:
        return word, word[:-3], "past"
    return (word, word, "base") if word in BASES else None


_ENDINGS: tuple[tuple[str, str, Tense], ...] = (
    ("ies", "y", "s"), ("s", "", "s"), ("es", "", "s"), ("ied", "y", "past"), ("d", "", "past"), ("ed", "", "past"),
)  # fmt: skip


def lowered(subject: str, name: bool = False) -> str:
    """A subject as it stands inside a sentence: its first word in lower case unless that is a name."""
    word, *others = subject.split()
    if others and others[0][0].isupper() and word not in {"The", "A", "An"}:
        return subject
    plain = word.casefold() in STOP | COMMON or word.casefold() in LISTS["familiar"] | LISTS["adjectives"]
    return subject[0].lower() + subject[1:] if plain and not name and word[1:].islower() or word in {"A"} else subject


def _plural(last: str, subject: str, verb: str) -> bool:
    if verb in {"are", "were", "have"}:
        return True
    return verb not in {"is", "was", "has"} and last.endswith("s") and not last.endswith(("ss", "us", "is"))


def asked(parts: Parsed, clause: Clause, word: str, end: int) -> str:
    """The question `word` asks of the clause up to `end`: "why" -> "Why does light bend in glass?"; "" when it cannot.

    `parts` tells subject and verb; the verb goes before the subject, or `do` does.
    """
    rest = clause.text[parts.rest : end].strip(" ,;")
    follows = clause.words[parts.at + 1].tag if parts.at + 1 < len(clause.words) else ""
    body = _inverted(parts, rest, follows)
    if not body:
        return ""
    setting = f"{parts.setting}, " if parts.setting else ""
    question = f"{setting}{word} {body}"
    return question[0].upper() + question[1:].rstrip(" ,.;:") + "?"


def _inverted(parts: Parsed, rest: str, follows: str) -> str:
    verb = parts.verb
    if verb in _HAVE and follows not in {"D", "R", "m"}:
        return f"{_do(_HAVE[verb], parts)} {parts.subject} have {rest}"
    if not parts.base:
        return f"{verb} {parts.subject} {rest}".rstrip() if verb != "cannot" else f"can {parts.subject} not {rest}"
    return f"{_do(parts.tense, parts)} {parts.subject} {parts.base} {rest}".rstrip()


def _do(tense: str, parts: Parsed) -> str:
    return "did" if tense == "past" else "does" if tense == "s" else "do"


def third(base: str) -> str:
    """The form of a verb after "it"."""
    if base.endswith("y") and base[-2:-1] not in set("aeiou"):
        return f"{base[:-1]}ies"
    return f"{base}es" if base.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{base}s"
