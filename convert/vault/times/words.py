"""The words before a stamp: two notes that cite one moment of a video use the same words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

MOST_WORDS = 14
STEM = 6

_WORD = re.compile(r"[^\W\d_]{4,}")


Words = frozenset[int]
"""Words by the numbers of their stems."""


class Stems(dict[str, int]):
    """The first letters of words, numbered as they are met: sets of numbers have an order that no hash seed changes."""

    def __missing__(self, stem: str) -> int:
        self[stem] = number = len(self)
        return number


def near_words(text: str, stems: Stems) -> Words:
    """The last words of `text`, by the numbers of their first letters; short words do not count."""
    words = _WORD.findall(text[-300:])[-MOST_WORDS:]
    return frozenset([stems[word[:STEM].lower()] for word in words])


_ANCHOR = re.compile(r"<a\b[^<>\n]*>[^<>\n]*</a>|<a\b[^<>\n]*>|\[[0-9:., -]+\](?:\([^()\n]*\))?")
_TARGET = re.compile(r"\[\[[^\[\]|\n]*\|")


def spoken_before(text: str, lines: Sequence[int], stems: Stems) -> list[Words]:
    """For each stamp, given by the number of its line in the source `text`, the words before it.

    The words are those since the stamp before it on its line; the whole line where its stamps cannot be told apart.
    """
    source = text.split("\n")
    counts = Counter(lines)
    done: Counter[int] = Counter()
    pieces: dict[int, list[str]] = {}
    found = []
    for line in lines:
        if line not in pieces:
            plain = _TARGET.sub("", source[line - 1]) if line <= len(source) else ""
            parts = _ANCHOR.split(plain)
            pieces[line] = parts if len(parts) == counts[line] + 1 else [" ".join(parts)] * counts[line]
        found.append(near_words(pieces[line][done[line]], stems))
        done[line] += 1
    return found
