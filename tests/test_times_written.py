"""Tests the grammar of times with the tables in `tests/times`: lists of chapters in many forms, and what is no time.

`forms.txt` has a form of a line in each of its lines: `{t}` is a time, `{x}` a title, `{e}` the end, `{s}` the time in
seconds, `{n}` a number.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from convert import reader
from convert.document.timecode import clock
from convert.extract.timeline import timeline
from tests.support.needs import ROOT
from tests.support.vaults import note, open_files

TABLES = ROOT / "tests" / "times"
FORMS = (TABLES / "forms.txt").read_text("utf-8").splitlines()
ROWS = [("0:00", "Hello", 0), ("1:05", "The gauge", 65), ("12:02", "The moon", 722), ("1:30:09", "The table", 5409)]
ENDS = ["1:05", "12:02", "1:30:09", "1:40:00"]
_CASE = re.compile(r"^## ([^\n]+)\n\n````note\n(.*?)````\n(?:\n````chapters\n(.*?)````\n)?", re.MULTILINE | re.DOTALL)


def cases(name: str) -> list[tuple[str, str, str]]:
    """Return (title, note, chapters) of each case of a table."""
    return _CASE.findall((TABLES / f"{name}.md").read_text("utf-8"))


def chapters_of(folder: Path, text: str) -> list[str]:
    """Return the chapters of a note as `0:00 Title`."""
    (part,) = open_files(folder, {"talks/talk.md": text}).book(0).parts
    return [f"{clock(marker.start_ms)} {marker.title}" for marker in timeline(part).markers]


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_lines(form: str, tmp_path: Path) -> None:
    form = form.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
    lines = [form.format(t=t, x=x, s=s, e=ENDS[i], n=i + 1) for i, (t, x, s) in enumerate(ROWS)]
    wanted = [f"{time} {title}" for time, title, _ in ROWS]
    assert chapters_of(tmp_path / "with", note("\n".join(lines))) == wanted
    assert chapters_of(tmp_path / "without", "\n".join(lines)) == wanted


@pytest.mark.parametrize(("how", "text", "wanted"), cases("lists"), ids=[case[0] for case in cases("lists")])
def test_lists_of_chapters(how: str, text: str, wanted: str, tmp_path: Path) -> None:
    assert chapters_of(tmp_path, text) == wanted.splitlines()


@pytest.mark.parametrize(("how", "text", "_"), cases("none"), ids=[case[0] for case in cases("none")])
def test_what_is_no_time(how: str, text: str, _: str) -> None:
    alone = text.startswith("---") or how.endswith("without a video")
    for one in {text, text if alone else note(text)}:
        assert [fact.raw for fact in reader.read_bytes(one.encode(), "talk.md", "talks", "talk").facts.stamps] == []


def test_the_tables_are_read_whole() -> None:
    for path in TABLES.glob("*.md"):
        assert len(cases(path.stem)) == path.read_text("utf-8").count("````note") >= 20
