"""A folder that another program swaps for a link again and again, for tests of what follows links."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def swapping(inside: Path, victim: Path) -> Iterator[None]:
    """Put a link to `victim` in place of the folder `inside` and take it away, as fast as possible, during the block.

    Fail if the block ends before that happened ten times.
    """
    ended = threading.Event()
    swaps = 0

    def swap() -> None:
        nonlocal swaps
        tries = 0
        while not ended.is_set():
            tries += 1  # a folder set aside may stay behind, with files in it
            aside = inside.with_name(f"aside-{tries}")
            with suppress(OSError):  # the program that is tested may make the folder anew meanwhile
                os.rename(inside, aside)
                os.symlink(victim, inside)
                swaps += 1
                os.unlink(inside)
                os.rename(aside, inside)

    thread = threading.Thread(target=swap, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(10)
    assert swaps >= 10, "the folder was hardly ever a link"
