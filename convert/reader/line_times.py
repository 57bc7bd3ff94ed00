"""Finds times without brackets at the start of a line or list item: `05:10 words`, `- **12:30** - words`.

In a note about a video they are usually moments of it. But times of day, verses and scores look the same, so a note
that could be a schedule or a list of verses is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from convert.document.timecode import parse_timestamp
from convert.reader.comments import drop_comments
from convert.reader.source import code_spans, say_nothing

LEAST = 3
TIME = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9]"
DASH = r"[-\u2010-\u2015]"

_LEAD = (
    r"[ \t]{0,40}+(?:>[ \t]{0,9}+){0,5}+(?:(?:[-*+\u2022]|[0-9]{1,3}[.)])[ \t]{1,4}(?:\[[ xX]\][ \t]{1,4})?)?"
    r"(?:\#{1,6}[ \t]{1,4})?[*_]{0,3}"
)
_OPENS = re.compile(rf"^{_LEAD}[`(]?{TIME}(?!:?[0-9])", re.MULTILINE)
_LINE = re.compile(
    rf"{_LEAD}(?P<written>`(?P<code>{TIME})`|\((?P<round>{TIME})\)|(?P<bare>{TIME})(?!:?[0-9]))[*_]{{0,3}}"
    rf"(?P<day>[ \t]{{0,2}}(?i:[ap]\.?m\b|uhr\b|h\b|hrs?\b|o'clock|utc\b|gmt\b))?"
    rf"(?(day)|(?=[ \t]|$|[:,.;|](?:[ \t]|$)|{DASH}(?:[ \t]|{TIME})|[\uff1a\uff0c\u3001]))"
)
_LEAST_STEP_MS = 3000
"""Items only seconds apart, such as `3:16`, `3:17`, `3:18`, are verses."""
_MORNING_MS = 5 * 60_000
"""`5:00`, in milliseconds as `MM:SS`: schedules begin after five o'clock, notes on videos before."""
_DAY_MS = 24 * 60_000
_COMMENT = re.compile(r"<!--(?:(?!-->).)*+(?:-->)?", re.DOTALL)


@dataclass(frozen=True)
class LineTime:
    """A time at the start of a line: its offsets in the text include its brackets or backticks."""

    line: int
    start: int
    end: int
    ms: int
    fields: int
    of_day: bool
    """Whether it is written as a time of day (`9:30 am`)."""


def may_open_lines(text: str) -> bool:
    """Return whether some line begins with a time; a quick test without regard to code and comments."""
    return _OPENS.search(text) is not None


def line_times(text: str, start: int) -> list[LineTime]:
    """Return the times at the start of lines after an offset, outside code and comments."""
    lines, shown = text.split("\n"), _shown(text)
    code, first, offset = code_spans(text), text.count("\n", 0, start), 0
    found = []
    for number, line in enumerate(lines):
        time = _LINE.match(line) if number >= first and ":" in line else None
        if time and (shown[number] == line or _LINE.match(shown[number])):
            start, end = offset + time.start("written"), offset + time.end("written")
            if code.has(start, end) if time["code"] else not code.covers(start):
                raw = time["code"] or time["round"] or time["bare"]
                ms = parse_timestamp(raw) or 0
                found.append(LineTime(number + 1, start, end, ms, raw.count(":") + 1, bool(time["day"])))
        offset += len(line) + 1
    return found


def _shown(text: str) -> list[str]:
    """Return the lines without the text of comments."""
    if "<!--" in text:
        text = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    return drop_comments(text, say_nothing).split("\n")


def are_moments(times: Sequence[LineTime]) -> bool:
    """Return whether times are moments of a video: three or more that mostly grow, no plan of a day, no verses."""
    if len(times) < LEAST or any(time.of_day for time in times):
        return False
    steps = [later.ms - earlier.ms for earlier, later in pairwise(times)]
    grow = 4 * sum(step < 0 for step in steps) <= len(steps)
    usual = sorted(map(abs, steps))[len(steps) // 2]
    return grow and usual >= _LEAST_STEP_MS and not _is_plan(times)


def _is_plan(times: Sequence[LineTime]) -> bool:
    """Return whether all may be times of day as in plans: from the morning on, at whole five minutes."""
    return all(time.fields == 2 and _MORNING_MS <= time.ms < _DAY_MS and time.ms % 5000 == 0 for time in times)
