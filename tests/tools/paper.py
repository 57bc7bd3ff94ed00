"""Measures the pages of a PDF as a book designer would; `python -m tests.tools.paper BOOK.pdf ...` prints a line each.

Words and their places come from poppler's pdftotext.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from xml.etree import ElementTree

STAMP = r"\[?\d{1,2}(?::\d\d){1,2}\]?"
STAMPS_ALONE = re.compile(rf"{STAMP}(?:[\s,;–-]+{STAMP})*\s?[.,;:]?")
PAGE_NUMBER = re.compile(r"(?:^(\d{1,4}) )?.*?(?: \. +(\d{1,4}))?$")
SHORT = 20
"""Lines below which a page looks empty."""


@dataclass(frozen=True)
class Line:
    """A line of a page: its words, and its edges in points."""

    text: str
    left: float
    right: float
    top: float


@dataclass(frozen=True)
class Figures:
    """What one book shows."""

    pages: int
    full_line: float
    """Characters of a full line of the text, the median."""
    stamps_alone: int
    """Lines that hold nothing but times."""
    short_pages: int
    """Pages between the contents and the index that hold under `SHORT` lines; the last of them does not count."""
    contents: int
    """Lines of the contents."""
    contents_repeat: int
    """Those of them that repeat the page of the line above."""


@dataclass(frozen=True)
class Word:
    """A word, and its edges in points."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    def middle(self) -> float:
        """Return the height of its middle."""
        return (self.top + self.bottom) / 2


def words_of(data: bytes) -> list[list[Word]]:
    """Return the words of each page."""
    done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=data, capture_output=True, check=True)
    tree = ElementTree.fromstring(re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", done.stdout))
    return [[_word(word) for word in page] for page in tree.iter("{http://www.w3.org/1999/xhtml}page")]


def _word(element: ElementTree.Element) -> Word:
    edges = [float(element.get(side, "0")) for side in ("xMin", "xMax", "yMin", "yMax")]
    return Word((element.text or "").replace("\xa0", " ").replace("\u2060", ""), *edges)


def pages_of(data: bytes) -> list[list[Line]]:
    """Return the lines of each page, from the top."""
    return [_lines(words) for words in words_of(data)]


def _lines(words: list[Word]) -> list[Line]:
    rows: list[list[Word]] = []
    for word in sorted(words, key=Word.middle):
        if rows and abs(word.middle() - rows[-1][-1].middle()) < 4:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [_line(sorted(row, key=lambda word: word.left)) for row in rows]


def _line(row: list[Word]) -> Line:
    text = " ".join([word.text for word in row]).strip()
    return Line(text, row[0].left, max(word.right for word in row), min(word.top for word in row))


def figures(data: bytes) -> Figures:
    """Return the figures of a book; its contents begin with the line "Contents", its index with "Topics"."""
    pages = pages_of(data)
    contents, body = divided(pages)
    lines = [line for page in body for line in page]
    numbers = [number_of(line.text) for line in contents]
    return Figures(
        pages=len(pages),
        full_line=median(full_lines(body) or [0]),
        stamps_alone=sum(bool(STAMPS_ALONE.fullmatch(line.text)) for line in lines),
        short_pages=sum(len(page) < SHORT for page in body[:-1]),
        contents=len(contents),
        contents_repeat=sum(bool(one) and one == above for above, one in pairwise(numbers)),
    )


def divided(pages: list[list[Line]]) -> tuple[list[Line], list[list[Line]]]:
    """Return the lines of the contents, and the pages of the text between them and the index."""
    titles = [{line.text for line in page} for page in pages]
    first = next((at for at, found in enumerate(titles) if "Contents" in found), 0)
    start = first + 1
    while start < len(pages) and _is_contents(pages[start]):
        start += 1
    last = max((at for at, found in enumerate(titles) if "Topics" in found and at > first), default=len(pages))
    contents = [line for page in pages[first:start] for line in page]
    begin = next((at for at, line in enumerate(contents) if line.text == "Contents"), -1) + 1
    return contents[begin:], pages[start:last]


def _is_contents(page: list[Line]) -> bool:
    """Return whether most lines of a page end in numbers, as in a contents of several pages, or its foot says so."""
    if page and page[-1].text.startswith("Contents"):
        return True
    return sum(". . ." in line.text for line in page) > len(page) / 2


def number_of(text: str) -> str:
    """Return the number of a page at the start of a line or behind dots at its end, "" if it has none."""
    found = PAGE_NUMBER.fullmatch(text)
    return (found[1] or found[2] or "") if found else ""


def full_lines(pages: list[list[Line]]) -> list[int]:
    """Return the characters of each line that reaches from edge to edge of the text."""
    lines = [line for page in pages for line in page if len(line.text) > 30]
    if not lines:
        return []
    left = Counter(round(line.left) for line in lines).most_common(1)[0][0]
    right = Counter(round(line.right) for line in lines).most_common(1)[0][0]
    return [len(line.text) for line in lines if abs(line.left - left) < 2 and abs(line.right - right) < 2]


def main() -> None:
    """Print the figures of each book that is named."""
    for path in sys.argv[1:]:
        print(path, figures(Path(path).read_bytes()))


if __name__ == "__main__":
    main()
