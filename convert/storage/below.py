"""Reaches files below a folder without following links, even those that another program makes meanwhile.

Kept apart from `folder` because it alone knows handles of folders. Where these do not exist (Windows), the path of a
subfolder is compared before each use.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

TEMPORARY = ".notebind-*.tmp"
"""The names of temporary files and folders."""
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
BY_HANDLE = os.open in os.supports_dir_fd
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW | getattr(os, "O_BINARY", 0)


@contextmanager
def subfolder(root: Path, names: Sequence[str], make: bool = False) -> Iterator[tuple[int | None, str]]:
    """Yield what reaches the files of a subfolder: its handle for `dir_fd`, and the start of their paths.

    `root` itself may be a link. With `make`, missing folders are made. Raises OSError; a NotADirectoryError with the
    path of a link or file that is in place of a folder.
    """
    if make and not root.is_dir():
        root.mkdir(parents=True, exist_ok=True)
    if not BY_HANDLE:
        yield None, _compared(root, names, make)
        return
    handle = os.open(root, _FOLDER)
    try:
        for number, name in enumerate(names):
            try:
                inner = _entered(name, handle, make)
            except OSError as error:
                raise _in_the_way(error, root.joinpath(*names[: number + 1])) from error
            os.close(handle)
            handle = inner
        yield handle, ""
    finally:
        os.close(handle)


def _entered(name: str, parent: int, make: bool) -> int:
    """Return the handle of a folder in the one with the handle `parent`."""
    try:
        return os.open(name, _FOLDER | NOFOLLOW, dir_fd=parent)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
    return os.open(name, _FOLDER | NOFOLLOW, dir_fd=parent)


def _compared(root: Path, names: Sequence[str], make: bool) -> str:
    """Return the start of the paths of files in a subfolder. Raises OSError if a link is on the way."""
    real, path = os.path.realpath(root), root
    for name in names:
        real, path = os.path.join(real, name), path / name
        if make:
            with suppress(FileExistsError):
                path.mkdir()
        if os.path.normcase(os.path.realpath(path)) != os.path.normcase(real) or path.is_file():
            raise _in_the_way(NotADirectoryError(errno.ENOTDIR, ""), path)
    return os.path.join(path, "")


def _in_the_way(error: OSError, path: Path) -> OSError:
    """Return the error of a folder that could not be entered, with its whole path."""
    if error.errno not in (errno.ENOTDIR, errno.ELOOP):
        return OSError(error.errno, error.strerror, str(path))
    kind = "a link, which is not followed" if path.is_symlink() else "no folder"
    return NotADirectoryError(errno.ENOTDIR, f"is {kind}", str(path))


def exists(path: str, handle: int | None) -> bool:
    """Return whether there is anything at a path, if only a broken link."""
    try:
        os.stat(path, dir_fd=handle, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def temporary_name() -> str:
    """Return a name for a temporary file or folder, which no other has."""
    return TEMPORARY.replace("*", os.urandom(6).hex())


def create(path: str, handle: int | None, pieces: Iterable[bytes]) -> None:
    """Write a new file. Raises OSError, FileExistsError if there is one."""
    with os.fdopen(os.open(path, _CREATE, 0o666, dir_fd=handle), "wb") as file:
        file.writelines(pieces)


def replace(start: str, name: str, handle: int | None, pieces: Iterable[bytes]) -> None:
    """Write a temporary file and rename it to `name`: a file or a link there is replaced. Raises OSError."""
    temporary = start + temporary_name()
    try:
        create(temporary, handle, pieces)
        os.replace(temporary, start + name, src_dir_fd=handle, dst_dir_fd=handle)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=handle)
        raise


def discard(path: str, handle: int | None) -> None:
    """Remove a temporary file, or a folder with all that is in it. Raises OSError."""
    if stat.S_ISDIR(os.stat(path, dir_fd=handle, follow_symlinks=False).st_mode):
        shutil.rmtree(path, ignore_errors=True, dir_fd=handle)
    else:
        os.unlink(path, dir_fd=handle)


def names_in(handle: int | None, start: str) -> list[str]:
    """Return the names in a subfolder. Raises OSError."""
    if handle is None:
        return os.listdir(start)
    inner = os.open(".", os.O_RDONLY, dir_fd=handle)  # the handle itself may not be readable
    try:
        return os.listdir(inner)
    finally:
        os.close(inner)
