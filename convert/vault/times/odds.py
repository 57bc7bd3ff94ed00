"""Weighs how the stamps of one note were written, as probabilities.

A note was written in one of a few ways: every stamp as `HH:MM:SS` (to the second, or rounded to minutes), every stamp
as `MM:SS` with a third field that is zero or junk, or a mixture of both. Each way, for each possible length of the
video, gives the stamps a probability; the posterior of the ways weighs the two readings of each stamp.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, inf, log, log1p, prod

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
MIXED_JUNK = 0.1
"""Share of misread stamps in mixed notes whose third field is junk."""
SLIPS = log(0.05)
"""Share of sound notes with single misread stamps."""
SLIP = 0.02
"""Share of misread stamps in such notes."""
FORGIVEN = 2.5
"""How much less `00:12:34` counts against `MM:SS` in a misread note, as a logarithm."""
MOST_FORGIVEN = exp(FORGIVEN)
KEPT, CHANGED = 0.88, 0.12
"""Probabilities that a mixed note keeps or changes its way of writing from one stamp to the next."""

STRAY = -11.0
"""Share of stamps beyond the end of the video, as a logarithm."""
LEAST_STRAY = exp(STRAY)
WITHIN, EARLY, BEYOND = 0.5, 0.35, 0.15
"""Shares of stamps: evenly within the note's reach, denser towards its start, and evenly in the whole video."""
START_S = 30

NEGLIGIBLE = 7.0
"""Ways whose logarithm is this much below the best one are ignored."""
LEAST_SHARE = 1e-6
"""The odds of ways with less of the whole probability are not worked out."""
LEAST_FLOAT = 1e-300

Way = tuple[float, Callable[[], list[float]] | None]
"""The log probability of a way of writing, and a function that returns the probability of `MM:SS` for each stamp."""
Point = tuple[int, float, float]
"""A second that a stamp names, how much denser stamps are there as it is early, and its chance by other notes."""


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
    """Weights that do not depend on the length of the video; logarithms, but for `factors` and `most`."""

    points: list[Point]
    """The ambiguous stamps as written, as many as `MM:SS`, then the other stamps."""
    hms: float
    """The sum of the other evidence for the stamps as written; `ms`: as `MM:SS`."""
    ms: float
    zero: float
    """Weight of the last fields if all are zero but for a few; `junk`: if they are junk."""
    junk: float
    rounded: float
    factors: list[float]
    """How much likelier each stamp is `MM:SS` than written, by its last field and the other evidence."""
    most: list[float]
    """Upper bounds of that, whatever the way of writing."""


def misread_odds(
    stamps: Sequence[AmbiguousStamp],
    agreements: Sequence[Agreement] | None,
    fixed: Sequence[int],
    lengths: Sequence[Length],
) -> list[float]:
    """Return the probability of each stamp to be `MM:SS`.

    `fixed` has the seconds of the note's other stamps. `agreements` is None without other notes.
    """
    weights = _weights(stamps, agreements or [Agreement()] * len(stamps), fixed, lengths[0].share)
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
        if odds and share > total * LEAST_SHARE:
            part = share / total
            result = [sofar + part * chance for sofar, chance in zip(result, odds(), strict=True)]
    return result


def _weights(
    stamps: Sequence[AmbiguousStamp], agreements: Sequence[Agreement], fixed: Sequence[int], share: float
) -> _Weights:
    pairs = list(zip(stamps, agreements, strict=True))
    zero = [-0.07 if stamp.last == 0 else -3.5 if stamp.twin else -6.5 for stamp in stamps]
    # `00:12:34` is probably sound, even among misread stamps.
    junk = [-2.8 if stamp.last == 0 else -7.2 if stamp.hms < 3_600 else -4.2 for stamp in stamps]
    hms = [found.hms_words - 7.0 * stamp.odd for stamp, found in pairs]
    ms = [found.ms_words for found in agreements]
    few = log(ROUNDED * min(1.0, 8 / max(len(stamps), 1)) ** 2)
    few += sum([3.9 if stamp.last == 0 else -2.0 for stamp in stamps])
    named = [(stamp.hms, found.hms_hits) for stamp, found in pairs]
    named += [(stamp.ms, found.ms_hits) for stamp, found in pairs]
    named += [(second, 0.0) for second in fixed]
    fields = [(exp(a), exp(b), exp(c - d)) for a, b, c, d in zip(zero, junk, ms, hms, strict=True)]
    return _Weights(
        points=[(second, 1 / (second + START_S), share * hits) for second, hits in named],
        hms=sum(hms),
        ms=sum(ms),
        zero=ZERO + sum(zero),
        junk=JUNK + sum(junk) + FORGIVEN * len([stamp for stamp in stamps if stamp.last and stamp.hms < 3_600]),
        rounded=max(few, 0.0) + log1p(exp(-abs(few))),
        factors=[(a + MIXED_JUNK * b) * gain for a, b, gain in fields],
        most=[(a + MOST_FORGIVEN * b) * gain for a, b, gain in fields],
    )


