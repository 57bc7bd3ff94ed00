"""Tells the files that notebind wrote beside films from the user's own: only the former are replaced.

What was written is remembered by path, size and hash in the user's state folder: a record that lay beside the films
could come along with films of others and call any file its own. Kept apart because it knows nothing of films.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from convert.document.names import disk_key
from convert.errors import SaveError
from convert.files import open_file, read_file
from convert.storage.folder import Folder, replacement
from convert.storage.location import user_folder
from convert.storage.sealed import LARGEST_RECORD, UNUSABLE, read_sealed, write_sealed

_KEPT = 4
"""States of a file that are remembered, the last ones: a run may be killed before a new one has its name."""


class Written(msgspec.Struct, frozen=True):
    """A file as notebind wrote it, and the film that it was made of."""

    path: str
    size: int
    sha256: str
    source: str


class OwnFiles:
    """Writes files of one run, and replaces only those of earlier runs that nobody has changed since."""

    def __init__(self, replace: bool = False) -> None:
        self._replace = replace
        self._sources: dict[str, Path] = {}
        """The film of each file of this run, by `_key`."""
        self.forgotten = ""
        """Why later runs will not know the files of this one; empty if they will."""

    def write(self, target: Path, source: Path, data: bytes) -> None:
        """Write a small file as `replaced` does; one with the same bytes stays, and is ours from then on."""
        if _holds(target, data):
            self._remember(target, source, target)
            return
        with self.replaced(target, source) as copy:
            copy.write_bytes(data)

    @contextmanager
    def replaced(self, target: Path, source: Path, mode: int | None = None) -> Iterator[Path]:
        """Yield a temporary file, which takes the place of `target` at the end unless anything fails.

        Raises SaveError if the target is not ours, cannot be written, or was made of another film.
        """
        before = self._checked(target, source)
        placeholder = None
        try:
            with replacement(target, mode) as name:
                yield Path(name)
                self._remember(target, source, Path(name))
                if before is None:
                    placeholder = _reserved(target)
                elif state(target) != before:
                    raise SaveError(f"{target}: was changed just now: kept as it is")
        finally:
            if placeholder is not None and state(target) == placeholder:
                target.unlink()
        self._sources[_key(target)] = source

    def _checked(self, target: Path, source: Path) -> State | None:
        """Return the state of our own file at this path, None if there is none. Raises SaveError if it is not ours."""
        other = self._sources.get(_key(target), source)
        if _text(other) != _text(source):
            raise SaveError(f"{source}: {target} was just made of {other}: give this film another --output or name")
        found = state(target)
        if found is None:
            return None
        if not stat.S_ISREG(found.mode):
            raise SaveError(f"{target}: is a link or no file: kept as it is; move it away")
        if found.size and not self._replace:  # an empty file, as a killed run leaves, holds nothing of the user's
            _check_written(target, source, found.size)
        return found

    def _remember(self, target: Path, source: Path, made: Path) -> None:
        """Remember a file before it gets its name: a run that is killed then must not lose it to the user."""
        one = Written(_key(target), made.stat().st_size, _sha256(made), _text(source))
        earlier = _records(target)
        if earlier[-1:] == [one]:
            return
        kept = [*(other for other in earlier if other != one), one][-_KEPT:]
        if not (folder := user_folder("state")):
            self.forgotten = "the user's state folder is not absolute"
            return
        try:
            write_sealed(Folder(folder), _record_of(target), [msgspec.json.encode(kept)])
        except SaveError:
            self.forgotten = f"{folder}: cannot be written"


class State(NamedTuple):
    """What lies at a path, and which version of it."""

    mode: int
    inode: int
    size: int
    modified_ns: int


def state(path: Path) -> State | None:
    """Return the state of what lies at a path, a link not followed; None if nothing does."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return State(found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns)


def _check_written(target: Path, source: Path, size: int) -> None:
    """Raise SaveError unless the target is as notebind wrote it, of this film or of one that is gone."""
    known = [one for one in _records(target) if one.size == size]
    digest = _sha256(target) if known else ""
    made_of = [one.source for one in known if one.sha256 == digest]
    if not made_of:
        raise SaveError(
            f"{target}: is your own, or was changed since notebind wrote it: kept as it is; "
            "move it away, or give --replace"
        )
    if not any(_is_same_film(other, source) for other in made_of):
        raise SaveError(
            f"{target}: was made of {made_of[-1]}: kept as it is; choose another --output or give --replace"
        )


def _is_same_film(recorded: str, source: Path) -> bool:
    """Return whether a recorded film is this one, or is gone: then this one may be it under a new name."""
    if recorded == _text(source) or not os.path.lexists(recorded):
        return True
    with suppress(OSError):
        return os.path.samefile(recorded, source)
    return False


def _record_of(target: Path) -> str:
    """Return the name of the record of a file in the state folder."""
    return f"mux/{hashlib.sha256(_key(target).encode()).hexdigest()[:32]}.record"


def _records(target: Path) -> list[Written]:
    """Return the remembered states of a file, the last one last; a damaged record is ignored."""
    if not (folder := user_folder("state")):
        return []
    try:
        data = b"".join(read_sealed(Folder(folder), _record_of(target), most=LARGEST_RECORD))
        found = msgspec.json.decode(data, type=list[Written])
    except UNUSABLE:
        return []
    return [one for one in found if one.path == _key(target)]


def _key(path: Path) -> str:
    """Return a key that is the same for all paths that lead to one file on some disk."""
    return disk_key(_text(os.path.join(os.path.realpath(path.parent), path.name)))


def _text(path: str | Path) -> str:
    return os.fsencode(os.path.abspath(path)).decode(errors="backslashreplace")


def _reserved(target: Path) -> State | None:
    """Make an empty file where the new one will be; SaveError if one of this name, in any case, has appeared."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise SaveError(f"{target}: was made by another program just now: kept as it is") from None
    return state(target)


def _holds(target: Path, data: bytes) -> bool:
    """Return whether an ordinary file, no link, has these bytes."""
    found = state(target)
    if found is None or not stat.S_ISREG(found.mode) or found.size != len(data):
        return False
    with suppress(OSError):
        return read_file(target) == data
    return False


def _sha256(path: Path) -> str:
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
