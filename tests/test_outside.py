"""Tests that nothing outside the output folder is written, read as our own or deleted, whatever is in its place."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from convert.errors import SaveError
from convert.pipeline.records import PreviousOutputs, Record, Saved, record_name, save_record
from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Request
from convert.storage import below
from convert.storage.folder import Folder
from convert.storage.object_store import Store
from convert.storage.sealed import write_sealed
from tests.support.command import Desk
from tests.support.swapping import swapping
from tests.support.vaults import lay_out, note

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")

FILES = {
    "films/a.md": note("## What is a?\n\nAn **a** is a word [00:00:10].\n", "Words"),
    "plays/b.md": note("## B [00:00:20]\n"),
}
FORMATS = ("epub", "chapters", "anki", "html")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with notes, and with a folder of the user's beside the output."""
    lay_out(tmp_path, FILES)
    lay_out(tmp_path / "victim", {"precious.txt": "mine"})
    return tmp_path


def run(place: Path, **settings: Any) -> Report:
    settings = {"writers": FORMATS, "jobs": 1} | settings
    return build(Request((place / "films", place / "plays"), place / "output", **settings))


def victims(place: Path) -> dict[str, str]:
    files = (path for path in (place / "victim").rglob("*") if path.is_file())
    return {str(path.relative_to(place / "victim")): path.read_text("utf-8") for path in files}


def failures(report: Report) -> list[str]:
    return [cause for book in report.books for cause in book.failures.values()]


