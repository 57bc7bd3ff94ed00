"""Reads notes made to hang a reader. `make bench` shows that their cost is linear."""

from __future__ import annotations

import pytest

from convert.document.nodes import Paragraph, Table, Text
from convert.document.note import dump
from convert.reader import read_bytes
from tests.support.limits import limit, needs_limit
from tests.tools.hostile.sizes import HOSTILE

MOST_SECONDS = 10


@needs_limit
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
