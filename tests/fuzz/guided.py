"""Coverage-guided fuzzing of each harness in turn, each for its share of the time: `make fuzz TIME=600`.

atheris (libFuzzer) runs one harness a process. An input that breaks a promise is saved under output/fuzz/ and ends the
run; put it into tests/fuzz/found/ as `<harness>-<what it was>`, where the tests keep it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.needs import ROOT

FOUND = ROOT / "output" / "fuzz"


def main() -> int:
    options = _options()
    if options.inside:
        _fuzz(options.inside, options.rest)
        return 0
    from tests.fuzz.harnesses import HARNESSES

    names = options.only.split(",") if options.only else list(HARNESSES)
    results = []
    for name in names:
        code, executions = run(name, options.time / len(names))
        results.append((name, code, executions))
        held = "no promise broken" if not code else f"BROKEN: see {FOUND}"
        print(f"{name}: {executions} executions, {held}", flush=True)
    print(f"in all {sum(executions for *_, executions in results)} executions")
    return int(any(code for _, code, _ in results))


def run(name: str, seconds: float) -> tuple[int, int]:
    """One harness in a process of its own: its exit code and how many inputs it tried."""
    FOUND.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        seeds = sorted((ROOT / "seeds").rglob("*.md"))
        for number, path in enumerate([*seeds, *sorted((ROOT / "tests" / "fuzz" / "found").glob(f"{name}-*"))]):
            Path(corpus, str(number)).write_bytes(path.read_bytes()[:2000])
        limits = [f"-max_total_time={max(1, round(seconds))}", "-max_len=2000", "-timeout=10", "-rss_limit_mb=2000"]
        command = [sys.executable, "-m", "tests.fuzz.guided", "--inside", name, "--", *limits]
        done = subprocess.run(
            [*command, f"-artifact_prefix={FOUND}/{name}-", "-print_final_stats=1", corpus],
            cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr)
    tried = re.findall(r"number_of_executed_units:\s*(\d+)|^#(\d+)", done.stderr, re.MULTILINE)
    return done.returncode, max((int(one or other) for one, other in tried), default=0)


def _fuzz(name: str, arguments: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["convert"]):
        from tests.fuzz.harnesses import HARNESSES
    atheris.Setup([sys.argv[0], *arguments], HARNESSES[name])
    atheris.Fuzz()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--time", type=float, default=60, help="seconds, shared by the harnesses")
    parser.add_argument("--only", default="", help="harnesses, separated by commas")
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
