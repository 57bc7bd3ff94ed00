"""What a card surely says otherwise than its quoted sentences: another word, number or name, or an amount or a denial.

Kept apart from the gate because it alone compares meanings, by words; it knows no notes. It refuses only what is never
right: whatever an honest writer may do as well is for `doubts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from convert.extract.cards.english import stem
from convert.extract.cards.gate.words import (
    DENIALS,
    LISTS,
    UNITS,
    Claim,
    Word,
    added_words,
    alike,
    has_form,
    negates,
    reach,
    stems,
)

_BOUNDS = [frozenset(group.split("|")) for group in LISTS["bounds"].split()]
_AMOUNTS = [frozenset(group.split("|")) for group in LISTS["amounts"].split()]
_MULTIPLIERS = frozenset(map(stem, ("million", "billion", "trillion", "thousand", "hundred", "dozen"))) | {"%"}
_DEGREE = stem("degree")
_SIGNS = frozenset((_DEGREE, *"%$€£¥"))


def infidelity(claim: Claim) -> str:
    """Return in what a card surely differs from its quoted sentences, "" if nothing shows."""
    checks = (_foreign_answer, _unit, _foreign_front, _negation, _amount, _lost_bound, _opposite)
    return next((reason for check in checks if (reason := check(claim))), "")


def _foreign_answer(claim: Claim) -> str:
    """Return which word of the answer the sentences do not have, or not in this order."""
    known, spelt = stems(claim.quoted), {word.low for word in claim.quoted}
    for part in claim.back:
        for index, word in enumerate(part):
            exact = word.is_number or (word.is_name and index > 0)
            if not word.stem or word.low in spelt or (word.stem in known and not exact):
                continue
            if word.is_name and {word.low + "s", word.low.removesuffix("s")} & spelt:
                continue
            return f"the {_kind(word)} {word.text!r} of the answer is not in the quoted sentences"
        if not _in_order(part, claim.quoted):
            return "the answer has the words of the sentence in another order"
    return ""


def _in_order(part: Sequence[Word], given: Sequence[Word]) -> bool:
    """Return whether an answer has its words of content in the order of the sentences; without any, all its words."""
    rest = iter([word.stem for word in given])
    if wanted := [word.stem for word in part if word.stem]:
        return all(one in rest for one in wanted)
    spelt = f" {' '.join([word.low for word in given])} "
    return f" {' '.join([word.low for word in part])} " in spelt


def _kind(word: Word) -> str:
    return "number" if word.is_number else "name" if word.is_name else "word"


def _unit(claim: Claim) -> str:
    """Return which number has another unit, sign of currency or percentage than in the sentences, or none."""
    given, around = _measured(claim.quoted), _measured(claim.around)
    for number, units in _measured(claim.card).items():
        own = given.get(number, around.get(number, units))
        # Seven times x: a unit that the sentence does not give may be none.
        if units - own - around.get(number, set()) and (own or units & _SIGNS):
            return f"the number {number} has another unit than in the quoted sentences"
    asked = {word.low for word in claim.front}
    for part in claim.back:
        for number, units in _measured(part).items():
            if lost := given.get(number, set()) & _MULTIPLIERS - units - asked:
                return f"the number {number} stands without {sorted(lost)[0]!r}"
    return ""


def _measured(found: Sequence[Word]) -> dict[str, set[str]]:
    """Return for each number the units beside it, anywhere in a text."""
    measured: dict[str, set[str]] = {}
    for index, word in enumerate(found):
        if word.is_number:
            behind = found[index + 1 : index + 3]
            units = measured.setdefault(word.low, set())
            units |= {one.stem for one in behind if one.stem in UNITS and behind[0].text not in ",;:.?"}
            units |= {_DEGREE if one.text == "°" else "%" for one in behind[:1] if one.text in "%°"}
            units |= {one.text for one in found[max(index - 1, 0) : index] if one.text in "$€£¥"}
    return measured


def _foreign_front(claim: Claim) -> str:
    """Return which number or name of the front is nowhere in the note."""
    for word in added_words(claim):
        exact = word.is_name or (word.is_number and word.text[0].isdigit())
        if exact and not has_form(word.stem, claim.nearby):
            return f"the {_kind(word)} {word.text!r} of the front is nowhere in the note"
    return ""


def _negation(claim: Claim) -> str:
    """Return which negation the card adds or leaves out."""
    mine = [word for word in claim.card if negates(word)]
    theirs = [index for index, word in enumerate(claim.quoted) if negates(word)]
    if mine and not theirs and not any(word.low in DENIALS for word in claim.quoted):
        return f"the card says {mine[0].text!r} where the sentence does not"
    if mine and theirs and len(mine) > len(theirs):
        return f"the card says {mine[0].text!r} more often than the sentence"
    if mine:
        return ""
    counts: dict[str, int] = {}
    for word in claim.quoted:
        counts[word.stem] = counts.get(word.stem, 0) + 1
    for index in theirs:
        near = [one for one in reach(claim.quoted[index + 1 :])[:2] if counts[one] == 1]
        behind = [word.low for word in claim.quoted[index + 1 : index + 10]]
        if (lost := set(near) & stems(claim.card)) and behind[0] != "only" and "until" not in behind:
            return f"the sentence says {claim.quoted[index].text!r} of {sorted(lost)[0]!r}, the card does not"
    return ""


def _amount(claim: Claim) -> str:
    """Return which word of amount or degree the card adds."""
    card, given = {word.low for word in claim.card}, {word.low for word in (*claim.quoted, *claim.around)}
    card -= {after.low for word, after in zip(claim.front, claim.front[1:], strict=False) if word.low == "how"}
    for group in _AMOUNTS:
        added = group & card
        if added and not group & given and not any(alike(stem(one), stem(other)) for one in added for other in given):
            return f"the card says {sorted(added)[0]!r} where the sentence does not"
    return ""


def _lost_bound(claim: Claim) -> str:
    """Return which number stands without its "more than" or "up to"."""
    card = {word.low for word in claim.card}
    for index, word in enumerate(claim.quoted):
        if word.is_number and word.low in card:
            before = {one.low for one in claim.quoted[max(index - 2, 0) : index]}
            before -= set() if claim.quoted[index - 1].low == "to" else {"up"}
            for group in _BOUNDS:
                if before & group and not card & group:
                    return f"the sentence says {sorted(before & group)[0]!r} before {word.text}, the card does not"
    return ""


@cache
def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    listed = LISTS["opposites"].split()
    for left, right in zip(listed[::2], listed[1::2], strict=True):
        for one in right.split("|"):
            found.setdefault(stem(left), set()).add(stem(one))
            found.setdefault(stem(one), set()).add(stem(left))
    return {word: frozenset(others) for word, others in found.items()}


def _opposite(claim: Claim) -> str:
    """Return which word of the card the sentences contradict by an opposite."""
    given = {stem(word.low) for word in claim.quoted}
    around = {stem(word.low) for word in claim.around}
    for word in claim.card:
        own = stem(word.low)
        if own not in given | around and (others := _opposites().get(own, frozenset()) & given):
            return f"the card says {word.text!r} where the sentence says {sorted(others)[0]!r}"
    return ""
