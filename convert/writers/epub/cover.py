"""Makes the cover: drawn from the book's timelines, or a picture named by an option or a note.

Kept apart because it draws with Typst, which nothing else in the EPUB needs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional

import msgspec

from convert.document.book import NoteSummary
from convert.document.note import slug
from convert.errors import PictureError, WriterError
from convert.files import read_file
from convert.render.book_pages import counted, cut, extent
from convert.render.furniture import all_words
from convert.tools import package_data
from convert.tools.raster import raster
from convert.writers.base import Job
from convert.writers.epub.documents import EpubPages

if TYPE_CHECKING:
    from convert.writers.epub import EpubOptions

PIXELS_PER_POINT = 2
"""600 by 960 points become 1200 by 1920 pixels, the proportions that e-book stores ask for."""

MOST_ROWS, MOST_BLOCKS, LONGEST_TITLE, LONGEST_AUTHOR = 12, 10, 160, 60
NARROWEST = 0.05
"""Share of a row that each block has, however short its section is: slivers look like faults of the print."""
_FEW_SECTIONS = 4
_LARGEST = 50_000_000
"""Bytes of a picture that is named as cover."""
_LONGEST_WORD = 36
_DIRECTIONS = {"L": "ltr", "R": "rtl", "AL": "rtl"}
_SCRIPTS_WITHOUT_BLANKS = "\u2e80"
"""From this code point on, lines may end between any two characters, but for the signs that `_PIECE` ties."""
_PIECE = re.compile(
    r"(?:[「『（【《〔“]++(?:[^\u2e80-\uabff\uf900-\uffef\U00020000-\U0003ffff]++|.)?|[^\u2e80-\uabff\uf900-\uffef\U00020000-\U0003ffff]++|.)[、。，．・：；？！ー」』）】》〕”々ぁぃぅぇぉっゃゅょァィゥェォッャュョ]*+"
)
_SCRIPTS_OF_OWN_FONTS = "\u0530"
"""Typst has fonts for Latin, Greek and Cyrillic; scripts from this code point on need system fonts."""


def cover(pages: EpubPages, author: str, about: str, job: Job[EpubOptions]) -> tuple[str, bytes]:
    """Return (file name, bytes) of the picture; raises WriterError if a named one cannot be used or drawing fails."""
    if job.options.cover:
        return _picture(Path(job.options.cover))
    if name := pages.book.cover():
        return f"cover.{name.rpartition('.')[2]}", job.picture(name)
    return "cover.png", _drawn(pages, author, about)


def _picture(path: Path) -> tuple[str, bytes]:
    try:
        data = read_file(path, _LARGEST)
    except OSError as error:
        raise WriterError(f"{path}: the cover cannot be read ({error.strerror}); name another picture") from error
    try:
        kind, _, _ = raster(data)
    except PictureError as error:
        raise WriterError(f"{path}: the cover cannot be used: {error}") from error
    return f"cover.{kind}", data


def _drawn(pages: EpubPages, author: str, about: str) -> bytes:
    import typst

    data = _drawing_data(pages, author, about)
    foreign = max(filter(str.isalpha, data["title"] + data["author"]), default="") >= _SCRIPTS_OF_OWN_FONTS
    try:
        picture: Any = typst.compile(
            package_data("convert.writers.epub", "cover.typ"),
            format="png",
            ppi=72 * PIXELS_PER_POINT,
            ignore_system_fonts=not foreign,
            sys_inputs={"data": msgspec.json.encode(data).decode()},
        )
    except RuntimeError as error:
        raise WriterError(f"{pages.book.name}: the cover cannot be drawn ({error}); give one with --cover") from error
    return bytes(picture)


def _drawing_data(pages: EpubPages, author: str, about: str) -> dict[str, Any]:
    """Return the data of the drawing. The title decides its colours, which stay so when notes are added."""
    title = cut(pages.line(pages.book.title), LONGEST_TITLE)
    digest = hashlib.blake2b(title.encode("utf-8", "surrogatepass"), digest_size=2).digest()
    return {
        "title": title,
        "words": _words(title),
        "rtl": next(filter(None, map(_DIRECTIONS.get, map(bidirectional, title))), "ltr") == "rtl",
        "author": "" if slug(author) == slug(title) else cut(author, LONGEST_AUTHOR),
        "about": _extent(pages, about),
        "pair": digest[0],
        "light": digest[1] % 2 == 1,
        "rows": _rows(pages),
    }


def _words(title: str) -> list[tuple[str, str]]:
    """Return (blank before it or "", piece) of the pieces between which a line may end."""
    pieces: list[tuple[str, str]] = []
    for word in title.split():
        parts = _PIECE.findall(word) if max(word) >= _SCRIPTS_WITHOUT_BLANKS else [word]
        parts = [one[at : at + _LONGEST_WORD] for one in parts for at in range(0, len(one), _LONGEST_WORD)]
        pieces += [("" if at else " ", one) for at, one in enumerate(parts)]
    return pieces or [("", title)]


def _extent(pages: EpubPages, about: str) -> str:
    """Return the size of the book in as few words as a cover has."""
    videos = len([part for part in pages.book.parts if part.video])
    if len(pages.summaries) < 2 or not videos or all_words(pages.language):
        return about
    return extent(pages.book) if videos > 1 else f"{counted(len(pages.summaries), 'note')} on a video"


def _rows(pages: EpubPages) -> list[list[tuple[float, int]]]:
    """Return the rows of the drawing, with (width, tone) of each block: the shorter in its row, the stronger its tone.

    There is a row for each video, or several for a single one; of many videos, those at even distances.
    """
    parts = [part for part in pages.book.parts if any(summary.moments for summary in part.notes)]
    parts = parts[:: -(-len(parts) // MOST_ROWS) or 1]
    rows = [_lengths(_cuts(part.notes, len(parts) == 1), part.duration_ms or 0) for part in parts]
    if not rows:
        few = [*pages.summaries.values()][:MOST_ROWS]
        rows = [[1] * min(MOST_BLOCKS, len(summary.shown_headings()) + 1) for summary in few] or [[1]]
    if len(rows) == 1:
        many = -(-len(rows[0]) // max(1, min(MOST_ROWS, round(len(rows[0]) / 4))))
        rows = [rows[0][at : at + many] for at in range(0, len(rows[0]), many)]
    return [_blocks(row, number) for number, row in enumerate(rows)]


def _blocks(lengths: list[int], number: int) -> list[tuple[float, int]]:
    """Return (width, tone) of the blocks of a row; a row of one block has the tone of its number."""
    many, whole = len(lengths), sum(lengths)
    order = sorted(range(many), key=lambda at: (lengths[at], (at * 5 + number) % many))
    tones = {at: 3 - 4 * place // many for place, at in enumerate(order)} if many > 1 else {0: number % 4}
    return [(round(NARROWEST + (1 - many * NARROWEST) * one / whole, 4), tones[at]) for at, one in enumerate(lengths)]


def _cuts(summaries: Sequence[NoteSummary], alone: bool) -> list[int]:
    """Return the milliseconds at which blocks of a video begin: its sections, or its moments if sections are few."""
    moments = sorted({moment.start_ms for summary in summaries for moment in summary.moments})
    first: dict[tuple[str, int], int] = {}
    for summary in summaries:
        for moment in summary.moments:
            key = (summary.id, moment.section)
            first[key] = min(first.get(key, moment.start_ms), moment.start_ms)
    sections = sorted(set(first.values()))
    cuts = sections if len(sections) >= _FEW_SECTIONS else moments
    most = MOST_BLOCKS * 4 if alone else MOST_BLOCKS
    return cuts[:: -(-len(cuts) // most)]


def _lengths(cuts: list[int], end: int) -> list[int]:
    """Return the lengths of the blocks from the start to the end; slivers belong to the block before them."""
    last = max(end, cuts[-1] + (cuts[-1] // len(cuts) or 1))
    least = last // (4 * MOST_BLOCKS)
    kept = [0]
    for cut_ms in cuts:
        if cut_ms - kept[-1] > least and last - cut_ms > least:
            kept.append(cut_ms)
    return [after - before for before, after in pairwise([*kept, last])]
