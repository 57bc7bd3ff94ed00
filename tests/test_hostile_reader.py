"""Reads notes made to hang a reader. `make bench` shows that their cost is linear."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from convert.document.nodes import Paragraph, Table, Text
from convert.document.note import dump
from convert.reader import read_bytes
from tests.tools.hostile.sizes import HOSTILE

MOST_SECONDS = 10


@contextmanager
def limit(seconds: int) -> Iterator[None]:
    """Fail when the block takes more seconds of CPU."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"took more than {seconds} s of CPU")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="needs a clock that interrupts")
@pytest.mark.parametrize("name", HOSTILE)
def test_is_read_in_time(name: str) -> None:
    make, size = HOSTILE[name]
    data = make(size).encode()
    with limit(MOST_SECONDS):
        note = read_bytes(data, "note.md", "channel", "note").note
    assert dump(note)


def test_rows_that_the_parser_no_longer_fills_up_stand_below_the_table() -> None:
    make, _ = HOSTILE["sparse rows"]
    blocks = read_bytes(make(300).encode(), "note.md", "channel", "note").note.blocks
    assert [type(block) for block in blocks] == [Table, Paragraph]
    table, rest = blocks
    assert isinstance(table, Table)
    assert isinstance(rest, Paragraph)
    assert len(table.rows) + sum(one.text.count("x") for one in rest.children if isinstance(one, Text)) >= 300
