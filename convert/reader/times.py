"""The grammar of times: how people write a moment of a video, and where in a line.

| part | what is read |
| --- | --- |
| spelling | `0:00`, `00:00.000`, `1:02:03,5`, `1h2m3s`, `2m05s`, `62s`; signs of full width |
| brackets | none, `[ ]`, `( )`, `[[ ]]`, a code span, a link: `[0:00](to)`, `[[0:00](to)]`, `[[film.mp4#t=0|0:00]]` |
| range | `a - b`, `a – b`, `a --> b`, `a to b`: its first time counts |
| place | opening or closing a line behind the marks of an item, task, quote or heading; a cell; a code span |
| joint | `0:00 X`, `0:00 - X`, `0:00: X`, `X 0:00`, `X - 0:00`, `X (0:00)`: these marks are no part of X |

What the times that it finds are, chapters, moments or something else that looks the same, is decided by the reader
`chapter_list`. Another reader (`convert.reader.formats`) only has to write its times in one of these forms at the start
or end of a line, or as the stamps that it knows them to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from convert.document.timecode import BARE_STAMP, parse_timestamp
from convert.reader.comments import drop_comments
from convert.reader.source import Spans, code_spans, say_nothing

DASH = r"[-\u2010-\u2015]"

_TIME = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9](?:[.,][0-9]{1,3})?"
_UNITS = r"(?:[0-9]{1,2}h[ ]?)?[0-9]{1,3}m[ ]?[0-9]{1,2}s|[0-9]{1,2}h[ ]?[0-9]{1,2}m|[0-9]{1,5}s"
_ENDS = r"(?![0-9A-Za-z]|:[0-9])"
_RANGE = rf"(?:[ \t]{{0,3}}(?:-?->|{DASH}|[~\u301c\u2192]|to|bis)[ \t]{{0,3}}(?P<until>{_TIME})(?![0-9]|:[0-9]))?"
_WRITTEN = (
    r"(?P<written><a class=\"yt-timestamp\" data-t=\"(?P<data>[0-9:.]{3,15})\">[0-9:.\[\]]{3,20}</a>"
    rf"|!?\[\[(?P<target>[^\[\]|\n]{{1,300}}+)\|(?P<label>{_TIME})\]\]"
    rf"|(?P<open>[`\[(]{{1,4}}+[*_]{{0,3}})?[ \t]{{0,2}}(?P<time>{_TIME}(?![0-9]|:[0-9])|(?:{_UNITS}){_ENDS}){_RANGE}"
    r"(?:[ \t]{0,2}(?P<close>[*_]{0,3}[`\])]{1,4}+))?"
    r"(?:\((?P<address>[^()\s]{1,500}+)\)(?P<outer>[\])]{0,2}+))?)[*_]{0,3}"
)
_ITEM = r"(?:(?:[-*+\u2022]|[0-9]{1,3}[.)])[ \t]{1,4}(?:\[[ xX]\][ \t]{1,4})?)?"
_LEAD = rf"[ \t]{{0,40}}+(?:>[ \t]{{0,9}}+){{0,5}}+{_ITEM}(?P<heading>\#{{1,6}}[ \t]{{1,4}})?"
_SIGN = r"(?:(?:[0-9]\ufe0f?\u20e3|[^\w\s!-~]{1,4})[ \t]{0,2})?"
"""An emoji, an arrow or another sign in front of a time."""
_OPENS = re.compile(
    rf"{_LEAD}{_SIGN}(?P<strong>[*_]{{0,3}}){_WRITTEN}"
    r"(?P<day>[ \t]{0,2}(?i:[ap]\.?m\b|uhr\b|h\b|hrs?\b|o'clock|utc\b|gmt\b))?"
)
_START = re.compile(_LEAD)
_CLOSES = re.compile(rf"(?:(?<=\s)[*_]{{0,3}}|(?=[`\[(<])){_WRITTEN}[.,;]?\Z")
_CELL = re.compile(rf"\s*+{_WRITTEN}\s*+")
_CODED = re.compile(rf"`\[{_TIME}(?:[ \t]{{0,3}}(?:-?->|{DASH})[ \t]{{0,3}}{_TIME})?\]`")
_SIGNS = r"-:|~.,;=>\u2010-\u2015\u2022\u2192\u25b6\u25ba\u00b7\u00bb\u3001\uff0c"
_JOINT = re.compile(
    rf"(?:[ \t]{{0,8}}[{_SIGNS}]{{1,3}})?(?:[ \t]++|\Z)|[\u2010-\u2015](?=\S)|[:\u3001\uff0c](?=[^\x00-\x7f])"
    rf"|-(?={_TIME})"
)
_BEHIND = " \t-:|~@,;>\u2010-\u2015\u2013\u2014\u2022\u2026\u2192\u00b7\u3001\uff0c([\u2012"
_LINE_END = re.compile(r"(?<![ \t\\])[ \t\\]*+(?:<br[ ]?/?>[ \t]*+)?\Z")
_QUICK = re.compile(r"[0-9\uff10-\uff19][:\uff1a][0-5\uff10-\uff15]|[0-9][hms](?![A-Za-z])")
_WIDE = str.maketrans(
    "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff1a\uff08\uff09\uff3b\uff3d\u3010\u3011\u3000",
    "0123456789:()[][] ",
)
"""Signs of full width as those that the patterns know; each stays one character, so that offsets do not change."""
_DELIMITER_ROW = re.compile(r"[ \t>]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+")
_PIPE = re.compile(r"(?<!\\)\|")
_PAIRS = {"[": "]", "(": ")", "`": "`"}
_COMMENT = re.compile(r"<!--(?:(?!-->).)*+(?:-->)?", re.DOTALL)

_ANY_TIME = re.compile(r"(?<![0-9:.])[0-9]{1,3}:[0-5][0-9](?![0-9])")
_LETTER = re.compile(r"[^\W\d_]")
_FRACTION = re.compile(r"[.,][0-9]")


@dataclass(frozen=True)
class LineTime:
    """A time in a line: the offsets of it and its brackets (`start`, `end`), and those of the line (`head`, `tail`)."""

    line: int
    head: int
    tail: int
    start: int
    end: int
    ms: int
    fields: int
    """2 for `M:SS`, 3 for `H:MM:SS`, 0 for units (`1m2s`)."""
    place: Literal["opens", "closes", "cell", "inline"]
    brackets: str
    """Its opening brackets, "" for none, "<" for the anchor of a stamp, "@" for a link."""
    address: str
    """The address of the link whose text it is, "" for none."""
    title: str
    """The rest of its line, or the next cell of its row, without the marks that joined them."""
    heading: str = ""
    """The marks of the heading that it opens or closes (`##`)."""
    of_day: bool = False
    """Whether it is written as a time of day (`9:30 am`)."""
    of_speech: bool = False
    """Whether it is written as in transcripts (`00:00.000`, `a --> b`)."""
    is_stamp: bool = False
    """Whether it is a stamp as it is written."""


# How it is written


def may_hold_times(text: str) -> bool:
    """Return whether some line may open or close with a time; a quick test without regard to code and comments."""
    return _QUICK.search(text) is not None


def line_times(text: str, start: int) -> list[LineTime]:
    """Return the times of lines after an offset in the text, outside code and comments, in order."""
    if not may_hold_times(text):
        return []
    plain = text if text.isascii() else text.translate(_WIDE)
    shown, lines = _shown(plain), plain.split("\n")
    code, first, offset, in_table = code_spans(plain), plain.count("\n", 0, start), 0, False
    found: list[LineTime] = []
    for number, line in enumerate(lines):
        in_table = "|" in line and (in_table or bool(_DELIMITER_ROW.fullmatch(line)))
        if number >= first and _QUICK.search(line):
            here = _Line(number + 1, offset, text[offset : offset + len(line)], line, code)
            for time in here.cells() if in_table else here.times():
                if shown[number] == line or text[time.start : time.end] in shown[number]:
                    found.append(time)
        offset += len(line) + 1
    return found


def _shown(text: str) -> list[str]:
    """Return the lines without the text of comments."""
    if "<!--" in text:
        text = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    return drop_comments(text, say_nothing).split("\n")


@dataclass(frozen=True)
class _Line:
    """A line of a text: its number, its offset, as written, in plain signs, and the code of the text."""

    number: int
    offset: int
    text: str
    plain: str
    code: Spans

    def times(self) -> Iterator[LineTime]:
        """Yield the time that opens or closes the line, else those that are code spans of their own."""
        end = _LINE_END.search(self.plain)
        line = self.plain[: end.start()] if end else self.plain
        opens = _OPENS.match(line)
        if opens and (time := self._opening(opens, line)):
            yield time
            return
        closes = _CLOSES.search(line)
        if closes and (time := self._closing(closes)):
            yield time
            return
        for found in _CODED.finditer(self.plain):
            time = self._made(_CELL.match(found[0]), found.start(), "inline", "")
            if time:
                yield time

    def _opening(self, found: re.Match[str], line: str) -> LineTime | None:
        rest = found.end()
        joint = _JOINT.match(line, rest)
        if found["day"]:
            return self._made(found, 0, "opens", self.text[rest:].strip(), found["heading"] or "", True)
        if not joint and not (found["close"] or found["data"] or found["address"] or found["target"]):
            return None
        title = self.text[joint.end() if joint else rest : len(line)].strip()
        if found["strong"] and title.endswith(found["strong"]):
            title = title.removesuffix(found["strong"])
        return self._made(found, 0, "opens", title, found["heading"] or "")

    def _closing(self, found: re.Match[str]) -> LineTime | None:
        start = _START.match(self.plain)
        title = self.text[start.end() if start else 0 : found.start()].rstrip(_BEHIND)
        title = title.rstrip(". ") if title.endswith("..") else title
        if found["time"] and not found["open"] and _ANY_TIME.search(title):
            return None
        return self._made(found, 0, "closes", title, (start["heading"] if start else "") or "")

    def cells(self) -> Iterator[LineTime]:
        """Yield the first cell of a row that is a time; its title is the first cell with letters."""
        at, cells = 0, []
        for cell in _PIPE.split(self.plain):
            cells.append((at, at + len(cell)))
            at += len(cell) + 1
        texts = [self.text[start:end].strip() for start, end in cells]
        for i, (start, end) in enumerate(cells):
            if found := _CELL.fullmatch(self.plain, start, end):
                others = (text for text in texts if _LETTER.search(text) and text != texts[i])
                if time := self._made(found, 0, "cell", next(others, "")):
                    yield time
                    return

    def _made(
        self,
        found: re.Match[str] | None,
        shift: int,
        place: Literal["opens", "closes", "cell", "inline"],
        title: str,
        heading: str = "",
        of_day: bool = False,
    ) -> LineTime | None:
        """Return the time of a match, None if its brackets do not match or it is code."""
        if not found or not _balanced(found):
            return None
        raw, opened = found["data"] or found["label"] or found["time"], found["open"] or ""
        start, end = (self.offset + shift + at for at in found.span("written"))
        if found["time"] and not (opened or found["close"] or found["address"]):
            end = self.offset + shift + found.end("time")  # the end of a range stays where it has no brackets
        indented = self.plain.startswith(("    ", "\t"))
        if self.code.has(start, end) != opened.startswith("`") or (
            not opened.startswith("`") and self.code.covers(start) and not (indented and place == "opens")
        ):
            return None
        ms = parse_timestamp(raw.replace(" ", ""))
        if ms is None:
            return None
        address = found["address"] or found["target"] or ""
        brackets = "<" if found["data"] else "@" if address else opened.strip("*_")
        return LineTime(
            self.number,
            self.offset,
            self.offset + len(self.text),
            start,
            end,
            ms,
            raw.count(":") + 1 if ":" in raw else 0,
            place,
            brackets,
            address.rstrip("\\"),
            title,
            heading.strip(),
            of_day,
            not found["data"] and ("->" in found["written"] or bool(_FRACTION.search(raw))),
            bool(found["data"] or BARE_STAMP.fullmatch(found["written"])),
        )


def _balanced(found: re.Match[str]) -> bool:
    """Return whether the brackets around a time are closed in reverse order."""
    opened = (found["open"] or "").strip("*_")
    closed = (found["close"] or "").strip("*_") + (found["outer"] or "")
    return closed == "".join(_PAIRS[sign] for sign in reversed(opened))
