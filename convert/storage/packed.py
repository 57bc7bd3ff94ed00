"""Values kept as msgpack, in memory or in a file of the run: as objects they would fill the memory.

The trees of notes are kept in files, too, because unpacking a tree takes a twentieth of the time of reading its note
again. The worker that scans a note writes its tree, and the workers that make its book read it.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from convert.document.note import Note
from convert.report import Diagnostic, Severity

T = TypeVar("T")
_SIZE_BITS = 32
_DECODER = msgspec.msgpack.Decoder(Note)


class Packed(Mapping[str, T], Generic[T]):
    """Packed values by name, in a tenth of the memory of the objects; each access unpacks the value anew.

    With a folder, the values are in a file there, and only their positions are in memory.
    """

    def __init__(self, kind: Any, folder: str = "") -> None:
        """`kind` is the type of the values for msgspec. If the folder is not writable, values stay in memory."""
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()
        self._data: dict[str, bytes | int] = {}
        """The packed value, or its start and size in the file as one number to save memory, by name."""
        self._end = 0
        self._file: Any = None
        if folder:
            with suppress(OSError):
                self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - open as long as we live

    def put(self, name: str, value: T) -> None:
        """Add a value."""
        self.put_packed(name, self._encoder.encode(value))

    def put_packed(self, name: str, data: bytes) -> None:
        """Add a packed value."""
        self._data[name] = data
        if not self._file:
            return
        with suppress(OSError):
            self._file.seek(self._end)
            if self._file.write(data) == len(data):
                self._data[name] = self._end << _SIZE_BITS | len(data)
                self._end += len(data)

    def packed(self, name: str) -> bytes:
        """Return a packed value."""
        found = self._data[name]
        if isinstance(found, bytes):
            return found
        self._file.seek(found >> _SIZE_BITS)
        data: bytes = self._file.read(found & (1 << _SIZE_BITS) - 1)
        return data

    def __getitem__(self, name: str) -> T:
        return self._decoder.decode(self.packed(name))

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


class PackedDiagnostics(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Packed diagnostics in order, and their number of each severity."""

    packed: bytes
    counts: dict[Severity, int]

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(msgspec.msgpack.decode(self.packed, type=list[Diagnostic]) if self.counts else ())


def pack_diagnostics(found: Sequence[Diagnostic]) -> PackedDiagnostics:
    """Return diagnostics as `PackedDiagnostics`."""
    return PackedDiagnostics(msgspec.msgpack.encode(found), dict(Counter(map(attrgetter("severity"), found))))


class DiagnosticLog:
    """Diagnostics in the order of their addition; those of notes stay in the vault and are referred to."""

    def __init__(self, several: Iterable[PackedDiagnostics] = ()) -> None:
        self._parts: list[PackedDiagnostics | tuple[Mapping[str, PackedDiagnostics], str]] = []
        self.counts: Counter[Severity] = Counter()
        """The number of diagnostics of each severity."""
        for one in several:
            self._add(one)

    def __iadd__(self, found: Sequence[Diagnostic]) -> DiagnosticLog:
        if found:
            self._add(pack_diagnostics(found))
        return self

    def _add(self, several: PackedDiagnostics) -> None:
        if several.counts:
            self._parts.append(several)
            self.counts.update(several.counts)

    def refer(self, known: Mapping[str, PackedDiagnostics], names: Iterable[str]) -> None:
        """Add references to the diagnostics that `known` has under these names, if any."""
        for name in names:
            if name in known and (counts := known[name].counts):
                self._parts.append((known, name))
                self.counts.update(counts)

    def parts(self) -> Iterator[PackedDiagnostics]:
        """Yield the diagnostics as they were added, still packed."""
        for one in self._parts:
            yield one if isinstance(one, PackedDiagnostics) else one[0][one[1]]

    def __iter__(self) -> Iterator[Diagnostic]:
        for one in self.parts():
            yield from one


class FileSlice(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Packed data (a tree, a book) in a file of the run: the file, the offset and the size of the data."""

    file: str
    start: int
    size: int

    def read(self) -> bytes:
        """Return the packed data. Raises OSError when the file is gone."""
        # A file object would take four times as long, for each note.
        descriptor = os.open(self.file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            os.lseek(descriptor, self.start, os.SEEK_SET)
            return os.read(descriptor, self.size)
        finally:
            os.close(descriptor)


def unpack_tree(tree: FileSlice) -> Note | None:
    """Return the unresolved note of a packed tree, or None when its file is gone or was changed."""
    try:
        return _DECODER.decode(tree.read())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def store_slices(packed: Sequence[bytes], folder: str) -> list[FileSlice | None]:
    """Write packed data into a new file of the folder; return None for empty ones, and for all when that fails."""
    try:
        descriptor, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(packed)
    except OSError:
        return [None] * len(packed)
    starts = accumulate(map(len, packed), initial=0)
    return [FileSlice(name, start, len(data)) if data else None for start, data in zip(starts, packed, strict=False)]
