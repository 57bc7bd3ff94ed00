"""Reads notes made to hang a reader. `make bench` shows that their cost is linear."""

from __future__ import annotations

import time

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
    monkeypatch.setattr("yaml.parse", lambda block, loader: parsed.append(len(block)) or [])
    for count in (10, 30_000):
        text = f"---\ntitle: A\ntags: [{'a, ' * count}]\n---\n\n00:10 one\n00:20 two\n"
        reading = read_bytes(text.encode(), "note.md", "channel", "note")
        assert (reading.note.title, "front-matter-invalid" in {one.code for one in reading.diagnostics}) == (
            "A",
            count > 10,
        )
    assert len(parsed) == 1


@pytest.mark.parametrize(
    "block",
    [
        "a: &a [1, 1]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(24)),
        "a: " + "[" * 30_000,
        "a: " + "{b: " * 12_000,
        "".join("  " * depth + f"k{depth}:\n" for depth in range(240)),
        f"{'k' * 1000}:\n" + "".join(f"  {'k' * 900}{i}: x\n" for i in range(65)),
        "".join(f"a{i}: [x\n" for i in range(7_000)),
        "a: 'x\n" * 9_000,
        "title: x\n" * 5_000 + "a: [x",
    ],
    ids=["bomb", "lists", "maps", "levels", "long keys", "many faults", "open quotes", "many titles"],
)
def test_front_matter_takes_little_time_and_room(block: str) -> None:
    started = time.process_time()
    reading = read_bytes(f"---\n{block}\n---\nText.\n".encode(), "note.md", "channel", "note")
    assert time.process_time() - started < 3
    assert sum(map(len, (*reading.note.meta, *reading.note.meta.values()))) < 200_000
    assert [one.code for one in reading.diagnostics].count("front-matter-invalid") <= 1


@pytest.mark.parametrize("text", ["{" + '"a": [' * 20_000, '{"a": ' * 20_000, "+++\na = " + "[" * 20_000 + "\n+++\n"])
def test_toml_and_json_that_are_nested_deeply_are_read(text: str) -> None:
    assert read_bytes(text.encode(), "note.md", "channel", "note").note.video is None


WRITTEN = {
    "hexadecimal": "0xff",
    "octal": "0o17",
    "binary": "0b11",
    "signed": "+1_000",
    "float": "1.50",
    "power": "1e5",
    "no number": "+inf",
    "date": "1979-05-27",
    "second": "1979-05-27T07:32:00.50Z",
    "second after a blank": "1979-05-27 07:32:00",
    "time": "07:32:00",
    "long hexadecimal": "0x" + "f" * 5000,
    "long octal": "0o" + "7" * 6000,
    "long": "9" * 5000,
    "long float": "1." + "9" * 5000,
}


@pytest.mark.parametrize("name", WRITTEN)
def test_values_of_toml_stay_as_they_are_written(name: str) -> None:
    value = WRITTEN[name]
    strings = '''b = """1 "2" \\""" 3""""\nc = ''' + "'''1 '2' ''''\n[d]\n"
    lists = f"1 = [[{value}], [ {value},{value} ]]\n2.x = {{ e={value}, f='4' }}\n"
    text = f"+++\n# 1 \"\na = {value} # 2 '\n{strings}{lists}+++\n"
    reading = read_bytes(text.encode(), "note.md", "channel", "note")
    assert (reading.note.meta["a"], reading.note.meta["d.2.x.e"], reading.note.meta["d.2.x.f"]) == (value, value, "4")
    assert (reading.note.meta["b"], reading.note.meta["c"]) == ('1 "2" """ 3"', "1 '2' '")
    assert not [one for one in reading.diagnostics if one.code == "front-matter-invalid"]


@pytest.mark.parametrize("value", ["1E400", "1.50", "NaN", "-0", "9" * 5000, "[[1]]"])
def test_numbers_of_json_stay_as_they_are_written(value: str) -> None:
    meta = read_bytes(f'{{"a" : {value}}}\n'.encode(), "note.md", "channel", "note").note.meta
    assert meta["a"] == value


def test_rows_that_the_parser_no_longer_fills_up_stand_below_the_table() -> None:
    make, _ = HOSTILE["sparse rows"]
    blocks = read_bytes(make(300).encode(), "note.md", "channel", "note").note.blocks
    assert [type(block) for block in blocks] == [Table, Paragraph]
    table, rest = blocks
    assert isinstance(table, Table)
    assert isinstance(rest, Paragraph)
    assert len(table.rows) + sum(one.text.count("x") for one in rest.children if isinstance(one, Text)) >= 300
