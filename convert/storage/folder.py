"""A local folder, with the writing methods of `convert.storage.object_store.Store`.

Names are paths below the folder with forward slashes. Files are written atomically. The folder itself may be a link,
since the user named it; below it no link is followed, even one that another program puts there meanwhile. Only the
files of a scratch folder are reached by their path, which workers are handed.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import msgspec

from convert.errors import SaveError
from convert.files import open_file, read_all
from convert.storage.below import TEMPORARY, Opened, before_it_was_kept, subfolder, temporary_name

RUN_FOLDER = ".notebind"
"""The folder for records and caches of the next run, below the output folder."""
RECORD_SUFFIX = ".record.json"
"""The suffix of records of artifacts in that folder."""
_KEPT = (RECORD_SUFFIX, ".state", ".msgpack")


class FileState(NamedTuple):
    """The version of a file: its size and modification time, or the ETag of an object."""

    size: int
    modified_ns: int = 0
    etag: str = ""


def is_plain(name: str) -> bool:
    """Return whether a name in a folder can be one of ours: visible, decodable and without backslashes."""
    return name[0] != "." and name.isprintable() and "\\" not in name


def checked_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a name. Raises SaveError if it leads out of the folder."""
    parts = PurePosixPath(name).parts
    if not parts or name[0] == "/" or ".." in parts or "\\" in name or "\0" in name:
        raise SaveError(f"{name!r} does not lie below the output folder: not written")
    return parts


def _by_folder(names: Iterable[str]) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    """Return names with their last parts, by the parts before it. Raises SaveError if one leads out of the folder."""
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for name in names:
        *folder, leaf = checked_parts(name)
        found.setdefault(tuple(folder), []).append((name, leaf))
    return found


def pieces_of(source: Path) -> Iterator[bytes]:
    """Yield the bytes of a local file. Raises SaveError that names it."""
    try:
        with open_file(source) as file:
            yield from iter(partial(file.read, 1 << 20), b"")
    except OSError as error:
        raise SaveError(f"{source}: cannot be read ({error.strerror or error}): check the file") from error


