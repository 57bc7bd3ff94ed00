"""What earlier runs left in an output folder: which of it still stands, which of it belongs to no notes any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from convert.errors import SaveError, ToolError
from convert.pipeline.records import Record, Saved, decode_record, record_name
from convert.storage import location as places
from convert.storage import object_store as store
from convert.storage.made import FOLDER, RECORD
from convert.storage.save import safe_target


class Earlier:
    """Reads the records of a folder one by one as they are asked for."""

    def __init__(self, output: Path) -> None:
        self._output = output

    def current(self, book: str, writer: str, fingerprint: str) -> Record | None:
        """The record of artifacts that need not be made again: same fingerprint, files there and untouched."""
        record = self._record(record_name(book, writer))
        if record and record.fingerprint == fingerprint and all(map(self.untouched, record.artifacts)):
            return record
        return None

    def gone(self, made: set[str]) -> list[Record]:
        """The records of books that this run did not make and whose folders and files are no more."""
        return [
            record
            for record in self._all(made)
            if record.book not in made and not any(map(places.exists, record.places))
        ]

    def _record(self, name: str) -> Record | None:
        try:
            return decode_record((self._output / name).read_bytes())
        except OSError:
            return None

    def _all(self, known: set[str]) -> Iterator[Record]:
        """The records of all books but those that are known; a file is named after its book, which has no dot."""
        for path in sorted((self._output / FOLDER).glob(f"*{RECORD}")):
            if path.name.partition(".")[0] not in known and (record := self._record(f"{FOLDER}/{path.name}")):
                yield record

    def untouched(self, one: Saved) -> bool:
        """Whether an artifact is as it was saved."""
        try:
            found = safe_target(self._output, one.path).stat()
        except (OSError, SaveError):
            return False
        return found.st_size == one.bytes and found.st_mtime_ns == one.modified_ns


class EarlierStored(Earlier):
    """The same of a store, which is asked once for all: a question for each file would take a round trip each."""

    def __init__(self, output: Path) -> None:
        super().__init__(output)
        try:
            self._there = {one.address: one for one in store.find(str(output))}
            folder = f"{output}/{FOLDER}/"
            names = [name for name in self._there if name.startswith(folder) and name.endswith(RECORD)]
            read = store.read_all(names)
        except OSError as error:
            raise ToolError(f"{output}: {error.strerror}: check the address") from error
        found = {name: decode_record(data) for name, data in read.items() if isinstance(data, bytes)}
        self._records = {name: record for name, record in found.items() if record}

    def _record(self, name: str) -> Record | None:
        return self._records.get(str(self._output / name))

    def _all(self, known: set[str]) -> Iterator[Record]:
        yield from self._records.values()

    def untouched(self, one: Saved) -> bool:
        found = self._there.get(str(self._output / one.path))
        return found is not None and (found.size, found.mark) == (one.bytes, one.mark)


def earlier(output: Path) -> Earlier:
    """What earlier runs left; ToolError when the store cannot be asked."""
    return EarlierStored(output) if isinstance(output, places.Url) else Earlier(output)
