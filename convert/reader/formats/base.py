"""The contract of a reader plug-in: a name, and one pure step from another kind of note to ours.

How to add one: see "Add a reader in one file" in CONTRIBUTING.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Protocol

from convert.document.note import Video
from convert.document.timecode import BARE_STAMP, sure_raw
from convert.document.video import watch_url
from convert.reader.frontmatter import FrontMatter, medium_of, read_front_matter
from convert.reader.source import Spans, code_spans
from convert.reader.times import LineTime, line_times
from convert.reader.video_address import Places, addresses, looks_like_id, second_of, video_lines, video_of

__all__ = ["FEW_STAMPS", "NoteReader", "Rewritten", "front_matter", "named_video", "splice", "spoken", "stamp"]


FEW_STAMPS = 2
"""Stamps that a note may have and still be offered to the readers of other kinds."""


@dataclass(frozen=True)
class Rewritten:
    """A text as a plug-in rewrote it, and what else it found out about the note."""

    text: str
    """Markdown with stamps. Each line keeps its number: diagnostics and time repair name lines."""
    video: Video | None = None
    """The video of the text, if its front matter names none."""
    title: str = ""
    """The title, if its front matter gives none; if both are "", a heading of level 1 or the name of the file is."""
    remarks: tuple[tuple[str, int, str], ...] = ()
    """Diagnostics: code, line and message of each."""
    listed: tuple[tuple[int, str], ...] = ()
    """Chapters that have no heading of their own: the line of each, which has its stamp, and its title."""
    named: tuple[tuple[int, str], ...] = ()
    """Chapters that are given elsewhere, but have stamps in the text: the literal time of each in ms, and its title."""
    reader: str = ""
    """The name of the reader, which the caller sets."""
    places: Places | None = None
    """Which lines are about which video, in a text about several; None if it is about one at most."""


class Offered(str):
    """A text as it is offered to the readers; what several of them ask about it is found out once."""

    @classmethod
    def of(cls, text: str) -> Offered:
        """Return the text itself if it was offered, else a new one."""
        return text if isinstance(text, cls) else cls(text)

    @classmethod
    def inlined(cls, text: str) -> Offered:
        """Return a text as it is offered, with all links to seconds in one form."""
        return cls.of(_with_inline_links(cls(text)))

    @cached_property
    def front(self) -> FrontMatter:
        """The front matter, whose faults are ignored."""
        return read_front_matter(self)

    @cached_property
    def times(self) -> Sequence[LineTime]:
        """The times of its lines."""
        return tuple(line_times(self, self.front.body_start))

    @cached_property
    def code(self) -> Spans:
        """Its code spans and code blocks."""
        return code_spans(self)


class NoteReader(Protocol):
    """The contract of a source of notes."""

    name: str
    """The module's name."""
    summary: str
    """One line for `notebind readers`."""

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text rewritten as a note in our format, or None; a pure function, called in any process.

        `text` has plain newlines, `path` is the file as diagnostics name it. Notes of our own kind are not offered:
        those with an anchor of a stamp, or with a video and stamps (one or two do not count beside other times or
        links to seconds, nor any beside `[[film.mp4#t=62]]`). With `--as NAME` this reader gets every text. A result
        counts if it has more stamps than the text, or tells more of the note; its other times are read after it.
        """
        ...


def stamp(ms: int, video: Video | None = None) -> str:
    """Return a stamp in the usual markup whose time can be read in one way only, so that no repair changes it.

    In a text about several videos that of a certain one is a link to its second.
    """
    raw = sure_raw(ms)
    if video:
        return f"[{raw}](<{watch_url(video, ms) or f'{video.id}#t={ms // 1000}'}>)"
    return f'<a class="yt-timestamp" data-t="{raw}">[{raw}]</a>'


def spoken(ms: int) -> str:
    """Return a stamp of what is said, in a spelling that is never taken for an entry of a list of chapters."""
    raw = sure_raw(ms)
    return f'<a data-t="{raw}" class="yt-timestamp">{raw}</a>'


def splice(text: str, pieces: Iterable[tuple[int, int, str]]) -> str:
    """Return the text with each range of characters (start, end) replaced; the ranges are in order and apart."""
    parts, kept = [], 0
    for start, end, replacement in pieces:
        parts += [text[kept:start], replacement]
        kept = end
    return "".join([*parts, text[kept:]])


_DEFINED = re.compile(r"^ {0,3}\[([^\[\]\n]{1,100})\]:[ \t]*+<?([^\s<>]{1,2000}+)[^\n]*+", re.MULTILINE)
_REFERRED = re.compile(r"\[([^\[\]\n]{1,300})\](?:\[([^\[\]\n]{0,100})\]|(?![\[(:]))")
_TAGGED = re.compile(
    r"<[aA](?=\s)([^<>\n]{1,3000}+)>(?:<[a-z]{1,6}>){0,2}+\[?+([^<>\[\]\n]{1,300}+)\]?+(?:</(?!a>)[a-z]{1,6}>){0,2}+</[aA]>"
)
_HREF = re.compile(r"""(?<![\w-])href\s?=\s?["']?([^\s"'<>]{1,2000}+)""", re.IGNORECASE)


def _with_inline_links(text: Offered) -> str:
    """Return the text with its links to seconds as `[words](address)`: those with references, and tags (`<a href>`)."""
    defined = [one for one in _DEFINED.finditer(text) if second_of(one[2]) is not None] if "]:" in text else []
    defined = [one for one in defined if not text.code.covers(one.start())]
    addresses = {one[1].lower(): one[2] for one in defined}
    referred = _REFERRED.finditer(text) if defined else ()
    links = [(one, one[1], addresses.get((one[2] or one[1]).lower(), "")) for one in referred]
    if "t=" in text and ("</a>" in text or "</A>" in text):
        tagged = [(one, to) for one in _TAGGED.finditer(text) if (to := _HREF.search(one[1]))]
        links += [(one, one[2], to[1].replace("&amp;", "&")) for one, to in tagged]
    links = [link for link in links if second_of(link[2]) is not None and "data-t" not in link[0][0]]
    made = [(*one.span(), f"[{words}](<{to}>)") for one, words, to in links if not text.code.covers(one.start())]
    made += [(*one.span(), "") for one in defined if made]
    return splice(text, sorted(made)) if made else text


def front_matter(text: str) -> FrontMatter:
    """Return the front matter of a text, ignoring its faults."""
    return Offered.of(text).front


_BRACKET = re.compile(r"[\[(\u3010\uff3b](?=[ \t]{0,2}[0-9:])")


def has_stamps(text: str) -> bool:
    """Return whether a text has more than a few stamps without anchors that are no code."""
    found = (BARE_STAMP.match(text, at.start()) for at in _BRACKET.finditer(text))
    stamps = (
        one
        for one in found
        if one and "`" not in (text[one.start() - 1 : one.start()], text[one.end() : one.end() + 1])
    )
    return next(islice(stamps, FEW_STAMPS, None), None) is not None


_LOGGED, _LEAST_LOGGED = (
    re.compile(r"^(?:[-*+>] )?\[(?=(?:0[6-9]|1[0-9]|2[0-3])(?::[0-5][0-9]){2}[].])", re.MULTILINE),
    3,
)


def keep_log(text: str, front: FrontMatter, path: str) -> str:
    """Keep the times of a machine's log as text (`[12:01:33] pump on`) if all are late and the note names no video."""
    logged = list(_LOGGED.finditer(text)) if not front.video and "[" in text else []
    if len(logged) < _LEAST_LOGGED or len(logged) < len(BARE_STAMP.findall(text)):
        return text
    if (
        "times" in front.meta
        or named_video(front, path)
        or "data-t" in text
        or video_lines(text)
        or any(map(video_of, addresses(text)))
    ):
        return text
    code = code_spans(text)
    shown = [line.end() for line in logged if not code.covers(line.start())]
    return splice(text, [(at, at, "<!---->") for at in shown])


_ID_IN_NAME = re.compile(r"\[([A-Za-z0-9_-]{11})\]\.[A-Za-z0-9]{1,15}$")


def named_video(front: FrontMatter, path: str = "", text: str = "") -> Video | None:
    """Return the video that a front matter names, else the one in a file name (`[videoId]`), else that of a text.

    It may be named under our keys or those of other programs, in a text by a player or a label (`Video: address`).
    """
    if found := front.video or medium_of(front.meta):
        return found
    if (named := _ID_IN_NAME.search(path)) and looks_like_id(named[1]):
        return Video("youtube", named[1])
    videos = {video for _, video in video_lines(text, front.body_start, players=True)} if text else ()
    return videos.pop() if len(videos) == 1 else None
