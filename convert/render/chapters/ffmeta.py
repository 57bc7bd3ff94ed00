"""FFmpeg's metadata file (https://ffmpeg.org/ffmpeg-formats.html#Metadata-2), also read by mpv's `--chapters-file`."""

from __future__ import annotations

import re

from convert.extract.timeline import Marker, Timeline

_SPECIAL = re.compile(r"[=;#\\\n]")

# FFmpeg reads any final backslash as an escape, even an escaped one.
_LAST_BACKSLASH = re.compile(r"\\\Z")


def render(timeline: Timeline, media: str = "") -> str:
    """Return the chapters alone: global tags would replace the tags of the video that the file is merged into."""
    return ";FFMETADATA1\n" + "".join(map(_chapter, timeline.markers))


def _chapter(marker: Marker) -> str:
    # Without END, FFmpeg loses the titles.
    title = _SPECIAL.sub(r"\\\g<0>", _LAST_BACKSLASH.sub("\N{FULLWIDTH REVERSE SOLIDUS}", marker.title))
    return f"\n[CHAPTER]\nTIMEBASE=1/1000\nSTART={marker.start_ms}\nEND={marker.end_ms}\ntitle={title}\n"
