"""What killed runs leave: temporary files, which the next run removes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from convert.storage.location import Url

TEMPORARY = ".notebind-*.tmp"


@contextmanager
def at_work(output: Path, folders: Iterable[str] = ()) -> Iterator[None]:
    """Lock the folder as in use; remove the temporary files in it first, unless another run is at work there.

    `folders` are patterns of the folders below it that are swept too. A store has no temporary files.
    """
    if isinstance(output, Url):
        yield
        return
    try:
        import fcntl
    except ImportError:  # Windows, where a folder cannot be locked
        yield
        return
    try:
        handle = os.open(output, os.O_RDONLY)
    except OSError:  # not there yet, or not readable: what is saved will tell
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _sweep(output, folders)
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _sweep(output: Path, folders: Iterable[str]) -> None:
    for pattern in (TEMPORARY, *(f"{folder}/{TEMPORARY}" for folder in (".notebind", *folders))):
        for path in output.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
                continue
            with suppress(OSError):
                path.unlink()
