"""Faults of notes and the diagnostics that name them, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.pipeline.build import build
from convert.pipeline.request import Request
from convert.report import CODES, Diagnostic

HEAD = "---\ntitle: {}\nvideoId: aqz-KE-bpKQ\n{}---\n\n"
GOOD = HEAD.format("Good", "") + "## A start\n\nSome words [00:00:10].\n"


def found(folder: Path, files: dict[str, str], *inputs: str, writer: str = "chapters") -> list[Diagnostic]:
    """What a build of these files (all of them, or the inputs named) has to say."""
    for name, text in files.items():
        path = folder / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    notes = tuple(folder / "notes" / name for name in inputs or ("",))
    return list(build(Request(notes, folder / "out", (writer,), jobs=1)).all_diagnostics())


ANCHOR = '<a class="yt-timestamp" data-t="{}">{}</a>'

ONE_NOTE = {
    "callout-mended": (HEAD.format("A", "") + "[!note] A title\n\nText [00:00:10].\n", 6),
    "code-stamps": (HEAD.format("A", "") + "```\nrun " + ANCHOR.format("00:10", "[00:10]") + "\n```\n", 6),
    "front-matter-invalid": (HEAD.format("A", "tags: [a\n") + "Text [00:00:10].\n", 2),
    "heading-missing": (HEAD.format("A", "") + "See [[good#No such heading]] [00:00:10].\n", 6),
    "link-missing": (HEAD.format("A", "") + "See [[nothing]] [00:00:10].\n", 6),
    "note-nul": (HEAD.format("A", "") + "A\0B [00:00:10].\n", 6),
    "stamp-mended": (HEAD.format("A", "") + "Text " + ANCHOR.format("00:10, 00:20", "[00:10, 00:20]") + ".\n", 6),
    "stamp-unreadable": (HEAD.format("A", "") + "Text " + ANCHOR.format("HH:MM", "soon") + " [00:00:10].\n", 6),
}


@pytest.mark.parametrize("code", sorted(ONE_NOTE))
def test_a_fault_of_a_note_is_named_with_its_line(code: str, tmp_path: Path) -> None:
    text, line = ONE_NOTE[code]
    said = found(tmp_path, {"films/bad.md": text, "films/good.md": GOOD})
    places = [(one.note, one.line, one.severity) for one in said if one.code == code]
    assert places == [(str(tmp_path / "notes/films/bad.md"), line, CODES[code].severity)], said


def test_two_notes_of_one_alias_are_ambiguous(tmp_path: Path) -> None:
    twins = {f"films/{name}.md": HEAD.format(name, "aliases: [Twin]\n") + "Text [00:00:10].\n" for name in ("a", "b")}
    said = found(tmp_path, twins | {"films/c.md": GOOD + "\n[[twin]]\n"})
    (one,) = [one for one in said if one.code == "link-ambiguous"]
    assert one.line == 10
    assert "[[twin]]" in one.message


def test_two_folders_of_one_name_are_two_books(tmp_path: Path) -> None:
    said = found(tmp_path, {"x/films/a.md": GOOD, "y/films/b.md": GOOD})
    (one,) = [one for one in said if one.code == "book-renamed"]
    assert "films-2" in one.message
    assert sorted(path.name for path in (tmp_path / "out").glob("films*")) == ["films-2.chapters", "films.chapters"]


def test_a_text_without_stamps_is_not_a_note(tmp_path: Path) -> None:
    said = found(tmp_path, {"films/good.md": GOOD, "films/README.md": "# About\n\nThis folder holds notes.\n"})
    (one,) = [one for one in said if one.code == "not-a-note"]
    assert (Path(one.note).name, one.severity) == ("README.md", "info")


def test_an_input_that_is_missing_is_named_and_the_other_is_built(tmp_path: Path) -> None:
    said = found(tmp_path, {"films/good.md": GOOD}, "films", "plays")
    assert [Path(one.note).name for one in said if one.code == "file-missing"] == ["plays"]
    assert (tmp_path / "out" / "films.chapters").is_dir()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text(GOOD.replace("Good", "Secret"), "utf-8")
    (tmp_path / "notes" / "films").mkdir(parents=True)
    (tmp_path / "notes" / "films" / "link.md").symlink_to(secret)
    said = found(tmp_path, {"films/good.md": GOOD})
    assert [Path(one.note).name for one in said if one.code == "file-outside"] == ["link.md"]
    assert "Secret" not in "".join(path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.srt"))


def test_every_message_says_something_and_ends_plainly(tmp_path: Path) -> None:
    files = {f"films/{code}.md": text for code, (text, _) in ONE_NOTE.items()}
    for one in found(tmp_path, files):
        assert one.code in CODES
        assert 10 < len(one.message) < 300
        assert "\n" not in str(one)