def _ways(weights: _Weights, length: Length, floor: float) -> list[Way]:
    """Return the ways of writing for a length of the video, but for those that are sure to score below `floor`."""
    count = len(weights.factors)
    chances = _chances(length, weights)
    hms, ms, fixed = chances[:count], chances[count : 2 * count], chances[2 * count :]
    base = length.weight + sum(map(log, fixed))
    # An upper bound of all ways: each stamp in both readings, whatever the way; none if it is too small for a float.
    bound = prod([h + m * most for h, m, most in zip(hms, ms, weights.most, strict=True)])
    if bound > LEAST_FLOAT and base + log(bound) + weights.hms + weights.rounded < floor:
        return []
    sound, misread, mixed = SHORT_SHARES if length.video <= LONG_S else LONG_SHARES
    written = base + sum(map(log, hms)) + weights.hms
    minutes = base + sum(map(log, ms)) + weights.ms + misread
    ways: list[Way] = [
        (written + sound + weights.rounded, None),
        (minutes + weights.zero, lambda: [1.0] * count),
        (minutes + weights.junk, lambda: [1.0] * count),
    ]
    floor = max(floor, max([score for score, _ in ways]) - NEGLIGIBLE)
    ratios = [m / h * factor for h, m, factor in zip(hms, ms, weights.factors, strict=True)]
    return ways + _changing(written, sound, mixed, ratios, floor)


def _changing(written: float, sound: float, mixed: float, ratios: list[float], floor: float) -> list[Way]:
    """Return the ways in which the reading changes within a note: sound with slips, and mixed."""
    # An upper bound: each stamp in both readings, whatever the one before it. It may be infinite.
    either = written + log(prod([1 + ratio for ratio in ratios]))
    if either + max(sound + SLIPS, mixed) <= floor:
        return []
    slips = [SLIP * ratio for ratio in ratios]
    ways: list[Way] = [
        (written + sound + SLIPS + sum(map(log1p, slips)), lambda: [slip / (1 + slip) for slip in slips])
    ]
    if either + mixed > max(floor, ways[0][0] - NEGLIGIBLE):
        gain, states = _mixed(ratios)
        ways.append((written + mixed + gain, lambda: _smoothed(states)))
    return ways


def _chances(length: Length, weights: _Weights) -> list[float]:
    """Return the probability of the second of each point for a length of the video."""
    share, reach, end = length.share, length.reach, length.video
    rest = 1 - share
    outside = rest * BEYOND / end
    spread = rest * WITHIN / reach + outside
    early = rest * EARLY / log(reach / START_S + 1)
    past = STRAY if length.certain else -4.0
    return [
        hits + spread + early * density
        if second <= reach
        else hits + outside
        if second <= end
        else max(hits + outside * exp(max(past - 2 * (second - end) / end, STRAY)), outside * LEAST_STRAY)
        for second, density, hits in weights.points
    ]


def _mixed(ratios: Sequence[float]) -> tuple[float, list[float]]:
    """Return how much likelier a mixed note is than one as written (a logarithm), and the states of its stamps.

    A state is the probability of `MM:SS` given the stamps so far: the forward pass over two states that rarely change.
    """
    states, scales = [], []
    before = 0.5
    for ratio in ratios:
        changed = before * ratio
        scale = changed + 1 - before
        scales.append(scale)
        states.append(changed / scale)
        before = CHANGED + (KEPT - CHANGED) * states[-1]
    return sum(map(log, scales)), states


def _smoothed(states: Sequence[float]) -> list[float]:
    """Return the probability of `MM:SS` for each stamp given all stamps: the backward pass."""
    odds = [later := states[-1]]
    for state in states[-2::-1]:
        before = CHANGED + (KEPT - CHANGED) * state
        later = state * (KEPT * later / before + CHANGED * (1 - later) / (1 - before))
        odds.append(later)
    return odds[::-1]
