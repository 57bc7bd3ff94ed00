"""From the sentences and lists of a note to candidates, each with what can be seen of it.

One of the three sources of cards beside `card_markup` and `sections`; the training of the ranker reads it as well.

Kept apart because it chooses among candidates; making, marking and ordering cards are other ideas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from operator import itemgetter

from convert.document.note import Note
from convert.extract.cards import ranker
from convert.extract.cards.candidate import Candidate, Clause, clause_of
from convert.extract.cards.english import content
from convert.extract.cards.features import Features, Judged, gap_features, sentence_features
from convert.extract.cards.passages import Passage
from convert.extract.cards.refusals import is_barren, is_hopeless, leak_of, title_words
from convert.extract.cards.rules import ANYWHERE, RULES, Rule, lists, titled

REACH = 0.4
"""Log-odds that an answer's own features seldom add (to 1 candidate in 100)."""
SENTENCES = 40
"""Sentences of a note, the worthiest, for which cards are tried."""
_GENRE = (
    "interface", "second_person", "third_person", "reporting", "opinion", "crime", "state", "nature", "research",
    "number", "year", "evaluation", "hedge", "now", "modal", "example", "formula", "past",
)  # fmt: skip
"""Features of sentences whose share in the whole note tells its kind: a manual, a story, a lesson."""


def candidates(note: Note, passages: list[Passage], least: float = 0.0) -> Iterator[Judged]:
    """Yield every candidate of the worthiest sentences of a note that no hard rule refuses.

    To save time, candidates whose sentence and rule cannot reach a chance of `least` are left out unseen.
    """
    title = title_words(note.title)
    seen = clauses_of(note, passages)
    genre = _genre([features for _, features in seen])
    counts = Counter(chain.from_iterable([clause.stems for clause, _ in seen]))
    ranked = sorted([(is_barren(clause), -found["worth"], index) for index, (clause, found) in enumerate(seen)])
    floor = ranker.odds_of(least) - REACH
    for rank, (barren, _, index) in enumerate(ranked):
        clause, features = seen[index]
        rules = ANYWHERE if rank >= SENTENCES or barren else RULES
        if rules is RULES or "(" in clause.prose.sentence.text:
            whole = features | genre
            for candidate in _proposed(clause, rules, floor - ranker.model("card").odds(whole)):
                leak = leak_of(title, candidate)
                if not is_hopeless(candidate, leak):
                    yield Judged(candidate, whole, gap_features(candidate, leak, counts))
    names: set[str] = set()
    found = chain.from_iterable([chain(lists(passage), titled(passage)) for passage in passages])
    for number, candidate in enumerate(found):
        # The model was trained with the number of the list where sentences have their share of the note.
        features = _with_worth(sentence_features(candidate.clause, title, names, number))
        yield Judged(candidate, features | genre, gap_features(candidate, leak_of(title, candidate), counts))


def clauses_of(note: Note, passages: list[Passage]) -> list[tuple[Clause, Features]]:
    """Return all clauses of a note with their features, their worth among them."""
    title, names = frozenset(content(note.title)), set[str]()
    clauses = [clause_of(prose, passage) for passage in passages for prose in passage.prose]
    found = []
    for index, clause in enumerate(clauses):
        features = sentence_features(clause, title, names, index / len(clauses))
        found.append((clause, _with_worth(features)))
    return found


def _with_worth(features: Features) -> Features:
    return features | {"worth": ranker.model("sentence").odds(features)}


def _genre(sentences: list[Features]) -> Features:
    """Return the shares of some features over the sentences of a note, and its mean worth."""
    count = max(len(sentences), 1)
    found = {f"note_{name}": sum([features.get(name, 0.0) for features in sentences]) / count for name in _GENRE}
    found["note_worth"] = sum(map(itemgetter("worth"), sentences)) / count
    found["note_long"] = min(count / 80, 1.0)
    return found


def _proposed(clause: Clause, rules: tuple[Rule, ...], floor: float) -> Iterator[Candidate]:
    """Yield the candidates of a clause whose rule weighs at least `floor`, one of each gap and question."""
    weights, sure = ranker.rule_weights(), ranker.data()["sure"]
    if floor > max(weights.values(), default=0.0):
        rules = ANYWHERE
    taken: set[object] = set()
    for rule in rules:
        for candidate in rule(clause):
            key = candidate.gap if candidate.kind == "cloze" else candidate.question
            if key not in taken and (candidate.rule in sure or weights.get(candidate.rule, 0.0) >= floor):
                taken.add(key)
                yield candidate
