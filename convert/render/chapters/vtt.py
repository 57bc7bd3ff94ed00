"""WebVTT (https://www.w3.org/TR/webvtt1/#file-structure): `<track kind="chapters">` of a web page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from convert.document.timecode import clock_ms
from convert.extract.timeline import Timeline


def render(timeline: Timeline, media: str = "") -> str:
    """Return one cue for each marker."""
    return cues([(marker.start_ms, marker.end_ms, marker.title) for marker in timeline.markers])


def cues(rows: Iterable[tuple[int, int, str]]) -> str:
    """Return the WebVTT of (start, end, text) rows; a blank line in `text` would end its cue."""
    blocks = [
        f"{number}\n{clock_ms(start)} --> {clock_ms(end)}\n{escape(text, quote=False)}\n"
        for number, (start, end, text) in enumerate(rows, 1)
    ]
    return "\n".join(("WEBVTT\n", *blocks))
