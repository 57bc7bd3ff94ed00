"""The chapter markers of a video, merged from all its notes.

Notes are thematic: their sections jump to and fro in the video, so the sections' starts are sorted by time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from convert.document.book import NoteSummary, VideoNotes
from convert.document.note import Video
from convert.document.timecode import clock
from convert.extract.titles import clean_title
from convert.report import Diagnostic, diagnostic

SHORTEST_MS = 10_000
"""Starts nearer than this are one marker: YouTube refuses shorter chapters, and nobody can pick them on a seek bar."""

TAIL_MS = 60_000
"""How long the video is taken to go on after its last stamp when its length is unknown."""


class Marker(msgspec.Struct, frozen=True, gc=False):
    """A chapter marker: `[start_ms, end_ms)`, a title of one clean line, `level` 1 for the highest headings."""

    start_ms: int
    end_ms: int
    title: str
    level: int


class Timeline(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The markers of a video: the first at 0, each ending where the next starts; none when nothing is timed."""

    title: str
    video: Video | None
    markers: tuple[Marker, ...]
    estimated: bool
    """Whether the end of the last marker is a guess, for want of the video's length."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What was dropped or merged on the way, section by section."""


class _Start(msgspec.Struct, gc=False):
    """A section that could be a marker; `order` is its place in the notes."""

    start_ms: int
    level: int
    order: int
    title: str
    entry: NoteSummary
    line: int


def timeline(part: VideoNotes, depth: int = 2) -> Timeline:
    """The markers of `part` over its own notes and those of other books, headings down to `depth` levels."""
    remarks: list[Diagnostic] = []
    entries = (*part.notes, *part.siblings)
    starts = _within(_starts(entries, depth, remarks), part.duration_ms, remarks)
    starts.sort(key=lambda start: (start.start_ms, start.level, start.order))
    timed = any(entry.moments for entry in entries)
    rows = _opened(_merge(starts, remarks), clean_title(part.title)) if timed else []
    end_ms = part.duration_ms or _last_moment(entries) + TAIL_MS
    own = {entry.path for entry in part.notes}
    return Timeline(
        title=clean_title(part.title),
        video=part.video,
        markers=_markers(rows, end_ms),
        estimated=not part.duration_ms,
        diagnostics=tuple(remark for remark in remarks if remark.note in own),
    )


def _starts(entries: Iterable[NoteSummary], depth: int, remarks: list[Diagnostic]) -> list[_Start]:
    starts: list[_Start] = []
    for entry in entries:
        if not entry.moments:
            continue
        if not entry.headings:
            starts.append(_Start(entry.moments[0].start_ms, 1, len(starts), entry.title, entry, 0))
        for start in _section_starts(entry, depth, remarks):
            start.order = len(starts)
            starts.append(start)
    return starts


def _section_starts(entry: NoteSummary, depth: int, remarks: list[Diagnostic]) -> Iterator[_Start]:
    """The timed sections of a note: the first stamp of their own, else the first below them."""
    levels = [heading.level for heading in entry.headings]
    for heading, level, time in zip(entry.headings, _ranks(levels), _first_times(entry, levels), strict=True):
        if level > depth:
            continue
        if time is None:
            message = f'"{heading.text}" has no timestamp and gets no chapter marker'
            remarks.append(diagnostic("section-untimed", entry.path, heading.line, message))
            continue
        yield _Start(time, level, 0, heading.text, entry, heading.line)


def _ranks(levels: list[int]) -> list[int]:
    """How deep each heading stands below the others, 1 for the highest; a lone `#` over all is a title, not a level.

    >>> _ranks([2, 3, 3, 2, 4]), _ranks([1, 2, 3, 2])
    ([1, 2, 2, 1, 2], [1, 1, 2, 1])
    """
    opened: list[int] = []
    ranks = []
    for level in levels:
        while opened and opened[-1] >= level:
            opened.pop()
        opened.append(level)
        ranks.append(len(opened))
    titled = levels[:1] == [1] and levels.count(1) == 1
    return [max(rank - 1, 1) for rank in ranks] if titled else ranks


def _first_times(entry: NoteSummary, levels: list[int]) -> list[int | None]:
    times: list[int | None] = [None] * len(levels)
    for moment in reversed(entry.moments):
        if 0 <= moment.section < len(times):
            times[moment.section] = moment.start_ms
    own = tuple(times)
    for index in range(len(levels) - 1, -1, -1):
        below = index + 1
        while times[index] is None and below < len(levels) and levels[below] > levels[index]:
            times[index] = own[below]
            below += 1
    return times


def _within(starts: list[_Start], duration_ms: int | None, remarks: list[Diagnostic]) -> list[_Start]:
    """The starts inside the video."""
    if not duration_ms:
        return starts
    for start in starts:
        if start.start_ms >= duration_ms:
            where = f"{clock(start.start_ms)}, past the end of the video at {clock(duration_ms)}"
            message = f'"{start.title}" starts at {where}: no chapter marker'
            remarks.append(diagnostic("chapter-past-end", start.entry.path, start.line, message))
    return [start for start in starts if start.start_ms < duration_ms]


def _merge(starts: Iterable[_Start], remarks: list[Diagnostic]) -> list[_Start]:
    """One start for those nearer than `SHORTEST_MS`: the earliest time, the title of the highest heading."""
    kept: list[_Start] = []
    for start in starts:
        if not kept or start.start_ms - kept[-1].start_ms >= SHORTEST_MS:
            kept.append(start)
            continue
        winner, loser = (start, kept[-1]) if start.level < kept[-1].level else (kept[-1], start)
        kept[-1] = msgspec.structs.replace(winner, start_ms=kept[-1].start_ms)
        if winner.title != loser.title:
            message = f'"{loser.title}" at {clock(loser.start_ms)} shares the chapter marker of "{winner.title}"'
            remarks.append(diagnostic("chapter-merged", loser.entry.path, loser.line, message))
    return kept


def _opened(starts: list[_Start], title: str) -> list[tuple[int, str, int]]:
    """(start, title, level) of every marker, the first at 0: a section that starts there or nearly, else the title."""
    rows = [(start.start_ms, clean_title(start.title) or clock(start.start_ms), start.level) for start in starts]
    if rows and rows[0][0] < SHORTEST_MS:
        return [(0, *rows[0][1:]), *rows[1:]]
    return [(0, title or clock(0), 1), *rows]


def _last_moment(entries: Iterable[NoteSummary]) -> int:
    return max((moment.start_ms for entry in entries for moment in entry.moments), default=0)


def _markers(rows: list[tuple[int, str, int]], end_ms: int) -> tuple[Marker, ...]:
    ends = [*(start for start, _, _ in rows[1:]), end_ms][: len(rows)]
    return tuple(Marker(start, end, title, level) for (start, title, level), end in zip(rows, ends, strict=True))
