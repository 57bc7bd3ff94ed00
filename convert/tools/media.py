"""Opens media files with FFmpeg: the named file and no other, whatever its name or content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convert.files import check_ordinary

if TYPE_CHECKING:
    from av.container import InputContainer

CONTAINERS = ("mov", "matroska", "webm", "mp3", "ogg", "wav", "flac", "aac", "avi", "mpegts")
"""Formats that contain their media; playlists (concat, HLS, DASH, SDP) name other files and addresses."""

LONGEST_MS = 1000 * 3_600_000
"""A file of more than a thousand hours, as of none or fewer, has a damaged header."""
LONGEST_S = 5
"""A file whose start says nothing about it would be read to its end, of gigabytes."""
OPTIONS = {"format_whitelist": ",".join(CONTAINERS), "protocol_whitelist": "file"}


def open_media(path: Path) -> InputContainer:
    """Return the file opened for reading; raises OSError and FFmpeg's errors, "invalid argument" for a playlist."""
    import av

    check_ordinary(path)  # FFmpeg would wait for a pipe.
    return av.open(address(path), options=OPTIONS, timeout=(LONGEST_S, None))


def duration_ms(path: Path) -> int | None:
    """Return the length of a media file in milliseconds, None without one that can be. Raises FFmpeg's errors."""
    with open_media(path) as container:
        found = container.duration
    return round(found / 1000) if found and 0 < found < LONGEST_MS * 1000 else None


def address(path: Path) -> str:
    """Return the path as FFmpeg's address of a file: `concat:a|b` would be two files, `http:x` a request."""
    return f"file:{path}"
