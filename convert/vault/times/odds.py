"""Weighs how the stamps of one note were written, as probabilities.

A note was written in one of a few ways: every stamp as `HH:MM:SS` (to the second, or rounded to minutes), every stamp
as `MM:SS` with a third field that is zero or junk, or a mixture of both. Each way, for each possible length of the
video, gives the stamps a probability; the posterior of the ways weighs the two readings of each stamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log, log1p
from operator import add

import msgspec

from convert.document.timecode import time_fields

# Logarithms of shares of notes, counted in the development corpus.
SHORT_SHARES = (log(0.815), log(0.17), log(0.015))
LONG_SHARES = (log(0.96), log(0.01), log(0.03))
"""Sound, misread and mixed notes of videos under and over an hour; only times without hours are misread."""
LONG_S = 3_700
ROUNDED = 0.03
"""Share of sound notes whose stamps are whole minutes; they have few stamps."""
ZERO = log(0.88)
"""Share of misread notes whose third fields are zero."""
JUNK = log(0.12)
"""Share of misread notes whose third fields are junk."""
MIXED_JUNK = log(0.1)
"""Share of misread stamps in mixed notes whose third field is junk."""
SLIPS = log(0.05)
"""Share of sound notes with single misread stamps."""
SLIP = log(0.02)
"""Share of misread stamps in such notes."""
FORGIVEN = 2.5
"""How much less `00:12:34` counts against `MM:SS` in a misread note, as a logarithm."""
KEPT, CHANGED = 0.88, 0.12
STAY, SWITCH = log(KEPT), log(CHANGED)
"""Probabilities that a mixed note keeps or changes its way of writing from one stamp to the next."""

STRAY = -11.0
"""Share of stamps beyond the end of the video, as a logarithm."""
WITHIN, EARLY, BEYOND = 0.5, 0.35, 0.15
"""Shares of stamps: evenly within the note's reach, denser towards its start, and evenly in the whole video."""
START_S = 30

NEGLIGIBLE = 7.0
"""Ways whose logarithm is this much below the best one are ignored."""
CERTAIN = 40.0
"""Beyond this difference of logarithms the less likely state is below the precision of a float."""
BOTH = log(1.2)
"""An upper bound of what the sum of two readings exceeds the likelier one by: `log(1 + exp(MIXED_JUNK))`, `SLIP`."""

Way = tuple[float, list[float]]
"""The log probability of a way of writing, and the probability of `MM:SS` for each stamp written so."""
Point = tuple[int, float, float]
"""A second that a stamp names, the share of other notes' stamps on it, and the log weight of other evidence."""


class AmbiguousStamp(msgspec.Struct, frozen=True, gc=False):
    """A stamp such as `01:14:00` with two readings in seconds, and the field (`last`) that the second one ignores."""

    index: int
    """The number of the stamp in its note, from 0."""
    hms: int
    """Read as written, `HH:MM:SS`."""
    ms: int
    """Read as `MM:SS` and a meaningless last field."""
    last: int
    twin: bool
    """Whether the last field repeats the one before it."""
    odd: bool
    """Whether a field is over 59, which makes the reading as written unlikely."""


def ambiguous_stamp(index: int, raw: str) -> AmbiguousStamp | None:
    """Return the two readings of a stamp.

    None for a stamp with one reading: two or four fields, a second of the first minute, or no time.
    """
    fields = time_fields(raw)
    if fields is None or len(fields) != 3:
        return None
    first, second, last = fields
    if first == 0 and second == 0:
        return None
    hms = first * 3600 + second * 60 + last
    return AmbiguousStamp(index, hms, first * 60 + second, last, last == second, second > 59 or last > 59)


class Agreement(msgspec.Struct, frozen=True, gc=False):
    """How well other notes support the two readings of a stamp: by naming that second (`hits`), and by their words."""

    hms_hits: float = 0.0
    ms_hits: float = 0.0
    hms_words: float = 0.0
    ms_words: float = 0.0


class Length(msgspec.Struct, frozen=True, gc=False):
    """A hypothesis: the video is `video` seconds long, and the note reaches `reach`; `weight` is a logarithm."""

    weight: float
    video: float
    reach: float
    share: float = 0.0
    """Share of stamps on seconds that other notes also name."""
    certain: bool = False
    """Whether the length was measured."""


class _Weights(msgspec.Struct, frozen=True, gc=False):
    """Weights that do not depend on the length of the video."""

    fixed: list[Point]
    hms: list[Point]
    """The ambiguous stamps as written; `ms` has them as `MM:SS`."""
    ms: list[Point]
    zero: list[float]
    junk: list[float]
    either: list[float]
    """Weights of the last fields if some are zero and some are junk."""
    rounded: float
    forgiven: float


