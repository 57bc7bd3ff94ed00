"""The chapter markers of a video, merged from all its notes.

Notes follow topics, not the video, so the starts of their sections are sorted by time.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import msgspec

from convert.document.book import Listed, NoteSummary, VideoNotes
from convert.document.note import Video
from convert.document.timecode import clock
from convert.report import Diagnostic, diagnostic

SHORTEST_MS = 10_000
"""Closer starts become one marker: YouTube refuses shorter chapters, and they are hard to select on a seek bar."""

LEAST_LISTED = 3
"""Chapters of a list that may be complete."""
TAIL_MS = 60_000
"""Assumed time from the last stamp to the end of a video of unknown length."""

MAX_CHARACTERS = 100
MAX_BYTES = 255
"""MP4's Nero chapter list (`chpl`) stores the length of a title in one byte."""

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_JOINERS = ("\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}", "\N{VARIATION SELECTOR-16}")
_ADDRESS_BEHIND = re.compile(r"(?<=[^\s(<:|\u2013\u2014-])[\s(<:|\u2013\u2014-]{1,5}https?://\S{1,500}\Z")
"""The address in a heading that names a video (`Ports (https://youtu.be/ID)`)."""


class Marker(msgspec.Struct, frozen=True, gc=False):
    """A chapter marker: `[start_ms, end_ms)`, a cleaned title, `level` from 1."""

    start_ms: int
    end_ms: int
    title: str
    level: int
    listed: bool = True
    """Whether a section or chapter starts here; False for the title of the video at 0."""


