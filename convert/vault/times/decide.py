"""What the stamps of a vault mean: `01:14:00` is 74 seconds in a note that misreads `MM:SS` as `HH:MM`.

Every note is weighed on its own (`times_note`), then again with what the other notes of its video say
(`times_video`), until the notes of a video agree. Decisions are made stamp by stamp.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from convert.document.note import Facts, Video
from convert.document.timecode import clock
from convert.report import Diagnostic, diagnostic
from convert.vault.times.note import misread_odds
from convert.vault.times.readings import Choice, choice
from convert.vault.times.video import NOTHING, Others, Talk, Witness, alone, known
from convert.vault.times.words import Words

Mode = Literal["auto", "hms", "ms"]
"""How three fields are read: decided from the notes, always `HH:MM:SS`, or always `MM:SS` and a field too many."""

Spoken = Callable[[Facts], Sequence[Words]]
"""The words before each stamp of a note."""

SURE = 0.9
"""How likely `MM:SS` must be before a stamp is changed."""
ROUNDS = 5
WITNESSES = 40
"""How many other notes of a video are listened to."""
HOUR_S = 3_600
NO_WORDS: Words = frozenset()


class Repair(msgspec.Struct, frozen=True):
    """The times of a note's stamps in their order, in milliseconds, and what was changed or is in doubt."""

    times: tuple[int | None, ...]
    diagnostics: tuple[Diagnostic, ...]


class _Case(msgspec.Struct, gc=False):
    """A note on its way: its stamps with two readings and how likely the second is."""

    facts: Facts
    choices: list[Choice]
    fixed: list[int]
    odds: list[float]
    longest: int
    """The latest second that a stamp with two readings names as written."""
    zeros: float
    """Share of zero last fields among the stamps past an hour."""
    spoken: Spoken
    heard: list[Words] | None = None
    """The words before each stamp, once they have been asked for: most notes are clear without."""


def silent(note: Facts) -> Sequence[Words]:
    """No words for any stamp."""
    return [NO_WORDS] * len(note.stamps)


def repair_times(
    notes: Sequence[Facts], durations: Mapping[Video, int], mode: Mode = "auto", spoken: Spoken = silent
) -> dict[str, Repair]:
    """The times of every note by its id.

    `durations` are the known lengths of videos in milliseconds. `spoken` gives the words before each stamp of a note
    (`near.spoken_before`); it is asked for the notes of videos that are in doubt without them.
    """
    videos: dict[Video | str, list[_Case]] = defaultdict(list)
    for facts in notes:
        videos[facts.video or facts.id].append(_case(facts, spoken))
    for video, cases in videos.items():
        length_ms = durations.get(video) if isinstance(video, Video) else None
        if mode == "auto":
            _decide(cases, length_ms / 1000 if length_ms else None)
        elif mode == "ms":
            for case in cases:
                case.odds = [1.0] * len(case.choices)
    return {
        case.facts.id: _repair(case, durations.get(case.facts.video) if case.facts.video else None)
        for cases in videos.values()
        for case in cases
    }


def _case(facts: Facts, spoken: Spoken) -> _Case:
    choices = [made for index, stamp in enumerate(facts.stamps) if (made := choice(index, stamp))]
    open_ones = {made.index for made in choices}
    fixed = [
        stamp.literal_ms // 1000
        for index, stamp in enumerate(facts.stamps)
        if stamp.literal_ms is not None and index not in open_ones
    ]
    late = [made for made in choices if made.hms >= HOUR_S]
    return _Case(
        facts=facts,
        choices=choices,
        fixed=fixed,
        odds=[0.0] * len(choices),
        longest=max((made.hms for made in choices), default=0),
        zeros=sum(made.last == 0 for made in late) / len(late) if late else 0.0,
        spoken=spoken,
    )


def _words(case: _Case) -> list[Words]:
    """The words before each stamp; a stamp right behind another shares its words."""
    if case.heard is None:
        case.heard, last = [], NO_WORDS
        for near in case.spoken(case.facts):
            last = near or last
            case.heard.append(last)
    return case.heard


