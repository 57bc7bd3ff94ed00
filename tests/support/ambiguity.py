"""Finds the repeats of a regular expression that make a failing match slower than linear.

A pattern is read into an automaton whose states are its characters (Glushkov). Time grows faster than the text if two
of its loops can read the same text and the first leads to the second, reading that text, too: then each division of
the text between the two is tried (Weber and Seidl, 1991). `search` begins at every character, which is such a loop
before the pattern. What possessive repeats and atomic groups have taken is never given back, so that the character
after it is none that they would take.
"""

from __future__ import annotations

import re
import re._constants as c  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

LARGE = 256
"""Repeats with a greater bound are loops; where matching may begin is a loop only beside repeats without a bound."""
_SAMPLES = "".join(map(chr, range(128))) + "éÉßαΩжЖ中…’“”–—×÷≤²½\u00a0\u2028\u0300\ue000"
_START = -1
_Entry = tuple[int, int, int]
"""A state, the characters with which it is entered, and the characters that may stand before these."""


@dataclass
class _Part:
    """A part of a pattern: how it begins and ends, and what holds where it matches nothing."""

    first: list[_Entry] = field(default_factory=list)
    last: dict[int, tuple[int, bool]] = field(default_factory=dict)
    """The states that may end it: the characters that cannot follow, and whether nothing more is asked."""
    empty: bool = True
    forbids: int = 0
    before: int = -1
    asks: bool = False
    boundary: bool = False


