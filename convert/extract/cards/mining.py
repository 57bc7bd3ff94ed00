"""From a note to its candidates, each with what can be seen of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

import msgspec

from convert.document.note import Note
from convert.extract.cards.candidate import Candidate, Clause, clause_of
from convert.extract.cards.context import Leak, leak_of, title_words
from convert.extract.cards.gap_features import Counts, gap_features
from convert.extract.cards.passages import Passage
from convert.extract.cards.ranker import card_model, odds_of, rule_weights, sentence_model, sure_rules
from convert.extract.cards.refusals import hopeless, refused
from convert.extract.cards.rules import ANYWHERE, RULES, Rule
from convert.extract.cards.rules.lists import lists, titled
from convert.extract.cards.sentence_features import Features, Page, sentence_features
from convert.extract.cards.terms import content

REACH = 0.4
"""Log-odds that an answer's own features seldom add (to 1 candidate in 100)."""
SENTENCES = 40
"""Sentences of a note, the worthiest, for which cards are tried."""
_GENRE = ("interface", "second_person", "third_person", "reporting", "opinion", "crime", "state", "nature", "research",
          "number", "year", "evaluation", "hedge", "now", "modal", "example", "formula", "past")  # fmt: skip
"""Features of sentences whose share in the whole note tells its kind: a manual, a story, a lesson."""


class Judged(msgspec.Struct, frozen=True, gc=False):
    """A candidate, what can be seen of it, and its leaks."""

    candidate: Candidate
    sentence: Features
    """Features of its sentence and of the note, shared by all candidates of the sentence."""
    gap: Features
    """Features of its own."""
    leak: Leak

    @property
    def features(self) -> Features:
        """All features."""
        return self.sentence | self.gap


def candidates(note: Note, passages: list[Passage], least: float = 0.0) -> Iterator[Judged]:
    """Every candidate of the worthiest sentences of a note that no hard rule refuses.

    Those whose sentence and rule leave them no way to a chance of `least` are left out unseen, to save time.
    """
    title = title_words(note.title)
    seen = sentence_features_of(note, passages)
    genre = _genre([features for _, features in seen])
    counts = Counter(stem for clause, _ in seen for stem in clause.stems)
    ranked = sorted(((refused(one[0]), -one[1]["worth"], index) for index, one in enumerate(seen)))
    floor = odds_of(least) - REACH
    for rank, (barren, _, index) in enumerate(ranked):
        clause, features = seen[index]
        rules = ANYWHERE if rank >= SENTENCES or barren else RULES
        if rules is RULES or "(" in clause.prose.sentence.text:
            whole = features | genre
            yield from _of_clause(clause, whole, title, counts, floor - card_model().odds(whole), rules)
    page = Page(title, set(), 1)
    for passage in passages:
        for candidate in chain(lists(passage), titled(passage)):
            features = sentence_features(candidate.clause, page)
            features["worth"] = sentence_model().odds(features)
            leak = leak_of(title, candidate)
            yield Judged(candidate, features | genre, gap_features(candidate, leak, counts), leak)


def sentence_features_of(note: Note, passages: list[Passage]) -> list[tuple[Clause, Features]]:
    """All clauses of a note with their features and their worth."""
    page = Page(frozenset(content(note.title)), set(), sum(len(p.prose) for p in passages))
    worth = sentence_model()
    found = []
    for passage in passages:
        for prose in passage.prose:
            clause = clause_of(prose, passage)
            features = sentence_features(clause, page)
            features["worth"] = worth.odds(features)
            found.append((clause, features))
    return found


def _genre(sentences: list[Features]) -> Features:
    """The shares of some features over the sentences of a note, and its mean worth."""
    count = max(len(sentences), 1)
    found = {f"note_{name}": sum(f.get(name, 0.0) for f in sentences) / count for name in _GENRE}
    found["note_worth"] = sum(f["worth"] for f in sentences) / count
    found["note_long"] = min(count / 80, 1.0)
    return found


def _of_clause(
    clause: Clause,
    features: Features,
    title: frozenset[str],
    counts: Counts,
    floor: float,
    rules: tuple[Rule, ...],
) -> Iterator[Judged]:
    """The candidates of a clause whose rule weighs at least `floor`."""
    weights = rule_weights()
    if floor > max(weights.values(), default=0.0):
        rules = ANYWHERE
    taken: set[object] = set()
    sure = sure_rules()
    for rule in rules:
        for candidate in rule(clause):
            key = candidate.gap if candidate.kind == "cloze" else candidate.question
            if key in taken or (candidate.rule not in sure and weights.get(candidate.rule, 0.0) < floor):
                continue
            taken.add(key)
            leak = leak_of(title, candidate)
            if not hopeless(candidate, leak):
                yield Judged(candidate, features, gap_features(candidate, leak, counts), leak)