def _decide(cases: list[_Case], seconds: float | None) -> None:
    """Sets the odds of every note of a video."""
    for case in cases:
        if case.longest > (seconds or HOUR_S) and (seconds or case.zeros >= 0.3 or case.longest >= 4 * HOUR_S):
            lengths = known(seconds) if seconds else alone(case.choices, case.fixed)
            case.odds = misread_odds(case.choices, [NOTHING] * len(case.choices), case.fixed, lengths)
    if len(cases) < 2 or not any(case.choices for case in cases):
        return
    for _ in range(ROUNDS):
        witnesses = [_witness(case) for case in cases]
        talk = Talk(witnesses[: WITNESSES + 1])
        judged = [_judge(case, witnesses, place, talk, seconds) for place, case in enumerate(cases)]
        settled = all(
            (old > 0.5) == (new > 0.5)
            for case, odds in zip(cases, judged, strict=True)
            for old, new in zip(case.odds, odds, strict=True)
        )
        for case, odds in zip(cases, judged, strict=True):
            case.odds = odds
        if settled:
            return


def _witness(case: _Case) -> Witness:
    readings = {made.index: made.ms for made, odds in zip(case.choices, case.odds, strict=True) if odds > 0.5}
    timed = [index for index, stamp in enumerate(case.facts.stamps) if stamp.literal_ms is not None]
    literal = case.facts.stamps
    seconds = [readings.get(index, (literal[index].literal_ms or 0) // 1000) for index in timed]

    def words() -> list[Words]:
        heard = _words(case)
        return [heard[index] for index in timed]

    return Witness(seconds, words)


def _judge(case: _Case, witnesses: list[Witness], place: int, talk: Talk, seconds: float | None) -> list[float]:
    """The odds of a note in the light of the others."""
    if not case.choices:
        return []
    listened = witnesses[: WITNESSES + 1]
    tops = [max(witness.seconds, default=0) for index, witness in enumerate(listened) if index != place]
    bound = seconds or min(max(tops, default=0), HOUR_S)
    if case.longest <= bound:
        return case.odds
    others = Others(listened, place, talk)
    reach = seconds or others.reach()
    if case.longest <= reach * 1.02 and case.zeros < 0.1 and max(case.odds) < 0.01:
        return case.odds
    if case.longest <= min(HOUR_S, reach * 1.1 + 60) or (others.agree and _plainly_misread(case, reach)):
        return case.odds
    lengths = known(seconds, others.share()) if seconds else others.lengths()
    words = _words(case)
    evidence = [others.evidence(made, words[made.index]) for made in case.choices]
    return misread_odds(case.choices, evidence, case.fixed, lengths) if lengths else case.odds


def _plainly_misread(case: _Case, reach: float) -> bool:
    """Whether the note alone leaves no doubt and, read as written, no stamp of it falls inside the video."""
    return min(case.odds) > 0.99 and all(
        made.hms > reach * 1.3 or made.last == 0 for made in case.choices if made.hms > HOUR_S or made.last
    )


def _repair(case: _Case, length_ms: int | None) -> Repair:
    times = [stamp.literal_ms for stamp in case.facts.stamps]
    remarks: list[Diagnostic] = []
    for made, odds in zip(case.choices, case.odds, strict=True):
        if odds > SURE:
            times[made.index] = made.ms * 1000
            stamp = case.facts.stamps[made.index]
            message = f"{stamp.raw} is read as {clock(made.ms * 1000)}, not {clock(made.hms * 1000)}"
            remarks.append(diagnostic("time-repaired", case.facts.path, stamp.line, message))
    remarks += _doubts(case)
    remarks += _past_end(case, times, length_ms)
    return Repair(tuple(times), tuple(remarks))


def _doubts(case: _Case) -> list[Diagnostic]:
    doubtful = [made for made, odds in zip(case.choices, case.odds, strict=True) if 1 - SURE < odds <= SURE]
    if not doubtful:
        return []
    first = case.facts.stamps[doubtful[0].index]
    which = f"{first.raw} may mean {clock(doubtful[0].ms * 1000)}"
    more = f", {len(doubtful) - 1} more like it" if len(doubtful) > 1 else ""
    message = f"{which}{more}: kept as written; --time-format ms reads them so"
    return [diagnostic("time-ambiguous", case.facts.path, first.line, message)]


def _past_end(case: _Case, times: list[int | None], length_ms: int | None) -> list[Diagnostic]:
    if not length_ms:
        return []
    return [
        diagnostic(
            "time-past-end",
            case.facts.path,
            stamp.line,
            f"{stamp.raw} is past the end of the video, {clock(length_ms)}",
        )
        for stamp, time in zip(case.facts.stamps, times, strict=True)
        if time is not None and time > length_ms + 2_000
    ]
