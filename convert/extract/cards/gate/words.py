"""The words of a card and of what it quotes, and the lists of words by which the gate compares them.

Kept apart from the comparisons because these never look at letters, only at words.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

import msgspec

from convert.extract.cards.english import STOP, rarity, stem, tokens

_TOKEN = re.compile(
    r"(?<![^\W_])[-−](?=\d)|\d[A-Z](?![^\W_])|\d++(?:[.,]\d++)*+|[^\W\d_]++(?:['’][^\W\d_]++)*+|[^\w\s]|_"
)
LISTS: dict[str, str] = json.loads(resources.files(__package__).joinpath("words.json").read_text("utf-8"))
QUESTION = frozenset(map(stem, LISTS["question"].split()))
"""Stems that a question may have although no sentence does."""
UNITS = frozenset(map(stem, LISTS["units"].split()))
_NUMBERS = dict(pair.split("=") for pair in LISTS["numbers"].split())
NEGATIONS = frozenset(LISTS["negations"].split())
DENIALS = frozenset(LISTS["denials"].split())
"""Words that imply a negation."""
ASKS = frozenset(("who", "what", "which", "whose", "whom"))
BE = frozenset(("is", "are", "was", "were", "be", "been", "being"))
DO = frozenset(("do", "does", "did", "has", "have", "had"))
AUXILIARY = BE | DO | frozenset(("can", "could", "will", "would", "may", "might"))
_ENDS = frozenset(("and", "but", "because", "while", "whereas", "which", "that", "if", "when", "although", "until"))
"""Words at which the reach of a word ends."""
REACH = 3
"""Content words that a negation or a quantity before them changes."""
ALIKE = 0.6
"""The least share of the longer of two words that they must have in common to be forms of one."""


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word, number or mark of a text; `stem` is "" for marks and for words without content."""

    text: str
    low: str
    stem: str
    is_number: bool
    is_name: bool


def words(text: str) -> tuple[Word, ...]:
    """Return the words, numbers and marks of a text in order."""
    found: list[Word] = []
    sign = ""
    first = True
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in "-−" and text[match.end() : match.end() + 1].isdigit():
            sign = "-"
            continue
        word = _word(token, sign, first)
        found.append(word)
        sign, first = "", token in '.!?:"“'
    return tuple(found)


def _word(token: str, sign: str, first: bool) -> Word:
    low = token.casefold().replace("’", "'").removesuffix("'s")
    if not low.isascii():
        low = "".join([one for one in unicodedata.normalize("NFKD", low) if not unicodedata.combining(one)])
    if (token[0].isdigit() and not token[-1].isalpha()) or low in _NUMBERS:
        number = sign + _NUMBERS.get(low, low.replace(",", ""))
        return Word(token, number, number, True, False)
    if not token[0].isalnum() or low in STOP or low in ("s", "t") or low.endswith("n't"):
        return Word(token, low, "", False, False)
    is_name = token[0].isupper() and (not first or (rarity(low) == 3 and stem(low) not in QUESTION))
    return Word(token, low, stem(low), False, is_name)


def negates(word: Word) -> bool:
    """Return whether a word is a negation."""
    return word.low in NEGATIONS or word.low.endswith("n't")


def stems(found: Iterable[Word]) -> frozenset[str]:
    """Return the stems of content words and the numbers."""
    return frozenset([word.stem for word in found if word.stem])


class Claim(msgspec.Struct, frozen=True):
    """A card and what it rests on, as words: front, parts of the answer, quoted sentences, title and headings.

    `nearby` has the stems of the whole note, as `families` returns them.
    """

    front: tuple[Word, ...]
    back: tuple[tuple[Word, ...], ...]
    quoted: tuple[Word, ...]
    around: tuple[Word, ...]
    nearby: Mapping[str, frozenset[str]]

    @property
    def card(self) -> tuple[Word, ...]:
        """The words of front and answer."""
        return (*self.front, *[word for part in self.back for word in part])


@cache
def tag_of(word: str) -> str:
    """Return the class of a word that stands alone, as `english.tokens` names it."""
    return tokens(f"it {word}")[1].tag


def is_verb(word: Word) -> bool:
    """Return whether a word may be a verb."""
    return not word.is_name and tag_of(word.low) in "VD"


@lru_cache(maxsize=1 << 15)
def alike(one: str, other: str) -> bool:
    """Return whether two stems are forms of one word: equal, or alike at their beginning."""
    one, other = _base(one), _base(other)
    if one == other:
        return True
    if min(len(one), len(other)) < 4 or one[:4] != other[:4] or not one.isalpha():
        return False
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return same >= ALIKE * max(len(one), len(other))


def added_words(claim: Claim, around: bool = True) -> list[Word]:
    """Return the words of a front that neither the quoted sentences have nor, with `around`, title and headings.

    Words that any question may have, and a number that counts the parts of the answer, are not meant.
    """
    known = stems(claim.quoted) | QUESTION | (stems(claim.around) if around else frozenset()) | _asked_for(claim.front)
    parts = len(claim.back) if len(claim.back) > 1 else 1 + sum(one.low in (",", "and") for one in claim.back[0])
    return [
        word
        for word in claim.front
        if word.stem
        and word.stem not in known
        and not (word.is_number and word.low in (str(parts), str(parts - 1)))
        and (word.is_number or not any(alike(word.stem, one) for one in known))
    ]


def _asked_for(front: Sequence[Word]) -> frozenset[str]:
    """Return the stem of the kind that is asked for if it is one word: "which mineral is", not "which red mineral"."""
    for asks, kind, after in zip(front, front[1:], front[2:], strict=False):
        plain = kind.stem and not kind.is_name and not kind.is_number
        if plain and (asks.low == "how" or (asks.low in ("which", "what") and (not after.stem or is_verb(after)))):
            return frozenset((kind.stem,))
    return frozenset()


def reach(found: Sequence[Word]) -> list[str]:
    """Return the stems that a word before `found` changes: at most three, up to the end of a part of the sentence."""
    reached: list[str] = []
    for word in found[: REACH * 3]:
        if len(reached) == REACH or word.low in _ENDS or word.text in ",;:.!?()—–":
            break
        reached += [word.stem] if word.stem else []
    return reached


def families(given: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return stems by what all that are alike begin with: a note may have any number of them."""
    found: dict[str, set[str]] = {}
    for one in given:
        found.setdefault(_base(one)[:4], set()).add(one)
    return {start: frozenset(several) for start, several in found.items()}


def has_form(word: str, given: Mapping[str, frozenset[str]]) -> bool:
    """Return whether a stem, or a form of its word, is among those of `families`."""
    return any(alike(word, one) for one in given.get(_base(word)[:4], ()))


def _base(word: str) -> str:
    word = stem(word)
    for ending in ("ions", "ion", "ments", "ment", "ence", "ance", "ers", "er", "or", "ing", "ed", "ive"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
