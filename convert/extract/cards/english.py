"""English words: their classes, their rarity, and their stems.

A small lexicon and word endings suffice to find noun phrases. `english.json` contains words only: the function words,
and words from the notes of many channels whose class the ending does not tell (`make train-cards` documents how they
were gathered).
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from importlib import resources

import msgspec

LISTS: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in json.loads(resources.files(__package__).joinpath("english.json").read_text("utf-8")).items()
}
STOP = LISTS["stop"]
"""Words without content of their own."""
COMMON, FAMILIAR = LISTS["common"], LISTS["familiar"]
"""Content words of at least 4 % and of 1 to 4 % of all notes."""
_FAMILIAR = COMMON | FAMILIAR
_RARITY = dict.fromkeys(FAMILIAR, 2) | dict.fromkeys(COMMON, 1) | dict.fromkeys(STOP, 0)
SIGNS = {name.removeprefix("sign_"): words for name, words in LISTS.items() if name.startswith("sign_")}
"""Words that indicate the kind of a sentence."""

_TOKEN = re.compile(r"[^\W_]++(?:['’.,/-][^\W_]++)*+%?|[^\w\s]|_")
_NUMBER = re.compile(r"\A\d[\d.,]*+(?:%|st|nd|rd|th|s|x|k|m|b)?$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]++(?:['’.-][^\W_]++)*+")
_JOINT = re.compile("[-–/]")
_CLASSES = {"either": "?", "participles": "D", "adverbs": "R", "adjectives": "J", "verbs": "V", "nouns": "N"}
_CLASS_OF = (
    {word: tag for name, tag in _CLASSES.items() for word in LISTS[name]}
    | {word: tag for tag in "Rtmowscpd" for word in LISTS[f"tag_{tag}"]}
    | {"that": "w", "this": "d"}
)
"""The class of each known word, the last that lists it; `?` for a noun that is a verb as often."""
_TAG_OF_MARK = dict.fromkeys(".!?", ".") | dict.fromkeys("\"“”'‘’", '"') | dict.fromkeys("()[]", "(")

_CLASS_OF_ENDING = {"ly": ("R", 5), "ing": ("G", 6), "eed": ("N", 0), "ed": ("D", 5)} | dict.fromkeys(
    ("ous", "ful", "ive", "able", "ible", "ical", "less", "ish"), ("J", 6)
)
"""The class of other words by their ending, and the fewest letters of such a word."""
_ENDINGS = dict.fromkeys(("ations", "ation", "ities", "ity", "ings", "ing"), 4) | dict.fromkeys(
    ("ies", "ied", "es", "ed", "ic", "ical", "s", "e", "ly", "y", "al", "ian", "an", "a"), 3
)
"""The endings that a stem loses, and the fewest letters that it keeps."""


class Token(msgspec.Struct, frozen=True, gc=False):
    """A word or punctuation mark, its offsets in the text, and its class.

    N noun, P proper noun, # number, J adjective, V verb, G -ing form, D participle, R adverb, d determiner,
    p preposition, c conjunction, s subordinator, w relative, o pronoun, m auxiliary, t "to", "," and "." marks.
    """

    text: str
    lower: str
    """The text, case folded."""
    start: int
    end: int
    tag: str
    rarity: int
    """0 to 3, as `rarity` returns it."""


def tokens(text: str) -> list[Token]:
    """Return the tokens of a sentence."""
    found: list[Token] = []
    before = "^"
    for match in _TOKEN.finditer(text):
        word = match.group()
        lower = word.casefold()
        tag = _tag(word, lower, before)
        found.append(Token(word, lower, match.start(), match.end(), tag, _RARITY.get(lower, 3)))
        before = tag if word not in "\"“”'‘’(" else "^" if before == "^" else before
    for index in range(1, len(found) - 1):
        noun, token, after = found[index - 1 : index + 2]
        # An unknown word in -s is a verb between a noun in the singular and a determiner or number.
        between = token.tag == "N" and noun.tag in "NP" and after.tag in "d#o"
        if between and is_plural(token.text) and token.text.islower() and not noun.text.endswith("s"):
            found[index] = msgspec.structs.replace(token, tag="V")
    return found


def _tag(word: str, lower: str, before: str) -> str:
    """Return the class of a word after one of class `before`, which is `^` at the start of a sentence."""
    first = word[0]
    if not first.isalnum():
        return _TAG_OF_MARK.get(word, ",")
    if lower in LISTS["small_numbers"] or (first.isdigit() and _NUMBER.match(word)):
        return "#"
    tag = _CLASS_OF.get(lower) or _class_by_ending(lower)
    capitals = len(word) > 1 and word.isupper()
    if first.isupper() and lower != "i" and (before != "^" or tag == "N" or capitals):
        return "P" if before != "^" or capitals or lower not in _FAMILIAR else "N"
    if tag == "?":
        return "N" if before in "dpJPN#" else "V"
    return "N" if tag == "G" and before in "dJ" else tag


@lru_cache(maxsize=1 << 14)
def _class_by_ending(word: str) -> str:
    for ending, (tag, least) in _CLASS_OF_ENDING.items():
        if word.endswith(ending) and len(word) >= least:
            return tag
    return "N"


def is_plural(text: str) -> bool:
    """Return whether the text ends like a noun in the plural."""
    return text.endswith("s") and not text.endswith(("ss", "us", "is"))


def rarity(word: str) -> int:
    """Return 0 for a word without content, 1 for a common one, 2 for a familiar one, 3 for a rare one or a name."""
    return _RARITY.get(word.casefold(), 3)


def is_english(text: str) -> bool:
    """Return whether a text is English: more than a fifth of its words are English function words."""
    words = text.casefold().split()[:400]
    return len(words) < 8 or len([word for word in words if word in STOP]) / len(words) > 0.2


@lru_cache(maxsize=1 << 12)
def normal(text: str) -> str:
    """Return the text as identities compare it: NFKC, case folded, only letters and digits, single blanks."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Return a word without English endings of plurals, tenses and adjectives; deliberately crude."""
    word = word.casefold().removesuffix("’s").removesuffix("'s")
    for ending, least in _ENDINGS.items():
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=1 << 14)
def content(text: str) -> tuple[str, ...]:
    """Return the stems of the content words of a text; a compound counts as its parts."""
    stems: list[str] = []
    for word in _WORD.findall(text):
        if word.casefold() not in STOP:
            stems += map(stem, filter(None, _JOINT.split(word)))
    return tuple(stems)
