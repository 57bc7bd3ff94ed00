"""Transcripts: lines of Whisper, cues of SRT and VTT, and turns of speakers as Otter, Zoom, Teams or Rev export them.

`[00:00.000 --> 00:04.660] words`, `Anna Berg  0:48`, `Anna (00:12):`, `00:00:01 Anna`, `**Anna** [00:12]: words`: each
time becomes a stamp, and the names stay text. What is said is no chapter; chapters are the headings of the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from convert.document.timecode import parse_timestamp
from convert.reader.formats.base import Rewritten, front_matter, named_video, splice, spoken
from convert.reader.source import code_spans
from convert.reader.times import DASH

_TIME = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-9]{1,2}(?:[.,][0-9]{1,3})?"
_CUE_TIME = rf"(?:{_TIME}|[0-9]{{1,6}}\.[0-9]{{1,3}}s?)"
_QUICK = re.compile(r"[0-9]:[0-9]|[0-9]s? -?->")
_CUE = re.compile(
    rf"(?P<who>\[?[^\W\d_]\w{{0,30}}\]?:[ \t]{{1,4}})?(?P<time>\[?(?P<start>{_CUE_TIME})[ \t]{{0,4}}-{{1,2}}>"
    rf"[ \t]{{0,4}}{_CUE_TIME}\]?)"
    r"(?P<settings>(?:[ \t]{1,4}[a-z]{4,10}:[\w%.,-]{1,20}){0,6})(?P<text>(?:[ \t]|\Z).*)?"
)
_VOICE = re.compile(r"<v(?:\.[\w.]{1,40})?[ \t]+([^<>\n]{1,80})>[ \t]*")
_CUE_TAG = re.compile(r"</?(?:v|c(?:\.[\w.]{1,40})?|[0-9:.]{5,14})>")
_LEAD = r"(?P<lead>[ \t>]{0,12}+(?:[-*+][ ]{1,3}+)?(?P<heading>\#{1,6}+[ ])?)"
_NAME = (
    r"(?P<who>[^\W\d_][\w.'\u2019&()/-]{0,40}+"
    r"(?:[ ](?![\[(]?[0-9]{1,3}:)[\w(&][\w.'\u2019&()/-]{0,40}+){0,4}+)"
)
_SPELT = rf"(?P<time>[*_]{{0,3}}+(?P<open>[\[(])?(?P<raw>{_TIME})[\])]?[*_]{{0,3}}+)"
_JOINT = rf"[ \t]{{0,9}}+(?:(?:[:,|\u00b7]|{DASH})[ \t]{{0,9}}+)?"
_NAME_FIRST = re.compile(
    rf"{_LEAD}[*_]{{0,3}}+\[?{_NAME}\]?:?\**+{_JOINT}{_SPELT}(?P<joint>[ \t]{{0,9}}+(?::|{DASH})?)[ \t]*+(?P<text>.*)"
)
_TIME_FIRST = re.compile(
    rf"{_LEAD}{_SPELT}{_JOINT}[*_]{{0,3}}+\[?{_NAME}(?P<joint>\]?:?\**+:?)(?:[ \t]++(?P<text>.*)|\Z)"
)
_TIME_ALONE = re.compile(rf"{_LEAD}{_SPELT}[ \t]*+\Z")
_SAYS = re.compile(rf"[*_]{{0,3}}+\[?{_NAME}\]?:?\**+:?")
_NOBODY = re.compile(
    r"(?i)(?:unknown )?(?:speaker|sprecher|participant|interviewer|guest|host|moderator)[ _]?[\w?]{0,3}"
)
_LONGEST_LINE = 5000
LEAST = 3
"""Turns of speakers that make a transcript."""
_START_MS = 10_000
"""Without a medium a transcript begins before this time, or before the next if its times are in brackets."""
_EARLY_MS = 60_000
_HOUR_MS = 3_600_000
_LONGEST_MS = 6 * _HOUR_MS
"""Later times are those of a day, as in the logs of chats."""


@dataclass(frozen=True)
class _Turn:
    """A line that says who speaks and when: its number from 0, the offsets of the time, and what it says itself."""

    line: int
    start: int
    end: int
    ms: int
    who: str
    fields: int
    brackets: str
    text: str
    heading: tuple[int, int] | None
    """The offsets of the marks of a heading."""


class Transcripts:
    """The reader."""

    name = "transcripts"
    summary = "Transcripts: Whisper, SRT, VTT, and speakers as in Otter, Zoom, Teams, Meet, Rev (Anna 0:48)."

    def __init__(self, forced: bool = False) -> None:
        """Take texts whose lines only might be turns of speakers, too, if `forced`."""
        self._forced = forced

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text with a stamp for each cue and turn, None if it is no transcript."""
        if not _QUICK.search(text):
            return None
        front = front_matter(text)
        video = named_video(front, path)
        first = text.count("\n", 0, front.body_start)
        lines = text.split("\n")
        code = code_spans(text)
        pieces = [piece for piece in _cues(lines, first) if not code.covers(piece[0])]
        turns = [turn for turn in _turns(lines, first) if not code.covers(turn.start)]
        taken = turns if self._forced else _of_speakers(turns, lines, video is not None)
        pieces += [piece for turn in taken for piece in _spoken(turn)]
        return Rewritten(splice(text, sorted(pieces)), video) if pieces else None


