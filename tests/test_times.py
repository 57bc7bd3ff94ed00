"""Tests time repair: which stamps are read differently from how they are written, and why."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, product
from math import log, prod

import pytest

from convert.document.note import Facts, StampFact, Video
from convert.document.timecode import parse_timestamp
from convert.request import TimeFormat
from convert.vault.times.decide import Repair
from convert.vault.times.odds import CHANGED, KEPT, _mixed, _smoothed
from convert.vault.times.other_notes import Stems, Words, last_words
from tests.support.needs import CORPUS, SHARED, needs
from tests.tools.times.measure import read_corpus, read_truth, repair_times, score, spoken

FILM = Video("youtube", "aqz-KE-bpKQ")
PLACES = ["abbey", "bridge", "castle", "desert", "estuary", "forest", "garden"]
ANIMALS = ["adder", "badger", "camel", "dolphin", "eagle", "falcon", "gecko"]
WEATHERS = ["autumn", "breeze", "clouds", "drizzle", "evening", "frost", "gusts"]

STEMS = Stems()
SPOKEN: dict[str, list[Words]] = {}
"""The words before the stamps of the latest notes, by note id."""


def all_repaired(notes: Sequence[Facts], known: Mapping[Video, int], mode: TimeFormat = "auto") -> dict[str, Repair]:
    return repair_times(notes, known, lambda facts: SPOKEN[facts.id], mode)


def note(name: str, raws: Iterable[str], video: Video | None = FILM, words: Iterable[str] = ()) -> Facts:
    texts = iter(words)
    stamps = tuple(StampFact(raw, parse_timestamp(raw), line, -1) for line, raw in enumerate(raws, 10))
    SPOKEN[f"films/{name}"] = [last_words(next(texts, ""), STEMS) for _ in stamps]
    return Facts(
        id=f"films/{name}",
        channel="films",
        slug=name,
        path=f"films/{name}.md",
        title=name,
        video=video,
        aliases=(),
        meta={},
        headings=(),
        links=(),
        stamps=stamps,
        words=0,
    )


def hms(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def misread(seconds: int, last: str = "00") -> str:
    return f"{seconds // 60:02}:{seconds % 60:02}:{last}"


def moments(seed: int, end: int, count: int = 30) -> list[int]:
    return sorted(random.Random(seed).sample(range(1, end), count))


def times(repair: Repair) -> list[int | None]:
    return [None if ms is None else ms // 1000 for ms in repair.times]


def repaired(*notes: Facts, seconds: int | None = None, mode: TimeFormat = "auto") -> list[int | None]:
    """Return the repaired seconds of the first note."""
    known = {} if seconds is None else {FILM: seconds * 1000}
    return times(all_repaired(notes, known, mode)[notes[0].id])


def test_a_note_that_writes_minutes_as_hours_is_repaired() -> None:
    truth = moments(1, 1_200)
    assert repaired(note("a", map(misread, truth))) == truth


def test_each_repair_is_reported_with_both_readings() -> None:
    first = all_repaired([note("a", map(misread, moments(1, 1_200)))], {})["films/a"].diagnostics[0]
    assert (first.code, first.line, first.severity) == ("time-repaired", 10, "warning")
    assert re.fullmatch(r"\d\d:\d\d:00 is read as \d{1,2}:\d\d, not (\d{1,2}:\d\d:00|\d{1,2}:00)", first.message)


@pytest.mark.parametrize("end", [120, 900, 3_500, 9_000, 14_000])
def test_a_sound_note_stays_as_it_is(end: int) -> None:
    truth = moments(2, end)
    repair = all_repaired([note("a", map(hms, truth))], {})["films/a"]
    assert times(repair) == truth
    assert repair.diagnostics == ()


def test_a_truly_long_video_is_not_harmed() -> None:
    notes = [note(name, map(hms, moments(seed, 30_000, 60))) for seed, name in enumerate("abcd")]
    for found in notes:
        assert all_repaired(notes, {})[found.id].times == tuple(stamp.literal_ms for stamp in found.stamps)


def test_whole_minutes_of_a_long_video_are_kept() -> None:
    raws = ["00:05:00", "00:20:00", "00:35:00", "00:50:00", "01:10:00", "01:25:00"]
    assert repaired(note("a", raws)) == [300, 1_200, 2_100, 3_000, 4_200, 5_100]


def test_other_notes_show_that_a_few_hours_are_minutes() -> None:
    truth = [134, 141, 144, 150, 158, 161, 171]
    junk = ["14", "40", "00", "52", "53", "43", "17"]
    suspect = note("a", map(misread, truth, junk))
    assert repaired(suspect) == [stamp.literal_ms // 1000 for stamp in suspect.stamps if stamp.literal_ms is not None]
    others = [note(name, map(hms, [*moments(seed, 570, 20), *truth[:4]])) for seed, name in enumerate("bcde")]
    assert repaired(suspect, *others) == truth


def test_a_known_length_shows_it_too() -> None:
    suspect = note("a", ["02:14:14", "02:21:40", "02:24:00", "02:30:52"])
    assert repaired(suspect, seconds=570) == [134, 141, 144, 150]


def test_a_known_length_keeps_what_fits() -> None:
    truth = [8_054, 8_500, 8_640, 9_052]
    assert repaired(note("a", map(hms, truth)), seconds=9_400) == truth


def test_stamps_past_a_known_end_are_reported() -> None:
    found = all_repaired([note("a", ["00:01:03", "00:02:07", "00:08:11", "12:10"])], {FILM: 600_000})["films/a"]
    assert [(remark.code, remark.line) for remark in found.diagnostics] == [("time-past-end", 13)]


TRAILER = {FILM: 30_000}


@pytest.mark.parametrize(
    "raws",
    [
        ["00:01:25", "00:05:10", "00:12:40"],
        ["00:01:25"],
        ["00:00:10", "00:01:25", "00:01:50", "00:02:10", "00:02:30", "00:09:56"],
        ["00:01:00", "00:05:00", "00:12:30", "00:17:20"],
        ["00:04:05", "00:21:09", "00:50:33", "01:12:10", "01:50:02"],
        [hms(second) for second in range(40, 1_700, 37)],
        [hms(second) for second in moments(7, 7_000, 60)],
    ],
)
def test_a_film_shorter_than_its_note_changes_nothing(raws: list[str]) -> None:
    sound = note("a", raws)
    found = all_repaired([sound], TRAILER)["films/a"]
    assert found.times == tuple(stamp.literal_ms for stamp in sound.stamps)
    assert {remark.code for remark in found.diagnostics} == {"time-past-end"}
    assert all("the video is shorter than this note" in remark.message for remark in found.diagnostics)
    several = all_repaired([sound, note("b", map(hms, moments(8, 600, 20)))], TRAILER)["films/a"]
    assert several.times == found.times


@pytest.mark.parametrize("raws", [[hms(second) for second in moments(9, 7_000, 60)], ["00:12:34"] * 3])
def test_stamps_that_a_longer_trailer_would_merge_are_kept(raws: list[str]) -> None:
    sound = note("a", raws)
    found = all_repaired([sound], {FILM: 150_000})["films/a"]
    assert found.times == tuple(stamp.literal_ms for stamp in sound.stamps)


@pytest.mark.parametrize("length", [65, 300, 3_000])
@pytest.mark.parametrize("last", ["00", "17"])
def test_a_note_that_writes_minutes_as_hours_is_repaired_by_a_known_length(length: int, last: str) -> None:
    truth = [*range(60, 65), *moments(10, length, 40)]
    assert repaired(note("a", [misread(second, last) for second in sorted(truth)]), seconds=length) == sorted(truth)


def test_a_note_that_changes_its_way_after_an_hour_is_decided_stamp_by_stamp() -> None:
    early, late = moments(3, 3_500, 40), [3_600 + second for second in moments(4, 2_400, 20)]
    late = [second if second % 60 else second + 1 for second in late]
    assert repaired(note("a", [*map(misread, early), *map(hms, late)])) == [*early, *late]


def test_a_slip_in_a_sound_note_is_repaired_alone() -> None:
    truth = moments(5, 1_500, 30)
    raws = [hms(second) for second in truth]
    raws[20] = misread(truth[20])
    others = [note(name, map(hms, moments(seed, 1_500, 25))) for seed, name in enumerate("bcd")]
    assert repaired(note("a", raws), *others) == truth


def test_an_invented_second_of_one_note_does_not_stretch_the_video() -> None:
    truth = moments(6, 600, 20)
    others = [note(name, map(hms, [*moments(seed, 600, 30), *truth[:9]])) for seed, name in enumerate("bcd")]
    liar = note("e", [*map(hms, moments(9, 600, 20)), "05:55:55"])
    suspect = note("a", [misread(second, f"{7 * second % 60:02}") for second in truth])
    assert repaired(suspect, *others, liar) == truth


@pytest.mark.parametrize("meant", ["minutes", "hours"])
def test_the_words_beside_decide_where_numbers_cannot(meant: str) -> None:
    seconds = [39, 61, 64, 83, 102, 110, 126]
    lasts = ["00", "07", "41", "11", "00", "23", "31"]
    late = [second * 60 + int(last) for second, last in zip(seconds, lasts, strict=True)]
    texts = [" ".join(row) for row in zip(PLACES, ANIMALS, WEATHERS, strict=True)]
    other = WEATHERS[3:] + WEATHERS[:3]
    words = [*texts, *other] if meant == "minutes" else [*other, *texts]
    sound = [note(name, map(hms, [*seconds, *late]), words=words) for name in "bcd"]
    suspect = note("a", map(misread, seconds, lasts), words=texts)
    assert repaired(suspect, *sound) == (seconds if meant == "minutes" else late)


def test_an_ambiguous_note_is_kept_and_reported() -> None:
    raws = ["00:00:11", "00:39:00", "01:23:00", "01:42:34", "02:47:51"]
    found = all_repaired([note("a", raws)], {})["films/a"]
    codes = [remark.code for remark in found.diagnostics]
    assert codes == ["time-ambiguous"]
    assert found.times == tuple(map(parse_timestamp, raws))
    assert "--time-format" in found.diagnostics[0].message


def test_the_format_may_be_given() -> None:
    raws = ["12:14:00", "00:00:05", "05:10", "00:03:00:00", "soon"]
    assert repaired(note("a", raws), mode="hms") == [44_040, 5, 310, 180, None]
    assert repaired(note("a", raws), mode="ms") == [734, 5, 310, 180, None]


def test_stamps_with_one_reading_never_change() -> None:
    raws = ["75:10", "12:34", "02:00:10:00", "0:00:07", *map(misread, moments(8, 1_200))]
    assert repaired(note("a", raws))[:4] == [4_510, 754, 7_210, 7]


def test_notes_without_a_video_do_not_vouch_for_each_other() -> None:
    lost = [note(name, map(misread, moments(1, 1_200)), video=None) for name in "ab"]
    found = all_repaired(lost, {})
    assert times(found["films/a"]) == times(found["films/b"]) == moments(1, 1_200)


def test_the_order_of_the_notes_does_not_matter() -> None:
    truth = moments(10, 900, 25)
    notes = [note(name, map(hms, moments(seed, 900, 25))) for seed, name in enumerate("bcd")]
    notes += [note("a", map(misread, truth)), note("e", [*map(misread, truth[:12]), *map(hms, truth[12:])])]
    assert all_repaired(notes, {}) == all_repaired(notes[::-1], {})


def test_no_stamps_no_times() -> None:
    assert all_repaired([note("a", []), note("b", [])], {})["films/a"] == Repair((), ())


@pytest.mark.parametrize(("notes", "stamps"), [(1, 20_000), (300, 30), (12, 1_500)])
def test_hostile_vaults_are_decided_in_time(notes: int, stamps: int) -> None:
    made = [
        note(str(n), [misread(second % 3_000, "07") for second in range(stamps)], words=PLACES * 9)
        for n in range(notes)
    ]
    began = time.process_time()
    all_repaired(made, {})
    assert time.process_time() - began < 10


def test_words_are_known_by_their_first_letters() -> None:
    stems = Stems()
    assert last_words("The forests sleep", stems) == last_words("sleep FORESTry or so", stems) == {0, 1}
    assert last_words("a to 12 of", stems) == set()
    assert len(last_words(" ".join(f"word{chr(97 + n)}" for n in range(20)), stems)) == 14


def test_words_of_ascii_are_known_among_others() -> None:
    stems = Stems()
    assert last_words("Forest2day under_the CAFE-OLIVES", stems) == last_words("é forest under CAFE olives", stems)


def test_mixed_notes_are_weighed_as_if_every_sequence_were_listed() -> None:
    ratios = [0.003, 8.0, 2e9, 0.4, 1e-12, 0.9, 40.0]
    chances = {
        states: 0.5
        * prod(KEPT if one == other else CHANGED for one, other in pairwise(states))
        * prod(ratio for state, ratio in zip(states, ratios, strict=True) if state)
        for states in product((0, 1), repeat=len(ratios))
    }
    total = sum(chances.values())
    gain, states = _mixed(ratios)
    assert gain == pytest.approx(log(total))
    assert _smoothed(states) == pytest.approx(
        [sum(chance for states, chance in chances.items() if states[place]) / total for place in range(len(ratios))]
    )


@needs("corpus")
def test_the_known_stamps_of_the_corpus() -> None:
    truth_file = SHARED / "times" / "truth.jsonl"
    if not truth_file.exists():
        pytest.skip("no stamps of known meaning beside the project")
    truth = read_truth(truth_file)
    channels = {path.split("/")[0] for path in truth}
    notes = [found for channel in sorted(channels) for found in read_corpus(CORPUS) if found.channel == channel]
    together = score(notes, repair_times(notes, {}, spoken=spoken), truth)
    alone = score(
        notes,
        {found.id: repair_times([found], {}, spoken=spoken)[found.id] for found in notes if found.path in truth},
        truth,
    )
    assert together.precision() >= 0.995
    assert together.recall() >= 0.99
    assert alone.recall() >= 0.85
    assert together.harmed + alone.harmed == 0
