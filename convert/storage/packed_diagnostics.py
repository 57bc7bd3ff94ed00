"""What was said of notes and books: diagnostics, packed, for those of a big vault are a hundred thousand and more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from convert.report import Diagnostic, Severity


class Remarks(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Diagnostics in their order, packed, and how many there are of each severity."""

    packed: bytes
    counts: dict[Severity, int]

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(msgspec.msgpack.decode(self.packed, type=list[Diagnostic]) if self.counts else ())


def remarks(found: Iterable[Diagnostic]) -> Remarks:
    """The diagnostics, packed."""
    several = list(found)
    return Remarks(msgspec.msgpack.encode(several), dict(Counter(one.severity for one in several)))


class Said:
    """Remarks one behind the other; those of notes stay where the vault has them."""

    def __init__(self, several: Iterable[Remarks] = ()) -> None:
        self._parts: list[Remarks | tuple[Mapping[str, Remarks], str]] = []
        self.counts: Counter[Severity] = Counter()
        """How many there are of each severity."""
        for one in several:
            self._add(one)

    def __iadd__(self, found: Iterable[Diagnostic]) -> Said:
        self._add(remarks(found))
        return self

    def _add(self, several: Remarks) -> None:
        if several.counts:
            self._parts.append(several)
            self.counts.update(several.counts)

    def refer(self, known: Mapping[str, Remarks], names: Iterable[str]) -> None:
        """Takes over those that `known` has under these names, by reference."""
        for name in names:
            if counts := known[name].counts:
                self._parts.append((known, name))
                self.counts.update(counts)

    def parts(self) -> Iterator[Remarks]:
        """The remarks, each when it is asked for."""
        return (one if isinstance(one, Remarks) else one[0][one[1]] for one in self._parts)

    def __iter__(self) -> Iterator[Diagnostic]:
        for one in self.parts():
            yield from one
