"""What earlier runs left in an output folder: which of it still stands, which of it belongs to no notes any more."""

from __future__ import annotations

from convert.errors import SaveError
from convert.pipeline.records import Record, Saved, decode_record, record_name
from convert.storage.location import Storage, storage_at


class Earlier:
    """Reads the records of an output one by one as they are asked for; ToolError when a store cannot be asked."""

    def __init__(self, output: Storage) -> None:
        self._files = output.snapshot()

    def current(self, book: str, writer: str, fingerprint: str) -> Record | None:
        """The record of artifacts that need not be made again: same fingerprint, files there and untouched."""
        record = self._record(record_name(book, writer))
        if record and record.fingerprint == fingerprint and all(map(self.untouched, record.artifacts)):
            return record
        return None

    def gone(self, made: set[str]) -> list[Record]:
        """The records of books that this run did not make and whose folders and files are no more."""
        found = []
        for name in self._files.records():
            # A record is named after its book, which has no dot.
            if name.rpartition("/")[2].partition(".")[0] in made or not (record := self._record(name)):
                continue
            if record.book not in made and not any(storage_at(one).exists() for one in record.places):
                found.append(record)
        return found

    def _record(self, name: str) -> Record | None:
        try:
            return decode_record(self._files.read(name))
        except OSError:
            return None

    def untouched(self, one: Saved) -> bool:
        """Whether an artifact is as it was saved."""
        try:
            return self._files.state(one.path) == one.state()
        except (OSError, SaveError):
            return False