def misread_odds(
    stamps: Sequence[AmbiguousStamp],
    agreements: Sequence[Agreement] | None,
    fixed: Sequence[int],
    lengths: Sequence[Length],
) -> list[float]:
    """Return the probability of each stamp to be `MM:SS`.

    `fixed` has the seconds of the note's other stamps. `agreements` is None without other notes.
    """
    weights = _weights(stamps, agreements or [Agreement()] * len(stamps), fixed)
    ways: list[Way] = []
    best = -inf
    for length in lengths:
        for way in _ways(weights, length, best - NEGLIGIBLE):
            ways.append(way)
            best = max(best, way[0])
    shares = [exp(score - best) for score, _ in ways]
    total = sum(shares)
    result = [0.0] * len(stamps)
    for share, (_, odds) in zip(shares, ways, strict=True):
        if share > total * 1e-6:
            result = [sofar + share / total * chance for sofar, chance in zip(result, odds, strict=True)]
    return result


def _weights(stamps: Sequence[AmbiguousStamp], agreements: Sequence[Agreement], fixed: Sequence[int]) -> _Weights:
    pairs = list(zip(stamps, agreements, strict=True))
    zero = [-0.07 if stamp.last == 0 else -3.5 if stamp.twin else -6.5 for stamp in stamps]
    # `00:12:34` is probably sound, even among misread stamps.
    junk = [-2.8 if stamp.last == 0 else -7.2 if stamp.hms < 3_600 else -4.2 for stamp in stamps]
    few = log(ROUNDED * min(1.0, 8 / max(len(stamps), 1)) ** 2)
    return _Weights(
        fixed=[(second, 0.0, 0.0) for second in fixed],
        hms=[(stamp.hms, found.hms_hits, found.hms_words - 7.0 * stamp.odd) for stamp, found in pairs],
        ms=[(stamp.ms, found.ms_hits, found.ms_words) for stamp, found in pairs],
        zero=zero,
        junk=junk,
        either=[_either(a, b + MIXED_JUNK) for a, b in zip(zero, junk, strict=True)],
        rounded=_either(0.0, few + sum([3.9 if stamp.last == 0 else -2.0 for stamp in stamps])),
        forgiven=FORGIVEN * len([stamp for stamp in stamps if stamp.last and stamp.hms < 3_600]),
    )


def _ways(weights: _Weights, length: Length, floor: float) -> list[Way]:
    """Return the possible ways of writing for a length of the video, without those that score below `floor`."""
    sound, misread, mixed = SHORT_SHARES if length.video <= LONG_S else LONG_SHARES
    base = length.weight + sum(_log_chances(length, weights.fixed))
    hms, ms = _log_chances(length, weights.hms), _log_chances(length, weights.ms)
    # An upper bound of all ways: each stamp at its best, plus what rounded or forgiven stamps add.
    if base + sum(map(max, hms, ms)) + max(weights.rounded, weights.forgiven) < floor:
        return []
    zero, junk = list(map(add, ms, weights.zero)), list(map(add, ms, weights.junk))
    none, every = [0.0] * len(hms), [1.0] * len(hms)
    ways = [
        (base + sound + sum(hms) + weights.rounded, none),
        (base + misread + ZERO + sum(zero), every),
        (base + misread + JUNK + sum(junk) + weights.forgiven, every),
    ]
    floor = max(floor, max([score for score, _ in ways]) - NEGLIGIBLE)
    best = base + sum(map(max, hms, zero, junk)) + len(hms) * BOTH
    if best + sound + SLIPS < floor and best + mixed < floor:
        return [way for way in ways if way[0] >= floor]
    return ways + _changing(base, sound, mixed, hms, list(map(add, ms, weights.either)), floor)


def _changing(base: float, sound: float, mixed: float, hms: list[float], ms: list[float], floor: float) -> list[Way]:
    """Return the ways in which the reading changes within a note: sound with slips, and mixed."""
    slips = [(a if a > b else b) + log1p(exp(-abs(a - b))) for a, b in zip(hms, [b + SLIP for b in ms], strict=True)]
    ways = [(base + sound + SLIPS + sum(slips), [1 - exp(a - b) for a, b in zip(hms, slips, strict=True)])]
    if base + mixed + sum(map(max, hms, ms)) + STAY * (len(hms) - 1) > max(floor, ways[0][0] - NEGLIGIBLE):
        score, odds = _mixed(hms, ms)
        ways.append((base + mixed + score, odds))
    return ways


def _log_chances(length: Length, stamps: Sequence[Point]) -> list[float]:
    """Return the log probability of each stamp for a length of the video."""
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


def _either(a: float, b: float) -> float:
    """Return the logarithm of the sum of two probabilities given as logarithms."""
    return max(a, b) + log(1 + exp(-abs(a - b)))


def _mixed(hms: list[float], ms: list[float]) -> Way:
    """Return score and odds by the forward-backward algorithm with two states that rarely change."""
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
    """Return the logarithms of both states for the next stamp: each may stay or change."""
    if a - b > CERTAIN:
        return a + STAY, a + SWITCH
    if b - a > CERTAIN:
        return b + SWITCH, b + STAY
    chance = exp(b - a)
    return a + log(KEPT + CHANGED * chance), a + log(CHANGED + KEPT * chance)
