"""Links at a second of a video, as YiNote, Media Extended and people with a clipboard write them.

`[12:34](https://youtu.be/ID?t=754)`, `[12:34](film.mp4#t=754)`, `[[film.mp4#t=754|12:34]]`, and players: each
becomes a stamp at the second that its address names. The video is the one that most of these links are about; links to
others stay links.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import pairwise
from pathlib import PurePath
from urllib.parse import unquote

from convert.document.note import Video
from convert.document.timecode import STAMP
from convert.reader.formats.base import FEW_STAMPS, Offered, Rewritten, front_matter, named_video, splice, stamp
from convert.reader.frontmatter import FrontMatter
from convert.reader.inline_nodes import SRC, attribute_of
from convert.reader.times import LineTime, line_times
from convert.reader.video_address import Places, addresses, media_file, places_of, second_of, video_lines, video_of

_LINK = re.compile(
    r"<(?P<player>(?i:iframe|video|audio|source))[ \t](?P<tag>[^<>\n]{1,1000}+)>"
    r"(?:[ \t]*+</(?P<closed>(?i:iframe|video|audio))>)?"
    r"|\\?!?\[(?P<label>[^\[\]\n]{0,500}+(?:\[[^\[\]\n]{0,300}+\][^\[\]\n]{0,500}+){0,4}+)\]"
    r"\([ \t]*+<?(?P<address>[^()\s<>]{1,2000}+)>?(?:[ \t]++\"[^\"\n]{0,300}+\")?[ \t]*+\)"
    r"|!?\[\[(?P<target>[^\[\]\n|]{1,500})(?:\|(?P<alias>[^\[\]\n]{0,300}))?\]\]"
    r"|<?(?P<bare>https?://[^\s<>\"'`\])]{1,2000})>?"
)
_OTHER = re.compile(r"^[^\w\n]{0,9}[0-9]{1,3}:[0-9](?:[\s,;.-]|$)", re.MULTILINE)
"""A line that opens with a verse or a score such as `3:5`."""
_DAWN_MS, _NIGHT_MS = 5 * 60_000, 24 * 60_000
"""What lies between, as `MM:SS`, may be of a day: `5:00` to `23:59`. Schedules begin after five, notes before."""
_INDEX = re.compile(r"[A-Za-z0-9_]\[")
_UNTIL = re.compile(r"[ \t]{0,2}[-\u2010-\u2015][ \t]{0,2}[0-9]{1,2}:[0-5][0-9]")
_END = re.compile(r"(?:end|ende|fin)[:,]?[ ]{1,2}(?=[^\W\d_a-z])")
_NOON_MS = 12 * 60_000  # as `MM:SS`
_LATE_MS = 10 * 3_600_000
"""Ten hours: hardly a video is so long, but a log is of a day."""
_OF_A_DAY = re.compile(
    r"(?i)\b(?:sleep|wake|woke|awake|get up|breakfast|lunch|dinner|supper|brunch|coffee|school|work|meeting|gym|bed|"
    r"bus|train|commute|nap|midnight|noon|standup|stand-up|doors open|closing time)\b"
)
_LOGGED = re.compile(r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|OK)\]?[:\s]|<[^\s<>]{1,40}> ")
_LINE_ENDS = re.compile(r"[ .)|]*+$", re.MULTILINE)
_HOLD = ("video", "audio")
"""Players with words of their own, for programs that have none."""
_PARAMETERS = ("t=", "start=", "time_continue=", "time=")
_LEAST = 2
"""Times that lead to a video, at least, if the text is about it, too: one alone is a reference."""
_TAGS = re.compile(r"(?:</?[A-Za-z][A-Za-z0-9]{0,15}+(?:[\s/][^<>]{0,4000}+)?>|&nbsp;|\s){1,400}+")
_ENDS_LINE = re.compile(
    r"(?i)</?(?:div|p|li|[uod]l|tr|table|h[1-6]|section|article|blockquote|center)[\s/>]|<dt[\s/>]"
    r"|<br[\s/>]|\n[ \t]*+\n"
)
"""A tag at which a line ends, as a browser shows it; the cells of a row and a term and its words stand in one."""
_BRACKETED = re.compile(
    r"^([ \t]?)\[((?:[0-9]{1,2}:)?[0-9]{1,2}:[0-5][0-9][ ][^\[\]\n]{1,300}+)\](?=[ \t]*$)", re.MULTILINE
)
"""A heading in brackets with its time: `[1:31 - The sea]`."""
_BLOCKS = ("</div>", "</p>", "</li>", "</tr>", "</dd>", "</h2>", "</h3>", "<br")
_BESIDE = re.compile(r">(?:[\s(\[]|&nbsp;){0,4}+[0-9]{1,3}:[0-5][0-9]|:[0-5][0-9][)\]]?+\s{0,2}+<")
"""A time beside a tag; a text without one is not looked at further."""
_CODED = ("data-t=", "<pre", "<code", "<script", "<style", "<textarea", "```", "~~~", "<!--")
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:|//")


@dataclass(frozen=True)
class _Link:
    start: int
    end: int
    label: str
    address: str
    ms: int
    video: Video | None
    named: bool
    """Whether its form makes it a time: by its label, or as a link of a vault or a player of a file."""
    open_tag: str = ""
    """What opens a player that goes on behind its tag; its words remain."""


class TimedLinks:
    """The reader."""

    name = "timed_links"
    summary = "Links at a second of a video: YiNote, Media Extended (Obsidian), copied addresses."

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text with stamps for its links at seconds; None when none of them is surely a moment."""
        if not any(parameter in text for parameter in _PARAMETERS):
            return None
        front = front_matter(text)
        links = list(_links(text, front.body_start))
        places, main = several(text, front, path), named_video(front)
        video = main or (None if places else _commonest(links))
        of_links = [(link, places.named(link.address) if places else None) for link in links]
        own = [(link, one) for link, one in of_links if one or link.video in (None, video)]
        if not any(link.named for link, _ in own) and not (
            _are_moments([link for link, _ in own])
            and (main or places or (len({link.video for link in links}) == 1 and _are_items(links, text)))
        ):
            return None
        stamps = [(link.start, link.end, _words(link.label) + stamp(link.ms, one) + link.open_tag) for link, one in own]
        return Rewritten(splice(text, stamps), video, places=places)


