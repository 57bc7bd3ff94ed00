"""Evidence from the other notes of a video: its length, its cited seconds, the words before them.

Two notes that cite the same moment of a video tend to use the same words before their stamps.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from itertools import chain
from math import log
from operator import itemgetter

import msgspec

from convert.vault.times.odds import Agreement, AmbiguousStamp, Length

# The seconds up to which the stamps of a sound note reach, and the share of such notes.
REACH = (
    (60, 0.003), (120, 0.012), (180, 0.010), (240, 0.011), (300, 0.019), (420, 0.045), (600, 0.06), (900, 0.13),
    (1_200, 0.14), (1_800, 0.12), (3_600, 0.13), (5_400, 0.1), (7_200, 0.1), (9_000, 0.05), (10_800, 0.03),
    (12_600, 0.013), (14_400, 0.008), (18_000, 0.0004), (28_800, 0.0002), (43_200, 0.0001), (360_000, 0.00001),
)  # fmt: skip

PART = ((1.0, 0.7), (0.4, 0.22), (0.1, 0.06), (0.02, 0.02))
"""(share of the video, share of notes): how much of its video a note covers."""

STAMPS_A_NOTE = 30
"""Notes with fewer stamps are weaker evidence of where their video ends."""

LEAST_WEIGHT = 0.001
"""Hypotheses less likely than this are ignored."""

BEYOND_TOP = ((1.25, 0.25), (2.5, 0.15), (8.0, 0.03))
"""(factor, share of notes): how far a video exceeds the reach of its note; every further note makes that rarer."""

NEAR_S = 5
MOST_NEAR = 60
"""Stamps near a second that are compared, at most."""
WORDS_WEIGHT = 8.0
WORDS_BY_CHANCE = 0.12
MOST_WORDS = 14
STEM = 6

_WORD = re.compile(r"[^\W\d_]{4,}")
_ASCII_STEM = re.compile(rf"([a-z]{{4,{STEM}}})[a-z]*")
"""The stem of a word of small letters, found in half the time."""
_ANCHOR = re.compile(r"<a\b[^<>\n]*>[^<>\n]*</a>|<a\b[^<>\n]*>|\[[0-9:., -]+\](?:\([^()\n]*\))?")
_TARGET = re.compile(r"\[\[[^\[\]|\n]*\|")

Words = frozenset[int]
"""The numbers of the stems of words."""


class Stems(dict[str, int]):
    """Numbers stems (the first letters of words) in the order in which they occur.

    The order of a set of numbers, unlike that of strings, does not depend on the hash seed.
    """

    def __missing__(self, stem: str) -> int:
        self[stem] = number = len(self)
        return number


def last_words(text: str, stems: Stems) -> Words:
    """Return the stem numbers of the last words of a text, without short words."""
    text = text[-300:]
    if text.isascii():
        found = _ASCII_STEM.findall(text.lower())[-MOST_WORDS:]
    else:
        found = [word[:STEM].lower() for word in _WORD.findall(text)[-MOST_WORDS:]]
    return frozenset(map(stems.__getitem__, found))


def words_before_stamps(text: str, lines: Sequence[int], stems: Stems) -> list[Words]:
    """Return the words before each stamp; `lines` has the line number of each stamp in the source `text`.

    They begin after the previous stamp on the line. If the stamps of a line cannot be told apart, all its words count.
    """
    source = text.split("\n")
    counts = Counter(lines)
    done: Counter[int] = Counter()
    pieces: dict[int, list[str]] = {}
    found = []
    for line in lines:
        if line not in pieces:
            plain = _TARGET.sub("", source[line - 1]) if line <= len(source) else ""
            parts = _ANCHOR.split(plain)
            pieces[line] = parts if len(parts) == counts[line] + 1 else [" ".join(parts)] * counts[line]
        found.append(last_words(pieces[line][done[line]], stems))
        done[line] += 1
    return found


def lengths_of_one_note(stamps: Sequence[AmbiguousStamp], fixed: Sequence[int]) -> list[Length]:
    """Return hypotheses for a video with a single note: lengths that fit one of its readings."""
    readings = (
        [stamp.hms for stamp in stamps],
        [stamp.ms for stamp in stamps],
        [stamp.hms for stamp in stamps if stamp.hms < 3_600],
        # In mixed notes of long videos, stamps whose last field is not zero are sound.
        [stamp.hms for stamp in stamps if stamp.last and stamp.hms < 18_000],
    )
    wanted = [max(fixed)] if fixed else []
    for times in map(sorted, filter(None, readings)):
        wanted += [times[int(len(times) * 0.9)], times[int(len(times) * 0.999)]]
    rows = {min(bisect_left(REACH, (second, 0)), len(REACH) - 1) for second in wanted}
    return [Length(log(REACH[row][1]), REACH[row][0], REACH[row][0]) for row in sorted(rows)]


def lengths_of_measured_video(seconds: float, share: float = 0.0) -> list[Length]:
    """Return the hypotheses for a video of measured length; `share` as in `Length`."""
    return [Length(log(weight), seconds + 2, (seconds + 2) * part, share, True) for part, weight in PART]


class StampedNote(msgspec.Struct, gc=False):
    """A note of the video: its seconds by the present odds, and a function that returns the words before each."""

    seconds: list[int]
    words: Callable[[], list[Words]]
    latest: int
    """The latest of its seconds; 0 without any."""


class VideoNotes:
    """The stamps of all notes of a video and the words before them; shared by all notes that are judged."""

    def __init__(self, notes: Sequence[StampedNote]) -> None:
        self.notes = notes
        self.tops = sorted([(note.latest, index) for index, note in enumerate(notes) if note.seconds], reverse=True)

    @cached_property
    def counts(self) -> Counter[int]:
        """How many stamps name each second."""
        return Counter(chain.from_iterable([note.seconds for note in self.notes]))

    @cached_property
    def shared(self) -> list[tuple[int, int]]:
        """The seconds that several notes name, and how many notes do."""
        naming = Counter(chain.from_iterable([set(note.seconds) for note in self.notes]))
        return [(second, count) for second, count in naming.items() if count > 1]

    @cached_property
    def by_second(self) -> tuple[list[int], list[tuple[int, Words]]]:
        """The seconds of all stamps in order; the index of the note of each, and the words before it.

        Stamps without words are left out.
        """
        found = [
            (second, (index, words))
            for index, note in enumerate(self.notes)
            for second, words in zip(note.seconds, note.words(), strict=True)
            if words
        ]
        found.sort(key=itemgetter(0))
        return [one[0] for one in found], [one[1] for one in found]

    @cached_property
    def word_counts(self) -> Counter[int]:
        """How often each word occurs."""
        return Counter(chain.from_iterable([words for _, words in self.by_second[1]]))

    def rarity_beside(self, index: int) -> Callable[[int], float]:
        """Return a function that returns the rarity of a word in the notes other than the one at `index`.

        A word that does not occur in them has an average rarity.
        """
        rows, counts = self.by_second[1], self.word_counts
        words = [words for note, words in rows if note == index]
        own = Counter(chain.from_iterable(words))
        stamps = len(rows) - len(words)

        @cache
        def rarity(word: int) -> float:
            count = counts.get(word, 0) - own.get(word, 0)
            return log(1 + stamps / count) if count else 3.0

        return rarity


class OtherNotes:
    """The notes of a video without the one at `index`, which is being judged."""

    def __init__(self, video: VideoNotes, index: int) -> None:
        self._index = index
        self._video = video
        self._own = Counter(video.notes[index].seconds if index < len(video.notes) else ())
        self._total = sum([len(note.seconds) for note in video.notes]) - self._own.total()
        self._tops = [latest for latest, number in video.tops if number != index]
        counts, own = video.counts, self._own
        shared = [second for second, notes in video.shared if notes > 2 or second not in own]
        matched = sum([counts[second] - own.get(second, 0) for second in shared])
        self._agreed = len(shared)
        self._last_shared = max(shared, default=0)
        self.agree = self._agreed >= 20
        """Whether the notes share so many seconds that the last shared one must be near the end."""
        self.share = 0.05 + 0.8 * matched / (self._total + 10)
        """The probability that a stamp falls on a second that these notes name."""
        self._near: dict[int, list[Words]] = {}

    @cached_property
    def _rarity(self) -> Callable[[int], float]:
        return self._video.rarity_beside(self._index)

    def lengths(self) -> list[Length]:
        """Return the hypotheses that these notes suggest, the likeliest first; none without times."""
        trust = 0.85 * self._agreed / (self._agreed + 8)
        guesses = [(trust, self._last_shared)]
        if len(self._tops) > 1:
            guesses += [((1 - trust) * 0.7, self._tops[1]), ((1 - trust) * 0.3, self._tops[0])]
        elif self._tops:
            guesses += [(1 - trust, self._tops[0])]
        notes = min(len(self._tops), 1 + self._total / STAMPS_A_NOTE)
        beyond = [(factor, chance**notes) for factor, chance in BEYOND_TOP]
        beyond.append((1.0, 1 - sum([chance for _, chance in beyond])))
        likely = [
            (weight * chance * part, (top * 1.03 + 15) * factor, reach)
            for weight, top in guesses
            for factor, chance in beyond
            for reach, part in PART
            if weight * chance * part > LEAST_WEIGHT
        ]
        likely.sort(key=itemgetter(0), reverse=True)
        return [Length(log(weight), video, video * reach, self.share) for weight, video, reach in likely]

    def reach(self) -> int:
        """Return the last second that two notes share, else the second longest reach; 0 without times."""
        if self.agree:
            return self._last_shared
        return self._tops[min(1, len(self._tops) - 1)] if self._tops else 0

    def agreement(self, stamp: AmbiguousStamp, words: Words) -> Agreement:
        """Return how the other notes support each reading of a stamp; `words` are those before it."""
        hits, likeness = self._hits, self._likeness
        return Agreement(hits(stamp.hms), hits(stamp.ms), likeness(stamp.hms, words), likeness(stamp.ms, words))

    def _hits(self, second: int) -> float:
        named, own = self._video.counts.get, self._own.get
        near = named(second - 1, 0) + named(second + 1, 0) - own(second - 1, 0) - own(second + 1, 0)
        return (0.8 * (named(second, 0) - own(second, 0)) + 0.1 * near) / self._total if self._total else 0.0

    def _words_near(self, second: int) -> list[Words]:
        """Return the words before the stamps of these notes that are near a second, the earliest of them."""
        if second not in self._near:
            seconds, spoken = self._video.by_second
            near = spoken[bisect_left(seconds, second - NEAR_S) : bisect_right(seconds, second + NEAR_S)]
            self._near[second] = [words for note, words in near if note != self._index][:MOST_NEAR]
        return self._near[second]

    def _likeness(self, second: int, words: Words) -> float:
        """Return how much likelier the words are near a second than elsewhere, as a logarithm."""
        others = self._words_near(second)
        if not words or not others:
            return 0.0
        rarity = self._rarity
        best = 0.0
        for other in others:
            if both := words & other:
                best = max(best, sum(map(rarity, both)) / min(sum(map(rarity, words)), sum(map(rarity, other))))
        return WORDS_WEIGHT * (best - WORDS_BY_CHANCE - 0.02 * min(len(others), 8))
