"""Files that a run keeps for the next one, sealed: one that is damaged, cut off, older or of another place is unusable.

A first line names the format and the place of the file. Each piece follows a line with its length and a digest of all
that came before it and of the piece; a last line ends the file.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, BinaryIO

import msgspec

from convert.errors import SaveError
from convert.storage.location import Storage

ANYWHERE = b"of any folder"
"""The place of a file that is good wherever it is found."""
UNUSABLE = (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading and decoding such a file raises when it is of no use."""
_FORMAT = b"notebind kept 1 "
_OTHER_FORMATS = (b"notebind kept ", b'{"fingerprint":')
"""How files of other versions begin; the first ones had records without a seal."""
_LONGEST_LINE = 64
_LONGEST_PIECE = 1 << 28
"""No piece is longer: a damaged length must not fill the memory."""


DAMAGED, ELSEWHERE, VERSION = "damaged", "of another folder", "of another version"
"""Why a file for the next run is of no use."""


LARGEST = 2_000_000_000
"""Bytes of a file that is read piece by piece; of one that is held as a whole, much fewer are."""
LARGEST_RECORD = 16_000_000
LARGEST_STATE = 64_000_000


class UnusableError(OSError):
    """A file for the next run that is damaged or cut off, of another place, or of another version."""

    def __init__(self, cause: str = DAMAGED) -> None:
        super().__init__(errno.EINVAL, f"is {cause}")
        self.cause = cause


def cause_of(error: BaseException) -> str:
    """Return why a file is of no use, by what reading or decoding it raised."""
    if isinstance(error, UnusableError):
        return error.cause
    # What was unsealed is whole, so what cannot be decoded was written by another version.
    return VERSION if isinstance(error, msgspec.MsgspecError) else DAMAGED


def place_of(storage: Storage, name: str) -> bytes:
    """Return the place of a file, by which it is known to be where it was written."""
    where = f"{storage.identity}\n{name}".encode("utf-8", "surrogatepass")
    return blake2b(where, digest_size=12).hexdigest().encode()


def write_sealed(storage: Storage, name: str, pieces: Iterable[bytes], place: bytes = b"") -> None:
    """Write a file of pieces, one by one; it is good at the path `name` alone, or at `place`. Raises SaveError."""
    storage.write_pieces(name, seal(pieces, place or place_of(storage, name)))


def read_sealed(storage: Storage, name: str, place: bytes = b"", most: int = LARGEST) -> Iterator[bytes]:
    """Yield the pieces of a file, at most so many bytes.

    Raises UnusableError at the first damage, another OSError if it cannot be read.
    """
    with storage.open(name) as file:
        yield from unseal(file, place or place_of(storage, name), most)


def seal(pieces: Iterable[bytes], place: bytes) -> Iterator[bytes]:
    """Yield the bytes of a file with these pieces. Raises SaveError for a piece that is too long to be read again."""
    head = _FORMAT + place + b"\n"
    digest = blake2b(head, digest_size=16)
    yield head
    for piece in pieces:
        if len(piece) > _LONGEST_PIECE:
            raise SaveError(f"{len(piece):,} bytes are too many to keep for the next run: make smaller books")
        digest.update(piece)
        yield _line(b"%d" % len(piece), digest)
        yield piece
        yield b"\n"
    yield _line(b"end", digest)


def unseal(file: BinaryIO, place: bytes = b"", most: int = LARGEST) -> Iterator[bytes]:
    """Yield the pieces of a file from `place`, by default from any, at most so many bytes.

    Raises UnusableError at the first damage, and at a piece that is too long, which is not read.
    """
    head = file.readline(_LONGEST_LINE)
    if not head.startswith(_FORMAT):
        raise UnusableError(VERSION if head.startswith(_OTHER_FORMATS) else DAMAGED)
    is_elsewhere = bool(place) and head != _FORMAT + place + b"\n"
    digest = blake2b(head, digest_size=16)
    while (line := file.readline(_LONGEST_LINE)) != _line(b"end", digest):
        length = line.partition(b" ")[0]
        if not length.isdigit() or len(length) > 9 or int(length) > min(most, _LONGEST_PIECE):
            raise UnusableError
        most -= int(length)
        piece = file.read(int(length))
        digest.update(piece)
        if line != _line(b"%d" % len(piece), digest) or file.read(1) != b"\n":
            raise UnusableError
        if not is_elsewhere:
            yield piece
    if file.read(1):
        raise UnusableError
    if is_elsewhere:  # and whole: else a damaged place would look like another one
        raise UnusableError(ELSEWHERE)


def _line(start: bytes, digest: Any) -> bytes:
    """Return the line before a piece, or the last one."""
    return b"%s %s\n" % (start, digest.hexdigest().encode())
