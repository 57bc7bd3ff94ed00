"""Fuzzes each harness in turn, guided by coverage, for its share of the time: `make fuzz-guided TIME=600`.

`convert` is not imported at the top, because atheris only sees modules that are imported after it starts.
atheris (libFuzzer) runs one harness in a process. An input that fails is saved in output/fuzz/ and ends the run. Put it
into tests/tools/fuzz/found/ as `<harness>-<description>`, where the tests repeat it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.needs import ROOT

FOUND = ROOT / "output" / "fuzz"


def main() -> int:
    options = _options()
    if options.inside:
        _fuzz(options.inside, options.rest)
        return 0
    from tests.tools.fuzz.harnesses import HARNESSES

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
    """Run one harness in its own process, and return its exit code and the number of inputs.

    Its inputs are kept in output/fuzz/corpus/, where the next run continues.
    """
    from tests.tools.fuzz.mutate import TOKENS

    corpus = FOUND / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seeds, words = Path(folder, "seeds"), Path(folder, "words")
        seeds.mkdir()
        for number, data in enumerate(samples(name)):
            (seeds / str(number)).write_bytes(data[: longest(name)])
        words.write_text("".join(f'"{_escaped(token)}"\n' for token in TOKENS), "utf-8")
        limits = [f"-max_total_time={max(1, round(seconds))}", f"-max_len={longest(name)}", f"-dict={words}"]
        limits += ["-timeout=10", "-rss_limit_mb=2000", "-verbosity=1", "-print_final_stats=1"]
        command = [sys.executable, "-m", "tests.tools.fuzz.guided", "--inside", name, "--", *limits]
        done = subprocess.run(
            [*command, f"-artifact_prefix={FOUND}/{name}-", str(corpus), str(seeds)],
            cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr)
    tried = re.findall(r"number_of_executed_units:\s*(\d+)|^#(\d+)", done.stderr, re.MULTILINE)
    return done.returncode, max((int(one or other) for one, other in tried), default=0)


def longest(name: str) -> int:
    """Return the largest input in bytes: harnesses for whole texts get more than those for single lines."""
    return {"stamps": 64, "typst": 256, "front-matter": 800, "ffmetadata": 400, "subtitles": 400}.get(
        name.split("+")[-1], 2000
    )


def samples(name: str) -> list[bytes]:
    """Return the first inputs of a harness: seeds, hostile notes, and cases found before."""
    from tests.tools.fuzz.mutate import SAMPLES
    from tests.tools.hostile.notes import THEMES, with_secret

    folder = ROOT / "tests" / "tools" / "fuzz" / "found"
    found = [path.read_bytes() for one in name.split("+") for path in sorted(folder.glob(f"{one}-*"))]
    if name == "stamps":
        return [*found, b"00:03:10", b"[1:02.500]", b"1h2m3s", b"90", b"0:10,", "\uff10\uff10:01".encode()]
    notes = [with_secret(text, "x") for theme in THEMES.values() for text in theme.values()]
    return [*found, *SAMPLES, *(note for note in notes if len(note) < 10_000)]


def _escaped(token: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token)


def _fuzz(name: str, arguments: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["convert"]):
        from tests.tools.fuzz.harnesses import HARNESSES

    def together(data: bytes) -> None:
        for one in name.split("+"):
            HARNESSES[one](data)

    atheris.Setup([sys.argv[0], *arguments], together)
    atheris.Fuzz()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--time", type=float, default=60, help="seconds, shared by the harnesses")
    parser.add_argument(
        "--only", default="", help="harnesses, separated by commas; by + those that get the same inputs"
    )
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
