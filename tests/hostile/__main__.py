"""Every hostile note alone through all writers, at its full size, against the clock: `make hostile`.

Prints a line for each that takes longer than ten seconds, prints a traceback, fails without a word or leaves what is
damaged; and the slowest at the end.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.guarded import Box
from tests.hostile.notes import THEMES, with_secret
from tests.hostile.outputs import active_links, complaints
from tests.hostile.sizes import HOSTILE
from tests.vaults import VIDEO

SECONDS = 10
MOST_BYTES = 100_000
"""What the notes made to hang a reader are cut to here: a book of a million brackets has thousands of pages."""


def inputs() -> Iterator[tuple[str, bytes]]:
    for theme, notes in THEMES.items():
        yield from ((f"{theme}/{name}", with_secret(text, "/etc/passwd")) for name, text in notes.items())
    for name, (make, size) in HOSTILE.items():
        while len(made := make(size)) > MOST_BYTES:
            size = size // 2
        yield f"sizes/{name}", f"---\ntitle: {name}\nvideoId: {VIDEO}\n---\n\n{made}".encode()


def problems(data: bytes) -> list[str]:
    """What is wrong with a build of one note."""
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder))
        (box.vault / "note.md").write_bytes(data)
        try:
            ran = box.build("--jobs", "1", seconds=SECONDS)
        except subprocess.TimeoutExpired:
            return [f"took longer than {SECONDS} s"]
        said = [line for line in ran.err.splitlines() if "Traceback" in line or "internal error" in line]
        if ran.code not in (0, 1) or (ran.code == 1 and not ran.err):
            said.append(f"ended with {ran.code}")
        return [*said, *map(str, box.escapes(ran)), *complaints(box.output), *active_links(box.output)]


def main() -> int:
    bad, times = 0, []
    for name, data in inputs():
        began = time.monotonic()
        wrong = problems(data)
        times.append((time.monotonic() - began, name))
        bad += bool(wrong)
        for line in wrong:
            print(f"{name}: {line}", flush=True)
    slowest = ", ".join(f"{name} {seconds:.1f} s" for seconds, name in sorted(times, reverse=True)[:5])
    print(f"{len(times)} inputs, {bad} with problems; slowest: {slowest}")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
