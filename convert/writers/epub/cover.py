"""Makes the cover: drawn from the book's timelines, or a picture named by an option or a note.

Kept apart because it draws with Typst, which nothing else in the EPUB needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from convert.document.book import NoteSummary
from convert.document.note import slug
from convert.errors import PictureError, WriterError
from convert.files import read_file
from convert.render.book_pages import cut
from convert.tools import package_data
from convert.tools.raster import raster
from convert.writers.base import Job
from convert.writers.epub.documents import EpubPages

if TYPE_CHECKING:
    from convert.writers.epub import EpubOptions

PIXELS_PER_POINT = 2
"""600 by 960 points become 1200 by 1920 pixels, the proportions that e-book stores ask for."""

MOST_ROWS, MOST_TICKS, LONGEST_TITLE = 22, 60, 160
_LARGEST = 50_000_000
"""Bytes of a picture that is named as cover."""
_FIELD_POINTS = 420
_TITLE_SIZES = ((16, 76), (32, 62), (56, 50), (90, 42), (LONGEST_TITLE, 33))
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
    """Return the data of the drawing. The ids of the notes decide its colours."""
    digest = hashlib.blake2b("\n".join(pages.summaries).encode("utf-8", "surrogatepass"), digest_size=2).digest()
    title = cut(pages.line(pages.book.title), LONGEST_TITLE)
    rows = _rows(pages)
    return {
        "title": title,
        "author": "" if slug(author) == slug(title) else cut(author, LONGEST_TITLE),
        "about": about,
        "size": next(size for length, size in _TITLE_SIZES if len(title) <= length),
        "hue": digest[0] * 360 // 256,
        "turn": (40, 150, 180, 210)[digest[1] % 4],
        "rows": rows,
        "step": min(64.0, _FIELD_POINTS / max(len(rows), 1)),
    }


def _rows(pages: EpubPages) -> list[dict[str, Any]]:
    """Return the rows of the drawing: one for each video, or several for a single video."""
    timelines = [line for part in pages.book.parts if (line := _timeline(part.notes))]
    if len(timelines) == 1:
        return _folded(timelines[0])
    timelines = timelines[:: -(-len(timelines) // MOST_ROWS) or 1]
    longest = max([line[-1][0] for line in timelines], default=0) or 1
    return [_row(line, 0, longest) for line in timelines]


def _timeline(summaries: Sequence[NoteSummary]) -> list[tuple[int, int]]:
    """Return (milliseconds, 1 if a section begins there) of the moments, ascending, each time once."""
    found: dict[int, int] = {}
    for summary in summaries:
        section = None
        for moment in summary.moments:
            begins = int(moment.section != section)
            section = moment.section
            found[moment.start_ms] = max(found.get(moment.start_ms, 0), begins)
    return sorted(found.items())


def _folded(timeline: list[tuple[int, int]]) -> list[dict[str, Any]]:
    count = min(12, max(3, len(timeline) // 6))
    span = timeline[-1][0] // count + 1
    lines = [[tick for tick in timeline if tick[0] // span == i] for i in range(count)]
    return [_row(line, i * span, span) | {"length": 1} for i, line in enumerate(lines)]


def _row(timeline: list[tuple[int, int]], start: int, span: int) -> dict[str, Any]:
    step = -(-len(timeline) // MOST_TICKS) or 1
    ticks = [[round((ms - start) / span, 4), begins] for ms, begins in timeline[::step]]
    return {"ticks": ticks, "length": ticks[-1][0] if ticks else 0}