def _offsets(lines: Sequence[str], first: int) -> Iterator[tuple[int, int, str]]:
    """Yield number, offset and text of each line from the first on."""
    at = 0
    for number, line in enumerate(lines):
        if number >= first:
            yield number, at, line
        at += len(line) + 1


# Cues


def _cues(lines: Sequence[str], first: int) -> list[tuple[int, int, str]]:
    """Return what to replace in the cues of a text: times by stamps, their numbers and settings by nothing."""
    pieces: list[tuple[int, int, str]] = []
    titled, inside = False, False
    for number, at, line in _offsets(lines, first):
        cue = _cue(line) if "->" in line else None
        if cue:
            if number > first and lines[number - 1].strip().isdigit():
                pieces.append((at - len(lines[number - 1]) - 1, at - 1, ""))
            text = _plain(cue["text"] or "")
            pieces.append((at + cue.start("time"), at + len(line), f"{spoken(_cue_ms(cue['start']))}{text}"))
        elif inside and "<" in line and (plain := _plain(line)) != line:
            pieces.append((at, at + len(line), plain))
        titled = titled or (not pieces and line.strip("\ufeff ") == "WEBVTT")
        inside = bool(cue) or (inside and bool(line.strip()))
    if titled and pieces:
        at = next(at for _, at, line in _offsets(lines, first) if line.strip("\ufeff ") == "WEBVTT")
        pieces.append((at, at + len("\n".join(lines)[at:].partition("\n")[0]), ""))
    return pieces


def _cue(line: str) -> re.Match[str] | None:
    """Return the match of a line that begins a cue: its times have fractions."""
    found = _CUE.match(line)
    if found and ("." in found["start"] or "," in found["start"]):
        return found
    return None


def _cue_ms(raw: str) -> int:
    raw = raw.rstrip("s").replace(",", ".")
    if ":" not in raw:
        return round(float(raw) * 1000)
    return parse_timestamp(raw) or 0


def _plain(text: str) -> str:
    """Return the text of a cue without its tags; a voice becomes a name before its words."""
    return _CUE_TAG.sub("", _VOICE.sub(r"\1: ", text)) if "<" in text else text


# Speakers


