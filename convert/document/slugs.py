"""Slugs: how real notes derive file names and link targets from titles."""

from __future__ import annotations

import re
import unicodedata

_DROPPED = re.compile(r"[^\w\s]")
_BLANKS = re.compile(r"\s+")


def slug(title: str) -> str:
    """NFKD, lower case, without punctuation, blanks as `_`: the file name of a note with this title."""
    folded = title if title.isascii() else unicodedata.normalize("NFKD", title)
    return _BLANKS.sub("_", _DROPPED.sub("", folded.lower()).strip())
