"""Compares the pages of a book with the notes that it was made from."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from convert.report import Diagnostic
from tests.tools.fidelity.expected import Promise, Wiki, Word, line_of
from tests.tools.fidelity.found import Found

REPAIRS = frozenset(
    {"fence-stray", "front-matter-unclosed", "html-dropped", "indent-stray", "nesting-deep", "stamp-mended"}
)
"""Diagnostics that report that the text around their line was changed on purpose."""


@dataclass(frozen=True)
class Difference:
    """Words that only the note or only the page has."""

    path: str
    line: int
    missing: tuple[str, ...]
    added: tuple[str, ...]
    explained: str = ""
    """The code of the diagnostic that explains it, or ""."""

    def __str__(self) -> str:
        why = f"  ({self.explained})" if self.explained else ""
        return f"{self.path}:{self.line}: missing {' '.join(self.missing)!r} added {' '.join(self.added)!r}{why}"


@dataclass
class Tally:
    """The totals of a run."""

    notes: int = 0
    words: int = 0
    stamps: int = 0
    stamps_linked: int = 0
    links: int = 0
    links_working: int = 0
    differences: list[Difference] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Notes without a page, wrong titles, stamps and links with a wrong target, words out of order."""

    def count(self, side: str, explained: bool) -> int:
        """Count the words that are "missing" or "added", without punctuation."""
        chosen = (one for one in self.differences if bool(one.explained) is explained)
        return sum(word[0].isalnum() for one in chosen for word in getattr(one, side))


def differences(
    path: str, wanted: Sequence[Word], got: Sequence[str], said: Iterable[Diagnostic]
) -> Iterator[Difference]:
    """Return the differences between the words of a note and of its page, in the order of the note."""
    texts = [word.text for word in wanted]
    if texts == got:
        return
    start = next((i for i, (a, b) in enumerate(zip(texts, got, strict=False)) if a != b), min(len(texts), len(got)))
    end = 0
    while end < min(len(texts), len(got)) - start and texts[-1 - end] == got[-1 - end]:
        end += 1
    left, right = texts[start : len(texts) - end], list(got[start : len(got) - end])
    explained = [one for one in said if one.code in REPAIRS]
    for kind, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind != "equal":
            first, last = line_of(wanted, max(start + a - (a == b), 0)), line_of(wanted, start + max(b - 1, a))
            code = next((one.code for one in explained if first - 1 <= one.line <= last + 1), "")
            yield Difference(path, first, tuple(left[a:b]), tuple(right[c:d]), code)


def stamp_faults(path: str, video: str, wanted: Promise, got: Found) -> tuple[int, list[str]]:
    """Return how many valid stamps link to their video, and what is wrong with the others."""
    own = re.compile(re.escape(f"https://youtu.be/{video}") + r"\?t=\d+")
    linked = sum(bool(own.fullmatch(address)) for address in got.stamps)
    faults = [f"{path}: a stamp leads to {address!r}" for address in got.stamps if not own.fullmatch(address)]
    lost = len(wanted.stamps) - linked
    if lost > 0:
        faults.append(f"{path}: {lost} of {len(wanted.stamps)} valid stamps are no link")
    return min(linked, len(wanted.stamps)), faults


def link_faults(path: str, wanted: Sequence[tuple[Wiki, str]], got: Found) -> tuple[int, list[str]]:
    """Return how many links lead to the right page; `wanted` pairs each link to a note of the book with its page."""
    pages = Counter(address.partition("#")[0] for address in got.links)
    working, faults = 0, []
    for link, page in wanted:
        if pages[page] > 0:
            pages[page] -= 1
            working += 1
        else:
            faults.append(f"{path}:{link.line}: [[{link.target}]] does not lead to {page}")
    return working, faults


def folded(name: str) -> str:
    """Return a title or target as a file name of notes: no accents, no punctuation, `_` for spaces."""
    plain = unicodedata.normalize("NFKD", name).lower()
    kept = "".join(c for c in plain if c == "_" or c.isspace() or c.isalnum())
    return "_".join(kept.split())


class Names:
    """The notes of a folder by the names that links can use."""

    def __init__(self, notes: Iterable[tuple[Path, str]]) -> None:
        self._stems: dict[str, Path] = {}
        self._titles: dict[str, set[Path]] = {}
        self._title_of: dict[Path, str] = {}
        self._bare: dict[str, set[Path]] = {}
        for path, title in notes:
            self._stems[path.stem] = path
            self._stems.setdefault(folded(path.stem), path)
            self._titles.setdefault(folded(title), set()).add(path)
            self._title_of[path] = title
            self._bare.setdefault(folded(path.stem).replace("_", ""), set()).add(path)

    def find(self, target: str) -> Path | None:
        """Return the note that a target names, or None when there is none or more than one."""
        name = re.sub(r"\.(md|markdown|txt)$", "", target).rpartition("/")[2]
        exact = self._stems.get(name) or self._stems.get(folded(name))
        titled = self._titles.get(folded(name), set())
        found = titled or self._bare.get(folded(name).replace("_", ""), set())
        return exact or (next(iter(found)) if len(found) == 1 else None)

    def title(self, target: str) -> str:
        """Return the title of the note that a target names, or ""."""
        path = self.find(target)
        return self._title_of[path] if path else ""
