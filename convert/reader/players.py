"""The players of videos and sound in a note: a book holds none, so a link stands in place of each.

`<iframe>`, `<video>` and `<audio>`, and an image with the address of a video (`![](https://youtu.be/...)`), as Obsidian
embeds one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from convert.document import nodes as n
from convert.document.timecode import parse_timestamp
from convert.document.video import site_of, watch_url
from convert.reader.inlines import SIZE, SRC, attribute
from convert.reader.video_address import video_of

NAMES = frozenset(("iframe", "video", "audio", "source"))
_START = re.compile(r"[?&#](?:start|t)=([0-9hms]{1,12})(?=[&#]|\Z)")
_WEB = re.compile(r"(?i)https?://[^\s<>\"]{1,2000}")

Drop = Callable[[str], None]
"""Takes the message about what is left out."""


class Players:
    """Follows the tags of players through a text: a player with several sources is one link."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._shown = False

    def link(self, name: str, tag: str, drop: Drop) -> tuple[str, str] | None:
        """Address and words of the link in place of an opening tag; None where there is nothing to show."""
        if name != "source":
            self._open[name] = self._open.get(name, 0) + 1
            self._shown = False
        written = attribute(SRC, tag).strip().replace("&amp;", "&")
        if self._shown or not (written or name == "iframe"):
            return None
        address = f"https:{written}" if written.startswith("//") else written
        if not _WEB.fullmatch(address):
            drop(f"the player of {written[:40]!r} is left out: only an address on the web is shown, as a link")
            return None
        self._shown = True
        return link_to(address)

    def closes(self, name: str) -> bool:
        """Whether a closing tag is the partner of an opening tag that was dealt with here."""
        still = self._open.get(name, 0)
        if still:
            self._open[name] = still - 1
            self._shown = False
        return still > 0


def link_to(address: str) -> tuple[str, str]:
    """Where a link in place of a player leads, and its words: the page of a video, else the address as it is."""
    video = video_of(address)
    site = site_of(video) if video else ""
    if not video or not site:
        return address, address
    start = _START.search(address)
    seconds = start[1] if start else ""
    ms = int(seconds) * 1000 if seconds.isdigit() else parse_timestamp(seconds)
    return watch_url(video, ms or None), f"Watch the video on {site}"


def embedded_video(address: str, alt: str) -> n.Link | None:
    """The link in place of an image whose address is that of a video; None for other images."""
    if not _WEB.fullmatch(address) or not video_of(address):
        return None
    to, words = link_to(address)
    return n.Link(to, (n.Text(SIZE.sub("", alt).strip() or words),))
