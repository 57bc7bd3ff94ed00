"""Streams of a PDF that end in a carriage return, told apart from the line end that follows them.

qpdf ends a stream by a line feed (ISO 19005-2, 6.1.7.1). After data that happens to end in a carriage return the two
read as one line end, and checkers find the stream a byte short. Such a stream gets CR LF instead; the byte is saved
in its dictionary, so that no other object moves.
"""

from __future__ import annotations

import re

AMBIGUOUS = re.compile(rb"\r\nendstream")
OPENING = b" >>\nstream\n"
LENGTH = re.compile(rb"/Length (\d+)")


def part_endings(data: bytes) -> bytes:
    """The same PDF, of the same length, without such streams."""
    result = bytearray(data)
    for found in AMBIGUOUS.finditer(data):
        end = found.start() + 1
        opening = data.rfind(OPENING, 0, end)
        start = opening + len(OPENING)
        lengths = LENGTH.findall(data, data.rfind(b" obj\n", 0, opening), opening)
        if opening >= 0 and str(end - start).encode() in lengths:
            result[opening : end + 1] = data[opening + 1 : end] + b"\r\n"
    return bytes(result)
