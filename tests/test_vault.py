"""Tests the vault: which files it finds, their names, their books, and their order."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from convert.config.read import find_settings
from convert.document.book import Book
from convert.document.names import unique_name
from convert.files import walk
from convert.pipeline.run import build
from convert.request import Request
from convert.vault.books import book_name
from convert.vault.discovery import find_sources, plain_name
from convert.vault.video_files import media_files, media_of
from tests.support.pictures import SEA
from tests.support.vaults import OTHER, VIDEO, Files, all_diagnostics, lay_out, note, open_files

THIRD = "R6MlUcmOul8"


def ids(folder: Path, files: Files) -> list[str]:
    return [source.id for source in find_sources([lay_out(folder, files)], folder / "output")[0]]


def test_notes_are_found_down_the_folders(tmp_path: Path) -> None:
    files = dict.fromkeys(["a.md", "films/b.markdown", "films/old/c.TXT", "films/d.pdf", "films/e.md.bak"], "x")
    assert ids(tmp_path, files) == [f"{plain_name(tmp_path.name)}/a", "films/b", "old/c"]


@pytest.mark.parametrize(
    "path", ["output/a.md", ".git/a.md", "films/.obsidian/a.md", "node_modules/x/a.md", "venv/a.md", ".a.md"]
)
def test_not_looked_into(path: str, tmp_path: Path) -> None:
    assert ids(tmp_path, {path: "x", "films/b.md": "x"}) == ["films/b"]


def test_a_virtual_environment_of_any_name_is_not_looked_into(tmp_path: Path) -> None:
    assert ids(tmp_path, {"mine/pyvenv.cfg": "", "mine/a.md": "x", "films/b.md": "x"}) == ["films/b"]


@pytest.mark.parametrize("name", ["#recycle", "$RECYCLE.BIN", "@eaDir", "__MACOSX", "lost+found"])
def test_bins_are_not_looked_into(name: str, tmp_path: Path) -> None:
    assert ids(tmp_path, {f"films/{name}/a.md": "x", f"{name}/sub/a.md": "x", "films/b.md": "x"}) == ["films/b"]


def test_old_versions_that_logseq_keeps_are_no_notes(tmp_path: Path) -> None:
    files = ("logseq/config.edn", "logseq/bak/pages/tides/1.md", "logseq/version-files/1.md", "pages/tides.md")
    assert ids(tmp_path / "graph", dict.fromkeys(files, "x")) == ["pages/tides"]
    assert ids(tmp_path / "talks", dict.fromkeys(["logseq/a.md"], "x")) == ["logseq/a"]


def test_a_file_is_found_once_however_often_it_is_named(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/a.md": "x"})
    films = tmp_path / "films"
    (source,) = find_sources([films, films / "a.md", tmp_path, films])[0]
    assert source.named


def test_a_link_inside_the_folder_is_the_file_itself(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/a.md": "x"})
    (tmp_path / "films" / "b.md").symlink_to("a.md")
    assert [source.slug for source in find_sources([tmp_path / "films"])[0]] == ["a"]


def test_a_loop_of_folders_ends(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/a.md": "x"})
    (tmp_path / "films" / "again").symlink_to(tmp_path / "films")
    assert [source.id for source in find_sources([tmp_path / "films"])[0]] == ["films/a"]


def test_ids_follow_titles_and_never_collide(tmp_path: Path) -> None:
    files = dict.fromkeys(["films/The Sea.md", "films/the_sea.md", "films/the_sea-2.md", "films/!.md"], "x")
    found = ids(tmp_path, files)
    assert sorted(found) == ["films/note", "films/the_sea", "films/the_sea-2", "films/the_sea2"]


def test_folders_of_one_name_are_channels_of_their_own(tmp_path: Path) -> None:
    assert ids(tmp_path, dict.fromkeys(["x/films/a.md", "y/films/a.md"], "x")) == ["films/a", "films-2/a"]


def test_names_without_marks_of_direction(tmp_path: Path) -> None:
    assert ids(tmp_path, {"\u2068films\u2069/\u2068a\u2069.md": "x"}) == ["films/a"]


@pytest.mark.skipif(os.name == "nt", reason="names are bytes elsewhere only")
def test_names_that_are_no_utf_8(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/f\xff"
    os.mkdir(folder)
    Path(os.fsdecode(folder), "a.md").write_text("x")
    (tmp_path / "b.md").write_text("x")
    sources, problems = find_sources([tmp_path])
    assert [source.slug for source in sources] == ["b"]
    assert [(one.code, one.note) for one in problems] == [("file-unreadable", f"{tmp_path}/f\\udcff")]


# Names of books


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hu-po", "hu-po"),
        ("C++", "c"),
        ("The Sea & the Sky", "the-sea-the-sky"),
        ("Œuvres complètes", "œuvres-complètes"),
        ("映画", "映画"),
        ("ﬁlms", "films"),
        ("\u2068films\u2069", "films"),
        ("\u202egpj.exe", "gpj-exe"),
        ("a/b\\c:d", "a-b-c-d"),
        ("CON", "con_"),
        ("com1", "com1_"),
        ("...", "notes"),
        ("", "notes"),
        ("--a--", "a"),
        ("x" * 100, "x" * 80),
        ("a_b", "a_b"),
    ],
)
def test_book_name(name: str, expected: str) -> None:
    assert book_name(name) == expected


def test_a_book_name_fits_a_file_name_in_bytes() -> None:
    assert len(book_name("映" * 100).encode()) <= 200


def test_a_taken_name_gets_a_number() -> None:
    taken: set[str] = set()
    assert [unique_name(name, taken) for name in ("c", "c", "c-2", "c")] == ["c", "c-2", "c-2-2", "c-3"]


def test_colliding_books_are_told_apart_in_the_order_of_their_paths(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {f"{name}/a.md": note("It rains.") for name in ("C#", "C++", "C")})
    assert [(book.name, book.title) for book in vault.books()] == [("c", "C"), ("c-2", "C#"), ("c-3", "C++")]
    assert [one.code for one in vault.file_diagnostics] == ["book-renamed", "book-renamed"]


# Index pages and order

INDEX = f"""---
title: The films of all times
---
### [Sintel \\[short\\] &amp; more](https://www.youtube.com/watch?v={OTHER})
- [[storm | The storm]]
- [[sea]]

