"""Mined cards: from the sentences of a note to candidates, and from those to the cards likely enough to be kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from operator import itemgetter

import msgspec

from convert.document import nodes as n
from convert.document.note import Note
from convert.extract.cards import ranker
from convert.extract.cards.candidate import Candidate, Clause, clause_of
from convert.extract.cards.english import content, normal
from convert.extract.cards.features import Counts, Features, NoteSoFar, gap_features, sentence_features
from convert.extract.cards.model import Card, Face, Gap, Reason
from convert.extract.cards.passages import Passage, inlines_of, spelled
from convert.extract.cards.refusals import is_barren, is_hopeless, leak_of, title_words
from convert.extract.cards.rules import ANYWHERE, RULES, Rule
from convert.extract.cards.rules.lists import lists, titled

REACH = 0.4
"""Log-odds that an answer's own features seldom add (to 1 candidate in 100)."""
SENTENCES = 40
"""Sentences of a note, the worthiest, for which cards are tried."""
_GENRE = (
    "interface", "second_person", "third_person", "reporting", "opinion", "crime", "state", "nature", "research",
    "number", "year", "evaluation", "hedge", "now", "modal", "example", "formula", "past",
)  # fmt: skip
"""Features of sentences whose share in the whole note tells its kind: a manual, a story, a lesson."""

Key = tuple[object, ...]
"""What two cards of a note may not have in common."""


class Judged(msgspec.Struct, frozen=True, gc=False):
    """A candidate and what can be seen of it."""

    candidate: Candidate
    sentence: Features
    """Features of its sentence and of the note, shared by all candidates of the sentence."""
    gap: Features
    """Features of its own."""


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
            rest = floor - ranker.card_model().odds(whole)
            yield from _of_clause(clause, whole, title, counts, rest, rules)
    blank = NoteSoFar(title, set(), 1)
    for passage in passages:
        for candidate in chain(lists(passage), titled(passage)):
            features = sentence_features(candidate.clause, blank)
            features["worth"] = ranker.sentence_model().odds(features)
            yield Judged(candidate, features | genre, gap_features(candidate, leak_of(title, candidate), counts))


def clauses_of(note: Note, passages: list[Passage]) -> list[tuple[Clause, Features]]:
    """Return all clauses of a note with their features, their worth among them."""
    so_far = NoteSoFar(frozenset(content(note.title)), set(), sum([len(passage.prose) for passage in passages]))
    clauses = [clause_of(prose, passage) for passage in passages for prose in passage.prose]
    found = [sentence_features(clause, so_far) for clause in clauses]
    model = ranker.sentence_model()
    for features in found:
        features["worth"] = model.odds(features)
    return list(zip(clauses, found, strict=True))


def _genre(sentences: list[Features]) -> Features:
    """Return the shares of some features over the sentences of a note, and its mean worth."""
    count = max(len(sentences), 1)
    totals = dict.fromkeys(_GENRE, 0.0)
    for features in sentences:
        for name in _GENRE:
            totals[name] += features.get(name, 0.0)
    found = {f"note_{name}": total / count for name, total in totals.items()}
    found["note_worth"] = sum(map(itemgetter("worth"), sentences)) / count
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
    """Yield the candidates of a clause whose rule weighs at least `floor`."""
    weights, sure = ranker.rule_weights(), ranker.data()["sure"]
    if floor > max(weights.values(), default=0.0):
        rules = ANYWHERE
    taken: set[object] = set()
    for rule in rules:
        for candidate in rule(clause):
            key = candidate.gap if candidate.kind == "cloze" else candidate.question
            if key in taken or (candidate.rule not in sure and weights.get(candidate.rule, 0.0) < floor):
                continue
            taken.add(key)
            leak = leak_of(title, candidate)
            if not is_hopeless(candidate, leak):
                yield Judged(candidate, features, gap_features(candidate, leak, counts))


def mined_cards(note: Note, found: Iterable[Judged], least: float, limit: int) -> list[Card]:
    """Return the cards of a note whose chance is at least `least`, at most `limit`, the likeliest first.

    There is one a sentence, and no question or answer occurs twice.
    """
    bars = ranker.data()["bars"]
    taken: set[Key] = set()
    cards: list[Card] = []
    for odds, _, judged in sorted(_scored(found), key=itemgetter(0, 1)):
        chance, candidate = ranker.chance(-odds), judged.candidate
        if len(cards) >= limit or chance < least:
            break
        if chance < bars.get(candidate.rule, 0.0):
            continue
        sentence = _sentence_key(candidate)
        # What letters stand for, and each date of a sentence, is another fact than the rest of it.
        apart = candidate.rule in {"acronym", "date"}
        asked: Key = (candidate.rule, *sentence, candidate.gap) if apart else sentence
        question = normal(candidate.question)
        keys: set[Key] = {asked, ("answer", normal(candidate.answer)), ("question", question or asked)}
        if not taken & keys:
            taken |= keys | {sentence}
            cards.append(_card(note, judged, chance))
    return cards


def _sentence_key(candidate: Candidate) -> Key:
    prose = candidate.clause.prose
    return "sentence", prose.line, prose.index, prose.sentence.text


def _scored(found: Iterable[Judged]) -> Iterator[tuple[float, Key, Judged]]:
    """Yield the negative log-odds of each candidate, and its order among equals.

    What a sentence adds to the log-odds of its candidates is summed once.
    """
    model, sure = ranker.card_model(), ranker.data()["sure"]
    last: Features | None = None
    base = 0.0
    for judged in found:
        candidate, prose = judged.candidate, judged.candidate.clause.prose
        order = (prose.line, prose.index, candidate.gap, candidate.rule)
        odds = sure.get(candidate.rule)
        if odds is None:
            if judged.sentence is not last:
                last, base = judged.sentence, model.odds(judged.sentence)
            odds = base + model.odds(judged.gap) - model.bias
        yield -odds, order, judged


def _card(note: Note, judged: Judged, score: float) -> Card:
    candidate = judged.candidate
    clause, rule = candidate.clause, candidate.rule
    atoms, sure = clause.prose.sentence.atoms, ranker.data()["sure"]
    front, back, anchor = _sides(candidate, atoms)
    features = judged.sentence | judged.gap
    reasons = (Reason(f"rule_{rule}", sure[rule]),) if rule in sure else ranker.card_model().reasons(features)
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

    The anchor is the question, or the sentence with its answer masked: it holds neither the answer nor the time.
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
    """Return the note's title and the headings that hold no content word of the answer; the label of an item last.

    A heading that repeats the title or the question is left out.
    """
    clause = candidate.clause
    label = clause.label if candidate.rule != "labelled" else ""
    answer = set(content(candidate.answer))
    known = {"", normal(title), normal(candidate.question)}
    kept = [one for one in (*clause.passage.path, label) if normal(one) not in known and not answer & set(content(one))]
    return " › ".join((title, *kept))
