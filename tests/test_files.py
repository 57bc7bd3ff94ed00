"""Tests that files which others may have made are opened without waiting, and read up to a bound."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from convert.files import check_ordinary, open_file, read_file
from convert.storage.folder import Folder
from convert.storage.location import read


def odd_file(folder: Path, kind: str) -> Path:
    """Return a path that is no ordinary file."""
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
        with pytest.raises(OSError, match="no ordinary file"):
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
