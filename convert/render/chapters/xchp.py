"""`HH:MM:SS.mmm title`: MPC-HC's .xchp file and mp4chaps, with a point before the milliseconds, never a comma."""

from __future__ import annotations

from convert.document.timecode import clock_ms
from convert.extract.timeline import Timeline


def render(timeline: Timeline, media: str = "") -> str:
    """Return one line for each marker."""
    return "".join([f"{clock_ms(marker.start_ms)} {marker.title}\n" for marker in timeline.markers])
