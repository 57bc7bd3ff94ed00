"""Measures the repair of times on sound notes of a corpus, after misreading their stamps on purpose.

    python -m tests.tools.times.blind [CORPUS]

In each of up to 150 notes, all stamps, a run of them, or one become `MM:SS` and a third field that is zero or junk. The
repair, which sees the other notes of the video unchanged, has to find the original times. Stamps in the first minute
are left alone half the time, and stamps after the first hour always, as in real notes.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from pathlib import Path

import msgspec

from convert.document.note import Facts, StampFact, Video
from convert.document.timecode import parse_timestamp, time_fields
from tests.support.needs import CORPUS
from tests.tools.times.measure import Score, read_corpus, repair_times, spoken

NOTES = 150
LEAST_STAMPS = 12


def is_sound(note: Facts) -> bool:
    """Return whether a note's stamps are exact `HH:MM:SS` times that the repair does not change."""
    zeros = sum(stamp.raw.endswith(":00") for stamp in note.stamps)
    full = all(stamp.literal_ms is not None and len(time_fields(stamp.raw) or ()) == 3 for stamp in note.stamps)
    return note.video is not None and full and len(note.stamps) >= LEAST_STAMPS and zeros * 5 < len(note.stamps)


def misread(stamp: StampFact, junk: bool, dice: random.Random) -> StampFact:
    """Return the stamp as a note that misread it would have it."""
    seconds = (stamp.literal_ms or 0) // 1000
    if seconds >= 3_600 or (seconds < 60 and dice.random() < 0.5):
        return stamp
    raw = f"{seconds // 60:02}:{seconds % 60:02}:{dice.randrange(60) if junk else 0:02}"
    return msgspec.structs.replace(stamp, raw=raw, literal_ms=parse_timestamp(raw))


def corrupted(note: Facts, extent: str, junk: bool, dice: random.Random) -> Facts:
    count = len(note.stamps)
    first, last = sorted((dice.randrange(count), dice.randrange(count)))
    places = {"all": range(count), "run": range(first, last + 1), "one": range(first, first + 1)}[extent]
    stamps = [misread(s, junk, dice) if place in places else s for place, s in enumerate(note.stamps)]
    return msgspec.structs.replace(note, stamps=tuple(stamps))


def add(note: Facts, wrong: Facts, times: tuple[int | None, ...], total: Score) -> None:
    right = [got == stamp.literal_ms for got, stamp in zip(times, note.stamps, strict=True)]
    for good, before, after in zip(right, note.stamps, wrong.stamps, strict=True):
        sound = before.literal_ms == after.literal_ms
        total.repaired += good and not sound
        total.missed += not good and not sound
        total.sound += sound
        total.harmed += sound and not good
        total.wrongly += sound and not good
    total.mixed += 1
    total.mixed_right += all(right)


def main() -> None:
    notes = read_corpus(Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS)
    repairs = repair_times(notes, {}, spoken=spoken)
    groups: dict[Video | None, list[Facts]] = defaultdict(list)
    for note in notes:
        groups[note.video].append(note)
    unchanged = [n for n in notes if repairs[n.id].times == tuple(stamp.literal_ms for stamp in n.stamps)]
    pool = [note for note in unchanged if is_sound(note)]
    for label, chosen in (
        ("siblings", [note for note in pool if len(groups[note.video]) > 3]),
        ("alone", [note for note in pool if len(groups[note.video]) == 1]),
    ):
        for extent in ("all", "run", "one"):
            for junk in (False, True):
                dice, total = random.Random(label + extent), Score()
                for note in dice.sample(chosen, min(NOTES, len(chosen))):
                    wrong = corrupted(note, extent, junk, dice)
                    others = [other for other in groups[note.video] if other is not note]
                    add(note, wrong, repair_times([wrong, *others], {}, spoken=spoken)[note.id].times, total)
                print(f"{label:9}{extent:4}{'junk' if junk else 'zero'}  {total}".replace("mixed notes", "notes"))


if __name__ == "__main__":
    main()
