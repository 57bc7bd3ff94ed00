"""How long the videos are: from front matter, yt-dlp's `.info.json` and media files named `... [videoId].mp4`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from convert.document.note import Facts, Video
from convert.document.timecode import parse_timestamp
from convert.storage.location import Location, local_paths
from convert.tools.media import open_media

MEDIA_SUFFIXES = frozenset(
    (".mp4", ".m4v", ".mkv", ".webm", ".mov", ".avi", ".m4a", ".mp3", ".opus", ".ogg", ".flac", ".wav")
)
_ID_IN_NAME = re.compile(r"\[([A-Za-z0-9_-]{11})\](?:\.[A-Za-z0-9.-]+)?$")
_INFO = ".info.json"
_LONGEST_MS = 48 * 3_600_000
"""A longer duration is taken for a mistake."""


class _Info(msgspec.Struct):
    id: str = ""
    duration: float | None = None


def durations(
    notes: Iterable[Facts], places: Iterable[Location], videos_folder: Path | None = None
) -> dict[Video, int]:
    """The length in milliseconds of every video that front matter or a file tells; files win.

    Files are looked for on disk alone, not in stores.

    `places` are folders, searched down, and files, beside which files are looked for; links that leave them are not
    followed. Those of `videos_folder`, which the user named for it, are.
    """
    videos = {note.video.id: note.video for note in notes if note.video}
    found = {note.video: ms for note in notes if note.video and (ms := _written(note.meta.get("duration", "")))}
    for path in media_files(places, videos_folder):
        video = videos.get(video_id(path) or "")
        if video and (ms := _of_file(path)) and ms < _LONGEST_MS:
            found[video] = ms
    return found


def media_files(places: Iterable[Location], videos_folder: Path | None = None) -> Iterator[Path]:
    """The media files and `.info.json` files of places that have a video id in their names, in order of paths.

    Media files come last, so that what is measured wins over what was written down.
    """
    found = {path for place in local_paths(places) for path in _named(place) if _stays(path, place)}
    named = sorted(found.union(_named(videos_folder) if videos_folder else ()))
    yield from sorted(named, key=lambda path: not path.name.endswith(_INFO))


def _named(place: Path) -> Iterator[Path]:
    return (path for path in _files(place) if _is_media(path.name) and video_id(path) and path.is_file())


def _stays(path: Path, place: Path) -> bool:
    """Whether a file lies in the place itself: what a link in somebody's notes leads to is not theirs to open."""
    folder = place if place.is_dir() else place.parent
    return not path.is_symlink() or path.resolve().is_relative_to(folder.resolve())


def _files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from (Path(folder, name) for folder, _, names in os.walk(place) for name in names)
    elif place.parent.is_dir():
        yield from (path for path in place.parent.iterdir() if path.is_file())


def video_id(path: Path) -> str | None:
    """The id in square brackets at the end of a file's name, yt-dlp's habit; None when there is none."""
    name = path.name.removesuffix(_INFO) if path.name.endswith(_INFO) else path.name
    found = _ID_IN_NAME.search(name)
    return found[1] if found else None


def _is_media(name: str) -> bool:
    return name.endswith(_INFO) or os.path.splitext(name)[1].lower() in MEDIA_SUFFIXES


def _written(value: str) -> int | None:
    """The duration of a front matter: seconds as a number, or a time as in a stamp."""
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", value):
        return round(float(value) * 1000)
    return parse_timestamp(value) if value else None


def _of_file(path: Path) -> int | None:
    return _of_info(path) if path.name.endswith(_INFO) else _of_media(path)


def _of_info(path: Path) -> int | None:
    try:
        info = msgspec.json.decode(path.read_bytes(), type=_Info)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None
    return round(info.duration * 1000) if info.duration and 0 < info.duration * 1000 < _LONGEST_MS else None


def _of_media(path: Path) -> int | None:
    """The length that the container states, in milliseconds; None for a file that holds no media."""
    import av

    try:
        with open_media(path) as container:
            return round(container.duration / 1000) if container.duration else None
    except (av.FFmpegError, OSError, ValueError):
        return None
