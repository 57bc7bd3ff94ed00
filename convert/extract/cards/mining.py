"""Mined cards: collects what the rules propose for the sentences and headings of a note, and chooses among it.

One of three sources of cards, beside `card_markup` and `sections`; the training of the models reads it too.
Candidates that a reader probably keeps become cards: one for each sentence, none twice.

Two small linear models judge candidates; their coefficients are data (`ranker.json`, made by `make train-cards`). The
first estimates from a sentence alone whether it is worth a card. The second uses that estimate as one of its features
and returns the chance that a reader keeps the card.

The ranker learns from a person's verdicts, for each rule and note, how far off its chances were for them. What was kept
and discarded of the cards of a rule (a Beta count that begins with two of each) is compared with what it expected of
them. The difference is added to the log-odds of other cards. Then the same is done by note, given what was learned by
rule: who likes a card of a subject likes others. Nothing leaves the machine.

Kept apart because it alone chooses: marked cards and section cards are made of whatever a note has.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import chain
from typing import Literal, NamedTuple

import msgspec

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.verdict import Verdict
from convert.extract.cards.candidate import LONGEST_SENTENCE, Candidate, Clause, clause_of
from convert.extract.cards.english import content, normal
from convert.extract.cards.features import Features, Judged, gap_features, group_of, proper_nouns, sentence_features
from convert.extract.cards.model import Card, Face, Gap, Reason, context_line
from convert.extract.cards.passages import Passage, emphasised, spelled
from convert.extract.cards.refusals import is_barren, is_hopeless, leak_of, title_words
from convert.extract.cards.rules import ANYWHERE, RULES, Rule, titled
from convert.extract.cards.strictness import is_worthless, resembles

Key = tuple[object, ...]
"""A key that no two cards of a note may share."""
SENTENCES = 40
"""The worthiest sentences of a note, for which cards are tried."""
MOST_SEEN = 1000
"""More clauses are held only if each may give a card."""
PRIOR, NOTE_PRIOR = 2.0, 1.0
"""Cards kept, and cards discarded, that count before the first verdict on a rule, and on a note."""
MOST_LEARNED = 3.0
"""The most that is added to log-odds, or taken away, by rule and by note."""

Taste = Mapping[tuple[str, str], float]
"""What is added to the log-odds of a card, by ("rule", its rule) and ("note", the slug of its note)."""
NO_TASTE: Taste = {}
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


class Ranker(msgspec.Struct, frozen=True, gc=False):
    """What `ranker.json` contains."""

    sentence: dict[str, float]
    """The weights of the model of the worth of a sentence."""
    card: dict[str, float]
    """The weights of the model of the chance that a card is kept."""
    levels: dict[str, dict[str, float]]
    """The least chance of a card by its rule, for each level of `--cards`; `term` and `topic` are for acronyms."""


@cache
def data() -> Ranker:
    """Return the weights of both models, and the levels of `--cards`."""
    text = resources.files(__package__).joinpath("ranker.json").read_bytes()
    return msgspec.json.decode(text, type=Ranker)


@cache
def model(name: Literal["sentence", "card"]) -> Model:
    """Return the model of the worth of a sentence, or of the chance that a card is kept."""
    weights = dict(getattr(data(), name))
    return Model(weights.pop("bias", 0.0), weights)


def candidates(note: Note, passages: list[Passage], strictly: bool = True) -> Iterator[Judged]:
    """Yield every candidate of the worthiest sentences of a note that no hard rule refuses, then those of its headings.

    Without `strictly`, as training needs it, those come too that are correct but not worth keeping.
    """
    title, genre, counts = title_words(note.title), _Genre(), Counter[str]()
    seen: list[_Seen] = []
    most = MOST_SEEN
    for index, (clause, features) in enumerate(clauses_of(note, passages)):
        genre.add(features)
        counts.update(clause.stems)
        barren = is_barren(clause)
        if not barren or (_has_brackets(clause) and next(_proposed(clause, ANYWHERE), None)):
            seen.append(_Seen((barren, -features["worth"], index), clause, features))
        if len(seen) > most:
            seen = [one for one, _ in _ranked(seen)]
            most = MOST_SEEN + 2 * len(seen)
    shares = genre.shares()
    for one, rules in _ranked(seen):
        whole = one.features | shares
        for candidate in _proposed(one.clause, rules):
            leak = leak_of(title, candidate)
            if not is_hopeless(candidate, leak) and not (strictly and is_worthless(candidate, note.title)):
                yield Judged(candidate, whole, gap_features(candidate, leak, counts, title))
    yield from _of_headings(note, passages, shares, counts, strictly)


class _Seen(NamedTuple):
    """A clause that may give a card. Others are not kept: a note of tiny items would fill the memory with them."""

    order: tuple[bool, float, int]
    """Whether it is barren, its worth with the sign turned, and its place: the smallest comes first."""
    clause: Clause
    features: Features


def _ranked(seen: list[_Seen]) -> Iterator[tuple[_Seen, tuple[Rule, ...]]]:
    """Yield the clauses that rules are tried on, the worthiest first, with these rules."""
    for rank, one in enumerate(sorted(seen, key=lambda one: one.order)):
        rules = ANYWHERE if rank >= SENTENCES or one.order[0] else RULES
        if rules is RULES or _has_brackets(one.clause):
            yield one, rules


def _has_brackets(clause: Clause) -> bool:
    return "(" in clause.prose.sentence.text


def _of_headings(
    note: Note, passages: list[Passage], genre: Features, counts: Mapping[str, int], strictly: bool
) -> Iterator[Judged]:
    """Yield the candidates of headings."""
    title = title_words(note.title)
    for candidate in chain.from_iterable(map(titled, passages)):
        if not (strictly and is_worthless(candidate, note.title)):
            features = _with_worth(sentence_features(candidate.clause, title, set(), 0.0))
            yield Judged(candidate, features | genre, gap_features(candidate, leak_of(title, candidate), counts, title))


def clauses_of(note: Note, passages: list[Passage]) -> Iterator[tuple[Clause, Features]]:
    """Yield the clauses of a note, but for endless ones, with their features, which include their worth."""
    title = frozenset(content(note.title))
    names: set[str] = set()
    count = sum([len(prose.sentence.text) <= LONGEST_SENTENCE for passage in passages for prose in passage.prose])
    index = 0
    for passage in passages:
        for prose in passage.prose:
            if len(prose.sentence.text) <= LONGEST_SENTENCE:
                clause = clause_of(prose, passage)
                features = sentence_features(clause, title, names, index / count)
                names |= proper_nouns(clause)
                index += 1
                yield clause, _with_worth(features)


def _with_worth(features: Features) -> Features:
    features["worth"] = model("sentence").odds(features)
    return features


class _Genre:
    """What kind of note it is, summed up sentence by sentence."""

    def __init__(self) -> None:
        self._counts = Counter[str]()
        self._worths = array("d")

    def add(self, features: Features) -> None:
        """Add a sentence."""
        self._counts.update([name for name in _GENRE if features.get(name)])
        self._worths.append(features["worth"])

    def shares(self) -> Features:
        """Return the shares of some features among the sentences, which have them or not, and the mean worth."""
        count = max(len(self._worths), 1)
        found = {f"note_{name}": self._counts[name] / count for name in _GENRE}
        found["note_worth"] = sum(self._worths) / count
        found["note_long"] = min(count / 80, 1.0)
        return found


def _proposed(clause: Clause, rules: tuple[Rule, ...]) -> Iterator[Candidate]:
    """Yield the candidates of a clause, one for each gap and question."""
    taken: set[object] = set()
    for rule in rules:
        for candidate in rule(clause):
            key = candidate.gap if candidate.kind == "cloze" else candidate.question
            if key not in taken:
                taken.add(key)
                yield candidate


def likeliest_cards(
    note: Note, found: Iterable[Judged], least: Mapping[str, float], limit: int, taste: Taste = NO_TASTE
) -> list[Card]:
    """Return the cards of a note with the chance that `least` asks of their rule, at most `limit`, the likeliest first.

    Each sentence gives one card at most, and no question or answer occurs twice.
    """
    taken: set[Key] = set()
    cards: list[Card] = []
    for odds, _, judged in sorted(_scored(found, taste, note.slug), key=lambda scored: scored[:2]):
        chance, candidate = 1 / (1 + math.exp(max(-30.0, min(30.0, odds)))), judged.candidate
        if len(cards) >= limit:
            break
        if chance < least[group_of(candidate.rule, judged.sentence, judged.gap)]:
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
            cards.append(_card(note, judged, chance, learned(taste, candidate.rule, note.slug)))
    return cards


def _scored(found: Iterable[Judged], taste: Taste, note: str) -> Iterator[tuple[float, Key, Judged]]:
    """Yield the negative log-odds of each candidate, and its order among equals.

    The share of the sentence is computed once for all its candidates.
    """
    card = model("card")
    last: Features | None = None
    base = 0.0
    for judged in found:
        candidate, prose = judged.candidate, judged.candidate.clause.prose
        order = (prose.line, prose.index, candidate.gap, candidate.rule)
        if judged.sentence is not last:
            last, base = judged.sentence, card.odds(judged.sentence)
        yield -(base + card.odds(judged.gap) - card.bias + learned(taste, candidate.rule, note)), order, judged


def _card(note: Note, judged: Judged, score: float, shift: float = 0.0) -> Card:
    candidate = judged.candidate
    clause, rule = candidate.clause, candidate.rule
    atoms = clause.prose.sentence.atoms
    front, back, anchor = _sides(candidate)
    reasons = model("card").reasons(judged.sentence | judged.gap)
    if shift:
        reasons = (Reason(f"your verdicts on {rule} cards and on this note", shift), *reasons)
    return Card(
        kind=candidate.kind,
        rule=rule,
        front=front,
        back=back,
        answer=spelled(candidate.answer, atoms),
        context=spelled(context_of(note.title, candidate), atoms),
        sentence=spelled(clause.prose.sentence.text, atoms),
        quoted=emphasised(clause.prose.sentence.text, clause.prose.sentence) if clause.prose.sentence.spans else (),
        anchor=anchor,
        start_ms=clause.prose.start_ms,
        line=clause.prose.line,
        score=score,
        reasons=reasons,
    )


def _sides(candidate: Candidate) -> tuple[Face, tuple[n.Block, ...], str]:
    """Return the front and the back of a card, and its anchor.

    The anchor is the question, or the sentence with its answer masked. It contains neither the answer nor the time.
    """
    sentence = candidate.clause.prose.sentence
    atoms = sentence.atoms
    if candidate.kind == "cloze":
        text, (start, end) = candidate.clause.text, candidate.gap
        before, behind = text[:start], text[end:]
        gap = Gap(1, emphasised(text[start:end], sentence))
        anchor = f"{normal(spelled(before, atoms))} … {normal(spelled(behind, atoms))}"
        return (*emphasised(before, sentence), gap, *emphasised(behind, sentence)), (), anchor
    line = candidate.clause.prose.line
    front, anchor = emphasised(candidate.question, sentence), normal(spelled(candidate.question, atoms))
    answer = candidate.answer if candidate.answer[1:2].isupper() else candidate.answer[0].upper() + candidate.answer[1:]
    return front, (n.Paragraph(emphasised(answer, sentence), line),), anchor


def context_of(title: str, candidate: Candidate) -> str:
    """Return the note's title and what stands nearest above: the label of an item, else a heading.

    Headings that tell the answer, or repeat the title or the question, are left out.
    """
    clause = candidate.clause
    label = clause.label
    known = {"", normal(title), normal(candidate.question)}
    path = (*clause.passage.path, label)
    kept = [one for one in path if normal(one) not in known and not _tells(candidate.answer, one)]
    return context_line(title, kept[-1] if kept else "")


def _tells(answer: str, heading: str) -> bool:
    """Return whether a heading shares a word with the answer, or has one like it."""
    return bool(set(content(answer)) & set(content(heading))) or resembles(answer, heading)


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
        found[name] = max(-MOST_LEARNED, min(MOST_LEARNED, liked - disliked))
    return found
