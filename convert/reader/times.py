"""The grammar of times: how people write a moment of a video, and where in a line.

| part | what is read |
| --- | --- |
| spelling | `0:00`, `00:00.000`, `1:02:03,5`, `1h2m3s`, `2m05s`, `62s`; signs of full width, other digits |
| brackets | none, `[ ]`, `[@ ]`, `( )`, `{ }`, `[[ ]]`, escaped, a code span; `[0:00](to)`, `[[film.mp4#t=0|0:00]]` |
| address | `?t=62`, `&t=1m2s`, `#t=1:02`: the second of a link, whose words are a title |
| range | `a - b`, `a – b`, `a --> b`, `a to b`, `a ~`: its first time counts |
| place | opening or closing a line behind the marks of an item, quote, callout or heading; a cell; code; a label |
| joint | `0:00 X`, `0:00 - X`, `**0:00:** X`, `X 0:00`, `X @0:00`, `X (0:00)`: these marks are no part of X |

What the times that it finds are, chapters, moments or something else that looks the same, is decided by the reader
`chapter_list`. Another reader (`convert.reader.formats`) only has to write its times in one of these forms at the start
or end of a line, or as the stamps that it knows them to be.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from convert.document.timecode import BARE_STAMP, is_impossible, parse_timestamp
from convert.reader.source import DELIMITER_ROW, Spans, code_spans, say_nothing
from convert.reader.source_repairs import drop_comments
from convert.reader.video_address import second_of

DASH = r"[-\u2010-\u2015]"

_TIME = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9](?:[.,][0-9]{1,3})?"
_UNITS = r"(?:[0-9]{1,2}h[ ]?)?[0-9]{1,3}m[ ]?[0-9]{1,2}s|[0-9]{1,2}h[ ]?[0-9]{1,2}m|[0-9]{1,5}s"
_ENDS = r"(?![0-9A-Za-z]|:[0-9])"
_RANGE = (
    rf"(?:[ \t]{{0,3}}(?:-?->|{DASH}|[~\u2192]|to|bis)[ \t]{{0,3}}"
    rf"(?P<until>{_TIME}|(?i:end|ende|fin)(?=[)\]]))(?![0-9]|:[0-9])|[ \t]{{0,2}}~(?=[)\] \t]|\Z))?"
)
_WRITTEN = (
    r"(?P<written><a class=\"yt-timestamp\" data-t=\"(?P<data>[0-9:.]{3,15})\">[0-9:.\[\]]{3,20}</a>"
    rf"|!?\[\[(?P<target>[^\[\]|\n]{{1,300}}+)\|(?P<label>{_TIME})\]\]"
    rf"|(?P<open>[`\[(<{{]{{1,4}}+[*_]{{0,3}}@?)?[ \t]{{0,2}}(?P<time>{_TIME}(?![0-9]|:[0-9])|(?:{_UNITS}){_ENDS})"
    rf"{_RANGE}"
    r"(?:(?![ \t]{1,2}>)(?(open)|(?![ \t]{1,2}`))[ \t]{0,2}(?P<close>[*_]{0,3}[`\])>}]{1,4}+))?"
    r"(?:\((?P<address>[^()\s]{1,500}+)\)(?P<outer>[\])]{0,2}+))?)"
    rf"(?:(?:[ ]?(?:{DASH}|:)(?=[*_]{{1,3}}(?:[ \t]|\Z)))?[*_]{{1,3}}|~~|==|</[a-z]{{1,6}}>)?"
)
_PART = r"|(?i:chapter|part|kapitel|teil)[ ][0-9]{1,3}[.:]"
_NUMBER = r"\(?[0-9]{1,3}[.):]|\#[0-9]{1,3}" + _PART
_LINKED_END = rf"(?:[ \t]{{0,3}}(?:-?->|{DASH}|to)[ \t]{{0,3}}\[{_TIME}\](?:\([^()\s]{{1,500}}+\))?)?"
"""The end of a range that has brackets of its own."""
_ITEM = rf"(?:(?:[-*+\u2022]|{_NUMBER}|\[![A-Za-z-]{{1,30}}\][+-]?)[ \t]{{1,4}}(?:\[[^\[\]\n]\][ \t]{{1,4}})?)?"
_LEAD = rf"[ \t]{{0,40}}+(?:>[ \t]{{0,9}}+){{0,5}}+{_ITEM}(?P<heading>\#{{1,6}}[ \t]{{1,4}})?"
_SIGN = (
    r"(?:(?:[0-9]\ufe0f?\u20e3|[^\w\s!-~]{1,4}|@|\|(?=(?:[0-9]{1,2}:)?[0-9]{1,2}:[0-5][0-9]\|[ ][^|\n]*+$)"
    r"|(?:\*\*)?(?i:time ?(?:stamp|code)s?|minut[aeo]?|minuut|min\b\.?|\u043c\u0438\u043d(?:\u0443\u0442\u0430|\b\.?))"
    r" ?:?(?:\*\*:?)?(?= ))[ \t]{0,2})?"
)
"""An emoji, an arrow or another sign in front of a time, or a word that says that it is one."""
_OPENS = re.compile(
    rf"{_LEAD}{_SIGN}(?P<strong>(?:[*_]{{1,3}}|~~|==|<[a-z]{{1,6}}>)?){_WRITTEN}{_LINKED_END}"
    r"(?P<day>[ \t]{0,2}(?i:[ap]\.?m\b|uhr\b|h\b|hrs?\b|o'clock|utc\b|gmt\b))?"
)
_START = re.compile(_LEAD.replace(_PART, ""))
_CLOSES = re.compile(rf"(?:(?<=\s)@?[*_]{{0,3}}|(?=[\[(<{{]|`(?! ))){_WRITTEN}[.,;]?\Z")
_LABEL = re.compile(
    rf"{_START.pattern}{_SIGN}(?P<bold>[*_]{{1,3}})?(?P<words>(?:[^*(`\[\n]|\[(?![0-9])){{1,200}}+)"
    rf"[*_]{{0,3}}[ \t]{{0,2}}[*_]{{0,3}}(?=[(`\[]){_WRITTEN}"
    rf"(?(bold)|(?=:|[ ]{DASH}[ ]))[:.,]?[*_]{{0,3}}(?=[ \t:]|{DASH}|\Z)"
)
"""A title with a time, in front of the words about it: `**The gauge (0:12):** It stands.`"""
_LINK = re.compile(
    rf"{_LEAD}{_SIGN}[*_]{{0,3}}\[(?P<words>[^\[\]\n]{{1,300}}+)\]\((?P<address>[^()\s]{{1,500}}+)\)[*_]{{0,3}}"
)
_CELL = re.compile(rf"\s*+{_WRITTEN}\s*+")
_CODED = re.compile(rf"`\[{_TIME}(?:[ \t]{{0,3}}(?:-?->|{DASH})[ \t]{{0,3}}{_TIME})?\]`")
_SIGNS = r"-:|~.,;=>)/\u2010-\u2015\u2022\u2192\u25b6\u25ba\u00b7\u00bb\u3001\uff0c\u27a1\ufe0f"
_JOINT = re.compile(
    rf"(?:[ \t]{{0,8}}[{_SIGNS}]{{1,3}})?(?:[ \t]++|\Z)|[\u2010-\u2015](?=\S)|[:~|\u3001\uff0c](?=[^\x00-\x7f])"
    rf"|-(?={_TIME})|[:~|](?=[^\W\d_])|[ \t]{{0,3}}<br[ ]?/?>[ \t]*+"
)
_BEHIND = " \t-:|~@,;>\u2010-\u2015\u2013\u2014\u2022\u2026\u2192\u00b7\u3001\uff0c([\u2012"
_LONGEST_TIME = 100  # beside its address or target
_BREAKS = ("<br>", "<br/>", "<br />", "<br >")
_LAST_SIGNS = frozenset("0123456789`])>}*_~=")
"""What a time can end with, beside `m` and `s` behind a digit; most lines end in words, and are not searched."""
_HELD = re.compile(r"[0-9?&#](?:(?<=[0-9])(?::[0-9]|[hms](?![A-Za-z]))|(?<![0-9])(?:w?t(?:ime)?|start)=[0-9])[^\n]*+")
"""A line from the first sign of a time on: each that the grammar finds has one. It begins with a set, so that most of a
text is passed over quickly."""
_WIDE = dict(
    zip(
        "".join(chr(zero + digit) for zero in (0xFF10, 0x0660, 0x06F0, 0x0966) for digit in range(10))
        + "\uff1a\uff08\uff09\uff3b\uff3d\u3010\u3011\u300c\u300d\u300e\u300f\u300a\u300b\u3008\u3009\u3014\u3015"
        + "\u301c\uff5e\uff5c\u3000\u00a0\u2009\u202f\u200b\u200e\u200f",
        "0123456789" * 4 + ":()" + "[]" * 7 + "~~|       ",
        strict=True,
    )
)
"""Signs of full width, digits of other scripts, other spaces and marks of direction as those that the patterns know.

