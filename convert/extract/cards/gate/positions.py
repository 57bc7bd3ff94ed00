"""Who is who in a card: whether its answer stands in the sentence where the question looks for it.

Kept apart from `faithful`, which compares which words there are, because here their order decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from convert.extract.cards.english import rarity
from convert.extract.cards.gate.words import ASKS, AUXILIARY, BE, DO, Claim, Word, is_verb, stems

_PREPOSITIONS = frozenset(("against", "by", "from", "into", "to", "over"))
_PARTS = frozenset(("and", "but", "while", "whereas", "when", "which", "who", "although"))
"""Words at which a part of a sentence begins."""
BEHIND = 8
"""Words after a preposition among which stands what belongs to it."""
SURE = 2
"""Points by which another part of a sentence must fit a question better to make its answer wrong."""


def elsewhere(claim: Claim) -> str:
    """Return whether another name or number of the sentence fits the question better: "when" of another event."""
    answer = [word for part in claim.back for word in part if word.stem]
    if len(claim.back) > 1 or not answer:
        return ""
    if not ((answer[0].is_number and len(answer) <= 4) or any(word.is_name for word in answer)):
        return ""
    if not any(word.is_number for word in answer) and any(word.low.startswith("stand") for word in claim.front):
        return ""
    parts = _parts(claim.quoted)
    asked = stems(claim.front) - stems(answer)
    heavy = {word.stem for word in claim.front if word.is_number or word.is_name}
    scores = [sum(3 if one in heavy else 1 for one in asked & stems(part)) for part in parts]
    number = any(word.is_number for word in answer)
    key = stems([word for word in answer if word.is_number or not number])
    own = [score for part, score in zip(parts, scores, strict=True) if key & stems(part)]
    others = [
        (score, word.text)
        for part, score in zip(parts, scores, strict=True)
        for word in part
        if (word.is_number if number else word.is_name and rarity(word.low) == 3)
        and word.stem not in stems(claim.card)
        and not key & stems(part)
    ]
    if own and others and max(others)[0] >= max(own) + SURE and (number or not max(own)):
        return f"{max(others)[1]!r} stands where the sentence says what is asked, not the answer"
    return ""


def _parts(found: Sequence[Word]) -> list[list[Word]]:
    """Return the parts of a sentence between commas and conjunctions; very short ones belong to the next."""
    parts: list[list[Word]] = [[]]
    for word in found:
        ends = word.text in ",;:.()—–" or word.low in _PARTS
        if ends and len([one for one in parts[-1] if one.stem]) > 1 + (word.text == ","):
            parts.append([])
        parts[-1].append(word)
    return parts


def roles(claim: Claim) -> str:
    """Return whether a question for who does something is answered by whom it is done to, or the other way round."""
    front = [word for word in claim.front if word.text not in ",?.'\"“”"]
    if not front or front[0].low not in ASKS or len(claim.back) > 1:
        return ""
    lead = next((index for index, word in enumerate(front) if is_verb(word) or word.low in AUXILIARY), len(front))
    known = stems(claim.quoted)
    plain = [word for word in front[lead:] if word.stem in known and not word.is_name and not word.is_number]
    verb = next((word for word in plain if is_verb(word) or front[lead].low in DO), None)
    if not verb or lead > 3:
        return ""
    at = front.index(verb)
    if at > lead and front[lead].low not in DO:
        return ""
    if reason := _unreal(claim, front[lead : at + 1], verb):
        return reason
    named = {word.stem for word in (front[at + 1 :] if at == lead else front[lead:at]) if word.is_name}
    if at == lead and _is_object(claim, verb):
        return f"the sentence does not say of the answer that it {verb.text!r}"
    orders = {_order(part, verb.stem, stems(claim.back[0]), named, at == lead) for part in _parts(claim.quoted)}
    return "the sentence says it the other way round" if "wrong" in orders and "right" not in orders else ""


def _is_object(claim: Claim, verb: Word) -> bool:
    """Return whether the answer stands behind an active verb whose doer is asked for."""
    quoted, answer = claim.quoted, stems(claim.back[0])
    at = [index for index, word in enumerate(quoted) if word.stem == verb.stem]
    found = [index for index, word in enumerate(quoted) if word.stem in answer]
    beside = {word.low for index in at for word in quoted[max(index - 2, 0) : index + 4]}
    return bool(at and found) and min(found) > max(at) and not beside & (BE | {"by", "from"})


def _unreal(claim: Claim, asked: Sequence[Word], verb: Word) -> str:
    """Return whether "did somebody do" asks for what the sentence has as an aim, or as another's deed."""
    if asked[0].low != "did":
        return ""
    quoted = claim.quoted
    at = [index for index, word in enumerate(quoted) if word.stem == verb.stem]
    if asked[-2].low != "to" and at and all(quoted[max(index - 1, 0)].low == "to" for index in at):
        return f"the sentence does not say that it came to {verb.text!r}"
    doers = {word.stem for word in asked if word.is_name}
    found = [index for index, word in enumerate(quoted) if word.stem in doers]
    by = any(
        quoted[max(index - 3, 0) : index] and "by" in {w.low for w in quoted[max(index - 3, 0) : index]}
        for index in found
    )
    if at and found and min(found) > max(at) and not by:
        return f"the sentence does not say who did {verb.text!r} as the front does"
    return ""


