"""Tests the harnesses of `make fuzz` with seeds, hostile notes and every case that fuzzing has found."""

from __future__ import annotations

import pytest

from tests.support.needs import ROOT
from tests.tools.fuzz import harnesses
from tests.tools.fuzz.harnesses import HARNESSES
from tests.tools.fuzz.mutate import SAMPLES
from tests.tools.hostile.notes import THEMES, with_secret

FOUND = sorted((ROOT / "tests" / "tools" / "fuzz" / "found").glob("*"))


@pytest.mark.parametrize("name", HARNESSES)
def test_it_holds_for_seeds_and_hostile_notes(name: str) -> None:
    for data in (*SAMPLES, *(with_secret(text, "/x") for notes in THEMES.values() for text in notes.values())):
        HARNESSES[name](data)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_was_found_stays_mended(path) -> None:  # type: ignore[no-untyped-def]
    name = next(name for name in HARNESSES if path.name.startswith(f"{name}-"))
    HARNESSES[name](path.read_bytes())


def test_a_broken_promise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harnesses, "typst_string", lambda text: f'"{text}"')
    with pytest.raises(AssertionError):
        HARNESSES["typst"](b'"')
