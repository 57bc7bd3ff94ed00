"""Measures what the ranker learns from a person: `python -m tests.tools.cards.learn ROWS.json VERDICT.tsv...`.

The rows hold the features of cards and their notes, the other files a verdict a line: number of the row, TAB, 1 or 0.
For each channel the ranker is fitted without it. After 100 random verdicts of the channel, the shares that are kept of
the next 100 cards are compared: as the ranker alone chooses, as it has learned to, and as one could choose at best.
Of channels with fewer cards, two thirds are judged and the better 60 % of the rest are chosen.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

from convert.document.verdict import Verdict
from convert.extract.cards.taste import taste_of

SEEN, NEXT, LEAST, TIMES = 100, 100, 80, 20
"""Verdicts to learn from, cards to choose, the fewest rows of a channel, and how often verdicts are drawn."""
TASTES = {
    "strict": lambda row, kept: kept,
    "no dates": lambda row, kept: kept and row["rule"] != "date",
    "no definitions": lambda row, kept: kept and row["rule"] not in ("definition", "naming"),
    "terms only": lambda row, kept: row["rule"] in ("definition", "acronym", "naming") or kept,
}
"""Simulated people: what each keeps of a card that strict graders kept or not."""


def read(rows: str, verdicts: list[str]) -> list[tuple[dict[str, Any], bool]]:
    """Return the rows that have features and a verdict, with it."""
    said: dict[int, bool] = {}
    for path in verdicts:
        for line in Path(path).read_text("utf-8").splitlines():
            number, kept = line.split("\t")[:2]
            said[int(number.strip("#"))] = kept == "1"
    found = enumerate(json.loads(Path(rows).read_text("utf-8")))
    return [(row, said[number]) for number, row in found if number in said and row.get("feat")]


def odds_without(channel: str, known: list[tuple[dict[str, Any], bool]]) -> list[float]:
    """Return the log-odds of all rows by a ranker that never saw a channel."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    others = [(row["feat"], kept) for row, kept in known if channel_of(row) != channel]
    names = DictVectorizer(sparse=False)
    features = names.fit_transform([one for one, _ in others])
    ranker = LogisticRegression(C=0.3, max_iter=2000).fit(features, [kept for _, kept in others])
    return [float(one) for one in ranker.decision_function(names.transform([row["feat"] for row, _ in known]))]


def channel_of(row: dict[str, Any]) -> str:
    """Return the channel of a row."""
    return str(row["note"].split("/")[0])


def chosen(cards: list[tuple[dict[str, Any], bool, float]], chance: random.Random) -> tuple[float, ...]:
    """Return the share kept of the next cards of a channel: by the ranker alone, as it has learned, and at best."""
    chance.shuffle(cards)
    seen = cards[: min(SEEN, len(cards) * 2 // 3)]
    left = cards[len(seen) :]
    most = min(NEXT, math.ceil(len(left) * 0.6))
    about = {"kind": "basic", "owner": "", "anchor": ""}
    said = [Verdict(verdict="keep" if k else "discard", rule=row["rule"], odds=o, **about) for row, k, o in seen]
    taste = taste_of(said)
    alone = sorted(left, key=lambda one: -one[2])[:most]
    learned = sorted(left, key=lambda one: -one[2] - taste.get(one[0]["rule"], 0.0))[:most]
    best = sorted(left, key=lambda one: -one[1])[:most]
    return tuple([mean(kept for _, kept, _ in some) for some in (alone, learned, best)])


def main() -> None:
    """Print a line for each person and channel, and the mean of each person."""
    known = read(sys.argv[1], sys.argv[2:])
    sizes: dict[str, int] = defaultdict(int)
    for row, _ in known:
        sizes[channel_of(row)] += 1
    odds = {channel: odds_without(channel, known) for channel, size in sizes.items() if size >= LEAST}
    for name, keeps in TASTES.items():
        gains = []
        for channel, of_all in odds.items():
            rows = [
                (r, bool(keeps(r, k)), o) for (r, k), o in zip(known, of_all, strict=True) if channel_of(r) == channel
            ]
            chance = random.Random(7)
            runs = [chosen(list(rows), chance) for _ in range(TIMES)]
            gains.append([mean(shares) for shares in zip(*runs, strict=True)])
            print(_line(name, channel, len(rows), gains[-1]))
        print(_line(name, "mean", len(known), [mean(shares) for shares in zip(*gains, strict=True)]))


def _line(name: str, channel: str, cards: int, shares: list[float]) -> str:
    alone, learned, best = shares
    return f"{name:15} {channel:20} {cards:5} cards: {alone:4.0%} alone, {learned:4.0%} learned, {best:4.0%} at best"


if __name__ == "__main__":
    main()
