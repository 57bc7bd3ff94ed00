"""What a run leaves for the next one, in `<output>/.notebind/`: states of writers and a record of what was made."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

import msgspec

from convert.errors import SaveError
from convert.installed import versions
from convert.report import Diagnostic
from convert.storage.folder import RECORD_SUFFIX, RUN_FOLDER, FileState
from convert.storage.location import Storage
from convert.storage.object_store import Store
from convert.writers.base import Artifact, Copy


class Saved(msgspec.Struct, frozen=True, omit_defaults=True):
    """An artifact on disk; `modified_ns` is its file's time, by which a later change by others is noticed.

    In a store it has a `mark` instead, which the store gives to its content.
    """

    writer: str
    path: str
    bytes: int
    sha256: str
    modified_ns: int
    mark: str = ""

    def state(self) -> FileState:
        """Return the state of the file that was saved."""
        return FileState(self.bytes, self.modified_ns, self.mark)


class Record(msgspec.Struct, frozen=True):
    """What one writer made of a book, and the fingerprint of all that it depends on."""

    fingerprint: str
    book: str
    writer: str
    places: tuple[str, ...]
    artifacts: tuple[Saved, ...]
    diagnostics: tuple[Diagnostic, ...]
    counts: dict[str, int]


def all_saved(writer: str, artifacts: Sequence[Artifact | Copy], output: Storage) -> list[Saved]:
    """Return what to remember of artifacts that were just saved; SaveError when they are missing."""
    try:
        states = output.states([one.path for one in artifacts])
        return [_saved(writer, one, states[one.path], output) for one in artifacts]
    except OSError as error:
        raise SaveError(f"{output}: what was saved cannot be found again ({error}): run this again") from error


def _saved(writer: str, artifact: Artifact | Copy, state: FileState, output: Storage) -> Saved:
    with io.BytesIO(artifact.data) if isinstance(artifact, Artifact) else output.open(artifact.path) as file:
        digest = file_digest(file, "sha256").hexdigest()
    return Saved(writer, artifact.path, state.size, digest, state.modified_ns, state.etag)


def state_name(book: str, writer: str) -> str:
    """The path below the output folder of a writer's state of a book."""
    return f"{RUN_FOLDER}/{book}.{writer}.state"


def record_name(book: str, writer: str) -> str:
    """The path below the output folder of the record of a book and a writer."""
    return f"{RUN_FOLDER}/{book}.{writer}{RECORD_SUFFIX}"


def read_state(output: Storage, book: str, writer: str) -> bytes | None:
    """The state that a writer left, None when there is none."""
    try:
        return output.read(state_name(book, writer))
    except FileNotFoundError:
        return None
    except OSError as error:
        if isinstance(output, Store):
            # Nothing is known of what is there: a deck made without it would have no memory.
            raise SaveError(f"{output}: cannot be read ({error.strerror}): run this again") from error
        return None


def dump_record(record: Record) -> bytes:
    """The record as JSON."""
    return msgspec.json.encode(record)


def decode_record(data: bytes) -> Record | None:
    """The record in a file, None when it is damaged: then the artifacts are made again."""
    try:
        return msgspec.json.decode(data, type=Record)
    except msgspec.MsgspecError:
        return None


def forget(output: Storage, book: str, writer: str) -> None:
    """Removes the record before its artifacts are replaced, so that a killed run is never taken for a finished one."""
    with suppress(OSError):
        output.remove(record_name(book, writer))


def fingerprints(book: bytes, options: Mapping[str, Any], epoch: int) -> dict[str, str]:
    """By writer, a hash of all that its artifacts depend on: versions, the mark of the book, options, date."""
    base = blake2b(digest_size=20)
    base.update(repr((versions(), epoch)).encode())
    base.update(book)
    found = {}
    for writer, values in options.items():
        own = base.copy()
        own.update(repr((writer, values)).encode())
        own.update(_contents(values))
        found[writer] = own.hexdigest()
    return found


def with_outputs(fingerprint: str, names: Iterable[str], files: Iterable[Path]) -> str:
    """Return the fingerprint of a writer that also depends on these names, in any order, and on these files."""
    own = blake2b(repr((fingerprint, sorted(names))).encode(), digest_size=20)
    for path in files:
        with suppress(OSError):
            found = path.stat()
            own.update(repr((str(path), found.st_size, found.st_mtime_ns)).encode(errors="surrogateescape"))
    return own.hexdigest()


def _contents(options: Any) -> bytes:
    """A hash of the files that options name: a cover, a style sheet."""
    found = blake2b(digest_size=20)
    for field in dataclasses.fields(options) if dataclasses.is_dataclass(options) else ():
        value = getattr(options, field.name)
        if isinstance(value, str | Path) and value and Path(value).is_file():
            found.update(Path(value).read_bytes())
    return found.digest()


def remove(output: Storage, record: Record) -> None:
    """Removes the artifacts of a record, the folder that held them if it is empty then, the state and the record."""
    for one in record.artifacts:
        with suppress(OSError, SaveError):
            with suppress(FileNotFoundError):
                output.remove(one.path)
            output.remove_folder_of(one.path)
    for name in (state_name(record.book, record.writer), record_name(record.book, record.writer)):
        with suppress(OSError):
            output.remove(name)
