"""Files that a run keeps for the next one, sealed: one that is damaged, cut off, older or of another place is unusable.

A first line names the format and the place of the file. Each piece follows a line with its length and a digest of all
that came before it and of the piece; a last line ends the file. What is good in one place alone is sealed with a secret
of the user besides, so that nobody else can make it; a plain digest in its last line tells damage from another's seal.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from convert.errors import SaveError
from convert.files import read_file
from convert.storage.location import Storage, user_folder

T = TypeVar("T")
ANYWHERE = b"of any folder"
"""The place of a file that is good wherever it is found, whoever made it."""
UNUSABLE = (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading and decoding such a file raises when it is of no use."""
_OPEN, _KEYED = b"notebind kept 1 ", b"notebind kept 2 "
"""How files begin, those of any folder and those of one."""
_OTHER_FORMATS = (b"notebind kept ", b'{"fingerprint":')
"""How files of other versions begin; the first ones had records without a seal."""
_SECRET = "secret"
_SECRET_SIZE = 32
_LONGEST_LINE = 80
_LONGEST_PIECE = 1 << 28
"""No piece is longer: a damaged length must not fill the memory."""


DAMAGED, ELSEWHERE, VERSION = "damaged", "of another folder or user", "of another version"
IS_FOLDER = "a folder, which is kept under a name with `.kept`"
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
    if isinstance(error, IsADirectoryError):
        return IS_FOLDER
    # What was unsealed is whole, so what cannot be decoded was written by another version.
    return VERSION if isinstance(error, msgspec.MsgspecError) else DAMAGED


class Secret:
    """The user's secret, read once a process from their state folder, and made there by the first run of all."""

    def __init__(self) -> None:
        self._key = b""
        self.forgotten = ""
        """Why later runs will not know it; empty if they will."""

    def key(self) -> bytes:
        """Return the secret; one for this process alone if it cannot be kept."""
        if not self._key:
            folder = user_folder("state")
            try:
                self._key = _kept_secret(folder) if folder else b""
            except OSError as error:
                self.forgotten = f"{folder}: {error.strerror or error}"
            if not folder:
                self.forgotten = "the user's state folder has no absolute path"
            self._key = self._key or os.urandom(_SECRET_SIZE)
        return self._key

    def use(self, key: bytes) -> None:
        """Use the secret of the process that sent this one its task."""
        self._key = key or self._key


SECRET = Secret()


def _kept_secret(folder: Path) -> bytes:
    """Return the secret in a folder; make it if there is none, or none that is whole. Raises OSError."""
    path = folder / _SECRET
    with suppress(FileNotFoundError):
        if len(found := read_file(path, _SECRET_SIZE)) == _SECRET_SIZE:
            return found
        path.unlink()  # cut off by a failure of the machine
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".notebind-", suffix=".tmp")  # of mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(_SECRET_SIZE))
        try:
            os.link(temporary, path)
        except FileExistsError:  # another run was faster
            pass
        except OSError:  # no hard links here
            os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
    return read_file(path, _SECRET_SIZE)


def place_of(storage: Storage, name: str) -> bytes:
    """Return the place of a file, by which it is known to be where it was written, and this user's."""
    where = f"{storage.identity}\n{name}".encode("utf-8", "surrogatepass")
    return blake2b(where, digest_size=12, key=SECRET.key()).hexdigest().encode()


def write_sealed(storage: Storage, name: str, pieces: Iterable[bytes], place: bytes = b"") -> None:
    """Write a file of pieces, one by one; it is good at the path `name` alone, or at `place`. Raises SaveError."""
    storage.write_pieces(name, seal(pieces, place or place_of(storage, name)))


def read_sealed(storage: Storage, name: str, place: bytes = b"", most: int = LARGEST) -> Iterator[bytes]:
    """Yield the pieces of a file, at most so many bytes.

    Raises UnusableError at the first damage, another OSError if it cannot be read.
    """
    with storage.open(name) as file:
        yield from unseal(file, place or place_of(storage, name), most)


