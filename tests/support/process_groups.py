"""Tells whether the processes that a command started have ended."""

from __future__ import annotations

import os
import time


def all_ended(group: int, within_s: float = 10) -> bool:
    """Wait for all processes of a group to end; return False when the time is over."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