@pytest.mark.parametrize("by_handle", [True, False])
@pytest.mark.parametrize("name", ["films.chapters", "films.html", "films.html/media", "films.html/deep"])
def test_a_link_in_place_of_a_folder_is_one_line(
    place: Path, name: str, by_handle: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(below, "BY_HANDLE", by_handle)
    link = place / "output" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(place / "victim")
    folder = Folder(place / "output")
    for action in (
        lambda: folder.write(f"{name}/new.txt", b"x"),
        lambda: folder.write_all({f"{name}/one.txt": b"x", f"{name}/two.txt": b"x"}),
        lambda: folder.write_copy(f"{name}/copy", place / "films" / "a.md"),
    ):
        with pytest.raises(SaveError, match="is a link, which is not followed: move it away, or choose another --out"):
            action()
    for reading in (folder.read, folder.remove, lambda one: folder.states([one]), folder.open):
        with pytest.raises(OSError, match="is a link"):
            reading(f"{name}/precious.txt")
    folder.write_all({"other.txt": b"x"})
    with folder.locked(("*.chapters", "*.html", "*.html/media")):
        assert victims(place) == {"precious.txt": "mine"}


@pytest.mark.parametrize(("name", "writer"), [("films.chapters", "chapters"), ("films.html", "html")])
def test_the_other_books_and_formats_are_made(place: Path, name: str, writer: str) -> None:
    (place / "output").mkdir()
    (place / "output" / name).symlink_to(place / "victim")
    report = run(place)
    assert [list(book.failures) for book in report.books] == [[writer], []]
    assert str(place / "output" / name) in failures(report)[0]
    assert report.failed()
    assert victims(place) == {"precious.txt": "mine"}
    assert {one.writer for one in report.books[0].artifacts} == {*FORMATS} - {writer}
    (place / "output" / name).unlink()
    assert not run(place).failed()


@pytest.mark.parametrize("kind", ["link", "broken link", "file"])
def test_something_else_in_place_of_the_records_is_one_line(place: Path, kind: str) -> None:
    (place / "output").mkdir()
    kept = place / "output" / ".notebind"
    if kind == "file":
        kept.write_text("mine", "utf-8")
    else:
        kept.symlink_to(place / ("victim" if kind == "link" else "nowhere"))
    with pytest.raises(SaveError, match=r"\.notebind: is .*: move it away, or choose another --output"):
        run(place)
    assert victims(place) == {"precious.txt": "mine"}
    assert os.listdir(place / "output") == [".notebind"]
    assert not (place / "nowhere").exists()


def test_a_link_in_place_of_a_file_is_never_written_through(place: Path) -> None:
    (place / "output" / ".notebind").mkdir(parents=True)
    names = ("films.epub", "films.apkg", ".notebind/films.anki.state", ".notebind/findings.msgpack")
    for name in (*names, record_name("films", "epub")):
        (place / "output" / name).symlink_to(place / "victim" / "precious.txt")
    for path in place.rglob("*.md"):
        os.utime(path, (1, 1))
    assert not run(place).failed()
    assert victims(place) == {"precious.txt": "mine"}
    # The record of the EPUB was of no use, so it calls nothing ours.
    links = {path.name for path in (place / "output").rglob("*") if path.is_symlink()}
    assert links == {"films.kept.apkg", "films.kept.epub"}


# The user's own files in the place of results


def test_a_book_of_other_notes_with_the_same_name_is_replaced_with_a_word(tmp_path: Path) -> None:
    for place in ("one", "two"):
        lay_out(tmp_path / place, {"films/a.md": note(f"Words of {place} [00:00:01].", "Waves")})

    def told(*notes: str) -> list[str]:
        request = Request(tuple(tmp_path / one for one in notes), tmp_path / "output", ("epub", "anki"), jobs=1)
        return [one.message for one in build(request).diagnostics if one.code == "book-replaced"]

    assert told("one") == told("one/films/a.md") == told("one/films") == []
    assert [str(tmp_path / "one" / "films") in message for message in told("two")] == [True, True]
    shutil.rmtree(tmp_path / "two")
    assert told("one") == []


def moved(report: Report) -> list[tuple[str, str]]:
    """Return what was moved aside: the name, and the end of the message."""
    found = [one for one in report.diagnostics if one.code == "artifact-moved"]
    return sorted((one.note.rpartition("/")[2], one.message) for one in found)


def put(path: Path, kind: str) -> None:
    """Put something of the user's at a path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "file":
            path.write_text("my novel", "utf-8")
        case "link":
            path.symlink_to(path.parents[1] / "victim" / "precious.txt")
        case "broken link":
            path.symlink_to("nowhere")
        case "pipe":
            os.mkfifo(path)
        case "folder":
            lay_out(path, {"chapter.txt": "my novel"})
        case "empty folder":
            path.mkdir()


@pytest.mark.parametrize("kind", ["file", "link", "broken link", "pipe", "folder", "empty folder"])
@pytest.mark.parametrize("by_handle", [True, False])
def test_what_was_there_before_the_first_build_is_kept(
    place: Path, kind: str, by_handle: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(below, "BY_HANDLE", by_handle)
    path = place / "output" / "films.epub"
    put(path, kind)
    before = path.lstat()
    report = run(place)
    assert not report.failed()
    assert moved(report) == [
        ("films.epub", "was here before, and notebind has no record of it: kept as films.kept.epub")
    ]
    kept = (place / "output" / "films.kept.epub").lstat()
    assert (kept.st_ino, kept.st_mode, kept.st_size) == (before.st_ino, before.st_mode, before.st_size)
    assert path.read_bytes().startswith(b"PK")
    assert victims(place) == {"precious.txt": "mine"}
    again = run(place)
    assert again.diagnostics == []
    assert all(book.unchanged == list(FORMATS) for book in again.books)


def test_each_kept_file_has_a_name_of_its_own(place: Path) -> None:
    names = ("films.epub", "films.kept.epub", "films.kept-2.epub")
    lay_out(place / "output", {name: f"my {name}" for name in names})
    assert moved(run(place))[0][1].endswith("kept as films.kept-3.epub")
    kept = [(place / "output" / name).read_text("utf-8") for name in (*names[1:], "films.kept-3.epub")]
    assert kept == ["my films.kept.epub", "my films.kept-2.epub", "my films.epub"]


def test_files_in_folders_of_results_are_kept(place: Path) -> None:
    run(place)
    made = next((place / "output" / "films.chapters").glob("*.srt")).relative_to(place / "output")
    shutil.rmtree(place / "output")
    lay_out(place / "output", {str(made): "mine", "films.html/index.html": "mine", "films.html/notes.txt": "mine"})
    assert [name for name, _ in moved(run(place))] == sorted([made.name, "index.html"])
    for name in (made.with_suffix(".kept.srt"), Path("films.html/index.kept.html"), Path("films.html/notes.txt")):
        assert (place / "output" / name).read_text("utf-8") == "mine"


def test_a_file_in_place_of_a_later_result_is_kept(place: Path) -> None:
    """A record of the book alone does not make a file ours: its name has to be in the record."""
    run(place, writers=("anki",))
    lay_out(place / "output", {"films.anki.txt": "my table"})
    report = run(place, writers=("anki",), options={"anki": {"tsv": True}})
    assert moved(report) == [
        ("films.anki.txt", "was here before, and notebind has no record of it: kept as films.anki.kept.txt")
    ]


def test_what_the_user_changed_is_kept_when_it_is_made_again(place: Path) -> None:
    run(place)
    path = place / "output" / "films.epub"
    path.write_bytes(path.read_bytes() + b"my marks")
    (place / "films" / "a.md").write_text(note("## What is c?\n\nA **c** is a word [00:00:12].\n"), "utf-8")
    report = run(place)
    assert moved(report) == [("films.epub", "was changed since it was made: kept as films.kept.epub")]
    assert (place / "output" / "films.kept.epub").read_bytes().endswith(b"my marks")
    assert moved(run(place, force=True)) == []


def test_what_was_made_before_is_ours(place: Path) -> None:
    """Files that were touched, or are as they would be, are replaced, whether or not there is a record of them."""
    run(place)
    for path in (place / "output").rglob("*"):
        os.utime(path, (1, 1))
    assert moved(run(place, force=True)) == []
    for path in (place / "output" / ".notebind").glob("*.record.json"):
        path.write_bytes(b"{")
    assert moved(run(place)) == []
    shutil.rmtree(place / "output" / ".notebind")
    assert moved(run(place)) == []
    assert not list((place / "output").rglob("*.kept*"))


@pytest.mark.parametrize(
    "record", [b"{", b'{"fingerprint":"', b"notebind kept 1 of any folder\n", b"notebind kept 9 x\n"]
)
def test_no_record_of_others_has_a_file_of_the_user_replaced(place: Path, record: bytes) -> None:
    """Whoever damages a record, or writes one of another version, would else choose what is overwritten."""
    names = [f"films.html/{one}" for one in ("index.html", "index.md", "theme.css")]
    lay_out(place / "output", dict.fromkeys(("films.epub", "films.apkg", *names), "mine"))
    for writer in FORMATS:
        lay_out(place / "output", {record_name("films", writer): record})
    run(place)
    kept = [path for path in (place / "output").rglob("*") if path.is_file() and path.read_bytes() == b"mine"]
    assert len(kept) == 5


def test_many_files_in_the_way_are_few_lines(place: Path) -> None:
    run(place)
    shutil.rmtree(place / "output" / ".notebind")
    chapters = [path for path in (place / "output" / "films.chapters").iterdir() if path.is_file()]
    for path in chapters:
        path.write_text("mine", "utf-8")
    said = [one for one in run(place).diagnostics if one.code == "artifact-moved"]
    assert len(chapters) > len(said) == 4
    assert said[-1].message.startswith(f"{len(chapters) - 3} more files: was here before")
    assert sum(".kept." in path.name for path in (place / "output" / "films.chapters").iterdir()) == len(chapters)


def test_cards_are_recalled_from_a_deck_that_is_moved_aside(place: Path) -> None:
    (place / "films" / "a.md").write_text(note("What is a?::A word [00:00:10].\n"), "utf-8")
    run(place)
    shutil.rmtree(place / "output" / ".notebind")
    (place / "films" / "a.md").write_text(note("What is a?::A letter [00:00:10].\n"), "utf-8")
    report = run(place)
    assert [name for name, _ in moved(report) if name.endswith(".apkg")] == ["films.apkg"]
    (changes,) = (one.message for one in report.books[0].diagnostics if one.code == "deck-changes")
    assert changes.startswith("0 new, 1 changed")


def test_a_killed_first_build_leaves_files_that_are_ours(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record of what will be saved comes before it."""

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("convert.pipeline.make.all_saved", killed)
        with pytest.raises(KeyboardInterrupt):
            run(place)
    assert any((place / "output").glob("films.*"))
    assert moved(run(place)) == []
    assert not list((place / "output").rglob("*.kept*"))


def test_nothing_is_replaced_when_what_is_there_cannot_be_moved(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(place / "output", {"films.epub": "my novel"})

    def fail(*_: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(below.Opened, "_rename_to_new", fail)
    assert "films.epub: cannot be written (Read-only file system)" in failures(run(place))[0]
    assert (place / "output" / "films.epub").read_text("utf-8") == "my novel"


def test_an_output_folder_may_be_a_link(place: Path) -> None:
    (place / "elsewhere").mkdir()
    (place / "output").symlink_to(place / "elsewhere")
    assert not run(place).failed()
    assert (place / "elsewhere" / "films.epub").is_file()
    assert all(book.unchanged == list(FORMATS) for book in run(place).books)


@pytest.mark.skipif(not below.BY_HANDLE, reason="needs folders that are opened one in the other")
def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(place: Path) -> None:
    """While files are written, another thread puts a link in place of their folder again and again."""
    folder, inside = Folder(place / "output"), place / "output" / "films.chapters"
    inside.mkdir(parents=True)
    with swapping(inside, place / "victim"):
        for number in range(1500):
            with suppress(SaveError, OSError):
                folder.write(f"films.chapters/{number}.txt", b"x")
                folder.remove(f"films.chapters/{number}.txt")
                folder.remove("films.chapters/precious.txt")
            with suppress(OSError):
                assert folder.read("films.chapters/precious.txt") != b"mine"
    assert victims(place) == {"precious.txt": "mine"}


def test_leftovers_behind_a_link_are_not_swept(place: Path) -> None:
    lay_out(place / "victim", {".notebind-x.tmp": "mine", ".notebind-y.tmp/z": "mine"})
    (place / "output").mkdir()
    for name in ("films.chapters", "films.html", ".notebind-z.tmp"):
        (place / "output" / name).symlink_to(place / "victim")
    before = victims(place)
    run(place)
    assert victims(place) == before
    assert not (place / "output" / ".notebind-z.tmp").is_symlink()


@pytest.mark.parametrize("name", ["a\\b.state", "\udcff.state", "x.msgpack", "d.state/deep", "q.w.record.json/x"])
def test_odd_names_among_the_records_end_no_run(place: Path, name: str) -> None:
    run(place)
    path = place / "output" / ".notebind" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    for path in place.rglob("*.md"):
        os.utime(path, (1, 1))
    for _ in range(3):
        report = run(place)
        assert not report.failed()
    assert all(book.unchanged == list(FORMATS) for book in report.books)


@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_an_output_that_is_no_folder_stays_as_it_is(place: Path, kind: str) -> None:
    path = place / "output"
    os.mkfifo(path) if kind == "pipe" else path.write_bytes(b"mine")
    assert len(failures(run(place))) == 2 * len(FORMATS)
    assert path.is_fifo() or path.read_bytes() == b"mine"


def test_a_copy_that_fails_names_the_file_at_fault(place: Path) -> None:
    """It was always the target that was named."""
    folder = Folder(place / "output")
    for source in (place / "absent.mp4", place / "films"):
        with pytest.raises(SaveError, match=f"^{source}: cannot be read"):
            folder.write_copy("a/film.mp4", source)
    with pytest.raises(SaveError, match=r"x\.mp4: cannot be written"):
        folder.write_copy(f"a/{300 * 'x'}.mp4", place / "films" / "a.md")
    assert os.listdir(place / "output" / "a") == []


REPORTS = {
    "note": "films/a.md",
    "empty note": "films/empty.md",
    "folder": "films",
    "JSON of others": "data.json",
    "link": "link.json",
}


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_replaces_only_a_report(place: Path, kind: str) -> None:
    lay_out(place, {"films/empty.md": "", "data.json": '{"schema": 1, "books": 3}'})
    (place / "link.json").symlink_to(place / "victim" / "precious.txt")
    path = place / REPORTS[kind]
    before = path.read_bytes() if path.is_file() else b""
    done = Desk(place).run("build", "films", "-o", "output", "-t", "chapters", "--report", REPORTS[kind])
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert victims(place) == {"precious.txt": "mine"}
    assert not any((place / "output").glob("films*"))


def test_a_report_replaces_a_report_and_no_result(place: Path) -> None:
    command = ["build", "films", "-o", "output", "-t", "epub", "-q", "--report"]
    desk = Desk(place)
    assert desk.run(*command, "report.md").code == 0
    (place / "empty").touch()
    for name in ("report.md", "empty"):
        assert desk.run(*command, name).code == 0
        assert '"films.epub"' in (place / name).read_text("utf-8")
    shutil.rmtree(place / "output")
    assert desk.run(*command, "output/films.epub").code == 2
    assert (place / "output" / "films.epub").read_bytes().startswith(b"PK")


def test_a_report_goes_into_a_pipe_that_was_named(place: Path) -> None:
    from convert.cli.summary import write_report

    os.mkfifo(place / "pipe")
    reader = os.open(place / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_report(place / "pipe", Report([], []))
    assert b'"schema": 1' in os.read(reader, 1000)
    os.close(reader)
    assert (place / "pipe").is_fifo()


# Records


def forged(path: str, data: bytes = b"mine", **changes: Any) -> Record:
    from hashlib import sha256

    saved = Saved("chapters", path, len(data), sha256(data).hexdigest(), 1)
    record = Record("a", "gone", "chapters", ("films-that-are-gone",), (saved,), (), {})
    return msgspec.structs.replace(record, **changes)


def test_a_record_without_a_seal_prunes_nothing(place: Path) -> None:
    lay_out(place / "output", {"thesis.txt": "mine"})
    path = place / "output" / record_name("gone", "chapters")
    path.parent.mkdir()
    path.write_bytes(msgspec.json.encode(forged("thesis.txt")))
    assert run(place, prune=True).gone == []
    assert (place / "output" / "thesis.txt").read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["link/precious.txt", "../victim/precious.txt", "precious.txt", ".notebind/../own"])
def test_a_record_of_what_lies_outside_prunes_nothing(place: Path, name: str) -> None:
    lay_out(place / "output", {"own": "mine"})
    (place / "output" / "link").symlink_to(place / "victim")
    (place / "output" / "precious.txt").symlink_to(place / "victim" / "precious.txt")
    save_record(Folder(place / "output"), forged(name))
    report = run(place, prune=True)
    assert [one.code for one in report.diagnostics] == ["artifact-kept"]
    assert victims(place) == {"precious.txt": "mine"}
    assert (place / "output" / "own").exists()
    assert (place / "output" / "link").is_symlink()


@pytest.mark.parametrize(
    "book", ["../victim/x", "/etc/x", "a\\b", "a\0b", "", "x" * 5000, "a/../../b", "link/x", "ü\u202e"]
)
def test_a_record_whose_book_or_file_lies_elsewhere_ends_no_run(place: Path, book: str) -> None:
    folder = Folder(place / "output")
    lay_out(place / "output", {"own": "mine"})
    (place / "output" / "link").symlink_to(place / "victim")
    for number, one in enumerate((forged("own.gone", book=book), forged(book), forged(f"{book}/y"))):
        write_sealed(folder, record_name(f"gone{number}", "chapters"), (msgspec.json.encode(one),))
    for _ in range(2):
        report = run(place, prune=True)
        assert {one.code for one in report.diagnostics} <= {"artifact-kept", "record-unusable"}
    assert victims(place) == {"precious.txt": "mine"}
    assert (place / "output" / "own").read_text("utf-8") == "mine"


@pytest.mark.parametrize("elsewhere", ["copy", "deep/copy"])
def test_a_record_that_came_along_prunes_nothing(place: Path, elsewhere: str) -> None:
    run(place)
    shutil.copytree(place / "output", place / elsewhere, symlinks=True)
    shutil.rmtree(place / "plays")
    request = Request((place / "films",), place / elsewhere, writers=FORMATS, jobs=1, prune=True)
    report = build(request)
    assert report.gone == []
    assert (place / elsewhere / "plays.epub").exists()
    assert report.books[0].unchanged == []
    (said,) = [one for one in report.diagnostics if one.code != "artifact-moved"]
    assert (said.code, said.severity) == ("record-foreign", "info")
    assert said.message.startswith("of another folder or user: ")
    assert said.message.endswith("files of books that are gone have to be removed by hand")
    assert [one.code for one in build(request).diagnostics] == []


def test_a_record_under_another_name_is_none(place: Path) -> None:
    run(place)
    kept = place / "output" / ".notebind"
    (kept / "films.epub.record.json").rename(kept / "gone.epub.record.json")
    shutil.rmtree(place / "films")
    request = Request((place / "plays",), place / "output", writers=FORMATS, jobs=1, prune=True)
    assert {record.writer for record in build(request).gone} == {*FORMATS} - {"epub"}
    assert (place / "output" / "films.epub").exists()


def test_what_the_user_changed_is_not_pruned(place: Path) -> None:
    run(place)
    (place / "output" / "plays.epub").write_bytes(b"my own")
    changed = next((place / "output" / "plays.chapters").glob("*.srt"))
    changed.write_text("my own", "utf-8")
    os.utime(place / "output" / "plays.apkg", (1, 1))
    shutil.rmtree(place / "plays")
    request = Request((place / "films",), place / "output", writers=FORMATS, jobs=1, prune=True)
    report = build(request)
    said = [(one.code, one.note) for one in report.diagnostics]
    assert said == [
        ("artifact-kept", f"{place}/output/plays.chapters/{changed.name}"),
        ("artifact-kept", f"{place}/output/plays.epub"),
    ]
    assert sorted(path.name for path in (place / "output").glob("plays*")) == ["plays.chapters", "plays.epub"]
    assert list((place / "output" / "plays.chapters").iterdir()) == [changed]
    assert build(request).diagnostics == []
    assert not any(one.path == "plays.epub" for record in report.gone for one in record.artifacts)


@pytest.mark.parametrize("name", ["plays.epub", "plays.chapters/", "plays.anki.state", "plays.epub.record.json"])
def test_what_cannot_be_removed_is_told_and_tried_again(
    place: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(place)
    shutil.rmtree(place / "plays")
    request = Request((place / "films",), place / "output", writers=FORMATS, jobs=1, prune=True)
    removed = Folder.remove

    def fail(folder: Folder, path: str) -> None:
        if name in path:
            raise OSError(errno.EROFS, "Read-only file system", path)
        removed(folder, path)

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "remove", fail)
        for _ in range(2):
            report = build(request)
            assert {one.code for one in report.diagnostics} == {"artifact-kept"}
            assert all(name in one.note for one in report.diagnostics)
            assert "could not be removed (Read-only file system): kept" in report.diagnostics[0].message
            assert not any(name in one.path for record in report.gone for one in record.artifacts)
        assert [path for path in (place / "output").rglob("plays*") if name.rstrip("/") in path.name]
    assert build(request).diagnostics == []
    assert list((place / "output").rglob("plays*")) == []
    assert build(request).gone == []


def test_a_file_that_cannot_be_read_is_not_called_changed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(place)
    shutil.rmtree(place / "plays")
    opened = Folder.open

    def fail(folder: Folder, path: str) -> Any:
        if path == "plays.epub":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(folder, path)

    request = Request((place / "films",), place / "output", writers=FORMATS, jobs=1, prune=True)
    with monkeypatch.context() as patched:
        patched.setattr(Folder, "open", fail)
        (said,) = build(request).diagnostics
    assert "could not be removed (Permission denied)" in said.message
    assert build(request).diagnostics == []
    assert list((place / "output").rglob("plays*")) == []


@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1:9/x",
        "https://a.invalid/x",
        "s3://bucket/x",
        "ftp://a.invalid/",
        "file://a.invalid/x",
        "x" * 9000,
    ],
)
def test_a_record_of_addresses_has_nobody_asked(place: Path, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(store: Store) -> bool:
        raise AssertionError(f"{store} was asked")

    monkeypatch.setattr(Store, "exists", asked)
    save_record(Folder(place / "output"), msgspec.structs.replace(forged("old.epub"), origins=(origin,)))
    assert not run(place).failed()
    run(place, prune=True)
    named = PreviousOutputs(Folder(place / "output"), ("s3://bucket/x",))
    if origin.startswith("s3:"):
        with pytest.raises(AssertionError, match="was asked"):
            named.gone(set(), ())