class Automaton:
    """The states of a pattern and the steps between them; sets of characters are bits of an integer."""

    def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
        tree = parser.parse(pattern, flags)
        self._flags = tree.state.flags
        text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
        self._alphabet = sorted({*_SAMPLES, *text, *text.swapcase()})
        self._all = (1 << len(self._alphabet)) - 1
        self._categories: dict[Any, int] = {}
        self.masks: list[int] = []
        self.bounded: set[int] = set()
        """States whose only loop has a bound."""
        self.steps: dict[int, dict[int, int]] = {}
        self.doubled: set[tuple[int, int]] = set()
        """Steps that the pattern allows in two ways."""
        self._word = self._category(c.CATEGORY_WORD)
        whole = self._sequence(tree)
        self.first = whole.first
        self.final = {state for state, (_, sure) in whole.last.items() if sure}

    def _category(self, name: Any) -> int:
        if name not in self._categories:
            letter = {"SPACE": "s", "DIGIT": "d", "WORD": "w"}[str(name).rpartition("_")[2]]
            sign = re.compile(rf"\{letter.upper() if '_NOT_' in str(name) else letter}")
            self._categories[name] = self._mask(filter(sign.match, self._alphabet))
        return self._categories[name]

    def _mask(self, characters: Iterable[str]) -> int:
        return sum(1 << self._alphabet.index(one) for one in set(characters))

    def _class(self, op: Any, value: Any) -> int:
        """Return the characters that an item of one character matches."""
        if op is c.ANY:
            return self._all if self._flags & re.DOTALL else self._all & ~self._mask("\n")
        if op is c.NOT_LITERAL:
            return self._all & ~self._class(c.LITERAL, value)
        if op is c.LITERAL:
            sign = chr(value)
            cases = {sign, sign.lower(), sign.upper()} if self._flags & re.IGNORECASE else {sign}
            return self._mask(one for one in cases if one in self._alphabet)
        if op is c.RANGE:
            inside = {one for one in self._alphabet if value[0] <= ord(one) <= value[1]}
            if self._flags & re.IGNORECASE:
                inside |= {one.swapcase() for one in inside} & set(self._alphabet)
            return self._mask(inside)
        if op is c.CATEGORY:
            return self._category(value)
        found = 0
        for one, inner in value:
            found |= 0 if one is c.NEGATE else self._class(one, inner)
        return self._all & ~found if value[0][0] is c.NEGATE else found

    def _step(self, source: int, target: int, mask: int) -> None:
        known = self.steps[source]
        if known.get(target, 0) & mask:
            self.doubled.add((source, target))
        if mask:
            known[target] = known.get(target, 0) | mask

    def _join(self, left: _Part, right: _Part) -> None:
        for state, (forbidden, _) in left.last.items():
            for target, mask, before in right.first:
                if self.masks[state] & before:
                    self._step(state, target, mask & ~forbidden)

    def _sequence(self, items: Iterable[Any]) -> _Part:
        done = _Part()
        for op, value in items:
            done = self._then(done, self._part(op, value))
        return done

    def _then(self, left: _Part, right: _Part) -> _Part:
        first = list(right.first)
        if left.boundary:
            first = [one for state, mask, before in first for one in (
                (state, mask & self._word, before & ~self._word), (state, mask & ~self._word, before & self._word)
            ) if one[1]]  # fmt: skip
            right = _Part(first, right.last, right.empty, right.forbids, right.before, right.asks, right.boundary)
        self._join(left, right)
        made = _Part(list(left.first), dict(right.last), left.empty and right.empty)
        if left.empty:
            made.first += [(state, mask & ~left.forbids, before & left.before) for state, mask, before in first]
        if right.empty:
            for state, (forbidden, sure) in left.last.items():
                made.last[state] = forbidden | right.forbids, sure and not right.asks
        made.forbids, made.before = left.forbids | right.forbids, left.before & right.before
        made.asks, made.boundary = left.asks or right.asks, right.boundary or (left.boundary and right.empty)
        return made

    def _part(self, op: Any, value: Any) -> _Part:
        if op in (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN):
            mask = self._class(op, value)
            self.masks.append(mask)
            state = len(self.masks) - 1
            self.steps[state] = {}
            return _Part([(state, mask, -1)], {state: (0, True)}, False)
        if op is c.BRANCH:
            return self._branch([self._sequence(one) for one in value[1]])
        if op is c.SUBPATTERN:
            return self._sequence(value[3])
        if op is c.ATOMIC_GROUP:
            return self._kept(self._sequence(value))
        if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            return self._repeat(op, *value)
        if op in (c.ASSERT, c.ASSERT_NOT):
            return self._assertion(op is c.ASSERT, *value)
        if op is c.AT:
            return self._place(value)
        if op is c.GROUPREF_EXISTS:
            return self._branch([self._sequence(one or ()) for one in value[1:]])
        return _Part(asks=True)  # what a group holds once more

    def _branch(self, parts: list[_Part]) -> _Part:
        made = _Part(empty=any(part.empty for part in parts))
        empty = [part for part in parts if part.empty]
        for part in parts:
            made.first += part.first
            made.last |= part.last
        if empty:
            made.forbids, made.before = -1, 0
            for part in empty:
                made.forbids, made.before = made.forbids & part.forbids, made.before | part.before
            made.asks = all(part.asks for part in empty)
        return made

    def _kept(self, part: _Part) -> _Part:
        """Return a part that gives nothing back: it ends only before a character with which it cannot go on."""
        last = {}
        for state, (forbidden, sure) in part.last.items():
            for mask in self.steps[state].values():
                forbidden |= mask
            last[state] = forbidden, sure
        return _Part(part.first, last, part.empty, part.forbids, part.before, part.asks)

    def _repeat(self, op: Any, least: int, most: int, body: Any) -> _Part:
        known, states = op is c.POSSESSIVE_REPEAT, len(self.masks)
        part = self._sequence(body)
        part = self._kept(part) if known else part
        if most > LARGE:
            self._join(part, part)
            if most is not c.MAXREPEAT:
                self.bounded |= {*range(states, len(self.masks))}
        elif most > 1 and len(self.masks) > states + 1:
            again = self._sequence(body)
            again = self._kept(again) if known else again
            again.empty = True
            part = self._then(part, again)
        if known:
            begins = 0
            for _, mask, _ in part.first:
                begins |= mask
            part.last = {state: (forbidden | begins, sure) for state, (forbidden, sure) in part.last.items()}
            part.forbids |= begins if least == 0 else 0
        part.empty = part.empty or least == 0
        return part

    def _assertion(self, holds: bool, direction: int, body: Any) -> _Part:
        single = len(body) == 1 and body[0][0] in (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN)
        mask = self._class(*body[0]) if single else 0
        if direction < 0:
            return _Part(before=mask if holds else ~mask, asks=True) if single else _Part(asks=True)
        if single:
            return _Part(forbids=self._all & ~mask if holds else mask, asks=True)
        part = self._sequence(body)
        return _Part(first=part.first, asks=True)

    def _place(self, place: Any) -> _Part:
        if place in (c.AT_BEGINNING, c.AT_BEGINNING_STRING):
            lines = place is c.AT_BEGINNING and self._flags & re.MULTILINE
            return _Part(before=self._mask("\n") if lines else 0)
        if place is c.AT_BOUNDARY:
            return _Part(asks=True, boundary=True)
        if place in (c.AT_END, c.AT_END_STRING):
            return _Part(forbids=self._all & ~self._mask("\n" if place is c.AT_END else ""), asks=True)
        return _Part(asks=True)


