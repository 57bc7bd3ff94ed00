"""What the ranker learns from a person's verdicts: for each rule and note, how far off its chances were for them.

What was kept and discarded of the cards of a rule (a Beta count that begins with two of each) is compared with what
the ranker expected of them. The difference is added to the log-odds of other cards. Then the same is done by note,
given what was learned by rule: who likes a card of a subject likes others. Nothing leaves the machine.

Kept apart because it knows nothing of sentences: verdicts alone decide.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from convert.document.verdict import Verdict

PRIOR, NOTE_PRIOR = 2.0, 1.0
"""Cards kept, and cards discarded, that count before the first verdict on a rule, and on a note."""
MOST = 3.0
"""The most that is added to log-odds, or taken away, by rule and by note."""

Taste = Mapping[tuple[str, str], float]
"""What is added to the log-odds of a card, by ("rule", its rule) and ("note", the slug of its note)."""
NO_TASTE: Taste = {}


def taste_of(verdicts: Iterable[Verdict]) -> Taste:
    """Return what the verdicts on mined cards add to the log-odds of each rule and note."""
    judged = [one for one in verdicts if one.odds is not None and one.verdict != "waiting"]
    found = _shifts(judged, PRIOR, lambda one: ("rule", one.rule), {})
    return found | _shifts(judged, NOTE_PRIOR, lambda one: ("note", one.note), found)


def learned(taste: Taste, rule: str, note: str) -> float:
    """Return what is added to the log-odds of a card of a rule and a note."""
    return taste.get(("rule", rule), 0.0) + taste.get(("note", note), 0.0)


def _shifts(
    judged: Iterable[Verdict], prior: float, key: Callable[[Verdict], tuple[str, str]], known: Taste
) -> dict[tuple[str, str], float]:
    sums: dict[tuple[str, str], tuple[int, int, float]] = defaultdict(lambda: (0, 0, 0.0))
    for one in judged:
        count, kept, expected = sums[key(one)]
        odds = (one.odds or 0.0) + learned(known, one.rule, one.note)
        sums[key(one)] = count + 1, kept + (one.verdict == "keep"), expected + 1 / (1 + math.exp(-odds))
    found = {}
    for name, (count, kept, expected) in sorted(sums.items()):
        liked = math.log((kept + prior) / (expected + prior))
        disliked = math.log((count - kept + prior) / (count - expected + prior))
        found[name] = max(-MOST, min(MOST, liked - disliked))
    return found
