"""Lists of chapters as in the descriptions of videos, and other times in lines: `0:00 Intro`, `## The sea (12:30)`.

The grammar of times (`convert.reader.times`) finds them. Each line of a list of chapters becomes a heading with a
stamp, so that the chapter markers are those of the list; in a note that has stamps of its own, and in a table, the list
stays and only says its chapters. Moments become stamps. Times of day, verses, scores and the like stay text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from textwrap import dedent

from convert.document.note import Video
from convert.reader.formats.base import Offered, Rewritten, has_stamps, named_video, splice, stamp
from convert.reader.formats.marked_times import out_of_order, with_given_chapters
from convert.reader.formats.podcasts import is_about_episode
from convert.reader.formats.timed_links import (
    by_video,
    is_day,
    is_headed,
    is_plan,
    linked_video,
    runs_on,
    several,
    times_shown,
    without_lengths,
)
from convert.reader.formats.transcripts import is_speech, titled, unglued
from convert.reader.source import without_marks
from convert.reader.times import LineTime, growing, line_times, may_hold_times
from convert.reader.video_address import Places, video_lines

_HEADING = re.compile(r"^ {0,3}(#{1,6}) ", re.MULTILINE)
_UNDERLINE = re.compile(r"^[ \t]{0,3}(?:-{3,}+|={3,}+)[ \t]*+$", re.MULTILINE)
_INDENTED = re.compile(r"(?:\n[ \t]*+(?=\n)|\n[ \t]++[^\s][^\n]*+)++")
_SQUARE, _STAY, _ITEMS, _LEAST = ("[", "@"), ("cell", "label"), ("- ", "* ", "+ ", "[!"), 3
_TRANSCRIPT = re.compile(r"(?i)[#>*_ ]{0,9}(?:full )?trans[ck]ri(?:pt|[cp]ci|\u00e7)")
_LENGTH = re.compile(r"(?<=[^\s(\[-])\s{0,4}[-\u2010-\u2015|(\[\s]{0,4}(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9][)\]]?\Z")
_LETTER, _NUMBER, _AGAIN = map(re.compile, (r"[^\W\d_]", r"[0-9]+", r"\A[0-9]{1,2}(?::[0-9]{2}){2}[ |\u2014-]{1,5}"))
_GIVEN = ("hapter", "imestamp", "HAPTER", "IMESTAMP")
_START_MS = 10_000
"""Lists of chapters begin before this time; what begins later is as often a plan or a score."""
_LEAST_STEP_MS = 3000
"""Items only seconds apart, such as `3:16`, `3:17`, `3:18`, are verses."""
_NO_TIME = re.compile(r"[^\w\n]{0,9}[0-9]{1,3}:(?:[6-9][0-9]|[0-9]{3})(?![0-9:])")
"""`(2:255)` or `1:87` opens a line: those beside it are verses or ratios as well."""
_LONGEST_TITLE, _LONGEST_NAME, _MOST_LISTS = 300, 100, 50
_Mark = Callable[[LineTime], str]
_Piece = tuple[int, int, str]


class ChapterList:
    """The reader."""

    name = "chapter_list"
    summary = "Lists of chapters (0:00 Intro, one a line) and other times that open or close lines."

    def __init__(self, certain: bool = False) -> None:
        """Take all times for those of a video if `certain`, as `times: yes` says."""
        self._certain = certain

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text with its list of chapters and stamps for other moments, None if it has neither.

        Chapters in the front matter count if the text has none of its own.
        """
        made = (self._of_lines(text, path) or self._of_html(text, path)) if may_hold_times(text) else None
        offered = Offered.of(text)
        head = offered.front.body_start if text[:1] in "-+" else 0
        if not any(word in text[:head] for word in _GIVEN) or (made and (made.listed or made.places)):
            return made
        own = Offered.of(made.text) if made else offered
        named = named_video(offered.front, path, text)
        if any(time.heading and time.is_stamp for time in own.times):
            return made
        if not (given := with_given_chapters(own, named is not None or is_about_episode(text, offered.front))):
            return made
        remarks = (*(made.remarks if made else ()), *given.remarks)
        return replace(given, video=made.video if made else named, remarks=remarks)

    def _of_lines(self, text: str, path: str) -> Rewritten | None:
        offered = Offered.of(unglued(text))
        front = offered.front
        text, times = _with_titles(offered)
        named = named_video(front, path)
        own = not self._certain and bool(front.video) and has_stamps(text)
        if places := several(text, front, path):
            return _of_several(text, places, times, own, self._certain, named)
        linked = named or next(filter(None, map(linked_video, times)), None)
        times = without_lengths([time for time in times if linked_video(time) in (None, linked)], text)
        of_links = linked is not None and all(time.address for time in times)
        about = named is not None or of_links or named_video(front, path, text) is not None
        about = about or is_headed(times, text, front.body_start) or is_about_episode(text, front, times)
        judged = judge(times, text, about, self._certain)
        judged = _beside_stamps(judged, text) if own else judged
        video = named or next(filter(None, map(linked_video, (*judged.chapters, *judged.moments))), None)
        return _rewritten(text, [(judged, partial(_mark, None, None))], video)

    def _of_html(self, text: str, path: str) -> Rewritten | None:
        """Return a text that names its medium with stamps for the times in its HTML, None for any other."""
        shown, times = times_shown(text, (front := Offered.of(text).front).body_start)
        named = named_video(front, path, text) if times else None
        if not (times and (named or is_about_episode(text, front))) or has_stamps(text) or several(text, front, path):
            return None
        judged = judge(times, shown, True, self._certain)
        chapters = [*judged.chapters, *judged.later]
        pieces = {(one.start, one.end, stamp(one.ms)) for one in (*chapters, *judged.moments, *judged.spoken)}
        titles = tuple((one.ms, _words(one.title)) for one in chapters)
        return Rewritten(splice(text, sorted(pieces)), named, named=titles) if pieces else None


