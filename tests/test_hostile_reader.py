"""Reads notes made to hang a reader. `make bench` shows that their cost is linear."""

from __future__ import annotations

import pytest

from convert.document.nodes import Paragraph, Section, Table, Text
from convert.document.note import dump
from convert.document.walk import all_blocks, inlines, plain_text
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


@pytest.mark.parametrize("text", [">" * 70 + " [!x] one\n\ntwo", "- " * 70 + "one\n\ntwo", "> - " * 600 + "one\ntwo"])
def test_what_is_too_deep_is_set_flat_and_whole(text: str) -> None:
    reading = read_bytes(text.encode(), "note.md", "channel", "note")
    assert [one.code for one in reading.diagnostics] == ["nesting-deep"]
    words = plain_text(inlines(reading.note.blocks)).split()
    assert words[-2:] in (["one", "two"], ["onetwo"])


def test_sections_of_deep_quotes_keep_their_text_and_names() -> None:
    text = "".join(">" * level + f" # a{level}\n" for level in range(100))
    reading = read_bytes(text.encode(), "note.md", "channel", "note")
    assert [one.id for one in reading.facts.headings] == [f"a{level}" for level in range(100)]
    assert {"a0", "a99"} <= {one.id for one in all_blocks(reading.note.blocks) if isinstance(one, Section)}


def test_only_short_yaml_is_parsed_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    monkeypatch.setattr("yaml.load", lambda block, loader: parsed.append(len(block)))
    for count in (10, 30_000):
        text = f"---\ntitle: A\ntags: [{'a, ' * count}]\n---\n\n00:10 one\n00:20 two\n"
        reading = read_bytes(text.encode(), "note.md", "channel", "note")
        assert (reading.note.title, "front-matter-invalid" in {one.code for one in reading.diagnostics}) == (
            "A",
            count > 10,
        )
    assert len(parsed) == 1


def test_rows_that_the_parser_no_longer_fills_up_stand_below_the_table() -> None:
    make, _ = HOSTILE["sparse rows"]
    blocks = read_bytes(make(300).encode(), "note.md", "channel", "note").note.blocks
    assert [type(block) for block in blocks] == [Table, Paragraph]
    table, rest = blocks
    assert isinstance(table, Table)
    assert isinstance(rest, Paragraph)
    assert len(table.rows) + sum(one.text.count("x") for one in rest.children if isinstance(one, Text)) >= 300
