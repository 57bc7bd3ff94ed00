"""Tests that files which others may have made are opened without waiting, and read up to a bound."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from convert.errors import ToolError
from convert.files import check_ordinary, open_file, read_file
from convert.storage.folder import Folder
from convert.storage.location import read
from convert.tools.typst_fonts import found_fonts
from tests.support.command import GOOD, Desk


def odd_file(folder: Path, kind: str) -> Path:
    """Return a path that is not an ordinary file."""
    folder.mkdir(exist_ok=True)
    path = folder / "odd"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "link to a pipe":
            os.mkfifo(folder / "pipe")
            path.symlink_to("pipe")
        case "endless device":
            path.symlink_to("/dev/zero")
        case "terminal":
            path.symlink_to("/dev/tty")
        case "socket":
            socket.socket(socket.AF_UNIX).bind(str(path))
        case "folder":
            path.mkdir()
        case "loop":
            path.symlink_to("odd")
    return path


ODD = ("pipe", "link to a pipe", "endless device", "terminal", "socket", "folder", "loop", "missing")


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_ordinary_file_is_an_error_at_once(tmp_path: Path, kind: str) -> None:
    path = odd_file(tmp_path, kind)
    for attempt in (open_file, read_file, check_ordinary, lambda one: read(str(one)), lambda one: read(str(one), 9)):
        with pytest.raises(OSError, match=r".") as caught:
            attempt(path)
        assert caught.value.strerror
    for ask in (Folder(tmp_path).read, Folder(tmp_path).open):
        with pytest.raises(OSError, match=r"."):
            ask("odd")


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "late")
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="not an ordinary file"):
            open_file("late", dir_fd=folder)
    finally:
        os.close(folder)


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"four")
    assert read_file(path) == read_file(path, 4) == b"four"
    assert read(str(path), 3) == b"fou"
    with pytest.raises(OSError, match="has more than"):
        read_file(path, 3)


def test_a_huge_file_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(OSError, match="has more than 300 MB"):
        read_file(path)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_a_file_without_a_size_is_read_up_to_the_bound_too() -> None:
    assert b"python" in read_file("/proc/self/maps")
    with pytest.raises(OSError, match="has more than"):
        read_file("/proc/self/maps", 100)


BESIDE = "films/f [aqz-KE-bpKQ].info.json"


@pytest.mark.parametrize("kind", ["pipe", "huge"])
@pytest.mark.parametrize(
    ("where", "arguments", "said"),
    [
        (BESIDE, (), ""),
        ("films/f [aqz-KE-bpKQ].mp4", (), ""),
        ("films/good.srt", ("--cues",), ""),
        ("films/notebind.toml", (), "SETTINGS"),
        ("films/pyproject.toml", (), ""),
        ("films/own.css", ("--to", "epub", "--css", "films/own.css"), "the style sheet cannot be read"),
        ("films/own.png", ("--to", "epub", "--cover", "films/own.png"), "the cover cannot be read"),
        ("output/films.apkg", ("--to", "anki"), ""),
        ("output/.notebind/films.anki.state", ("--to", "anki"), ""),
        ("output/.notebind/films.chapters.record.json", (), ""),
        ("output/.notebind/findings.msgpack", (), ""),
        ("output/.notebind/pictures.msgpack", (), ""),
    ],
)
def test_no_odd_file_stops_a_build(
    tmp_path: Path, kind: str, where: str, arguments: tuple[str, ...], said: str
) -> None:
    desk = Desk(tmp_path)
    path = tmp_path / where
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "huge":
        with path.open("wb") as file:
            file.truncate(6 << 30)
    else:
        odd = odd_file(tmp_path / "elsewhere", kind)
        os.rename(odd, path) if kind == "pipe" else path.symlink_to("/dev/zero")
    desk.put("films/b.md", f"{GOOD}\n![](a.png)\n")
    desk.put("films/a.png", b"no picture")
    ran = desk.build("films", *arguments)
    if said == "SETTINGS":  # Only a huge one is found as settings; it cannot be obeyed.
        assert (ran.code, "has more than" in ran.err) == ((2, True) if kind == "huge" else (1, False)), ran
    elif said:
        assert (ran.code, ran.err.count(said)) == (1, 1), ran
    else:
        assert ran.code == 1, ran
        assert ran.err.count("error: ") == 1  # the picture
        assert ran.err.count("warning: films: deck-memory-lost films.apkg: ") == where.endswith(".apkg"), ran
        made = {one.name for one in (tmp_path / "output").glob("films*")}
        kept = {"films.kept.apkg"} if where.endswith(".apkg") else set()
        assert made == kept | ({"films.apkg"} if "anki" in arguments else {"films.chapters"}), ran


def test_what_is_no_film_is_named_by_mux(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    os.mkfifo(tmp_path / "f [aqz-KE-bpKQ].mp4")
    ran = desk.run("mux", "f [aqz-KE-bpKQ].mp4", "--notes", "films")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1), ran


def test_a_pipe_among_fonts_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.ttf")
    with pytest.raises(ToolError, match=r"a\.ttf: is not an ordinary file"):
        found_fonts(str(tmp_path))
