"""The words before a stamp in a few bytes: two notes that cite one moment of a video use the same words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from zlib import crc32

MOST_WORDS = 14
STEM = 6

_WORD = re.compile(r"[^\W\d_]{4,}")


def near_words(text: str) -> bytes:
    """Two bytes for each of the last words of `text`, a hash of its first letters; short words do not count."""
    words = _WORD.findall(text[-300:])[-MOST_WORDS:]
    return b"".join((crc32(word[:STEM].lower().encode()) & 0xFFFF).to_bytes(2) for word in words)


_ANCHOR = re.compile(r"<a\b[^<>\n]*>[^<>\n]*</a>|<a\b[^<>\n]*>|\[[0-9:., -]+\](?:\([^()\n]*\))?")
_TARGET = re.compile(r"\[\[[^\[\]|\n]*\|")


def spoken_before(text: str, lines: Sequence[int]) -> list[bytes]:
    """For each stamp, given by the number of its line in the source `text`, the packed words before it.

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
        found.append(near_words(pieces[line][done[line]]))
        done[line] += 1
    return found


def word_set(near: bytes) -> frozenset[int]:
    """The hashes that `near_words` packed."""
    return frozenset(near[place] << 8 | near[place + 1] for place in range(0, len(near) - 1, 2))
