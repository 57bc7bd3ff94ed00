"""The files that belong to videos: media files, which give the length, and subtitles.

They are beside the notes or in the folder of `--videos`, on this machine. File names contain `[videoId]`, as yt-dlp
writes them. Links are followed only inside the user's own folder: notes may come from others.
"""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath

import msgspec

from convert.document.book import Book
from convert.document.note import NoteHead, Video
from convert.document.timecode import parse_timestamp
from convert.files import read_file, walk
from convert.report import Warn, diagnostic
from convert.storage.location import Location, is_address, local_paths
from convert.tools.media import duration_ms
from convert.vault.discovery import Source

MEDIA_SUFFIXES = (".mp4", ".m4v", ".webm", ".mov", ".m4a", ".mp3", ".opus", ".ogg", ".flac", ".wav", ".mkv", ".avi")
"""Suffixes of media files; formats that browsers play come first."""
_INFO = ".info.json"
SUBTITLE_SUFFIXES = (".srt", ".vtt")
LONGEST_TRANSCRIPT = 16_000_000
"""Bytes read from a subtitle file; a day of speech has fewer."""
LONGEST_S = 60
"""Seconds that media files may take together to tell their lengths, without what each one usually takes."""
_USUAL_S = 0.1
_LONGEST_MS = 48 * 3_600_000
"""A longer duration must be an error."""
_ID_AT_END = re.compile(r"\[([A-Za-z0-9_-]{11})\](?:\.[A-Za-z0-9.-]+)?$")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_SUBTITLES = re.compile(
    r"\A(?P<stem>.*?)(?:\.(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}))?\.(?:srt|vtt)", re.I
)
_ID_OF_STEM = re.compile(r"\[([A-Za-z0-9_-]{11})\]$")


class _Info(msgspec.Struct):
    """The fields used of yt-dlp's `.info.json`; `duration` is in seconds."""

    id: str = ""
    duration: float | None = None


def video_id(path: Path) -> str | None:
    """Return the `[videoId]` at the end of a file name, or None."""
    found = _ID_AT_END.search(path.name.removesuffix(_INFO))
    return found[1] if found else None


def media_files(locations: Iterable[Location], videos_folder: Path | None = None) -> list[Path]:
    """Return the media files and `.info.json` files that have a video id in their names.

    Folders are searched recursively, for a file its own folder is searched. In `videos_folder` links are followed,
    because the user named it for its videos. The `.info.json` files come first; both kinds are sorted by path.
    """
    found = set(_named_after_videos(videos_folder)) if videos_folder else set()
    for location in local_paths(locations):
        folder = location if os.path.isdir(location) else location.parent
        for path in _named_after_videos(location):
            if not path.is_symlink() or path.resolve().is_relative_to(folder.resolve()):
                found.add(path)
    return sorted(found, key=lambda path: (not path.name.endswith(_INFO), path))


def _named_after_videos(location: Path) -> list[Path]:
    if os.path.isfile(location):
        paths = list(location.parent.iterdir())
    else:
        paths = [Path(folder, name) for folder, names in walk(location) for name in names]
    return [path for path in paths if _is_media(path.name, _INFO) and video_id(path) and os.path.isfile(path)]


def _is_media(name: str, *others: str) -> bool:
    """Return whether a name has the suffix of a media file, or one of `others`."""
    return os.path.splitext(name)[1].lower() in MEDIA_SUFFIXES or name.endswith(others)


def video_lengths(
    notes: Iterable[NoteHead],
    locations: Iterable[Location],
    videos_folder: Path | None = None,
    warn: Warn = lambda _: None,
) -> dict[Video, int]:
    """Return the known length of each video in milliseconds.

    A media file (see `media_files`) takes precedence over `.info.json`, and that over front matter. When the files have
    taken too long together, the others are not asked, and `warn` is told.
    """
    videos = {note.video.id: note.video for note in notes if note.video}
    found: dict[Video, int] = {}
    for note in notes:
        if note.video and (ms := _written_ms(note.meta.get("duration", ""))):
            found[note.video] = ms
    slow_s = 0.0
    for path in media_files(locations, videos_folder):
        if not (video := videos.get(video_id(path) or "")):
            continue
        if slow_s > LONGEST_S:
            message = f"files before this one took {slow_s:.0f} s to say how long they are: the others are not asked"
            warn(diagnostic("video-slow", str(path), 0, message))
            break
        began = time.monotonic()
        if (ms := _info_ms(path) if path.name.endswith(_INFO) else _media_ms(path)) and ms < _LONGEST_MS:
            found[video] = ms
        slow_s += max(0, time.monotonic() - began - _USUAL_S)
    return found


