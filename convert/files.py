"""Opens files that others may have made: ordinary files only, without waiting, and no more bytes than are wanted.

A folder from elsewhere may hold a pipe, a device, a socket or a file without end in the place of any file.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from io import BufferedReader

LARGEST = 300_000_000
"""Bytes of a file that is read as a whole, unless the caller knows better: its memory is bounded, too."""
_CHUNK = 1 << 20
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"))

StrPath = str | os.PathLike[str]


def open_file(path: StrPath, flags: int = 0, dir_fd: int | None = None) -> BufferedReader:
    """Open an ordinary file for reading and return it. Raises OSError for anything else, at once.

    `flags` (such as O_NOFOLLOW) and `dir_fd` are those of `os.open`.
    """
    # Checked before, because opening a device may already do something, and after, because it may have been replaced.
    if dir_fd is None and not flags:
        check_ordinary(path)
    descriptor, _ = _open(path, flags, dir_fd)
    return open(descriptor, "rb")


def _open(path: StrPath, flags: int = 0, dir_fd: int | None = None) -> tuple[int, int]:
    """Open an ordinary file; return its descriptor and its size in bytes."""
    descriptor = os.open(path, _FLAGS | flags, dir_fd=dir_fd)
    try:
        about = os.fstat(descriptor)
        _check(about.st_mode, path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, about.st_size


def check_ordinary(path: StrPath) -> None:
    """Raise OSError unless a path leads to an ordinary file: for libraries that open it themselves."""
    _check(os.stat(path).st_mode, path)


def _check(mode: int, path: StrPath) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not an ordinary file: a pipe, a socket or a device", os.fspath(path))


def walk(folder: StrPath) -> Iterator[tuple[str, list[str]]]:
    """Yield a folder and those below it, each with the names of what is in it and no folder; no link is followed.

    They may be nested thousands deep, where `os.walk` of Python 3.11 fails. What cannot be read is left out.
    """
    waiting = [os.fspath(folder)]
    while waiting:
        place = waiting.pop()
        try:
            entries = list(os.scandir(place))
        except (OSError, ValueError):
            continue
        yield place, [entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)]
        waiting += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]


def read_file(path: StrPath, most: int = LARGEST, checked: bool = False) -> bytes:
    """Return the bytes of an ordinary file. Raises OSError, also if it has more than `most` bytes.

    `checked` tells that the file was just found to be ordinary.
    """
    data = read_start(path, most + 1, checked)
    if len(data) > most:
        raise _too_large(most)
    return data


def read_start(path: StrPath, most: int, checked: bool = False) -> bytes:
    """Return the first bytes of an ordinary file, at most so many. Raises OSError; `checked` as for `read_file`."""
    if not checked:
        check_ordinary(path)
    descriptor, size = _open(path)
    try:
        data = os.read(descriptor, min(size + 1, most))
        # Files of the system have no size, a file may grow while it is read, and some folders are on a network.
        while len(data) < most and (more := os.read(descriptor, min(_CHUNK, most - len(data)))):
            data += more
    finally:
        os.close(descriptor)
    return data


def read_text(path: StrPath, most: int) -> str:
    """Return the text of an ordinary file in UTF-8, line ends as newlines. Raises OSError and UnicodeDecodeError."""
    text = read_file(path, most).decode("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_all(file: BufferedReader, most: int = LARGEST) -> bytes:
    """Return the rest of an open file. Raises OSError if it has more than `most` bytes."""
    size = os.fstat(file.fileno()).st_size
    data = b"" if size > most else file.read(size + 1) or b""
    # Files of the system have no size, and a file may grow while it is read.
    while size < len(data) <= most and (more := file.read(_CHUNK)):
        data += more
    if max(size, len(data)) > most:
        raise _too_large(most)
    return data


def _too_large(most: int) -> OSError:
    return OSError(errno.EFBIG, f"has more than {most / 1e6:g} MB")
