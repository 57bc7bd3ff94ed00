"""What a note's stamps most likely mean, weighed as probabilities of everything known about them.

A note was written in one of a few ways: every stamp as `HH:MM:SS` (to the second, or rounded to minutes), every stamp
as `MM:SS` with a third field that is zero or junk, or now so, now so. Each way, with each length that the video may
have, gives the stamps a probability; the ways' posteriors weigh the readings of every single stamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log, log1p
from operator import add

import msgspec

from convert.vault.times.readings import Choice

# Logs of shares of notes, counted in the corpus that the project is developed with.
SHORT_SHARES = (log(0.815), log(0.17), log(0.015))
LONG_SHARES = (log(0.96), log(0.01), log(0.03))
"""Sound, misread and mixed notes of videos under and over an hour: the misreading comes of a time without hours."""
HOUR = 3_700
ROUNDED = 0.03
"""Share of sound notes whose stamps are whole minutes; they have few stamps."""
ZERO, JUNK = log(0.88), log(0.12)
"""Shares of misread notes by their third field."""
MIXED_JUNK = log(0.1)
SLIPS, SLIP = log(0.05), log(0.02)
"""Share of sound notes with a misread stamp here and there, and of such stamps in them."""
FORGIVEN = 2.5
"""What `00:12:34` weighs less against `MM:SS` where the whole note is misread."""
KEPT, CHANGED = 0.88, 0.12
STAY, SWITCH = log(KEPT), log(CHANGED)
"""How often a mixed note goes on in its way, or changes it, from one stamp to the next."""

STRAY = -11.0
"""Share of stamps that name a second which the video does not have."""
WITHIN, EARLY, BEYOND = 0.5, 0.35, 0.15
"""Shares of a note's stamps anywhere in what it is about, the denser the earlier in it, and anywhere in the video."""
START_S = 30


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """What other notes say of the two readings of a stamp: how many name that second, how alike their words are."""

    hms_hits: float = 0.0
    ms_hits: float = 0.0
    hms_words: float = 0.0
    ms_words: float = 0.0


class Length(msgspec.Struct, frozen=True, gc=False):
    """A hypothesis: the video is `video` seconds long, the note goes as far as `reach`; `weight` is a logarithm."""

    weight: float
    video: float
    reach: float
    share: float = 0.0
    """Share of stamps on seconds that other notes name too."""
    certain: bool = False
    """Whether the length was measured."""


NEGLIGIBLE = 7.0
"""Ways whose logarithm is that much below the best one's change nothing."""

CERTAIN = 40.0
"""A state is so much likelier than the other that the other adds nothing that a float can hold."""

BOTH = log(1.2)
"""The most that adding up two readings of one stamp gains over the likelier one: `log(1 + exp(MIXED_JUNK))`, `SLIP`."""

Way = tuple[float, list[float]]
"""The log probability of a way of writing and, under it, the chance of each stamp to be `MM:SS`."""


def misread_odds(
    choices: Sequence[Choice], evidence: Sequence[Evidence], fixed: Sequence[int], lengths: Sequence[Length]
) -> list[float]:
    """For every choice the probability that it is `MM:SS`; `fixed` are the note's seconds that have one reading."""
    note = _note(choices, evidence, fixed)
    ways: list[Way] = []
    best = -inf
    for length in lengths:
        for way in _ways(note, length, best - NEGLIGIBLE):
            ways.append(way)
            best = max(best, way[0])
    shares = [exp(score - best) for score, _ in ways]
    total = sum(shares)
    result = [0.0] * len(choices)
    for share, (_, odds) in zip(shares, ways, strict=True):
        if share > total * 1e-6:
            result = [sofar + share / total * chance for sofar, chance in zip(result, odds, strict=True)]
    return result


class _Note(msgspec.Struct, frozen=True, gc=False):
    """What is the same under every length: where the stamps are, and what their last fields and words weigh."""

    fixed: list[tuple[int, float, float]]
    hms: list[tuple[int, float, float]]
    """Second, hits and weight of each stamp as written, then (`ms`) as `MM:SS`."""
    ms: list[tuple[int, float, float]]
    zero: list[float]
    junk: list[float]
    either: list[float]
    """What the last fields weigh where they are now zero, now junk."""
    rounded: float
    forgiven: float


def _note(choices: Sequence[Choice], evidence: Sequence[Evidence], fixed: Sequence[int]) -> _Note:
    pairs = list(zip(choices, evidence, strict=True))
    zero, junk = ([_zero_last(choice) for choice in choices], [_junk_last(choice) for choice in choices])
    few = log(ROUNDED * min(1.0, 8 / max(len(choices), 1)) ** 2)
    return _Note(
        fixed=[(second, 0.0, 0.0) for second in fixed],
        hms=[(one.hms, seen.hms_hits, seen.hms_words - (7.0 if one.odd else 0.0)) for one, seen in pairs],
        ms=[(one.ms, seen.ms_hits, seen.ms_words) for one, seen in pairs],
        zero=zero,
        junk=junk,
        either=[_either(a, b + MIXED_JUNK) for a, b in zip(zero, junk, strict=True)],
        rounded=_either(0.0, few + sum(3.9 if choice.last == 0 else -2.0 for choice in choices)),
        forgiven=FORGIVEN * sum(choice.hms < 3_600 for choice in choices if choice.last),
    )


