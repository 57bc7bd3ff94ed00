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
from convert.reader.formats.base import Offered, Rewritten, front_matter, named_video, splice, spoken
from convert.reader.source import without_marks
from convert.reader.times import DASH, LineTime

_TIME = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-9]{1,2}(?:[.,][0-9]{1,3})?"
_CUE_TIME = rf"(?:{_TIME}|[0-9]{{1,6}}\.[0-9]{{1,3}}s?)"
_MINUTE = re.compile(r"[0-9]:[0-9]")
_QUICK = re.compile(r"[0-9]:[0-9]|[0-9]s? -?->|start[\t ]+end[\t ]+text")
_CUE = re.compile(
    rf"(?P<who>\[?[^\W\d_]\w{{0,30}}\]?:[ \t]{{1,4}})?(?P<time>\[?(?P<start>{_CUE_TIME})[ \t]{{0,4}}-{{1,2}}>"
    rf"[ \t]{{0,4}}{_CUE_TIME}\]?)"
    r"(?P<settings>(?:[ \t]{1,4}[a-z]{4,10}:[\w%.,-]{1,20}){0,6})(?P<text>(?:[ \t]|\Z).*)?"
)
_ROWS = re.compile(r"start[\t ]+end[\t ]+text[ \t]*+")
_ROW = re.compile(r"([0-9]{1,9})[\t ]+[0-9]{1,9}(?:[\t ]+|\Z)")
"""The head and a row of Whisper's tables: its times are in milliseconds."""
_FENCE = re.compile(r"[ \t]{0,3}(`{3,9}+|~{3,9}+)[ ]?(?i:srt|vtt|webvtt|tsv|subtitles?|transcript)[ \t]*+")
_VOICE = re.compile(r"<v(?:\.[\w.]{1,40})?[ \t]+([^<>\n]{1,80})>[ \t]*")
_CUE_TAG = re.compile(r"</?(?:v|c(?:\.[\w.]{1,40})?|[0-9:.]{5,14})>")
_LEAD = r"(?P<lead>[ \t>]{0,12}+(?:[-*+][ ]{1,3}+)?(?P<heading>\#{1,6}+[ ])?)"
_NAME = (
    r"(?P<who>[^\W\d_][\w.'\u2019&()/-]{0,40}+"
    r"(?:[ ](?![\[(]?[0-9]{1,3}:[0-9])[\w(&][\w.'\u2019&()/-]{0,40}+){0,4}+)"
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
_LEAST = 3
"""Turns of speakers that make a transcript."""
_SHORTEST_MS, _CLOSE_MS = 10_000, 30_000
"""Chapters are longer than the first; closer lines than the second are speech if they read so."""
_LONG, _MANY, _DENSE_MS = 14, 30, 45_000
"""Speech has lines of more words, or so many lines that on average are closer than this."""
_LONGEST_SPEAKER, _LONGEST_NAME = 40, 100
_SHORT = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9]"
_TOLD = re.compile(
    rf"\n[ \t>]{{0,9}}+(?P<time>{_SHORT})(?P<told>[ \t]{{0,3}}\n?(?=[0-9]{{1,3}} [hmsMS])"
    r"(?:(?P<hours>[0-9]{1,2}) (?:hours?|Stunden?),?[ ]?)?(?:(?P<minutes>[0-9]{1,3}) (?:minutes?|Minuten?),?[ ]?)?"
    r"(?:(?P<seconds>[0-9]{1,2}) (?:seconds?|Sekunden?))?[ \t]{0,3})"
)
"""A time in figures and, behind it or on the line below, in words."""
_GLUED = re.compile(rf"\n[ \t>]{{0,9}}+(?P<time>{_SHORT})(?=[^\W\d_]{{2}})(?!(?i:[ap]m|uhr|utc|gmt|hrs)\b)")
_ALONE = re.compile(
    rf"[ \t>]{{0,9}}+(?:[-*+\u2022][ ]{{1,3}})?[*_]{{0,3}}\\?[\[(]{{0,2}}{_SHORT}\\?[\])]{{0,2}}"
    rf"(?:\([^()\s]{{1,500}}\))?[*_]{{0,3}}[ \t]*+(?:[:|]|{DASH})?[ \t]*+"
)
"""A line that is a time."""
_MARKS = re.compile(r"\A[ \t>]*+(?:[-*+\u2022][ \t]++)?")
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
        text = _without_fences(text) if "``" in text or "~~" in text else text
        first = text.count("\n", 0, front.body_start)
        lines = text.split("\n")
        code = Offered.of(text).code
        pieces = [piece for piece in (*_cues(lines, first), *_rows(lines, first)) if not code.covers(piece[0])]
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


def _without_fences(text: str) -> str:
    """Return a text without the marks of fences that are said to hold subtitles; their lines are blank."""
    lines, opened, marks = text.split("\n"), -1, ""
    for number, line in enumerate(lines):
        if not marks:
            found = _FENCE.fullmatch(line)
            opened, marks = (number, found[1]) if found else (-1, "")
        elif line.strip().startswith(marks) and not line.strip(" \t`~"):
            lines[opened], lines[number], marks = "", "", ""
    return "\n".join(lines)