## [Bunny](https://youtu.be/{VIDEO}) ##
* [[Of Rabbits]]
"""


def parts(books: Iterable[Book]) -> list[tuple[str, list[str]]]:
    return [(part.title, [entry.slug for entry in part.notes]) for book in books for part in book.parts]


def test_the_index_page_gives_order_and_titles(tmp_path: Path) -> None:
    files = {
        "films/films.md": INDEX,
        "films/of_rabbits.md": note("a", "Rabbits", VIDEO),
        "films/sea.md": note("a", "Aaa", OTHER),
        "films/storm.md": note("a", "Zzz", OTHER),
        "films/unlisted.md": note("a", "Nnn", OTHER),
        "films/alone.md": note("a", "Tears", THIRD),
        "films/no_video.md": note("[0:10]", "None", ""),
    }
    vault = open_files(tmp_path, files)
    assert [book.title for book in vault.books()] == ["The films of all times"]
    assert parts(vault.books()) == [
        ("Sintel [short] & more", ["storm", "sea", "unlisted"]),
        ("Bunny", ["of_rabbits"]),
        ("Tears", ["alone"]),
        ("", ["no_video"]),
    ]


def test_without_an_index_videos_come_by_title(tmp_path: Path) -> None:
    files = {
        "films/c.md": note("a", "beta", VIDEO),
        "films/b.md": note("a", "Gamma", VIDEO),
        "films/a.md": note("a", "Alpha", OTHER),
    }
    assert parts(open_files(tmp_path, files).books()) == [("Alpha", ["a"]), ("beta", ["c", "b"])]


def test_a_note_belongs_to_the_video_of_its_front_matter(tmp_path: Path) -> None:
    files = {
        "films/films.md": f"### [One](https://youtu.be/{VIDEO})\n- [[a]]\n### [Two](https://youtu.be/{OTHER})\n- [[a]]",
        "films/a.md": note("a", "A", OTHER),
    }
    assert parts(open_files(tmp_path, files).books()) == [("Two", ["a"])]


def test_a_video_listed_twice_comes_once(tmp_path: Path) -> None:
    listed = f"### [One](https://youtu.be/{VIDEO})\n- [[a]]\n### [Again](https://youtu.be/{VIDEO})\n- [[b]]"
    files = {"films/films.md": listed, "films/b.md": note("a", "A"), "films/a.md": note("a", "B")}
    assert parts(open_files(tmp_path, files).books()) == [("One", ["a", "b"])]


def test_an_index_page_is_no_note_and_no_missing_target(tmp_path: Path) -> None:
    listed = f"### [One](https://youtu.be/{VIDEO})\n- [[a]]"
    vault = open_files(
        tmp_path, {"films/films.md": listed, "films/a.md": note("From the [[films]] and [[films/films|f]]")}
    )
    assert list(vault.sources) == ["films/a"]
    assert all_diagnostics(vault) == []


def test_a_text_that_is_neither_is_reported(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"films/a.md": note(), "films/LICENSE.txt": "Do what you like."})
    assert [(one.code, Path(one.note).name) for one in all_diagnostics(vault)] == [("not-a-note", "LICENSE.txt")]


def test_a_named_file_is_a_note_whatever_it_holds(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"films/a.md": "Just text."}, "films/a.md")
    assert [book.name for book in vault.books()] == ["a"]


# Siblings and context


def test_notes_of_one_video_in_two_channels_are_siblings(tmp_path: Path) -> None:
    vault = open_files(
        tmp_path, {"films/a.md": note("[0:10]"), "talks/b.md": note("[0:20]"), "talks/c.md": note("", "", OTHER)}
    )
    siblings = {book.name: [[entry.id for entry in part.siblings] for part in book.parts] for book in vault.books()}
    assert siblings == {"films": [["talks/b"]], "talks": [["films/a"], []]}


def test_a_single_file_is_its_own_vault(tmp_path: Path) -> None:
    files = {"films/a.md": note("[[b]]"), "films/b.md": note("", "The other")}
    vault = open_files(tmp_path, files, "films/a.md")
    assert [source.slug for source in vault.sources.values()] == ["a"]
    assert "link-missing" in {one.code for one in all_diagnostics(vault)}


def test_a_vault_gives_a_file_its_context_but_no_more_books(tmp_path: Path) -> None:
    files = {"films/a.md": note("[[b]] [0:10]"), "films/b.md": note("[0:20]", "The other")}
    lay_out(tmp_path, files)
    vault = open_files(tmp_path, {}, "films/a.md", vault=tmp_path / "films")
    assert [book.name for book in vault.books()] == ["a"]
    assert "link-missing" not in {one.code for one in all_diagnostics(vault)}
    assert [entry.id for entry in vault.book(0).parts[0].siblings] == ["films/b"]


def test_one_book_holds_everything(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"films/a.md": note(), "talks/b.md": note("", "", OTHER)}, one_book="All")
    assert [(book.name, len(book.summaries())) for book in vault.books()] == [("all", 2)]


def test_back_links_come_from_the_same_book_once_each(tmp_path: Path) -> None:
    files = {
        "films/a.md": note("[[c]] [[c]]", "A"),
        "films/b.md": note("[[c|x]] [[b]]", "B"),
        "films/c.md": note("[[c]]", "C"),
        "talks/d.md": note("[[c]]", "D", OTHER),
    }
    entries = {
        entry.id: entry.linked_from for book in open_files(tmp_path, files).books() for entry in book.summaries()
    }
    assert entries == {"films/a": (), "films/b": (), "films/c": ("films/a", "films/b"), "talks/d": ()}


FOREIGN = ("a.md", "[aqz-KE-bpKQ].mp4", "[aqz-KE-bpKQ].info.json", "[aqz-KE-bpKQ].srt", "notebind.toml")


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("target", ["x" * 300, "x/" * 2000, ".", "/proc/self/mem", "b.md/c"], ids=range(5))
def test_links_to_what_cannot_be_end_no_run(name: str, target: str, tmp_path: Path) -> None:
    folder = lay_out(tmp_path, {"films/b.md": note("## B [00:00:10]\n\n![](a.png)\n", "b")}) / "films"
    for link in (name, "pyproject.toml", "a.png"):
        (folder / link).symlink_to(target if link == name else "x" * 300)
    (folder / "itself.srt").symlink_to("itself.srt")
    report = build(Request((folder,), tmp_path / "output", ("epub", "chapters", "html"), jobs=1))
    assert [(book.size, book.failures) for book in report.books] == [(1, {})]
    assert find_settings([folder]) is None or name == "notebind.toml"
    assert media_of([], media_files((), folder)) == {}


def test_folders_nested_a_thousand_deep_end_no_run(tmp_path: Path) -> None:
    """Python calls a function within itself a thousand times at most."""
    folder = lay_out(tmp_path, {"films/a.md": note("## A [00:00:10]\n\n![](deep.png)\n")}) / "films"
    before = os.open(folder, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("d", dir_fd=before)
        inner = os.open("d", os.O_RDONLY, dir_fd=before)
        os.close(before)
        before = inner
    for name, text in (("b.md", note("## B [00:00:20]\n", video=OTHER)), ("deep.png", SEA)):
        with open(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=before), "w" if name == "b.md" else "wb") as file:
            file.write(text)
    os.close(before)
    report = build(Request((folder,), tmp_path / "output", ("epub", "html", "chapters"), jobs=1, videos=folder))
    assert sum(book.size for book in report.books) == 2
    assert not report.failed()
    for place, names in reversed(list(walk(folder / "d"))):  # shutil calls itself, too
        for name in names:
            os.unlink(os.path.join(place, name))
        os.rmdir(place)
