"""Where notes are and results go: paths of this machine, or addresses of a store that any machine reaches."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from convert.errors import UsageError
from convert.storage import object_store as store

if TYPE_CHECKING:
    _Path = Path
else:
    _Path = type(Path())


class Url(_Path):
    """The address of a folder or file in a store, with what paths can do; to the functions of `os` it is no path."""

    def __str__(self) -> str:
        scheme, *names = self.parts
        return f"{scheme}//{'/'.join(names)}"

    @property
    def root_address(self) -> str:
        """The bucket, or the host."""
        return "//".join(self.parts[:2])

    def __fspath__(self) -> str:
        raise UsageError(f"{self}: this has to be a path of this machine")

    def __reduce__(self) -> Any:
        return place, (str(self),)

    def absolute(self) -> Url:
        return self

    def exists(self, **_: Any) -> bool:
        return store.exists(str(self))

    def read_bytes(self) -> bytes:
        return store.read(str(self))

    def unlink(self, missing_ok: bool = False) -> None:
        try:
            store.remove(str(self))
        except FileNotFoundError:
            if not missing_ok:
                raise


def place(given: str | Path) -> Path:
    """What a user wrote as a place: a path, also of a `file:` address, or the address of a store."""
    text = str(given)
    if text.startswith("file://"):
        return Path(unquote(urlsplit(text).path))
    return Url(text) if store.is_address(text) else Path(text)


def local(given: str | Path) -> Path:
    """What a user wrote where only a path of this machine makes sense; UsageError for an address of a store."""
    found = place(given)
    if isinstance(found, Url):
        raise UsageError(f"{given}: this has to be a path of this machine, not an address")
    return found


def read(path: str, most: int | None = None) -> bytes:
    """The bytes of a file or object, the first `most` of them; OSError with its reason."""
    if store.is_address(path):
        return store.read(path, most)
    with open(path, "rb") as file:
        return file.read() if most is None else file.read(most)


def exists(path: str) -> bool:
    """Whether there is a file, a folder or an object."""
    return store.exists(path) if store.is_address(path) else os.path.exists(path)


class Files:
    """Reads files one after another; those in a store are fetched together at the first that is asked for."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._waiting = [path for path in paths if store.is_address(path)]
        self._fetched: dict[str, bytes | OSError] = {}

    def read(self, path: str, most: int | None = None) -> bytes:
        """As `read` of this module; what was fetched is given once."""
        if path in self._waiting:
            self._fetched = store.read_all(self._waiting)
            self._waiting = []
        found = self._fetched.pop(path, None)
        if found is None:
            return read(path, most)
        if isinstance(found, OSError):
            raise found
        return found
