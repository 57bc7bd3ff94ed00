"""Records of artifacts and states of writers in `<output>/.notebind/`, for the next run."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import file_digest, sha256
from operator import attrgetter
from pathlib import Path

import msgspec

from convert.errors import SaveError
from convert.files import open_file
from convert.report import Diagnostic, Warn, diagnostic
from convert.storage.folder import RECORD_SUFFIX, RUN_FOLDER, FileState, Folder
from convert.storage.location import Location, Storage, identity, is_address, is_below, storage_at
from convert.storage.object_store import Snapshot, Store
from convert.storage.sealed import (
    ANYWHERE,
    LARGEST_RECORD,
    LARGEST_STATE,
    UNUSABLE,
    UnusableError,
    cause_of,
    place_of,
    read_sealed,
    unseal,
    write_sealed,
)
from convert.writers.base import Artifact

_HAS_DIGEST = attrgetter("sha256")
_NAMED = 3
"""Files that are moved aside for a reason and named each."""
_CHANGED = "was changed since it was made: kept; remove it yourself"
_OTHER_HOST = "\\\\"
"""What a path on another machine begins with (Windows): to ask there would tell it who the user is."""
_OTHER_KINDS = (errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.EINVAL)
"""Errors of opening a link, a folder or another thing in place of a file."""


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
    states: tuple[Saved, ...] = ()
    """What the writer keeps for the next run; its digest is not recorded, since the file holds its own."""


def state_name(book: str, writer: str) -> str:
    """Return the path below the output folder of a writer's state of a book."""
    return f"{RUN_FOLDER}/{book}.{writer}.state"


def record_name(book: str, writer: str) -> str:
    """Return the path below the output folder of the record of a book and a writer."""
    return f"{RUN_FOLDER}/{book}.{writer}{RECORD_SUFFIX}"


def to_be_saved(writer: str, artifacts: Iterable[Artifact]) -> list[Saved]:
    """Return records of artifacts before they are saved, at no time yet."""
    return [Saved(writer, one.path, len(one.data), sha256(one.data).hexdigest(), -1) for one in artifacts]


def all_saved(announced: Sequence[Saved], output: Storage) -> list[Saved]:
    """Return the records of announced artifacts that were just saved. Raises SaveError if one is missing."""
    saved = []
    try:
        states = output.states([one.path for one in announced])
        for one in announced:
            digest = one.sha256 or _digest(output, one.path)
            state = states[one.path]
            saved.append(Saved(one.writer, one.path, state.size, digest, state.modified_ns, state.etag))
    except OSError as error:
        raise _vanished(output, error) from error
    return saved


def _digest(output: Storage, path: str) -> str:
    with output.open(path) as file:
        return file_digest(file, "sha256").hexdigest()


def _vanished(output: Storage, error: OSError) -> SaveError:
    return SaveError(f"{output}: what was saved cannot be found again ({error}): run this again")


def save_state(output: Storage, book: str, writer: str, data: bytes) -> Saved:
    """Save the state of a writer and return its record.

    It is good in any folder: decks that are moved keep the identities of their cards. Raises SaveError.
    """
    name = state_name(book, writer)
    write_sealed(output, name, (data,), ANYWHERE)
    try:
        found = output.states([name])[name]
    except OSError as error:
        raise _vanished(output, error) from error
    return Saved(writer, name, found.size, "", found.modified_ns, found.etag)


def read_state(output: Storage, book: str, writer: str) -> bytes | None:
    """Return the state that a writer left, None if there is none. Raises UnusableError if it is unusable."""
    try:
        return b"".join(read_sealed(output, state_name(book, writer), ANYWHERE, LARGEST_STATE))
    except FileNotFoundError:
        return None
    except UnusableError:
        raise
    except OSError as error:
        if isinstance(output, Store):
            # A deck made without its state would forget its cards, so an unreachable store is an error.
            raise SaveError(f"{output}: cannot be read ({error.strerror}): run this again") from error
        raise UnusableError(cause_of(error)) from error


def save_record(output: Storage, record: Record) -> None:
    """Save the record, sealed, as JSON. Raises SaveError."""
    write_sealed(output, record_name(record.book, record.writer), (msgspec.json.encode(record),))


def read_record(output: Storage, book: str, writer: str) -> Record | None:
    """Return the record of a book and a writer, None if there is none. Raises one of `UNUSABLE` if it is of no use."""
    try:
        return _decoded(output, output, record_name(book, writer))
    except FileNotFoundError:
        return None


def announce(output: Storage, record: Record, previous: Record | None) -> None:
    """Save a record of artifacts before they are written: they are ours, but no run takes them for finished.

    Those of the record before are ours still. Raises SaveError.
    """
    ours = (*previous.artifacts, *record.artifacts) if previous else record.artifacts
    save_record(output, msgspec.structs.replace(record, fingerprint="", artifacts=tuple(dict.fromkeys(ours))))


