"""Finds the timeline of a media file: which video it is, and what its notes say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from convert.document.book import VideoNotes
from convert.document.note import Video
from convert.errors import UsageError
from convert.extract.timeline import Timeline, timeline
from convert.mux import media_duration_ms
from convert.request import Request, TimeFormat
from convert.storage.location import Location
from convert.vault.vault import Vault, open_vault
from convert.vault.video_files import video_id


def timelines(
    files: Sequence[Path],
    notes: Sequence[Location],
    named: str = "",
    time_format: TimeFormat = "auto",
    depth: int = 2,
    most: int = Request.max_note_bytes,
) -> list[Timeline | UsageError]:
    """The timeline of each file: by the id in its name, by `named`, or of the only video that the notes are about.

    Each file's own length decides how its notes' stamps are read. Notes of more than `most` bytes are left out.
    A file without notes gets the error that says so.
    """
    wanted = [named or video_id(path) or "" for path in files]
    lengths = {
        Video("youtube", name): ms for path, name in zip(files, wanted, strict=True) if name and (ms := _length(path))
    }
    request = Request(tuple(notes), lengths=lengths, time_format=time_format, max_note_bytes=most)
    vault = open_vault(request, 1, lambda _: None)
    if "" in wanted and (only := _only_video(vault)) and (ms := _length(files[wanted.index("")])):
        lengths[only] = ms
        vault = open_vault(request, 1, lambda _: None)
    return [_timeline(path, name, vault, depth) for path, name in zip(files, wanted, strict=True)]


def _length(path: Path) -> int | None:
    return media_duration_ms(path) if path.is_file() else None


def _parts(vault: Vault) -> list[VideoNotes]:
    return [part for book in vault.books() for part in book.parts]


def _only_video(vault: Vault) -> Video | None:
    videos = {part.video for part in _parts(vault)}
    return videos.pop() if len(videos) == 1 else None


def _timeline(path: Path, name: str, vault: Vault, depth: int) -> Timeline | UsageError:
    parts = _parts(vault)
    if name:
        found = next((part for part in parts if part.video and part.video.id == name), None)
        return timeline(found, depth) if found else UsageError(f"{path}: no note is about video {name}")
    if len(parts) == 1:
        return timeline(parts[0], depth)
    return UsageError(f"{path}: which video is it? Put [videoId] at the end of its name or give --video-id")
