"""The video that a text has an address of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from convert.document import nodes as n
from convert.document.note import Video
from convert.document.walk import child_blocks, descend, own_inlines
from convert.reader.video_address import video_of

_ADDRESS = re.compile(
    r"https?://[^\s<>()\[\]\"']{1,2000}|(?<![\w./@-])(?:www\.|m\.)?(?:youtube\.com|youtu\.be)/[^\s<>()\[\]\"']{1,2000}"
)


def addresses(text: str) -> Iterator[str]:
    """The addresses in a text; YouTube's also where they are written without `https://`."""
    for found in _ADDRESS.findall(text):
        address = found.rstrip(".,;:!?*")
        yield address if "://" in address else f"https://{address}"


def only_video(found: Iterable[str]) -> Video | None:
    """The video that addresses name if they name one only; others may stand among them."""
    videos = {video for address in found if (video := video_of(address))}
    return videos.pop() if len(videos) == 1 else None


def video_of_text(blocks: Iterable[n.Block]) -> tuple[Video, int] | None:
    """The only video that a note names outside of code and comments, and the line of its first address."""
    found = list(_written(blocks))
    video = only_video(address for address, _ in found)
    return (video, next(line for address, line in found if video_of(address))) if video else None


def _written(blocks: Iterable[n.Block]) -> Iterator[tuple[str, int]]:
    """Every address with the line of its block."""
    for block in blocks:
        for node in descend(own_inlines(block)):
            if isinstance(node, n.Link | n.Image):
                yield node.url, block.line
            elif isinstance(node, n.Text):
                yield from ((address, block.line) for address in addresses(node.text))
        yield from _written(child_blocks(block))