def _rows(lines: Sequence[str], first: int) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace in the tables of a text: their heads by nothing, both times of a row by a stamp."""
    inside = False
    for _, at, line in _offsets(lines, first):
        row = _ROW.match(line) if inside else None
        if row:
            yield at, at + row.end(), f"{spoken(int(row[1]))} "
        elif inside := line.startswith("start") and bool(_ROWS.fullmatch(line)):
            yield at, at + len(line), ""


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
        may_be = len(line) <= _LONGEST_LINE and _MINUTE.search(line)
        found = _turn(line, lines[number + 1 : number + 3]) if may_be else None
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
    if len(inside) < (_LEAST - nameless) or (4 * distinct > 3 * len(inside) and not nameless):
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


# What is no list of chapters


def is_speech(lines: Sequence[LineTime]) -> bool:
    """Return whether lines are only seconds apart, read as speech, or name the same speakers again and again."""
    steps = sorted(later.ms - earlier.ms for earlier, later in pairwise(lines))
    near = 2 * sum(step < _SHORTEST_MS for step in steps) >= len(steps)
    long = 2 * sum(line.of_speech or len(line.title.split()) >= _LONG for line in lines) >= len(lines)
    if near or long or (len(lines) >= _MANY and lines[-1].ms < _DENSE_MS * len(lines)):
        return True
    said = [without_marks(line.title).replace("*", "") for line in lines]
    named = all(": " in words[:_LONGEST_SPEAKER] for words in said)
    again = 4 * len({words.partition(": ")[0] if named else words for words in said}) < 3 * len(lines)
    return again or (steps[len(steps) // 2] < _CLOSE_MS and _runs_on(said))


def _runs_on(lines: Sequence[str]) -> bool:
    """Return whether most lines go on with the sentence above, or are many and too long for titles."""
    words = sum(len(line.split()) for line in lines) / len(lines)
    small = 4 * sum(line[:1].islower() for line in lines) >= 3 * len(lines)
    ended = 2 * sum(line.endswith((".", ",", ";")) and not line.endswith("..") for line in lines) >= len(lines)
    many = len(lines) >= 2 * _LEAST
    return (small and words >= 7) or (many and words >= 4 and (small or ended)) or (many and words >= 9)


# Copies of a page


def unglued(text: str) -> str:
    """Return a text with blanks behind times that are glued to words, and without times that are told in words again.

    So YouTube's transcript is copied: `0:15and then`, `1:02 1 minute, 2 seconds and then`.
    """
    plain, text = text, f"\n{text}"
    told = [found for found in _TOLD.finditer(text) if _told_ms(found) == parse_timestamp(found["time"])]
    if len(told) >= _LEAST:
        text = splice(text, [(*found.span("told"), "\n" if "\n" in found["told"] else " ") for found in told])
    glued = list(_GLUED.finditer(text))
    copied = len(glued) >= _LEAST and (parse_timestamp(glued[0]["time"]) or 0) < _EARLY_MS
    if len(told) < _LEAST and not copied:
        return plain
    return splice(text, [(found.end(), found.end(), " ") for found in glued if copied])[1:]


def _told_ms(found: re.Match[str]) -> int:
    hours, minutes, seconds = (int(found[unit] or 0) for unit in ("hours", "minutes", "seconds"))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def titled(text: str) -> str:
    """Return a text whose times, each alone on its line, have the titles of the lines below or above them beside them.

    The lines of the titles are blank then. Titles are as many as times, one each, and no sentences.
    """
    lines = text.split("\n")
    alone = [number for number, line in enumerate(lines) if ":" in line and _ALONE.fullmatch(line)]
    ends = pairwise([*alone, len(lines)]) if len(alone) >= _LEAST else ()
    between = [[at for at in range(one + 1, after) if lines[at].strip(" \t>")] for one, after in ends]
    first = 0
    for i, names in enumerate(between):
        if len(names) != 1 or not _is_name(lines[names[0]]):
            _give_titles(lines, alone[first : i + 1], [one[0] for one in between[first:i]], names)
            first = i + 1
    _give_titles(lines, alone[first:], [one[0] for one in between[first:-1]], between[-1] if between else [])
    return "\n".join(lines)


def _give_titles(lines: list[str], times: Sequence[int], names: Sequence[int], after: Sequence[int]) -> None:
    """Put titles beside times, whose numbers are given; the last title is the first line after the last time."""
    if len(times) < _LEAST:
        return
    down, up = (
        [b - a for a, b in zip(times, names, strict=False)],
        [b - a for a, b in zip(names, times[1:], strict=True)],
    )
    before = next((at for at in range(times[0] - 1, -1, -1) if lines[at].strip(" \t>")), -1)
    closes = bool(after) and after[0] - times[-1] <= max(down) and _is_name(lines[after[0]])
    opens = before >= 0 and times[0] - before <= max(up) and _is_name(lines[before])
    above = opens and (min(down) > max(up) or not closes)
    for time, title in zip(times, [before, *names] if above else [*names, *after[:closes]], strict=False):
        marks = _MARKS.match(lines[title])
        pair = (lines[title], _MARKS.sub("", lines[time])) if above else (lines[time], _MARKS.sub("", lines[title]))
        lines[time], lines[title] = f"{pair[0].rstrip()} {pair[1].rstrip()}", ">" if marks and ">" in marks[0] else ""


def _is_name(line: str) -> bool:
    """Return whether a line may be the title of a time."""
    words = _MARKS.sub("", line).rstrip()
    no_sentence = len(words) <= _LONGEST_NAME and not words.endswith((".", ",", ";", "!", ":"))
    return no_sentence and re.match(r"\W{0,9}[^\W_]", words) is not None and not words.startswith(("#", "|", "`", "<"))


READER = Transcripts()
FORCED = Transcripts(True)