def _with_titles(text: Offered) -> tuple[str, Sequence[LineTime]]:
    """Return a text and its times, with titles beside them that stood on lines of their own."""
    times, start = text.times, text.front.body_start
    if sum(time.place == "opens" and not time.title for time in times) >= _LEAST:
        beside = text[:start] + titled(text[start:])
        found = line_times(beside, start) if beside != text else []
        named = [time for time in found if time.place in ("opens", "closes") and time.title]
        if len(named) >= _LEAST and not is_speech(named):
            return beside, found
    return text, times


def _beside_stamps(judged: Judged, text: str) -> Judged:
    """Return what counts in a note with stamps of its own: a list that is clearly one, and the times of headings."""
    run = judged.chapters
    sure = bool(run) and (run[0].ms < _START_MS or all(time.is_stamp for time in run))
    names = not _HEADING.search(text) and _are_names(run)
    listed = sure and (names or _is_one_block(run, judged.faults, text.split("\n")))
    moments = [time for time in judged.moments if time.heading]
    return Judged(run, judged.faults, moments, True, judged.spoken, judged.later) if listed else Judged(moments=moments)


def _of_several(
    text: str, places: Places, times: Iterable[LineTime], own: bool, certain: bool, named: Video | None
) -> Rewritten | None:
    """Return a text about several videos with the list and the moments of each judged alone, None if it has neither."""
    shown = {named, *(video for _, video in video_lines(text, 0, players=True))} - {None}
    found = []
    for video, group in by_video(times, places).items():
        judged = judge(group, text, video in shown or any(time.address for time in group), certain)
        found.append((_beside_stamps(judged, text) if own else judged, partial(_mark, video, places)))
    made = _rewritten(text, found, None)
    return made and replace(made, places=places)


def _mark(video: Video | None, places: Places | None, time: LineTime) -> str:
    """Return the stamp of a time: a link to its video if its line is about another one."""
    return stamp(time.ms, video if places and video != places.at(time.line) else None)


