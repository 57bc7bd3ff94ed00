"""Times and videos between the marks of note programs: Logseq, Roam and Timestamp Notes (Obsidian).

`{{youtube-timestamp 47}}`, `{{renderer :media-timestamp, 47}}`, `{{[[video-timestamp]]: 0:47}}` and a fence `timestamp`
become stamps; `{{video address}}`, `{{[[youtube]]: address}}` and a fence `timestamp-url` become links to the video.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from convert.document.timecode import parse_timestamp
from convert.reader.formats.base import Rewritten, splice, stamp
from convert.reader.source import code_spans
from convert.reader.video_address import media_file, video_of

_MACRO = re.compile(
    r"\{\{[ ]?(?:renderer[ ]{0,3})?:?(?:\[\[)?(?P<name>[A-Za-z][\w./-]{0,40}+)(?:\]\])?[ ]{0,3}[:,]?"
    r"(?P<value>[^{}\n]{0,1000}+)\}\}"
)
_HELD = r"(?P<held>(?:[ \t>]*+[^`~\s>][^`~\n]*+\n|[ \t>]*+\n){1,9})"
_FENCE = re.compile(
    rf"^(?P<lead>[ \t>]{{0,40}}+)(?P<marks>`{{3,9}}+|~{{3,9}}+)[ ]?timestamp(?P<of_video>-url)?[ \t]*+\n{_HELD}"
    r"[ \t>]*+(?P=marks)[ \t]*+$",
    re.MULTILINE,
)
_PLAYERS = frozenset(("video", "youtube", "vimeo", "bilibili", "media", "audio", "yt-gif", "iframe", "embed"))


class MarkedTimes:
    """The reader."""

    name = "marked_times"
    summary = "Times and videos of Logseq and Roam ({{youtube-timestamp 47}}) and of Timestamp Notes (Obsidian)."

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text with stamps and links in place of macros and fences, None if it has none."""
        if "{{" not in text and "timestamp" not in text:
            return None
        code = code_spans(text) if "{{" in text else None
        macros = [found for found in _MACRO.finditer(text) if code and not code.covers(found.start())]
        pieces = [(*found.span(), made) for found in macros if (made := _of_macro(found["name"], found["value"]))]
        pieces += _of_fences(text)
        if not pieces:
            return None
        return Rewritten(splice(text, sorted(pieces)))


def _of_macro(name: str, value: str) -> str:
    """Return the stamp or link for a macro, "" for one that is about neither a time nor a video."""
    words = value.replace(",", " ").split()
    if name.lower().endswith("timestamp"):
        return next((stamp(ms) for word in words if (ms := _ms(word)) is not None), "")
    return _player(words[0]) if words and name.lower() in _PLAYERS else ""


def _ms(word: str) -> int | None:
    return int(word) * 1000 if re.fullmatch(r"[0-9]{1,6}", word) else parse_timestamp(word)


def _player(address: str) -> str:
    """Return Markdown that shows a video, "" for an address of something else."""
    if video_of(address):
        return f"![]({address})"
    return f"[[{PurePath(address).name}]]" if media_file(address) else ""


def _of_fences(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace in each fence: the lines of its marks by blank ones, a time by a stamp."""
    for found in _FENCE.finditer(text) if "timestamp" in text else ():
        held = [line.strip(" \t>") for line in found["held"].split("\n")]
        made = [_player(line) if found["of_video"] else _stamps(line) for line in held]
        if any(made) and made != held:
            lead = found["lead"]
            yield (*found.span(), "\n".join([lead, *[f"{lead}{line}" for line in made]]))


def _stamps(line: str) -> str:
    """Return the stamp for a time and the words around it."""
    first, _, rest = line.partition(" ")
    ms = parse_timestamp(first.strip("[]()"))
    return line if ms is None else f"{stamp(ms)} {rest}".rstrip()


READER = MarkedTimes()