def several(text: str, front: FrontMatter, path: str = "") -> Places | None:
    """Return which lines are about which video in a text about several, None for a text about one.

    It is about those that it names in lines of their own, those that two or more times lead to, and the files of times.
    Beside a video in the front matter only others there count, and times that open lines: a list, no references.
    """
    timed = any(parameter in text for parameter in _PARAMETERS)
    links = [link for link in _links(text, front.body_start) if link.named] if timed else []
    main = named_video(front, path)
    listed = {video_of(address) for value in front.meta.values() for address in addresses(value)} if links else set()
    own = [link for link in links if not main or link.video in listed or _opens(text, link.start)]
    counts = Counter(link.video for link in own if link.video)
    files = _files(links)
    if main and len(files) == 1 and main.provider != "file":
        files = {}  # a copy of the video
    elif main:
        files.pop(PurePath(main.id).name, None)
    others = [*(video for video, count in counts.items() if count >= _LEAST), *files.values()]
    return places_of(text, front.body_start, main, others)


def linked_video(time: LineTime) -> Video | None:
    """Return the video that a link names whose text is a time."""
    return video_of(time.address) if time.address else None


def is_headed(times: Sequence[LineTime], text: str, start: int) -> bool:
    """Return whether a text begins or ends with the address of its only video, alone in a line, and has its times.

    The times of a day may stand beside an address, too, and so may verses and scores: what is in brackets is a moment,
    and what cannot be of a day, unless all are at whole five seconds or a line opens like `3:5`.
    """
    named = video_lines(text, start)
    if len({video for _, video in named}) != 1 or _OTHER.search(text, start):
        return False
    lines, first, last = text.split("\n"), named[0][0], named[-1][0]
    above = any(line.strip() and line[0] != "#" for line in lines[text.count("\n", 0, start) : first - 1])
    if above and any(map(str.strip, lines[last:])):
        return False
    own = [time for time in times if time.place != "link" and (above or time.line > first)]
    if all(time.is_stamp for time in own) or any(time.of_day for time in own):
        return False
    return all(time.brackets for time in own) or not (may_be_of_day(own) or are_round(own))


def may_be_of_day(times: Iterable[LineTime], start_ms: int = _DAWN_MS) -> bool:
    """Return whether all times may be of a day, from a start until midnight."""
    return all(time.fields == 2 and start_ms <= time.ms < _NIGHT_MS for time in times)


def are_round(times: Iterable[LineTime]) -> bool:
    """Return whether all times are at whole five seconds, which are whole five minutes if they are of a day."""
    return all(time.ms % 5000 == 0 for time in times)


def is_plan(times: Sequence[LineTime]) -> bool:
    """Return whether all may be of a day: from the morning on, in whole five minutes or among meals, or of a log."""
    late = all(time.fields == 3 and time.ms >= _LATE_MS for time in times)
    return late or (may_be_of_day(times) and (are_round(times) or 2 * _named_of_day(times) >= len(times)))


def is_day(times: Sequence[LineTime]) -> bool:
    """Return whether times are of a day that begins at midnight, or of a log."""
    logged = sum(bool(_LOGGED.match(time.title)) for time in times)
    whole_day = may_be_of_day(times, 0) and are_round(times) and times[-1].ms >= _NOON_MS
    return 2 * logged >= len(times) or (whole_day and _named_of_day(times) >= 2)


def _named_of_day(times: Sequence[LineTime]) -> int:
    """Return how many of the titles tell of meals, sleep, work and the like."""
    return sum(bool(_OF_A_DAY.search(time.title)) for time in times)


