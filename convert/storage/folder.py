"""A local folder, with the writing methods of `convert.storage.object_store.Store`.

Names are paths below the folder with forward slashes. Files are written atomically.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import msgspec

from convert.errors import SaveError
from convert.files import open_file, read_file

RUN_FOLDER = ".notebind"
"""The folder for records and caches of the next run, below the output folder."""
RECORD_SUFFIX = ".record.json"
"""The suffix of records of artifacts in that folder."""
TEMPORARY = ".notebind-*.tmp"


class FileState(NamedTuple):
    """The version of a file: its size and modification time, or the ETag of an object."""

    size: int
    modified_ns: int = 0
    etag: str = ""


def checked_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a name. Raises SaveError if it leads out of the folder."""
    parts = PurePosixPath(name).parts
    if not parts or name[0] == "/" or ".." in parts or "\\" in name or "\0" in name:
        raise SaveError(f"{name!r} does not lie below the output folder: not written")
    return parts


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
        return self.path.exists()

    def _path_of(self, name: str) -> Path:
        return self.path.joinpath(*checked_parts(name))

    def read(self, name: str) -> bytes:
        """Return the bytes of an ordinary file of at most `files.LARGEST` bytes."""
        return read_file(self._path_of(name))

    def open(self, name: str) -> BufferedReader:
        """Open an ordinary file for reading."""
        return open_file(self._path_of(name))

    def state(self, name: str) -> FileState:
        """Return the size and modification time of a file."""
        found = self._path_of(name).stat()
        return FileState(found.st_size, found.st_mtime_ns)

    def states(self, names: Iterable[str]) -> dict[str, FileState]:
        """Return the states of several files by name. Raises OSError if one is missing."""
        return {name: self.state(name) for name in names}

    def records(self) -> list[str]:
        """Return the names of the records of artifacts, sorted."""
        return sorted([f"{RUN_FOLDER}/{path.name}" for path in (self.path / RUN_FOLDER).glob(f"*{RECORD_SUFFIX}")])

    def snapshot(self) -> Folder:
        """Return a view with `read`, `state` and `records`: the folder itself."""
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
            raise SaveError(f"{self}: cannot be made a folder ({error.strerror}): choose another --output") from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise SaveError(f"{self}: is not writable: change its permissions or choose another --output")

    def write(self, name: str, data: bytes) -> None:
        """Write a file: write a temporary file beside it and rename that."""
        self.write_pieces(name, (data,))

    def write_copy(self, name: str, source: Path) -> None:
        """Write a copy of a local file in the same way."""
        try:
            with open_file(source) as original:
                self.write_pieces(name, iter(partial(original.read, 1 << 20), b""))
        except OSError as error:
            raise _unwritable(self._path_of(name), error) from error

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file piece by piece in the same way. Raises SaveError."""
        with replacement(self._path_of(name)) as temporary, open(temporary, "wb") as file:
            file.writelines(pieces)

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """Write files by name; several files in a new folder appear all at once."""
        folders: dict[str, list[str]] = {}
        for name in files:
            folders.setdefault(name.partition("/")[0], []).append(name)
        for folder, names in folders.items():
            if len(names) == 1 or not self._write_folder(folder, {name: files[name] for name in names}):
                for name in names:
                    self.write(name, files[name])

    def _write_folder(self, folder: str, files: Mapping[str, bytes]) -> bool:
        """Write a new folder at once by renaming a temporary one, at half the cost of renaming each file.

        Return False if the folder exists already: then its files have to be replaced one by one.
        """
        target = self._path_of(folder)
        if os.path.lexists(target):
            return False
        temporary = ""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            temporary = tempfile.mkdtemp(dir=self.path, prefix=".notebind-", suffix=".tmp")
            os.chmod(temporary, 0o777 & ~_umask())
            for name, data in files.items():
                path = Path(temporary, *checked_parts(name.partition("/")[2]))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            os.rename(temporary, target)
        except OSError as error:
            if os.path.lexists(target):  # Another process made it in the meantime.
                return False
            raise _unwritable(target, error) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return True

    def remove(self, name: str) -> None:
        """Remove a file. Raises OSError."""
        self._path_of(name).unlink()

    def remove_folder_of(self, name: str) -> None:
        """Remove the folder of a file that is gone. Raises OSError unless the folder is empty."""
        folder = self._path_of(name).parent
        if folder != self.path:
            folder.rmdir()

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
            handle = os.open(self.path, os.O_RDONLY)
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
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                    continue
                with suppress(OSError):
                    path.unlink()

    @contextmanager
    def scratch_folder(self) -> Iterator[str]:
        """Make a folder for temporary files and remove it at the end; its path is "" if it cannot be made."""
        scratch = ""
        with suppress(OSError, UnicodeEncodeError):
            str(self.path).encode()  # names travel as UTF-8 between processes
            (self.path / RUN_FOLDER).mkdir(parents=True, exist_ok=True)
            scratch = tempfile.mkdtemp(dir=self.path / RUN_FOLDER, prefix=".notebind-", suffix=".tmp")
        try:
            yield scratch
        finally:
            if scratch:
                shutil.rmtree(scratch, ignore_errors=True)


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
    return SaveError(f"{target}: cannot be written ({reason}): check the folder and the space on the disk")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
