"""The two things that `01:14:00` may say: an hour and 14 minutes, or `MM:SS` with a field too many."""

from __future__ import annotations

import msgspec

from convert.document.note import StampFact
from convert.document.timecode import time_fields


class Choice(msgspec.Struct, frozen=True, gc=False):
    """A stamp with two readings, in seconds, and the field that the second one leaves out."""

    index: int
    """Its place among the stamps of the note."""
    hms: int
    """Read as written, `HH:MM:SS`."""
    ms: int
    """Read as `MM:SS` and a last field that says nothing."""
    last: int
    twin: bool
    """Whether the last field repeats the one before it."""
    odd: bool
    """Whether a field is over 59, which speaks against the reading as written."""


def choice(index: int, stamp: StampFact) -> Choice | None:
    """The readings of a stamp, None when it has but one: two or four fields, seconds of the first minute, no time."""
    fields = time_fields(stamp.raw)
    if fields is None or len(fields) != 3:
        return None
    first, second, last = fields
    if first == 0 and second == 0:
        return None
    hms = first * 3600 + second * 60 + last
    return Choice(index, hms, first * 60 + second, last, last == second, second > 59 or last > 59)
