"""Tests that a missing tool skips its tests and names itself, and fails them if tools are required."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import conftest
from tests.support.needs import missing

pytest_plugins = ["pytester"]

PROBE = """
import pytest
from tests.support.needs import needs

@needs("no-such-tool")
def test_tool(): pass

@needs("pytest")
def test_module(): pass
"""


@pytest.mark.parametrize(("require", "outcome"), [("0", {"skipped": 1}), ("1", {"errors": 1})])
def test_missing_tool(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, require: str, outcome: dict[str, int]
) -> None:
    monkeypatch.setenv("NOTEBIND_REQUIRE_TOOLS", require)
    pytester.makeconftest(Path(conftest.__file__).read_text())
    pytester.makepyfile(PROBE)
    result = pytester.runpytest_inprocess("-rs", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, **outcome)
    result.stdout.fnmatch_lines(["*needs no-such-tool*"])


def test_names() -> None:
    assert missing("no-such-tool")
    assert not missing("pytest")
