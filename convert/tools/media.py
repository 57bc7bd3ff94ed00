"""The edge to media files: FFmpeg opens this file and no other, whatever the file is or is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer

CONTAINERS = ("mov", "matroska", "webm", "mp3", "ogg", "wav", "flac", "aac", "avi", "mpegts")
"""Formats that hold their media themselves. Playlists (concat, HLS, DASH, SDP) name other files and addresses."""

OPTIONS = {"format_whitelist": ",".join(CONTAINERS), "protocol_whitelist": "file"}


def open_media(path: Path) -> InputContainer:
    """The file, open for reading. Raises FFmpeg's errors, for a playlist "invalid argument"."""
    import av

    return av.open(address(path), options=OPTIONS)


def address(path: Path) -> str:
    """The path as FFmpeg's address of a file: `concat:a|b` would else be two files, `http:x` a call."""
    return f"file:{path}"
