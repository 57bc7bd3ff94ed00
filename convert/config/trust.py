"""Which settings files among notes the user has trusted, as their own folder tells.

Each trusted file is an entry named by a hash of its resolved path and of its bytes, so that a changed file is foreign
again. The entry holds the path.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from convert.config.read import file_bytes
from convert.errors import UsageError
from convert.storage.folder import Folder
from convert.storage.location import user_folder

_ENTRIES = "trusted"
"""The folder of the entries, in the user's."""


def is_trusted(path: Path, data: bytes) -> bool:
    """Return whether the user has trusted a settings file with these bytes at its path."""
    folder = user_folder("config")
    return folder is not None and _path_in(folder / _ENTRIES / _name(path, data)) == path.resolve()


def was_trusted(path: Path) -> bool:
    """Return whether the user has trusted a settings file at this path, whatever it held."""
    return any(found == path.resolve() for _, found in _entries())


def trust(path: Path, data: bytes) -> None:
    """Trust a settings file with these bytes, in place of what it was before. Raises UsageError or SaveError."""
    folder = user_folder("config")
    if not folder:
        raise UsageError("the user's configuration folder is not absolute: set XDG_CONFIG_HOME or HOME to a full path")
    forget(path)
    Folder(folder).write(f"{_ENTRIES}/{_name(path, data)}", os.fsencode(path.resolve()))


def forget(path: Path) -> bool:
    """Trust a settings file no longer, or all of those in a folder; return whether one was trusted."""
    gone = [entry for entry, found in _entries() if path.resolve() in (found, found.parent)]
    for entry in gone:
        entry.unlink(missing_ok=True)
    return bool(gone)


def trusted() -> dict[Path, bool]:
    """Return the files that were trusted, sorted, and whether each still is what it was then."""
    found = {}
    for entry, path in _entries():
        try:
            found[path] = _name(path, file_bytes(path)) == entry.name
        except UsageError:
            found[path] = False
    return dict(sorted(found.items()))


def _entries() -> Iterator[tuple[Path, Path]]:
    """Yield each entry with the path that it holds."""
    folder = user_folder("config")
    entries = folder / _ENTRIES if folder else None
    if entries and entries.is_dir():
        for entry in sorted(entries.iterdir()):
            if path := _path_in(entry):
                yield entry, path


def _path_in(entry: Path) -> Path | None:
    try:
        return Path(os.fsdecode(file_bytes(entry)))
    except UsageError:  # absent, or not written by us
        return None


def _name(path: Path, data: bytes) -> str:
    """Return the name of the entry for a file with these bytes."""
    return hashlib.sha256(os.fsencode(path.resolve()) + b"\0" + data).hexdigest()