def _turns(lines: Sequence[str], first: int) -> Iterator[_Turn]:
    """Yield the lines that may be turns of speakers."""
    for number, at, line in _offsets(lines, first):
        found = _turn(line, lines[number + 1 : number + 3]) if ":" in line and len(line) <= _LONGEST_LINE else None
        if found:
            turn, who = found
            heading = (at + turn.start("heading"), at + turn.end("heading")) if turn["heading"] else None
            start, end = (at + offset for offset in turn.span("time"))
            ms = parse_timestamp(turn["raw"].replace(",", ".")) or 0
            text = turn["text"] or "" if "text" in turn.groupdict() else ""
            yield _Turn(number, start, end, ms, who, turn["raw"].count(":") + 1, turn["open"] or "", text, heading)


def _turn(line: str, below: Sequence[str]) -> tuple[re.Match[str], str] | None:
    """Return the match of a line that may be a turn and the name in it, or in the lines below a heading."""
    found = _NAME_FIRST.match(line)
    if found and (not found["text"] or found["open"] or found["joint"].strip()):
        return found, found["who"].strip("_")
    found = _TIME_FIRST.match(line)
    if found and (not found["text"] or ":" in found["joint"]):
        return found, found["who"].strip("_")
    found = _TIME_ALONE.match(line)
    said = _SAYS.match(next(filter(str.strip, below), "")) if found and found["heading"] else None
    return (found, said["who"]) if found and said else None


def _of_speakers(turns: Sequence[_Turn], lines: Sequence[str], medium: bool) -> Sequence[_Turn]:
    """Return the turns of a transcript: of speakers who come again, and of those between and beside them; else ()."""
    names = Counter(turn.who for turn in turns)
    again = [i for i, turn in enumerate(turns) if names[turn.who] > 1 or _NOBODY.fullmatch(turn.who)]
    if not again:
        return ()
    numbers = {turn.line for turn in turns}
    first = 0 if _speak(turns[: again[0]], lines, numbers) else again[0]
    beside = takewhile(lambda turn: _speak([turn], lines, numbers), turns[again[-1] + 1 :])
    inside = [*turns[first : again[-1] + 1], *beside]
    distinct = len({turn.who for turn in inside})
    nameless = 2 * sum(bool(_NOBODY.fullmatch(turn.who)) for turn in inside) >= len(inside)
    if len(inside) < (LEAST - nameless) or (4 * distinct > 3 * len(inside) and not nameless):
        return ()
    known = nameless or (medium and distinct > 1)
    is_one = _grow(inside) and _speak(inside, lines, numbers, 0.75) and _of_a_recording(inside[0], known)
    return inside if is_one else ()


def _grow(turns: Sequence[_Turn]) -> bool:
    back = sum(later.ms < earlier.ms for earlier, later in pairwise(turns))
    return 10 * back < len(turns) and (turns[-1].ms > turns[0].ms or len(turns) == 1)


def _speak(turns: Sequence[_Turn], lines: Sequence[str], numbers: Collection[int], share: float = 1.0) -> bool:
    """Return whether so many turns are followed by words, on their line or below it: those of timetables are not.

    `numbers` are those of the lines of all turns.
    """
    below = (next((at for at in range(turn.line + 1, len(lines)) if lines[at].strip()), -1) for turn in turns)
    said = sum(bool(turn.text) or (at >= 0 and at not in numbers) for turn, at in zip(turns, below, strict=True))
    return said >= share * len(turns)


def _of_a_recording(start: _Turn, known: bool) -> bool:
    """Return whether times that begin so are those of a recording, not of a day as in a chat, verses or lengths."""
    if known or start.fields == 3:
        return start.ms < (_LONGEST_MS if known else _HOUR_MS)
    return start.ms < (_EARLY_MS if start.brackets else _START_MS)


def _spoken(turn: _Turn) -> Iterable[tuple[int, int, str]]:
    """Yield what to replace in a turn; a heading becomes a line, because what is said is no chapter."""
    if turn.heading:
        yield (*turn.heading, "")
    yield turn.start, turn.end, spoken(turn.ms)


READER = Transcripts()
FORCED = Transcripts(True)