Each stays one character, so that offsets do not change."""
_ASCII = bytes(range(128))
_ESCAPED, _CLOSED = re.compile(r"\\([\[(*_.#+-])"), re.compile(r"\\([\])])")
"""Escaped signs, as Notion and other programs export them: `\\[0:00\\]`, `1\\.`."""
_DELIMITER_ROW = re.compile(DELIMITER_ROW)
_OF_LENGTHS = re.compile(
    r"(?i)\b(?:lengths?|durations?|runtime|playtime|dauer|l\u00e4nge|laufzeit|dur\u00e9e|duraci\u00f3n|dura\u00e7\u00e3o|durata"
    r"|results?|ergebnis|splits?|laps?|pace|(?:song|track|race|finish(?:ing)?|running|chip|net|total|best)[ -]times?)\b"
)
"""The head of a column of other times."""
_PIPE = re.compile(r"(?<!\\)\|")
_MANY, _PLACES = 3, ("opens", "closes", "cell", "label")  # as many times inside lines or code are worth a word
_PAIRS = {"[": "]", "(": ")", "`": "`", "<": ">", "{": "}"}
_UNSHOWN = re.compile(r"(?ms)<!--(?:(?!-->).)*+(?:-->)?|^\$\$[ \t]*+\n(?:(?!\$\$)[^\n]*+\n){1,60}+\$\$[ \t]*+$")

_ANY_TIME = re.compile(r"(?<![0-9:.])[0-9]{1,3}:[0-5][0-9](?![0-9])(?![0-9:.,]{0,9}\]\()")
"""A time that is no text of a link."""
_LETTER, _FRACTION = re.compile(r"[^\W\d_]"), re.compile(r"[.,][0-9]")


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
    """2 for `M:SS`, 3 for `H:MM:SS`, 1 for seconds (`62s`), 0 for other units (`1m2s`) and links with words."""
    place: Literal["opens", "closes", "cell", "inline", "label", "link"]
    """A "label" closes the title in front of a line's words. A "link" has words and leads to a second."""
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
    """Whether it is written as in transcripts (`00:00.000 --> 00:04.660`)."""
    is_stamp: bool = False
    """Whether it is a stamp as it is written."""