def _order(part: Sequence[Word], verb: str, answer: frozenset[str], named: set[str], subject_asked: bool) -> str:
    """Return whether answer and names stand on the right sides of the verb in a part of a sentence, "" if unknown.

    In a passive sentence they stand the other way round.
    """
    at = next((index for index, word in enumerate(part) if word.stem == verb), None)
    inside = [index for index, word in enumerate(part) if word.stem in answer]
    others = [index for index, word in enumerate(part) if word.stem in named]
    if at is None or not inside or not others:
        return ""
    passive = any(word.low in BE for word in part[max(at - 2, 0) : at])
    passive |= any(word.low == "by" for word in part[at + 1 : at + 4])
    first, last = (inside, others) if subject_asked != passive else (others, inside)
    if max(first) < at < min(last):
        return "right"
    return "wrong" if max(last) < at < min(first) else ""


def places(claim: Claim) -> str:
    """Return whether a name or an answer stands after a preposition that has something else in the sentence."""
    quoted = claim.quoted
    if reason := _turned(claim):
        return reason
    for word, after in pairwise(claim.front):
        at = [index for index, one in enumerate(quoted) if one.low == word.low]
        if word.low not in _PREPOSITIONS or not at:
            continue
        behind = [{one.stem for one in quoted[index + 1 : index + BEHIND] if one.stem} for index in at]
        if after.low in ASKS:
            wanted, told = stems(claim.back[0]), "answer"
        elif after.is_name and word.low != "to" and after.stem in stems(quoted):
            wanted, told = frozenset((after.stem,)), after.text
        else:
            continue
        if not any(wanted & one for one in behind):
            return f"the sentence has something else after {word.text!r} than {told!r}"
    return ""


def _turned(claim: Claim) -> str:
    """Return which name does in the front what is done to it in the sentence, or by nobody there."""
    quoted, known = claim.quoted, stems(claim.quoted)
    for before, word, after in zip(claim.front, claim.front[1:], claim.front[2:], strict=False):
        if word.low == "by" and after.is_name and before.stem not in known and all(one.low != "by" for one in quoted):
            return f"the sentence says {before.text!r} of nobody"
    for name, word in pairwise(claim.front):
        if not name.is_name or not word.stem or word.is_name or word.stem not in known:
            continue
        at = [index for index, one in enumerate(quoted) if one.stem == word.stem]
        found = [index for index, one in enumerate(quoted) if one.stem == name.stem]
        behind = [quoted[index + 1].low for index in at if index + 2 in found]
        if found and min(found) > max(at) and behind and behind[0] not in ("of", "by"):
            return f"the sentence says {word.text!r} of another than {name.text!r}"
    return ""


def misplaced(before: Sequence[Word], answer: Sequence[Word], behind: Sequence[Word], quoted: Sequence[Word]) -> bool:
    """Return whether an answer stands in a gap between words beside which no sentence has it."""
    left = next((word.stem for word in reversed(before) if word.stem), "")
    right = next((word.stem for word in behind if word.stem), "")
    given = [word.stem for word in quoted if word.stem]
    inside = [word.stem for word in answer if word.stem]
    ends = [
        (start - 1, start + len(inside)) for start in range(len(given)) if given[start : start + len(inside)] == inside
    ]
    if not ends or not (left or right):
        return not ends
    return not any(
        (left and i >= 0 and given[i] == left) or (right and j < len(given) and given[j] == right) for i, j in ends
    )
