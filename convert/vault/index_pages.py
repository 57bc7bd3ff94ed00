"""Index pages: the pages that list the videos of a channel and their notes."""

from __future__ import annotations

import html
import re

import msgspec

from convert.document.note import Video
from convert.reader.video_address import video_of

_VIDEO = re.compile(
    r"^[ \t]*+#{1,6}[ \t]++\[(.+)\]\(<?(https?://[^\s()<>]++)>?(?:[ \t]++\"[^\"\n]*+\")?\)[ \t]*+#*+[ \t]*+$"
)
_LINK = re.compile(r"\[\[([^\[\]|\n]++)(?:\|[^\[\]\n]*+)?\]\]")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")

LONGEST_TITLE = 1000
"""Characters that are kept of a title."""


class Listing(msgspec.Struct, frozen=True):
    """A video as an index page lists it: its title and the link targets of its notes."""

    video: Video
    title: str
    notes: tuple[str, ...]


class IndexPage(msgspec.Struct, frozen=True):
    """A page of a channel: its slug, its title and its videos, in order."""

    channel: str
    slug: str
    title: str
    listings: tuple[Listing, ...]


def read_listings(text: str) -> tuple[Listing, ...]:
    """Return the videos listed as `### [title](address)` with the links below each; () for other texts."""
    found: list[tuple[Video, str, list[str]]] = []
    for line in text.split("\n"):
        heading = _VIDEO.match(line) if "](" in line else None
        video = video_of(heading[2]) if heading else None
        if heading and video:
            title = html.unescape(_ESCAPE.sub(r"\1", heading[1]))
            found.append((video, " ".join(title.split())[:LONGEST_TITLE], []))
        elif found and "[[" in line:
            found[-1][2].extend(target.strip() for target in _LINK.findall(line))
    return tuple([Listing(video, title, tuple(notes)) for video, title, notes in found])