def keep_what_is_not_ours(
    output: Storage, new: Sequence[Saved], films: Mapping[str, Path], previous: Record | None, warn: Warn
) -> None:
    """Rename what is in the place of artifacts, unless it is empty, as recorded or as it will be; warn of it.

    `films` has the sources of those that are copies. Objects in a store are replaced without a look at them. Raises
    SaveError.
    """
    if isinstance(output, Store):
        return
    made = previous.artifacts if previous else ()
    made_paths = {one.path for one in made}
    ours: dict[str, list[Saved]] = {one.path: [] for one in (*made, *new)}
    for one in (*made, *filter(_HAS_DIGEST, new)):
        ours[one.path].append(one)
    try:
        there = output.present([one.path for one in new])
    except OSError:  # A link or file is in place of a folder, which writing reports.
        return
    kept: dict[str, list[str]] = {}
    for path, state in there.items():
        if not (state and (not state.size or any(_is_as(output, one, state) for one in ours[path]))):
            if state and path in films and _is_copy(output, path, films[path], state):
                continue
            reason = (
                "was changed since it was made"
                if path in made_paths
                else "was here before, and notebind has no record of it"
            )
            aside = kept.setdefault(reason, [])
            aside.append(f"kept as {output.put_aside(path)}")
            if len(aside) <= _NAMED:
                warn(diagnostic("artifact-moved", f"{output}/{path}", 0, f"{reason}: {aside[-1]}"))
    for reason, aside in kept.items():
        if len(aside) > _NAMED:
            message = f"{len(aside) - _NAMED} more files: {reason}; {aside[-1]} and the like"
            warn(diagnostic("artifact-moved", f"{output}", 0, message))


def _is_as(output: Folder, one: Saved, state: FileState) -> bool:
    """Return whether a file is as recorded: by its time, or by its bytes if these are known."""
    if state.size != one.bytes:
        return False
    try:
        return state.modified_ns == one.modified_ns or not one.sha256 or _digest(output, one.path) == one.sha256
    except OSError:
        return False


def _is_copy(output: Folder, path: str, source: Path, state: FileState) -> bool:
    """Return whether a file has the bytes of another one."""
    with suppress(OSError), open_file(source) as file:
        if state.size == os.fstat(file.fileno()).st_size:
            return file_digest(file, "sha256").hexdigest() == _digest(output, path)
    return False


def remove(output: Storage, record: Record) -> dict[str, str]:
    """Remove the artifacts of a record, folders that are empty then, and, unless one resists, the state and the record.

    Return why each file that is kept is, by its path: it was changed, or cannot be removed, which the next run tries
    again.
    """
    reasons = {one.path: _removed(output, one) for one in record.artifacts}
    for name in (state_name(record.book, record.writer), record_name(record.book, record.writer)):
        if not {*reasons.values()} - {"", _CHANGED}:
            reasons[name] = _gone(output, name)
    return {path: reason for path, reason in reasons.items() if reason}


def _removed(output: Storage, one: Saved) -> str:
    """Remove an artifact, and its folder if that is empty then; return why it is kept, empty if it is gone."""
    try:
        reason = _gone(output, one.path) if _is_as_saved(output, one) else _CHANGED
    except FileNotFoundError:
        reason = ""
    except SaveError:
        reason = _CHANGED
    except OSError as error:
        reason = _CHANGED if error.errno in _OTHER_KINDS else _resists(error)
    if not reason:
        with suppress(OSError, SaveError):
            output.remove_folder_of(one.path)
    return reason


def _gone(output: Storage, name: str) -> str:
    """Remove a file; return why that is not possible, empty if it is gone."""
    try:
        output.remove(name)
    except FileNotFoundError:
        return ""
    except (OSError, SaveError) as error:
        return _resists(error)
    return ""


def _resists(error: OSError | SaveError) -> str:
    reason = (isinstance(error, OSError) and error.strerror) or error
    return f"could not be removed ({reason}): kept; give --prune again when it can be"


def _is_as_saved(output: Storage, one: Saved) -> bool:
    """Return whether an artifact has the bytes that were saved. Raises OSError or SaveError if it is no such file."""
    found = output.states([one.path])[one.path]
    if found.etag or found.size != one.bytes:
        return found == FileState(one.bytes, one.modified_ns, one.etag)
    with output.open(one.path) as file:
        return file_digest(file, "sha256").hexdigest() == one.sha256


def of_other_notes(record: Record, origins: Sequence[str]) -> list[str]:
    """Return the places of a record that are still there, if the book is made of none of them this time."""
    if any(is_below(one, other) or is_below(other, one) for one in record.origins for other in origins):
        return []
    return [one for one in record.origins if not is_address(one) and _may_exist(one)]


