"""Whether the processes that a command started are gone."""

from __future__ import annotations

import os
import time


def all_ended(group: int, within_s: float = 10) -> bool:
    """Whether no process of the group is left, as soon as that is so or the time is over."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
