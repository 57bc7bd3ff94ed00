"""The files that belong to videos: media files, which give the length, and subtitles.

They are beside the notes or in the folder of `--videos`, on this machine. File names contain the video id, as yt-dlp
writes them (`Title [ID].mp4`, once `Title-ID.mp4`), or are those of a note. Links are followed only inside the user's
own folder: notes may come from others.
"""

from __future__ import annotations

import os
import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath

import msgspec

from convert.document.book import Book, Listed
from convert.document.note import NoteHead, Video, normalized
from convert.document.timecode import parse_timestamp
from convert.files import read_file, walk
from convert.reader import read_unresolved
from convert.reader.video_address import looks_like_id
from convert.report import Warn, diagnostic
from convert.storage.location import Location, is_address, local_paths
from convert.tools.media import duration_ms
from convert.vault.discovery import Source

MEDIA_SUFFIXES = (".mp4", ".m4v", ".webm", ".mov", ".m4a", ".mp3", ".opus", ".ogg", ".flac", ".wav", ".mkv", ".avi")
"""Suffixes of media files; formats that browsers play come first."""
SOUND_SUFFIXES = (".m4a", ".mp3", ".opus", ".ogg", ".flac", ".wav")
"""Those of media files without pictures."""
_INFO = ".info.json"
_DESCRIPTION = ".description"
_LONGEST_DESCRIPTION = 200_000
_LONGEST_TITLE = 1000
_MOST_CHAPTERS = 2000
SUBTITLE_SUFFIXES = (".srt", ".vtt")
LONGEST_TRANSCRIPT = 16_000_000
"""Bytes read from a subtitle file; a day of speech has fewer."""
LONGEST_S = 60
"""Seconds that media files may take together to tell their lengths, without what each one usually takes."""
_USUAL_S = 0.1
_LONGEST_MS = 48 * 3_600_000
"""A longer duration must be an error."""
_ID_AT_END = re.compile(r"(?:\[([A-Za-z0-9_-]{11})\]|(?<=.)-([A-Za-z0-9_-]{11}))(?:\.[A-Za-z0-9.-]{1,60})?$")
_BRACKETED = re.compile(r"(?<=.)\[([^\[\]]{1,100})\]$")
_ID_KEYS = ("episode_id", "episode_guid", "episode_url", "guid")
"""Properties that hold the id of an episode, or an address that it closes."""
_SHORTEST_ID = 6
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_SUBTITLES = re.compile(
    r"\A(?P<stem>.*?)(?:\.(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}))?\.(?:srt|vtt)", re.I
)


class _InfoChapter(msgspec.Struct):
    start_time: float
    title: str = ""


class _Info(msgspec.Struct):
    """The fields used of yt-dlp's `.info.json`; `duration` and the start of a chapter are in seconds."""

    id: str = ""
    duration: float | None = None
    title: str | None = None
    chapters: list[_InfoChapter] | None = None


class Download(msgspec.Struct, frozen=True):
    """What yt-dlp wrote about a video: its title, and its chapters."""

    title: str = ""
    chapters: tuple[Listed, ...] = ()


def video_id(path: Path) -> str | None:
    """Return the id at the end of a file name, `Title [videoId].mp4` or `Title-videoId.mp4`, or None."""
    found = _ID_AT_END.search(path.name.removesuffix(_INFO).removesuffix(_DESCRIPTION))
    return found and (found[1] or (found[2] if looks_like_id(found[2]) else None))


def media_files(locations: Iterable[Location], videos_folder: Path | None = None) -> list[Path]:
    """Return the media files, and what yt-dlp wrote about videos (`.info.json`, `.description`).

    Folders are searched recursively, for a file its own folder is searched. In `videos_folder` links are followed,
    because the user named it for its videos. Media files come last; both kinds are sorted by path.
    """
    found = set(_files_of_videos(videos_folder)) if videos_folder else set()
    for location in local_paths(locations):
        folder = location if os.path.isdir(location) else location.parent
        for path in _files_of_videos(location):
            if not path.is_symlink() or path.resolve().is_relative_to(folder.resolve()):
                found.add(path)
    return sorted(found, key=lambda path: (not path.name.endswith((_INFO, _DESCRIPTION)), path))


def _files_of_videos(location: Path) -> list[Path]:
    if os.path.isfile(location):
        paths = list(location.parent.iterdir())
    else:
        paths = [Path(folder, name) for folder, names in walk(location) for name in names]
    return [path for path in paths if _is_media(path.name, _INFO, _DESCRIPTION) and os.path.isfile(path)]


