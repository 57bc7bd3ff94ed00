"""Builds each `tests/cases/<writer>/<case>/in` and compares the results with `golden` beside it.

A new case is a new folder with notes in `in/<channel>/`; `options.json` beside `in` has options of the writer.
`make golden` writes the results into `golden`; read them before you commit them.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from convert.pipeline.run import build
from convert.request import Request
from convert.writers import built_in
from tests.support.artifacts import read_all, text_view
from tests.support.needs import ROOT

CASES = ROOT / "tests" / "cases"
REWRITE = os.environ.get("NOTEBIND_GOLDEN") == "write"
BINARY = {".epub", ".apkg", ".pdf"}


def cases() -> list[Path]:
    return sorted(path.parent for path in CASES.glob("*/*/in"))


def made(case: Path, output: Path) -> dict[str, str]:
    """Build a case and return its results as texts by their file names in `golden`."""
    options = case / "options.json"
    writer = case.parent.name
    asked = {writer: json.loads(options.read_text("utf-8"))} if options.exists() else {}
    report = build(Request((Path("in"),), output, (writer,), asked, jobs=1))
    assert [book.failures for book in report.books if book.failures] == []
    shutil.rmtree(output / ".notebind", ignore_errors=True)
    views = {golden_name(name): text_view(name, data).rstrip() + "\n" for name, data in read_all(output).items()}
    return views | {"diagnostics.txt": "".join(f"{found}\n" for found in report.all_diagnostics())}


def golden_name(name: str) -> str:
    return f"{name}.txt" if Path(name).suffix in BINARY else name


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.parent.name}-{case.name}")
def test_golden(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    results = made(case, tmp_path / "out")
    golden = case / "golden"
    if REWRITE:
        shutil.rmtree(golden, ignore_errors=True)
        for name, text in results.items():
            (golden / name).parent.mkdir(parents=True, exist_ok=True)
            (golden / name).write_text(text, "utf-8")
    expected = {name: data.decode() for name, data in read_all(golden).items()}
    assert sorted(results) == sorted(expected)
    for name, text in results.items():
        assert text == expected[name], f"{name} differs: look at it, and `make golden` if it is right"


def test_every_writer_has_a_golden() -> None:
    assert {case.parent.name for case in cases()} == set(built_in())


def test_every_case_is_read() -> None:
    assert sorted(CASES.glob("*/*")) == cases()
    assert [case for case in cases() if not any((case / "in").rglob("*.md"))] == []


def test_the_goldens_are_not_being_rewritten_in_ci() -> None:
    assert not (REWRITE and os.environ.get("NOTEBIND_REQUIRE_TOOLS"))
