"""What a person should look at in a card that the gate lets in: each reason is right of some cards and wrong of others.

Kept apart from `faithful`, which refuses, because nothing here costs a card.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convert.extract.cards.gate.words import (
    ASKS,
    AUXILIARY,
    BE,
    DENIALS,
    DO,
    LISTS,
    Claim,
    Word,
    added_words,
    is_verb,
    negates,
    reach,
    stems,
    tag_of,
)

_CUES = DENIALS | frozenset(LISTS["cues"].split())
"""Words that deny, weaken or compare what is beside them."""
_PRONOUNS = frozenset(LISTS["pronouns"].split())
_PREPOSITIONS = frozenset(("against", "by", "from", "into", "over", "through", "to", "with"))
_MARKS = frozenset(",;:.()—–")
NEARER, HEAVY = 1.27, 4
"""How much nearer to the words of a question a rival of the answer must stand; the weight of its names and numbers."""


def doubts(claim: Claim) -> Iterator[str]:
    """Yield what a person should compare with the sentence."""
    checks = (_foreign, _unnamed, _lost_cue, _swapped, _not_behind, _rival)
    yield from [reason for check in checks if (reason := check(claim))]


def _foreign(claim: Claim) -> str:
    """Return which words of the front are in no quoted sentence, title or section."""
    found = [repr(word.text) for word in added_words(claim)]
    return f"{' and '.join(found[:3])} of the front is not in the quoted sentences" if found else ""


def _unnamed(claim: Claim) -> str:
    """Return which pronoun of a sentence the front puts a name for that no quoted sentence has."""
    starts = [clause[0] for _, clause in _clauses(claim.quoted) if clause]
    pronoun = next((word for word in starts if word.low in _PRONOUNS), None)
    named = [word for word in added_words(claim, around=False) if word.is_name or tag_of(word.low) == "N"]
    return f"the sentence says {pronoun.low!r}: does it mean {named[0].text!r}?" if pronoun and named else ""


def _lost_cue(claim: Claim) -> str:
    """Return which word that changes what the card says is in the sentence only."""
    card, known = {word.low for word in claim.card}, stems(claim.card)
    answer, front = stems(claim.card[len(claim.front) :]), stems(claim.front)
    for start, clause in _clauses(claim.quoted):
        beside = stems(clause) & answer and stems(clause) & front
        for index, word in enumerate(clause, start):
            # May is a month.
            is_cue = (word.low in _CUES or negates(word)) and word.low not in card and word.text != "May"
            if is_cue and (beside or known & set(reach(claim.quoted[index + 1 :])[:1])):
                return f"the sentence says {word.text!r}, the card does not"
    return ""


def _clauses(found: Sequence[Word]) -> Iterator[tuple[int, Sequence[Word]]]:
    """Yield the stretches between marks, each with the index of its first word."""
    start = 0
    for index, word in enumerate((*found, None)):
        if word is None or word.text in _MARKS:
            yield start, found[start:index]
            start = index + 1


def _swapped(claim: Claim) -> str:
    """Return whether the answer stands on the wrong side of the verb: who does it, or whom it is done to."""
    front = [word for word in claim.front if word.text not in ",?.'\"“”"]
    answer, named = stems(claim.card[len(claim.front) :]), {word.stem for word in front if word.is_name}
    verb, object_asked = _verb(front, stems(claim.quoted))
    wrong = False
    for _, clause in _clauses(claim.quoted):
        at = next((i for i, word in enumerate(clause) if word.stem == verb), -1)
        inside = [i for i, word in enumerate(clause) if word.stem in answer]
        if not verb or at < 0 or not inside or (named and not named & stems(clause)) or len(claim.back) > 1:
            continue
        beside = {word.low for word in clause[max(at - 3, 0) : at]} & BE
        passive = bool(beside) or any(word.low == "by" for word in clause[at + 1 : at + 4])
        if (max(inside) < at) if object_asked == passive else (min(inside) > at):
            return ""
        wrong = True
    return f"who does it, and to whom? {verb!r}… stands elsewhere in the sentence" if wrong else ""


def _verb(front: Sequence[Word], known: frozenset[str]) -> tuple[str, bool]:
    """Return the stem of the verb of a question, "" if it is not clear, and whether its object is asked for."""
    helped = next((i for i, word in enumerate(front) if word.low in AUXILIARY), 0)
    if helped == 1 and front[0].low in ASKS and front[1].low in BE and len(front) > 2 and is_verb(front[2]):
        return front[2].stem, True  # Who was found?
    if not front or front[0].low not in ASKS or (helped and front[helped].low not in DO):
        return "", False
    inside = [word for word in front[helped + 1 :] if word.stem in known and not word.is_name]
    verbs = [word for word in inside if is_verb(word)]
    plain = inside if helped or front[0].low != "which" else []
    return next((word.stem for word in verbs or plain), ""), bool(helped)


def _not_behind(claim: Claim) -> str:
    """Return the preposition of the question, or the last verb of a terse one, that has something else behind it."""
    answer, ends = stems(claim.card[len(claim.front) :]), {word.low for word in claim.card[len(claim.front) :]}
    terse = not any(word.low in ASKS or word.low in ("how", "why", "when", "where") for word in claim.front)
    for word, after in zip(claim.front, claim.front[1:], strict=False):
        is_last = after is claim.front[-1] and after.text == "?"
        asks = word.low in _PREPOSITIONS and (is_last or after.low in ASKS)
        asks |= terse and is_last and bool(word.stem) and is_verb(word)
        at = [index for index, one in enumerate(claim.quoted) if one.low == word.low]
        found = [answer <= stems(_behind(claim.quoted[index + 1 :], ends)) for index in at]
        if asks and at and not any(found) and len(claim.back) == 1:
            return f"the sentence has something else after {word.text!r}"
    return ""


def _behind(found: Sequence[Word], ends: set[str]) -> Sequence[Word]:
    """Return the words up to the next preposition that the answer does not have, too."""
    cut = [index for index, word in enumerate(found) if index and word.low in _PREPOSITIONS - ends]
    return found[: min(cut, default=len(found))]


def _rival(claim: Claim) -> str:
    """Return which number or name of the sentences stands nearer to the words of the question than the answer's."""
    answer = [word for part in claim.back for word in part if word.stem]
    number = any(word.is_number for word in answer)
    if len(claim.back) > 1 or not (number or all(word.is_name for word in answer)):
        return ""
    mine = {word.stem for word in answer if word.is_number or not number}
    heavy = {word.stem for word in claim.front if word.is_number or word.is_name}
    asked = stems(claim.front) - mine
    at = [(i, HEAVY if word.stem in heavy else 1) for i, word in enumerate(claim.quoted) if word.stem in asked]
    # A month is no rival of a name.
    dates = {j for i, word in enumerate(claim.quoted) if word.is_number for j in (i - 1, i + 1)}
    near = [
        (sum([weight / (1 + abs(i - j)) for j, weight in at]), word)
        for i, word in enumerate(claim.quoted)
        if (word.is_number if number else word.is_name and i not in dates)
    ]
    own = max([score for score, word in near if word.stem in mine], default=0.0)
    others = [(score, word.text) for score, word in near if word.stem not in stems(claim.card)]
    if others and max(others)[0] > own * NEARER:
        return f"{max(others)[1]!r} stands nearer to what is asked"
    return ""