def _is_media(name: str, *others: str) -> bool:
    """Return whether a name has the suffix of a media file, or one of `others`."""
    return os.path.splitext(name)[1].lower() in MEDIA_SUFFIXES or name.endswith(others)


def video_lengths(notes: Iterable[NoteHead], files: Iterable[Path], warn: Warn = lambda _: None) -> dict[Video, int]:
    """Return the known length of each video in milliseconds; `files` are those of `media_files`.

    A media file takes precedence over `.info.json`, and that over front matter. When the files have
    taken too long together, the others are not asked, and `warn` is told.
    """
    notes, files = list(notes), list(files)
    videos, named = _by_name(notes), _files_by_name(notes, files)
    found: dict[Video, int] = {}
    for note in notes:
        if note.video and (ms := _written_ms(note.meta.get("duration", ""))):
            found[note.video] = ms
    slow_s = 0.0
    for path in files:
        video = _video_of(path, videos) or (named[path].video if path in named else None)
        if path.name.endswith(_DESCRIPTION) or not video:
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


def _info(path: Path) -> _Info:
    """Return what an `.info.json` says, nothing if it cannot be read."""
    try:
        return msgspec.json.decode(read_file(path), type=_Info)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Info()


def _info_ms(path: Path) -> int | None:
    seconds = _info(path).duration
    return round(seconds * 1000) if seconds and 0 < seconds * 1000 < _LONGEST_MS else None


def downloads(notes: Iterable[NoteHead], files: Iterable[Path]) -> dict[Video, Download]:
    """Return what yt-dlp wrote beside the notes about their videos; `files` are those of `media_files`.

    A file is about the video whose id is in its name, or about that of the note or media file that has its name.
    """
    videos: dict[str, Video] = {}
    found: dict[Video, Download] = {}
    for path in files:
        if not path.name.endswith((_INFO, _DESCRIPTION)):
            break  # media files come last
        videos = videos or _by_name(notes)
        if video := _video_of(path, videos):
            told = _told_by_info(path, video) if path.name.endswith(_INFO) else Download("", _described(path))
            known = found.get(video, Download())
            found[video] = Download(told.title or known.title, told.chapters or known.chapters)
    return found


def _by_name(notes: Iterable[NoteHead]) -> dict[str, Video]:
    """Return the videos of notes by their ids and files, and by the paths of the notes without suffix."""
    about = [(note, note.video) for note in notes if note.video]
    videos = {normalized("NFC", str(PurePath(note.path).with_suffix(""))): video for note, video in about if note.path}
    return videos | {_name_of(video): video for note, own in about for video in (own, *note.videos)}


def _video_of(path: Path, videos: Mapping[str, Video]) -> Video | None:
    """Return the video that a file is about, None if there is none."""
    if video := videos.get(video_id(path) or "") or videos.get(_file_name(path)):
        return video
    whole = normalized("NFC", str(path))
    stem = whole.removesuffix(_INFO).removesuffix(_DESCRIPTION)
    if stem == whole:
        return None
    names = (stem, *(PurePath(stem).name + suffix for suffix in MEDIA_SUFFIXES))
    return next((videos[name] for name in names if name in videos), None)


def _told_by_info(path: Path, video: Video) -> Download:
    info = _info(path)
    if video.provider == "youtube" and info.id not in ("", video.id):
        return Download()
    titled = [one for one in info.chapters or () if one.title.strip() and 0 <= one.start_time * 1000 < _LONGEST_MS]
    chapters = [Listed(round(one.start_time * 1000), one.title, 0) for one in titled[:_MOST_CHAPTERS]]
    return Download(" ".join((info.title or "")[:_LONGEST_TITLE].split()), tuple(chapters))


def _described(path: Path) -> tuple[Listed, ...]:
    """Return the chapters of the list in a description, read as one in a note."""
    try:
        facts = read_unresolved(read_file(path, _LONGEST_DESCRIPTION), "description.txt", "", "").facts
    except OSError:
        return ()
    headed = [(stamp.literal_ms, facts.headings[stamp.section].text) for stamp in facts.stamps if stamp.in_heading]
    listed = [(facts.stamps[one.stamp].literal_ms, one.title) for one in facts.listed]
    return tuple([Listed(ms, title, 0) for ms, title in headed or listed if ms is not None][:_MOST_CHAPTERS])


