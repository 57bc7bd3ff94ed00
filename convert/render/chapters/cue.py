"""A cue sheet: mpv's `--chapters-file`, mkvmerge, players of audio books."""

from __future__ import annotations

from convert.extract.timeline import Marker, Timeline

FRAMES = 75
"""Frames in a second of a compact disc, the unit of a cue sheet."""

MAX_TRACKS = 99


def render(timeline: Timeline, media: str = "") -> str:
    """Return one track of the file `media` for each marker."""
    head = f'TITLE "{_quote(timeline.title)}"\nFILE "{_quote(media)}" WAVE\n'
    return head + "".join([_track(number, marker) for number, marker in enumerate(timeline.markers, 1)])


def refusal(timeline: Timeline) -> str:
    """Return why there can be no cue sheet, or ""."""
    count = len(timeline.markers)
    return f"a cue sheet has at most {MAX_TRACKS} tracks, here are {count} chapters" if count > MAX_TRACKS else ""


def _track(number: int, marker: Marker) -> str:
    seconds, rest = divmod(marker.start_ms, 1000)
    index = f"{seconds // 60:02}:{seconds % 60:02}:{rest * FRAMES // 1000:02}"
    return f'  TRACK {number:02} AUDIO\n    TITLE "{_quote(marker.title)}"\n    INDEX 01 {index}\n'


def _quote(text: str) -> str:
    """Return the text with single quotes: the format has no escape for a double quote."""
    return text.replace('"', "'")
