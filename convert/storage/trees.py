"""The trees of notes between the first pass and the parts: packed, on disk, until their links are resolved.

A packed tree is read in a twentieth of the time that its note takes to be read again, and one run in memory for all
notes of a vault would be more than all else together. So the worker that scans a note appends its tree to a file, and
the worker that makes its parts picks it up there; the files go with the run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from itertools import accumulate
from pathlib import Path

import msgspec

from convert.document.note import Note


class Tree(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Where a packed tree lies: a file, its first byte in it and how many bytes it has."""

    file: str
    start: int
    size: int


@contextmanager
def trees_folder(output: Path) -> Iterator[str]:
    """A folder for the trees of a run, removed with it; "" when there can be none, and notes are read again."""
    folder = ""
    with suppress(OSError, UnicodeEncodeError):
        str(output).encode()  # names travel as UTF-8 between processes
        (output / ".notebind").mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(dir=output / ".notebind", prefix=".notebind-", suffix=".tmp")
    try:
        yield folder
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def pack(note: Note) -> bytes:
    """The tree of a note that `read_placed` gave, with all else that is in it."""
    return _encoder().encode(note)


def keep(packed: Sequence[bytes], folder: str) -> list[Tree | None]:
    """Puts packed trees into a new file of the folder; None for empty ones, and for all when it cannot be written."""
    try:
        descriptor, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(packed)
    except OSError:
        return [None] * len(packed)
    starts = accumulate(map(len, packed), initial=0)
    return [Tree(name, start, len(data)) if data else None for start, data in zip(starts, packed, strict=False)]


def fetch(tree: Tree) -> Note | None:
    """The note of a tree, its stamps and links not yet resolved; None when its file is gone or was tampered with."""
    try:
        return _decoder().decode(read_kept(tree))
    except (OSError, msgspec.MsgspecError):
        return None


def read_kept(tree: Tree) -> bytes:
    """The bytes that lie there; OSError when the file is gone."""
    with open(tree.file, "rb", buffering=0) as file:
        file.seek(tree.start)
        return file.read(tree.size)


@cache
def _encoder() -> msgspec.msgpack.Encoder:
    return msgspec.msgpack.Encoder()


@cache
def _decoder() -> msgspec.msgpack.Decoder[Note]:
    return msgspec.msgpack.Decoder(Note)
