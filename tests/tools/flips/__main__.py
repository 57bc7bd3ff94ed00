"""Flips random bits of what a run left behind, and runs again: `make flips FLIPS=2000`.

A small vault is built. Each time, one bit of a record, a cache, the state of a deck or a deck is flipped, and the next
run finds the notes as they were or one of them edited. Its outputs must have the same bytes as after undisturbed runs,
so that cards keep their GUIDs, and nothing may fail. A second run must find nothing more to say.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Request
from convert.storage.folder import RECORD_SUFFIX, RUN_FOLDER
from convert.storage.sealed import unseal
from tests.support.artifacts import read_all
from tests.support.pictures import SEA
from tests.support.vaults import lay_out, note

FORMATS = ("epub", "chapters", "anki", "html")
FILES = {
    "films/tide.md": note("## What is a tide?\n\nA **tide** is a rise of the sea [00:00:10]. ![[sea.png]]\n", "Tide"),
    "films/moon.md": note("## Moon\n\nThe ==moon== pulls [[Tide]] [00:00:40].\n", "Moon", video="eRsGyueVLvQ"),
    "plays/wind.md": note("## What is wind?\n\nA **wind** is air that moves [00:01:10].\n", "Wind"),
    "films/sea.png": SEA,
}
EDITED = {
    "films/tide.md": note(
        "## What is a tide?\n\nA **tide** is a slow rise of the sea [00:00:10]. ![[sea.png]]\n", "Tide"
    ),
}
WITH_TIMES = (RECORD_SUFFIX, "last-run.msgpack")
"""What holds the times of files, so that no two runs write the same bytes."""


class Bench:
    """The outputs of undisturbed runs, before and after an edit, in a folder that each run finds restored."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._edit(False)
        self._run()
        shutil.copytree(folder / "output", folder / "before")
        self._wanted = [self._outputs()]
        self._edit(True)
        self._run()
        self._wanted.append(self._outputs())
        names = read_all(folder / "before")
        self.names = [name for name in names if name.startswith(f"{RUN_FOLDER}/") or name.endswith(".apkg")]

    def _edit(self, edited: bool) -> None:
        lay_out(self._folder / "vault", {**FILES, **(EDITED if edited else {})})
        for path in (self._folder / "vault").rglob("*.*"):
            os.utime(path, (1_000_000_000 + edited, 1_000_000_000 + edited))

    def _run(self) -> Report:
        return build(Request((self._folder / "vault",), self._folder / "output", FORMATS, jobs=1))

    def _outputs(self) -> dict[str, bytes]:
        files = read_all(self._folder / "output")
        # A flipped deck is kept as one that the user changed.
        return {name: data for name, data in files.items() if not (name.endswith(WITH_TIMES) or ".kept" in name)}

    def flip(self, name: str, bit: int, edited: bool) -> list[str]:
        """Flip a bit of a file, and return what is wrong after the next run and the one after it."""
        shutil.rmtree(self._folder / "output")
        shutil.copytree(self._folder / "before", self._folder / "output")
        path = self._folder / "output" / name
        data = bytearray(path.read_bytes())
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        self._edit(edited)
        wrong = [cause for book in self._run().books for cause in book.failures.values()]
        after, wanted = self._outputs(), self._wanted[edited]
        wrong += [f"differs: {one}" for one in sorted(after.keys() | wanted) if after.get(one) != wanted.get(one)]
        wrong += self._damaged()
        again = self._run()
        wrong += [f"said again: {one}" for one in again.diagnostics]
        return wrong + [f"made again: {book.name}" for book in again.books if len(book.unchanged) < len(FORMATS)]

    def _damaged(self) -> list[str]:
        wrong = []
        for path in sorted((self._folder / "output" / RUN_FOLDER).iterdir()):
            try:
                with path.open("rb") as file:
                    list(unseal(file))
            except OSError:
                wrong.append(f"still damaged: {path.name}")
        return wrong

    def size(self, name: str) -> int:
        """Return the size in bits of a file of the first run."""
        return 8 * (self._folder / "before" / name).stat().st_size


def flips(number: int, seed: int) -> Counter[str]:
    """Flip so many bits, print what is wrong, and return how many of them harmed a run, by name of the file."""
    chance, bad = Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="notebind-flips-") as folder:
        bench = Bench(Path(folder))
        for count in range(number):
            name = bench.names[count % len(bench.names)]
            bit = chance.randrange(bench.size(name))
            if wrong := bench.flip(name, bit, edited=chance.random() < 0.5):
                bad[name] += 1
                print(f"{name}, bit {bit}: {'; '.join(wrong[:5])}", flush=True)
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(prog="make flips")
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="to repeat a run")
    options = parser.parse_args()
    bad = flips(options.flips, options.seed)
    print(f"{options.flips} flipped bits, {bad.total()} with harm (seed {options.seed})")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
