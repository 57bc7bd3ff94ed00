"""OGM's simple chapters, as mkvmerge and MP4Box read them."""

from __future__ import annotations

from convert.extract.timeline import Timeline
from convert.render.chapters.spelling import clock_ms


def render(timeline: Timeline, media: str = "") -> str:
    """Two lines a marker."""
    return "".join(
        f"CHAPTER{number:02}={clock_ms(marker.start_ms)}\nCHAPTER{number:02}NAME={marker.title}\n"
        for number, marker in enumerate(timeline.markers, 1)
    )
