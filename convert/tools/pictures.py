"""Whether bytes are a picture that books can hold, judged by the content and never by the name: the edge to Pillow."""

from __future__ import annotations

import re

from convert.tools.raster import raster

_SVG = re.compile(rb"<(?:[\w-]+:)?svg[\s/>]")


def look_at(data: bytes) -> tuple[str, bytes, int, int]:
    """The kind (`png`, `jpg`, `gif`, `webp`, `svg`), what a book holds of it, width and height in pixels.

    All is decoded. A drawing is written again without what could act, others are held as they are. Unfit when it is
    none.
    """
    if is_drawing(data):
        from convert.tools.drawings import drawing

        return "svg", *drawing(data)
    kind, width, height = raster(data)
    return kind, data, width, height


def is_drawing(data: bytes) -> bool:
    """Whether bytes are meant as SVG."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<") and bool(_SVG.search(start) or start.startswith(b"<?xml"))
