"""Measures vaults of growing size: `python -m tests.tools.bench.scale CHANNEL ...`, at the end of `make bench`.

The channels are repeated under new names until there are 20,000 notes. Costs are CPU seconds of all processes; memory
is the sum over all of them (PSS), sampled twenty times a second.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.tools.bench.curve import curve
from tests.tools.bench.measure import Cost, run
from tests.tools.bench.races import NOTEBIND, contestant
from tests.tools.bench.vaults import repeat

NOTES = 20_000
SIZES = (1, 100, 1_000, 2_500, 5_000, 10_000)
"""The sizes of the curve, besides the whole vault."""


@dataclass(frozen=True)
class Row:
    """A figure: what was measured, and its limit."""

    name: str
    measured: str
    at_most: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        verdict = {None: "", True: "met", False: "missed"}[self.met]
        return f"| {self.name} | {self.measured} | {self.at_most} | {verdict} |"


HEAD = "| | measured | at most | |\n|---|--:|--:|---|"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.bench.scale")
    parser.add_argument("channels", nargs="+", type=Path, help="folders of notes, or folders of such folders")
    parser.add_argument("--notes", type=int, default=NOTES)
    parser.add_argument("--picture", type=Path, help="draw the curve of `growth` into this SVG file")
    parser.add_argument("--only", default="", help="run the parts whose name holds this")
    options = parser.parse_args()
    for line in table(options.channels, options.notes, options.only, options.picture):
        print(line, flush=True)
    return 0


def table(channels: Sequence[Path], notes: int = NOTES, only: str = "", picture: Path | None = None) -> Iterator[str]:
    """Yield the lines of a Markdown table, each as soon as it is measured."""
    with tempfile.TemporaryDirectory(prefix="notebind-scale-") as name:
        ground = Ground(tuple(_channels(channels)), Path(name), notes, picture)
        yield f"### {notes:,} notes of {len(ground.channels)} channels, repeated under new names\n\n{HEAD}"
        for part in PARTS:
            if only in part.__name__:
                yield from map(str, part(ground))


def _channels(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        below = sorted(path for path in place.iterdir() if path.is_dir())
        yield from below if below else [place]


@dataclass(frozen=True)
class Ground:
    """The folder of the vaults and outputs."""

    channels: tuple[Path, ...]
    folder: Path
    notes: int
    picture: Path | None = None
    outputs: list[Path] = field(default_factory=list)

    def vault(self, notes: int) -> Path:
        """Make a vault of this many notes."""
        target = self.folder / f"vault-{notes}"
        if not target.exists():
            repeat(self.channels, notes, target)
        return target

    def build(self, vault: Path, *options: str, to: str = "epub,chapters", kept: bool = False) -> Cost:
        """Build on one core, or as the options say, and from nothing, unless the last output is kept."""
        # Each output is a new folder: ext4 is slow to find room among files that were just deleted.
        if not kept:
            self.outputs.append(self.folder / f"output-{len(self.outputs)}")
        output = self.outputs[-1]
        jobs = () if "--jobs" in options else ("--jobs", "1")
        return run((*NOTEBIND, "build", str(vault), "--output", str(output), "--to", to, "--quiet", *jobs, *options))


def whole(ground: Ground) -> Iterator[Row]:
    """Build everything, compare it with the bare work, build it again unchanged, then with one note edited."""
    vault = ground.vault(ground.notes)
    bare = run(contestant("", "bare-work", str(vault)).command)
    full = ground.build(vault)
    yield Row("bare reading, rendering, deflate: CPU s", f"{bare.cpu_s:.1f}")
    yield Row("EPUB and chapters from nothing, one job: CPU s", f"{full.cpu_s:.1f}")
    yield _ratio("of the bare work", full.cpu_s, bare.cpu_s, 1.6)
    # Notes that were just written are read again by the next run, and only then remembered.
    ground.build(vault, kept=True)
    again = ground.build(vault, kept=True)
    start = run((*NOTEBIND, "--help"))
    limit = start.cpu_s + full.cpu_s * 0.05
    yield Row("the same again, nothing changed: CPU s", f"{again.cpu_s:.2f}", f"{limit:.2f}", again.cpu_s <= limit)
    yield from _edited(ground, vault, again)


def _edited(ground: Ground, vault: Path, unchanged: Cost) -> Iterator[Row]:
    channel = max((path for path in vault.iterdir()), key=lambda path: len(list(path.iterdir())))
    note = next(path for path in sorted(channel.iterdir()) if path.stem != channel.name)
    note.write_bytes(note.read_bytes() + b"\nOne more sentence.\n")
    edited = ground.build(vault, kept=True)
    alone = ground.build(channel)
    limit = unchanged.cpu_s + alone.cpu_s
    yield Row(
        "one note of the biggest book edited: CPU s", f"{edited.cpu_s:.2f}", f"{limit:.2f}", edited.cpu_s <= limit
    )


def jobs(ground: Ground) -> Iterator[Row]:
    """Compare two processes with one, and measure their memory."""
    vault = ground.vault(ground.notes)
    two = ground.build(vault, "--jobs", "2")
    yield Row("two jobs, memory of all processes: MB", f"{two.peak_mb:.0f}", "400", two.peak_mb <= 400)
    books = ground.vault(min(ground.notes, 20 * 200))
    rounds = [(ground.build(books).wall_s, ground.build(books, "--jobs", "2").wall_s) for _ in range(3)]
    one, both = (statistics.median(walls) for walls in zip(*rounds, strict=True))
    name = "two jobs are faster than one by (wall, medians of three)"
    yield Row(name, f"{one / both:.2f}", "at least 1.7", one >= 1.7 * both)


def growth(ground: Ground) -> Iterator[Row]:
    """Measure CPU for each note at each size, relative to the smallest size at which start-up is negligible."""
    cost = {notes: ground.build(ground.vault(notes)) for notes in (*SIZES, ground.notes) if notes <= ground.notes}
    for notes, one in cost.items():
        yield Row(
            f"{notes:,} notes: CPU s, ms a note, MB",
            f"{one.cpu_s:.2f}, {one.cpu_s / notes * 1e3:.2f}, {one.peak_mb:.0f}",
        )
    if ground.picture:
        ground.picture.write_text(curve({notes: one.cpu_s for notes, one in cost.items()}), "utf-8")
    if 1_000 in cost:
        yield _ratio(
            "ms a note of all, beside 1,000 notes",
            cost[ground.notes].cpu_s / ground.notes,
            cost[1_000].cpu_s / 1_000,
            1.15,
        )


def decks(ground: Ground) -> Iterator[Row]:
    """Build with cards as well, on all cores."""
    notes = min(ground.notes, 4_000)
    vault = ground.vault(notes)
    # One job: the cost of other processes' workers cannot be measured.
    without, with_cards = ground.build(vault), ground.build(vault, to="epub,chapters,anki")
    each = (with_cards.cpu_s - without.cpu_s) / notes * 1e3
    yield Row(f"cards of {notes:,} notes, mined and written: CPU ms a note", f"{each:.1f}", "10", each <= 10)
    two = ground.build(vault, "--jobs", "2", to="epub,chapters,anki")
    yield Row("the build with cards, two jobs: wall s", f"{two.wall_s:.1f}")


PARTS: tuple[Callable[[Ground], Iterator[Row]], ...] = (whole, jobs, growth, decks)


def _ratio(name: str, ours: float, peer: float, at_most: float) -> Row:
    return Row(name, f"{ours / peer:.2f}", f"{at_most:.2f}", ours <= at_most * peer)


if __name__ == "__main__":
    raise SystemExit(main())
