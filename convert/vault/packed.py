"""Much about many notes in little memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Packed(Mapping[str, T], Generic[T]):
    """Values by name, kept as msgpack: a tenth of what the objects take. Each look unpacks the value anew.

    What a vault knows of its notes is kept so: the parts of a run look at it note by note, never at all of it at once.
    """

    def __init__(self, kind: Any) -> None:
        """`kind` is the type of the values, as msgspec takes it."""
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()
        self._data: dict[str, bytes | msgspec.Raw] = {}

    def put(self, name: str, value: T) -> None:
        """Keeps a value."""
        self._data[name] = self._encoder.encode(value)

    def put_packed(self, name: str, data: bytes | msgspec.Raw) -> None:
        """Keeps a value that is packed already."""
        self._data[name] = data

    def packed(self, name: str) -> bytes | msgspec.Raw:
        """A value as it is kept."""
        return self._data[name]

    def __getitem__(self, name: str) -> T:
        return self._decoder.decode(self._data[name])

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)
