"""What is known about a video from its other notes: how long it is, which seconds they name, with which words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain
from math import log
from operator import itemgetter

import msgspec

from convert.vault.times.note import Evidence, Length
from convert.vault.times.readings import Choice
from convert.vault.times.words import Words

# How far the stamps of a sound note reach, in seconds, and the share of notes that do.
REACH = (
    (60, 0.003), (120, 0.012), (180, 0.010), (240, 0.011), (300, 0.019), (420, 0.045), (600, 0.06), (900, 0.13),
    (1_200, 0.14), (1_800, 0.12), (3_600, 0.13), (5_400, 0.1), (7_200, 0.1), (9_000, 0.05), (10_800, 0.03),
    (12_600, 0.013), (14_400, 0.008), (18_000, 0.0004), (28_800, 0.0002), (43_200, 0.0001), (360_000, 0.00001),
)  # fmt: skip

PART = ((1.0, 0.7), (0.4, 0.22), (0.1, 0.06), (0.02, 0.02))
"""How far a note goes into its video, and the share of notes that do."""

STAMPS_A_WITNESS = 30
"""Notes with fewer stamps say less about where their video ends."""

LEAST_WEIGHT = 0.001
"""Hypotheses less likely than this are not weighed."""

BEYOND_TOP = ((1.25, 0.25), (2.5, 0.15), (8.0, 0.03))
"""How much longer a video is than a note of it goes, and in what share of notes; less for each note more."""

NEAR_S = 5
MOST_NEAR = 60
"""How many stamps near a second are listened to."""
WORDS_WEIGHT = 8.0
WORDS_BY_CHANCE = 0.12
NOTHING = Evidence()


class Witness(msgspec.Struct, gc=False):
    """A note of the video: its seconds as believed now, and a call that gives the words before each."""

    seconds: list[int]
    words: Callable[[], list[Words]]


def alone(choices: Sequence[Choice], fixed: Sequence[int]) -> list[Length]:
    """Hypotheses of a video of which nothing is known but this note: lengths that fit one of its readings."""
    wanted = {_fitting(times[int(len(times) * part)]) for times in _readings(choices) for part in (0.9, 0.999)}
    if fixed:
        wanted.add(_fitting(max(fixed)))
    return [Length(log(REACH[place][1]), REACH[place][0], REACH[place][0]) for place in sorted(wanted)]


def _readings(choices: Sequence[Choice]) -> list[list[int]]:
    groups = (
        [choice.hms for choice in choices],
        [choice.ms for choice in choices],
        [choice.hms for choice in choices if choice.hms < 3_600],
        # In mixed notes of long videos the sound stamps are those whose last field is not zero.
        [choice.hms for choice in choices if choice.last and choice.hms < 18_000],
    )
    return [sorted(group) for group in groups if group]


def _fitting(second: int) -> int:
    return min(bisect_left(REACH, (second, 0)), len(REACH) - 1)


def known(seconds: float, share: float = 0.0) -> list[Length]:
    """The hypotheses of a video whose length was measured; `share` as in `Length`."""
    return [Length(log(weight), seconds + 2, (seconds + 2) * part, share, True) for part, weight in PART]


class Talk:
    """What the notes of a video say, by second: the same for every note that listens, but for its own words."""

    def __init__(self, witnesses: Sequence[Witness]) -> None:
        self._witnesses = witnesses

    @cached_property
    def said(self) -> tuple[list[int], list[int], list[Words]]:
        """The seconds of all stamps in order; whose each is; the words before it. Stamps without words are left out."""
        found = [
            (second, place, words)
            for place, witness in enumerate(self._witnesses)
            for second, words in zip(witness.seconds, witness.words(), strict=True)
            if words
        ]
        found.sort(key=itemgetter(0))
        return ([one[0] for one in found], [one[1] for one in found], [one[2] for one in found])

    @cached_property
    def counts(self) -> Counter[int]:
        """How often each word is said."""
        return Counter(chain.from_iterable(self.said[2]))

    def own(self, place: int) -> Counter[int]:
        """How often a note says each word itself."""
        _, whose, said = self.said
        return Counter(chain.from_iterable(words for at, words in zip(whose, said, strict=True) if at == place))


class _Rarity(dict[int, float]):
    """How rare a word is in the other notes; one that they do not have is as rare as most."""

    def __init__(self, talk: Talk, place: int) -> None:
        super().__init__()
        self._all, self._own = talk.counts, talk.own(place)
        self._stamps = len(talk.said[0]) - talk.said[1].count(place)

    def __missing__(self, word: int) -> float:
        count = self._all[word] - self._own[word]
        self[word] = value = log(1 + self._stamps / count) if count else 3.0
        return value


class Others:
    """The notes of a video but the one at `place`, which is not listened to itself."""

    def __init__(self, witnesses: Sequence[Witness], place: int, talk: Talk) -> None:
        self._place = place
        self._talk = talk
        self._counts: Counter[int] = Counter()
        named: Counter[int] = Counter()
        others = [witness for index, witness in enumerate(witnesses) if index != place]
        for witness in others:
            self._counts.update(witness.seconds)
            named.update(set(witness.seconds))
        self._total = sum(self._counts.values())
        self._tops = sorted((max(witness.seconds) for witness in others if witness.seconds), reverse=True)
        shared = [second for second, notes in named.items() if notes > 1]
        self._matched = sum(self._counts[second] for second in shared)
        self._agreed = len(shared)
        self.agree = self._agreed >= 20
        """Whether these notes share so many seconds that the last of them is near the end."""
        self._shared = max(shared, default=0)

    @cached_property
    def _rarity(self) -> _Rarity:
        return _Rarity(self._talk, self._place)

    def lengths(self) -> list[Length]:
        """Lengths of the video that these notes suggest, none when they name no time."""
        trust = 0.85 * self._agreed / (self._agreed + 8)
        guesses = [(trust, self._shared)]
        if len(self._tops) > 1:
            guesses += [((1 - trust) * 0.7, self._tops[1]), ((1 - trust) * 0.3, self._tops[0])]
        elif self._tops:
            guesses += [(1 - trust, self._tops[0])]
        share = self.share()
        witnesses = min(len(self._tops), 1 + self._total / STAMPS_A_WITNESS)
        beyond = [(factor, chance**witnesses) for factor, chance in BEYOND_TOP]
        beyond.append((1.0, 1 - sum(chance for _, chance in beyond)))
        made: list[Length] = []
        for weight, top in guesses:
            for factor, chance in beyond:
                video = (top * 1.03 + 15) * factor
                made += [
                    Length(log(weight * chance * part), video, video * reach, share)
                    for reach, part in PART
                    if weight * chance * part > LEAST_WEIGHT
                ]
        return sorted(made, key=lambda length: -length.weight)

    def share(self) -> float:
        """How likely a stamp is to fall on a second that these notes name."""
        return 0.05 + 0.8 * self._matched / (self._total + 10)

    def reach(self) -> int:
        """The last second that two of the notes agree on, or reach; 0 when they say nothing."""
        if self.agree:
            return self._shared
        return self._tops[min(1, len(self._tops) - 1)] if self._tops else 0

    def evidence(self, choice: Choice, words: Words) -> Evidence:
        """What the notes say of a stamp that has these words before it."""
        hms_words, ms_words = (self._heard(choice.hms, words), self._heard(choice.ms, words))
        return Evidence(self._hits(choice.hms), self._hits(choice.ms), hms_words, ms_words)

    def _hits(self, second: int) -> float:
        counts = self._counts
        near = counts.get(second - 1, 0) + counts.get(second + 1, 0)
        return (0.8 * counts.get(second, 0) + 0.1 * near) / self._total if self._total else 0.0

    def _heard(self, second: int, words: Words) -> float:
        """How much more likely the words are near that second than anywhere, as a logarithm."""
        seconds, whose, said = self._talk.said
        near = range(bisect_left(seconds, second - NEAR_S), bisect_right(seconds, second + NEAR_S))
        others = [said[at] for at in near if whose[at] != self._place][:MOST_NEAR]
        if not words or not others:
            return 0.0
        best = max(self._alike(words, other) for other in others)
        return WORDS_WEIGHT * (best - WORDS_BY_CHANCE - 0.02 * min(len(others), 8))

    def _alike(self, words: Words, others: Words) -> float:
        both = words & others
        if not both:
            return 0.0
        rarity = self._rarity.__getitem__
        return sum(map(rarity, both)) / min(sum(map(rarity, words)), sum(map(rarity, others)))
