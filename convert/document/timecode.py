"""Times in whole milliseconds: parsed from the spellings of notes, and formatted for readers and files."""

from __future__ import annotations

import re
from functools import lru_cache

_TIME = r"[0-9]{0,3}(?::[0-9]{1,2}){1,3}(?:\.[0-9]{1,9})?Z?"

STAMP = re.compile(r"(?<![0-9:])" + _TIME + r"(?![0-9:])")
"""One time in the text of a stamp: `00:12:34` and its variants."""

_STRICT = r"(?:[0-9]{0,2}:)?[0-9]{0,3}:[0-5][0-9](?::[0-9]{2})?(?:\.[0-9]{1,9})?"
_GAP = r"[ \t]{0,2}(?:[-\u2010-\u2015~\u301c\uff5e\u2192,;/&]|to|and)[ \t]{0,2}"

_HELD = rf"[ \t]{{0,2}}{_STRICT}(?:{_GAP}{_STRICT})*+[ \t]{{0,2}}"

_UNGLUED = r"(?:(?<![A-Za-z0-9_].)|(?=0[0-9]:|[0-9]{0,2}:[0-9]{1,3}:))"
"""A bracket behind a letter or digit is of an index (`a[1:20]`), unless its time can be of none (`word[01:20]`)."""

BARE_STAMP = re.compile(
    rf"\[{_UNGLUED}{_HELD}\](?![ ](?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b)"
    r"|\([0-9]{1,2}:[0-5][0-9]:[0-5][0-9](?:" + _GAP + r"[0-9]{1,2}:[0-5][0-9]:[0-5][0-9])*+\)"
    rf"|\u3010{_HELD}\u3011|\uff3b{_HELD}\uff3d"
)
"""A stamp without an anchor: `[00:12:34]`, `[12:34]`, ranges and lists of them, in brackets of full width, too. Round
brackets need hours, because `(3:16)` is as often a verse or a score. `[12:00:01] INFO` is of a log. Each match of
`STAMP` in it is a stamp."""

_IMPOSSIBLE = re.compile(r"(?<![0-9:])0?[1-9][0-9]{0,2}:[6-9][0-9]:[0-9]{2}(?![0-9:])")

_TWO = {f"{number:02}": number for number in range(100)}

_FIELDS = re.compile(
    r"(?<![\s\[(])[\s\[(]*+([0-9]{0,3}(?::[0-9]{1,2}){1,3})(?:\.([0-9]++)|,([0-9]{3})(?![0-9:]))?(?![0-9:])"
)
_UNITS = re.compile(r"\s*+(?:([0-9]{1,3})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,6})s)?\s*+", re.IGNORECASE)


def parse_timestamp(raw: str) -> int | None:
    """Return the literal time of a stamp in milliseconds, or None for anything else.

    Two fields are `MM:SS`, three `H:MM:SS`; of four the last is dropped (`HH:MM:SS:00`, a frame or nothing). A field
    over 59 is taken as it is. A range gives its start, and trailing junk (`]`, `Z`) is ignored. YouTube's `1h2m3s` is
    accepted. A number without unit (`2241`) gives None, because it may mean seconds or `22:41`.
    """
    if len(raw) == 8 and raw[2] == raw[5] == ":":  # Nearly all stamps; the pattern takes five times as long.
        try:
            return ((_TWO[raw[:2]] * 60 + _TWO[raw[3:5]]) * 60 + _TWO[raw[6:]]) * 1000
        except KeyError:
            pass
    found = _FIELDS.match(raw)
    if found is None:
        units = _UNITS.fullmatch(raw)
        if not units or not any(units.groups()):
            return None
        hours, minutes, seconds = map(int, units.groups("0"))
        return ((hours * 60 + minutes) * 60 + seconds) * 1000
    fields = tuple(map(int, f"0{found[1]}".split(":")))
    hours, minutes, seconds = fields[:3] if len(fields) > 2 else (0, *fields)
    fraction = (found[2] or found[3] or "")[:3] if len(fields) < 4 else ""
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(fraction.ljust(3, "0"))


def time_fields(raw: str) -> tuple[int, ...] | None:
    """Return the two to four numbers between the colons of a stamp (a missing first one as 0), else None."""
    found = _FIELDS.match(raw)
    return tuple(map(int, f"0{found[1]}".split(":"))) if found else None


def is_impossible(raw: str) -> bool:
    """Return whether a stamp holds a time with hours and more than 59 minutes, which nobody means (`1:75:00`)."""
    return _IMPOSSIBLE.search(raw) is not None


def sure_raw(ms: int) -> str:
    """Return a time as it can be written in a stamp to be read in one way only, so that no repair changes it."""
    minutes, rest = divmod(max(ms, 0), 60_000)
    if minutes > 999:
        return f"{minutes // 60}:{minutes % 60:02}:{rest // 1000:02}:00"  # of four fields the last is dropped
    return f"{minutes:02}:{rest // 1000:02}" + (f".{rest % 1000:03}" if rest % 1000 else "")


def clock(ms: int) -> str:
    """Return a time as readers see it: `M:SS`, or `H:MM:SS` from an hour on."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@lru_cache(maxsize=1 << 10)
def clock_ms(ms: int) -> str:
    """Return a time as in chapter files: `HH:MM:SS.mmm`, with more digits for the hours if needed."""
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}.{rest:03}"
