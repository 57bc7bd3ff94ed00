"""Mined cards: collects what the rules propose for the sentences and lists of a note, and chooses among it.

One of three sources of cards, beside `card_markup` and `sections`; the training of the models reads it too.
Candidates that a reader probably keeps become cards: one for each sentence, none twice.

Two small linear models judge candidates; their coefficients are data (`ranker.json`, made by `make train-cards`). The
first estimates from a sentence alone whether it is worth a card. The second uses that estimate as one of its features
and returns the chance that a reader keeps the card.

Kept apart because it alone chooses: marked cards and section cards are made of whatever a note has.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import chain
from typing import Literal

import msgspec

from convert.document import nodes as n
from convert.document.note import Note
from convert.extract.cards.candidate import LONGEST_SENTENCE, Candidate, Clause, clause_of
from convert.extract.cards.english import content, normal
from convert.extract.cards.features import Features, Judged, gap_features, proper_nouns, sentence_features
from convert.extract.cards.model import Card, Face, Gap, Reason
from convert.extract.cards.passages import Passage, inlines_of, spelled
from convert.extract.cards.refusals import is_barren, is_hopeless, leak_of, title_words
from convert.extract.cards.rules import ANYWHERE, RULES, Rule, lists, titled

Key = tuple[object, ...]
"""A key that no two cards of a note may share."""
REACH = 0.4
"""Log-odds that the answer's own features rarely exceed (1 candidate in 100)."""
SENTENCES = 40
"""The worthiest sentences of a note, for which cards are tried."""
_GENRE = (
    "interface", "second_person", "third_person", "reporting", "opinion", "crime", "state", "nature", "research",
    "number", "year", "evaluation", "hedge", "now", "modal", "example", "formula", "past",
)  # fmt: skip
"""Features whose share among the sentences of a note tells its kind: a manual, a story, a lesson."""


class Model(msgspec.Struct, frozen=True, gc=False):
    """A logistic regression: log-odds are `bias` and the sum of weight times feature."""

    bias: float
    weights: Mapping[str, float]

    def odds(self, features: Features) -> float:
        """Return the log-odds that the model estimates."""
        weight, found = self.weights.get, self.bias
        for name, value in features.items():
            if value:
                found += weight(name, 0.0) * value
        return found

    def reasons(self, features: Features) -> tuple[Reason, ...]:
        """Return what each feature adds to the log-odds, the largest first; below 0.05 it is left out."""
        parts = [(name, self.weights[name] * value) for name, value in features.items() if name in self.weights]
        ranked = sorted([(-abs(weight), name, weight) for name, weight in parts if abs(weight) >= 0.05])
        return tuple([Reason(name, weight) for _, name, weight in ranked])


