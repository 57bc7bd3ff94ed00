"""Podcasting 2.0 chapters, version 1.2 (https://github.com/Podcastindex-org/podcast-namespace/blob/main/chapters/jsonChapters.md)."""

from __future__ import annotations

from convert.extract.timeline import Timeline


def render(timeline: Timeline, media: str = "") -> str:
    """Return JSON with the start of every marker in seconds."""
    import json

    chapters = []
    for marker in timeline.markers:
        seconds, rest = divmod(marker.start_ms, 1000)
        chapters.append({"startTime": marker.start_ms / 1000 if rest else seconds, "title": marker.title})
    document = {"version": "1.2.0", "title": timeline.title, "chapters": chapters}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
