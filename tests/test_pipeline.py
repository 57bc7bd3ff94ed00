"""Tests the pipeline: what is made again and what is not, what failures leave behind, where files may be written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from convert.errors import SaveError
from convert.pipeline import make as work
from convert.pipeline import run as building
from convert.pipeline.fingerprint import writer_fingerprints
from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Request
from convert.storage.folder import Folder
from convert.vault import scan
from convert.vault import scan as gather
from convert.vault.books import Library
from convert.workers.pool import Schedule, Task, make_executor
from convert.writers import options_of
from convert.writers.base import Artifact, Writer
from tests.support.needs import ROOT

NOTE = """---
title: {title}
videoId: {video}
---

From: [[{channel}]] <br/>

A sentence about the film <a class="yt-timestamp" data-t="00:00:05">[00:00:05]</a>.

## A section

Another sentence [[{link} | with a link]] <a class="yt-timestamp" data-t="00:01:05">[00:01:05]</a>.
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Write two channels of two notes each."""
    for channel in ("first", "second"):
        folder = tmp_path / "notes" / channel
        folder.mkdir(parents=True)
        for name in ("one", "two"):
            text = NOTE.format(title=name.title(), video=f"{channel[:5]}{name}___"[:11], channel=channel, link="two")
            (folder / f"{name}.md").write_text(text, "utf-8")
    return tmp_path / "notes"


def run(notes: Path, output: Path, **settings: Any) -> Report:
    settings = {"writers": ("epub", "chapters", "anki"), "jobs": 1} | settings
    return build(Request((notes,), output, **settings))


def contents(folder: Path) -> dict[str, bytes]:
    """Return the artifacts by name, without the files that a run keeps for the next."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".notebind" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def unchanged(report: Report) -> dict[str, list[str]]:
    return {book.name: book.unchanged for book in report.books}


def sums(report: Report) -> dict[str, str]:
    return {made.path: made.sha256 for book in report.books for made in book.artifacts}


ALL = ["epub", "chapters", "anki"]


def test_what_has_not_changed_is_not_made_again(notes: Path, tmp_path: Path) -> None:
    first = run(notes, tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("[!.]*.*")}
    again = run(notes, tmp_path / "out")
    assert unchanged(first) == {"first": [], "second": []}
    assert unchanged(again) == {"first": ALL, "second": ALL}
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert [book.artifacts for book in again.books] == [book.artifacts for book in first.books]
    assert [book.counts for book in again.books] == [book.counts for book in first.books]


def test_an_edited_note_rebuilds_its_book_alone(notes: Path, tmp_path: Path) -> None:
    run(notes, tmp_path / "out")
    path = notes / "second" / "one.md"
    path.write_text(path.read_text("utf-8") + "\nMore.\n", "utf-8")
    again = run(notes, tmp_path / "out")
    assert unchanged(again)["first"] == ALL
    assert "epub" not in unchanged(again)["second"]
    assert contents(tmp_path / "out") == contents_of_a_fresh_run(notes, tmp_path)


def contents_of_a_fresh_run(notes: Path, tmp_path: Path) -> dict[str, bytes]:
    """Return the outputs of a run from nothing, without the deck, which depends on earlier runs."""
    run(notes, tmp_path / "fresh")
    shutil.copytree(tmp_path / "out" / ".notebind", tmp_path / "fresh" / ".notebind", dirs_exist_ok=True)
    for deck in (tmp_path / "out").glob("*.apkg"):
        shutil.copy(deck, tmp_path / "fresh" / deck.name)
    return contents(tmp_path / "fresh")


