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
from convert.storage.location import Url
from convert.storage.object_store import write_all


def save_all(output: Path, files: Mapping[str, bytes]) -> None:
    """Writes files by their names below the output folder, each as `save` does, a folder that is not there as a whole.

    A store takes several at a time.
    """
    if isinstance(output, Url):
        _store_all(output, files)
        return
    folders: dict[str, list[str]] = {}
    for name in files:
        folders.setdefault(name.partition("/")[0], []).append(name)
    for folder, names in folders.items():
        if len(names) == 1 or not _save_folder(output, folder, {name: files[name] for name in names}):
            for name in names:
                save(output, name, files[name])


def _store_all(output: Url, files: Mapping[str, bytes]) -> None:
    try:
        write_all({str(safe_target(output, name)): data for name, data in files.items()})
    except OSError as error:
        raise SaveError(f"{output}: cannot be written ({error.strerror}): check the address and the rights") from error


def _save_folder(output: Path, folder: str, files: Mapping[str, bytes]) -> bool:
    """Writes the files of a folder into a temporary one, which takes its place: half of what renaming each file costs.

    False when there is a folder already, or one came meanwhile: then its files are replaced one by one.
    """
    target = safe_target(output, folder)
    if os.path.lexists(target):
        return False
    temporary = ""
    try:
        output.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.mkdtemp(dir=output, prefix=".notebind-", suffix=".tmp")
        os.chmod(temporary, 0o777 & ~_umask())
        for name, data in files.items():
            _write_below(temporary, safe_target(Path(temporary), name.partition("/")[2]), data)
        os.rename(temporary, target)
    except OSError as error:
        if os.path.lexists(target):
            return False
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return True


def _write_below(folder: str, path: Path, data: bytes) -> None:
    if str(path.parent) != folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def save(output: Path, name: str, data: bytes) -> None:
    """Writes `<output>/<name>`: to a temporary file beside it, which then takes its place. SaveError when it fails.

    In a store an object is there whole or not at all.
    """
    if isinstance(output, Url):
        _store_all(output, {name: data})
        return
    _save(output, name, lambda file: file.write(data))


def save_pieces(output: Path, name: str, pieces: Iterable[bytes]) -> None:
    """Writes `<output>/<name>` piece by piece, in the same way."""
    if isinstance(output, Url):
        _store_all(output, {name: b"".join(pieces)})
        return
    _save(output, name, lambda file: file.writelines(pieces))


def save_copy(output: Path, name: str, source: Path) -> None:
    """Writes `<output>/<name>` as a copy of a file, in the same way."""
    if isinstance(output, Url):
        _store_all(output, {name: source.read_bytes()})
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
        raise _unwritable(target, error) from error


def _unwritable(target: Path, error: OSError) -> SaveError:
    reason = error.strerror or str(error)
    return SaveError(f"{target}: cannot be written ({reason}): check the folder and the space on the disk")


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
