"""Embeds chapter markers into media files, or writes them into files beside these.

The markers come from the notes about each file's video. Streams are copied without re-encoding.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from convert.document.book import VideoNotes
from convert.document.note import Video, slug
from convert.errors import NotebindError, ToolError, UsageError
from convert.extract.timeline import Marker, Timeline, timeline
from convert.mux.own_files import OwnFiles, state
from convert.mux.streams import SUFFIXES, CopyProgress, chapters, copy_with_chapters, stream_hashes
from convert.render.chapters import Format
from convert.report import Diagnostic, Warn
from convert.request import Request, TimeFormat
from convert.storage.folder import Folder, replacement
from convert.storage.location import Location
from convert.tools.media import duration_ms
from convert.vault.vault import Vault, open_vault
from convert.vault.video_files import video_id

TOLERANCE_MS = 50
"""Tolerated change of the length: Matroska rounds it to whole frames."""


class Muxed(msgspec.Struct, frozen=True):
    """A file that was written, and its number of chapters."""

    path: Path
    chapters: int


def timelines(
    files: Sequence[Path],
    notes: Sequence[Location],
    named: str = "",
    time_format: TimeFormat = "auto",
    depth: int = 2,
    most: int = Request.max_note_bytes,
    max_seconds: float = Request.max_seconds,
    warn: Warn = lambda _: None,
) -> list[Timeline | NotebindError]:
    """Return the timeline of each file: of the video `named`, of that of its name, or of the notes' only one.

    The length of each file decides how the stamps of its notes are read, for it alone; `warn` gets what is doubtful
    about their times. Notes of more than `most` bytes, or that take more than `max_seconds` to read, are left out. For
    a file that is broken or without notes the error is in the list.
    """
    request = Request(tuple(notes), time_format=time_format, max_note_bytes=most, max_seconds=max_seconds)
    ids = [named or video_id(path) or "" for path in files]
    videos = [Video("youtube", id) if id else None for id in ids]
    if None in videos:
        parts = _videos_of(request)[1]
        videos = [video or _video_of(path, parts) for path, video in zip(files, videos, strict=True)]
    pairs = zip(files, videos, strict=True)
    measured = [_length(path) if video and os.path.isfile(path) else None for path, video in pairs]
    found: list[VideoNotes | NotebindError | None] = [
        one if isinstance(one, NotebindError) else None for one in measured
    ]
    told: dict[Diagnostic, None] = {}
    rounds = _rounds(videos, measured)
    for own in rounds:
        lengths = {video: ms for video, ms in {**rounds[0], **own}.items() if video and ms}
        vault, parts = _videos_of(replace(request, lengths=lengths))
        for number, path in enumerate(files):
            if found[number] is None and own.get(videos[number], 0) == measured[number]:
                found[number] = _part_of(path, videos[number], parts)
        _tell_of_times(vault, [one for one in found if isinstance(one, VideoNotes)], told.setdefault)
    for one in told:
        warn(one)
    return [timeline(one, depth) if isinstance(one, VideoNotes) else one for one in found if one]


def _video_of(path: Path, parts: Iterable[VideoNotes]) -> Video | None:
    """Return the video of a file without an id in its name: that of this file name or title, or the only one."""
    known = {part.video: part.title for part in parts}
    files = [video for video in known if video and Path(video.id).name == path.name]
    titled = [video for video, title in known.items() if slug(title) == slug(path.stem)]
    return next((found[0] for found in (files, titled, [*known]) if len(found) == 1), None)


def _rounds(
    videos: Sequence[Video | None], measured: Sequence[int | NotebindError | None]
) -> list[dict[Video | None, int | None]]:
    """Return sets of one length a video that hold that of every film: films of one video may differ, as cuts do."""
    rounds: list[dict[Video | None, int | None]] = [{}]
    for video, ms in zip(videos, measured, strict=True):
        if not isinstance(ms, NotebindError):
            own = next((one for one in rounds if one.get(video, ms) == ms), None)
            if own is None:
                rounds.append(own := {})
            own[video] = ms
    return rounds


def _length(path: Path) -> int | NotebindError | None:
    try:
        return media_duration_ms(path)
    except NotebindError as error:
        return error


def _videos_of(request: Request) -> tuple[Vault, list[VideoNotes]]:
    # The vault is opened anew for each set of lengths, because they decide how stamps are read.
    vault = open_vault(request, 1, lambda _: None)
    return vault, [part for book in vault.books() for part in (*book.parts, *book.others)]


def _part_of(path: Path, video: Video | None, parts: Sequence[VideoNotes]) -> VideoNotes | UsageError:
    if not video:
        if len(parts) == 1:
            return parts[0]
        how = "Name it as the note is called, put [videoId] at the end of its name, or give --video-id"
        return UsageError(f"{path}: which video is it? {how}")
    for part in parts:
        if part.video and part.video.id == video.id:
            return part
    return UsageError(f"{path}: no note is about video {video.id}")


def _tell_of_times(vault: Vault, parts: Iterable[VideoNotes], warn: Warn) -> None:
    """Pass on what the notes of these videos say about their times, and which files could not be read."""
    paths = {summary.path for part in parts for summary in (*part.notes, *part.siblings)}
    for one in vault.diagnostics():
        if one.severity == "error" or (one.note in paths and _is_of_times(one)):
            warn(one)


def _is_of_times(one: Diagnostic) -> bool:
    return one.severity == "warning" and one.code.startswith(("time-", "stamp-"))


def media_duration_ms(path: Path) -> int | None:
    """Return the length of a media file, or None if unknown. Raises ToolError if it cannot be read."""
    with _media_errors(path, "read"):
        return duration_ms(path)


def mux(
    source: Path,
    target: Path,
    timeline: Timeline,
    progress: CopyProgress = lambda _: None,
    own: OwnFiles | None = None,
) -> Muxed:
    """Write `source` with the timeline's chapters instead of its own to `target` (which may be `source`).

    Streams, covers, subtitles, tags and languages are copied unchanged. The copy is made beside `target`, compared with
    the source (packets, length, chapters) and only then renamed, so that the source stays unchanged until the end.
    If anything fails, the copy is removed. `progress` gets the number of bytes as they are copied and again as they
    are compared. Another file is replaced only if it is one of ours (`own`). Raises UsageError for kinds of files
    without chapters, ToolError if FFmpeg or the comparison fails, SaveError if the disk does or the target is not ours.
    Removes leftovers of killed runs beside `target`.
    """
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{source}: files of this kind hold no chapters; known are {', '.join(SUFFIXES)}")
    if source.suffix.lower() != suffix:
        raise UsageError(f"{source}: the copy must have the same suffix, not {suffix}")
    length = media_duration_ms(source)
    markers = fitted(timeline.markers, length)
    if not markers:
        raise UsageError(f"{source}: the notes give it no chapters inside its length")
    if source == target:
        room = _in_place(source)
    else:
        room = (own or OwnFiles()).replaced(target, source, source.stat().st_mode)
    with _undone(target.parent), Folder(target.parent).locked(), room as copy:
        with _media_errors(source, "copied"):
            hashes = copy_with_chapters(source, copy, suffix, markers, progress)
            if stream_hashes(copy, progress) != hashes:
                raise ToolError(f"{source}: the copy is not the same, packet by packet; the file is left as it was")
        _verify(source, copy, markers, length)
        with copy.open("rb+") as file:
            os.fsync(file.fileno())
    return Muxed(target, len(markers))


@contextmanager
def _undone(folder: Path) -> Iterator[None]:
    """Remove the folder, and those above it that are not there yet, if what is in the block fails; only empty ones."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for one in missing:
                one.rmdir()
        raise


