"""Scores by two small linear models whose coefficients are data (`ranker.json`, made by `make train-cards`).

The first guesses from a sentence alone whether a card is worth making of it; the second, which sees that guess
as one of its features, the chance that a reader keeps a card.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

from convert.extract.cards.features import Features
from convert.extract.cards.model import Reason


class Model(msgspec.Struct, frozen=True, gc=False):
    """A logistic regression: log-odds are `bias` and the sum of weight times feature."""

    bias: float
    weights: Mapping[str, float]

    def odds(self, features: Features) -> float:
        """Return the log-odds of what the model guesses."""
        weight, found = self.weights.get, self.bias
        for name, value in features.items():
            if value:
                found += weight(name, 0.0) * value
        return found

    def reasons(self, features: Features) -> tuple[Reason, ...]:
        """Return what each feature adds to the log-odds, the weightiest first, trifles left out."""
        parts = [(name, self.weights[name] * value) for name, value in features.items() if name in self.weights]
        ranked = sorted([(-abs(weight), name, weight) for name, weight in parts if abs(weight) >= 0.05])
        return tuple([Reason(name, weight) for _, name, weight in ranked])


@cache
def data() -> dict[str, dict[str, float]]:
    """Return the weights of both models by name (`sentence`, `card`), and three more tables.

    `levels` is the least chance of a card at each level of `--cards`. `bars` is the least chance at any level of the
    cards of some rules, which the ranker overrates. `sure` holds the log-odds of the rules whose cards it does not
    judge: nearly all of them are kept, whatever the note.
    """
    found: dict[str, dict[str, float]] = json.loads(
        resources.files(__package__).joinpath("ranker.json").read_text("utf-8")
    )
    return found


@cache
def sentence_model() -> Model:
    """Return the model of a sentence's worth."""
    weights = dict(data()["sentence"])
    return Model(weights.pop("bias", 0.0), weights)


@cache
def card_model() -> Model:
    """Return the model of a card's chance to be kept."""
    weights = dict(data()["card"])
    return Model(weights.pop("bias", 0.0), weights)


@cache
def rule_weights() -> dict[str, float]:
    """Return what each rule adds to the log-odds of its cards."""
    weights = card_model().weights
    return {name.removeprefix("rule_"): value for name, value in weights.items() if name.startswith("rule_")}


def chance(odds: float) -> float:
    """Return log-odds as a chance, 0 to 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def odds_of(chance: float) -> float:
    """Return a chance as log-odds."""
    chance = min(max(chance, 1e-9), 1 - 1e-9)
    return math.log(chance / (1 - chance))