def _written_ms(value: str) -> int | None:
    """Return a duration in front matter, written in seconds or as a time, in milliseconds."""
    if _SECONDS.fullmatch(value):
        return round(float(value) * 1000)
    return parse_timestamp(value) if value else None


def _info_ms(path: Path) -> int | None:
    try:
        info = msgspec.json.decode(read_file(path), type=_Info)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return round(info.duration * 1000) if info.duration and 0 < info.duration * 1000 < _LONGEST_MS else None


def _media_ms(path: Path) -> int | None:
    """Return the length in the container's header, None if there is none or the file is no media."""
    import av

    try:
        return duration_ms(path)
    except (av.FFmpegError, OSError, ValueError):
        return None


def media_of(videos: Iterable[Video], folder: Path | None) -> dict[Video, Path]:
    """Return the media file of each video below the user's folder, found by the `[videoId]` in its name.

    A file that a note names itself is found by that name.
    """
    if not folder:
        return {}
    known = {video.id: video for video in videos}
    named = {PurePath(video.id).name: video for video in known.values() if video.provider == "file"}
    paths = set(media_files((), folder))
    if named:
        paths.update(Path(place, name) for place, names in walk(folder) for name in names if name in named)
    found: dict[Video, Path] = {}
    for path in sorted([path for path in paths if _is_media(path.name) and os.path.isfile(path)], key=_preference):
        if video := known.get(video_id(path) or "") or named.get(path.name):
            found.setdefault(video, path)
    return found


def _preference(path: Path) -> tuple[int, str]:
    return MEDIA_SUFFIXES.index(path.suffix.lower()), str(path)


def transcript_files(sources: Iterable[Source], videos_folder: Path | None) -> list[Path]:
    """Return all subtitle files in the folders of notes and below the folder of videos."""
    folders = sorted({source.folder for source in sources})
    return [path for folder in (*folders, *_folders_below(videos_folder)) for path in _subtitles_in(folder)]


class Transcripts:
    """Finds the subtitles of the notes of one run; each folder is listed once."""

    def __init__(self, sources: Mapping[str, Source], videos_folder: Path | None) -> None:
        self._sources = sources
        self._videos_folder = videos_folder
        self._listed: dict[str, _Subtitles] = {}
        """By folder; "" is everything below the folder of videos."""

    def find(self, book: Book) -> dict[str, Path]:
        """Return the subtitle file of each note: named as the note, or with `[videoId]` at the end of the name.

        Preferred are files beside the note over those in the folder of videos, the note's name over the id, files
        without a language over the book's and that over others, and SubRip over WebVTT.
        """
        found = {}
        for summary in book.summaries():
            source = self._sources[summary.id]
            names = [os.path.splitext(os.path.basename(source.path))[0]]
            names += [f"[{summary.video.id}]"] if summary.video else []
            listings = map(self._subtitles, (source.folder, ""))
            if files := next((listed[name] for listed in listings for name in names if name in listed), None):
                found[summary.id] = min(files, key=lambda file: _rank(file, book.language))[0]
        return found

    def _subtitles(self, folder: str) -> _Subtitles:
        """Return the subtitle files of a folder with their languages, by the names that `find` looks up."""
        if folder in self._listed:
            return self._listed[folder]
        found: _Subtitles = defaultdict(list)
        for one in (folder,) if folder else _folders_below(self._videos_folder):
            for path in _subtitles_in(one):
                if name := _SUBTITLES.fullmatch(path.name):
                    video = _ID_OF_STEM.search(name["stem"])
                    for key in {name["stem"], path.stem, video[0] if video else path.stem}:
                        found[key].append((path, name["language"] or ""))
        self._listed[folder] = dict(found)
        return self._listed[folder]


_Subtitles = dict[str, list[tuple[Path, str]]]
"""Files with their languages, by the name of the note they may belong to and by `[videoId]`."""


def _rank(file: tuple[Path, str], wanted: str) -> tuple[int, str, str]:
    """Return the sort key of a subtitle file; the best comes first. `wanted` is the language of the book."""
    path, language = file
    spoken = 0 if not language else 1 if language[:2].lower() == wanted[:2].lower() else 2
    return spoken, path.suffix.lower(), path.name


def _folders_below(folder: Path | None) -> list[str]:
    return sorted([below for below, _ in walk(folder)]) if folder else []


def _subtitles_in(folder: str) -> list[Path]:
    """Return the subtitle files of a folder, sorted; none for a store or an unreadable folder."""
    if is_address(folder):
        return []
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return []
    return sorted(
        Path(one.path)
        for one in entries
        if one.name.lower().endswith(SUBTITLE_SUFFIXES) and one.is_file(follow_symlinks=False)
    )
