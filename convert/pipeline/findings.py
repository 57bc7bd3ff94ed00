"""What a run found out, kept for the next: files that have not changed are not read again, nor their times judged."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from convert import __version__
from convert.errors import SaveError
from convert.pipeline.save import save
from convert.pipeline.scan import Scanned
from convert.pipeline.state import plug_ins
from convert.vault.discovery import Source

_NAME = ".notebind/findings.msgpack"
RECENT_NS = 2_000_000_000
"""A file written this shortly before it was read may change again without another time."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    source: Source
    scanned: Scanned


class _File(msgspec.Struct, frozen=True, array_like=True):
    code: str
    scans: list[_Kept]
    repairs: dict[str, list[bytes]]


class Findings:
    """Scans by path and repairs by what they depend on; `output` is None when nothing is to be remembered.

    With `afresh` what earlier runs found does not count, and what this one finds is kept.
    """

    def __init__(self, output: Path | None, afresh: bool = False) -> None:
        self._output = output
        self._scans: dict[str, _Kept] = {}
        self._old: dict[str, list[bytes]] = {}
        self._repairs: dict[str, list[bytes]] = {}
        self._news = False
        if output and not afresh and (kept := _load(output)):
            self._scans = {one.source.path: one for one in kept.scans}
            self._old = kept.repairs

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

    def store(self, scanned: Sequence[tuple[Source, Scanned]]) -> None:
        """Keeps what was found; files touched a moment ago are left out. Failing costs the next run time, no more."""
        latest = time.time_ns() - RECENT_NS
        scans = [_Kept(source, found) for source, found in scanned if source.modified_ns < latest]
        same = len(scans) == len(self._scans) and all(self.scan_of(one.source) is one.scanned for one in scans)
        if self._output is None or (same and not self._news):
            return
        with suppress(SaveError):
            save(self._output, _NAME, msgspec.msgpack.encode(_File(code_mark(), scans, self._repairs)))


def _load(output: Path) -> _File | None:
    try:
        kept = msgspec.msgpack.decode((output / _NAME).read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError):
        return None
    return kept if kept.code == code_mark() else None


@cache
def code_mark() -> str:
    """A mark of the program itself, its version, its files and the versions of its plug-ins: another one reads anew."""
    mark = blake2b(f"{__version__} {plug_ins()}".encode(), digest_size=12)
    package = Path(__file__).parent.parent
    for folder, folders, files in os.walk(package):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            about = os.stat(os.path.join(folder, name))
            mark.update(f"{folder[len(str(package)) :]}/{name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return mark.hexdigest()