def _is_used(origin: str, used: Iterable[str]) -> bool:
    """Return whether a book was made of a place, or of the folder that the file lies in."""
    return origin in used or os.path.dirname(origin) in used


def _may_exist(path: str) -> bool:
    """Return whether a local path exists, as far as this can be seen."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True


def _decoded(files: Storage | Snapshot, output: Storage, name: str) -> Record:
    """Return the record in a file. Raises `UNUSABLE`."""
    with files.open(name) as file:
        data = b"".join(unseal(file, place_of(output, name), LARGEST_RECORD))
    record = msgspec.json.decode(data, type=Record)
    if record_name(record.book, record.writer) != name:
        raise UnusableError
    return record


class PreviousOutputs:
    """The records of earlier runs, decoded one by one. Raises ToolError if an object store cannot be listed."""

    def __init__(self, output: Storage, notes: Iterable[Location] = ()) -> None:
        """`notes` are what the user named: of other stores nothing is asked."""
        self._output = output
        self._named = tuple([f"{str(one).rstrip('/')}/" for one in notes if is_address(str(one))])
        """What addresses begin with that may be asked."""
        self._files = output.snapshot()
        self.unusable: dict[str, str] = {}
        """Why files of earlier runs are of no use, by name."""

    def current(self, book: str, writer: str, fingerprint: str) -> Record | None:
        """Return the record of artifacts that need not be made again: same fingerprint, files untouched."""
        record = self._decoded(record_name(book, writer), self.unusable)
        if record and record.fingerprint == fingerprint and self.untouched((*record.artifacts, *record.states)):
            return record
        return None

    def gone(self, made: set[str], searched: Iterable[Location], in_doubt: Iterable[Location] = ()) -> list[Record]:
        """Return the records of books that are not in `made` and whose notes are gone.

        They are gone from a place in `searched`, the inputs of this run, if no book was made of it; from another if it
        does not exist. Nothing is gone from a place about which this run is `in_doubt`, since it could not be read.
        """
        names: dict[bool, list[str]] = {True: [], False: []}
        for name in self._files.records():
            # A record is named after its book, whose name has no dot.
            names[name.rpartition("/")[2].partition(".")[0] in made].append(name)
        others = list(filter(None, map(self._decoded, names[False])))
        if not others:
            return []
        used = [one for record in filter(None, map(self._decoded, names[True])) for one in record.origins]
        roots, doubts = [[identity(one) for one in places] for places in (searched, in_doubt)]

        def is_there(origin: str) -> bool:
            if not self._may_exist(origin):
                return False
            unclear = any(is_below(one, origin) or is_below(origin, one) for one in doubts)
            return unclear or not any(is_below(origin, one) for one in roots) or _is_used(origin, used)

        return [one for one in others if not any(map(is_there, one.origins))]

    def elders(self, made: set[str]) -> tuple[tuple[str, str, bool], ...]:
        """Return book, writer and whether the notes are gone of each record of a book that is not in `made`."""
        found = []
        for name in self._files.records():
            book = name.rpartition("/")[2].partition(".")[0]
            record = None if book in made else self._decoded(name)
            if record and record.book == book:
                found.append((book, record.writer, not any(map(self._may_exist, record.origins))))
        return tuple(sorted(found))

    def versions(self) -> dict[str, set[tuple[int, str]]]:
        """Return sizes and SHA-256 digests of all artifacts by path, also of those that are being saved."""
        found: dict[str, set[tuple[int, str]]] = {}
        for record in filter(None, map(self._decoded, self._files.records())):
            for one in record.artifacts:
                found.setdefault(one.path, set()).add((one.bytes, one.sha256))
        return found

    def _may_exist(self, origin: str) -> bool:
        """Return whether a place of notes exists; one that may not be asked counts as there.

        Others may have made the record: a store is asked only about what is below an address that the user named.
        """
        if f"{origin}/".startswith(self._named):
            return storage_at(origin).exists()
        return is_address(origin) or origin.startswith(_OTHER_HOST) or _may_exist(origin)

    def untouched(self, saved: Sequence[Saved]) -> bool:
        """Return whether artifacts are as they were saved."""
        try:
            states = self._files.states([one.path for one in saved])
        except (OSError, SaveError):
            return False
        return all(states[one.path] == FileState(one.bytes, one.modified_ns, one.etag) for one in saved)

    def _decoded(self, name: str, unusable: dict[str, str] | None = None) -> Record | None:
        """Return a record, None if it is missing or of no use, which then is added to `unusable`."""
        try:
            return _decoded(self._files, self._output, name)
        except FileNotFoundError:
            return None
        except UNUSABLE as error:
            if unusable is not None:
                unusable[name] = cause_of(error)
            return None
