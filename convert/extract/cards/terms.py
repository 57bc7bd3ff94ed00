"""Words compared by their content: what a leak, a duplicate or an overlap is."""

from __future__ import annotations

import json
import re
import unicodedata
from importlib import resources


def _english() -> dict[str, list[str]]:
    """The word lists of the package, by name."""
    lists = json.loads(resources.files(__package__).joinpath("english.json").read_text("utf-8"))
    return {name: words.split() for name, words in lists.items()}


WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")

STOP = frozenset(_english()["stop"])
"""English words that carry no content of their own."""


def normal(text: str) -> str:
    """The text as identities compare it: NFKC, case folded, letters and digits only, blanks single."""
    return " ".join(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def stem(word: str) -> str:
    """A word without the endings that English plurals, tenses and adjectives add: crude on purpose."""
    word = word.casefold().removesuffix("’s").removesuffix("'s")
    for ending, least in (("ations", 4), ("ation", 4), ("ities", 4), ("ity", 4), ("ings", 4), ("ing", 4)):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)]
    for ending in ("ies", "ied", "es", "ed", "s", "e", "ly", "y", "al", "ic", "ian", "an"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def content(text: str) -> list[str]:
    """The stems of the words of a text that carry content."""
    return [stem(w) for w in WORD.findall(text) if w.casefold() not in STOP]


def overlap(text: str, other: frozenset[str] | set[str]) -> float:
    """The share of the content words of `text` that stand in `other` (stems); 0 when it has none."""
    words = content(text)
    return sum(w in other for w in words) / len(words) if words else 0.0
