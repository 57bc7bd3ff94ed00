"""Compares two workers of a Dask cluster with two local processes: `python -m tests.tools.bench.cluster NOTES`.

Measures elapsed time, because most of a cluster's cost is waiting, and includes start-up and connection of the command.
The workers are started before, as in a real cluster. The table is printed and added to output/bench.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from itertools import islice
from pathlib import Path

from tests.support.cluster import cluster
from tests.tools.bench.__main__ import TARGET, _notes, _repeated
from tests.tools.bench.measure import run
from tests.tools.bench.races import NOTEBIND

BOOKS, NOTES_A_BOOK = 20, 100
ROUNDS = 3
MOST = 1.25


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.bench.cluster")
    parser.add_argument("notes", nargs="+", type=Path)
    with tempfile.TemporaryDirectory(prefix="notebind-bench-") as name:
        folder = Path(name)
        lay_out(sorted(path for one in parser.parse_args().notes for path in _notes(one)), folder / "notes")
        lines = table(race(folder))
    print(lines)
    with open(TARGET, "a", encoding="utf-8") as file:
        file.write(lines)
    return 0


def lay_out(files: list[Path], folder: Path) -> None:
    """Write twenty books of a hundred notes, repeated under other names if there are fewer."""
    for number, (name, source) in enumerate(islice(_repeated(files), BOOKS * NOTES_A_BOOK)):
        book = folder / f"book-{number // NOTES_A_BOOK:02}"
        book.mkdir(parents=True, exist_ok=True)
        (book / name).write_bytes(source.read_bytes())


def race(folder: Path) -> dict[str, float]:
    """Return the median elapsed seconds of each side, with interleaved rounds."""
    seconds: dict[str, list[float]] = {}
    with cluster(folder / "cluster") as workers:
        sides = {"two Dask workers": ("--executor", workers.address), "two processes": ("--jobs", "2")}
        for _ in range(ROUNDS):
            for number, (side, options) in enumerate(sides.items()):
                build = (
                    "build",
                    str(folder / "notes"),
                    "--output",
                    str(folder / f"out-{number}"),
                    "--force",
                    "--quiet",
                )
                cost = run((*NOTEBIND, *build, "--to", "epub,chapters", *options))
                seconds.setdefault(side, []).append(cost.wall_s)
    return {side: statistics.median(all_of_it) for side, all_of_it in seconds.items()}


def table(wall_s: dict[str, float]) -> str:
    """Return the race as a Markdown table."""
    ours, peer = wall_s.values()
    rows = [f"| {side} | {seconds:.2f} |" for side, seconds in wall_s.items()]
    rows[0] += f" {ours / peer:.2f} | {MOST} | {'met' if ours <= MOST * peer else 'missed'} |"
    rows[1] += " | | |"
    head = f"\n### {BOOKS} books of {NOTES_A_BOOK} notes to EPUB and chapters\n\n"
    return head + "| | wall s | Dask / processes | at most | |\n|---|--:|--:|--:|---|\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
