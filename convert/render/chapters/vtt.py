"""WebVTT (https://www.w3.org/TR/webvtt1/#file-structure): `<track kind="chapters">` of a web page."""

from __future__ import annotations

from collections.abc import Iterable

from convert.extract.timeline import Timeline
from convert.render.chapters.spelling import clock_ms


def render(timeline: Timeline, media: str = "") -> str:
    """One cue a marker."""
    return cues((marker.start_ms, marker.end_ms, marker.title) for marker in timeline.markers)


def cues(rows: Iterable[tuple[int, int, str]]) -> str:
    """WebVTT text of (start, end, text) rows; `text` may have lines but no blank ones, which would end a cue."""
    blocks = (
        f"{number}\n{clock_ms(start)} --> {clock_ms(end)}\n{_escape(text)}\n"
        for number, (start, end, text) in enumerate(rows, 1)
    )
    return "\n".join(("WEBVTT\n", *blocks))


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
