"""A limit of CPU time, for tests of inputs that once took minutes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

needs_limit = pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="needs a clock that interrupts")


@contextmanager
def limit(seconds: int) -> Iterator[None]:
    """Fail when the block takes more seconds of CPU."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"took more than {seconds} s of CPU")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
