"""Podcasting 2.0 chapters, version 1.2 (https://github.com/Podcastindex-org/podcast-namespace/blob/main/chapters/jsonChapters.md)."""

from __future__ import annotations

from convert.extract.timeline import Timeline


def render(timeline: Timeline, media: str = "") -> str:
    """JSON with the start of every marker in seconds."""
    import json

    chapters = [{"startTime": _seconds(marker.start_ms), "title": marker.title} for marker in timeline.markers]
    document = {"version": "1.2.0", "title": timeline.title, "chapters": chapters}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _seconds(ms: int) -> float:
    return ms / 1000 if ms % 1000 else ms // 1000
