"""Times and videos between the marks of note programs (Logseq, Roam, Timestamp Notes), and chapters in front matter.

`{{youtube-timestamp 47}}`, `{{renderer :media-timestamp, 47}}`, `{{[[video-timestamp]]: 0:47}}` and a fence `timestamp`
become stamps; `{{video address}}`, `{{[[youtube]]: address}}` and a fence `timestamp-url` become links to the video. So
do the lines of fences that name a medium (`audio-note`, `media-note`, `video`): `audio: talk.mp3#t=1:12`, `time: 1:12`.
So do what Liquid assigns, `{% assign timestamp="0:47" %}`, tags `<TimeStamp start="0:47">` and brackets escaped twice.
Fences of plain text in which each line has a time are quotes or copied lists: their lines are lines of the note.

The chapters that a front matter lists are asked for by `chapter_list`, once it knows that the words have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePath
from typing import NamedTuple

from convert.document.note import Video
from convert.document.timecode import clock, parse_timestamp
from convert.reader.formats.base import Offered, Rewritten, named_video, splice, spoken, stamp
from convert.reader.formats.timed_links import is_day, is_plan
from convert.reader.frontmatter import load_toml, load_yaml
from convert.reader.times import LineTime, line_times
from convert.reader.video_address import media_file, second_of, video_lines, video_of

_MACRO = re.compile(
    r"\{\{[ ]?(?:renderer[ ]{0,3})?:?(?:\[\[)?(?P<name>[A-Za-z][\w./-]{0,40}+)(?:\]\])?[ ]{0,3}[:,]?"
    r"(?P<value>[^{}\n]{0,1000}+)\}\}"
)
_LIQUID = re.compile(
    r"\{%-?[ ]{0,3}assign[ ]{1,3}(?:timestamp|timecode)[ ]{0,3}=[ ]{0,3}"
    r"[\"'](?P<value>[0-9][0-9:.]{2,14})[\"'][ ]{0,3}-?%\}"
)
_TAG = re.compile(
    r"<[Tt]ime[Ss]?[Cc]?(?:tamp|ode)[ ](?:start|time|at)=[{\"']{1,2}"
    r"(?P<value>[0-9][0-9:.]{2,14})[}\"']{1,2}[^<>\n]{0,200}+>"
)
_TWICE = re.compile(r"(?<!\\)\\\[\\{0,3}+(?P<value>[0-9][0-9:.]{3,14}+)\\{2,3}+\]")
"""A time in brackets with more escapes than one for each."""
_HELD = r"(?P<held>(?:[ \t>]*+[^`~\s>][^`~\n]*+\n|[ \t>]*+\n){0,60}+)"
_FENCE = re.compile(
    rf"^(?P<lead>[ \t>]{{0,40}}+)(?P<marks>`{{3,9}}+|~{{3,9}}+)[ ]?"
    r"(?P<kind>timestamp(?:-url)?|(?:audio|media|video|youtube)(?:-(?:note|timestamp))?|yt|vid)"
    rf"(?P<info>(?:[ \t][^`\n]{{0,300}}+)?)\n{_HELD}[ \t>]*+(?P=marks)[ \t]*+$",
    re.MULTILINE,
)
_QUOTED = re.compile(
    r"^(?P<lead>[ ]{0,3}+(?:>[ ]?){0,9}+)(?P<marks>`{3,9}+|~{3,9}+)[ ]?"
    r"(?:text|plain(?:text)?|txt|transcript|timestamps|chapters)?[ \t]*+(?:\{[^{}`\n]{0,100}+\}[ \t]*+)?\n"
    r"(?P<held>(?:[ \t>]*+(?:(?!`{3}|~{3})[^\s>][^\n]*+)?\n){1,20000}+)[ \t>]*+(?P=marks)[ \t]*+$",
    re.MULTILINE,
)
"""A fence of plain text, also with settings of its looks: `plaintext {wrap}`."""
_OF_PROGRAMS = re.compile(
    r"\W{0,3}(?:(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|GET|POST|PUT)(?=[\s:\]])|[\w.-]{1,30}\[[0-9]{1,7}\]"
    r"|(?i:starting|finished|compil\w{2,3}+|buil\w{1,4}+|listening|watching|fetching|sending|received|found [0-9]+)"
    r"\b.{0,60}?(?:['\"]|\.\.\.|[0-9] ?m?s\b|port\b|errors?\b))"
)
"""What programs tell of themselves."""
_NEVER_MS, _SECONDS_MS = 6 * 3_600_000, 3000
_INFO = ("\n", " ", "text", "plain", "txt", "transcript", "timestamps", "chapters")
_LITERAL, _LEADING = re.compile(r"[\\`*_<$&~]|(?<=\[)\[|=(?==)|%(?=%)|(?<=\])\("), re.compile(r"[#>+=~-]")
_NAMED = re.compile(r"(?i)(?:audio|video|media|url|link|src|source|file|path|youtube)[ ]?[:=][ ]*+(\S.*)")
_AT = re.compile(r"(?i)(?:time|timestamp|start|at|t)[ ]?[:=][ ]*+(\S.*)")
_TITLED = re.compile(r"(?i)(?:title|text|note|comment|caption)[ ]?:[ ]*+(\S.*)")
_SETTING = re.compile(r"(?i)-{3,}|(?:end|width|height|autoplay|loop|speed|volume|muted?|controls|id|type)[ ]?[:=].*")
_SIGNS = ("{{", "{%", "\\\\]", "<TimeStamp", "<Timestamp", "<timestamp", "<TimeCode", "<timecode")
_QUICK = re.compile(r"(?:``|~~)[ ]?(?:timestamp|audio|media|video|youtube|yt|vid)")
_PLAYERS = frozenset(("video", "youtube", "vimeo", "bilibili", "media", "audio", "yt-gif", "iframe", "embed"))
_LEAST, _LETTER = 3, re.compile(r"[^\W\d_]")
_GIVEN = re.compile(
    r"^(?:(?i:chapters?|timestamps?)[ \t]*+[:=][^\n]*+\n(?:[ \t\]})-][^\n]*+\n|\n)*+"
    r"|(?:\[\[(?i:chapters?|timestamps?)\]\][ \t]*+\n(?:[^\[\n][^\n]*+\n|\n)*+)++)",
    re.MULTILINE,
)
"""What lists chapters in a front matter, in YAML or TOML, with the lines below it."""
_MOST_GIVEN = 64_000
"""Characters of such a list, at most: a parser takes long over hostile ones."""
_TIME_KEYS = ("time", "start", "starttime", "from", "timestamp", "timecode", "ts", "at", "begin", "offset", "seconds")
_MS_KEYS = ("startms", "starttimems", "timems", "ms", "milliseconds", "startmilliseconds")
_TITLE_KEYS = ("title", "name", "label", "text", "chapter", "topic", "heading", "description")
_NO_TITLES = ("created", "modified", "updated", "published", "date", "time", "end", "length", "duration")
_PLAIN_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_LONG_S, _FAR_S = 36_000, 86_400
"""Round thousands beyond ten hours, and anything beyond a day, are written in milliseconds."""
_CLOCK = re.compile(r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9](?:[.,][0-9]{1,9})?|(?:[0-9]{1,3}[hms]){1,3}")
_SHOWN = re.compile(r"(?:[\[(]|data-t=\")(?P<time>(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9])[\])\"]")
_EARLY_MS = 10_000
_SIGN = re.compile(r"[\\`*_<$]")


class MarkedTimes:
    """The reader."""

    name = "marked_times"
    summary = "Times and videos of Logseq and Roam ({{youtube-timestamp 47}}) and of Timestamp Notes (Obsidian)."

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text with stamps and links in place of macros and fences, None if it has none."""
        marked = any(sign in text for sign in _SIGNS)
        quoted = list(timed_fences(Offered.of(text), path))
        if not marked and not quoted and not (("``" in text or "~~" in text) and _QUICK.search(text)):
            return None
        code = Offered.of(text).code
        pieces = [piece for piece in _marks(text) if not code.covers(piece[0])] if marked else []
        fences, video = _fences(text)
        pieces += fences + quoted
        return Rewritten(splice(text, sorted(pieces)), video) if pieces else None


