"""Index pages: the pages that list the videos of a channel and their notes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import msgspec

from convert.document.note import Video

VideoOf = Callable[[str], Video | None]
"""The video that an address names, None when it names none."""

_VIDEO = re.compile(r"^[ \t]*#{1,6}[ \t]+\[(.+)\]\(<?(https?://[^\s()<>]+)>?(?:[ \t]+\"[^\"\n]*\")?\)[ \t]*#*[ \t]*$")
_LINK = re.compile(r"\[\[([^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]\]")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")

LONGEST_TITLE = 1000
"""Characters that are kept of a title."""


class Listing(msgspec.Struct, frozen=True):
    """A video as an index page lists it: its title and the link targets of its notes."""

    video: Video
    title: str
    notes: tuple[str, ...]


class IndexPage(msgspec.Struct, frozen=True):
    """A channel's page: its title and its videos, in order."""

    channel: str
    path: str
    title: str
    listings: tuple[Listing, ...]


def read_listings(text: str, video_of: VideoOf) -> tuple[Listing, ...]:
    """The videos that a text lists, `### [title](address)` each, with the links that follow it; () for other texts."""
    found: list[tuple[Video, str, list[str]]] = []
    for line in text.split("\n"):
        heading = _VIDEO.match(line) if "](" in line else None
        video = video_of(heading[2]) if heading else None
        if heading and video:
            found.append((video, _plain(heading[1])[:LONGEST_TITLE], []))
        elif found and "[[" in line:
            found[-1][2].extend(target.strip() for target in _LINK.findall(line))
    return tuple(Listing(video, title, tuple(notes)) for video, title, notes in found)


def _plain(title: str) -> str:
    return " ".join(html.unescape(_ESCAPE.sub(r"\1", title)).split())
