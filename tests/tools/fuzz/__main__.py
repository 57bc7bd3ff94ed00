"""Reads and renders random mutations of the seeds until the time is over: `make fuzz TIME=600`.

An input that fails is saved in output/fuzz/ and ends the run. Make it a named test case.
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from tests.support.needs import ROOT
from tests.tools.fuzz.mutate import SAMPLES, broken_promise, mutated

FOUND = ROOT / "output" / "fuzz"


def main() -> int:
    options = _options()
    rng = random.Random(options.seed)
    tried, end = 0, time.monotonic() + options.time
    while time.monotonic() < end:
        tried += 1
        data = mutated(rng.choice(SAMPLES), rng)
        if problem := broken_promise(data):
            FOUND.mkdir(parents=True, exist_ok=True)
            case = FOUND / f"{options.seed}-{tried}.md"
            case.write_bytes(data)
            print(f"{problem}\nThe input: {case}", file=sys.stderr)
            return 1
    print(f"{tried} inputs in {options.time:g} s, no promise broken (seed {options.seed})")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--time", type=float, default=60, help="seconds")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="to repeat a run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
