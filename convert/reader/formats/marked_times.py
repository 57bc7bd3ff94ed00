"""Times and videos between the marks of note programs: Logseq, Roam and Timestamp Notes (Obsidian).

`{{youtube-timestamp 47}}`, `{{renderer :media-timestamp, 47}}`, `{{[[video-timestamp]]: 0:47}}` and a fence `timestamp`
become stamps; `{{video address}}`, `{{[[youtube]]: address}}` and a fence `timestamp-url` become links to the video. So
do the lines of fences that name a medium (`audio-note`, `media-note`, `video`): `audio: talk.mp3#t=1:12`, `time: 1:12`.
So do what Liquid assigns, `{% assign timestamp="0:47" %}`, tags `<TimeStamp start="0:47">` and brackets escaped twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath

from convert.document.note import Video
from convert.document.timecode import parse_timestamp
from convert.reader.formats.base import Offered, Rewritten, splice, stamp
from convert.reader.video_address import media_file, second_of, video_of

_MACRO = re.compile(
    r"\{\{[ ]?(?:renderer[ ]{0,3})?:?(?:\[\[)?(?P<name>[A-Za-z][\w./-]{0,40}+)(?:\]\])?[ ]{0,3}[:,]?"
    r"(?P<value>[^{}\n]{0,1000}+)\}\}"
)
_LIQUID = re.compile(
    r"\{%-?[ ]{0,3}assign[ ]{1,3}(?:timestamp|timecode)[ ]{0,3}=[ ]{0,3}"
    r"[\"'](?P<value>[0-9][0-9:.]{2,14})[\"'][ ]{0,3}-?%\}"
)
_TAG = re.compile(
    r"<[Tt]ime[Ss]?[Cc]?(?:tamp|ode)[ ](?:start|time|at)=[{\"']{1,2}"
    r"(?P<value>[0-9][0-9:.]{2,14})[}\"']{1,2}[^<>\n]{0,200}+>"
)
_TWICE = re.compile(r"(?<!\\)\\\[\\{0,3}+(?P<value>[0-9][0-9:.]{3,14}+)\\{2,3}+\]")
"""A time in brackets with more escapes than one for each."""
_HELD = r"(?P<held>(?:[ \t>]*+[^`~\s>][^`~\n]*+\n|[ \t>]*+\n){0,60}+)"
_FENCE = re.compile(
    rf"^(?P<lead>[ \t>]{{0,40}}+)(?P<marks>`{{3,9}}+|~{{3,9}}+)[ ]?"
    r"(?P<kind>timestamp(?:-url)?|(?:audio|media|video|youtube)(?:-(?:note|timestamp))?|yt|vid)"
    rf"(?P<info>(?:[ \t][^`\n]{{0,300}}+)?)\n{_HELD}[ \t>]*+(?P=marks)[ \t]*+$",
    re.MULTILINE,
)
_NAMED = re.compile(r"(?i)(?:audio|video|media|url|link|src|source|file|path|youtube)[ ]?[:=][ ]*+(\S.*)")
_AT = re.compile(r"(?i)(?:time|timestamp|start|at|t)[ ]?[:=][ ]*+(\S.*)")
_TITLED = re.compile(r"(?i)(?:title|text|note|comment|caption)[ ]?:[ ]*+(\S.*)")
_SETTING = re.compile(r"(?i)-{3,}|(?:end|width|height|autoplay|loop|speed|volume|muted?|controls|id|type)[ ]?[:=].*")
_SIGNS = ("{{", "{%", "\\\\]", "<TimeStamp", "<Timestamp", "<timestamp", "<TimeCode", "<timecode")
_QUICK = re.compile(r"(?:``|~~)[ ]?(?:timestamp|audio|media|video|youtube|yt|vid)")
_PLAYERS = frozenset(("video", "youtube", "vimeo", "bilibili", "media", "audio", "yt-gif", "iframe", "embed"))


class MarkedTimes:
    """The reader."""

    name = "marked_times"
    summary = "Times and videos of Logseq and Roam ({{youtube-timestamp 47}}) and of Timestamp Notes (Obsidian)."

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text with stamps and links in place of macros and fences, None if it has none."""
        marked = any(sign in text for sign in _SIGNS)
        if not marked and not (("``" in text or "~~" in text) and _QUICK.search(text)):
            return None
        code = Offered.of(text).code
        pieces = [piece for piece in _marks(text) if not code.covers(piece[0])] if marked else []
        fences, video = _fences(text)
        pieces += fences
        return Rewritten(splice(text, sorted(pieces)), video) if pieces else None


def _marks(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace within lines: macros, and times that Liquid assigns or that were escaped twice."""
    for found in _MACRO.finditer(text):
        if made := _of_macro(found["name"], found["value"]):
            yield *found.span(), made
    for found in (*_LIQUID.finditer(text), *_TAG.finditer(text), *_TWICE.finditer(text)):
        if (ms := parse_timestamp(found["value"])) is not None:
            yield *found.span(), stamp(ms)


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


def _fences(text: str) -> tuple[list[tuple[int, int, str]], Video | None]:
    """Return what to replace in each fence, and the only medium that those of other programs play.

    The lines of its marks become blank ones, a time a stamp, and a medium a player, or the stamp of its second.
    """
    pieces, media = [], set()
    for found in _FENCE.finditer(text) if "``" in text or "~~" in text else ():
        of_program = found["kind"].startswith("timestamp")
        held = [line.strip(" \t>") for line in (found["info"], *found["held"].split("\n"))]
        made = [_of_line(line, of_program) for line in held]
        if any(one is not None and one != line for one, line in zip(made, held, strict=True) if line):
            lead = found["lead"]
            words = [line if one is None else one for one, line in zip(made, held, strict=True)]
            pieces.append((*found.span(), "\n".join([f"{lead}{line}" for line in words])))
            media |= {medium for line in held if not of_program and (medium := _played(line))}
    return pieces, media.pop() if len(media) == 1 else None


def _played(line: str) -> Video | None:
    named = _NAMED.fullmatch(line)
    address = (named[1] if named else line).strip("\"'")
    return video_of(address) or media_file(address)


def _of_line(line: str, of_time: bool) -> str | None:
    """Return what is written in place of a line of a fence, None for other words."""
    if said := _NAMED.fullmatch(line):
        return _medium(said[1].strip("\"'"))
    if said := _AT.fullmatch(line):
        return _stamps(said[1].strip("\"'"), _ms)
    if said := _TITLED.fullmatch(line):
        return said[1]
    if _SETTING.fullmatch(line):
        return ""
    return _medium(line) or (_stamps(line) if of_time else None)


def _medium(address: str) -> str | None:
    """Return the stamp of the second that an address leads to, else a player."""
    ms = second_of(address)
    if ms is not None and (video_of(address) or media_file(address)):
        return stamp(ms)
    return _player(address) or None


def _stamps(line: str, ms_of: Callable[[str], int | None] = parse_timestamp) -> str:
    """Return the stamp for a time and the words around it."""
    first, _, rest = line.partition(" ")
    ms = ms_of(first.strip("[]()"))
    return line if ms is None else f"{stamp(ms)} {rest}".rstrip()


READER = MarkedTimes()
