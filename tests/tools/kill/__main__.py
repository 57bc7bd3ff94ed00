"""Kills builds at random moments and checks what is left: `make kill RUNS=100`.

The vault has 100 notes and is built in all formats. Each run starts from nothing or from the outputs before an edit. It
is killed (kill -9) after a random time, alternately the command alone or all its processes, and then started again.
After the kill, every artifact must be complete, either old or new. After the second run everything, including the
states of decks, must have the same bytes as after undisturbed runs, and no temporary file may be left.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.command import COMMAND, environment
from tests.support.process_groups import all_ended

CHANNELS, NOTES = 5, 20
KEPT = (".state",)
"""What counts of `.notebind`: records hold file times, findings the files' own."""


def lay_out(vault: Path, edited: bool = False) -> None:
    """Write the vault. If `edited`, every third note has another section and a changed sentence."""
    for channel in range(CHANNELS):
        for number in range(NOTES):
            change = edited and number % 3 == 0
            path = vault / f"channel_{channel}" / f"note_{number}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_text(channel, number, change), "utf-8")


def _text(channel: int, number: int, change: bool) -> str:
    video = f"{channel:02}{number // 2:09}"
    word = "later" if change else "first"
    head = f"---\ntitle: Note {number} of {channel}\nvideoId: {video}\n---\n\n"
    body = f"## What is tide {number}?\n\nA **tide {number}** is a {word} rise of the sea [00:0{number % 6}:10].\n\n"
    more = "## Added\n\nThe ==moon== pulls [[Note 1 of 0]] [00:08:00].\n" if change else ""
    return (
        head
        + body
        + f"- It comes twice a day [00:0{number % 6}:40].\n- See [[Note {number + 1} of {channel}]].\n"
        + more
    )


def start(vault: Path, output: Path) -> subprocess.Popen[bytes]:
    arguments = [*COMMAND, "build", str(vault), "--output", str(output), "--quiet", "--jobs", "2"]
    return subprocess.Popen(
        arguments,
        env=environment(TMPDIR=str(output.parent)),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def build(vault: Path, output: Path) -> float:
    """Run a whole build and return its seconds."""
    began = time.monotonic()
    code = start(vault, output).wait()
    if code:
        raise SystemExit(f"a run that nobody disturbed ended with {code}")
    return time.monotonic() - began


def files(output: Path) -> dict[str, bytes]:
    """Return the artifacts and the states of writers by name."""
    found = (path for path in output.rglob("*") if path.is_file())
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in found
        if ".notebind" not in path.parts or path.name.endswith(KEPT)
    }


def kill(process: subprocess.Popen[bytes], everything: bool) -> None:
    """Kill the command or all its processes, and wait until they have ended."""
    os.killpg(process.pid, signal.SIGKILL) if everything else process.kill()
    process.wait()
    if not all_ended(process.pid):
        raise SystemExit("processes are left ten seconds after the command was killed")


def damaged(output: Path, whole: list[dict[str, bytes]]) -> list[str]:
    """Return the artifacts that are neither old nor new; temporary files are not artifacts."""
    return [
        name
        for name, data in files(output).items()
        if ".tmp/" not in f"{name}/" and all(one.get(name) != data for one in whole)
    ]


def leftovers(output: Path) -> list[str]:
    return [str(path.relative_to(output)) for path in output.rglob(".notebind-*")]


class Bench:
    """The vault before and after an edit, and the outputs of undisturbed runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vaults = (folder / "before", folder / "after")
        self.seconds = [0.0, 0.0]
        self.clean: list[dict[str, bytes]] = []
        # Both use the same path, because records contain it.
        self.vault, self.output = folder / "vault", folder / "output"
        for number, vault in enumerate(self.vaults):
            lay_out(vault, edited=bool(number))
        self._undisturbed()

    def _undisturbed(self) -> None:
        for number in (0, 1):
            self.put(number)
            self.seconds[number] = build(self.vault, self.output)
            self.clean.append(files(self.output))
            shutil.copytree(self.output, self.folder / f"output-{number}")

    def put(self, number: int) -> None:
        shutil.rmtree(self.vault, ignore_errors=True)
        shutil.copytree(self.vaults[number], self.vault)

    def run(self, edited: bool, everything: bool, share: float) -> list[str]:
        """Kill a run after this fraction of its usual time; return what is wrong then and after the next run."""
        shutil.rmtree(self.output, ignore_errors=True)
        if edited:
            shutil.copytree(self.folder / "output-0", self.output)
        self.put(int(edited))
        process = start(self.vault, self.output)
        time.sleep(share * self.seconds[int(edited)])
        kill(process, everything)
        wrong = [f"damaged: {name}" for name in damaged(self.output, self.clean)]
        build(self.vault, self.output)
        after, wanted = files(self.output), self.clean[int(edited)]
        wrong += [f"differs: {name}" for name in sorted(after.keys() | wanted) if after.get(name) != wanted.get(name)]
        return wrong + [f"left: {name}" for name in leftovers(self.output)]


def main() -> int:
    options = _options()
    rng = random.Random(options.seed)
    bad = 0
    with tempfile.TemporaryDirectory(prefix="notebind-kill-") as folder:
        bench = Bench(Path(folder))
        print(f"undisturbed: {bench.seconds[0]:.1f} s, after the edit {bench.seconds[1]:.1f} s", flush=True)
        for number in range(options.runs):
            share = rng.random()
            wrong = bench.run(edited=number % 2 == 1, everything=number % 4 < 2, share=share)
            bad += bool(wrong)
            for line in wrong[:5]:
                print(f"run {number} killed at {share:.3f}: {line}", flush=True)
    print(f"{options.runs} kills, {bad} with damage (seed {options.seed})")
    return 1 if bad else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make kill")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="to repeat a run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
