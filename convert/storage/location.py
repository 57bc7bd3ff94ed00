"""The locations of notes and results: local paths, or addresses of a store that any machine can reach."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from convert.errors import UsageError
from convert.files import read_file, read_start
from convert.storage import object_store
from convert.storage.folder import Folder
from convert.storage.object_store import ADDRESS, Store

Location = Path | str
"""A file or folder as a user names it: a local path (or its `file:` address), or the address of a store."""
Storage = Folder | Store
"""Both read, write and lock in the same way; only a folder has a path, only a store finds its objects."""


def is_address(text: str) -> bool:
    """Return whether a text is the address of a store, not a local path."""
    return ADDRESS.match(text) is not None


def user_folder(kind: Literal["config", "state"]) -> Path | None:
    """Return the user's own folder of a kind, None if the environment names none that is absolute.

    A relative one would lie where the command is called, which may be among notes of others.
    """
    import platformdirs  # not to be loaded by --help

    found = platformdirs.user_config_path if kind == "config" else platformdirs.user_state_path
    folder = found("notebind", appauthor=False)
    return folder if folder.is_absolute() else None


def storage_at(location: Location) -> Storage:
    """Return the folder or store at a location."""
    text = str(location)
    if text.startswith("file://"):
        return Folder(Path(unquote(urlsplit(text).path)))
    return Store(text) if ADDRESS.match(text) else Folder(Path(text))


def path_or_address(location: Location) -> str:
    """Return a path or a store's address as text, and `file:` addresses as paths."""
    return str(storage_at(location))


def identity(location: Location) -> str:
    """Return the path of a location with links resolved, or the address of a store: one for each place."""
    return storage_at(location).identity


def is_below(path: str, folder: str) -> bool:
    """Return whether a path or address is that of a folder, or of something in it."""
    return path == folder or path.startswith(folder.rstrip("/" + os.sep) + ("/" if is_address(folder) else os.sep))


def local_path(location: Location) -> Path:
    """Return the path of a location. Raises UsageError for the address of a store."""
    found = storage_at(location)
    if isinstance(found, Store):
        raise UsageError(f"{location}: this has to be a path of this machine, not an address")
    return found.path


def local_paths(locations: Iterable[Location | None]) -> list[Path]:
    """Return the local paths among several locations."""
    return [found.path for one in locations if one is not None and isinstance(found := storage_at(one), Folder)]


def read(path: str, most: int | None = None, checked: bool = False) -> bytes:
    """Return the bytes of an ordinary file or an object, at most `most`. Raises OSError with its reason.

    `checked` tells that the file was just found to be ordinary.
    """
    if ADDRESS.match(path):
        return object_store.read(path, most)
    if most is None:
        return read_file(path, checked=checked)
    return read_start(path, most, checked)


class BatchReader:
    """Reads files one by one; objects in a store are fetched together when the first of them is read."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._waiting = list(filter(ADDRESS.match, paths))
        self._fetched: dict[str, bytes | OSError] = {}

    def read(self, path: str, most: int | None = None, checked: bool = False) -> bytes:
        """Return the bytes as `read` of this module does; a fetched object is returned once."""
        if path in self._waiting:
            self._fetched = object_store.read_all(self._waiting)
            self._waiting = []
        found = self._fetched.pop(path, None)
        if found is None:
            return read(path, most, checked)
        if isinstance(found, OSError):
            raise found
        return found
