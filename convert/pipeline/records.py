"""Records of artifacts and states of writers in `<output>/.notebind/`, for the next run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from hashlib import file_digest

import msgspec

from convert.errors import SaveError
from convert.report import Diagnostic
from convert.storage.folder import RECORD_SUFFIX, RUN_FOLDER, FileState
from convert.storage.location import Storage, storage_at
from convert.storage.object_store import Store
from convert.writers.base import Artifact, Copy


class Saved(msgspec.Struct, frozen=True, omit_defaults=True, rename={"etag": "mark"}):
    """A saved artifact. Its modification time, or its ETag in an object store, shows whether it changed."""

    writer: str
    path: str
    bytes: int
    sha256: str
    modified_ns: int
    etag: str = ""


class Record(msgspec.Struct, frozen=True, rename={"origins": "places"}):
    """What one writer made of a book, with the fingerprint of everything that it depends on."""

    fingerprint: str
    book: str
    writer: str
    origins: tuple[str, ...]
    """The folders or files of the book's notes."""
    artifacts: tuple[Saved, ...]
    diagnostics: tuple[Diagnostic, ...]
    counts: dict[str, int]


def state_name(book: str, writer: str) -> str:
    """Return the path below the output folder of a writer's state of a book."""
    return f"{RUN_FOLDER}/{book}.{writer}.state"


def record_name(book: str, writer: str) -> str:
    """Return the path below the output folder of the record of a book and a writer."""
    return f"{RUN_FOLDER}/{book}.{writer}{RECORD_SUFFIX}"


def all_saved(writer: str, artifacts: Sequence[Artifact | Copy], output: Storage) -> list[Saved]:
    """Return the records of artifacts that were just saved. Raises SaveError if one is missing."""
    saved = []
    try:
        states = output.states([one.path for one in artifacts])
        for one in artifacts:
            with io.BytesIO(one.data) if isinstance(one, Artifact) else output.open(one.path) as file:
                digest = file_digest(file, "sha256").hexdigest()
            state = states[one.path]
            saved.append(Saved(writer, one.path, state.size, digest, state.modified_ns, state.etag))
    except OSError as error:
        raise SaveError(f"{output}: what was saved cannot be found again ({error}): run this again") from error
    return saved


def read_state(output: Storage, book: str, writer: str) -> bytes | None:
    """Return the state that a writer left, None if there is none."""
    try:
        return output.read(state_name(book, writer))
    except FileNotFoundError:
        return None
    except OSError as error:
        if isinstance(output, Store):
            # A deck made without its state would forget its cards, so an unreachable store is an error.
            raise SaveError(f"{output}: cannot be read ({error.strerror}): run this again") from error
        return None


def save_record(output: Storage, record: Record) -> None:
    """Save the record as JSON."""
    output.write(record_name(record.book, record.writer), msgspec.json.encode(record))


def forget(output: Storage, book: str, writer: str) -> None:
    """Remove the record before its artifacts are replaced, so that a killed run is never taken for a finished one."""
    with suppress(OSError):
        output.remove(record_name(book, writer))


def remove(output: Storage, record: Record) -> None:
    """Remove the artifacts of a record, the folder that held them if it is empty then, the state and the record."""
    for one in record.artifacts:
        with suppress(OSError, SaveError):
            with suppress(FileNotFoundError):
                output.remove(one.path)
            output.remove_folder_of(one.path)
    for name in (state_name(record.book, record.writer), record_name(record.book, record.writer)):
        with suppress(OSError):
            output.remove(name)


class PreviousOutputs:
    """The records of earlier runs, decoded one by one. Raises ToolError if an object store cannot be listed."""

    def __init__(self, output: Storage) -> None:
        self._files = output.snapshot()

    def current(self, book: str, writer: str, fingerprint: str) -> Record | None:
        """Return the record of artifacts that need not be made again: same fingerprint, files untouched."""
        record = self._record(record_name(book, writer))
        if record and record.fingerprint == fingerprint and all(map(self.untouched, record.artifacts)):
            return record
        return None

    def gone(self, made: set[str]) -> list[Record]:
        """Return the records of books that are not in `made` and whose notes no longer exist."""
        found = []
        for name in self._files.records():
            # A record is named after its book, whose name has no dot.
            known = name.rpartition("/")[2].partition(".")[0] in made
            record = None if known else self._record(name)
            if record and not any(storage_at(one).exists() for one in record.origins):
                found.append(record)
        return found

    def untouched(self, one: Saved) -> bool:
        """Return whether an artifact is as it was saved."""
        try:
            return self._files.state(one.path) == FileState(one.bytes, one.modified_ns, one.etag)
        except (OSError, SaveError):
            return False

    def _record(self, name: str) -> Record | None:
        """Return a record, None if it is missing or damaged: then the artifacts are made again."""
        try:
            return msgspec.json.decode(self._files.read(name), type=Record)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
