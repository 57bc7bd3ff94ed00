"""Names of books: safe as file names on every system, readable, stable."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80
_KEPT = re.compile(r"[^\w-]+")
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))]
)


def book_name(name: str) -> str:
    """The file name of a book: NFKC, lower case, letters and digits of any script, `-` and `_`; the rest one `-`."""
    folded = unicodedata.normalize("NFKC", name)
    visible = "".join(c for c in folded if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn"))
    kept = _KEPT.sub("-", unicodedata.normalize("NFKC", visible.lower())).strip("-")
    short = _within_bytes(kept[:LONGEST]).strip("-") or "notes"
    return f"{short}_" if short in _RESERVED else short


def _within_bytes(name: str, most: int = 200) -> str:
    """File systems count bytes: 255, of which suffixes take some."""
    return name.encode()[:most].decode("utf-8", "ignore")


def unique_name(name: str, taken: set[str]) -> str:
    """The name, or the first of `name-2`, `name-3` that is not taken yet; it is taken then."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    taken.add(candidate)
    return candidate
