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
from io import BufferedReader
from itertools import count
from pathlib import Path
from typing import NamedTuple

from convert.files import open_file

TEMPORARY = ".notebind-*.tmp"
"""The names of temporary files and folders."""
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
BY_HANDLE = os.open in os.supports_dir_fd
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW | getattr(os, "O_BINARY", 0)


def before_it_was_kept(name: str) -> str:
    """Return the name that a file had before `put_aside` gave it this one; the name itself if it did not."""
    stem, suffix = os.path.splitext(name)
    start, _, number = stem.rpartition(".kept")
    return start + suffix if start and (not number or number.lstrip("-").isdecimal()) else name


class Opened(NamedTuple):
    """A folder that is open: its handle for `dir_fd`, and the start of the paths of its files.

    Its methods raise OSError.
    """

    handle: int | None
    start: str

    def open(self, name: str) -> BufferedReader:
        """Open an ordinary file for reading and return it."""
        if not BY_HANDLE and os.path.islink(self.start + name):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), self.start + name)
        return open_file(self.start + name, NOFOLLOW, self.handle)

    def stat(self, name: str) -> os.stat_result:
        """Return what is known about a file, a link not followed."""
        return os.stat(self.start + name, dir_fd=self.handle, follow_symlinks=False)

    def exists(self, name: str) -> bool:
        """Return whether there is anything of this name, if only a broken link."""
        try:
            self.stat(name)
        except FileNotFoundError:
            return False
        return True

    def names(self) -> list[str]:
        """Return the names in the folder."""
        if self.handle is None:
            return os.listdir(self.start)
        inner = os.open(".", os.O_RDONLY, dir_fd=self.handle)  # the handle itself may not be readable
        try:
            return os.listdir(inner)
        finally:
            os.close(inner)

    def create(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a new file. Raises FileExistsError if there is one."""
        with os.fdopen(os.open(self.start + name, _CREATE, 0o666, dir_fd=self.handle), "wb") as file:
            file.writelines(pieces)

    def replace(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a temporary file and rename it to `name`: a file or a link there is replaced, a folder is put aside."""
        temporary = temporary_name()
        try:
            self.create(temporary, pieces)
            try:
                self._rename_over(temporary, name)
            except OSError:
                if not stat.S_ISDIR(self.stat(name).st_mode):
                    raise
                self.put_aside(name)
                self._rename_over(temporary, name)
        except BaseException:
            with suppress(OSError):
                self.remove(temporary)
            raise

    def _rename_over(self, old: str, new: str) -> None:
        os.replace(self.start + old, self.start + new, src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def rename(self, old: str, new: str) -> None:
        """Rename a file or a folder; a folder takes the place of an empty one at most."""
        os.rename(self.start + old, self.start + new, src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def remove(self, name: str) -> None:
        """Remove a file."""
        os.unlink(self.start + name, dir_fd=self.handle)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder."""
        os.rmdir(self.start + name, dir_fd=self.handle)

    def make_private(self, name: str) -> None:
        """Make a folder that only its owner enters."""
        os.mkdir(self.start + name, 0o700, dir_fd=self.handle)

    def put_aside(self, name: str) -> str:
        """Rename what is at `name`, of whatever kind, to a free name beside it, and return that."""
        stem, suffix = os.path.splitext(name)
        is_folder = stat.S_ISDIR(self.stat(name).st_mode)
        for number in count(1):
            kept = f"{stem}.kept{f'-{number}' if number > 1 else ''}{suffix}"
            with suppress(FileExistsError):
                self._rename_to_new(name, kept, is_folder)
                return kept
        raise AssertionError

    def _rename_to_new(self, name: str, new: str, is_folder: bool) -> None:
        """Rename without replacing anything. Raises FileExistsError if there is something at `new`."""
        if not BY_HANDLE:  # on Windows nothing is replaced
            self.rename(name, new)
            return
        # An empty file or folder takes the name: a rename would replace what another program puts there meanwhile.
        if is_folder:
            self.make_private(new)
        else:
            self.create(new, ())
        try:
            self.rename(name, new)
        except BaseException:
            with suppress(OSError):
                (self.remove_folder if is_folder else self.remove)(new)
            raise

    def discard(self, name: str) -> None:
        """Remove a temporary file, or a folder with all that is in it."""
        if stat.S_ISDIR(self.stat(name).st_mode):
            shutil.rmtree(self.start + name, ignore_errors=True, dir_fd=self.handle)
        else:
            self.remove(name)


@contextmanager
def subfolder(root: Path, names: Sequence[str], make: bool = False) -> Iterator[Opened]:
    """Yield a folder below another one, open. `root` itself may be a link.

    With `make`, missing folders are made. Raises OSError; a NotADirectoryError with the path of a link or file that is
    in place of a folder.
    """
    if make and not root.is_dir():
        root.mkdir(parents=True, exist_ok=True)
    if not BY_HANDLE:
        yield Opened(None, _compared(root, names, make))
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
        yield Opened(handle, "")
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
    kind = "a link, which is not followed" if path.is_symlink() else "not a folder"
    return NotADirectoryError(errno.ENOTDIR, f"is {kind}", str(path))


def temporary_name() -> str:
    """Return a name for a temporary file or folder, which no other has."""
    return TEMPORARY.replace("*", os.urandom(6).hex())
