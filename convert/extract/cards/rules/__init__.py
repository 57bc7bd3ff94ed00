"""The rules that propose cards: each takes a clause and yields candidates, good and bad; the ranker judges them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.rules.appositions import appositions
from convert.extract.cards.rules.causes import causes
from convert.extract.cards.rules.complements import complements, glosses
from convert.extract.cards.rules.counted import counted
from convert.extract.cards.rules.definitions import acronyms, definitions, labelled, naming, questions
from convert.extract.cards.rules.figures import dates, quantities
from convert.extract.cards.rules.people import people
from convert.extract.cards.rules.phrases import phrases, quoted

Rule = Callable[[Clause], Iterator[Candidate]]
RULES: tuple[Rule, ...] = (
    questions,
    definitions,
    labelled,
    naming,
    appositions,
    acronyms,
    counted,
    dates,
    quantities,
    people,
    quoted,
    causes,
    complements,
    glosses,
    phrases,
)
"""In the order of precedence: of two rules that open the same gap the first one names it."""

ANYWHERE: tuple[Rule, ...] = (acronyms, appositions)
"""Those whose cards stand without their sentence: they are tried on sentences that carry no other card."""
