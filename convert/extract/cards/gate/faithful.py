"""Whether a card says what its quoted sentences say: words, names, numbers, negations and quantities.

Kept apart from the gate because it alone compares meanings, by lists of words; it knows no notes. No model judges here,
so it is strict: a card that puts its fact into words of its own is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from convert.extract.cards.english import stem
from convert.extract.cards.gate.positions import elsewhere, places, roles
from convert.extract.cards.gate.words import (
    AUXILIARY,
    LISTS,
    QUESTION,
    UNITS,
    Claim,
    Word,
    alike,
    has_form,
    is_verb,
    stems,
    tag_of,
)

_NEGATIONS = frozenset(LISTS["negations"].split())
_DENIALS = frozenset(LISTS["denials"].split())
"""Verbs and nouns that deny what is behind them."""
_NAMING = frozenset(("known", "called", "named", "stand", "mean", "term"))
"""Words of questions for a name, which claim nothing else."""
_CAUSES = frozenset(map(stem, ("cause", "create", "produce", "lead", "result", "bring", "enable", "ensure")))
_WEAK = frozenset(LISTS["weak_negations"].split())
"""Words that imply a negation."""
_SCOPES = frozenset(LISTS["scopes"].split())
"""Words of amount and certainty before what they change."""
_ANAPHORS = frozenset(LISTS["anaphors"].split())
_MULTIPLIERS = frozenset(map(stem, ("million", "billion", "trillion", "thousand", "hundred", "dozen"))) | {"%"}
_ENDS = frozenset(("and", "but", "because", "while", "whereas", "which", "that", "if", "when", "although", "until"))
"""Words at which the reach of a negation ends."""
_CALENDAR = frozenset(
    """january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday""".split()  # noqa: SIM905
)
REACH = 3
"""Content words that a negation or a quantity before them changes."""


def infidelity(claim: Claim) -> str:
    """Return in what a card differs from its quoted sentences, "" if nothing shows."""
    checks = (_foreign_answer, _foreign_front, _negation, _quantity, _opposite, elsewhere, roles, places)
    return next((reason for check in checks if (reason := check(claim))), "")


def _foreign_answer(claim: Claim) -> str:
    """Return which word of the answer the sentences do not have, or not in this order."""
    for part in claim.back:
        if word := _foreign(part, claim.quoted, frozenset()):
            kind = "number" if word.is_number else "name" if word.is_name else "word"
            return f"the {kind} {word.text!r} of the answer is not in the quoted sentences"
        if not _in_order([word.stem for word in part if word.stem], [word.stem for word in claim.quoted]):
            return "the answer has the words of the sentence in another order"
    if reason := _unit(claim):
        return reason
    return ""


def _in_order(wanted: Sequence[str], given: Sequence[str]) -> bool:
    rest = iter(given)
    return all(one in rest for one in wanted)


def _foreign(part: Sequence[Word], given: Sequence[Word], free: frozenset[str]) -> Word | None:
    """Return the first word of content that is not given; a name must stand there letter by letter."""
    known, spelt = stems(given) | free, {word.low for word in given}
    for index, word in enumerate(part):
        exact = word.is_number or (word.is_name and index > 0)
        if word.stem and word.low not in spelt and (exact or word.stem not in known):
            if word.is_name and (word.low + "s" in spelt or word.low.removesuffix("s") in spelt):
                continue
            return word
    return None


def _unit(claim: Claim) -> str:
    """Return which number has another unit, sign of currency or percentage than in the sentences, or none."""
    given = _measured(claim.quoted) | _measured(claim.around)
    for number, units in _measured(claim.card).items():
        if number in given and not units <= given[number]:
            return f"the number {number} has another unit than in the quoted sentences"
    asked = {word.low for word in claim.front}
    for part in claim.back:
        for number, units in _measured(part).items():
            if lost := given.get(number, set()) & _MULTIPLIERS - units - asked:
                return f"the number {number} stands without {sorted(lost)[0]!r}"
    counted = {one.stem for before, one in _pairs(claim.quoted) if before.is_number and one.stem in UNITS}
    for part in claim.back:
        bare = {word.stem for word in part} & counted & _MULTIPLIERS
        if bare and not any(word.is_number for word in part):
            return f"{sorted(bare)[0]!r} stands without its number"
    return ""


def _pairs(found: Sequence[Word]) -> list[tuple[Word, Word]]:
    """Return each word with those of the two words behind it."""
    return [(one, other) for index, one in enumerate(found) for other in found[index + 1 : index + 3]]


def _measured(found: Sequence[Word]) -> dict[str, set[str]]:
    """Return for each number the units beside it, anywhere in a text."""
    measured: dict[str, set[str]] = {}
    for index, word in enumerate(found):
        if word.is_number:
            units = measured.setdefault(word.low, set())
            units |= {one.stem for one in found[index + 1 : index + 3] if one.stem in UNITS}
            units |= {one.text for one in found[index + 1 : index + 2] if one.text in "%°"}
            units |= {one.text for one in found[max(index - 1, 0) : index] if one.text in "$€£¥"}
    return measured


def _foreign_front(claim: Claim) -> str:
    """Return which word of the front is from nowhere, or in the place of a word of the sentences."""
    free = QUESTION | _kind(claim.front)
    given, known = stems(claim.quoted), stems(claim.quoted) | stems(claim.around) | free
    outside = [word for word in claim.front if word.stem and word.stem not in known and not _counts(word, claim)]
    outside = [word for word in outside if word.is_number or not any(alike(word.stem, one) for one in known)]
    for word in outside:
        if (
            word.is_number
            or (tag_of(word.low) == "R" and word.low.endswith("ly"))
            or not has_form(word.stem, claim.nearby)
        ):
            kind = "number" if word.is_number else "name" if word.is_name else "word"
            place = "in the quoted sentences nor in title and section" if word.is_number else "in the note"
            return f"the {kind} {word.text!r} of the front is {'neither' if word.is_number else 'nowhere'} {place}"
    added = [word for word in claim.front if word.stem and word.stem not in given | free]
    added = [
        word for word in added if word.is_name or word.is_number or not any(alike(word.stem, one) for one in given)
    ]
    return _replaced(claim, added) or _too_free(claim, outside, free)


def _counts(word: Word, claim: Claim) -> bool:
    """Return whether a number of the front is that of the parts of the answer: "which three"."""
    parts = len(claim.back) if len(claim.back) > 1 else 1 + sum(one.low in (",", "and") for one in claim.back[0])
    return word.is_number and word.low in (str(parts), str(parts - 1))


def _replaced(claim: Claim, added: Sequence[Word]) -> str:
    """Return which word of the front stands where the sentences have another, which the card does not name."""
    card = stems(claim.card)
    unused = {one for one in stems(claim.quoted) - card if not any(alike(one, other) for other in card)}
    if reason := _subject(claim, added, unused):
        return reason
    for mine, before, after in _beside(claim.front):
        if mine not in added:
            continue
        for theirs, left, right in _beside(claim.quoted):
            same = left and before and before.stem == left.stem and before.low[:4] == left.low[:4]
            same = same or (
                right and after and mine.is_name and after.stem == right.stem and after.low[:4] == right.low[:4]
            )
            if theirs.stem in unused and same and mine.is_name == theirs.is_name:
                return f"the front says {mine.text!r} where the sentence says {theirs.text!r}"
    return ""


def _beside(found: Sequence[Word]) -> Iterator[tuple[Word, Word | None, Word | None]]:
    """Yield each word of content with its neighbours, None for marks; names with any, others with words of content."""
    for index, word in enumerate(found):
        if word.stem:
            left = found[index - 1] if index else None
            right = found[index + 1] if index + 1 < len(found) else None
            yield word, _neighbour(left, word), _neighbour(right, word)


def _neighbour(other: Word | None, word: Word) -> Word | None:
    if other is None or not other.low[0].isalnum() or not (other.stem or word.is_name):
        return None
    return None if other.low in ("the", "a", "an", "and", "or") else other


def _subject(claim: Claim, added: Sequence[Word], unused: set[str]) -> str:
    """Return whether the front is about something else than the sentence, whose subject it does not name."""
    if not added or any(word.low in _ANAPHORS for word in claim.quoted[:8]):
        return ""
    comma = next((index for index, word in enumerate(claim.quoted[:12]) if word.text in ",:"), -1)
    subject: list[Word] = []
    for word in claim.quoted[comma + 1 :]:
        if word.low in AUXILIARY or (word.stem and is_verb(word) and subject):
            break
        subject += [word] if word.stem and word.low not in _CALENDAR and tag_of(word.low) != "R" else []
    foreign = [word for word in added if word.stem not in stems(claim.around)]
    if subject and foreign and all(word.stem in unused for word in subject):
        return f"the front says {foreign[0].text!r}, the sentence is about {subject[0].text!r}"
    return ""


def _too_free(claim: Claim, outside: Sequence[Word], free: frozenset[str]) -> str:
    """Return whether most of the front is in no quoted sentence: then it asks for something else."""
    asked = [word for word in claim.front if word.stem and word.stem not in free]
    if not asked:
        return "the front asks for nothing of the sentence: name what it is about"
    if len(outside) * 2 > len(asked):
        return "most words of the front are in no quoted sentence: quote all that the card draws on"
    return ""


def _kind(front: Sequence[Word]) -> frozenset[str]:
    """Return the stem of the kind that is asked for if it is one word: "which mineral is", not "which red mineral"."""
    for asks, kind, after in zip(front, front[1:], front[2:], strict=False):
        plain = kind.stem and not kind.is_name and not kind.is_number
        if asks.low == "how" and plain:
            return frozenset((kind.stem,))
        if asks.low in ("which", "what") and plain and (not after.stem or is_verb(after)):
            return frozenset((kind.stem,))
    return frozenset()


def _negation(claim: Claim) -> str:
    """Return which negation the card adds or leaves out."""
    card = claim.card
    mine, theirs = _denied(card, _NEGATIONS), _denied(claim.quoted, _NEGATIONS)
    near = {one for reach in _near(claim.quoted) for one in reach}
    for cue, reach in mine:
        if not near or (reach and not near & set(reach)):
            return f"the card says {cue!r} where the sentence does not"
    if len(mine) > len(_near(claim.quoted)):
        return f"the card says {mine[0][0]!r} more often than the sentence"
    if mine:
        return ""
    plain = _outside(claim.quoted, [reach for _, reach in theirs])
    for cue, reach in theirs:
        if lost := set(reach[:2]) & stems(card) - plain:
            return f"the sentence says {cue!r} of {sorted(lost)[0]!r}, the card does not"
    given = {word.low for word in card}
    if given & _NAMING:
        return ""
    causes = [word.text for word in claim.front if word.stem in _CAUSES - stems(claim.quoted)]
    if causes and not given & _DENIALS and _denied(claim.quoted, _DENIALS):
        return f"the card says {causes[0]!r} where the sentence denies"
    denied = _denied(claim.quoted, _DENIALS)
    plain = _outside(claim.quoted, [reach[:1] for _, reach in denied])
    for cue, reach in denied:
        if not given & _DENIALS and stem(cue) not in stems(card) and set(reach[:1]) & stems(card) - plain:
            return f"the sentence says {cue!r}, the card does not"
    return ""


def _is_cue(word: Word, cues: frozenset[str]) -> bool:
    return word.low in cues or (cues is _NEGATIONS and word.low.endswith("n't"))


def _denied(found: Sequence[Word], cues: frozenset[str]) -> list[tuple[str, list[str]]]:
    """Return each negation with the stems in its reach; not of "not only" and "not until"."""
    denied = []
    for index, word in enumerate(found):
        behind = [one.low for one in found[index + 1 : index + 10]]
        if _is_cue(word, cues) and behind[:1] != ["only"] and "until" not in behind:
            denied.append((word.text, _reach(found[index + 1 :])))
    return denied


def _reach(found: Sequence[Word]) -> list[str]:
    reach: list[str] = []
    for word in found[: REACH * 3]:
        if len(reach) == REACH or word.low in _ENDS or word.text in ",;:.!?()—–":
            break
        reach += [word.stem] if word.stem else []
    return reach


def _near(found: Sequence[Word]) -> list[frozenset[str]]:
    """Return the stems around each negation, also around words that only imply one."""
    cues = [index for index, word in enumerate(found) if word.low in _WEAK or _is_cue(word, _NEGATIONS)]
    return [stems(found[index : index + 10]) for index in cues]


def _outside(found: Sequence[Word], reaches: Iterable[Sequence[str]]) -> frozenset[str]:
    """Return the stems that occur more often than in the reach of negations."""
    counts: dict[str, int] = {}
    for word in found:
        counts[word.stem] = counts.get(word.stem, 0) + 1
    for one in [one for reach in reaches for one in reach]:
        counts[one] -= 1
    return frozenset([one for one, count in counts.items() if count > 0])


def _quantity(claim: Claim) -> str:
    """Return which word of amount, degree or certainty the card adds or leaves out."""
    card, given = {word.low for word in claim.card}, {word.low for word in (*claim.quoted, *claim.around)}
    asked = {after.low for word, after in zip(claim.front, claim.front[1:], strict=False) if word.low == "how"}
    groups = [set(group.split("|")) for group in LISTS["must_stand"].split()]
    for word in {one for group in groups for one in group} & card - given - asked:
        formed = any(alike(stem(word), stem(one)) for one in given)
        if not formed and not any(word in group and group & given for group in groups):
            return f"the card says {word!r} where the sentence does not"
    return _lost_bound(claim, card) or _lost_scope(claim, card)


def _lost_bound(claim: Claim, card: set[str]) -> str:
    groups = [set(group.split("|")) for group in LISTS["bounds"].split()]
    for index, word in enumerate(claim.quoted):
        if not word.is_number or word.low not in card:
            continue
        before = {one.low for one in claim.quoted[max(index - 2, 0) : index]}
        before -= set() if claim.quoted[index - 1].low == "to" else {"up"}
        for group in groups:
            if before & group and not card & group:
                return f"the sentence says {sorted(before & group)[0]!r} before {word.text}, the card does not"
    return ""


def _lost_scope(claim: Claim, card: set[str]) -> str:
    known = stems(claim.card)
    groups = [set(group.split("|")) for group in LISTS["must_stand"].split()]
    for index, word in enumerate(claim.quoted):
        if any(one.is_number for one in claim.quoted[index + 1 : index + 2]) and word.low == "may":
            continue  # the month
        if word.low not in _SCOPES or any(word.low in group and group & card for group in groups) or word.low in card:
            continue
        changed = next((one.stem for one in claim.quoted[index + 1 : index + REACH] if one.stem), "")
        if changed in known:
            return f"the sentence says {word.text!r} of {changed!r}, the card does not"
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
