"""Object stores, by fsspec: `s3://bucket/prefix` and whatever else fsspec opens. All errors are OSErrors with a reason.

fsspec and the store's own library come with the extra `notebind[cluster]`; they are imported at the first address.
Credentials and endpoints are theirs to find, in the environment or in fsspec's configuration: they are in no address.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from convert.errors import ToolError, UsageError

_FEW = 8
"""So many objects are asked for one by one; for more their folder is listed, a thousand a round trip."""
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://([^/]+)")


class Stored(NamedTuple):
    """An object: its address, its bytes, and the store's own mark of its content (an ETag, else a time)."""

    address: str
    size: int
    mark: str


def is_address(text: str) -> bool:
    """Whether a text is the address of a store, not a path of this machine."""
    return _ADDRESS.match(text) is not None


def read(address: str, most: int | None = None) -> bytes:
    """The bytes of an object, the first `most` of them. FileNotFoundError, PermissionError or another OSError."""
    found = read_all((address,), most)[address]
    if isinstance(found, OSError):
        raise found
    return found


def read_all(addresses: Sequence[str], most: int | None = None) -> dict[str, bytes | OSError]:
    """The bytes of each object, asked for at once: a round trip for all costs what a round trip for one does."""
    found: dict[str, bytes | OSError] = {}
    for root, names in _by_root(addresses).items():
        system, base = _opened(root)
        # No `cat`: it takes brackets and stars in names for patterns.
        with _reasons(root):
            answers = system.cat_ranges([base + name for name in names], None if most is None else 0, most)
        for name, answer in zip(names, answers, strict=True):
            found[root + name] = answer if isinstance(answer, bytes) else _reason(answer, root + name)
    return found


def write_all(files: Mapping[str, bytes]) -> None:
    """Stores each object, whole or not at all, several at a time; the OSError of the first that fails."""
    for root, names in _by_root(tuple(files)).items():
        system, base = _opened(root)
        with _reasons(root):
            system.pipe({base + name: files[root + name] for name in names})


def find(address: str) -> list[Stored]:
    """All objects below an address, or the object that it names itself, in the order of their names."""
    root, name = _split(address)
    system, base = _opened(root)
    with _reasons(address):
        system.invalidate_cache()
        found = system.find(base + name, detail=True)
    return [_stored(root, base, about) for _, about in sorted(found.items())]


def look_at(addresses: Sequence[str]) -> dict[str, Stored]:
    """What the store says of each object, those left out that are not there."""
    folders: dict[str, list[str]] = {}
    for address in addresses:
        folders.setdefault(address.rpartition("/")[0], []).append(address)
    found: dict[str, Stored] = {}
    for folder, group in folders.items():
        answers = _asked(group) if len(group) <= _FEW else _listed(folder)
        wanted = set(group)
        found.update((one.address, one) for one in answers if one.address in wanted)
    return found


def _asked(addresses: Iterable[str]) -> Iterator[Stored]:
    for address in addresses:
        root, name = _split(address)
        system, base = _opened(root)
        with suppress(FileNotFoundError), _reasons(address):
            system.invalidate_cache()
            yield _stored(root, base, system.info(base + name))


def _listed(folder: str) -> Iterator[Stored]:
    root, name = _split(folder)
    system, base = _opened(root)
    with suppress(FileNotFoundError), _reasons(folder):
        system.invalidate_cache()
        yield from (_stored(root, base, about) for about in system.ls(base + name, detail=True))


def exists(address: str) -> bool:
    """Whether there is an object of this address or below it."""
    return bool(look_at((address,)))


def remove(address: str) -> None:
    """Removes an object; FileNotFoundError or another OSError."""
    root, name = _split(address)
    system, base = _opened(root)
    with _reasons(address):
        system.rm_file(base + name)


def _split(address: str) -> tuple[str, str]:
    """The bucket (or host) with its protocol, and the rest."""
    found = _ADDRESS.match(address)
    if not found:
        raise UsageError(f"{address}: no address: write it as s3://bucket/prefix")
    return found[0], address[found.end() :].rstrip("/")


def _by_root(addresses: Sequence[str]) -> dict[str, list[str]]:
    by_root: dict[str, list[str]] = {}
    for address in addresses:
        root, name = _split(address)
        by_root.setdefault(root, []).append(name)
    return by_root


@cache
def _opened(root: str) -> tuple[Any, str]:
    """fsspec's view of a store, and what it calls the bucket; UsageError, ToolError when it cannot be had."""
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


def _stored(root: str, base: str, about: Mapping[str, Any]) -> Stored:
    keys = ("ETag", "etag", "md5Hash", "LastModified", "mtime", "last_modified", "updated", "created")
    mark = next((about[key] for key in keys if about.get(key)), "")
    mark = str(mark.timestamp() if isinstance(mark, datetime) else mark)
    return Stored(root + str(about["name"])[len(base) :], int(about.get("size") or 0), mark)


@contextmanager
def _reasons(address: str) -> Iterator[None]:
    """Errors of the store's library as OSErrors of the address."""
    try:
        yield
    except Exception as error:
        raise _reason(error, address) from error


def _reason(error: BaseException, address: str) -> OSError:
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(errno.ENOENT, "no such object or bucket", address)
    if isinstance(error, PermissionError):
        return PermissionError(errno.EACCES, "access denied; credentials come from the environment", address)
    said = " ".join(str(error).split()) or type(error).__name__
    return OSError(getattr(error, "errno", None) or errno.EIO, said[:200], address)
