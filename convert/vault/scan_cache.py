"""The scan cache: scans and time repairs of a run, kept for the next run.

Files that have not changed are not read again, nor are their times repaired again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

import msgspec

from convert.errors import SaveError
from convert.installed import program_hash
from convert.storage.location import Storage
from convert.storage.packed import Packed
from convert.storage.sealed import UNUSABLE, cause_of, read_sealed, write_sealed
from convert.vault.discovery import Source

_NAME = ".notebind/findings.msgpack"
RECENT_NS = 2_000_000_000
"""A file modified this shortly before may change again within the clock's resolution."""


class _CachedScan(msgspec.Struct, frozen=True, array_like=True, tag="scan"):
    source: Source
    scanned: bytes
    """The packed `Scanned`."""


class _CachedRepairs(msgspec.Struct, frozen=True, array_like=True, tag="times"):
    key: str
    repairs: list[bytes]


class ScanCache:
    """Packed scans by path, and packed repairs by a hash of what they depend on.

    The pieces of the file (program hash, scans, repairs) are read one by one to save memory.
    """

    def __init__(self, output: Storage | None, sources: Iterable[Source], afresh: bool = False) -> None:
        """Without `output` nothing is kept. With `afresh` the results of earlier runs are ignored.

        Of these only the scans of `sources` are held, and as many repairs: its length alone fills no memory.
        """
        self._output = output
        self._paths = {source.path for source in sources}
        self._scans: dict[str, _CachedScan] = {}
        self._old_repairs: dict[str, list[bytes]] = {}
        self.repairs: dict[str, list[bytes]] = {}
        """The repairs used in this run, by key."""
        self.unusable: dict[str, str] = {}
        """The name of the file, if it is there and cannot be used."""
        self._has_news = False
        self._others = 0
        """How many scans of other files there are."""
        if output and not afresh:
            self._load(output)

    def _load(self, output: Storage) -> None:
        try:
            pieces = read_sealed(output, _NAME)
            if next(pieces, b"") != program_hash().encode():
                return
            for cached in map(_DECODER.decode, pieces):
                if isinstance(cached, _CachedScan):
                    self._others += cached.source.path not in self._paths
                    if cached.source.path in self._paths:
                        self._scans[cached.source.path] = cached
                elif len(self._old_repairs) < len(self._paths):  # a group of repairs has one note or more
                    self._old_repairs[cached.key] = cached.repairs
        except FileNotFoundError:
            pass
        except UNUSABLE as error:
            self._scans.clear()
            self._old_repairs.clear()
            self.unusable[_NAME] = cause_of(error)

    def scan_of(self, source: Source) -> bytes | None:
        """Return the packed scan of a file that has not changed since an earlier run, else None."""
        cached = self._scans.get(source.path)
        return cached.scanned if cached and cached.source == source else None

    def repairs_of(self, key: str) -> list[bytes] | None:
        """Return the packed repairs of an earlier run under this key, or None."""
        if key in self._old_repairs:
            self.repairs[key] = self._old_repairs[key]
        return self.repairs.get(key)

    def add_repairs(self, repairs: Iterable[tuple[str, list[bytes]]]) -> None:
        """Add the packed repairs of groups of notes, each with its key."""
        self.repairs.update(repairs)
        self._has_news = True

    def store(self, sources: Sequence[Source], scans: Packed[Any]) -> None:
        """Write the scans of these files (from `scans`, by path), except files modified a moment ago.

        Errors are ignored: the next run only takes longer.
        """
        latest = time.time_ns() - RECENT_NS
        settled = [source for source in sources if source.modified_ns < latest]
        is_same = len(settled) == len(self._scans) + self._others and None not in map(self.scan_of, settled)
        if self._output and (self._has_news or not is_same):
            encode = msgspec.msgpack.encode
            packed = map(scans.packed, [source.path for source in settled])
            cached = map(encode, map(_CachedScan, settled, packed))
            repairs = map(encode, map(_CachedRepairs, self.repairs, self.repairs.values()))
            with suppress(SaveError):
                write_sealed(self._output, _NAME, chain((program_hash().encode(),), cached, repairs))


_DECODER: msgspec.msgpack.Decoder[_CachedScan | _CachedRepairs] = msgspec.msgpack.Decoder(_CachedScan | _CachedRepairs)
