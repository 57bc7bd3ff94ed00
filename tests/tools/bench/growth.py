"""Checks that reading stays linear on hostile notes, by doubling each: `python -m tests.tools.bench.growth`.

Twice the size may cost at most 2.5 times the CPU. A cost too small to measure counts as linear.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable

from convert.reader import read_bytes
from tests.tools.hostile.sizes import HOSTILE

MOST = 2.5
LEAST_SECONDS = 0.05
ROUNDS = 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.bench.growth")
    parser.add_argument("--only", default="", help="inputs whose name holds this")
    wanted = {name: made for name, made in HOSTILE.items() if parser.parse_args().only in name}
    print("| hostile note | half, CPU s | whole, CPU s | growth | at most | |\n|---|--:|--:|--:|--:|---|")
    missed = [name for name, (make, size) in wanted.items() if not is_linear(name, make, size)]
    print(f"\n{len(wanted) - len(missed)} of {len(wanted)} hostile notes are read in linear time")
    return len(missed) > 0


def is_linear(name: str, make: Callable[[int], str], size: int) -> bool:
    """Print the row of one input, and return whether twice the size cost at most `MOST` times as much."""
    half, whole = make(size // 2).encode(), make(size).encode()
    costs = [(cpu_s(half), cpu_s(whole)) for _ in range(ROUNDS)]
    small, large = min(cost for cost, _ in costs), min(cost for _, cost in costs)
    growth = large / max(small, LEAST_SECONDS)
    # Some inputs grow faster than their size parameter, so their length is compared.
    allowed = MOST * max(len(whole) / len(half) / 2, 1)
    met = growth <= allowed
    print(
        f"| {name} | {small:.3f} | {large:.3f} | {growth:.2f} | {allowed:.2f} | {'met' if met else 'missed'} |",
        flush=True,
    )
    return met


def cpu_s(data: bytes) -> float:
    """Return the CPU seconds of one reading."""
    gc.collect()
    start = time.process_time()
    read_bytes(data, "note.md", "bench", "note")
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
