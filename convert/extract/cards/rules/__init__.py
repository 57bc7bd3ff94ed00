"""The rules that propose cards: each takes a clause and yields candidates, good and bad; the ranker judges them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.rules.definitions import definitions, labelled, naming, occurrences, questions
from convert.extract.cards.rules.patterns import acronyms, causes, dates, people

Rule = Callable[[Clause], Iterator[Candidate]]
RULES: tuple[Rule, ...] = (questions, definitions, labelled, naming, occurrences, acronyms, dates, people, causes)
"""In the order of precedence: of two rules that open the same gap the first one names it."""

ANYWHERE: tuple[Rule, ...] = (acronyms,)
"""Rules whose cards need no context: they are tried on sentences that carry no other card."""