def _rewritten(text: str, found: Sequence[tuple[Judged, _Mark]], video: Video | None) -> Rewritten | None:
    """Return the text with what was found in it, for each video with the function that writes its stamps."""
    pieces: set[_Piece] = set()
    listed: list[tuple[int, str]] = []
    for judged, mark in found:
        chapters = [*judged.chapters, *judged.later]
        moments = [time for time in (*judged.moments, *judged.spoken) if not time.is_stamp]
        listed += [(time.line, _words(time.title)) for time in chapters]
        if judged.stays:
            moments += [time for time in chapters if not time.is_stamp]
        else:
            listed += _named_below(text, moments)
            pieces.update(_headings(text, chapters, {time.line for time in moments}, mark) if chapters else ())
        pieces.update((time.start, time.end, mark(time)) for time in moments)
    remarks = tuple(out_of_order(time.ms, time.line) for judged, _ in found for time in judged.faults)
    return Rewritten(splice(text, sorted(pieces)), video, "", remarks, tuple(listed)) if pieces or listed else None


def _words(title: str) -> str:
    """Return a title without its marks, those that open or close beyond it included, and without another time."""
    return without_marks(_AGAIN.sub("", title)).replace("**", "").strip()


def _named_below(text: str, moments: Sequence[LineTime]) -> tuple[tuple[int, str], ...]:
    """Return line and title of each heading that is a time alone: the title is the line below, if it is short."""
    bare = [time for time in moments if time.heading and not time.title]
    lines = text.split("\n") if bare else []
    below = [(time.line, next(filter(str.strip, lines[time.line :]), "").strip()) for time in bare]
    return tuple((line, _words(words)) for line, words in below if words[:1] != "#" and 0 < len(words) <= _LONGEST_NAME)


def _headings(text: str, chapters: Sequence[LineTime], inside: set[int], mark: _Mark) -> Iterator[_Piece]:
    """Yield what to replace: the lines of a list by headings, and rules below it by other rules.

    What was indented below an item is no longer, because it would be code; lines with moments (`inside`) stay.
    """
    level = _level(text, chapters[0].head)
    ends = [*(time.head for time in chapters[1:]), len(text)]
    for time, end in zip(chapters, ends, strict=True):
        yield time.head, time.tail, f"{level} {time.title} {mark(time)}"
        below = _INDENTED.match(text, time.tail, end)
        lines = range(time.line, time.line + below[0].count("\n") + 1) if below else ()
        if below and inside.isdisjoint(lines):
            yield *below.span(), dedent(below[0])
    # A rule in a description; in Markdown it would turn the line above into a heading.
    yield from ((*found.span(), "***") for found in _UNDERLINE.finditer(text, chapters[-1].tail))


def _level(text: str, at: int) -> str:
    """Return the marks of the headings of a list at an offset: those of the one above it, unless that is the title."""
    above = _HEADING.findall(text, 0, at)
    return "##" if not above or (above[-1] == "#" and _HEADING.findall(text).count("#") == 1) else above[-1]


# What it is


@dataclass
class Judged:
    """What the times of a text are; a time that is in none of the lists is something else."""

    chapters: list[LineTime] = field(default_factory=list)
    """The entries of a list of chapters, in order of time."""
    faults: list[LineTime] = field(default_factory=list)
    """Entries of that list that repeat a time or run backward."""
    moments: list[LineTime] = field(default_factory=list)
    """Moments of the video that are no chapters."""
    stays: bool = False
    """Whether the list keeps its form: a table, labels in front of words, among other stamps, or late."""
    spoken: Sequence[LineTime] = ()
    """The times of a transcript below the list."""
    later: list[LineTime] = field(default_factory=list)
    """The entries of other lists below it."""


