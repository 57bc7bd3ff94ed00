"""Measures a command: CPU and peak memory of its whole process tree, and elapsed time."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK_EVERY_S = 0.05
MB = 1e6


@dataclass(frozen=True)
class Cost:
    """The cost of one run, or the medians of several."""

    cpu_s: float
    wall_s: float
    peak_mb: float


class CommandFailedError(Exception):
    """A contestant ended with an error, so its figures mean nothing."""


def run(command: Sequence[str], own_count: bool = False, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command and return its cost, including its children.

    With `own_count`, the last line that the command prints is the CPU seconds of its work without start-up.
    """
    start = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with subprocess.Popen(command, stdout=out, stderr=err, env={**_surroundings(), **(env or {})}) as process:
            usage, peak_mb = watch(process)
        wall_s = time.perf_counter() - start
        said, complaint = (stream.seek(0) or stream.read().decode(errors="replace") for stream in (out, err))
    if process.returncode:
        raise CommandFailedError(f"{' '.join(command)[:300]}\n{complaint[-2000:]}")
    cpu_s = float(said.split()[-1]) if own_count else usage.ru_utime + usage.ru_stime
    return Cost(cpu_s, wall_s, peak_mb or usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / MB)


def _surroundings() -> dict[str, str]:
    """The environment as users have it: where Python may not keep what it compiled, each start compiles all modules
    of this tree again, which those of an installed package never are."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def watch(process: subprocess.Popen[bytes]) -> tuple[resource.struct_rusage, float]:
    """Wait for a process; return the usage of it and its children, and their peak memory in MB."""
    peak_kb = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage, peak_kb * 1024 / MB
        peak_kb = max(peak_kb, sum(map(_pss_kb, tree(process.pid))))
        time.sleep(LOOK_EVERY_S)


def tree(pid: int) -> list[int]:
    """Return a process and all processes below it, according to /proc."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue
    return found


def _pss_kb(pid: int) -> int:
    """Return the proportional memory of a process, or 0 when it cannot be read."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def median(costs: Sequence[Cost]) -> Cost:
    """Return the medians of each figure, but the largest memory, because samples may miss the peak."""
    middle = statistics.median
    return Cost(middle(c.cpu_s for c in costs), middle(c.wall_s for c in costs), max(c.peak_mb for c in costs))
