"""Measures how time grows with the length of a text."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType

RATIO = 2.6
"""A text of twice the length that takes more than this many times as long is no longer linear; noise is below it."""
LEAST_S = 0.05
"""Shorter calls are repeated: the clock of the processor has steps of some milliseconds on some systems."""
TIMES = 5
MOST_S = 5.0
"""A call that takes longer ends, and counts as this long."""


class _TooLong(BaseException):
    """Not an Exception, so that nothing catches it on its way."""


def cpu_seconds(call: Callable[[], object], most_s: float = MOST_S) -> float:
    """Return the time of the processor that a call takes, at most `most_s`."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, most_s)
    began = time.process_time()
    try:
        call()
        return time.process_time() - began
    except _TooLong:
        return most_s
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def smallest(call: Callable[[], object], times: int = TIMES, most_s: float = MOST_S) -> float:
    """Return the smallest time of several calls; one that takes seconds is made once."""
    best = cpu_seconds(call, most_s)
    for _ in range(times - 1):
        if best < most_s / 5:
            best = min(best, cpu_seconds(call, most_s))
    return best


def growth(
    short: Callable[[], object], long: Callable[[], object], times: int = TIMES, most_s: float = MOST_S
) -> float:
    """Return the time of the long call over that of the short one; infinity if the short one did not end."""
    count, first = 1, smallest(short, times, most_s)
    while first < LEAST_S and count < 1000:
        count *= 4
        first = smallest(_repeated(short, count), times, most_s)
    return float("inf") if first >= most_s else smallest(_repeated(long, count), times, most_s) / first


def _repeated(call: Callable[[], object], count: int) -> Callable[[], object]:
    return lambda: [call() for _ in range(count)]
