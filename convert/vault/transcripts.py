"""The subtitle files that lie beside notes or in the folder of videos: what was said, for writers that ask for it."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from convert.document.book import Book, NoteSummary
from convert.storage.object_store import is_address
from convert.vault.discovery import Source

SUFFIXES = (".srt", ".vtt")
LONGEST = 16_000_000
"""Bytes that are read of a file; a day of speech has fewer."""
_NAME = re.compile(r"(?P<stem>.*?)(?:\.(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}))?\.(?:srt|vtt)", re.I)
_ID = re.compile(r"\[([A-Za-z0-9_-]{11})\]$")


def transcript_files(sources: Iterable[Source], videos: Path | None) -> Iterator[Path]:
    """All subtitle files in the folders of notes and below the folder of videos, in order."""
    for folder in sorted({source.folder for source in sources}):
        yield from _beside(folder)
    yield from _below(videos)


class Transcripts:
    """The subtitles of the notes of one run; each folder is listed once."""

    def __init__(self, sources: Mapping[str, Source], videos: Path | None) -> None:
        self._sources = sources
        self._videos = videos

    def of(self, book: Book) -> dict[str, Path]:
        """By note id, the subtitles of a note: named as its own file, or with its `[videoId]` at the end of the name.

        A file beside the note wins over one of `videos`, its own name over the id, no language over the book's, that
        over others, SubRip over WebVTT.
        """
        folders: dict[str, _Named] = {}
        found = {}
        for entry in book.entries():
            folder = self._sources[entry.id].folder
            if folder not in folders:
                folders[folder] = _by_name(_beside(folder))
            if path := self._of(entry, folders[folder], book.language) or self._of(entry, self._below, book.language):
                found[entry.id] = path
        return found

    @cached_property
    def _below(self) -> _Named:
        return _by_name(_below(self._videos))

    def _of(self, entry: NoteSummary, named: _Named, language: str) -> Path | None:
        stem = os.path.splitext(os.path.basename(self._sources[entry.id].path))[0]
        files = named.get(stem) or (named.get(f"[{entry.video.id}]") if entry.video else None)
        return min(files, key=lambda one: one.rank(language)).path if files else None


@dataclass(frozen=True)
class _File:
    path: Path
    language: str

    def rank(self, language: str) -> tuple[int, str, str]:
        spoken = 0 if not self.language else 1 if self.language[:2].lower() == language[:2].lower() else 2
        return spoken, self.path.suffix.lower(), self.path.name


_Named = dict[str, list[_File]]
"""Files by the name of a note that they may belong to, and by `[videoId]`."""


def _by_name(files: Iterable[Path]) -> _Named:
    found: _Named = defaultdict(list)
    for path in files:
        if not (name := _NAME.fullmatch(path.name)):
            continue
        file, video = _File(path, name["language"] or ""), _ID.search(name["stem"])
        for key in {name["stem"], path.stem, video[0] if video else path.stem}:
            found[key].append(file)
    return dict(found)


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
