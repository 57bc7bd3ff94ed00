"""What was said in a video and when, from the subtitles that lie beside its notes: SubRip or WebVTT."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

Row = tuple[int, int, str]
"""Start and end in milliseconds, and the text; it may have lines but no blank ones."""

_TIME = r"(?:([0-9]{1,3}):)?([0-5]?[0-9]):([0-5]?[0-9])[.,]([0-9]{1,3})"
_TIMES = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?=[ \t]|$)")
_TAG = re.compile(r"<[^<>\n]{0,300}>|\{\\[^{}\n]{0,100}\}")
_ROLLING = "<c>"
"""Stands in what YouTube hears itself: there each cue repeats the line before it."""


def transcript_rows(data: bytes, end_ms: int | None = None) -> list[Row]:
    """The cues of a file, sorted, none running into the next; [] when it holds none.

    `end_ms` is the length of the video where it is known: nothing is shown past it.
    """
    text = data.decode("utf-8-sig", "replace").replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    cues = list(_cues(text.split("\n")))
    rows = sorted(_unrolled(cues) if _ROLLING in text else ((start, end, "\n".join(said)) for start, end, said in cues))
    return list(_apart([row for row in rows if row[2] and (end_ms is None or row[0] < end_ms)], end_ms))


def _cues(lines: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    at = 0
    while at < len(lines):
        times = _TIMES.match(lines[at])
        at += 1
        if not times:
            continue
        first = at
        while at < len(lines) and lines[at] and not _TIMES.match(lines[at]):
            at += 1
        yield _ms(times.groups()[:4]), _ms(times.groups()[4:]), _said(lines[first:at])


def _said(lines: Iterable[str]) -> list[str]:
    """Lines without markup; blank ones are none."""
    shown = (" ".join(html.unescape(_TAG.sub("", line)).split()) for line in lines)
    return ["".join(c for c in line if c.isprintable()) for line in shown if line]


def _ms(fields: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = (field or "0" for field in fields)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _unrolled(cues: Iterable[tuple[int, int, list[str]]]) -> Iterator[Row]:
    """Each line once, when it is first heard."""
    last: list[str] = []
    for start, end, said in cues:
        new = [line for line in said if line not in last]
        last = said or last
        if new:
            yield start, end, "\n".join(new)


def _apart(rows: list[Row], end_ms: int | None) -> Iterator[Row]:
    """The rows, each ended where the next starts at the latest; those of one start are one."""
    merged: list[Row] = []
    for start, end, said in rows:
        if merged and merged[-1][0] == start:
            merged[-1] = (start, max(end, merged[-1][1]), f"{merged[-1][2]}\n{said}")
        else:
            merged.append((start, end, said))
    followers = (*(start for start, _, _ in merged[1:]), end_ms)
    for (start, end, said), follower in zip(merged, followers, strict=False):
        end = end if follower is None else min(end, follower)
        if end > start:
            yield start, end, said
