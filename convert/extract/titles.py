"""Titles of chapter markers: one clean line of bounded length."""

from __future__ import annotations

import unicodedata

MAX_CHARACTERS = 100
MAX_BYTES = 255
"""MP4's Nero chapter list (`chpl`) counts a title's bytes in one byte."""

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_JOINERS = ("\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}", "\N{VARIATION SELECTOR-16}")


def clean_title(text: str) -> str:
    """The text in one line, no control characters, at most 100 characters and 255 bytes, cut at a word; may be ""."""
    # What is printable has none of the characters that are left out: nearly every title.
    shown = text if text.isprintable() else "".join(_visible(character) for character in text)
    line = " ".join(shown.split())
    return line if _fits(line) else _cut(line)


def _visible(character: str) -> str:
    """The character, a blank for those that break lines, nothing for those that no format may hold."""
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or character in "\t\n\r\v\f\x85":
        return " "
    if category in ("Cc", "Cs", "Cn") or _turns_direction(character):
        return ""
    return character


def _turns_direction(character: str) -> bool:
    """Whether this is a bidi embedding, override or isolate, which would reach past a title that is cut."""
    return "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"


def _fits(line: str) -> bool:
    return len(line) <= MAX_CHARACTERS and len(line.encode()) <= MAX_BYTES


def _cut(line: str) -> str:
    room = line[: MAX_CHARACTERS - 1].encode()[: MAX_BYTES - len(_ELLIPSIS.encode())].decode(errors="ignore")
    if line[len(room)] != " ":
        start, blank, _ = room.rpartition(" ")
        # A line without blanks (Chinese, an address) is cut where the room ends.
        room = start if blank and len(start) * 2 > len(room) else _whole_letters(room, line[len(room)])
    return room.rstrip(" ,;:.-\u2013\u2014(") + _ELLIPSIS


def _whole_letters(room: str, follower: str) -> str:
    """`room` without the start of a letter that goes on in `follower` (accents, joined emoji)."""
    while room and (unicodedata.combining(follower) or follower in _JOINERS or room[-1] == _JOINERS[0]):
        room, follower = room[:-1], room[-1]
    return room