def slow_repeats(pattern: str | bytes, flags: int = 0, search: bool = True) -> list[str]:
    """Return a sentence for each kind of repeats that makes a pattern slow: [] for one that is linear.

    `search` says whether a match may begin at any character.
    """
    made = Automaton(pattern, flags)
    loops = _loops(made)
    found = []
    for loop in loops:
        inside = {(one, two) for one in loop for two in made.steps[one] if two in loop}
        if inside & made.doubled or _two_ways(made, loop):
            found.append("a repeat can match a text in more than one way")
            break
    pairs = [(one, other) for one, other in product(loops, loops) if one is not other and _leads(made, one, other)]
    if any(_divides(made, one, other, p, q) for one, other in pairs for p in one for q in other):
        found.append("two repeats can divide a text in more than one way")
    # Where a state may end the match, matching does not begin again at the next character.
    failing = _loops(made, made.final | made.bounded) if search else []
    if any(_from_everywhere(made, loop, q) for loop in failing for q in loop):
        found.append("a repeat that may fail begins at every character of a text")
    return found


def _loops(made: Automaton, without: Iterable[int] = ()) -> list[set[int]]:
    """Return the sets of states that lead to one another, not through some others."""
    reach: dict[int, set[int]] = {}
    left_out = set(without)
    for state in made.steps.keys() - left_out:
        met, pending = set(), [state]
        while pending:
            for target in made.steps[pending.pop()].keys() - left_out:
                if target not in met:
                    met.add(target)
                    pending.append(target)
        reach[state] = met
    found: list[set[int]] = []
    for state, met in reach.items():
        if state in met and not any(state in loop for loop in found):
            found.append({other for other in met if state in reach[other]})
    return found


def _two_ways(made: Automaton, loop: set[int]) -> bool:
    """Return whether two paths of a loop that read the same text part and meet again."""
    pending, met = [(state, state) for state in loop], set()
    while pending:
        a, b = pending.pop()
        for x, y in product(made.steps[a], made.steps[b]):
            if x in loop and y in loop and made.steps[a][x] & made.steps[b][y]:
                if x == y and a != b:
                    return True
                if x != y and (x, y) not in met:
                    met.add((x, y))
                    pending.append((x, y))
    return False


def _leads(made: Automaton, one: set[int], other: set[int]) -> bool:
    """Return whether one loop leads to another."""
    met, pending = set(one), [*one]
    while pending:
        for target in made.steps[pending.pop()].keys() - met:
            met.add(target)
            pending.append(target)
    return not met.isdisjoint(other)


def _divides(made: Automaton, one: set[int], other: set[int], p: int, q: int) -> bool:
    """Return whether a text leads from p to p, from p to q and from q to q."""
    if not made.masks[p] & made.masks[q]:
        return False
    pending, met = [(p, p, q)], set()
    while pending:
        a, b, d = pending.pop()
        for x, z in product(made.steps[a], made.steps[d]):
            both = made.steps[a][x] & made.steps[d][z] if x in one and z in other else 0
            for y in made.steps[b] if both else ():
                if both & made.steps[b][y]:
                    if (x, y, z) == (p, q, q):
                        return True
                    if (x, y, z) not in met:
                        met.add((x, y, z))
                        pending.append((x, y, z))
    return False


def _from_everywhere(made: Automaton, loop: set[int], q: int) -> bool:
    """Return whether a text leads from any character to q, and from q to q."""
    within = 0
    for state in loop:
        within |= made.masks[state]
    begins = {state: mask for state, mask, before in made.first if within & before}
    pending, met = [(_START, q)], set()
    while pending:
        b, d = pending.pop()
        onward = {**begins, _START: -1} if b == _START else made.steps[b]
        for y, z in product(onward, made.steps[d]):
            if z in loop and onward[y] & made.steps[d][z]:
                if (y, z) == (q, q):
                    return True
                if (y, z) not in met:
                    met.add((y, z))
                    pending.append((y, z))
    return False
