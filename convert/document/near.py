"""The words before a stamp in a few bytes: two notes that cite one moment of a video use the same words."""

from __future__ import annotations

import re
from zlib import crc32

MOST_WORDS = 14
STEM = 6

_WORD = re.compile(r"[^\W\d_]{4,}")


def near_words(text: str) -> bytes:
    """Two bytes for each of the last words of `text`, a hash of its first letters; short words do not count."""
    words = _WORD.findall(text[-300:])[-MOST_WORDS:]
    return b"".join((crc32(word[:STEM].lower().encode()) & 0xFFFF).to_bytes(2) for word in words)


def word_set(near: bytes) -> frozenset[int]:
    """The hashes that `near_words` packed."""
    return frozenset(near[place] << 8 | near[place + 1] for place in range(0, len(near) - 1, 2))
