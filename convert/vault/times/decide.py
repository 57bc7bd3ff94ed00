"""Decides what the stamps of a video's notes mean: `01:14:00` is 74 seconds in a note that wrote `MM:SS` as `HH:MM`.

Every note is weighed alone (`odds`), then again with the evidence of the other notes of its video (`other_notes`),
until the decisions no longer change. Each stamp is decided separately.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec

from convert.document.note import Facts
from convert.document.timecode import clock
from convert.report import Diagnostic, diagnostic
from convert.request import TimeFormat
from convert.vault.times.odds import AmbiguousStamp, ambiguous_stamp, misread_odds
from convert.vault.times.other_notes import (
    OtherNotes,
    StampedNote,
    VideoNotes,
    Words,
    lengths_of_measured_video,
    lengths_of_one_note,
)

Spoken = Callable[[Facts], Sequence[Words]]
"""Returns the words before each stamp of a note."""

SURE = 0.9
"""The probability of `MM:SS` above which a stamp is changed."""
ROUNDS = 5
MOST_OTHERS = 40
"""Other notes of a video that a note is compared with, at most."""
HOUR_S = 3_600
NO_WORDS: Words = frozenset()


class Repair(msgspec.Struct, frozen=True):
    """The times of a note's stamps in text order, in milliseconds, and diagnostics of changed and doubtful ones."""

    times: tuple[int | None, ...]
    diagnostics: tuple[Diagnostic, ...]


class _WeighedNote(msgspec.Struct, gc=False):
    """A note whose times are being decided: its ambiguous stamps, and the probability (`odds`) that each is `MM:SS`."""

    facts: Facts
    spoken: Spoken
    stamps: list[AmbiguousStamp] = []
    fixed: list[int] = []
    """The seconds of its other stamps."""
    odds: list[float] = []
    longest: int = 0
    """The latest second of its ambiguous stamps, read as written."""
    zeros: float = 0.0
    """The share of stamps past an hour whose last field is zero."""
    words: list[Words] | None = None
    """The words before each stamp; read on demand, because most notes are clear without them."""
    outlasts: bool = False
    """Whether the note is of a longer video than the file that was measured, such as a trailer."""


def repair_video(notes: Sequence[Facts], length_ms: int | None, mode: TimeFormat, spoken: Spoken) -> list[Repair]:
    """Return the repair of each note of one video; `length_ms` is the length of the video, if known.

    `spoken` is called only for notes that are doubtful without the words before their stamps.
    """
    weighed = [_WeighedNote(facts, spoken) for facts in notes]
    latest_ms = max([stamp.literal_ms or 0 for stamp in notes[0].stamps], default=0)
    # A lone note is accepted as written if its stamps fit into the video, or into an hour.
    clear = len(notes) == 1 and latest_ms <= (length_ms or HOUR_S * 1000)
    if mode == "ms" or (mode == "auto" and not clear):
        for note in weighed:
            _find_ambiguous(note, 1.0 if mode == "ms" else 0.0)
        if mode == "auto":
            _decide(weighed, length_ms / 1000 if length_ms else None)
        if mode == "auto" and length_ms:
            for note in weighed:
                _keep_if_longer(note, length_ms / 1000)
    return [_repair(note, length_ms) for note in weighed]


