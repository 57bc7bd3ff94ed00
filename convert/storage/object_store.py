"""Object stores through fsspec: `s3://bucket/prefix` and others. All errors are OSErrors with a reason.

fsspec and the store's library come with the extra `notebind[cluster]` and are imported at the first address. They
find credentials and endpoints in the environment or in fsspec's configuration; addresses never hold them.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from convert.errors import SaveError, ToolError, UsageError
from convert.storage.folder import RECORD_SUFFIX, RUN_FOLDER, FileState, checked_parts, pieces_of

_FEW = 8
"""Up to this many objects are queried one by one; for more, their folder is listed, a thousand a round trip."""
ADDRESS = re.compile(r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]++)://([^/]++)")
"""The start of a store's address; local paths do not match."""


class Store:
    """Reads and writes the objects below an address, as `convert.storage.folder.Folder` does with files."""

    def __init__(self, address: str) -> None:
        root, name = _split(address)
        self._root = root
        self.address = root + str(PurePosixPath("/", name.strip("/"))).rstrip("/")

    def __str__(self) -> str:
        return self.address

    @property
    def identity(self) -> str:
        """The address, to which objects for the next run are bound."""
        return self.address

    def absolute(self) -> Store:
        """Return the store itself: an address is the same everywhere."""
        return self

    def exists(self) -> bool:
        """Return whether an object exists at this address or below. Raises ToolError if the store cannot be reached."""
        return _exists(self.address)

    def read(self, name: str) -> bytes:
        """Return the bytes of an object."""
        return read(self._address_of(name))

    def open(self, name: str) -> BytesIO:
        """Return an object as a file for reading; it is loaded into memory."""
        return BytesIO(self.read(name))

    def states(self, names: Iterable[str]) -> dict[str, FileState]:
        """Return the states of several objects by name. Raises OSError if one is missing."""
        addresses = {name: self._address_of(name) for name in names}
        there = _look_at(addresses.values())
        for address in addresses.values():
            if address not in there:
                raise FileNotFoundError(errno.ENOENT, "no such object or bucket", address)
        return {name: there[address] for name, address in addresses.items()}

    def find(self) -> dict[str, FileState]:
        """Return the states of all objects below the address, or of the object at it, by address, sorted."""
        system, base = _opened(self._root)
        with _reasons(self.address):
            system.invalidate_cache()
            found = system.find(base + self.address[len(self._root) :], detail=True)
        return dict(_state(self._root, base, about) for _, about in sorted(found.items()))

    def snapshot(self) -> Snapshot:
        """Return a view with `open`, `states` and `records`, fetched at once to save round trips.

        Raises ToolError if the store cannot be reached.
        """
        try:
            return Snapshot(self)
        except OSError as error:
            raise ToolError(f"{self}: {error.strerror}: check the address") from error

    def link_to(self, file: Path) -> str:
        """Return the address of a local file, since no path leads there from a store."""
        return file.absolute().as_uri()

    def check_writable(self) -> None:
        """Raise SaveError if the bucket or host is missing."""
        if not _exists(self._root):
            raise SaveError(f"{self}: there is no {self._root}: make it, or choose another --output")

    def write(self, name: str, data: bytes) -> None:
        """Write an object."""
        self.write_all({name: data})

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write an object from its pieces."""
        self.write_all({name: b"".join(pieces)})

    def write_copy(self, name: str, source: Path) -> None:
        """Write a copy of a local file."""
        self.write_pieces(name, pieces_of(source))

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """Write objects by name, each atomically, several at a time. Raises SaveError."""
        system, base = _opened(self._root)
        paths = {base + self._address_of(name)[len(self._root) :]: data for name, data in files.items()}
        try:
            with _reasons(self._root):
                system.pipe(paths)
        except OSError as error:
            raise SaveError(
                f"{self}: cannot be written ({error.strerror}): check the address and the rights"
            ) from error

    def remove(self, name: str) -> None:
        """Remove an object. Raises OSError."""
        system, base = _opened(self._root)
        address = self._address_of(name)
        with _reasons(address):
            system.rm_file(base + address[len(self._root) :])

    def remove_folder_of(self, name: str) -> None:
        """Do nothing: a store has no folders."""

    def locked(self, swept: Iterable[str] = ()) -> AbstractContextManager[None]:
        """Return a context that does nothing: stores have no locks, and a killed run leaves no temporary objects."""
        return nullcontext()

    def scratch_folder(self) -> AbstractContextManager[str]:
        """Return a context whose value is "": a store has no folder for temporary files."""
        return nullcontext("")

    def _address_of(self, name: str) -> str:
        return "/".join((self.address, *checked_parts(name)))


class Snapshot:
    """The states of all objects below an address and the contents of the records, at one moment."""

    def __init__(self, store: Store) -> None:
        start = len(store.address) + 1
        self._states = {one[start:]: state for one, state in store.find().items()}
        records = [one for one in self._states if one.startswith(f"{RUN_FOLDER}/") and one.endswith(RECORD_SUFFIX)]
        contents = read_all([f"{store}/{name}" for name in records])
        self._records = dict(zip(records, contents.values(), strict=True))

    def open(self, name: str) -> BytesIO:
        found = self._records.get(name)
        if isinstance(found, bytes):
            return BytesIO(found)
        raise found or FileNotFoundError(errno.ENOENT, "no such record", name)

    def states(self, names: Iterable[str]) -> dict[str, FileState]:
        try:
            return {name: self._states[name] for name in names}
        except KeyError as error:
            raise FileNotFoundError(errno.ENOENT, "no such object", *error.args) from error

    def records(self) -> list[str]:
        return list(self._records)


def _exists(address: str) -> bool:
    try:
        return bool(_look_at((address,)))
    except OSError as error:
        raise ToolError(f"{address}: {error.strerror}") from error


def read(address: str, most: int | None = None) -> bytes:
    """Return the bytes of an object, at most `most`. Raises FileNotFoundError, PermissionError or another OSError."""
    found = read_all((address,), most)[address]
    if isinstance(found, OSError):
        raise found
    return found


def read_all(addresses: Iterable[str], most: int | None = None) -> dict[str, bytes | OSError]:
    """Return the bytes of each object, or its error. All are fetched at once, in one round trip."""
    by_root: dict[str, list[str]] = {}
    for address in addresses:
        root, name = _split(address)
        by_root.setdefault(root, []).append(name)
    found: dict[str, bytes | OSError] = {}
    for root, names in by_root.items():
        system, base = _opened(root)
        # `cat` would expand brackets and stars in names.
        with _reasons(root):
            answers = system.cat_ranges([base + name for name in names], None if most is None else 0, most)
        for name, answer in zip(names, answers, strict=True):
            found[root + name] = answer if isinstance(answer, bytes) else _reason(answer, root + name)
    return found


def _look_at(addresses: Iterable[str]) -> dict[str, FileState]:
    """Return the states of objects and folders, without missing ones."""
    folders: dict[str, list[str]] = {}
    for address in addresses:
        folders.setdefault(address.rpartition("/")[0], []).append(address)
    found: dict[str, FileState] = {}
    for folder, group in folders.items():
        for address in group if len(group) <= _FEW else (folder,):
            root, name = _split(address)
            system, base = _opened(root)
            with suppress(FileNotFoundError), _reasons(address):
                system.invalidate_cache()
                answers = system.ls(base + name, detail=True) if address is folder else [system.info(base + name)]
                found.update(_state(root, base, about) for about in answers)
    return found


def _split(address: str) -> tuple[str, str]:
    """Return the bucket (or host) with its protocol, and the rest. Raises UsageError for anything but an address."""
    found = ADDRESS.match(address)
    if not found:
        raise UsageError(f"{address}: no address: write it as s3://bucket/prefix")
    return found[0], address[found.end() :].rstrip("/")


@cache
def _opened(root: str) -> tuple[Any, str]:
    """Return fsspec's file system of a store, and its name of the bucket. Raises UsageError or ToolError."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ToolError(f"{root}: addresses need fsspec: pip install 'notebind[cluster]'") from error
    try:
        system, base = url_to_fs(root)
    except ImportError as error:
        raise ToolError(f"{root}: {error}: s3:// comes with pip install 'notebind[cluster]'") from error
    except ValueError as error:
        raise UsageError(f"{root}: {error}") from error
    return system, str(base).rstrip("/")


def _state(root: str, base: str, about: Mapping[str, Any]) -> tuple[str, FileState]:
    """Return the address of an object and its state; without an ETag, its time is used."""
    keys = ("ETag", "etag", "md5Hash", "LastModified", "mtime", "last_modified", "updated", "created")
    etag = next((about[key] for key in keys if about.get(key)), "")
    etag = str(etag.timestamp() if isinstance(etag, datetime) else etag)
    return root + str(about["name"])[len(base) :], FileState(int(about.get("size") or 0), 0, etag)


@contextmanager
def _reasons(address: str) -> Iterator[None]:
    """Raise errors of the store's library as OSErrors with the address."""
    try:
        yield
    except Exception as error:
        raise _reason(error, address) from error


def _reason(error: BaseException, address: str) -> OSError:
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(errno.ENOENT, "no such object or bucket", address)
    if isinstance(error, PermissionError):
        return PermissionError(errno.EACCES, "access denied; credentials come from the environment", address)
    reason = " ".join(str(error).split()) or type(error).__name__
    return OSError(getattr(error, "errno", None) or errno.EIO, reason[:200], address)
