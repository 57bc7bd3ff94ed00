"""What a sentence says of its subject: the rest of the clause after the verb."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause

FEWEST, MOST = 2, 14
"""Words of an answer."""
_MAIN = re.compile(r'^"?d?[JNPG#D"]*[NP]"?(?:pd?[JNPG#]*[NP])?(?:\([^(]*\(,?)?R?(m*R?(?:V|D|m)[Rpt]?)')
_END = re.compile(r"[,;(—–]|[.!?]+[\"”']?$| (?:while|which|who|although|whereas|because)\b")
_GLOSS = re.compile(
    r", (?:which|who|where) (?:\w+ly )?(?!(?:in|on|can|could|may|might|will|would) )(\w+) ([^,;()]{12,90}?)(?=[,.;)])"
    r"|, meaning (?:that )?([^,;()]{12,90}?)(?=[,.;)])"
)


def complements(clause: Clause) -> Iterator[Candidate]:
    """A gap for what follows the main verb, up to the end of its clause."""
    match = _MAIN.match(clause.tags)
    if not match or match.end() >= len(clause.words):
        return
    start = clause.words[match.end()].start
    stop = _END.search(clause.text, start)
    end = stop.start() if stop else len(clause.text)
    answer = clause.text[start:end].rstrip()
    if FEWEST <= len(answer.split()) <= MOST:
        yield Candidate("complement", "cloze", clause, answer, (start, start + len(answer)))


def glosses(clause: Clause) -> Iterator[Candidate]:
    """A gap for what a relative clause tells of a noun."""
    for match in _GLOSS.finditer(clause.text):
        group = 2 if match[2] else 3
        if len(match[group].split()) <= MOST:
            yield Candidate("gloss", "cloze", clause, match[group], match.span(group))
