"""Podcasting 2.0 chapters, version 1.2 (https://github.com/Podcastindex-org/podcast-namespace/blob/main/chapters/jsonChapters.md)."""

from __future__ import annotations

from convert.document.note import Video
from convert.document.video import watch_url
from convert.extract.timeline import Marker, Timeline


def render(timeline: Timeline, media: str = "") -> str:
    """Return JSON with start and end of every marker in seconds, and the address that plays it where there is one.

    A marker at the start that no section has is none of the contents (`toc`).
    """
    import json

    document = {
        "version": "1.2.0",
        "title": timeline.title,
        "chapters": [_chapter(marker, timeline.video) for marker in timeline.markers],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _chapter(marker: Marker, video: Video | None) -> dict[str, object]:
    chapter: dict[str, object] = {
        "startTime": _seconds(marker.start_ms),
        "endTime": _seconds(marker.end_ms),
        "title": marker.title,
    }
    if video and (url := watch_url(video, marker.start_ms)):
        chapter["url"] = url
    if not marker.listed:
        chapter["toc"] = False
    return chapter


def _seconds(ms: int) -> float:
    seconds, rest = divmod(ms, 1000)
    return ms / 1000 if rest else seconds
