"""Tests what front matter does in the outputs, besides title and video."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from pathlib import Path

import pytest

from convert.document.note import Video, tags_of
from convert.reader import read_bytes
from tests.support.pictures import SEA, SKY
from tests.support.vaults import OTHER, VIDEO, all_diagnostics, build_files, note, open_files

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


PAGE = 'title:: Tides: "a" talk\nurl:: https://youtu.be/aqz-KE-bpKQ\nalias:: Ebb, [[Flow]]\ntags:: [[sea]], #moon\n'


@pytest.mark.parametrize("text", [PAGE, "\n" + PAGE, "- " + PAGE.replace("\nu", "\n  u").replace("\na", "\n  a")])
def test_the_first_block_of_a_page_of_logseq_is_front_matter(text: str) -> None:
    reading = read_bytes(f"{text}\n- [1:30] a\n- {{{{youtube-timestamp 100}}}} b\n".encode(), "a.md", "c", "a")
    note = reading.note
    assert (note.title, note.video, note.aliases) == ('Tides: "a" talk', Video("youtube", VIDEO), ("Ebb", "Flow"))
    assert tags_of(note.meta) == ("sea", "moon")
    assert [fact.literal_ms for fact in reading.facts.stamps] == [90_000, 100_000]
    assert "::" not in str(note.blocks)
    assert [fact.line for fact in reading.facts.stamps] == [text.count("\n") + 2, text.count("\n") + 3]


@pytest.mark.parametrize(
    "text",
    [
        *("Source:: where a river begins\n", "source:: where a river begins\nmouth:: where it ends\n"),
        *("topic:: sea\nstatus:: done\n", "- url:: https://youtu.be/aqz-KE-bpKQ\n\t- below it\n"),
        *("Words.\n\ntitle:: Tides\n", "```\ntitle:: Tides\n```\n", "What is a gauge:: a stick\n"),
    ],
)
def test_other_first_lines_with_colons_are_text(text: str) -> None:
    note = read_bytes(f"{text}\n[1:30] a\n".encode(), "a.md", "c", "a").note
    assert (note.title, note.meta) == ("a", {})
    assert "::" in str(note.blocks) or "below it" in str(note.blocks)


@pytest.mark.parametrize("opening", ["---yaml", "--- yml", "---YAML \t", "--- \t"])
def test_the_line_that_opens_may_name_its_language_and_end_in_blanks(opening: str) -> None:
    text = f"{opening}\ntitle: Tides\nvideoId: {VIDEO}\n--- \t\n\n[1:30] a\n"
    reading = read_bytes(text.encode(), "a.md", "c", "a")
    assert (reading.note.title, reading.note.video) == ("Tides", Video("youtube", VIDEO))
    assert ("title" in str(reading.note.blocks), reading.diagnostics) == (False, ())


@pytest.mark.parametrize("opening", ["---yamls", "+++yaml", "---  yaml", "---yaml x"])
def test_other_words_behind_the_mark_are_text(opening: str) -> None:
    note = read_bytes(f"{opening}\ntitle: Tides\n---\n\n[1:30] a\n".encode(), "a.md", "c", "a").note
    assert "title: Tides" in str(note.blocks)