def judge(times: Sequence[LineTime], text: str, medium: bool, certain: bool = False) -> Judged:
    """Return what times are; `medium` says that the note names its video, `certain` that its author says they are."""
    judged = Judged(moments=[time for time in times if time.place == "inline" and medium])
    heads = [time for time in times if time.heading and time.place != "link"]
    if _are_headings(heads, medium, certain):
        judged.moments += heads
    places: dict[str, list[LineTime]] = {"cell": [], "opens": [], "closes": [], "label": [], "link": []}
    for time in times:
        if time.place != "inline" and not time.heading:
            places["closes" if time.place == "label" and medium else time.place].append(time)
    lines = text.split("\n")
    for place, group in places.items():
        run, faults = ([], []) if judged.chapters or (judged.moments and heads) else _list(group, medium or certain)
        early = bool(run) and run[0].ms < _START_MS
        moments = place != "link" and _are_moments(group, place, medium, certain, lines)
        alone = moments and len(run) == len(group) and _are_names(run)
        stays = any(time.place in _STAY or "> [!" in lines[time.line - 1] for time in run)
        if run and (early or alone) and _are_chapters(run, faults, lines, place):
            judged.chapters, judged.faults, judged.stays = run, faults, stays or not early
            judged.spoken = _spoken(group, last := max(time.line for time in (*run, *faults)), lines)
            if not judged.spoken:
                _add_below(judged, [time for time in group if time.line > last], lines, place)
        elif moments:
            judged.moments += group
    judged.moments.sort(key=lambda time: time.start)
    return judged


def _add_below(judged: Judged, rest: Sequence[LineTime], lines: Sequence[str], place: str) -> None:
    """Add the lists below the first: each new time is a chapter, but none of a list that begins again at 0:00."""
    for _ in range(_MOST_LISTS):
        run, faults = _list(rest, True, below=True)
        if not run:
            return
        early = run[0].ms < _START_MS
        new = not early and _are_names(run) and _are_chapters(run, faults, lines, place)
        if early or not (_are_verses(run) or is_plan(run)):
            known = {time.ms for time in (*judged.chapters, *judged.later)}
            judged.later += [time for time in run if new and time.ms not in known]
            judged.moments += [time for time in (*run, *faults) if not new or time.ms in known or time in faults]
        last = max(time.line for time in (*run, *faults))
        rest = [time for time in rest if time.line > last]


def _are_headings(heads: Sequence[LineTime], medium: bool, certain: bool) -> bool:
    """Return whether the times of headings are moments."""
    if not heads or any(time.of_day for time in heads) or _are_verses(heads):
        return False
    if len(heads) >= _LEAST and is_plan(heads) and not certain:
        return False
    if medium or certain:
        closing = [time for time in heads if time.place == "closes" and not time.brackets]
        return certain or not closing or heads[0].ms < _START_MS or len(closing) < len(heads)
    early = heads[0].ms < _START_MS or runs_on(heads) or all(time.brackets for time in heads)
    return len(heads) >= _LEAST and early and _grow(heads)


def _list(group: Sequence[LineTime], late: bool, below: bool = False) -> tuple[list[LineTime], list[LineTime]]:
    """Return the longest part of the first list in a group whose times grow, and the entries that do not fit in it.

    Only a list that may be `late` begins after the first ten seconds, and one `below` another with its first entry.
    """
    entries = [time for time in group if _LETTER.search(time.title) and len(time.title) <= _LONGEST_TITLE]
    start = next((i for i, time in enumerate(entries) if below or time.ms < _START_MS), 0 if late else len(entries))
    part = _until_restart(entries[start:])
    run = _cut_lengths(growing(part))
    kept = {time.line for time in run}
    faults = [time for time in part if time.line not in kept]
    few = len(run) < _LEAST or 4 * len(run) < 3 * len(part) - 4
    return ([], []) if few or is_day(run) or _are_counts(run) else (run, faults)


def _are_counts(times: Sequence[LineTime]) -> bool:
    """Return whether times may be lengths, such as the seconds of exercises: all are seconds without brackets."""
    return all(time.fields == 1 and not time.brackets for time in times)


def _cut_lengths(run: list[LineTime]) -> list[LineTime]:
    """Return the entries with titles that end before the lengths or ends of chapters with which all of them close."""
    if not all(_LENGTH.search(time.title) for time in run):
        return run
    return [replace(time, title=_LENGTH.sub("", time.title)) for time in run]


def _until_restart(entries: Sequence[LineTime]) -> Sequence[LineTime]:
    """Return the entries before another list begins, with three on both sides, or other stamps after a gap."""
    widest = 0
    for i, (above, time) in enumerate(pairwise(entries), 1):
        gap = time.line - above.line
        if i >= _LEAST and time.ms <= above.ms:
            anew = time.ms < _START_MS <= above.ms or (gap > widest and _grow(entries[i : i + _LEAST], 1.0))
            restarts = anew and i <= len(entries) - _LEAST
            if restarts or (widest < gap and time.brackets[:1] in _SQUARE and time.brackets != entries[0].brackets):
                return entries[:i]
        widest = max(widest, gap)
    return entries


