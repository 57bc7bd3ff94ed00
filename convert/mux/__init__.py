"""Embeds chapter markers into media files, or writes them into files beside these.

The markers come from the notes about each file's video. Streams are copied without re-encoding.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from convert.document.book import VideoNotes
from convert.document.note import Video
from convert.errors import NotebindError, ToolError, UsageError
from convert.extract.timeline import Marker, Timeline, timeline
from convert.mux.streams import SUFFIXES, CopyProgress, chapters, copy_with_chapters, stream_hashes
from convert.render.chapters import Format
from convert.request import Request, TimeFormat
from convert.storage.folder import Folder, replacement
from convert.storage.location import Location
from convert.tools.media import duration_ms
from convert.vault.vault import open_vault
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
) -> list[Timeline | UsageError]:
    """Return the timeline of each file: of the video `named`, or with the id in its name, or the notes' only one.

    The length of each file decides how the stamps of its notes are read. Notes of more than `most` bytes are left
    out. For a file without notes the error is in the list.
    """
    ids = [named or video_id(path) or "" for path in files]
    named_files = [(path, id) for path, id in zip(files, ids, strict=True) if id and path.is_file()]
    lengths = {Video("youtube", id): ms for path, id in named_files if (ms := media_duration_ms(path))}
    request = Request(tuple(notes), lengths=lengths, time_format=time_format, max_note_bytes=most)
    parts = _videos_of(request)
    if "" in ids and len({part.video for part in parts}) == 1 and (only := parts[0].video):
        path = files[ids.index("")]
        if path.is_file() and (ms := media_duration_ms(path)):
            lengths[only] = ms
            parts = _videos_of(request)
    return [_timeline(path, id, parts, depth) for path, id in zip(files, ids, strict=True)]


def _videos_of(request: Request) -> list[VideoNotes]:
    # The vault is opened anew for each set of lengths, because they decide how stamps are read.
    return [part for book in open_vault(request, 1, lambda _: None).books() for part in book.parts]


def _timeline(path: Path, id: str, parts: Sequence[VideoNotes], depth: int) -> Timeline | UsageError:
    if not id:
        if len(parts) == 1:
            return timeline(parts[0], depth)
        return UsageError(f"{path}: which video is it? Put [videoId] at the end of its name or give --video-id")
    for part in parts:
        if part.video and part.video.id == id:
            return timeline(part, depth)
    return UsageError(f"{path}: no note is about video {id}")


def media_duration_ms(path: Path) -> int | None:
    """Return the length of a media file, or None if unknown. Raises ToolError if it cannot be read."""
    with _media_errors(path, "read"):
        return duration_ms(path)


def mux(source: Path, target: Path, timeline: Timeline, progress: CopyProgress = lambda _: None) -> Muxed:
    """Write `source` with the timeline's chapters instead of its own to `target` (which may be `source`).

    Streams, covers, subtitles, tags and languages are copied unchanged. The copy is made beside `target`, compared with
    the source (packets, length, chapters) and only then renamed, so that the source stays unchanged until the end.
    If anything fails, the copy is removed. `progress` gets the number of bytes as they are copied and again as they
    are compared. Raises UsageError for kinds of files without chapters, ToolError if FFmpeg or the comparison fails,
    SaveError if the disk does. Removes leftovers of killed runs beside `target`.
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
    with Folder(target.parent).locked(), replacement(target, source.stat().st_mode) as name:
        copy = Path(name)
        with _media_errors(source, "copied"):
            before = copy_with_chapters(source, copy, suffix, markers, progress)
            if stream_hashes(copy, progress) != before:
                raise ToolError(f"{source}: the copy is not the same, packet by packet; the file is left as it was")
        _verify(source, copy, markers, length)
        with copy.open("rb+") as file:
            os.fsync(file.fileno())
    return Muxed(target, len(markers))


def fitted(markers: Iterable[Marker], length_ms: int | None) -> tuple[Marker, ...]:
    """Return the markers inside the file, with ends cut at its length, because FFmpeg would make it longer."""
    if length_ms is None:
        return tuple(markers)
    inside = [marker for marker in markers if marker.start_ms < length_ms]
    ends = [min(marker.end_ms, length_ms) for marker in inside[:-1]] + [length_ms]
    return tuple(msgspec.structs.replace(one, end_ms=end) for one, end in zip(inside, ends, strict=False))


def sidecar(source: Path, timeline: Timeline, formats: Iterable[Format]) -> list[Path]:
    """Write these formats beside a media file, named after it, and return their paths. Raises SaveError."""
    line = msgspec.structs.replace(timeline, markers=fitted(timeline.markers, media_duration_ms(source)))
    written = []
    with Folder(source.parent).locked():
        for kind in formats:
            if line.markers and not (kind.refusal and kind.refusal(line)):
                path = source.with_name(source.stem + kind.suffix)
                with replacement(path) as copy:
                    Path(copy).write_bytes(kind.render(line, source.name).encode())
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
