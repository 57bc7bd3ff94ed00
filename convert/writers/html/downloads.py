"""The other formats of the book that were made beside the site, and the chapter files of each video."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import quote

from convert.document.note import Video
from convert.document.video import file_stem
from convert.render.chapters import FORMATS
from convert.render.xhtml import escape
from convert.writers.base import Job
from convert.writers.html import Options

_BOOKS = {".epub": "EPUB", ".pdf": "PDF", ".apkg": "Anki deck"}


def books(job: Job[Options]) -> str:
    """Links to the book in its other formats; "" when none was made."""
    names = sorted((name for name in job.made if "/" not in name), key=_book_order)
    links = [_link(f"../{name}", label) for name in names if (label := _label(name, job.book.name))]
    return f'<ul class="downloads">\n{"".join(links)}</ul>\n' if links else ""


def _book_order(name: str) -> tuple[int, list[int], str]:
    kinds = list(_BOOKS)
    suffix = PurePosixPath(name).suffix
    volume = [int(number) for number in re.findall(r"-([0-9]+)\.pdf$", name)]
    return kinds.index(suffix) if suffix in kinds else len(kinds), volume, name


def _label(name: str, book: str) -> str:
    """`PDF`, and `PDF 2` for a second volume; "" for a kind that is no book."""
    label = _BOOKS.get(PurePosixPath(name).suffix, "")
    volume = name.removeprefix(book).partition(".")[0].strip("-")
    return f"{label} {volume}" if label and volume else label


def chapters(video: Video | None, job: Job[Options]) -> str:
    """Links to the chapter files of a video; "" when there are none."""
    links = [_link(f"../{name}", suffix.lstrip(".")) for name, suffix in _chapter_files(video, job)]
    return f'<ul class="downloads">\n{"".join(links)}</ul>\n' if links else ""


def _chapter_files(video: Video | None, job: Job[Options]) -> Iterator[tuple[str, str]]:
    if video is None:
        return
    made = frozenset(job.made)
    for suffix in _suffixes():
        name = f"{job.book.name}.chapters/{file_stem(video)}{suffix}"
        if name in made:
            yield name, suffix


def _suffixes() -> Iterable[str]:
    return (kind.suffix for kind in FORMATS.values())


def _link(path: str, label: str) -> str:
    # Browsers show a PDF themselves.
    way = "" if path.endswith(".pdf") else ' download="download"'
    return f'<li><a href="{quote(path)}"{way}>{escape(label)}</a></li>\n'