def runs_on(times: Sequence[LineTime]) -> bool:
    """Return whether four times or more surely are of one recording: they run from before 5:00 to beyond 24:00.

    No times of a day do, and verses have small numbers or titles that come again.
    """
    far = len(times) > 3 and times[0].ms < _DAWN_MS and times[-1].ms >= _NIGHT_MS
    late = sum(time.ms % 60_000 >= 30_000 for time in times)
    vary = 4 * len({time.title.lower() for time in times}) >= 3 * len(times)
    return far and vary and 4 * late >= len(times) and all(one.ms <= two.ms for one, two in pairwise(times))


def by_video(times: Iterable[LineTime], places: Places) -> dict[Video | None, list[LineTime]]:
    """Return the times of each video of a text about several, None for that of the note."""
    found: dict[Video | None, list[LineTime]] = {}
    for time in times:
        found.setdefault(places.named(time.address) or places.at(time.line), []).append(time)
    return found


def without_lengths(times: Iterable[LineTime], text: str) -> list[LineTime]:
    """Return the times without those that follow links to several videos, their lengths, and one or two `a[1:20]`.

    The last of a list of ranges may end at the end: `8:44 - end The sea`.
    """
    times = list(times)
    if len(times) > FEW_STAMPS and all(_UNTIL.match(text, time.end) for time in times[:-1]):
        times[-1] = replace(times[-1], title=_END.sub("", times[-1].title, 1))
    indexes = [time for time in times if not time.is_stamp and _INDEX.match(text, time.start - 1)]
    if 0 < len(indexes) <= FEW_STAMPS:
        times = [time for time in times if time not in indexes]
    found = [(time, set(filter(None, map(video_of, addresses(time.title))))) for time in times]
    closing = set().union(*[videos for time, videos in found if time.place == "closes"])
    return [time for time, videos in found if len(closing) < 2 or not (videos and time.place == "closes")]


def times_shown(text: str, start: int) -> tuple[str, list[LineTime]]:
    """Return a text as long whose HTML stands in lines as a browser shows it, and the times that open or close these.

    Both are empty for a text without blocks of HTML or with code.
    """
    if not any(tag in text for tag in _BLOCKS) or any(sign in text for sign in _CODED) or not _BESIDE.search(text):
        return "", []
    shown = _TAGS.sub(lambda tags: " " * (len(tags[0]) - 1) + " \n"[bool(_ENDS_LINE.search(tags[0]))], text[start:])
    shown = " " * start + _BRACKETED.sub(r"\1 \2 ", shown)
    times = without_lengths(line_times(shown, start), shown)
    return shown, [replace(time, title=" ".join(unescape(time.title).split())) for time in times]


def _links(text: str, start: int) -> Iterator[_Link]:
    """Yield the links at a second of a video or of a media file beside the notes, outside code."""
    offered, shown = Offered.of(text), text.count("<iframe") >= _LEAST
    for found in _LINK.finditer(text, start):
        src = attribute_of(SRC, found["tag"]) if found["tag"] else ""
        address = unquote(found["address"] or found["target"] or found["bare"] or src).rstrip("\\")
        ms = second_of(address)
        if ms is None:
            continue
        video = video_of(address)
        if video is None and (found["bare"] or _ELSEWHERE.match(address)) and not address.startswith("file:"):
            continue
        if not offered.code.covers(found.start()):
            label = (found["label"] or found["alias"] or "").strip(" \t\\")
            named = bool(found["target"]) or _is_time(label) or (bool(src) and (shown or video is None))
            holds = (found["player"] or "").lower() in _HOLD and not found["closed"]
            opened = f"<{found['player']} controls>" if holds else ""
            yield _Link(found.start(), found.end(), label, address, ms, video, named, opened)


def _is_time(label: str) -> bool:
    return bool(STAMP.fullmatch(label.replace("\\", "").strip("[]()*_` ")))


def _commonest(links: list[_Link]) -> Video | None:
    videos = Counter(link.video for link in links if link.video)
    return videos.most_common(1)[0][0] if videos else None


def _are_moments(links: Sequence[_Link]) -> bool:
    """Return whether links with words, or bare ones, lead to two seconds or more: one alone is a reference."""
    return len({link.ms for link in links}) >= _LEAST


def _are_items(links: Sequence[_Link], text: str) -> bool:
    """Return whether each link opens or closes its line."""
    return all(_opens(text, link.start) or _LINE_ENDS.match(text, link.end) for link in links)


def _opens(text: str, at: int) -> bool:
    return not text[text.rfind("\n", 0, at) + 1 : at].strip(" \t>-*+#|0123456789.")


def _files(links: Iterable[_Link]) -> dict[str, Video]:
    """Return the media files on this machine that links lead to, as first written, by name."""
    files: dict[str, Video] = {}
    for link in links:
        if not link.video and (file := media_file(link.address)):
            files.setdefault(PurePath(file.id).name, file)
    return files


def _words(label: str) -> str:
    """Return the words of a link for the text before its stamp; "" for a time or the width of a player (`300`)."""
    return "" if not label or _is_time(label) or re.fullmatch(r"[0-9x]+", label) else f"{label} "


READER = TimedLinks()
