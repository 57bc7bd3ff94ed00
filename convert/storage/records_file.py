"""A file of pieces, each behind its length: it is written and read piece by piece, never held as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from convert.errors import SaveError
from convert.storage.location import Url
from convert.storage.save import save_pieces

_LENGTH = 4


def save_frames(output: Path, name: str, frames: Iterable[bytes]) -> None:
    """Writes the frames to `<output>/<name>`. They save the next run time, no more: failing is no error."""
    with suppress(SaveError):
        save_pieces(output, name, (len(one).to_bytes(_LENGTH, "big") + one for one in frames))


def read_frames(path: Path) -> Iterator[bytes]:
    """The frames of a file, up to the first that is not whole; none when it cannot be read."""
    try:
        with _opened(path) as file:
            while (size := int.from_bytes(file.read(_LENGTH), "big")) and len(data := file.read(size)) == size:
                yield data
    except OSError:
        return


def _opened(path: Path) -> BinaryIO:
    return BytesIO(path.read_bytes()) if isinstance(path, Url) else path.open("rb")
