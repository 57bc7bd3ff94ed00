"""Runs every hostile note alone through all writers and measures the time: `make hostile`.

Prints a line for each note that takes more than ten CPU seconds, prints a traceback, fails without a message or leaves
damaged outputs, and at the end the slowest notes. Notes made to hang a reader are cut to 100 kB. With `--full` only
they are run, at their full size (up to 9 MB), for at most a minute each: a book of a million words takes long.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.vaults import VIDEO
from tests.tools.hostile.guarded import Box
from tests.tools.hostile.notes import THEMES, with_secret
from tests.tools.hostile.outputs import active_links, complaints
from tests.tools.hostile.sizes import HOSTILE

SECONDS, SECONDS_FULL = 10.0, 60.0
PATIENCE = 6
"""How much longer than its CPU time a run may take, because other programs are running."""

MOST_BYTES = 100_000
"""The size to which notes made to hang a reader are cut: a book of a million brackets has thousands of pages."""


def inputs(full: bool = False) -> Iterator[tuple[str, bytes]]:
    for theme, notes in () if full else THEMES.items():
        yield from ((f"{theme}/{name}", with_secret(text, "/etc/passwd")) for name, text in notes.items())
    for name, (make, size) in HOSTILE.items():
        while len(made := make(size)) > MOST_BYTES and not full:
            size = size // 2
        yield f"sizes/{name}", f"---\ntitle: {name}\nvideoId: {VIDEO}\n---\n\n{made}".encode()


def problems(data: bytes, most: float = SECONDS) -> list[str]:
    """Build one note and return what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder))
        (box.vault / "note.md").write_bytes(data)
        began = spent()
        try:
            ran = box.build("--jobs", "1", seconds=most * PATIENCE)
        except subprocess.TimeoutExpired:
            return [f"took longer than {most * PATIENCE:g} s"]
        said = [line for line in ran.err.splitlines() if "Traceback" in line or "internal error" in line]
        if ran.code not in (0, 1) or (ran.code == 1 and not ran.err):
            said.append(f"ended with {ran.code}")
        if (seconds := spent() - began) > most:
            said.append(f"took {seconds:.1f} s of the processor")
        return [*said, *map(str, box.escapes(ran)), *complaints(box.output), *active_links(box.output)]


def spent() -> float:
    """Return the CPU seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    full = "--full" in sys.argv[1:]
    bad, times = 0, []
    for name, data in inputs(full):
        began = spent()
        wrong = problems(data, SECONDS_FULL if full else SECONDS)
        times.append((spent() - began, name))
        bad += bool(wrong)
        for line in wrong:
            print(f"{name}: {line}", flush=True)
    slowest = ", ".join(f"{name} {seconds:.1f} s" for seconds, name in sorted(times, reverse=True)[:5])
    print(f"{len(times)} inputs, {bad} with problems; slowest: {slowest}")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