class Timeline(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The markers of a video: the first at 0, each ending where the next starts; none if nothing has a time."""

    title: str
    video: Video | None
    markers: tuple[Marker, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    """Diagnostics of dropped and merged sections."""


class _Start(msgspec.Struct, frozen=True, gc=False):
    """A section or listed chapter that could be a marker; `line` and `summary` tell where it is written."""

    start_ms: int
    level: int
    title: str
    summary: NoteSummary
    line: int
    own: bool = True
    """Whether the time is its own, not that of something below it."""


def timeline(part: VideoNotes, depth: int = 2) -> Timeline:
    """Return the markers of `part` over its own notes and those of other books, headings down to `depth` levels."""
    remarks: list[Diagnostic] = []
    about = [summary.about(part.video) for summary in (*part.notes, *part.siblings)]
    timed = [summary for summary in about if summary.moments]
    several = len(part.notes) == 1 and part.notes[0].videos
    title = clean_title(part.notes[0].title_about(part.video) if several else part.title)
    markers: list[Marker] = []
    if timed or part.listed:
        starts = [start for summary in timed for start in _starts(summary, depth, remarks)]
        if part.listed and not any(start.line for start in starts):
            first = (*part.notes, *part.siblings)[0]
            starts = [_Start(one.start_ms, 1, one.title, first, 0) for one in part.listed]
        if part.duration_ms:
            starts = _within(starts, part.duration_ms, remarks)
        last_ms = max([one.start_ms for summary in timed for one in summary.moments] + [one.start_ms for one in starts])
        markers = _markers(_merge(starts, remarks), title, part.duration_ms or last_ms + TAIL_MS)
    own = {summary.path for summary in part.notes}
    diagnostics = tuple([remark for remark in remarks if remark.note in own])
    return Timeline(title=title, video=part.video, markers=tuple(markers), diagnostics=diagnostics)


def _starts(summary: NoteSummary, depth: int, remarks: list[Diagnostic]) -> list[_Start]:
    """Return the timed sections of a note and the chapters that it lists; a note with neither is one section."""
    headed = {heading.line for heading in summary.headings if heading.text}
    starts = [_Start(one.start_ms, 1, one.title, summary, one.line) for one in summary.listed if one.line not in headed]
    if not (summary.headings or starts):
        return [_Start(summary.moments[0].start_ms, 1, summary.title, summary, 0)]
    levels = [heading.level for heading in summary.headings]
    listed = {one.line for one in summary.listed}
    times = _own_times(summary)
    own = [start_ms is not None for start_ms in times]
    _inherit(times, levels)
    for heading, level, start_ms, is_own in zip(summary.headings, _ranks(levels), times, own, strict=True):
        if level > depth or (not heading.text and heading.line in listed):
            continue
        if start_ms is not None and heading.line not in listed and _is_between(start_ms, summary.listed):
            message = f'"{heading.text}" lies between chapters of the list of the note and gets no chapter marker'
            remarks.append(diagnostic("chapter-merged", summary.path, heading.line, message))
        elif start_ms is None:
            message = f'"{heading.text}" has no timestamp and gets no chapter marker'
            remarks.append(diagnostic("section-untimed", summary.path, heading.line, message))
        else:
            starts.append(_Start(start_ms, level, heading.text, summary, heading.line, is_own))
    return starts


def _is_between(start_ms: int, listed: Sequence[Listed]) -> bool:
    """Return whether a time lies between the first and the last chapter of a complete list of at least three."""
    times = [one.start_ms for one in listed]
    complete = len(times) >= LEAST_LISTED and min(times) < SHORTEST_MS
    return complete and min(times) < start_ms < max(times) and start_ms not in times


def _ranks(levels: list[int]) -> list[int]:
    """Return the depth of each heading, from 1. A single `#` above all others is a title, not a level.

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


def _own_times(summary: NoteSummary) -> list[int | None]:
    """Return the first stamp in the text of each section, in milliseconds; that of a listed chapter is not its own."""
    headed = {heading.line for heading in summary.headings if heading.text}
    listed = {one.start_ms for one in summary.listed if one.line not in headed}
    times: list[int | None] = [None] * len(summary.headings)
    for moment in reversed(summary.moments):
        if 0 <= moment.section < len(times) and moment.start_ms not in listed:
            times[moment.section] = moment.start_ms
    return times


def _inherit(times: list[int | None], levels: list[int]) -> None:
    """Give each section without a time the first one below it."""
    for index in range(len(levels) - 1, -1, -1):
        below = index + 1
        while times[index] is None and below < len(levels) and levels[below] > levels[index]:
            times[index] = times[below]
            below += 1


def _within(starts: list[_Start], duration_ms: int, remarks: list[Diagnostic]) -> list[_Start]:
    """Return the starts inside the video."""
    kept = []
    for start in starts:
        if start.start_ms < duration_ms:
            kept.append(start)
        else:
            where = f"{clock(start.start_ms)}, past the end of the video at {clock(duration_ms)}"
            message = f'"{start.title}" starts at {where}: no chapter marker'
            remarks.append(diagnostic("chapter-past-end", start.summary.path, start.line, message))
    return kept


def _merge(starts: list[_Start], remarks: list[Diagnostic]) -> list[_Start]:
    """Return the starts in order, merged if closer than `SHORTEST_MS`.

    A merged start has the earliest time and the title of the highest heading with a time of its own.
    """
    kept: list[_Start] = []
    for start in sorted(starts, key=lambda start: (start.start_ms, not start.own, start.level)):
        if not kept or start.start_ms - kept[-1].start_ms >= SHORTEST_MS:
            kept.append(start)
            continue
        higher = (not start.own, start.level) < (not kept[-1].own, kept[-1].level)
        winner, loser = (start, kept[-1]) if higher else (kept[-1], start)
        kept[-1] = msgspec.structs.replace(winner, start_ms=kept[-1].start_ms)
        if winner.title != loser.title:
            message = f'"{loser.title}" at {clock(loser.start_ms)} shares the chapter marker of "{winner.title}"'
            remarks.append(diagnostic("chapter-merged", loser.summary.path, loser.line, message))
    return kept


def _markers(starts: list[_Start], title: str, end_ms: int) -> list[Marker]:
    """Return the markers. The first, at 0, is a section that starts about there, else the title of the video.

    A first section of that title begins at 0, too; titles that come again later are numbered.
    """
    rows = [(start.start_ms, clean_title(start.title) or clock(start.start_ms), start.level) for start in starts]
    listed = bool(rows) and (rows[0][0] < SHORTEST_MS or rows[0][1] == title)
    if listed:
        rows[0] = (0, *rows[0][1:])
    else:
        rows.insert(0, (0, title or clock(0), 1))
    seen: Counter[str] = Counter()
    for number, (start_ms, name, level) in enumerate(rows):
        seen[name] += 1
        rows[number] = (start_ms, _numbered(name, seen[name]), level)
    ends = [*[start_ms for start_ms, _, _ in rows[1:]], end_ms]
    pairs = zip(rows, ends, strict=True)
    return [Marker(start_ms, end, name, level, listed or start_ms > 0) for (start_ms, name, level), end in pairs]


def _numbered(title: str, number: int) -> str:
    """Return a title with a number from the second time on, within the limits of a title."""
    if number == 1:
        return title
    suffix = f" ({number})"
    while len(title) + len(suffix) > MAX_CHARACTERS or len((title + suffix).encode()) > MAX_BYTES:
        title = title[:-1]
    return title + suffix


def clean_title(text: str) -> str:
    """Return the text as one line of at most 100 characters and 255 bytes, cut at a word; it may be "".

    Control characters, those that change the direction of writing, and an address behind words are left out.
    """
    # Nearly every title is printable, and then has none of the characters that are left out.
    line = " ".join((text if text.isprintable() else "".join(map(_visible, text))).split())
    if "://" in line:
        line = _ADDRESS_BEHIND.sub("", line)
    if len(line) <= MAX_CHARACTERS and len(line.encode()) <= MAX_BYTES:
        return line
    kept = line[: MAX_CHARACTERS - 1].encode()[: MAX_BYTES - len(_ELLIPSIS.encode())].decode(errors="ignore")
    if line[len(kept)] != " ":
        start, blank, _ = kept.rpartition(" ")
        # A line without blanks (Chinese, a URL) is cut at the limit.
        kept = start if blank and len(start) * 2 > len(kept) else _whole_letters(kept, line[len(kept)])
    return kept.rstrip(" ,;:.-\u2013\u2014(") + _ELLIPSIS


def _visible(character: str) -> str:
    """Return the character, a blank for line breaks, "" for characters that formats forbid."""
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or character in "\t\n\r\v\f\x85":
        return " "
    # In a shortened title, a bidi embedding, override or isolate would affect the text after it.
    turns = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    return "" if turns or category in ("Cc", "Cs", "Cn") else character


def _whole_letters(text: str, follower: str) -> str:
    """Return `text` without the start of a letter that continues in `follower` (accents, joined emoji)."""
    while text and (unicodedata.combining(follower) or follower in _JOINERS or text[-1] == _JOINERS[0]):
        text, follower = text[:-1], text[-1]
    return text