def _find_ambiguous(note: _WeighedNote, odds: float) -> None:
    """Find the ambiguous stamps of a note and give all of them the same odds."""
    note.stamps, note.fixed = [], []
    for index, written in enumerate(note.facts.stamps):
        if stamp := ambiguous_stamp(index, written.raw):
            note.stamps.append(stamp)
        elif written.literal_ms is not None:
            note.fixed.append(written.literal_ms // 1000)
    late = [stamp.last for stamp in note.stamps if stamp.hms >= HOUR_S]
    note.odds = [odds] * len(note.stamps)
    note.longest = max([stamp.hms for stamp in note.stamps], default=0)
    note.zeros = late.count(0) / len(late) if late else 0.0


def _words(note: _WeighedNote) -> list[Words]:
    """Return the words before each stamp; a stamp directly after another has the words of that one."""
    if note.words is None:
        note.words, last = [], NO_WORDS
        for words in note.spoken(note.facts):
            last = words or last
            note.words.append(last)
    return note.words


def _decide(notes: list[_WeighedNote], seconds: float | None) -> None:
    """Set the odds of every note of a video; `seconds` is its length, if measured."""
    for note in notes:
        if note.longest > (seconds or HOUR_S) and (seconds or note.zeros >= 0.3 or note.longest >= 4 * HOUR_S):
            alone = lengths_of_measured_video(seconds) if seconds else lengths_of_one_note(note.stamps, note.fixed)
            note.odds = misread_odds(note.stamps, None, note.fixed, alone)
    if len(notes) < 2 or not any(note.stamps for note in notes):
        return
    changed: set[int] = set()
    for _ in range(ROUNDS):
        video = VideoNotes([_stamped(note) for note in notes[: MOST_OTHERS + 1]])
        # A note of which no other note has changed would be judged as before.
        judged = [
            note.odds if changed == {index} else _judge(note, video, index, seconds) for index, note in enumerate(notes)
        ]
        changed = set()
        for index, (note, odds) in enumerate(zip(notes, judged, strict=True)):
            if [one > 0.5 for one in note.odds] != [one > 0.5 for one in odds]:
                changed.add(index)
            note.odds = odds
        if not changed:
            return


def _stamped(note: _WeighedNote) -> StampedNote:
    """Return the seconds of a note by its present odds."""
    misread = {stamp.index: stamp.ms for stamp, odds in zip(note.stamps, note.odds, strict=True) if odds > 0.5}
    times = [(index, stamp.literal_ms) for index, stamp in enumerate(note.facts.stamps)]
    timed = [(index, misread.get(index, ms // 1000)) for index, ms in times if ms is not None]

    def words() -> list[Words]:
        found = _words(note)
        return [found[index] for index, _ in timed]

    return StampedNote([second for _, second in timed], words, max([second for _, second in timed], default=0))


def _judge(note: _WeighedNote, video: VideoNotes, index: int, seconds: float | None) -> list[float]:
    """Return the odds of a note, given the other notes of its video."""
    if not note.stamps:
        return []
    latest = next((latest for latest, number in video.tops if number != index), 0)
    if note.longest <= (seconds or min(latest, HOUR_S)):
        return note.odds
    others = OtherNotes(video, index)
    reach = seconds or others.reach()
    if note.longest <= reach * 1.02 and note.zeros < 0.1 and max(note.odds) < 0.01:
        return note.odds
    if note.longest <= min(HOUR_S, reach * 1.1 + 60) or (others.agree and _is_plainly_misread(note, reach)):
        return note.odds
    lengths = lengths_of_measured_video(seconds, others.share) if seconds else others.lengths()
    words = _words(note)
    agreements = [others.agreement(stamp, words[stamp.index]) for stamp in note.stamps]
    return misread_odds(note.stamps, agreements, note.fixed, lengths) if lengths else note.odds


def _is_plainly_misread(note: _WeighedNote, reach: float) -> bool:
    """Return whether a note is misread beyond doubt: its own odds are, and no stamp as written is inside the video."""
    return min(note.odds) > 0.99 and all(
        stamp.hms > reach * 1.3 or stamp.last == 0 for stamp in note.stamps if stamp.hms > HOUR_S or stamp.last
    )


def _keep_if_longer(note: _WeighedNote, seconds: float) -> None:
    """Change no stamp of a note if only a video longer than the one measured makes sense of them."""
    changed = [stamp for stamp, odds in zip(note.stamps, note.odds, strict=True) if odds > SURE]
    within = sum(stamp.ms <= seconds + 2 for stamp in changed)
    note.outlasts = bool(changed) and (4 * within < 3 * len(changed) or _are_exact(changed) or _merge(changed))
    if note.outlasts:
        note.odds = [0.0] * len(note.odds)


def _are_exact(stamps: Sequence[AmbiguousStamp]) -> bool:
    """Return whether stamps look like exact times of the first hour: `00:01:25`, `00:05:10`, in order."""
    zeros = sum(stamp.last == 0 for stamp in stamps)
    falls = sum(earlier.hms > later.hms for earlier, later in pairwise(stamps))
    return all(stamp.hms < HOUR_S for stamp in stamps) and 2 * zeros <= len(stamps) and 4 * falls < len(stamps)


def _merge(stamps: Sequence[AmbiguousStamp]) -> bool:
    """Return whether stamps that grow would become one second: the field that `MM:SS` ignores counts on."""
    pairs = [(earlier.hms, later.hms) for earlier, later in pairwise(stamps) if earlier.ms == later.ms]
    rise, fall = sum(a < b for a, b in pairs), sum(a > b for a, b in pairs)
    return rise >= 2 * max(fall, 1) and 10 * rise >= len(stamps)


def _repair(note: _WeighedNote, length_ms: int | None) -> Repair:
    """Return the times of a note by its present odds, and diagnostics."""
    path, written = note.facts.path, note.facts.stamps
    times = [stamp.literal_ms for stamp in written]
    remarks: list[Diagnostic] = []
    doubtful: list[AmbiguousStamp] = []
    for stamp, odds in zip(note.stamps, note.odds, strict=True):
        if odds > SURE:
            times[stamp.index] = stamp.ms * 1000
            message = f"is read as {clock(stamp.ms * 1000)}, not {clock(stamp.hms * 1000)}"
            if length_ms and stamp.hms * 1000 > length_ms:
                message += f": the video ends at {clock(length_ms)}"
            source = written[stamp.index]
            remarks.append(diagnostic("time-repaired", path, source.line, f"{source.raw} {message}"))
        elif odds > 1 - SURE:
            doubtful.append(stamp)
    if doubtful:
        first = written[doubtful[0].index]
        more = f", {len(doubtful) - 1} more like it" if len(doubtful) > 1 else ""
        message = f"{first.raw} may mean {clock(doubtful[0].ms * 1000)}{more}: kept as written"
        message += "; --time-format ms reads them so"
        remarks.append(diagnostic("time-ambiguous", path, first.line, message))
    if length_ms:
        for source, time_ms in zip(written, times, strict=True):
            if time_ms is not None and time_ms > length_ms + 2_000:
                message = f"{source.raw} is past the end of the video, {clock(length_ms)}"
                if note.outlasts:
                    message += ": the video is shorter than this note about it, whose times are kept as written"
                remarks.append(diagnostic("time-past-end", path, source.line, message))
    return Repair(tuple(times), tuple(remarks))