# How it is written


def may_hold_times(text: str) -> bool:
    """Return whether some line may open or close with a time; a quick test without regard to code and comments."""
    return _HELD.search(_in_plain_signs(text)) is not None


def count_times(text: str) -> int:
    """Return how many times a text seems to hold, wherever they stand."""
    return len(_ANY_TIME.findall(text))


def line_times(text: str, start: int) -> list[LineTime]:
    """Return the times of lines after an offset in the text, outside code and comments, in order."""
    plain = _in_plain_signs(text)
    held = list(_HELD.finditer(plain, plain.rfind("\n", 0, start) + 1))
    if not held:
        return []
    shown, rows, code = _shown(plain), _rows(plain), code_spans(plain)
    found: list[LineTime] = []
    number, counted = 0, 0
    for part in held:
        head, tail = plain.rfind("\n", 0, part.start()) + 1, part.end()
        number, counted = number + plain.count("\n", counted, head), head
        line = plain[head:tail]
        here = _Line(number + 1, head, text[head:tail], line, code)
        for time in here.cells(rows[number]) if number in rows else here.times():
            if shown[number] == line or text[time.start : time.end] in shown[number]:
                found.append(time)
    return found


def _in_plain_signs(text: str) -> str:
    """Return a text as long without signs of full width, and with escaped brackets as brackets and spaces."""
    if not text.isascii():
        others = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
        for sign in _WIDE.keys() & set(others):
            text = text.replace(sign, _WIDE[sign])
    return _CLOSED.sub(r" \1", _ESCAPED.sub(r"\1 ", text)) if "\\" in text else text


def _rows(text: str) -> dict[int, set[int]]:
    """Return the numbers, from 0, of the lines that are rows of tables, and which of their cells are lengths."""
    rows, in_table, lengths, above = {}, False, set[int](), ""
    for number, line in enumerate(text.split("\n") if "|" in text else ()):
        ends = in_table or line.rstrip(" \t|:").endswith("-")  # quick: most lines with pipes have links
        was, in_table = in_table, "|" in line and ends and (in_table or bool(_DELIMITER_ROW.fullmatch(line)))
        if in_table:
            if not was:
                lengths = {i for i, head in enumerate(_PIPE.split(above)) if _OF_LENGTHS.search(head)}
            rows[number] = lengths
        above = line
    return rows