def _media_ms(path: Path) -> int | None:
    """Return the length in the container's header, None if there is none or the file is no media."""
    import av

    try:
        return duration_ms(path)
    except (av.FFmpegError, OSError, ValueError):
        return None


def media_of(notes: Iterable[NoteHead], files: Iterable[Path]) -> dict[Video, Path]:
    """Return the media file of each video: with the id in its name, named by a note, or called like one.

    `files` are those of `media_files`, below the user's folder.
    """
    notes, films = list(notes), sorted([path for path in files if _is_media(path.name)], key=_preference)
    known, named = _by_name(notes), _files_by_name(notes, films)
    found: dict[Video, Path] = {}
    for path in films:
        if video := _video_of(path, known) or (named[path].video if path in named else None):
            found.setdefault(video, path)
    return found


def with_media(notes: Sequence[NoteHead], files: Iterable[Path]) -> list[NoteHead]:
    """Return the notes; one without a video is about the media file that is called like it, if there is one."""
    files = sorted([path for path in files if _is_media(path.name)], key=_preference, reverse=True)
    own = {note.id: Video("file", path.name) for path, note in _files_by_name(notes, files).items() if not note.video}
    return [msgspec.structs.replace(note, video=own[note.id]) if note.id in own else note for note in notes]


def _files_by_name(notes: Iterable[NoteHead], files: Iterable[Path]) -> dict[Path, NoteHead]:
    """Return the note of each media file that is called by its title, its file or the id of its episode.

    A name that two videos have is nobody's, nor are two files of one name: nothing says which one is meant.
    """
    films = [path for path in files if _is_media(path.name)]
    named: dict[str, NoteHead | None] = {}
    for note in notes if films else ():
        for name in set(_names_of(note)):
            other = named.setdefault(name, note)
            if other is not note and not (other and other.video and other.video == note.video):
                named[name] = None
    ids = {note.video.id for note in named.values() if note and note.video}
    pairs = [(path, named[name]) for path in films if (name := next(filter(named.get, _titles_of(path, ids)), ""))]
    found = [(path, note) for path, note in pairs if note]
    counts = Counter([(note.id, path.suffix.lower()) for path, note in found])
    return {path: note for path, note in found if counts[note.id, path.suffix.lower()] == 1}


def _names_of(note: NoteHead) -> Iterator[str]:
    """Yield what media files about a note may be called, as `_titles_of` does."""
    if note.videos:
        return
    for name in filter(None, map(_plain, (note.title, PurePath(note.path).stem))):
        yield name
        if not note.video:
            yield f"{name} []"
    ids = [value.rstrip("/").rpartition("/")[2] for key, value in note.meta.items() if key.lower() in _ID_KEYS]
    if note.video and note.video.provider not in ("youtube", "file"):
        ids.append(note.video.id.rpartition("/")[2])
    yield from (f"[{id}]" for id in ids if len(id) >= _SHORTEST_ID)


def _titles_of(path: Path, ids: Container[str]) -> Iterator[str]:
    """Yield what a media file is called: by an id in brackets or alone, by a title, by one before an unknown id."""
    stem, id = normalized("NFC", path.stem), video_id(path)
    bracketed = _BRACKETED.search(stem)
    if id in ids:
        return
    yield from (f"[{bracketed[1] if bracketed else stem}]", _plain(stem))
    if bracketed:
        yield f"{_plain(stem[: bracketed.start()])} []"


def _plain(name: str) -> str:
    """Return a title in small letters with a blank for all signs between its words; "" if it has no letter.

    `+` and `#` stay: C, C++ and C# are three subjects.
    """
    folded = normalized("NFKD", name).casefold()
    signs = [sign if sign.isalnum() or sign in "+#" or unicodedata.category(sign)[0] == "M" else " " for sign in folded]
    return " ".join("".join(signs).split()) if any(map(str.isalpha, folded)) else ""


def _name_of(video: Video) -> str:
    """Return what names the files of a video: its id, or the name of the file that a note names itself."""
    return _file_name(PurePath(video.id)) if video.provider == "file" else video.id


def _file_name(path: PurePath) -> str:
    return normalized("NFC", path.name)


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
            names = [normalized("NFC", os.path.splitext(os.path.basename(source.path))[0])]
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
                if name := _SUBTITLES.fullmatch(normalized("NFC", path.name)):
                    stem = normalized("NFC", path.stem)
                    video = video_id(Path(name["stem"]))
                    for key in {name["stem"], stem, f"[{video}]" if video else stem}:
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
