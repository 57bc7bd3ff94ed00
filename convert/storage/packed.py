"""Much about many notes in little memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Packed(Mapping[str, T], Generic[T]):
    """Values by name, kept as msgpack, a tenth of what the objects take; each look unpacks the value anew.

    What a vault knows of its notes is kept so: a run looks at it note by note, never at all of it at once. With a
    folder the values lie in a file there, and only their places in memory.
    """

    def __init__(self, kind: Any, folder: str = "") -> None:
        """`kind` is the type of the values, as msgspec takes it; a folder that cannot be written is done without."""
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()
        self._data: dict[str, bytes | int] = {}
        self._file = _File(folder) if folder else None

    def put(self, name: str, value: T) -> None:
        """Keeps a value."""
        self.put_packed(name, self._encoder.encode(value))

    def put_packed(self, name: str, data: bytes) -> None:
        """Keeps a value that is packed already."""
        place = self._file.append(data) if self._file else None
        self._data[name] = data if place is None else place

    def packed(self, name: str) -> bytes:
        """A value as it is kept."""
        found = self._data[name]
        return found if isinstance(found, bytes) else self._file.read(found)  # type: ignore[union-attr]

    def __getitem__(self, name: str) -> T:
        return self._decoder.decode(self.packed(name))

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


_SIZE_BITS = 32


class _File:
    """Bytes one behind the other in a file without a name; a place is their start and their size in one number."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._file: Any = None
        self._end = 0

    def append(self, data: bytes) -> int | None:
        """Where the data lies now; None when the disk does not take it."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - as long as we
            self._file.seek(self._end)
            if self._file.write(data) < len(data):
                return None
        except OSError:
            return None
        start, self._end = self._end, self._end + len(data)
        return start << _SIZE_BITS | len(data)

    def read(self, place: int) -> bytes:
        """What was appended there."""
        self._file.seek(place >> _SIZE_BITS)
        data: bytes = self._file.read(place & (1 << _SIZE_BITS) - 1)
        return data
