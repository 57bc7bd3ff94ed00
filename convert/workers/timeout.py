"""How long a step may take: a note or a book made to cost hours ends with a message."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from convert.errors import ToolError


class TookTooLong(ToolError):
    """A step took longer than it may."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """TookTooLong in what stands in it when it takes longer; 0 is no limit. Only where the system has an alarm."""
    if not seconds or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"took longer than {seconds / 60:g} minutes: raise --max-minutes, or look for what is odd")

    before = signal.signal(signal.SIGALRM, stop)
    # Once more every second, for what catches all exceptions may catch this one too.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
