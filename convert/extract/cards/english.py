"""English words in classes, by a lexicon of a few thousand and by endings: enough to find noun phrases.

`english.json` holds words only: the function words, and those of many channels' notes whose class the ending
does not tell (`make train-cards` documents how they were gathered).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources

import msgspec

LISTS: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in json.loads(resources.files(__package__).joinpath("english.json").read_text("utf-8")).items()
}
STOP = LISTS["stop"]
"""Words that carry no content of their own."""
COMMON, FAMILIAR = LISTS["common"], LISTS["familiar"]
"""Content words of at least 4 % and of 1 to 4 % of all notes."""
_FAMILIAR = COMMON | FAMILIAR

TOKEN = re.compile(r"[^\W_]+(?:['’.,/-][^\W_]+)*%?|[^\w\s]|_")
_NUMBER = re.compile(r"\d[\d.,]*(?:%|st|nd|rd|th|s|x|k|m|b)?$", re.IGNORECASE)
_SMALL_NUMBERS = LISTS["small_numbers"]

_BY_WORD = {word: tag for tag in "Rtmowscpd" for word in LISTS[f"tag_{tag}"]} | {"that": "w", "this": "d"}
SIGNS = {name.removeprefix("sign_"): words for name, words in LISTS.items() if name.startswith("sign_")}
"""Words by which a sentence betrays its kind."""


class Token(msgspec.Struct, frozen=True, gc=False):
    """A word or mark, where it stands, and its class.

    N noun, P proper noun, # number, J adjective, V verb, G -ing form, D participle, R adverb, d determiner,
    p preposition, c conjunction, s subordinator, w relative, o pronoun, m auxiliary, t "to", "," and "." marks.
    """

    text: str
    start: int
    end: int
    tag: str


def tokens(text: str) -> list[Token]:
    """The tokens of a sentence."""
    found: list[Token] = []
    before = "^"
    for match in TOKEN.finditer(text):
        word = match.group()
        tag = _tag(word, before)
        found.append(Token(word, match.start(), match.end(), tag))
        before = tag if word not in "\"“”'‘’(" else "^" if before == "^" else before
    for index in range(1, len(found) - 1):
        if found[index].tag == "N" and _acts(found[index - 1], found[index], found[index + 1]):
            found[index] = msgspec.structs.replace(found[index], tag="V")
    return found


def _acts(before: Token, word: Token, after: Token) -> bool:
    """Whether an unknown word in -s is a verb: between a noun in the singular and a determiner or number."""
    plural = word.text.endswith("s") and not word.text.endswith(("ss", "us", "is")) and word.text.islower()
    return plural and before.tag in "NP" and not before.text.endswith("s") and after.tag in "d#o"


def _tag(word: str, before: str) -> str:
    first = word[0]
    if not first.isalnum():
        return "." if word in ".!?" else '"' if word in "\"“”'‘’" else "(" if word in "()[]" else ","
    lower = word.casefold()
    if lower in _SMALL_NUMBERS or (first.isdigit() and _NUMBER.match(word)):
        return "#"
    tag = _known(lower)
    if first.isupper() and lower != "i" and (before not in "^" or tag == "N" or (len(word) > 1 and word.isupper())):
        return "P" if before != "^" or (word.isupper() and len(word) > 1) or lower not in _FAMILIAR else "N"
    if tag == "?":
        return "N" if before in "dpJPN#" else "V"
    if tag == "G" and before in "dJ":
        return "N"
    return tag


@lru_cache(maxsize=1 << 14)
def _known(word: str) -> str:
    """The class of a word in lower case whatever stands around it; `?` for a noun that is a verb as often."""
    tag = _BY_WORD.get(word)
    if tag:
        return tag
    for name, letter in (
        ("nouns", "N"), ("verbs", "V"), ("adjectives", "J"), ("adverbs", "R"), ("participles", "D"), ("either", "?"),
    ):  # fmt: skip
        if word in LISTS[name]:
            return letter
    return _by_ending(word)


def _by_ending(word: str) -> str:
    if word.endswith("ly") and len(word) > 4:
        return "R"
    if word.endswith("ing") and len(word) > 5:
        return "G"
    if word.endswith("ed") and len(word) > 4 and not word.endswith("eed"):
        return "D"
    if word.endswith(("ous", "ful", "ive", "able", "ible", "ical", "less", "ish")) and len(word) > 5:
        return "J"
    return "N"


def rarity(word: str) -> int:
    """0 for a word without content, 1 for a common one, 2 for a familiar one, 3 for a rare one or a name."""
    lower = word.casefold()
    return 0 if lower in STOP else 1 if lower in COMMON else 2 if lower in FAMILIAR else 3


def is_english(text: str) -> bool:
    """Whether a note reads as English: a fair share of its words are function words of English."""
    words = text.casefold().split()[:400]
    return len(words) < 8 or sum(word in STOP for word in words) / len(words) > 0.2
