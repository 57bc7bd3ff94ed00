"""What a run found out, kept for the next: files that have not changed are not read again, nor their times judged."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import msgspec

from convert.installed import program_hash
from convert.storage.location import Storage
from convert.storage.packed import read_length_prefixed, write_length_prefixed
from convert.vault.discovery import Source
from convert.vault.scan import Scanned

_NAME = ".notebind/findings.msgpack"
RECENT_NS = 2_000_000_000
"""A file written this shortly before it was read may change again without another time."""


class _Kept(msgspec.Struct, frozen=True, array_like=True, tag="scan"):
    source: Source
    scanned: Scanned


class _Judged(msgspec.Struct, frozen=True, array_like=True, tag="times"):
    key: str
    repairs: list[bytes]


class Findings:
    """Scans by path and repairs by what they depend on; `output` is None when nothing is to be remembered.

    With `afresh` what earlier runs found does not count, and what this one finds is kept. The file holds frames: the
    mark of the program, scans, repairs, for no run should hold them all as objects.
    """

    def __init__(self, output: Storage | None, afresh: bool = False) -> None:
        self._output = output
        self._scans: dict[str, _Kept] = {}
        self._old: dict[str, list[bytes]] = {}
        self._news = False
        self._repairs: dict[str, list[bytes]] = {}
        if output and not afresh:
            self._load(output)

    def _load(self, output: Storage) -> None:
        frames = read_length_prefixed(output, _NAME)
        if next(frames, b"") != program_hash().encode():
            return
        with suppress(msgspec.MsgspecError):
            for kept in map(_DECODER.decode, frames):
                if isinstance(kept, _Kept):
                    self._scans[kept.source.path] = kept
                else:
                    self._old[kept.key] = kept.repairs

    def scan_of(self, source: Source) -> Scanned | None:
        """What an earlier run found in a file that is as it was then."""
        kept = self._scans.get(source.path)
        return kept.scanned if kept and kept.source == source else None

    def repairs_of(self, key: str) -> list[bytes] | None:
        """The repairs of an earlier run under this key, packed."""
        if key in self._old:
            self._repairs[key] = self._old[key]
        return self._repairs.get(key)

    def add_repairs(self, key: str, repairs: list[bytes]) -> None:
        """Keeps the packed repairs of a group of notes."""
        self._repairs[key] = repairs
        self._news = True

    def store(self, sources: Sequence[Source], scans: Mapping[str, Scanned]) -> None:
        """Keeps the scans of files, by path; those touched a moment ago are left out. Failing costs time, no more."""
        latest = time.time_ns() - RECENT_NS
        settled = [source for source in sources if source.modified_ns < latest and source.path in scans]
        same = len(settled) == len(self._scans) and all(map(self.scan_of, settled))
        if self._output is None or (same and not self._news):
            return
        write_length_prefixed(self._output, _NAME, self._frames(settled, scans))

    def _frames(self, sources: Iterable[Source], scans: Mapping[str, Scanned]) -> Iterator[bytes]:
        yield program_hash().encode()
        for source in sources:
            yield msgspec.msgpack.encode(_Kept(source, scans[source.path]))
        for key, repairs in self._repairs.items():
            yield msgspec.msgpack.encode(_Judged(key, repairs))


_DECODER: msgspec.msgpack.Decoder[_Kept | _Judged] = msgspec.msgpack.Decoder(_Kept | _Judged)
