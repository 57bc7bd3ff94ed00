"""Time in whole milliseconds, and its spellings."""

from __future__ import annotations


def clock(ms: int) -> str:
    """The spelling that readers see: `M:SS`, or `H:MM:SS` from an hour on."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def spoken(ms: int) -> str:
    """The spelling for screen readers: `at 3 minutes 10 seconds`."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [_count(n, unit) for n, unit in ((hours, "hour"), (minutes, "minute"), (seconds, "second")) if n]
    return "at " + (" ".join(parts) or "the start")


def _count(n: int, unit: str) -> str:
    return f"{n} {unit}" if n == 1 else f"{n} {unit}s"
