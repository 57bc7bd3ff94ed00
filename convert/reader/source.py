"""From the bytes of a file to text with plain newlines."""

from __future__ import annotations

import bisect
import codecs
from collections.abc import Callable
from itertools import accumulate

Say = Callable[[str, int, str], None]
"""Takes the code, the line and the message of a diagnostic about the note being read."""

_SNIFFED = 8192


def decode(data: bytes, say: Say) -> str:
    """The text of a note: UTF-8 (a byte order mark is dropped) or UTF-16 with its mark.

    What cannot be decoded becomes U+FFFD and so does NUL; every line ends in one newline.
    """
    text = _decode(data, say)
    if "\0" in text:
        say("note-nul", 1 + text[: text.index("\0")].count("\n"), "NUL characters read as U+FFFD")
        text = text.replace("\0", "\ufffd")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _decode(data: bytes, say: Say) -> str:
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(mark):
            say("note-encoding", 0, "read as UTF-16; save it as UTF-8")
            return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        say("note-encoding", line, f"not UTF-8 from byte {error.start} on: read with U+FFFD; save it as UTF-8")
        return data.decode("utf-8-sig", "replace")


def is_binary(data: bytes) -> bool:
    """Whether the bytes are no text: NUL or other control bytes are frequent at their start."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    head = data[:_SNIFFED]
    controls = sum(head.count(byte) for byte in (*range(7), *range(14, 27), *range(28, 32)))
    return controls > 2 and controls * 50 > len(head)


class Lines:
    """The lines of a text or of its bytes, found by offset."""

    def __init__(self, text: str | bytes, first: int = 1) -> None:
        pieces = text.split("\n") if isinstance(text, str) else text.split(b"\n")
        self._ends = list(accumulate(len(piece) + 1 for piece in pieces))
        self._first = first

    def at(self, offset: int) -> int:
        """The number of the line that holds the offset; `first` is the number of the first one."""
        return self._first + bisect.bisect_right(self._ends, offset)
