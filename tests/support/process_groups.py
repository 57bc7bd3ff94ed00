"""Tells which processes a command started, and whether they have ended."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path


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


def commands_of(group: int) -> list[str]:
    """Return the command lines of the processes of a group; Linux alone."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        # A process may end meanwhile.
        with suppress(OSError):
            if os.getpgid(int(folder.name)) == group:
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return found
