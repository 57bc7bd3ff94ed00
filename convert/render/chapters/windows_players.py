"""Players for Windows: MPC-HC's .xchp file, and PotPlayer's .pbf of bookmarks."""

from __future__ import annotations

from convert.document.timecode import clock_ms
from convert.extract.timeline import Timeline


def render_xchp(timeline: Timeline, media: str = "") -> str:
    """Return `HH:MM:SS.mmm title` for each marker, also mp4chaps' form: a point before the milliseconds, no comma."""
    return "".join([f"{clock_ms(marker.start_ms)} {marker.title}\n" for marker in timeline.markers])


def render_pbf(timeline: Timeline, media: str = "") -> str:
    """Return `number=milliseconds*title*picture` for each marker, and the empty entry that closes PotPlayer's list."""
    rows = [f"{number}={marker.start_ms}*{_starless(marker.title)}*" for number, marker in enumerate(timeline.markers)]
    return "\n".join(["[Bookmark]", *rows, f"{len(rows)}=", ""])


def _starless(title: str) -> str:
    """Return the title with wide stars: a `*` ends it, and the format has no escape."""
    return title.replace("*", "\N{FULLWIDTH ASTERISK}")
