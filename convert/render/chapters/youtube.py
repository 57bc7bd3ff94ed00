"""The list of chapters that YouTube reads from a video's description (https://support.google.com/youtube/answer/9884579)."""

from __future__ import annotations

from convert.document.timecode import clock
from convert.extract.timeline import SHORTEST_MS, Timeline

FEWEST = 3
MAX_DESCRIPTION = 5_000
"""Characters that a description may have."""

# YouTube refuses descriptions with angle brackets.
_BRACKETS = str.maketrans(
    "<>", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
)


def render(timeline: Timeline, media: str = "") -> str:
    """Return one line for each marker: `M:SS title`."""
    return "".join([f"{clock(marker.start_ms)} {marker.title}\n" for marker in timeline.markers]).translate(_BRACKETS)


def refusal(timeline: Timeline) -> str:
    """Return the rule of YouTube that the markers break, or ""."""
    if (count := len(timeline.markers)) < FEWEST:
        return f"YouTube wants at least {FEWEST} chapters, here {'is' if count == 1 else 'are'} {count}"
    for marker in timeline.markers:
        if marker.end_ms // 1000 - marker.start_ms // 1000 < SHORTEST_MS // 1000:
            which = f'"{marker.title}" at {clock(marker.start_ms)}'
            return f"YouTube wants chapters of at least 10 seconds, {which} is shorter"
    if (length := len(render(timeline))) > MAX_DESCRIPTION:
        return f"YouTube takes descriptions of at most {MAX_DESCRIPTION} characters, the list has {length}"
    return ""