def _are_chapters(run: Sequence[LineTime], faults: Sequence[LineTime], lines: Sequence[str], place: str) -> bool:
    """Return whether a list is one of chapters: no transcript, no names of speakers, no notes between other words."""
    return not is_speech(run) and ((run[0].ms < _START_MS and place != "closes") or _is_one_block(run, faults, lines))


def _is_one_block(run: Sequence[LineTime], faults: Sequence[LineTime], lines: Sequence[str]) -> bool:
    """Return whether nothing stands between the lines of a list but what is indented below them."""
    own = {time.line for time in (*run, *faults)}
    between = (lines[at - 1] for at in range(run[0].line + 1, run[-1].line) if at not in own)
    return all(line[0].isspace() for line in between if line.strip())


def _are_names(run: Sequence[LineTime]) -> bool:
    """Return whether titles are short and are no sentences."""
    return all(len(time.title) <= _LONGEST_NAME and not time.title.endswith((".", "!")) for time in run)


def _spoken(group: Sequence[LineTime], after: int, lines: Sequence[str]) -> Sequence[LineTime]:
    """Return the times below a list of chapters, those after a line, if they are of a transcript or in brackets."""
    found = [time for time in group if time.line > after]
    named = any(_TRANSCRIPT.match(line) for line in lines[after : found[0].line]) if found else False
    said = len(found) >= _LEAST and _grow(found) and (named or is_speech(found))
    kept = said or all(one.brackets[:1] in _SQUARE for one in found)
    return [one for one in found if not one.is_stamp] if kept else ()


def _vary(run: Sequence[LineTime], numbers: bool = False) -> bool:
    """Return whether there are no titles or most differ, in more than numbers unless these count: laps do not."""
    titles = [time.title if numbers else _NUMBER.sub("", time.title) for time in run if time.title]
    return 4 * len({title.lower() for title in titles}) >= 3 * len(titles)


def _are_moments(times: Sequence[LineTime], place: str, medium: bool, certain: bool, lines: Sequence[str]) -> bool:
    """Return whether times are moments: three or more that mostly grow, no plan of a day, no verses."""
    if certain:
        return bool(times)
    square = bool(times) and all("[" in time.brackets for time in times)
    if medium and square:
        return True
    listed = [time.brackets or lines[time.line - 1].lstrip("> \t").startswith(_ITEMS) for time in times]
    items = medium and place == "opens" and all(listed)
    if len(times) < _LEAST - items or any(time.of_day for time in times) or not _grow(times):
        return False
    early = times[0].ms < _START_MS
    values = sum(time.title != "" and not _LETTER.search(time.title) for time in times)
    if _are_counts(times) or 2 * values >= len(times):
        return False
    other = not (early or medium or square) and any(map(_NO_TIME.match, lines))
    if other or is_day(times) or (not early and (_are_verses(times) or is_plan(times))):
        return False
    if medium:
        if place != "closes":
            return early or _vary(times, numbers=True)
        return early or runs_on(times) or (_vary(times) and all(time.brackets or time.fields == 3 for time in times))
    closed = place != "label" and all(time.brackets for time in times)
    return early or square or (closed and _grow(times, 1.0) and _vary(times))


def _grow(times: Sequence[LineTime], share: float = 0.75) -> bool:
    """Return whether so great a share of times is not before the one above."""
    steps = [later.ms - earlier.ms for earlier, later in pairwise(times)]
    return times[-1].ms > times[0].ms and sum(step < 0 for step in steps) <= (1 - share) * len(steps)


def _are_verses(times: Sequence[LineTime]) -> bool:
    steps = sorted(abs(later.ms - earlier.ms) for earlier, later in pairwise(times))
    return bool(steps) and steps[len(steps) // 2] < _LEAST_STEP_MS


READER = ChapterList()
FORCED = ChapterList(True)
