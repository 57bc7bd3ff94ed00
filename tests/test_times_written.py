"""Tests the grammar of times with the tables in `tests/times`: lists of chapters in many forms, and what is no time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from convert import reader
from convert.document.timecode import clock
from convert.extract.timeline import timeline
from tests.support.needs import ROOT
from tests.support.vaults import open_files

_CASE = re.compile(r"^## ([^\n]+)\n\n````note\n(.*?)````\n(?:\n````chapters\n(.*?)````\n)?", re.MULTILINE | re.DOTALL)


def cases(name: str) -> list[tuple[str, str, str]]:
    """Return (title, note, chapters) of each case of a table."""
    return _CASE.findall((ROOT / "tests" / "times" / f"{name}.md").read_text("utf-8"))


@pytest.mark.parametrize(("how", "note", "chapters"), cases("lists"), ids=[case[0] for case in cases("lists")])
def test_lists_of_chapters(how: str, note: str, chapters: str, tmp_path: Path) -> None:
    (part,) = open_files(tmp_path, {"talks/talk.md": note}).book(0).parts
    made = [f"{clock(marker.start_ms)} {marker.title}" for marker in timeline(part).markers]
    wanted = chapters.splitlines()
    assert made == wanted or (made[0] == "0:00 " + wanted[0].split(" ", 1)[1] and made[1:] == wanted[1:])


@pytest.mark.parametrize(("how", "note", "_"), cases("none"), ids=[case[0] for case in cases("none")])
def test_what_is_no_time(how: str, note: str, _: str) -> None:
    assert [fact.raw for fact in reader.read_bytes(note.encode(), "talk.md", "talks", "talk").facts.stamps] == []


def test_the_tables_are_read_whole() -> None:
    for path in (ROOT / "tests" / "times").glob("*.md"):
        assert len(cases(path.stem)) == path.read_text("utf-8").count("````note") >= 40
