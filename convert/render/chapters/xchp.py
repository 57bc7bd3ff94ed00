"""`HH:MM:SS.mmm title`: MPC-HC's .xchp file and mp4chaps, with a point before the milliseconds, never a comma."""

from __future__ import annotations

from convert.extract.timeline import Timeline
from convert.render.chapters.spelling import clock_ms


def render(timeline: Timeline, media: str = "") -> str:
    """One line a marker."""
    return "".join(f"{clock_ms(marker.start_ms)} {marker.title}\n" for marker in timeline.markers)