def test_a_book_that_stands_is_not_unpacked_and_its_counts_are_known(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(notes, tmp_path / "out")
    looked, look = [], Library.book_and_notes
    monkeypatch.setattr(Library, "book_and_notes", lambda books, place: looked.append(place) or look(books, place))
    grow(notes / "second" / "one.md")
    again = run(notes, tmp_path / "out")
    assert looked == [1]
    assert again.books[0].counts == first.books[0].counts
    assert again.books[1].counts["words"] > first.books[1].counts["words"]
    assert again.severities() == Counter(one.severity for one in again.all_diagnostics())


def test_a_damaged_artifact_is_made_again(notes: Path, tmp_path: Path) -> None:
    run(notes, tmp_path / "out")
    whole = contents(tmp_path / "out")
    (tmp_path / "out" / "first.epub").write_bytes(b"")
    (tmp_path / "out" / "second.epub").unlink()
    again = run(notes, tmp_path / "out")
    assert unchanged(again) == {"first": ["chapters", "anki"], "second": ["chapters", "anki"]}
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize("change", [{"title": "New"}, {"force": True}, {"epoch": 1}, {"language": "de"}])
def test_other_settings_make_it_again(notes: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    run(notes, tmp_path / "out")
    assert "epub" not in unchanged(run(notes, tmp_path / "out", **change))["first"]


def test_force_reads_every_note_again(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    scan = gather.scan

    def counted(sources: Any, **settings: Any) -> bytes:
        asked.append(len(sources))
        return scan(sources, **settings)

    for path in notes.rglob("*.md"):
        os.utime(path, (1, 1))  # files that were just modified are read again anyway
    monkeypatch.setattr(gather, "scan", counted)
    for force in (False, False, True):
        run(notes, tmp_path / "out", force=force)
    assert asked == [4, 4]


@pytest.fixture
def settled(notes: Path) -> Path:
    """Write notes with an older modification time, so that changes show in it."""
    for path in notes.rglob("*.md"):
        os.utime(path, (1, 1))
    return notes


def test_a_run_that_finds_all_as_it_was_reads_nothing(
    settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(settled, tmp_path / "out")
    monkeypatch.setattr(building, "open_vault", None)
    again = run(settled, tmp_path / "out")
    assert unchanged(again) == {"first": ALL, "second": ALL}
    assert sums(again) == sums(first)
    assert [book.counts for book in again.books] == [book.counts for book in first.books]
    assert list(map(str, again.all_diagnostics())) == list(map(str, first.all_diagnostics()))


def test_the_books_of_an_unchanged_run_open_the_vault_once(
    settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(settled, tmp_path / "out")
    opened: list[Request] = []
    open_vault = building.open_vault

    def count_and_open(request: Request, *arguments: Any, **named: Any) -> Any:
        opened.append(request)
        return open_vault(request, *arguments, **named)

    monkeypatch.setattr(building, "open_vault", count_and_open)
    again = run(settled, tmp_path / "out")
    assert not opened
    assert [book.book for book in again.books] == [book.book for book in first.books]
    assert again.books[0].book == first.books[0].book
    assert len(opened) == 1


def test_only_options_that_name_files_depend_on_files(
    settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    style = tmp_path / "extra.css"
    style.write_text("p { color: navy }", "utf-8")
    options = {"epub": {"css": "extra.css"}, "anki": {"cards": "normal"}}
    for name in ("normal", "a4"):
        (tmp_path / name).write_text("one", "utf-8")
    paper = options_of(("pdf",), {"pdf": {"paper": "a4"}})
    fingerprints = writer_fingerprints(paper, 0)
    run(settled, tmp_path / "out", options=options)
    for name in ("normal", "a4"):
        (tmp_path / name).write_text("another", "utf-8")
    assert writer_fingerprints(paper, 0) == fingerprints
    assert unchanged(run(settled, tmp_path / "out", options=options)) == {"first": ALL, "second": ALL}
    style.write_text("p { color: teal }", "utf-8")
    assert "epub" not in unchanged(run(settled, tmp_path / "out", options=options))["first"]


@pytest.mark.parametrize("chunk", [1, 64])
def test_what_was_said_of_parts_is_said_of_books_that_stand_too(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("convert.pipeline.run.CHUNK", chunk)
    with (notes / "first" / "one.md").open("a", encoding="utf-8") as file:
        file.write("\n![[two]]\n")
    with (notes / "first" / "two.md").open("a", encoding="utf-8") as file:
        file.write("\n![[one]]\n")
    first = run(notes, tmp_path / "out")
    said = [str(one) for one in first.all_diagnostics() if one.code == "embed-nested"]
    assert len(said) == len(set(said)) == 2
    grow(notes / "second" / "one.md")
    again = run(notes, tmp_path / "out")
    assert unchanged(again)["first"] == ALL
    assert [str(one) for one in again.all_diagnostics() if one.code == "embed-nested"] == said


@pytest.mark.parametrize("left", [0, 1, 60, -1], ids=["empty", "a byte", "some books", "all but a byte"])
def test_what_is_left_of_a_report_is_no_report(
    settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    first = run(settled, tmp_path / "out")
    kept = tmp_path / "out" / ".notebind" / "last-run.msgpack"
    kept.write_bytes(kept.read_bytes()[:left])
    again = run(settled, tmp_path / "out")
    assert sums(again) == sums(first)
    assert unchanged(again) == {"first": ALL, "second": ALL}


def a_note(notes: Path, output: Path) -> None:
    grow(notes / "first" / "one.md")


def a_new_note(notes: Path, output: Path) -> None:
    (notes / "first" / "three.md").write_text("---\nvideoId: aqz-KE-bpKQ\n---\nNew [00:00:01].\n", "utf-8")


def a_style(notes: Path, output: Path) -> None:
    (notes.parent / "extra.css").write_text("p { color: red }", "utf-8")


def an_artifact(notes: Path, output: Path) -> None:
    (output / "first.epub").write_bytes(b"mine")


def a_length(notes: Path, output: Path) -> None:
    (notes / "first" / "film [firstone___].info.json").write_text('{"id": "firstone___", "duration": 70}', "utf-8")


def line_breaks(notes: Path, output: Path) -> None:
    (notes / "first" / ".obsidian" / "app.json").write_text('{"strictLineBreaks": false}', "utf-8")


@pytest.mark.parametrize("change", [a_note, a_new_note, a_style, an_artifact, a_length, line_breaks])
def test_whatever_changes_is_noticed(settled: Path, tmp_path: Path, change: Callable[[Path, Path], None]) -> None:
    style = tmp_path / "extra.css"
    style.write_text("p { color: blue }", "utf-8")
    (settled / "first" / ".obsidian").mkdir()
    (settled / "first" / ".obsidian" / "app.json").write_text('{"strictLineBreaks": true}', "utf-8")
    settings: dict[str, Any] = {"options": {"epub": {"css": str(style)}}}
    run(settled, tmp_path / "out", **settings)
    assert set(unchanged(run(settled, tmp_path / "out", **settings))["first"]) == set(ALL)
    change(settled, tmp_path / "out")
    assert set(unchanged(run(settled, tmp_path / "out", **settings))["first"]) != set(ALL)
    run(settled, tmp_path / "fresh", **settings)
    # Decks remember what they were, and an edited file is kept.
    decks = {"first.apkg", "second.apkg", "first.kept.epub"}
    old, new = contents(tmp_path / "out"), contents(tmp_path / "fresh")
    assert {name: old[name] for name in old if name not in decks} == {
        name: new[name] for name in new if name not in decks
    }


def test_an_edited_sibling_in_another_channel_changes_the_book(notes: Path, tmp_path: Path) -> None:
    """Chapters of a video come from all notes about it, in any channel."""
    other = notes / "second" / "one.md"
    text = NOTE.format(title="Sibling", video="firstone___", channel="second", link="two").replace("01:05", "03:05")
    other.write_text(text, "utf-8")
    run(notes, tmp_path / "out", writers=("chapters",))
    other.write_text(text.replace("## A section", "## Another section"), "utf-8")
    again = run(notes, tmp_path / "out", writers=("chapters",))
    assert unchanged(again)["first"] == []
    assert b"Another section" in contents(tmp_path / "out")["first.chapters/firstone___.srt"]


RARE = "\U00012fa4"
"""A Cypro-Minoan sign, which no common font has."""


def save_font(path: Path) -> None:
    """Write a font that has a square for that character."""
    from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]

    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 500))
    pen.lineTo((500, 500))
    pen.lineTo((500, 0))
    pen.closePath()
    built = FontBuilder(1000, isTTF=True)
    built.setupGlyphOrder([".notdef", "square"])
    built.setupCharacterMap({ord(RARE): "square"})
    built.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "square": pen.glyph()})
    built.setupHorizontalMetrics({".notdef": (500, 0), "square": (500, 0)})
    built.setupHorizontalHeader(ascent=800, descent=-200)
    built.setupNameTable({"familyName": "Square", "styleName": "Regular", "psName": "Square-Regular"})
    built.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    built.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    built.save(path)


@pytest.mark.parametrize("way", ["in the folder of --font-path", "installed"])
def test_a_new_font_makes_the_pdf_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    named, home = tmp_path / "fonts", tmp_path / "home"
    named.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    note = tmp_path / "notes" / "one.md"
    note.parent.mkdir()
    note.write_text(f"---\ntitle: One\nvideoId: aqz-KE-bpKQ\n---\nA {RARE} [00:00:01].\n", "utf-8")
    os.utime(note, (1, 1))
    settings: dict[str, Any] = {"writers": ("pdf",)}
    if way != "installed":
        settings["options"] = {"pdf": {"font_path": str(named)}}
    lacking = run(note, tmp_path / "out", **settings)
    assert [one.code for one in lacking.all_diagnostics()] == ["pdf-character"]
    assert unchanged(run(note, tmp_path / "out", **settings)) == {"one": ["pdf"]}
    save_font((home / ".local/share/fonts" if way == "installed" else named) / "square.ttf")
    again = run(note, tmp_path / "out", **settings)
    assert unchanged(again) == {"one": []}
    assert list(again.all_diagnostics()) == []
    assert sums(again) != sums(lacking)


COUNTING = """
import sys
from collections import Counter
from pathlib import Path

import msgspec

counted = Counter()

def holds_tree(value):
    if isinstance(value, (list, tuple)):
        return any(map(holds_tree, value))
    return hasattr(value, "blocks") or hasattr(value, "children")

def counting(what, call):
    def counted_call(*arguments, **named):
        result = call(*arguments, **named)
        value = arguments[0] if what == "encoded" else result
        counted[what] += holds_tree(value)
        return result
    return counted_call

class Encoder:
    def __init__(self, *arguments, **named):
        self.encode = counting("encoded", encoder(*arguments, **named).encode)

class Decoder:
    def __init__(self, *arguments, **named):
        self.decode = counting("decoded", decoder(*arguments, **named).decode)

    def __class_getitem__(cls, item):
        return cls

encoder, decoder = msgspec.msgpack.Encoder, msgspec.msgpack.Decoder
msgspec.msgpack.Encoder, msgspec.msgpack.Decoder = Encoder, Decoder
msgspec.msgpack.encode = counting("encoded", msgspec.msgpack.encode)
msgspec.msgpack.decode = counting("decoded", msgspec.msgpack.decode)

from convert.pipeline.run import build
from convert.request import Request

report = build(Request((Path(sys.argv[1]),), Path(sys.argv[2]), ("epub", "chapters", "anki", "html"), jobs=1))
assert not report.failed()
print(counted["encoded"], counted["decoded"])
"""


def test_a_tree_is_packed_and_unpacked_once(notes: Path, tmp_path: Path) -> None:
    """With two notes in one process, each tree is packed once and unpacked once for all writers."""
    command = [sys.executable, "-c", COUNTING, str(notes / "first"), str(tmp_path / "out")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.split() == ["2", "2"]


@pytest.mark.parametrize("folder", ["notes", "notes/books", "notes/first/books"])
def test_what_runs_made_among_notes_are_no_notes(notes: Path, tmp_path: Path, folder: str) -> None:
    run(notes, tmp_path / "out", writers=("chapters",))
    once = contents(tmp_path / "out")
    run(notes, tmp_path / folder, writers=("chapters",))
    for output in (tmp_path / folder, tmp_path / "other", tmp_path / folder):
        assert [book.name for book in run(notes, output, writers=("chapters",)).books] == ["first", "second"]
    assert contents(tmp_path / "other") == once


def test_a_note_beside_what_runs_made_is_one(notes: Path, tmp_path: Path) -> None:
    run(notes / "first", notes / "first", writers=("chapters",))
    (notes / "first" / ".notebind" / "torn.record.json").write_bytes(b"{")
    (notes / "first" / "first.chapters" / "mine.md").write_text(
        "---\nvideoId: aqz-KE-bpKQ\n---\nNew [00:00:01].\n", "utf-8"
    )
    assert [book.size for book in run(notes, tmp_path / "out", writers=("chapters",)).books] == [2, 1, 2]


def test_files_of_books_that_are_gone_are_reported_and_pruned(notes: Path, tmp_path: Path) -> None:
    run(notes, tmp_path / "out")
    shutil.rmtree(notes / "first")
    report = run(notes, tmp_path / "out")
    assert {record.book for record in report.gone} == {"first"}
    assert (tmp_path / "out" / "first.epub").exists()
    run(notes, tmp_path / "out", prune=True)
    assert not list((tmp_path / "out").glob("first*"))
    assert not list((tmp_path / "out" / ".notebind").glob("first*"))
    assert (tmp_path / "out" / "second.epub").exists()


@pytest.mark.parametrize("how", ["deleted", "private", "no note"])
@pytest.mark.parametrize("unchanged", [False, True])
def test_a_book_is_gone_when_its_folder_has_no_more_notes(
    notes: Path, tmp_path: Path, how: str, unchanged: bool
) -> None:
    out = tmp_path / "out"
    run(notes, out)
    for path in (notes / "first").rglob("*.md"):
        if how == "deleted":
            path.unlink()
        else:
            path.write_text("---\npublish: false\n---\nA [00:00:01].\n" if how == "private" else "Words.\n", "utf-8")
    if unchanged:
        assert {record.book for record in run(notes, out).gone} == {"first"}
    run(notes, out, prune=True)
    assert not list(out.glob("first*"))
    assert (out / "second.epub").exists()


def test_the_book_of_a_note_that_became_private_is_gone(notes: Path, tmp_path: Path) -> None:
    note = min((notes / "first").glob("*.md"))
    run(note, tmp_path / "out")
    note.write_text("---\npublish: false\n---\nA [00:00:01].\n", "utf-8")
    assert {record.book for record in run(note, tmp_path / "out", prune=True).gone} == {note.stem}
    assert not list((tmp_path / "out").glob("*.epub"))


@pytest.mark.parametrize("one_book", ["", "everything"])
def test_a_book_whose_notes_went_into_another_is_not_gone(notes: Path, tmp_path: Path, one_book: str) -> None:
    run(notes, tmp_path / "out", one_book=one_book)
    assert run(notes, tmp_path / "out", prune=True, one_book="" if one_book else "everything").gone == []
    one = min((notes / "first").glob("*.md"))
    run(one, tmp_path / "out")
    assert run(notes, tmp_path / "out", prune=True).gone == []
    assert run(one, tmp_path / "out", prune=True).gone == []


def test_a_book_whose_notes_cannot_be_read_is_not_gone(notes: Path, tmp_path: Path) -> None:
    run(notes, tmp_path / "out")
    for path in (notes / "first").rglob("*.md"):
        path.write_bytes(b"")
    assert run(notes, tmp_path / "out", prune=True).gone == []
    assert (tmp_path / "out" / "first.epub").exists()


def test_books_of_other_runs_are_not_gone(notes: Path, tmp_path: Path) -> None:
    build(Request((notes / "first",), tmp_path / "out", writers=("epub",), jobs=1))
    report = build(Request((notes / "second",), tmp_path / "out", writers=("epub",), jobs=1, prune=True))
    assert report.gone == []
    assert (tmp_path / "out" / "first.epub").exists()


def test_the_number_of_jobs_changes_no_byte(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(notes, tmp_path / "one", jobs=1)
    run(notes, tmp_path / "two", jobs=2)
    for module in ("pipeline.run", "vault.scan", "vault.times.repair_all"):
        monkeypatch.setattr(f"convert.{module}.CHUNK", 1)
    run(notes, tmp_path / "chunks", jobs=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two") == contents(tmp_path / "chunks")


def test_a_writer_that_fails_stops_no_other(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = work.find_writer

    def broken(name: str) -> Any:
        return Broken() if name == "epub" else find(name)

    monkeypatch.setattr(work, "find_writer", broken)
    report = run(notes, tmp_path / "out")
    assert report.failed()
    assert [list(book.failures) for book in report.books] == [["epub"], ["epub"]]
    assert "out of ink" in report.books[0].failures["epub"]
    assert not list((tmp_path / "out").rglob("*.epub"))
    assert (tmp_path / "out" / "first.apkg").exists()


class Broken(Writer[Any]):
    """A writer that yields an artifact and fails at the next."""

    def part(self, note: Any, job: Any) -> bytes:
        return b""

    def assemble(self, parts: Any, job: Any) -> Any:
        yield Artifact(f"{job.book.name}.epub", b"half")
        raise ValueError("out of ink")


def test_a_failed_book_is_made_at_the_next_run(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(work, "find_writer", lambda name: Broken())
        run(notes, tmp_path / "out", writers=("epub",))
    report = run(notes, tmp_path / "out", writers=("epub",))
    assert not report.failed()
    assert unchanged(report) == {"first": [], "second": []}


Change = Callable[[Path], None]


def changing(monkeypatch: pytest.MonkeyPatch, change: Change, trees: bool) -> None:
    """Change each file after it is scanned and before its parts are made."""
    read = work._read

    def slow(task: Any, *others: Any) -> Any:
        change(Path(task.source.path))
        return read(task if trees else replace(task, tree=None), *others)

    monkeypatch.setattr(work, "_read", slow)


def grow(path: Path) -> None:
    path.write_text(path.read_text("utf-8") + "!", "utf-8")


@pytest.mark.parametrize("change", [grow, lambda path: path.unlink(missing_ok=True)], ids=["changes", "vanishes"])
def test_a_note_that_is_other_while_it_is_converted_is_in_the_book_as_it_was_read(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    expected = run(notes, tmp_path / "expected", writers=("epub",))
    with monkeypatch.context() as patch:
        changing(patch, change, trees=True)
        report = run(notes, tmp_path / "out", writers=("epub",))
    assert not report.failed()
    assert sums(report) == sums(expected)
    assert unchanged(run(notes, tmp_path / "out", writers=("epub",))) in ({}, {"first": [], "second": []})


def test_a_note_that_is_read_again_and_has_changed_is_reported(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing(monkeypatch, grow, trees=False)
    codes = [found.code for found in run(notes, tmp_path / "out").all_diagnostics()]
    assert codes.count("note-changed") == 4


def test_a_note_that_is_read_again_and_has_vanished_is_reported(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing(monkeypatch, lambda path: path.unlink(missing_ok=True), trees=False)
    report = run(notes, tmp_path / "out", writers=("epub",))
    assert report.failed()
    assert [found.code for found in report.all_diagnostics()].count("file-unreadable") == 4


def test_a_note_that_the_reader_fails_on_is_left_out_alone(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = scan.read_unresolved

    def broken(data: bytes, path: str, *names: str) -> Any:
        if path.endswith("one.md"):
            raise StopIteration("at the end")
        return read(data, path, *names)

    monkeypatch.setattr(scan, "read_unresolved", broken)
    report = run(notes, tmp_path / "out", writers=("chapters",))
    assert [book.size for book in report.books] == [1, 1]
    (said, _) = [one for one in report.all_diagnostics() if one.severity == "error"]
    assert said.code == "file-unreadable"
    assert re.fullmatch(r"internal error: StopIteration: at the end at .*; please report it; left out", said.message)


def test_trees_leave_with_the_run_and_are_not_needed(notes: Path, tmp_path: Path, monkeypatch: Any) -> None:
    expected = sums(run(notes, tmp_path / "expected"))
    assert not list((tmp_path / "expected").rglob("*.tmp"))
    monkeypatch.setattr(work, "unpack_tree", lambda tree: None)
    assert sums(run(notes, tmp_path / "out")) == expected


def die() -> None:
    os._exit(1)


def answer() -> int:
    time.sleep(0.05)
    return 42


def test_a_dead_worker_fails_its_task_alone() -> None:
    results: list[Any] = []
    schedule = Schedule(lambda: make_executor(2), 4)

    def start(function: Callable[[], Any]) -> Callable[[], None]:
        return lambda: schedule.submit(Task(function, (), results.append, lambda error: results.append(str(error))))

    try:
        schedule.run([start(answer), start(die), start(answer), start(answer)])
    finally:
        schedule.close()
    assert results.count(42) == 3
    assert sum("worker process died" in str(result) for result in results) == 1


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/x", "//x", "", "a\\b", "a\0b"])
def test_nothing_is_written_outside_the_output(tmp_path: Path, name: str) -> None:
    with pytest.raises(SaveError):
        Folder(tmp_path).write(name, b"")


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Folder(tmp_path).write("book.epub", b"old")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SaveError, match=r"book\.epub.*No space left.*check the folder"):
        Folder(tmp_path).write("book.epub", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["book.epub"]
    assert (tmp_path / "book.epub").read_bytes() == b"old"


FILES = {"films.chapters/a.txt": b"a", "films.chapters/deep/b.txt": b"b", "films.epub": b"c"}


def saved(output: Path) -> dict[str, bytes]:
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()}


def test_a_folder_is_there_as_a_whole_and_readable_for_all(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        Folder(tmp_path / "out").write_all(FILES)
    finally:
        os.umask(mask)
    assert saved(tmp_path / "out") == FILES
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "out").rglob("*")}
    assert modes == {0o755, 0o644}


def test_a_folder_that_is_there_keeps_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "films.chapters").mkdir()
    (tmp_path / "films.chapters" / "mine.txt").write_bytes(b"mine")
    Folder(tmp_path).write_all(FILES)
    assert saved(tmp_path) == FILES | {"films.chapters/mine.txt": b"mine"}


def test_a_folder_that_comes_meanwhile_is_written_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        (tmp_path / "films.chapters").mkdir()
        raise OSError(39, "Directory not empty")

    monkeypatch.setattr(os, "rename", late)
    Folder(tmp_path).write_all(FILES)
    assert saved(tmp_path) == FILES


def test_a_folder_that_cannot_be_written_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(SaveError, match=r"films\.chapters.*No space left.*check the folder"):
        Folder(tmp_path).write_all(FILES)
    assert list(tmp_path.iterdir()) == []


def test_no_name_in_a_folder_leads_out_of_it(tmp_path: Path) -> None:
    with pytest.raises(SaveError):
        Folder(tmp_path / "out").write_all({"films.chapters/a": b"a", "films.chapters/../../b": b"b"})
    assert saved(tmp_path) == {}


def test_only_decks_ask_what_is_known_about_cards(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    places = ("convert.vault.verdicts.read_verdicts", "convert.pipeline.make.read_state")
    for place in (*places, "convert.pipeline.run.PreviousOutputs.elders"):

        def refuse(*_: object, name: str = place.rpartition(".")[2]) -> None:
            asked.append(name)
            raise SaveError("asked")

        monkeypatch.setattr(place, refuse)
    for file in notes.rglob("*.md"):
        os.utime(file, (1, 1))  # else the state of a run is not compared
    report = run(notes, tmp_path / "out", writers=("epub", "chapters"))
    assert [book.failures for book in report.books] == [{}, {}]
    assert asked == []
    with pytest.raises(SaveError, match="asked"):
        run(notes, tmp_path / "out")
    assert asked == ["read_verdicts"]