def _ways(note: _Note, length: Length, floor: float) -> list[Way]:
    """The ways the note may be written in if the video is of that length; those of less than `floor` say nothing."""
    sound, misread, mixed = SHORT_SHARES if length.video <= HOUR else LONG_SHARES
    base = length.weight + sum(_places(length, note.fixed))
    hms, ms = _places(length, note.hms), _places(length, note.ms)
    # No way scores more than each stamp at its best, the forgiven and the rounded ones in addition.
    if base + sum(map(max, hms, ms)) + max(note.rounded, note.forgiven) < floor:
        return []
    zero, junk = list(map(add, ms, note.zero)), list(map(add, ms, note.junk))
    none, every = [0.0] * len(hms), [1.0] * len(hms)
    ways = [
        (base + sound + sum(hms) + note.rounded, none),
        (base + misread + ZERO + sum(zero), every),
        (base + misread + JUNK + sum(junk) + note.forgiven, every),
    ]
    floor = max(floor, max(score for score, _ in ways) - NEGLIGIBLE)
    best = base + sum(map(max, hms, zero, junk)) + len(hms) * BOTH
    if best + sound + SLIPS < floor and best + mixed < floor:
        return [way for way in ways if way[0] >= floor]
    return ways + _changing(base, sound, mixed, hms, list(map(add, ms, note.either)), floor)


def _changing(base: float, sound: float, mixed: float, hms: list[float], ms: list[float], floor: float) -> list[Way]:
    """A sound note with slips, and one that is written now so, now so."""
    slips = [(a if a > b else b) + log1p(exp(-abs(a - b))) for a, b in zip(hms, [b + SLIP for b in ms], strict=True)]
    ways = [(base + sound + SLIPS + sum(slips), [1 - exp(a - b) for a, b in zip(hms, slips, strict=True)])]
    if base + mixed + sum(map(max, hms, ms)) + STAY * (len(hms) - 1) > max(floor, ways[0][0] - NEGLIGIBLE):
        score, odds = _mixed(hms, ms)
        ways.append((base + mixed + score, odds))
    return ways


def _places(length: Length, stamps: Sequence[tuple[int, float, float]]) -> list[float]:
    """The log probability of each stamp (second, hits, weight) if the video is of that length.

    `hits` is the share of the others' stamps on that second.
    """
    share, reach, end = length.share, length.reach, length.video
    rest = 1 - share
    spread = rest * (WITHIN / reach + BEYOND / end)
    early = rest * EARLY / log(reach / START_S + 1)
    outside = rest * BEYOND / end
    stray = outside * exp(STRAY)
    past = STRAY if length.certain else -4.0
    found = []
    for second, hits, weight in stamps:
        if second <= reach:
            chance = spread + early / (second + START_S)
        elif second <= end:
            chance = outside
        else:
            chance = outside * exp(max(past - 2 * (second - end) / end, STRAY))
        chance += share * hits
        found.append(log(chance if chance > stray else stray) + weight)
    return found


def _zero_last(choice: Choice) -> float:
    if choice.last == 0:
        return -0.07
    return -3.5 if choice.twin else -6.5


def _junk_last(choice: Choice) -> float:
    if choice.last == 0:
        return -2.8
    # `00:12:34` is what a sound stamp looks like, also among misread ones.
    return -4.2 - (3.0 if choice.hms < 3_600 else 0.0)


def _either(a: float, b: float) -> float:
    """The logarithm of the sum of two probabilities that are given as logarithms."""
    return max(a, b) + log(1 + exp(-abs(a - b)))


def _mixed(hms: list[float], ms: list[float]) -> Way:
    """The forward-backward algorithm over two states that rarely change."""
    forward: list[float] = []
    a, b = log(0.5) + hms[0], log(0.5) + ms[0]
    forward.append(b)
    for h, m in zip(hms[1:], ms[1:], strict=True):
        a, b = _step(a, b)
        a, b = a + h, b + m
        forward.append(b)
    total = _either(a, b)
    odds = [0.0] * len(hms)
    a = b = 0.0
    for index in range(len(hms) - 1, -1, -1):
        odds[index] = exp(min(forward[index] + b - total, 0.0))
        a, b = _step(hms[index] + a, ms[index] + b)
    return total, odds


def _step(a: float, b: float) -> tuple[float, float]:
    """The logarithms of both states one stamp on: each may stay or change."""
    if a - b > CERTAIN:
        return a + STAY, a + SWITCH
    if b - a > CERTAIN:
        return b + SWITCH, b + STAY
    chance = exp(b - a)
    return a + log(KEPT + CHANGED * chance), a + log(CHANGED + KEPT * chance)
