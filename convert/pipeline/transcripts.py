"""The subtitle files that lie beside notes or in the folder of videos: what was said, for writers that ask for it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from convert.document.book import Book, Entry
from convert.pipeline.request import Request
from convert.tools.store import is_address
from convert.vault.discovery import Source
from convert.writers import DEFAULT, find_writer, make_options

SUFFIXES = (".srt", ".vtt")
LONGEST = 16_000_000
"""Bytes that are read of a file; a day of speech has fewer."""
_NAME = re.compile(r"(?P<stem>.*?)(?:\.(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}))?\.(?:srt|vtt)", re.I)
_ID = re.compile(r"\[([A-Za-z0-9_-]{11})\]$")


def hears(writer: str, options: Any) -> bool:
    """Whether a writer with these options wants transcripts (see `Writer`)."""
    asked = getattr(find_writer(writer), "hears", None)
    return bool(asked and asked(options))


def anyone_hears(request: Request) -> bool:
    """Whether a writer of any book wants transcripts."""
    everyone = (request, *(request.of(channel) for channel in request.channels))
    return any(
        hears(name, make_options(find_writer(name), one.options.get(name, {})))
        for one in everyone
        for name in one.writers or DEFAULT
    )


def transcript_files(sources: Iterable[Source], videos: Path | None) -> Iterator[Path]:
    """All subtitle files in the folders of notes and below the folder of videos, in order."""
    for folder in sorted({source.folder for source in sources}):
        yield from _beside(folder)
    yield from _below(videos)


def transcripts_of(book: Book, sources: Mapping[str, Source], videos: Path | None) -> dict[str, Path]:
    """By note id, the subtitles of a note: under its own file's name, or with its `[videoId]` at the end of the name.

    A file beside the note wins over one of `videos`, its own name over the id, no language over the book's, that over
    others, SubRip over WebVTT.
    """
    found = {}
    for entry in book.entries():
        source = sources[entry.id]
        for files in (_beside(source.folder), _below(videos)):
            ranked = [(rank, path) for path in files if (rank := _rank(path, entry, source, book.language))]
            if ranked:
                found[entry.id] = min(ranked)[1]
                break
    return found


@dataclass(frozen=True, order=True)
class _Rank:
    by_id: bool
    language: int
    suffix: str
    name: str


def _rank(path: Path, entry: Entry, source: Source, language: str) -> _Rank | None:
    name = _NAME.fullmatch(path.name)
    if not name:
        return None
    stem, tag = name["stem"], name["language"] or ""
    own = os.path.splitext(os.path.basename(source.path))[0] in (stem, path.stem)
    video = _ID.search(stem)
    if not own and not (entry.video and video and video[1] == entry.video.id):
        return None
    spoken = 0 if not tag else 1 if tag.lower()[:2] == language.lower()[:2] else 2
    return _Rank(not own, spoken, path.suffix.lower(), path.name)


@lru_cache(maxsize=8)
def _listed(folder: str, _modified: int) -> tuple[Path, ...]:
    return tuple(
        sorted(
            Path(entry.path)
            for entry in os.scandir(folder)
            # What a link in somebody's notes leads to is not theirs to open.
            if entry.name.lower().endswith(SUFFIXES) and entry.is_file(follow_symlinks=False)
        )
    )


def _beside(folder: str) -> tuple[Path, ...]:
    if is_address(folder):
        return ()
    try:
        return _listed(folder, os.stat(folder).st_mtime_ns)
    except OSError:
        return ()


def _below(videos: Path | None) -> tuple[Path, ...]:
    return tuple(path for folder, _, _ in sorted(os.walk(videos)) for path in _beside(folder)) if videos else ()