class Folder(msgspec.Struct, frozen=True):
    """Reads and writes the files below a folder. Reading raises OSError, writing SaveError."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def absolute(self) -> Folder:
        """Return the same folder by its absolute path."""
        return Folder(self.path.absolute())

    def exists(self) -> bool:
        """Return whether a folder or file with this path exists."""
        return os.path.exists(self.path)

    @property
    def identity(self) -> str:
        """The path with links resolved, to which files for the next run are bound."""
        return os.path.realpath(self.path)

    def _path_of(self, name: str) -> Path:
        return self.path.joinpath(*checked_parts(name))

    def _within(self, folders: Sequence[str], make: bool = False) -> AbstractContextManager[Opened]:
        return subfolder(self.path, folders, make)

    def read(self, name: str) -> bytes:
        """Return the bytes of an ordinary file of at most `files.LARGEST` bytes."""
        with self.open(name) as file:
            return read_all(file)

    def open(self, name: str) -> BufferedReader:
        """Open an ordinary file for reading."""
        *folders, leaf = checked_parts(name)
        with self._within(folders) as folder:
            return folder.open(leaf)

    def states(self, names: Iterable[str]) -> dict[str, FileState]:
        """Return the states of several files by name. Raises OSError if one is missing or not an ordinary file."""
        found = {}
        there = self.present(names := [*names])
        for name in names:
            state = there.get(name)
            if not state:
                number, reason = (
                    (errno.EINVAL, "not an ordinary file") if name in there else (errno.ENOENT, "no such file")
                )
                raise OSError(number, reason, str(self._path_of(name)))
            found[name] = state
        return found

    def present(self, names: Iterable[str]) -> dict[str, FileState | None]:
        """Return the states of those files that there are, None for what is not an ordinary file. Raises OSError."""
        found: dict[str, FileState | None] = {}
        for within, own in _by_folder(names).items():
            with suppress(FileNotFoundError), self._within(within) as opened:
                for name, leaf in own:
                    with suppress(FileNotFoundError):
                        about = opened.stat(leaf)
                        is_file = stat.S_ISREG(about.st_mode)
                        found[name] = FileState(about.st_size, about.st_mtime_ns) if is_file else None
        return found

    def put_aside(self, name: str) -> str:
        """Rename what is in the place of a file to a free name beside it, and return that. Raises SaveError."""
        *folders, leaf = checked_parts(name)
        try:
            with self._within(folders) as folder:
                return folder.put_aside(leaf)
        except OSError as error:
            raise _unwritable(self._path_of(name), error) from error

    def kept(self) -> list[str]:
        """Return the names of the files for the next run, sorted."""
        try:
            with self._within((RUN_FOLDER,)) as folder:
                names = folder.names()
        except OSError:
            return []
        own = [name for name in names if name.endswith(_KEPT) and is_plain(name) and name == before_it_was_kept(name)]
        return sorted([f"{RUN_FOLDER}/{name}" for name in own])

    def records(self) -> list[str]:
        """Return the names of the records of artifacts, sorted."""
        return [name for name in self.kept() if name.endswith(RECORD_SUFFIX)]

    def snapshot(self) -> Folder:
        """Return a view with `open`, `states` and `records`: the folder itself."""
        return self

    def link_to(self, file: Path) -> str:
        """Return the path of a file relative to the folder, with forward slashes; its address if there is none."""
        target = Path(os.path.abspath(file))
        try:
            return Path(os.path.relpath(target, os.path.abspath(self.path))).as_posix()
        except ValueError:  # Windows: on another drive
            return target.as_uri()

    def check_writable(self) -> None:
        """Make the folder. Raises SaveError if it cannot be made or is not writable."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror
            if isinstance(error, FileExistsError):
                reason = "a link that leads to no folder is there" if self.path.is_symlink() else "a file is there"
            raise SaveError(f"{self}: cannot be made a folder ({reason}): choose another --output") from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise SaveError(f"{self}: is not writable: change its permissions or choose another --output")

    def write(self, name: str, data: bytes) -> None:
        """Write a file: write a temporary file beside it and rename that."""
        self.write_pieces(name, (data,))

    def write_copy(self, name: str, source: Path) -> None:
        """Write a copy of a local file in the same way."""
        self.write_pieces(name, pieces_of(source))

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file piece by piece in the same way. Raises SaveError."""
        *folders, leaf = checked_parts(name)
        try:
            with self._within(folders, make=True) as folder:
                folder.replace(leaf, pieces)
        except OSError as error:
            raise _unwritable(self._path_of(name), error) from error

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """Write files by name; several files in a new folder appear all at once."""
        folders: dict[str, list[str]] = {}
        for name in files:
            folders.setdefault(name.partition("/")[0], []).append(name)
        for folder, names in folders.items():
            singly = len(names) == 1 or folder in names
            if singly or not self._write_folder(folder, {name: files[name] for name in names}):
                for name in names:
                    self.write(name, files[name])

    def _write_folder(self, folder: str, files: Mapping[str, bytes]) -> bool:
        """Write a new folder at once by renaming a temporary one, at half the cost of renaming each file.

        Return False if the folder exists already: then its files have to be replaced one by one.
        """
        try:
            with self._within((), make=True) as here:
                if here.exists(folder):
                    return False
                temporary = temporary_name()
                try:
                    self._fill(temporary, files)
                    here.rename(temporary, folder)
                except OSError:
                    if here.exists(folder):  # Another process made it in the meantime.
                        return False
                    raise
                finally:
                    with suppress(OSError):
                        here.discard(temporary)
        except OSError as error:
            raise _unwritable(self._path_of(folder), error) from error
        return True

    def _fill(self, temporary: str, files: Mapping[str, bytes]) -> None:
        for within, own in _by_folder(files).items():
            with self._within((temporary, *within[1:]), make=True) as folder:
                for name, leaf in own:
                    folder.create(leaf, (files[name],))

    def remove(self, name: str) -> None:
        """Remove a file. Raises OSError."""
        *folders, leaf = checked_parts(name)
        with self._within(folders) as folder:
            folder.remove(leaf)

    def remove_folder_of(self, name: str) -> None:
        """Remove the folder of a file that is gone. Raises OSError unless the folder is empty."""
        *folders, _ = checked_parts(name)
        if folders:
            with self._within(folders[:-1]) as above:
                above.remove_folder(folders[-1])

    @contextmanager
    def locked(self, swept: Iterable[str] = ()) -> Iterator[None]:
        """Make the folder and lock it as in use; first remove leftovers of killed runs, unless another run uses it.

        Leftovers are temporary files in the folder and in subfolders that match the patterns `swept`. If the folder
        cannot be made or locked, carry on: writing reports it.
        """
        with suppress(OSError):
            self.path.mkdir(parents=True, exist_ok=True)
        try:
            import fcntl
        except ImportError:  # Windows, where a folder cannot be locked
            yield
            return
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:  # missing or not readable
            yield
            return
        try:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._sweep(swept)
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            yield
        finally:
            os.close(handle)

    def _sweep(self, folders: Iterable[str]) -> None:
        for folder in (".", RUN_FOLDER, *folders):
            for path in self.path.glob(f"{folder}/{TEMPORARY}"):
                with suppress(OSError, SaveError):
                    self._discard(path.relative_to(self.path).as_posix())

    def _discard(self, name: str) -> None:
        """Remove a temporary file or folder."""
        *folders, leaf = checked_parts(name)
        with self._within(folders) as folder:
            folder.discard(leaf)

    @contextmanager
    def scratch_folder(self) -> Iterator[str]:
        """Make a folder for temporary files and remove it at the end; its path is "" if it cannot be made.

        Raises SaveError if a link or a file is in place of the folder for records, which every run needs.
        """
        leaf = temporary_name()
        name = f"{RUN_FOLDER}/{leaf}"
        scratch = ""
        try:
            str(self.path).encode()  # names travel as UTF-8 between processes
            with self._within((RUN_FOLDER,), make=True) as folder:
                folder.make_private(leaf)
            scratch = str(self.path / name)
        except NotADirectoryError as error:
            raise _unwritable(self.path / RUN_FOLDER, error) from error
        except (OSError, UnicodeEncodeError):
            pass
        try:
            yield scratch
        finally:
            if scratch:
                with suppress(OSError):
                    self._discard(name)


@contextmanager
def replacement(target: Path, mode: int | None = None) -> Iterator[str]:
    """Yield the path of a temporary file beside `target`, which replaces it at the end unless anything fails.

    `mode` is the mode of the file, by default that of any new file. OSErrors become SaveErrors.
    """
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".notebind-", suffix=".tmp")
        os.close(descriptor)
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask() if mode is None else mode)
        os.replace(temporary, target)
        temporary = ""
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)


def _unwritable(target: Path, error: OSError) -> SaveError:
    reason = error.strerror or str(error)
    if isinstance(error, NotADirectoryError) and error.filename:
        return SaveError(f"{error.filename}: {reason}: move it away, or choose another --output")
    return SaveError(f"{target}: cannot be written ({reason}): check the folder and the space on the disk")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
