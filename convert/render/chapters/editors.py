"""Markers and segments for editors: DaVinci Resolve, LosslessCut and Audacity."""

from __future__ import annotations

from fractions import Fraction

from convert.extract.timeline import Marker, Timeline

RATES = ("23.976", "24", "25", "29.97", "30", "50", "59.94", "60")
"""Frames in a second of timelines. The three with a point are 24,000, 30,000 and 60,000 in 1,001 seconds."""

FIRST_HOUR = 1
"""Timelines of DaVinci Resolve begin at 01:00:00:00 unless their settings say otherwise."""


def render_edl(timeline: Timeline, media: str = "", rate: str = "25") -> str:
    """Return an edit decision list with an event of one frame for each marker, named as Resolve's own exports are.

    `rate` is one of `RATES`; the timecodes drop no frames.
    """
    events = [_event(number, marker, rate) for number, marker in enumerate(timeline.markers, 1)]
    return f"TITLE: {timeline.title}\nFCM: NON-DROP FRAME\n\n" + "\n".join(events)


def _event(number: int, marker: Marker, rate: str) -> str:
    frame = round(marker.start_ms * _exact(rate) / 1000)
    start, end = _timecode(frame, rate), _timecode(frame + 1, rate)
    title = marker.title.replace("|", "\N{BROKEN BAR}")  # The bar ends the title, and the format has no escape.
    return f"{number:03}  001      V     C        {start} {end} {start} {end}\n |C:ResolveColorBlue |M:{title} |D:1\n"


def _exact(rate: str) -> Fraction:
    """Return the frames in a second.

    >>> _exact("29.97"), _exact("25")
    (Fraction(30000, 1001), Fraction(25, 1))
    """
    nominal = round(float(rate))
    return Fraction(nominal * 1000, 1001) if "." in rate else Fraction(nominal)


def _timecode(frame: int, rate: str) -> str:
    """Return `HH:MM:SS:FF` of a frame of the timeline.

    >>> _timecode(0, "25"), _timecode(90 * 30 + 7, "29.97")
    ('01:00:00:00', '01:01:30:07')
    """
    seconds, frames = divmod(frame, round(float(rate)))
    return f"{FIRST_HOUR + seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


def render_csv(timeline: Timeline, media: str = "") -> str:
    """Return LosslessCut's segments: start and end in seconds and the title, without a head."""
    rows = [f"{_seconds(one.start_ms)},{_seconds(one.end_ms)},{_quoted(one.title)}\n" for one in timeline.markers]
    return "".join(rows)


def _quoted(title: str) -> str:
    """Return the title as a field of RFC 4180."""
    return '"' + title.replace('"', '""') + '"'


def render_labels(timeline: Timeline, media: str = "") -> str:
    """Return Audacity's labels: start and end in seconds and the title, divided by tabs."""
    rows = [f"{_seconds(one.start_ms)}\t{_seconds(one.end_ms)}\t{one.title}\n" for one in timeline.markers]
    return "".join(rows)


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03}"
