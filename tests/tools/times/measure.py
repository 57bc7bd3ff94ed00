"""Measures the repair of times against stamps whose meaning is known.

    python -m tests.tools.times.measure [CORPUS TRUTH.jsonl]

CORPUS is a folder of channels. TRUTH is a file of lines `{"note": "channel/slug.md", "group": ..., "stamps": [{"raw":
"01:14:00", "seconds": 74}, ...]}`. Prints precision and recall of the repairs, with all notes of the corpus and with
each note alone, the number of sound stamps that were changed, and the time taken.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from convert.document.note import Facts, Video
from convert.reader import read_bytes
from convert.request import TimeFormat
from convert.vault.times.decide import Repair, Spoken, repair_video
from convert.vault.times.other_notes import Stems, Words, words_before_stamps
from tests.support.needs import CORPUS, SHARED


class Score(msgspec.Struct):
    """Counts of stamps by result, and of notes whose known stamps are all right."""

    repaired: int = 0
    wrongly: int = 0
    missed: int = 0
    sound: int = 0
    harmed: int = 0
    mixed: int = 0
    mixed_right: int = 0

    def precision(self) -> float:
        return self.repaired / max(self.repaired + self.wrongly, 1)

    def recall(self) -> float:
        return self.repaired / max(self.repaired + self.missed, 1)

    def __str__(self) -> str:
        return (
            f"precision {self.precision():.4f}  recall {self.recall():.4f}  repaired {self.repaired}  "
            f"wrongly {self.wrongly}  missed {self.missed}  sound {self.sound}  harmed {self.harmed}  "
            f"mixed notes right {self.mixed_right} of {self.mixed}"
        )


_folder = [CORPUS]
_stems = Stems()
"""The folder that the notes were read from."""


def read_corpus(folder: Path) -> list[Facts]:
    """Read the facts of every note of a folder of channels."""
    _folder[:] = [folder]
    files = sorted(path for path in folder.glob("*/*.md") if path.stem != path.parent.name)
    made = (
        read_bytes(path.read_bytes(), f"{path.parent.name}/{path.name}", path.parent.name, path.stem) for path in files
    )
    return [reading.facts for reading in made]


def read_truth(path: Path) -> dict[str, list[tuple[str, int]]]:
    """Read the (raw, seconds) pairs of each note by its path."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return {row["note"]: [(stamp["raw"], stamp["seconds"]) for stamp in row["stamps"]] for row in rows}


def repair_times(
    notes: Sequence[Facts], lengths: Mapping[Video, int], spoken: Spoken, mode: TimeFormat = "auto"
) -> dict[str, Repair]:
    """Return the repairs of notes of several videos by note id."""
    by_video: dict[Video | str, list[Facts]] = defaultdict(list)
    for note in notes:
        by_video[note.video or note.id].append(note)
    return {
        note.id: repair
        for video, group in by_video.items()
        for note, repair in zip(
            group, repair_video(group, lengths.get(video) if isinstance(video, Video) else None, mode, spoken),
            strict=True,
        )
    }  # fmt: skip


def score(notes: Sequence[Facts], repairs: Mapping[str, Repair], truth: Mapping[str, list[tuple[str, int]]]) -> Score:
    """Count what the repairs got right in the notes with known times."""
    total = Score()
    for note in notes:
        if note.path in truth:
            _score_note(note, repairs[note.id], truth[note.path], total)
    return total


def spoken(note: Facts) -> list[Words]:
    """Return the words before each stamp of a note of `read_corpus`."""
    return words_before_stamps(
        (_folder[0] / note.path).read_text("utf-8"), [stamp.line for stamp in note.stamps], _stems
    )


def _score_note(note: Facts, repair: Repair, known: list[tuple[str, int]], total: Score) -> None:
    at, rights, misread = -1, [], []
    for raw, seconds in known:
        places = [place for place, stamp in enumerate(note.stamps) if stamp.raw == raw]
        if not places:
            print(f"{note.path}: no stamp {raw}", file=sys.stderr)
            continue
        at = next((place for place in places if place > at), places[0])
        literal, got = note.stamps[at].literal_ms, repair.times[at]
        right, sound = got == seconds * 1000, literal == seconds * 1000
        total.repaired += right and not sound
        total.wrongly += got != literal and not right
        total.missed += not sound and not right
        total.sound += sound
        total.harmed += sound and not right
        rights.append(right)
        misread.append(not sound)
    if any(misread) and not all(misread):
        total.mixed += 1
        total.mixed_right += all(rights)


def main() -> None:
    corpus, truth_file = map(Path, sys.argv[1:3]) if len(sys.argv) > 2 else (CORPUS, SHARED / "times" / "truth.jsonl")
    notes, truth = read_corpus(corpus), read_truth(truth_file)
    began = time.process_time()
    together = repair_times(notes, {}, spoken=spoken)
    seconds = time.process_time() - began
    alone = {note.id: repair_times([note], {}, spoken=spoken)[note.id] for note in notes if note.path in truth}
    print(f"{len(notes)} notes repaired in {seconds:.1f} s")
    print("with siblings:", score(notes, together, truth))
    print("alone:        ", score(notes, alone, truth))


if __name__ == "__main__":
    main()
