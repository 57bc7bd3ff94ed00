"""Links at a second of a video, as YiNote, Media Extended and people with a clipboard write them.

`[12:34](https://youtu.be/ID?t=754)`, `[12:34](film.mp4#t=754)`, `[[film.mp4#t=754|12:34]]`: each becomes a stamp at the
second that its address names. The video is the one that most of these links are about; links to others stay links.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from convert.document.note import Video
from convert.document.timecode import STAMP
from convert.reader.formats.base import Rewritten, front_matter, named_video, splice, stamp
from convert.reader.source import code_spans
from convert.reader.times import second_of
from convert.reader.video_address import video_of

_LINK = re.compile(
    r"!?\[(?P<label>[^\[\]\n]{0,500}+(?:\[[^\[\]\n]{0,300}+\][^\[\]\n]{0,500}+){0,4}+)\]"
    r"\([ \t]*+<?(?P<address>[^()\s<>]{1,2000}+)>?(?:[ \t]++\"[^\"\n]{0,300}+\")?[ \t]*+\)"
    r"|!?\[\[(?P<target>[^\[\]\n|]{1,500})(?:\|(?P<alias>[^\[\]\n]{0,300}))?\]\]"
    r"|<?(?P<bare>https?://[^\s<>\"'`\])]{1,2000})>?"
)
_PARAMETERS = ("t=", "start=", "time_continue=")
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:|//")


@dataclass(frozen=True)
class _Link:
    start: int
    end: int
    label: str
    ms: int
    video: Video | None
    named: bool
    """Whether its form makes it a time: by its label, or as a link of a vault."""


class TimedLinks:
    """The reader."""

    name = "timed_links"
    summary = "Links at a second of a video: YiNote, Media Extended (Obsidian), copied addresses."

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text with stamps for its links at seconds; None when none of them has a time as its text."""
        if not any(parameter in text for parameter in _PARAMETERS):
            return None
        front = front_matter(text)
        links = list(_links(text, front.body_start))
        video = named_video(front) or _commonest(links)
        own = [link for link in links if link.video in (None, video)]
        if not any(link.named for link in own):
            return None
        stamps = [(link.start, link.end, _words(link.label) + stamp(link.ms)) for link in own]
        return Rewritten(splice(text, stamps), video)


def _links(text: str, start: int) -> Iterator[_Link]:
    """Yield the links at a second of a video or of a media file beside the notes, outside code."""
    code = None
    for found in _LINK.finditer(text, start):
        address = unquote(found["address"] or found["target"] or found["bare"]).rstrip("\\")
        ms = second_of(address)
        if ms is None:
            continue
        video = video_of(address)
        if video is None and (found["bare"] or _ELSEWHERE.match(address)) and not address.startswith("file:"):
            continue
        code = code or code_spans(text)
        if not code.covers(found.start()):
            label = (found["label"] or found["alias"] or "").strip()
            named = bool(found["target"]) or _is_time(label)
            yield _Link(found.start(), found.end(), label, ms, video, named)


def _is_time(label: str) -> bool:
    return bool(STAMP.fullmatch(label.strip("[]()*_` ")))


def _commonest(links: list[_Link]) -> Video | None:
    videos = Counter(link.video for link in links if link.video)
    return videos.most_common(1)[0][0] if videos else None


def _words(label: str) -> str:
    """Return the words of a link for the text before its stamp; "" for a time or the width of a player (`300`)."""
    return "" if not label or _is_time(label) or re.fullmatch(r"[0-9x]+", label) else f"{label} "


READER = TimedLinks()
