"""What the ranker learns from a person's verdicts: for each rule, how far off its chances were for this person.

What was kept and discarded of the cards of a rule (a Beta count that begins with two of each) is compared with what the
ranker expected of the same cards. The difference is added to the log-odds of other cards. Nothing leaves the machine.

Kept apart because it knows nothing of sentences: verdicts alone decide.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from convert.document.verdict import Verdict

PRIOR = 2.0
"""Cards kept, and cards discarded, that count before the first verdict."""
MOST = 3.0
"""The most that is added to log-odds, or taken away."""

Taste = Mapping[str, float]
"""What is added to the log-odds of a card, by rule."""
NO_TASTE: Taste = {}


def taste_of(verdicts: Iterable[Verdict]) -> Taste:
    """Return what the verdicts on mined cards add to the log-odds of each rule."""
    sums: dict[str, tuple[int, int, float]] = defaultdict(lambda: (0, 0, 0.0))
    for one in verdicts:
        if one.odds is not None and one.verdict != "waiting":
            count, kept, expected = sums[one.rule]
            sums[one.rule] = count + 1, kept + (one.verdict == "keep"), expected + 1 / (1 + math.exp(-one.odds))
    found = {}
    for rule, (count, kept, expected) in sorted(sums.items()):
        liked = math.log((kept + PRIOR) / (expected + PRIOR))
        disliked = math.log((count - kept + PRIOR) / (count - expected + PRIOR))
        found[rule] = max(-MOST, min(MOST, liked - disliked))
    return found
