"""Which candidates become cards: those likely enough to be kept, one a sentence, none twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from convert.document import nodes as n
from convert.document.note import Note
from convert.extract.cards.candidate import Candidate
from convert.extract.cards.context import context_of
from convert.extract.cards.mining import Judged
from convert.extract.cards.model import Card, Face, Gap, Reason
from convert.extract.cards.prose import inlines_of, spelled
from convert.extract.cards.ranker import bars, card_model, chance, sure_rules
from convert.extract.cards.sentence_features import Features
from convert.extract.cards.terms import normal


def chosen(note: Note, found: Iterable[Judged], least: float, limit: int) -> list[Card]:
    """The cards of a note whose chance is at least `least`, at most `limit`, the likeliest first."""
    ranked = sorted(_scored(found), key=lambda pair: (-pair[0], _order(pair[1])))
    taken: set[tuple[object, ...]] = set()
    cards: list[Card] = []
    for odds, judged in ranked:
        if len(cards) >= limit or chance(odds) < least:
            break
        if chance(odds) < bars().get(judged.candidate.rule, 0.0):
            continue
        marks = _marks(judged.candidate)
        if not taken & marks:
            taken |= marks | {_sentence(judged.candidate)}
            cards.append(_card(note, judged, chance(odds)))
    return cards


def _scored(found: Iterable[Judged]) -> Iterator[tuple[float, Judged]]:
    """The log-odds of each candidate; what its sentence adds to them is summed once a sentence."""
    model, sure = card_model(), sure_rules()
    last: Features | None = None
    base = 0.0
    for judged in found:
        if judged.candidate.rule in sure:
            yield sure[judged.candidate.rule], judged
            continue
        if judged.sentence is not last:
            last, base = judged.sentence, model.odds(judged.sentence)
        yield base + model.odds(judged.gap) - model.bias, judged


def _order(judged: Judged) -> tuple[object, ...]:
    candidate = judged.candidate
    return candidate.clause.prose.line, candidate.clause.prose.index, candidate.gap, candidate.rule


def _sentence(candidate: Candidate) -> tuple[object, ...]:
    prose = candidate.clause.prose
    return "sentence", prose.line, prose.index, prose.sentence.text


def _marks(candidate: Candidate) -> set[tuple[object, ...]]:
    """What no card chosen before may share: the answer, the question, and the sentence.

    What letters stand for, and each date of a sentence, is another fact than the rest of it.
    """
    sentence = _sentence(candidate)
    asked: tuple[object, ...] = sentence
    if candidate.rule in {"acronym", "date"}:
        asked = (candidate.rule, *sentence, candidate.gap)
    return {asked, ("answer", normal(candidate.answer)), ("question", normal(candidate.question) or asked)}


def _card(note: Note, judged: Judged, score: float) -> Card:
    candidate = judged.candidate
    clause, atoms = candidate.clause, candidate.clause.prose.sentence.atoms
    return Card(
        kind=candidate.kind,
        rule=candidate.rule,
        front=_front(candidate),
        back=_back(candidate),
        answer=spelled(candidate.answer, atoms),
        context=spelled(context_of(note.title, candidate), atoms),
        sentence=spelled(clause.prose.sentence.text, atoms),
        anchor=_anchor(candidate),
        start_ms=clause.prose.start_ms,
        line=clause.prose.line,
        score=score,
        reasons=_reasons(judged),
    )


def _reasons(judged: Judged) -> tuple[Reason, ...]:
    rule = judged.candidate.rule
    odds = sure_rules().get(rule)
    return card_model().reasons(judged.features) if odds is None else (Reason(f"rule_{rule}", odds),)


def _front(candidate: Candidate) -> Face:
    text, atoms = candidate.clause.text, candidate.clause.prose.sentence.atoms
    if candidate.kind != "cloze":
        return inlines_of(candidate.question, atoms)
    start, end = candidate.gap
    gap = Gap(1, inlines_of(text[start:end], atoms))
    return (*inlines_of(text[:start], atoms), gap, *inlines_of(text[end:], atoms))


def _back(candidate: Candidate) -> tuple[n.Block, ...]:
    line, atoms = candidate.clause.prose.line, candidate.clause.prose.sentence.atoms
    if candidate.kind == "cloze":
        return ()
    if candidate.kind == "list":
        items = tuple(n.Item((n.Paragraph(inlines_of(item, atoms), line),), line) for item in candidate.items)
        return (n.List(items, line),)
    answer = candidate.answer[0].upper() + candidate.answer[1:]
    return (n.Paragraph(inlines_of(answer, atoms), line),)


def _anchor(candidate: Candidate) -> str:
    """The question, or the sentence with its answer masked: neither the answer nor the place."""
    text, atoms = candidate.clause.text, candidate.clause.prose.sentence.atoms
    if candidate.kind != "cloze":
        return normal(spelled(candidate.question, atoms))
    start, end = candidate.gap
    return f"{normal(spelled(text[:start], atoms))} … {normal(spelled(text[end:], atoms))}"
