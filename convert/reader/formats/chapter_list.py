"""Lists of chapters as in the descriptions of videos, and lines of notes that begin with a time: `0:00 Intro`.

YouTube's own rules tell lists of chapters from other texts: the first is at 0:00, there are three or more, and times
grow. Each line becomes a heading with a stamp, so that the chapter markers are those of the list. If the note names its
video, other lines that begin with a time are its moments (see `line_times`): the time becomes a stamp.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from convert.document.timecode import parse_timestamp
from convert.reader.formats.base import Rewritten, front_matter, named_video, splice, stamp
from convert.reader.line_times import LEAST, TIME, are_moments, line_times, may_open_lines
from convert.reader.source import code_spans

_GAP = r"[-:|~.\u2010-\u2015\u2022\u2192\u25b6\u25ba]"
_ENTRY = re.compile(
    r"[ \t]{0,3}(?:(?:[-*+\u2022\u25b6\u25ba]|[0-9]{1,3}[.)])[ \t]++)?[*_]{0,2}"
    rf"(?:\[\[?(?P<linked>{TIME})\]?\]\([^()\s]{{1,500}}\)|[\[(]?(?P<plain>{TIME})[\])]?)[*_]{{0,2}}"
    rf"(?:[ \t]{{0,3}}[-\u2010-\u2015][ \t]{{0,3}}{TIME}[\])]?)?"
    rf"(?:[ \t]{{0,8}}{_GAP}{{1,3}}[ \t]{{1,8}}|[ \t]{{1,8}})(?P<title>[^\s].{{0,300}})"
)
_HEADING = re.compile(r" {0,3}(#{1,6}) ")
_UNDERLINE = re.compile(r"[ \t]{0,3}(?:-{3,}+|={3,}+)[ \t]*+")
_ID = re.compile(r"(?<![ _-])[ _-]*+\[[A-Za-z0-9_-]{11}\]$")
_START = re.compile(r"(?<![0-9:])0{1,2}(?::00)?:00(?![0-9:])")


class ChapterList:
    """The reader."""

    name = "chapter_list"
    summary = "Lists of chapters (0:00 Intro, one a line); lines that begin with a time, in a note with a video."

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text with a heading for each line of its list, else a stamp for each time that opens a line.

        None when there is no list by YouTube's rules, and no video or no times that look like its moments.
        """
        from_start = _START.search(text)
        if not (from_start or may_open_lines(text)):
            return None
        lines, front = text.split("\n"), front_matter(text)
        video = named_video(front, path)
        entries = _entries(text, lines, text.count("\n", 0, front.body_start)) if from_start else {}
        if len(entries) < LEAST:
            moments = line_times(text, front.body_start) if video else []
            if not are_moments(moments):
                return None
            stamps = [(moment.start, moment.end, stamp(moment.ms)) for moment in moments]
            return Rewritten(splice(text, stamps), video)
        above = [found[1] for line in lines[: min(entries)] if (found := _HEADING.match(line))]
        title = "" if above else _ID.sub("", PurePath(path).stem).replace("_", " ")
        _put_headings(lines, entries, above[-1] if above else "##")
        return Rewritten("\n".join(lines), video, title)


def _entries(text: str, lines: list[str], first: int) -> dict[int, tuple[int, str]]:
    """Return (milliseconds, title) by line of the list: from the first at 0:00 on, as far as times grow."""
    found: dict[int, tuple[int, str]] = {}
    last, offset, code = -1, 0, code_spans(text)
    for number, line in enumerate(lines):
        entry = _ENTRY.fullmatch(line.rstrip()) if number >= first else None
        ms = parse_timestamp(entry["linked"] or entry["plain"]) if entry else None
        if entry and ms is not None and not code.covers(offset) and (found or ms == 0):
            if ms <= last:
                break
            found[number], last = (ms, entry["title"]), ms
        offset += len(line) + 1
    return found


def _put_headings(lines: list[str], entries: dict[int, tuple[int, str]], level: str) -> None:
    """Replace the lines of the entries by headings of a level (`##`)."""
    for number, (ms, title) in entries.items():
        lines[number] = f"{level} {title} {stamp(ms)}"
    for number in range(max(entries) + 1, len(lines)):
        # A rule in a description; in Markdown it would turn the line above into a heading.
        if _UNDERLINE.fullmatch(lines[number]):
            lines[number] = "***"


READER = ChapterList()
