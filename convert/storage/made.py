"""What earlier runs made in folders that hold notes too: text files among it are no notes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from convert.storage import object_store as store

FOLDER = ".notebind"
"""Where a run keeps what the next one needs, in its output folder."""
RECORD = ".record.json"
"""How the names of its records of artifacts end."""


class _Artifact(msgspec.Struct):
    path: str


class _Record(msgspec.Struct):
    artifacts: list[_Artifact]


def made_in(folder: str) -> frozenset[str]:
    """The paths of all artifacts that runs with this output folder recorded; a record that cannot be read has none."""
    found: set[str] = set()
    for path in Path(folder, FOLDER).glob(f"*{RECORD}"):
        with suppress(OSError):
            found.update(str(Path(folder, name)) for name in _paths(path.read_bytes()))
    return frozenset(found)


def made_in_store(addresses: Iterable[str]) -> frozenset[str]:
    """The same of a store, among whose `addresses` there may be records."""
    records = [one for one in addresses if one.endswith(RECORD) and f"/{FOLDER}/" in one]
    read = store.read_all(records) if records else {}
    return frozenset(
        f"{address.rpartition(f'/{FOLDER}/')[0]}/{name}"
        for address, data in read.items()
        if isinstance(data, bytes)
        for name in _paths(data)
    )


def _paths(record: bytes) -> list[str]:
    """The paths of a record's artifacts, from the output folder on."""
    try:
        return [one.path for one in msgspec.json.decode(record, type=_Record).artifacts]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
