"""Makes texts that a pattern may take long for: what it begins with, and then one of its repeats many times."""

from __future__ import annotations

import re
import re._constants as c  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable, Iterator
from itertools import product
from random import Random
from typing import Any, NamedTuple

_SIGNS = " aA1x.,-:;=<>[](){}|\"'/_$#&?\n\\%*+~`!^\té\u2019"
_REPEATS = (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT)
_SINGLE = (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN)
_ENDS = ("", "\x01", "\n", "!", "a ")
_MOST_SIGNS = 12
_SAMPLES = 12


class Pump(NamedTuple):
    """A text of any length: a start, a piece many times, an end."""

    start: str
    piece: str
    end: str = ""

    def text(self, length: int) -> str:
        """Return the text with about `length` characters of pieces."""
        return self.start + self.piece * (length // len(self.piece) + 1) + self.end


class Maker:
    """Makes texts that match parts of a pattern."""

    def __init__(self, pattern: str | bytes, flags: int, seed: int = 1) -> None:
        self._random = Random(seed)
        text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
        self._tree = parser.parse(text, flags & ~re.UNICODE if isinstance(pattern, bytes) else flags)
        self._flags = self._tree.state.flags
        self._signs = list(dict.fromkeys([*_SIGNS, *text]))

    def pumps(self) -> Iterator[Pump]:
        """Yield each pump once: every repeat behind what leads to it, what the pattern matches, its signs in pairs."""
        met = set()
        for pump in self._all():
            if pump.piece and pump not in met:
                met.add(pump)
                yield pump

    def _all(self) -> Iterator[Pump]:
        for _ in range(3):
            for start, piece in self._repeats(self._tree, ""):
                yield from (Pump(start, piece, end) for end in _ENDS)
                yield Pump("", start + piece)
        for _ in range(_SAMPLES):
            whole = self._sample(self._tree)
            for cut in {len(whole), self._random.randint(0, len(whole))}:
                yield Pump("", whole[:cut])
                yield Pump(whole[:cut], " ")
                yield Pump(whole[:cut], whole[cut - 1 : cut])
        literals = [chr(value) for op, value in _items(self._tree) if op is c.LITERAL]
        signs = list(dict.fromkeys([*literals, " ", "a", "A", "1", "."]))[:_MOST_SIGNS]
        yield from (Pump("", one) for one in signs)
        yield from (Pump("", one + other) for one, other in product(signs, signs) if one != other)

    def _sample(self, items: Iterable[Any], longer: bool = False) -> str:
        return "".join([self._one(op, value, longer) for op, value in items])

    def _one(self, op: Any, value: Any, longer: bool) -> str:
        if op is c.LITERAL:
            return chr(value)
        if op in _SINGLE:
            return self._random.choice([one for one in self._signs if self._matches(op, value, one)] or ["a"])
        if op in _REPEATS:
            least, most, body = value
            count = min(most, least + self._random.choice((0, 0, 1, 2)))
            return "".join([self._sample(body) for _ in range(count)])
        if op is c.SUBPATTERN:
            return self._sample(value[3])
        if op is c.ATOMIC_GROUP:
            return self._sample(value)
        return self._sample(self._random.choice(value[1])) if op is c.BRANCH else ""

    def _matches(self, op: Any, value: Any, sign: str) -> bool:
        state = parser.State()
        state.flags = self._flags
        made = parser.SubPattern(state, [(op, value)])
        key = (str(op), str(value))
        if key not in _COMPILED:
            _COMPILED[key] = _compile(made, self._flags)
        return _COMPILED[key].match(sign) is not None

    def _repeats(self, items: Iterable[Any], start: str) -> Iterator[tuple[str, str]]:
        """Yield a text that leads to each repeat, and one that it repeats."""
        for op, value in items:
            if op in _REPEATS:
                if value[1] > 8:
                    yield from ((start, self._sample(value[2])) for _ in range(3))
                yield from self._repeats(value[2], start)
            elif op is c.BRANCH:
                for branch in value[1]:
                    yield from self._repeats(branch, start)
            elif op in (c.SUBPATTERN, c.ASSERT, c.ASSERT_NOT, c.ATOMIC_GROUP):
                yield from self._repeats(value if op is c.ATOMIC_GROUP else value[-1], start)
            start += self._one(op, value, True)


_COMPILED: dict[tuple[str, str], re.Pattern[str]] = {}


def _compile(tree: Any, flags: int) -> re.Pattern[str]:
    from re import _compiler  # type: ignore[attr-defined]

    return _compiler.compile(tree, flags)  # type: ignore[no-any-return]


def _items(items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield all items of a tree."""
    for op, value in items:
        yield op, value
        if op in _REPEATS:
            yield from _items(value[2])
        elif op is c.BRANCH:
            for branch in value[1]:
                yield from _items(branch)
        elif op in (c.SUBPATTERN, c.ASSERT, c.ASSERT_NOT):
            yield from _items(value[-1])
        elif op is c.ATOMIC_GROUP:
            yield from _items(value)
