"""Tests what front matter does in the outputs, besides title and video."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from pathlib import Path

import pytest

from convert.document.note import tags_of
from tests.support.pictures import SEA, SKY
from tests.support.vaults import OTHER, all_diagnostics, build_files, note, open_files

BODY = "## Waves [00:01:00]\n\nWaves are water that the wind moves. See [[b]]."


@pytest.mark.parametrize("said", ["false", "False", '"false"', "no"])
def test_a_note_that_is_not_to_be_published_is_left_out(said: str, tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"films/a.md": note(BODY), "films/b.md": note("Text", more=f"publish: {said}")})
    assert list(vault.sources) == ["films/a"]
    assert {one.code: one.note.rpartition("/")[2] for one in all_diagnostics(vault)} == {
        "note-private": "b.md",
        "link-missing": "a.md",
    }


def test_a_note_that_is_to_be_published_stays(tmp_path: Path) -> None:
    assert list(open_files(tmp_path, {"films/a.md": note(BODY, more="publish: true")}).sources) == ["films/a"]


def epub(folder: Path, files: dict[str, str | bytes], **options: object) -> zipfile.ZipFile:
    """Return the EPUB of a vault of one channel."""
    assert not build_files(folder, files, "epub", **options).failed()
    return zipfile.ZipFile(io.BytesIO((folder / "output" / "films.epub").read_bytes()))


@pytest.mark.parametrize("written", ["sea.png", '"[[sea.png]]"', '"![[sea.png|300]]"', "../films/sea.png"])
def test_the_cover_of_a_note_is_that_of_a_book_of_one_video(written: str, tmp_path: Path) -> None:
    files = {"films/a.md": note(BODY, more=f"cover: {written}"), "films/sea.png": SEA}
    book = epub(tmp_path, files)
    assert book.read("EPUB/cover.png") == SEA


def test_of_many_videos_no_cover_counts_and_an_option_wins(tmp_path: Path) -> None:
    files = {
        "films/a.md": note(BODY, more="cover: sea.png"),
        "films/b.md": note(BODY, video=OTHER),
        "films/sea.png": SEA,
        "sky.png": SKY,
    }
    assert epub(tmp_path / "two", files).read("EPUB/cover.png") != SEA
    del files["films/b.md"]
    chosen = tmp_path / "sky.png"
    chosen.write_bytes(SKY)
    assert epub(tmp_path / "one", files, cover=str(chosen)).read("EPUB/cover.png") == SKY


def test_a_cover_that_is_missing_is_said(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"films/a.md": note(BODY, more="cover: gone.png")})
    assert ("picture-missing", 1) in [(one.code, one.line) for one in all_diagnostics(vault)]


def test_tags_are_subjects_of_the_book_and_tags_of_the_cards(tmp_path: Path) -> None:
    files = {"films/a.md": note(BODY, more="tags: [weather/storm, '#sea', sea]")}
    package = epub(tmp_path, files).read("EPUB/content.opf").decode()
    assert "<dc:subject>sea</dc:subject>" in package
    assert "<dc:subject>weather/storm</dc:subject>" in package
    assert package.count("<dc:subject>sea<") == 1
    assert not build_files(tmp_path, files, "anki", section_cards=True).failed()
    with zipfile.ZipFile(tmp_path / "output" / "films.apkg") as deck:
        database = sqlite3.connect(":memory:")
        database.deserialize(deck.read("collection.anki2"))
    tags = {tag for (line,) in database.execute("select tags from notes") for tag in line.split()}
    database.close()
    assert {"tag::sea", "tag::weather::storm"} < tags


def test_tags_are_read_in_every_spelling() -> None:
    assert tags_of({"tags": "#a, b/c,, a"}) == ("a", "b/c")
    assert tags_of({"tag": "x"}) == ("x",)
    assert tags_of({}) == ()


def test_the_author_that_all_notes_name_is_that_of_the_book(tmp_path: Path) -> None:
    one = {"films/a.md": note(BODY, more="author: Anna Wave"), "films/b.md": note(BODY, more="author: Anna Wave")}
    assert [book.author for book in open_files(tmp_path / "one", one).books()] == ["Anna Wave"]
    two = one | {"films/b.md": note(BODY)}
    assert [book.author for book in open_files(tmp_path / "two", two).books()] == ["films"]
    assert [book.author for book in open_files(tmp_path / "asked", one, author="Ben").books()] == ["Ben"]
