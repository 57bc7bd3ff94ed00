"""Words compared by their content: what a leak, a duplicate or an overlap is."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from convert.extract.cards.english import STOP

_JOINT = re.compile("[-–/]")
WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def normal(text: str) -> str:
    """The text as identities compare it: NFKC, case folded, letters and digits only, blanks single."""
    return " ".join(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """A word without the endings that English plurals, tenses and adjectives add: crude on purpose."""
    word = word.casefold().removesuffix("’s").removesuffix("'s")
    for ending, least in (("ations", 4), ("ation", 4), ("ities", 4), ("ity", 4), ("ings", 4), ("ing", 4)):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)]
    for ending in ("ies", "ied", "es", "ed", "ic", "ical", "s", "e", "ly", "y", "al", "ian", "an", "a"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=1 << 14)
def content(text: str) -> tuple[str, ...]:
    """The stems of the words of a text that carry content, those of compounds part by part."""
    return tuple(stem(part) for w in WORD.findall(text) if w.casefold() not in STOP for part in _JOINT.split(w) if part)


def overlap(text: str, other: frozenset[str] | set[str]) -> float:
    """The share of the content words of `text` that stand in `other` (stems); 0 when it has none."""
    words = content(text)
    return sum(w in other for w in words) / len(words) if words else 0.0
