"""Files to disk: each whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from convert.errors import SaveError
from convert.tools.places import Url
from convert.tools.store import write_all


def save_all(output: Path, files: Mapping[str, bytes]) -> None:
    """Writes files by their names below the output folder, each as `save` does; a store takes several at a time."""
    if not isinstance(output, Url):
        for name, data in files.items():
            save(output, name, data)
        return
    try:
        write_all({str(safe_target(output, name)): data for name, data in files.items()})
    except OSError as error:
        raise SaveError(f"{output}: cannot be written ({error.strerror}): check the address and the rights") from error


def save(output: Path, name: str, data: bytes) -> None:
    """Writes `<output>/<name>`: to a temporary file beside it, which then takes its place. SaveError when it fails.

    In a store an object is there whole or not at all.
    """
    if isinstance(output, Url):
        save_all(output, {name: data})
        return
    _save(output, name, lambda file: file.write(data))


def save_pieces(output: Path, name: str, pieces: Iterable[bytes]) -> None:
    """Writes `<output>/<name>` piece by piece, in the same way."""
    if isinstance(output, Url):
        save_all(output, {name: b"".join(pieces)})
        return
    _save(output, name, lambda file: file.writelines(pieces))


def save_copy(output: Path, name: str, source: Path) -> None:
    """Writes `<output>/<name>` as a copy of a file, in the same way."""
    if isinstance(output, Url):
        save_all(output, {name: source.read_bytes()})
        return

    def copy(file: BinaryIO) -> None:
        with open(source, "rb") as original:
            shutil.copyfileobj(original, file, 1 << 20)

    _save(output, name, copy)


def _save(output: Path, name: str, write: Callable[[BinaryIO], object]) -> None:
    target = safe_target(output, name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, write)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SaveError(
            f"{target}: cannot be written ({reason}): check the folder and the space on the disk"
        ) from error


def safe_target(output: Path, name: str) -> Path:
    """The path of an artifact, which must lie below the output folder; SaveError for any other name."""
    parts = PurePosixPath(name).parts
    if not parts or any(part in ("..", "/", "") or "\\" in part or "\0" in part for part in parts):
        raise SaveError(f"{name!r} does not lie below the output folder: not written")
    return output.joinpath(*parts)


def _replace(target: Path, write: Callable[[BinaryIO], object]) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".notebind-", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
