"""OGM's simple chapters, as mkvmerge and MP4Box read them."""

from __future__ import annotations

from convert.document.timecode import clock_ms
from convert.extract.timeline import Timeline


def render(timeline: Timeline, media: str = "") -> str:
    """Return two lines for each marker."""
    return "".join(
        [
            f"CHAPTER{number:02}={clock_ms(marker.start_ms)}\nCHAPTER{number:02}NAME={marker.title}\n"
            for number, marker in enumerate(timeline.markers, 1)
        ]
    )