@cache
def data() -> dict[str, dict[str, float]]:
    """Return the weights of both models by name (`sentence`, `card`), and three more tables.

    `levels` has the least chance of a card at each level of `--cards`. `bars` has the least chance, at any level, for
    rules whose cards the model overrates. `sure` has the log-odds of rules whose cards the model does not judge,
    because nearly all of them are kept.
    """
    text = resources.files(__package__).joinpath("ranker.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, dict[str, float]])


@cache
def model(name: Literal["sentence", "card"]) -> Model:
    """Return the model of the worth of a sentence, or of the chance that a card is kept."""
    weights = dict(data()[name])
    return Model(weights.pop("bias", 0.0), weights)


@cache
def rule_weights() -> dict[str, float]:
    """Return what each rule adds to the log-odds of its cards."""
    weights = model("card").weights
    return {name.removeprefix("rule_"): value for name, value in weights.items() if name.startswith("rule_")}


def odds_of(chance: float) -> float:
    """Return a chance as log-odds."""
    chance = min(max(chance, 1e-9), 1 - 1e-9)
    return math.log(chance / (1 - chance))


def candidates(note: Note, passages: list[Passage], least: float = 0.0) -> Iterator[Judged]:
    """Yield every candidate of the worthiest sentences of a note that no hard rule refuses, then those of its lists.

    Candidates that cannot reach a chance of `least` are skipped early.
    """
    title = title_words(note.title)
    seen = clauses_of(note, passages)
    genre = _genre([features for _, features in seen])
    counts = Counter(chain.from_iterable([clause.stems for clause, _ in seen]))
    ranked = sorted([(is_barren(clause), -found["worth"], index) for index, (clause, found) in enumerate(seen)])
    floor = odds_of(least) - REACH
    for rank, (barren, _, index) in enumerate(ranked):
        clause, features = seen[index]
        rules = ANYWHERE if rank >= SENTENCES or barren else RULES
        if rules is RULES or "(" in clause.prose.sentence.text:
            whole = features | genre
            for candidate in _proposed(clause, rules, floor - model("card").odds(whole)):
                leak = leak_of(title, candidate)
                if not is_hopeless(candidate, leak):
                    yield Judged(candidate, whole, gap_features(candidate, leak, counts))
    yield from _of_lists(passages, title, genre, counts)


def _of_lists(
    passages: list[Passage], title: frozenset[str], genre: Features, counts: Mapping[str, int]
) -> Iterator[Judged]:
    """Yield the candidates of lists and headings."""
    names: set[str] = set()
    found = chain.from_iterable([chain(lists(passage), titled(passage)) for passage in passages])
    for number, candidate in enumerate(found):
        features = _with_worth(sentence_features(candidate.clause, title, names, number))
        names |= proper_nouns(candidate.clause)
        yield Judged(candidate, features | genre, gap_features(candidate, leak_of(title, candidate), counts))


def clauses_of(note: Note, passages: list[Passage]) -> list[tuple[Clause, Features]]:
    """Return the clauses of a note, but for endless ones, with their features, which include their worth."""
    title = frozenset(content(note.title))
    names: set[str] = set()
    clauses = [
        clause_of(prose, passage)
        for passage in passages
        for prose in passage.prose
        if len(prose.sentence.text) <= LONGEST_SENTENCE
    ]
    found = []
    for index, clause in enumerate(clauses):
        features = sentence_features(clause, title, names, index / len(clauses))
        names |= proper_nouns(clause)
        found.append((clause, _with_worth(features)))
    return found


def _with_worth(features: Features) -> Features:
    features["worth"] = model("sentence").odds(features)
    return features


def _genre(sentences: list[Features]) -> Features:
    """Return the shares of some features among the sentences of a note, and the mean worth."""
    count = max(len(sentences), 1)
    found = {f"note_{name}": sum([features.get(name, 0.0) for features in sentences]) / count for name in _GENRE}
    found["note_worth"] = sum([features["worth"] for features in sentences]) / count
    found["note_long"] = min(count / 80, 1.0)
    return found


def _proposed(clause: Clause, rules: tuple[Rule, ...], floor: float) -> Iterator[Candidate]:
    """Yield the candidates of a clause whose rule weighs at least `floor`, one for each gap and question."""
    weights, sure = rule_weights(), data()["sure"]
    if floor > max(weights.values(), default=0.0):
        rules = ANYWHERE
    taken: set[object] = set()
    for rule in rules:
        for candidate in rule(clause):
            key = candidate.gap if candidate.kind == "cloze" else candidate.question
            if key not in taken and (candidate.rule in sure or weights.get(candidate.rule, 0.0) >= floor):
                taken.add(key)
                yield candidate


def likeliest_cards(note: Note, found: Iterable[Judged], least: float, limit: int) -> list[Card]:
    """Return the cards of a note with a chance of at least `least`, at most `limit`, the likeliest first.

    Each sentence gives one card at most, and no question or answer occurs twice.
    """
    bars = data()["bars"]
    taken: set[Key] = set()
    cards: list[Card] = []
    for odds, _, judged in sorted(_scored(found), key=lambda scored: scored[:2]):
        chance, candidate = 1 / (1 + math.exp(max(-30.0, min(30.0, odds)))), judged.candidate
        if len(cards) >= limit or chance < least:
            break
        if chance < bars.get(candidate.rule, 0.0):
            continue
        prose = candidate.clause.prose
        sentence: Key = ("sentence", prose.line, prose.index, prose.sentence.text)
        # An acronym or a date is a fact of its own.
        apart = candidate.rule in {"acronym", "date"}
        asked: Key = (candidate.rule, *sentence, candidate.gap) if apart else sentence
        question = normal(candidate.question)
        keys: set[Key] = {asked, ("answer", normal(candidate.answer)), ("question", question or asked)}
        if not taken & keys:
            taken |= keys | {sentence}
            cards.append(_card(note, judged, chance))
    return cards


def _scored(found: Iterable[Judged]) -> Iterator[tuple[float, Key, Judged]]:
    """Yield the negative log-odds of each candidate, and its order among equals.

    The share of the sentence is computed once for all its candidates.
    """
    card, sure = model("card"), data()["sure"]
    last: Features | None = None
    base = 0.0
    for judged in found:
        candidate, prose = judged.candidate, judged.candidate.clause.prose
        order = (prose.line, prose.index, candidate.gap, candidate.rule)
        odds = sure.get(candidate.rule)
        if odds is None:
            if judged.sentence is not last:
                last, base = judged.sentence, card.odds(judged.sentence)
            odds = base + card.odds(judged.gap) - card.bias
        yield -odds, order, judged


def _card(note: Note, judged: Judged, score: float) -> Card:
    candidate = judged.candidate
    clause, rule = candidate.clause, candidate.rule
    atoms, sure = clause.prose.sentence.atoms, data()["sure"]
    front, back, anchor = _sides(candidate, atoms)
    features = judged.sentence | judged.gap
    reasons = (Reason(f"rule_{rule}", sure[rule]),) if rule in sure else model("card").reasons(features)
    return Card(
        kind=candidate.kind,
        rule=rule,
        front=front,
        back=back,
        answer=spelled(candidate.answer, atoms),
        context=spelled(context_of(note.title, candidate), atoms),
        sentence=spelled(clause.prose.sentence.text, atoms),
        anchor=anchor,
        start_ms=clause.prose.start_ms,
        line=clause.prose.line,
        score=score,
        reasons=reasons,
    )


def _sides(candidate: Candidate, atoms: tuple[n.Inline, ...]) -> tuple[Face, tuple[n.Block, ...], str]:
    """Return the front and the back of a card, and its anchor.

    The anchor is the question, or the sentence with its answer masked. It contains neither the answer nor the time.
    """
    if candidate.kind == "cloze":
        text, (start, end) = candidate.clause.text, candidate.gap
        before, behind = text[:start], text[end:]
        gap = Gap(1, inlines_of(text[start:end], atoms))
        anchor = f"{normal(spelled(before, atoms))} … {normal(spelled(behind, atoms))}"
        return (*inlines_of(before, atoms), gap, *inlines_of(behind, atoms)), (), anchor
    line = candidate.clause.prose.line
    front, anchor = inlines_of(candidate.question, atoms), normal(spelled(candidate.question, atoms))
    if candidate.kind == "list":
        items = [n.Item((n.Paragraph(inlines_of(item, atoms), line),), line) for item in candidate.items]
        return front, (n.List(tuple(items), line),), anchor
    answer = candidate.answer[0].upper() + candidate.answer[1:]
    return front, (n.Paragraph(inlines_of(answer, atoms), line),), anchor


def context_of(title: str, candidate: Candidate) -> str:
    """Return the note's title, the headings without a content word of the answer, and the label of an item.

    Headings that repeat the title or the question are left out.
    """
    clause = candidate.clause
    label = clause.label if candidate.rule != "labelled" else ""
    answer = set(content(candidate.answer))
    known = {"", normal(title), normal(candidate.question)}
    kept = [one for one in (*clause.passage.path, label) if normal(one) not in known and not answer & set(content(one))]
    return " › ".join((title, *kept))
