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

from convert.extract.cards.model import Reason
from convert.extract.cards.sentence_features import Features


class Model(msgspec.Struct, frozen=True, gc=False):
    """A logistic regression: log-odds are `bias` and the sum of weight times feature."""

    bias: float
    weights: Mapping[str, float]

    def odds(self, features: Features) -> float:
        """The log-odds of what the model guesses."""
        weight, found = self.weights.get, self.bias
        for name, value in features.items():
            if value:
                found += weight(name, 0.0) * value
        return found

    def reasons(self, features: Features) -> tuple[Reason, ...]:
        """What each feature adds to the log-odds, the weightiest first, trifles left out."""
        parts = [Reason(name, self.weights[name] * value) for name, value in features.items() if name in self.weights]
        return tuple(sorted((r for r in parts if abs(r.weight) >= 0.05), key=lambda r: (-abs(r.weight), r.name)))


@cache
def _data() -> dict[str, dict[str, float]]:
    data: dict[str, dict[str, float]] = json.loads(
        resources.files(__package__).joinpath("ranker.json").read_text("utf-8")
    )
    return data


@cache
def sentence_model() -> Model:
    """The model of a sentence's worth."""
    weights = _data()["sentence"]
    return Model(weights.get("bias", 0.0), {k: v for k, v in weights.items() if k != "bias"})


@cache
def card_model() -> Model:
    """The model of a card's chance to be kept."""
    weights = _data()["card"]
    return Model(weights.get("bias", 0.0), {k: v for k, v in weights.items() if k != "bias"})


@cache
def levels() -> dict[str, float]:
    """The least chance of a card at each level of `--cards`."""
    return _data()["levels"]


def chance(odds: float) -> float:
    """Log-odds as a chance, 0 to 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def odds_of(chance: float) -> float:
    """A chance as log-odds."""
    chance = min(max(chance, 1e-9), 1 - 1e-9)
    return math.log(chance / (1 - chance))


@cache
def bars() -> dict[str, float]:
    """The least chance of a card of some rules at any level: the ranker thinks too well of them."""
    return _data()["bars"]


@cache
def sure_rules() -> dict[str, float]:
    """Log-odds of the rules whose cards the ranker does not judge: nearly all of them are kept, whatever the note."""
    return _data()["sure"]


@cache
def rule_weights() -> dict[str, float]:
    """What each rule adds to the log-odds of its cards."""
    weights = card_model().weights
    return {name.removeprefix("rule_"): value for name, value in weights.items() if name.startswith("rule_")}