def read_rows(storage: Storage, name: str, row: type[T], unusable: dict[str, str]) -> list[T]:
    """Return the rows of a small file, none if it is missing or of no use; then `unusable` gets its name and why."""
    try:
        data = b"".join(read_sealed(storage, name, most=LARGEST_STATE))
        return msgspec.msgpack.decode(data, type=list[row])  # type: ignore[valid-type]
    except FileNotFoundError:
        pass
    except UNUSABLE as error:
        unusable[name] = cause_of(error)
    return []


def seal(pieces: Iterable[bytes], place: bytes) -> Iterator[bytes]:
    """Yield the bytes of a file with these pieces. Raises SaveError for a piece that is too long to be read again."""
    head = _head(place)
    lines = _Lines(head, SECRET.key() if head.startswith(_KEYED) else b"")
    yield head
    for piece in pieces:
        if len(piece) > _LONGEST_PIECE:
            raise SaveError(f"{len(piece):,} bytes are too many to keep for the next run: make smaller books")
        yield lines.before(piece)
        yield piece
        yield b"\n"
    yield lines.last()


def unseal(file: BinaryIO, place: bytes = b"", most: int = LARGEST) -> Iterator[bytes]:
    """Yield the pieces of a file from `place`, at most so many bytes; by default from any, whoever sealed it.

    Raises UnusableError at the first damage, and at a piece that is too long, which is not read.
    """
    head = file.readline(_LONGEST_LINE)
    wanted = _head(place) if place else head
    if not head.startswith((_OPEN, _KEYED)) or head[: len(_KEYED)] != wanted[: len(_KEYED)]:
        raise UnusableError(VERSION if head.startswith(_OTHER_FORMATS) else DAMAGED)
    is_elsewhere = head != wanted
    is_keyed = head.startswith(_KEYED) and bool(place) and not is_elsewhere
    lines = _Lines(head, SECRET.key() if is_keyed else b"")
    while not (line := file.readline(_LONGEST_LINE)).startswith(b"end "):
        length = line.partition(b" ")[0]
        if not length.isdigit() or len(length) > 9 or int(length) > min(most, _LONGEST_PIECE):
            raise UnusableError
        most -= int(length)
        piece = file.read(int(length))
        if not lines.fits(line, lines.before(piece)) or file.read(1) != b"\n":
            raise UnusableError
        if not is_elsewhere:
            yield piece
    if not lines.fits(line, lines.last()) or file.read(1):
        raise UnusableError
    if is_elsewhere:  # and whole: else a damaged place would look like another one
        raise UnusableError(ELSEWHERE)


def _head(place: bytes) -> bytes:
    return (_OPEN if place == ANYWHERE else _KEYED) + place + b"\n"


class _Lines:
    """The lines of a file: each depends on all that came before it, those with a secret on that, too."""

    def __init__(self, head: bytes, key: bytes) -> None:
        self._digest = blake2b(head, digest_size=16)
        self._key = key
        self._is_open = head.startswith(_OPEN)

    def before(self, piece: bytes) -> bytes:
        """Return the line before a piece."""
        self._digest.update(piece)
        length = b"%d " % len(piece)
        return length + self._plain() + b"\n" if self._is_open else length + self._secret(length)

    def last(self) -> bytes:
        """Return the line that ends the file."""
        end = b"end " + self._plain()
        return end + b"\n" if self._is_open else end + b" " + self._secret(end)

    def fits(self, line: bytes, expected: bytes) -> bool:
        """Return whether a line is as expected, as far as this can be told without the secret."""
        return line == expected if self._is_open or self._key else line.startswith(expected)

    def _plain(self) -> bytes:
        return self._digest.hexdigest().encode()

    def _secret(self, start: bytes) -> bytes:
        """Return the end of a line with this start; nothing if the secret is not known."""
        if not self._key:
            return b""
        return blake2b(start + self._digest.digest(), digest_size=16, key=self._key).hexdigest().encode() + b"\n"