def unread(times: Iterable[LineTime]) -> list[LineTime]:
    """Return the times that open or close lines, or fill a cell, and are neither stamps nor links."""
    return [time for time in times if time.place in _PLACES and time.brackets in ("", "(", "`")]


def unread_message(text: str, start: int) -> tuple[str, int]:
    """Return how many times a text without stamps has and how to have them read, and the line of the first.

    The first of those that the grammar finds is shown, else the first of three anywhere; "" and 0 if there are none.
    """
    if not _ANY_TIME.search(text, start):
        return "", 0
    first, shown = text.count("\n", 0, start), _shown(text)
    every = [(line, raw) for line, words in enumerate(shown[first:], first + 1) for raw in _ANY_TIME.findall(words)]
    times = unread(line_times(text, start))
    if not times and len(every) < _MANY:
        return "", 0
    raw = text[times[0].start : times[0].end].strip("()`") if times else every[0][1]
    line = times[0].line if times else every[0][0]
    number = max(len(every), len(times))
    seen = f"it has a time ({raw})" if number == 1 else f"it has {number} times, the first {raw}"
    sure = ", or `times: yes` in the front matter" if times else ""
    return f"{seen}: no stamp is made of it, because it may be none of a video; if it is one, write [{raw}]{sure}", line


def _shown(text: str) -> list[str]:
    """Return the lines without the text of comments and of formulas that have lines of their own."""
    if "<!--" in text or "$$\n" in text:
        text = _UNSHOWN.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    return drop_comments(text, say_nothing).split("\n")


