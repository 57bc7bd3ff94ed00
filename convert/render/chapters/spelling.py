"""How chapter formats spell a time."""

from __future__ import annotations


def clock_ms(ms: int, decimal: str = ".") -> str:
    """`HH:MM:SS.mmm`, with as many digits for the hours as they need, two at least."""
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}{decimal}{rest:03}"
