"""Compares all costs with other programs in one run: `make bench`, `make bench NOTES=...`.

Only ratios within one run are meaningful, because machines and loads differ. The table is printed and written to
output/bench.md.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from tests.support.needs import ROOT
from tests.tools.bench.measure import Cost, median, run
from tests.tools.bench.races import Course, Race, races

TARGET = ROOT / "output" / "bench.md"
AT_LEAST_NOTES = 100
"""Fewer notes are repeated under other names up to this number, because start-up would hide the work."""


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="notebind-bench-") as name:
        folder = Path(name)
        files = lay_out(options.notes, folder)
        wanted = [race for race in races(Course(tuple(files), folder)) if options.only in race.title]
        lines = [line for race in wanted for line in table(race, hold(race))]
    text = f"Measured on Python {sys.version.split()[0]}, {len(files)} notes.\n" + "\n".join(lines) + "\n"
    TARGET.write_text(text, "utf-8")
    print(f"\n{text.count('| met |')} goals met, {text.count('| missed |')} missed; written to {TARGET}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("notes", nargs="+", type=Path)
    parser.add_argument("--only", default="", help="run the races whose title holds this")
    return parser.parse_args()


def lay_out(inputs: Sequence[Path], folder: Path) -> list[str]:
    """Copy the notes into `folder`/notes (and some into notes-100 and notes-1), and return the files in order."""
    found = sorted(path for one in inputs for path in _notes(one))
    if not found:
        raise SystemExit("bench: no notes there")
    names = list(islice(_repeated(found), max(len(found), AT_LEAST_NOTES)))
    for kind, count in (("notes", len(names)), ("notes-100", 100), ("notes-1", 1)):
        (folder / kind).mkdir()
        for name, source in names[:count]:
            shutil.copyfile(source, folder / kind / name)
    return [str(folder / "notes" / name) for name, _ in names]


def _notes(path: Path) -> Iterator[Path]:
    candidates = [path] if path.is_file() else path.rglob("*.md")
    return (one for one in candidates if b"videoId" in one.read_bytes()[:2000])


def _repeated(files: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Yield each file under its own name first, so that links between notes work, then under numbered names."""
    taken: set[str] = set()
    for number, source in enumerate(cycle(files)):
        name = source.name if source.name not in taken else f"{source.stem[:80]}_{number}.md"
        taken.add(name)
        yield name, source


def hold(race: Race) -> dict[str, Cost]:
    """Return the medians of all runners, run in turn so that a busy moment affects all of them."""
    if race.prepare:
        run(race.prepare)
    costs: dict[str, list[Cost]] = {runner.name: [] for runner in race.runners}
    for _ in range(race.runs):
        for runner in race.runners:
            costs[runner.name].append(run(runner.command, runner.own_count))
    return {name: median(of_one) for name, of_one in costs.items()}


def table(race: Race, costs: dict[str, Cost]) -> list[str]:
    """Print the race as a Markdown table: our cost divided by each peer's, beside the goal."""
    lines = ["", f"### {race.title}", "", HEAD]
    lines += [row(runner.name, costs, race) for runner in race.runners]
    print("\n".join(lines), flush=True)
    return lines


HEAD = "| | CPU s | wall s | peak MB | ours / this | at most | |\n|---|--:|--:|--:|--:|--:|---|"


def row(name: str, costs: dict[str, Cost], race: Race) -> str:
    """Return one runner's line of the table."""
    cost, own = costs[name], costs[race.runners[0].name]
    figures = f"| {name} | {cost.cpu_s:.3f} | {cost.wall_s:.3f} | {cost.peak_mb:.0f} |"
    if cost is own:
        return f"{figures} | | |"
    ratio = own.cpu_s / max(cost.cpu_s, 1e-9)
    goal = next((goal.at_most for goal in race.goals if goal.peer == name), None)
    if goal is None:
        return f"{figures} {ratio:.3f} | | |"
    return f"{figures} {ratio:.3f} | {goal:.2f} | {'met' if ratio <= goal else 'missed'} |"


if __name__ == "__main__":
    sys.exit(main())