@dataclass(frozen=True)
class _Line:
    """A line of a text: its number, its offset, as written, in plain signs, and the code of the text."""

    number: int
    offset: int
    text: str
    plain: str
    code: Spans

    def times(self) -> Iterable[LineTime]:
        """Return the time that opens or closes the line, else those that are code spans of their own."""
        line = self.plain.rstrip(" \t")
        line = (line[: line.rfind("<br")] if line.endswith(_BREAKS) else line).rstrip(" \t\\")
        if found := self._opening(line) or self._closing(line) or self._label(line) or self._linked(line):
            return [found]
        coded = (_CELL.match(self.plain, *found.span()) for found in _CODED.finditer(self.plain))
        return filter(None, (self._made(found, "inline", "") for found in coded))

    def _opening(self, line: str) -> LineTime | None:
        if not (found := _OPENS.match(line)):
            return None
        rest, heading = found.end(), found["heading"] or ""
        joint = _JOINT.match(line, rest)
        if found["day"]:
            return self._made(found, "opens", self.text[rest:].strip(), heading, True)
        if not joint and not (found["close"] or found["data"] or found["address"] or found["target"]):
            return None
        title = self.text[joint.end() if joint else rest : len(line)].strip()
        if line.startswith("]:", rest - 1) and title.startswith(("http", "<", "/", "#")):
            return None  # the definition of a link
        return self._made(found, "opens", title.removesuffix(found["strong"]), heading)

    def _closing(self, line: str) -> LineTime | None:
        found = _CLOSES.search(line, _last_part(line)) if _may_close(line) else None
        if not found:
            return None
        start = _START.match(self.plain)
        title = self.text[start.end() if start else 0 : found.start()].rstrip(_BEHIND)
        title = title.rstrip(". ") if title.endswith("..") else title
        if found["time"] and not found["open"] and _ANY_TIME.search(title):
            return None
        return self._made(found, "closes", title, (start["heading"] if start else "") or "")

    def _label(self, line: str) -> LineTime | None:
        found = _LABEL.match(line)
        return self._made(found, "label", self.text[slice(*found.span("words"))].strip("_ ")) if found else None

    def _linked(self, line: str) -> LineTime | None:
        found = _LINK.match(line)
        ms = second_of(found["address"]) if found else None
        if not found or ms is None or self.code.covers(self.offset + found.end("words")):
            return None
        begin, end = self.offset, self.offset + len(self.text)
        words = self.text[slice(*found.span("words"))]
        own = _OPENS.match(words)
        joint = _JOINT.match(words, own.end()) if own else None
        title = words[joint.end() :] if joint else words
        title = f"{title.strip()}{self.text[found.end() : len(line)].rstrip()}"
        heading = (found["heading"] or "").strip()
        return LineTime(self.number, begin, end, begin, end, ms, 0, "link", "@", found["address"], title, heading)

    def cells(self, lengths: set[int]) -> Iterator[LineTime]:
        """Yield the first cell of a row that is a time and no length; its title is the first cell with letters."""
        at, cells = 0, []
        for cell in _PIPE.split(self.plain):
            cells.append((at, at + len(cell)))
            at += len(cell) + 1
        texts = [self.text[start:end].strip() for start, end in cells]
        for i, (start, end) in enumerate(cells):
            if (found := _CELL.fullmatch(self.plain, start, end)) and (i not in lengths or found["until"]):
                others = (text for text in texts if _LETTER.search(text) and text != texts[i])
                if time := self._made(found, "cell", next(others, "")):
                    yield time
                    return

    def _made(
        self,
        found: re.Match[str] | None,
        place: Literal["opens", "closes", "cell", "inline", "label"],
        title: str,
        heading: str = "",
        of_day: bool = False,
    ) -> LineTime | None:
        """Return the time of a match, None if its brackets do not match or it is code."""
        if not found or not _balanced(found):
            return None
        raw, opened = found["data"] or found["label"] or found["time"], found["open"] or ""
        start, end = found.span("written")
        if found["time"] and not (opened or found["close"] or found["address"] or heading):
            end = found.end("time")  # the end of a range stays where it has no brackets
        address = (found["address"] or found["target"] or "").rstrip("\\")
        at = second_of(address) if address else None
        ms = parse_timestamp(raw.replace(" ", "")) if at is None else at
        if ms is None or is_impossible(raw) or self._is_code(start, end, opened.startswith("`"), place == "opens"):
            return None
        return LineTime(
            self.number,
            self.offset,
            self.offset + len(self.text),
            self.offset + start,
            self.offset + end,
            ms,
            raw.count(":") + 1 if ":" in raw else int(raw[:-1].isdigit()),
            place,
            "<" if found["data"] else "@" if address else opened.strip("*_@"),
            address,
            title,
            heading.strip(),
            of_day,
            not found["data"] and "->" in found["written"] and bool(_FRACTION.search(raw)),
            bool(found["data"] or BARE_STAMP.fullmatch(self.text, start, end))
            and not self.plain.startswith("]:", end - 1),
        )

    def _is_code(self, start: int, end: int, is_span: bool, opens: bool) -> bool:
        """Return whether a time is in code, unless it is a code span of its own or opens an indented line."""
        if self.code.has(self.offset + start, self.offset + end) != is_span:
            return True
        indented = opens and self.plain.startswith(("    ", "\t"))
        return not (is_span or indented) and self.code.covers(self.offset + start)


def _may_close(line: str) -> bool:
    """Return whether a line may end with a time, by its last sign."""
    last = line[:-1] if line.endswith((".", ",", ";")) else line
    return last[-1:] in _LAST_SIGNS or (last.endswith(("m", "s")) and last[-2:-1].isdigit())


def _last_part(line: str) -> int:
    """Return an offset in front of the time that may close a line: its address or target can be long, the rest not."""
    at, marks = len(line), line[-20:]
    if ")" in marks:
        at = min(at, line.rfind("("))
    if "]]" in marks:
        at = min(at, line.rfind("[["))
    return max(0, at - _LONGEST_TIME)


def growing(times: Sequence[LineTime]) -> list[LineTime]:
    """Return the longest part of times that grow; of several, the one with the earliest lines."""
    lengths: list[int] = []
    """The length of the longest part from each time on, found from the last one back."""
    ends: list[int] = []
    for time in reversed(times):
        at = bisect_left(ends, -time.ms)
        ends[at : at + 1] = [-time.ms]
        lengths.append(at + 1)
    kept: list[LineTime] = []
    left = len(ends)
    for time, length in zip(times, reversed(lengths), strict=True):
        if length == left and (not kept or time.ms > kept[-1].ms):
            kept.append(time)
            left -= 1
    return kept


def _balanced(found: re.Match[str]) -> bool:
    """Return whether the brackets around a time are closed in reverse order."""
    opened = (found["open"] or "").strip("*_@")
    closed = (found["close"] or "").strip("*_") + (found["outer"] or "")
    return closed == "".join(_PAIRS[sign] for sign in reversed(opened)) or (not opened and closed == ")")