def _marks(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace within lines: macros, and times that Liquid assigns or that were escaped twice."""
    for found in _MACRO.finditer(text):
        if made := _of_macro(found["name"], found["value"]):
            yield *found.span(), made
    for found in (*_LIQUID.finditer(text), *_TAG.finditer(text), *_TWICE.finditer(text)):
        if (ms := parse_timestamp(found["value"])) is not None:
            yield *found.span(), stamp(ms)


def _of_macro(name: str, value: str) -> str:
    """Return the stamp or link for a macro, "" for one that is about neither a time nor a video."""
    words = value.replace(",", " ").split()
    if name.lower().endswith("timestamp"):
        return next((stamp(ms) for word in words if (ms := _ms(word)) is not None), "")
    return _player(words[0]) if words and name.lower() in _PLAYERS else ""


def _ms(word: str) -> int | None:
    return int(word) * 1000 if re.fullmatch(r"[0-9]{1,6}", word) else parse_timestamp(word)


def _player(address: str) -> str:
    """Return Markdown that shows a video, "" for an address of something else."""
    if video_of(address):
        return f"![]({address})"
    return f"[[{PurePath(address).name}]]" if media_file(address) else ""


def _fences(text: str) -> tuple[list[tuple[int, int, str]], Video | None]:
    """Return what to replace in each fence, and the only medium that those of other programs play.

    The lines of its marks become blank ones, a time a stamp, and a medium a player, or the stamp of its second.
    """
    pieces, media = [], set()
    for found in _FENCE.finditer(text) if "``" in text or "~~" in text else ():
        of_program = found["kind"].startswith("timestamp")
        held = [line.strip(" \t>") for line in (found["info"], *found["held"].split("\n"))]
        made = [_of_line(line, of_program) for line in held]
        if any(one is not None and one != line for one, line in zip(made, held, strict=True) if line):
            lead = found["lead"]
            words = [line if one is None else one for one, line in zip(made, held, strict=True)]
            pieces.append((*found.span(), "\n".join([f"{lead}{line}" for line in words])))
            media |= {medium for line in held if not of_program and (medium := _played(line))}
    return pieces, media.pop() if len(media) == 1 else None


def _played(line: str) -> Video | None:
    named = _NAMED.fullmatch(line)
    address = (named[1] if named else line).strip("\"'")
    return video_of(address) or media_file(address)


def _of_line(line: str, of_time: bool) -> str | None:
    """Return what is written in place of a line of a fence, None for other words."""
    if said := _NAMED.fullmatch(line):
        return _medium(said[1].strip("\"'"))
    if said := _AT.fullmatch(line):
        return _stamps(said[1].strip("\"'"), _ms)
    if said := _TITLED.fullmatch(line):
        return said[1]
    if _SETTING.fullmatch(line):
        return ""
    return _medium(line) or (_stamps(line) if of_time else None)


def _medium(address: str) -> str | None:
    """Return the stamp of the second that an address leads to, else a player."""
    ms = second_of(address)
    if ms is not None and (video_of(address) or media_file(address)):
        return stamp(ms)
    return _player(address) or None


def _stamps(line: str, ms_of: Callable[[str], int | None] = parse_timestamp) -> str:
    """Return the stamp for a time and the words around it."""
    first, _, rest = line.partition(" ")
    ms = ms_of(first.strip("[]()"))
    return line if ms is None else f"{stamp(ms)} {rest}".rstrip()


# Times in fences of plain text


def timed_fences(text: Offered, path: str) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace in a text that names its medium: fences whose lines all have times, by these lines."""
    if not any(f"{mark}{rest}" in text for mark in ("```", "~~~") for rest in _INFO):
        return
    found = [one for one in _QUOTED.finditer(text) if _is_fence(text, one.start("marks"), one.start("held"))]
    made = [(one, lines) for one in found if (lines := _quoted(one["held"], one["lead"]))]
    if made and (named_video(text.front, path, text) or video_lines(text, text.front.body_start)):
        yield from ((*one.span(), f"{one['lead']}\n{lines}{one['lead']}") for one, lines in made)


def _is_fence(text: Offered, marks: int, held: int) -> bool:
    """Return whether a block of code begins at the marks, and they neither end one nor stand within one."""
    return text.code.covers(held) and text.code.covers(marks) and not text.code.covers(max(marks - 1, 0))


def _quoted(held: str, lead: str) -> str:
    """Return the lines of a fence as Markdown that says the same, "" if they are no lines with times."""
    lines = [line.lstrip(" \t>" if ">" in lead else " \t").rstrip() for line in held.split("\n")[:-1]]
    if not _may_be_timed(lines):
        return ""
    times = {time.line: time for time in line_times("\n".join(lines), 0) if time.place == "opens"}
    shown = [at for at, line in enumerate(lines, 1) if line]
    if not _are_quotes(list(times.values())) or not _are_whole(times, shown):
        return ""
    made = stamp if len(times) >= _LEAST else spoken
    return "".join([f"{lead}{_literal(line, times.get(at), made)}\n" for at, line in enumerate(lines, 1)])


def _may_be_timed(lines: Sequence[str]) -> bool:
    first = next(filter(None, lines), "")
    return any(sign.isdigit() for sign in first[:8]) and ":" in first[:12]


def _are_quotes(times: Sequence[LineTime]) -> bool:
    """Return whether the times of a fence are of a recording: they grow, and are of no day, log or verses."""
    if not times or any(time.of_day or time.ms >= _NEVER_MS or time.address for time in times):
        return False
    square = all(time.brackets[:1] == "[" for time in times)
    steps = sorted(later.ms - one.ms for one, later in pairwise(times))
    if any(step < 0 for step in steps) or (len(times) < _LEAST and not square):
        return False
    verses = not square and times[0].ms >= _EARLY_MS and steps[len(steps) // 2] < _SECONDS_MS
    terse = not square and all(" " not in time.title and time.title.islower() for time in times)
    logged = len(times) if terse else sum(bool(_OF_PROGRAMS.match(time.title)) for time in times)
    return not (verses or 2 * logged >= len(times) or is_day(times) or (times[0].ms >= _EARLY_MS and is_plan(times)))


def _are_whole(times: Mapping[int, LineTime], shown: Sequence[int]) -> bool:
    """Return whether all lines have times and words, or stand below times that stand alone, as YouTube copies them."""
    kinds = [at in times for at in shown]
    if all(kinds):
        return all(_LETTER.search(time.title) for time in times.values())
    alone = len(times) >= _LEAST and not any(time.title for time in times.values())
    return alone and kinds[0] and not kinds[-1] and not any(one and other for one, other in pairwise(kinds))


def _literal(line: str, time: LineTime | None, made: Callable[[int], str]) -> str:
    """Return a line of a fence as Markdown that says it, with a stamp for its time and a break at its end."""
    if not time:
        line = _LITERAL.sub(_escaped, line)
        return f"{_LEADING.sub(_escaped, line[0])}{line[1:]}  " if line else ""
    start, end = time.start - time.head, time.end - time.head
    return f"{line[:start]}{made(time.ms)}{_LITERAL.sub(_escaped, line[end:])}  "


# Chapters in the front matter


class _Given(NamedTuple):
    """A chapter as a front matter gives it; `raw` is its number if it is written as one."""

    ms: int
    title: str
    raw: float | None = None


def with_given_chapters(text: Offered, medium: bool) -> Rewritten | None:
    """Return the text with the chapters of its front matter as a list in front of its words, None if it has none.

    Without a `medium` they count if they are written as times and look like a list of chapters. Where half of their
    times or more stand in the words, those are their stamps. The lines of the words keep their numbers, unless the
    front matter has several chapters in one line.
    """
    front = text[: text.front.body_start]
    block = _GIVEN.search(front, 0, front.rstrip("\n").rfind("\n") + 1)
    chapters = _given(block[0], front.startswith("+")) if block and len(block[0]) <= _MOST_GIVEN else []
    if not block or not chapters or not (medium or _are_listed(chapters)):
        return None
    words, seen = _shown(text, {one.ms for one in chapters})
    named = tuple((one.ms, one.title) for one in chapters if one.ms in seen)
    chapters = [one for one in chapters if one.ms not in seen]
    items = "".join(f"- {stamp(one.ms)} {_SIGN.sub(_escaped, one.title)}\n" for one in chapters)
    blank = "\n" * max(1, block[0].count("\n") - len(chapters))
    above = front[: block.start()] + front[block.end() :]
    listed, remarks, reached = [], [], -1
    for line, one in enumerate(chapters, above.count("\n") + 1):
        if one.ms > reached:
            listed.append((line, one.title))
        else:
            remarks.append(out_of_order(one.ms, line))
        reached = max(reached, one.ms)
    return Rewritten(above + items + blank + words, None, "", tuple(remarks), tuple(listed), named)


def _shown(text: Offered, times: set[int]) -> tuple[str, set[int]]:
    """Return the words of a text with stamps for times in round brackets, and which of the times stand in them.

    Less than half of the times are none: a few may stand in any text.
    """
    start = text.front.body_start
    shown = [one for one in _SHOWN.finditer(text, start) if not text.code.covers(one.start())]
    at = [(one, ms) for one in shown if (ms := parse_timestamp(one["time"])) in times]
    seen = {ms for _, ms in at if ms is not None}
    if 2 * len(seen) < len(times):
        return text[start:], set()
    made = splice(text, [(*one.span(), stamp(ms)) for one, ms in at if one[0][0] == "(" and ms is not None])
    return made[start:], seen


def out_of_order(ms: int, line: int) -> tuple[str, int, str]:
    """Return the remark on an entry of a list of chapters that is none of them."""
    message = f"{clock(ms)} repeats a time of the list of chapters or runs backward: this line is no chapter"
    return "chapter-out-of-order", line, message


def _escaped(sign: re.Match[str]) -> str:
    return f"\\{sign[0]}"


def _are_listed(chapters: Sequence[_Given]) -> bool:
    """Return whether chapters without a medium look like a list: three or more times that begin early and grow."""
    early = len(chapters) >= _LEAST and chapters[0].ms < _EARLY_MS
    return early and all(one.raw is None for one in chapters) and all(a.ms < b.ms for a, b in pairwise(chapters))


def _given(block: str, toml: bool) -> list[_Given]:
    """Return the chapters that a part of a front matter lists, none if one of its entries is something else."""
    loaded, fault = (load_toml if toml else load_yaml)(block)
    value: object = next(iter(loaded.values()), None)
    if fault:  # `- 1:05 A: b: c` is no YAML
        value = [line.strip()[1:].strip() for line in block.split("\n")[1:] if line.strip()]
    entries = list(value.items()) if isinstance(value, dict) else value if isinstance(value, list) else []
    found = [one for entry in entries if (one := _entry(entry))]
    if len(found) < len(entries):
        return []
    far = max((one.raw or 0 for one in found), default=0)
    round_ms = far >= _LONG_S and all((one.raw or 0) % 1000 == 0 for one in found)
    if far >= _FAR_S or round_ms:
        return [_Given(round(one.raw), one.title, one.raw) if one.raw is not None else one for one in found]
    return found


def _entry(entry: object) -> _Given | None:
    """Return the chapter in an entry: `{start: 1:05, title: X}`, `1:05: X`, `X: 1:05` or `1:05 X`."""
    if isinstance(entry, str):
        return _of_words(entry)
    if isinstance(entry, dict) and len(entry) > 1:
        said = {re.sub(r"[\s_.-]", "", key).lower(): one for key, one in entry.items() if isinstance(one, str)}
        title = next((said[key] for key in _TITLE_KEYS if said.get(key, "").strip()), "")
        at = next((said[key] for key in _TIME_KEYS if key in said), "")
        ms = next((said[key] for key in _MS_KEYS if key in said), "")
        return _made(f"{float(ms) / 1000}" if _PLAIN_NUMBER.fullmatch(ms) else at, title)
    pair = next(iter(entry.items())) if isinstance(entry, dict) and entry else entry
    match pair:
        case str() as key, str() as value:
            pass
        case _:
            return None
    return (
        _made(key, value) or (None if key.lower() in _NO_TITLES else _made(value, key)) or _of_words(f"{key}: {value}")
    )


def _of_words(words: str) -> _Given | None:
    """Return the chapter in words that open with its time."""
    found = next(iter(line_times(" ".join(words.split()), 0)), None)
    return _Given(found.ms, found.title) if found and found.place == "opens" and _LETTER.search(found.title) else None


def _made(raw: str, title: str) -> _Given | None:
    """Return the chapter of a time, or of a number of seconds, and a title; None if one of them is something else."""
    raw, title = raw.strip(), " ".join(title.split())
    if not title:
        return None
    if _PLAIN_NUMBER.fullmatch(raw):
        return _Given(round(float(raw) * 1000), title, float(raw))
    ms = parse_timestamp(raw) if _CLOCK.fullmatch(raw) else None
    return None if ms is None else _Given(ms, title)


READER = MarkedTimes()
