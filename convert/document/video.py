"""Addresses of videos, by provider."""

from __future__ import annotations

from convert.document.note import Video


def watch_url(video: Video, start_ms: int | None = None) -> str:
    """The page where the video plays, from `start_ms` on (whole seconds, rounded down) when given."""
    if video.provider != "youtube":
        return ""
    address = f"https://youtu.be/{video.id}"
    return address if start_ms is None else f"{address}?t={start_ms // 1000}"
