"""Measures what the ranker learns from a person: `python -m tests.tools.cards.learn` (needs scikit-learn).

For each channel of labels.jsonl the ranker is fitted without it. After 100 random verdicts of the channel, the shares
that are kept of the likeliest other cards are compared: as the ranker alone chooses, as it has learned to, and as one
could choose at best. The likeliest are 60 % or 30 % of the rest, at most 100; of small channels two thirds are judged.
Once for the cards that the rules make now, once with the candidates that they refuse.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from statistics import mean

import msgspec

from convert.document.verdict import Verdict
from convert.extract.cards.mining import learned, taste_of
from tests.tools.cards.train import REFUSED, Row, chance, channel, model_of, read_labels

SEEN, NEXT, LEAST, TIMES = 100, 100, 60, 30
"""Verdicts to learn from, cards to choose, the fewest rows of a channel, and how often verdicts are drawn."""
TERMS = ("definition", "acronym", "naming")
TASTES = {
    "strict": lambda rule, kept: kept,
    "no dates": lambda rule, kept: kept and rule != "date",
    "no definitions and names": lambda rule, kept: kept and rule not in ("definition", "naming"),
    "every term": lambda rule, kept: kept or rule in TERMS,
}
"""Simulated people: what each keeps of a card that strict graders kept or not."""


def verdicts_of(rows: list[Row], name: str) -> list[Verdict]:
    """Return the strict verdicts on the cards of a channel, with the log-odds of a ranker that never saw it."""
    weights = model_of([row for row in rows if channel(row) != name])
    found = []
    for row in rows:
        if channel(row) == name:
            odds = chance(weights, row["features"])
            about = {"kind": "basic", "owner": "", "anchor": "", "rule": row["at"][1], "note": row["note"]}
            said = "keep" if row["keep"] else "discard"
            found.append(Verdict(verdict=said, odds=math.log(odds / (1 - odds)), **about))  # type: ignore[arg-type]
    return found


def chosen(cards: list[tuple[Verdict, bool]], share: float) -> tuple[float, ...]:
    """Return the share kept of the next cards: by the ranker alone, as it has learned, and at best."""
    seen = cards[: min(SEEN, len(cards) * 2 // 3)]
    left = cards[len(seen) :]
    most = min(NEXT, math.ceil(len(left) * share))
    taste = taste_of([msgspec.structs.replace(one, verdict="keep" if kept else "discard") for one, kept in seen])
    alone = sorted(left, key=lambda card: -(card[0].odds or 0))[:most]
    after = sorted(left, key=lambda card: -(card[0].odds or 0) - learned(taste, card[0].rule, card[0].note))[:most]
    best = sorted(left, key=lambda card: -card[1])[:most]
    return tuple([mean(kept for _, kept in some) for some in (alone, after, best)])


def mean_of(found: list[Verdict], keeps: Callable[[str, bool], bool], share: float) -> list[float]:
    """Return the mean shares of a channel over many draws of verdicts."""
    chance_of_draw = random.Random(7)
    cards = [(one, bool(keeps(one.rule, one.verdict == "keep"))) for one in found]
    draws = [chosen(chance_of_draw.sample(cards, len(cards)), share) for _ in range(TIMES)]
    return [mean(column) for column in zip(*draws, strict=True)]


def main() -> None:
    """Print a line for each pool, share and person: the mean of all channels."""
    rows = read_labels()
    names = sorted({channel(row) for row in rows})
    for pool, is_in in (("cards", lambda row: REFUSED not in row["features"]), ("candidates", lambda row: True)):
        wanted = [name for name in names if sum(channel(row) == name and is_in(row) for row in rows) >= LEAST]
        told = {name: [is_in(row) for row in rows if channel(row) == name] for name in wanted}
        of = {name: [v for v, ok in zip(verdicts_of(rows, name), told[name], strict=True) if ok] for name in wanted}
        for share in (0.6, 0.3):
            for person, keeps in TASTES.items():
                figures = [mean_of(found, keeps, share) for found in of.values()]
                alone, after, best = [mean(column) for column in zip(*figures, strict=True)]
                print(
                    f"{pool:10} {share:.0%} {person:24} {alone:6.1%} alone, {after:6.1%} learned, {best:6.1%} at best"
                )


if __name__ == "__main__":
    main()