@contextmanager
def _in_place(source: Path) -> Iterator[Path]:
    """Yield a temporary file that replaces the source at the end, unless that is a link or has changed meanwhile."""
    if source.is_symlink():
        raise UsageError(f"{source}: is a link: name the file that it leads to, {source.resolve()}")
    before = state(source)
    with replacement(source, before and before.mode) as name:
        yield Path(name)
        if state(source) != before:
            raise ToolError(f"{source}: changed while it was copied; it is left as it is: run again")


def fitted(markers: Iterable[Marker], length_ms: int | None) -> tuple[Marker, ...]:
    """Return the markers inside the file, with ends cut at its length, because FFmpeg would make it longer."""
    if length_ms is None:
        return tuple(markers)
    inside = [marker for marker in markers if marker.start_ms < length_ms]
    ends = [min(marker.end_ms, length_ms) for marker in inside[:-1]] + [length_ms]
    return tuple(msgspec.structs.replace(one, end_ms=end) for one, end in zip(inside, ends, strict=False))


def sidecar(source: Path, timeline: Timeline, formats: Iterable[Format], own: OwnFiles | None = None) -> list[Path]:
    """Write these formats beside a media file, named after it, and return their paths.

    Raises SaveError, also if a file there is not ours (`own`).
    """
    own = own or OwnFiles()
    line = msgspec.structs.replace(timeline, markers=fitted(timeline.markers, media_duration_ms(source)))
    written = []
    with Folder(source.parent).locked():
        for kind in formats:
            if line.markers and not (kind.refusal and kind.refusal(line)):
                path = source.with_name(source.stem + kind.suffix)
                own.write(path, source, kind.data(line, source.name))
                written.append(path)
    return written


def _verify(source: Path, copy: Path, markers: tuple[Marker, ...], length: int | None) -> None:
    with _media_errors(source, "checked"):
        copied, found = duration_ms(copy), chapters(copy)
    if length is not None and (copied is None or abs(copied - length) > TOLERANCE_MS):
        raise ToolError(f"{source}: the copy is {copied} ms long, not {length} ms; the file is left as it was")
    if found != [(marker.start_ms, marker.title) for marker in markers]:
        raise ToolError(f"{source}: the chapters of the copy are not those of the notes; the file is left as it was")


@contextmanager
def _media_errors(path: Path, what: str) -> Iterator[None]:
    """Raise errors of FFmpeg, mutagen and the disk as ToolError."""
    try:
        yield
    except NotebindError:
        raise
    # PyAV and mutagen raise errors of their own kinds and, for files they do not expect, ValueError and KeyError.
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ToolError(f"{path}: cannot be {what}: {reason}; is it a media file that plays?") from error
