"""Pumps every pattern with the methods by which the code calls it, and notes through the writers: `make pump`.

Each text is tried short first; where it takes noticeable time, at a length and at twice that length. Prints what takes
more than 2.6 times as long, measured again alone, and ends with 1 if there is any.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator

from tests.support.patterns import Known, register
from tests.tools.pump.notes import slow_notes
from tests.tools.pump.pumps import Maker, Pump
from tests.tools.pump.timing import RATIO, growth, smallest

TRIED = 2_000
"""Characters of the first try."""
LENGTH = 20_000
"""Characters of a text that is measured, and half of those of the other one."""
NOTICEABLE_S = 20e-9
"""A first try that takes longer for a character is measured; linear patterns take a few nanoseconds."""


def calls(pattern: re.Pattern[str] | re.Pattern[bytes], method: str, text: str) -> Callable[[], object]:
    """Return the call of a method on a text."""
    data = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
    function = getattr(pattern, method)
    if method in ("sub", "subn"):
        return lambda: function("" if isinstance(data, str) else b"", data)
    if method == "finditer":
        return lambda: sum(1 for _ in function(data))
    return lambda: function(data)


def slow(known: Known) -> Iterator[tuple[str, Pump, float]]:
    """Yield the method, the text and the ratio of each pump that a pattern takes too long for."""
    pattern = re.compile(known.pattern, known.flags)
    methods = sorted(known.methods - {"handed on"}) or ["search"]
    for pump in Maker(known.pattern, known.flags).pumps():
        for method in methods:
            tried = pump.text(TRIED)
            if smallest(calls(pattern, method, tried), 2) > NOTICEABLE_S * len(tried):
                short, long = (calls(pattern, method, pump.text(length)) for length in (LENGTH // 2, LENGTH))
                if growth(short, long, 2) > RATIO and (ratio := growth(short, long)) > RATIO:
                    yield method, pump, ratio


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.pump", description=__doc__)
    parser.add_argument("--patterns", action="store_true", help="Only the patterns.")
    parser.add_argument("--notes", action="store_true", help="Only the notes.")
    given = parser.parse_args()
    found = texts = 0
    patterns = register().patterns if not given.notes else []
    for known in patterns:
        first = next(slow(known), None)
        texts += sum(1 for _ in Maker(known.pattern, known.flags).pumps())
        if first:
            found += 1
            method, pump, ratio = first
            print(f"{known.where}: {method} {ratio:.1f} {tuple(pump)!r:.200} {known.pattern!r:.200}", flush=True)
    notes, slow_ones = slow_notes() if not given.patterns else (0, 0)
    print(f"{len(patterns)} patterns, {texts} texts: {found} above {RATIO}; {notes} notes: {slow_ones} above {RATIO}")
    return 1 if found or slow_ones else 0


if __name__ == "__main__":
    sys.exit(main())
