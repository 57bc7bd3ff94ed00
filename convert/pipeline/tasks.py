"""What a worker is given to make books of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from convert.document.book import Book
from convert.document.note import Resolution, Video
from convert.pipeline.records import Saved
from convert.storage.location import Storage
from convert.storage.packed import PackedTree, store_trees
from convert.vault.discovery import Source


@dataclass(frozen=True)
class NoteTask:
    """A note to make parts of: its file, the fingerprint it had when it was scanned, its resolution."""

    source: Source
    digest: bytes
    resolution: Resolution
    tree: PackedTree | None = None
    """Where its tree lies when it was read in this run."""
    embeds: tuple[NoteTask, ...] = ()
    """The other notes that it may have to show, those that they embed included."""
    embed_bytes: int = 0
    """How much of others it may show, in bytes of packed tree."""


@dataclass(frozen=True)
class BookTask:
    """What every task about a book carries: the book, the options of each writer, the circumstances."""

    packed: bytes | PackedTree
    """The book, by `pack_book`, or where it lies: every run of its notes takes it along, a worker unpacks it once."""
    options: Mapping[str, Any]
    output: Storage
    epoch: int
    cores: int = 1
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """By writer: of all that its artifacts depend on, kept with them."""
    places: tuple[str, ...] = ()
    """The folders or files that the book is made of."""
    made: tuple[Saved, ...] = ()
    """Artifacts of the book by writers that do not run last, as far as they are there already."""
    media: Mapping[Video, Path] = field(default_factory=dict)
    """The media files of the book's videos."""
    pictures: Mapping[str, str] = field(default_factory=dict)
    """Where the files of the pictures in its notes lie, by their names."""
    transcripts: Mapping[str, Path] = field(default_factory=dict)
    """The subtitle files that lie beside the notes, by note id."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What the notes hold, for the summary of this run and of those that find nothing changed."""
    max_seconds: float = 0
    """How long a run of notes, or one format, may take; 0 is no limit."""

    @property
    def book(self) -> Book:
        """The book."""
        return _unpack_book(self.packed)


def pack_book(book: Book, folder: str = "") -> bytes | PackedTree:
    """A book as msgpack, in a file of the folder when there is one: a big book goes to workers a hundred times."""
    packed = msgspec.msgpack.encode(book)
    return (store_trees([packed], folder)[0] if folder else None) or packed


@lru_cache(maxsize=1)
def _unpack_book(packed: bytes | PackedTree) -> Book:
    data = packed if isinstance(packed, bytes) else packed.read()
    return msgspec.msgpack.decode(data, type=Book)
