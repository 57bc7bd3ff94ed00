"""Which media file belongs to each video, and how pages reach it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePath

from convert.document.note import Video
from convert.vault.durations import media_files, video_id

_BEST_FIRST = (".mp4", ".m4v", ".webm", ".mov", ".m4a", ".mp3", ".opus", ".ogg", ".flac", ".wav", ".mkv", ".avi")
"""What browsers play comes before what they may refuse."""


def media_of(videos: Iterable[Video], folder: Path | None) -> dict[Video, Path]:
    """The media file of each video, found by `[videoId]` in its name below the folder that the user named.

    A note may name a file itself, which is found there by that name.
    """
    known = {video.id: video for video in videos}
    named = {PurePath(video.id).name: video for video in known.values() if video.provider == "file"}
    found: dict[Video, Path] = {}
    for path in sorted({*media_files((), folder), *_called(named, folder)}, key=_rank) if folder else ():
        video = known.get(video_id(path) or "") or named.get(path.name)
        if video and path.suffix.lower() in _BEST_FIRST:
            found.setdefault(video, path)
    return found


def _called(names: Collection[str], folder: Path) -> Iterator[Path]:
    """The files below a folder that have one of the names."""
    for place, _, files in os.walk(folder) if names else ():
        yield from (Path(place, name) for name in files if name in names)


def _rank(path: Path) -> tuple[int, str]:
    kind = path.suffix.lower()
    return (_BEST_FIRST.index(kind) if kind in _BEST_FIRST else len(_BEST_FIRST)), str(path)
