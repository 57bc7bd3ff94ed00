"""Makes vaults of any size: repeats channels under new names and video ids, so that copies are not siblings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path

_VIDEO = re.compile(rb"^videoId:\s*[\"']?([A-Za-z0-9_-]{11})", re.MULTILINE)
_IDS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"


def repeat(channels: Sequence[Path], notes: int, target: Path) -> int:
    """Write about this many notes into `target` and return their number.

    A small vault has a part of each channel, so that it resembles a big one. A larger vault has whole
    channels except for the last.
    """
    sizes = {channel: len(_notes(channel)) for channel in channels}
    share = min(1.0, notes / sum(sizes.values()))
    written = 0
    for number in count(1):
        for channel, size in sizes.items():
            room = min(notes - written, max(1, round(size * share)) if share < 1 else size)
            if room <= 0:
                return written
            written += _copy(_notes(channel), channel.name, f"{channel.name}-{number}", number, room, target)
    raise AssertionError("never reached")


def _notes(channel: Path) -> list[Path]:
    return [path for path in sorted(channel.iterdir()) if path.suffix == ".md"]


def _copy(files: Sequence[Path], old: str, new: str, number: int, room: int, target: Path) -> int:
    """Copy at most `room` notes of a channel under a new name and return their number."""
    (target / new).mkdir(parents=True)
    texts = {path.name: path.read_bytes() for path in files}
    known = {found[1] for text in texts.values() if (found := _VIDEO.search(text[:2000]))}
    ids = re.compile(b"|".join(map(re.escape, sorted(known))) or rb"(?!)")
    mark = (_IDS[number // 64 % 64] + _IDS[number % 64]).encode()
    written = 0
    for name, text in texts.items():
        if written == room:
            break
        text = ids.sub(lambda found: mark + found[0][2:], text).replace(f"[[{old}".encode(), f"[[{new}".encode())
        (target / new / (f"{new}.md" if name == f"{old}.md" else name)).write_bytes(text)
        written += bool(_VIDEO.search(text[:2000]))
    return written
