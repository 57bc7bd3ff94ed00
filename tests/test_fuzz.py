"""Tests `make fuzz` with a short, fixed run."""

from __future__ import annotations

import random

from tests.tools.fuzz import mutate
from tests.tools.fuzz.mutate import SAMPLES, broken_promise, mutated


def test_mutations_of_the_seeds_break_no_promise() -> None:
    rng = random.Random(20)
    for _ in range(400):
        data = mutated(rng.choice(SAMPLES), rng)
        assert broken_promise(data) == "", data


def test_a_broken_promise_is_found(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(mutate, "render_blocks", lambda *_: "<b>")
    assert "ParseError" in broken_promise(SAMPLES[0])
