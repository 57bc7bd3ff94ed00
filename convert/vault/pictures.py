"""The pictures of notes: found by the vault's rules, read and looked at here, named by their content."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from hashlib import blake2b

import msgspec

from convert.document.nodes import Picture
from convert.document.note import Facts, ImageFact
from convert.errors import SaveError, WriterError
from convert.report import Diagnostic, diagnostic
from convert.request import Request
from convert.storage.location import Storage, read, storage_at
from convert.storage.object_store import Store
from convert.tools.pictures import look_at
from convert.tools.raster import Unfit
from convert.vault.attachments import Attachment, Attachments, find_attachments, is_drawing

_NAME = ".notebind/pictures.msgpack"
Seen = Picture | str
"""A picture, or why the file is none."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    file: Attachment
    picture: Picture | None
    reason: str


class Pictures:
    """What the images of notes mean. Files are looked for at the first image, and looked at once."""

    def __init__(self, request: Request, cache: Storage | None) -> None:
        """`cache` is the output folder, where what files hold is remembered; None when nothing is."""
        self.paths: dict[str, str] = {}
        """Where the file of each picture lies, by its name."""
        self._request = request
        self._cache = cache
        self._seen: dict[Attachment, Seen] = {}

    def of(self, note: Facts, path: str) -> tuple[tuple[Picture | None, ...], list[Diagnostic]]:
        """The pictures of a note, whose file lies at `path`, in the order of its images, and what is wrong."""
        if not note.images:
            return (), []
        problems: list[Diagnostic] = []

        def say(code: str, image: ImageFact, message: str) -> None:
            problems.append(diagnostic(code, note.path, image.line, f"{image.target[:200]}: {message}"))

        return tuple(self._picture(image, path, say) for image in note.images), problems

    def _picture(self, image: ImageFact, path: str, say: Callable[[str, ImageFact, str], None]) -> Picture | None:
        if _is_elsewhere(image):
            say(
                "picture-elsewhere",
                image,
                "on the web, where nothing is fetched from: its description is kept as a link",
            )
            return None
        files = self._attachments.find(image, path)
        if len(files) != 1:
            say("picture-missing", image, f"{_missing(image, len(files))}; its description is kept")
            return None
        seen = self._look(files[0])
        if isinstance(seen, str):
            say("picture-unfit", image, f"{seen}; its description is kept")
            return None
        self.paths.setdefault(seen.name, files[0].path)
        return seen

    @cached_property
    def _attachments(self) -> Attachments:
        return Attachments(attachments_of(self._request), _folders(self._request))

    @cached_property
    def _known(self) -> dict[Attachment, Seen]:
        """What earlier runs saw."""
        if not self._cache or self._request.force:
            return {}
        with suppress(OSError, msgspec.MsgspecError):
            kept = msgspec.msgpack.decode(self._cache.read(_NAME), type=list[_Kept])
            return {one.file: one.picture or one.reason for one in kept}
        return {}

    def _look(self, file: Attachment) -> Seen:
        most = self._request.max_picture_bytes
        if file.size > most:
            return f"has more than {most / 1e6:g} MB: make it smaller, or raise --max-picture-size"
        if file not in self._seen:
            # What is made of a drawing depends on this program too.
            kept = None if file.path.lower().endswith(".svg") else self._known.get(file)
            self._seen[file] = kept or _looked_at(file)
        return self._seen[file]

    def store(self) -> None:
        """Keeps what was seen for the next run; failing costs it time, no more."""
        if self._cache and self._seen and self._seen != self._known:
            kept = [
                _Kept(file, *((None, seen) if isinstance(seen, str) else (seen, "")))
                for file, seen in self._seen.items()
            ]
            with suppress(SaveError):
                self._cache.write(_NAME, msgspec.msgpack.encode(kept))


def attachments_of(request: Request) -> list[Attachment]:
    """The picture files that notes of a run may show."""
    return find_attachments(filter(None, (*request.notes, request.vault)), request.output)


def _folders(request: Request) -> Iterator[str]:
    """The folders of the notes, absolute, and the addresses of stores."""
    for storage in (storage_at(one) for one in (*request.notes, request.vault) if one is not None):
        if isinstance(storage, Store):
            yield storage.address
        else:
            path = storage.path
            yield os.path.realpath(path.parent if path.suffix and path.is_file() else path)


def _missing(image: ImageFact, files: int) -> str:
    if files:
        return f"names {files} files: write more of its path"
    return (
        "no export of the drawing here: have Excalidraw export SVG" if is_drawing(image.target) else "no such file here"
    )


def _is_elsewhere(image: ImageFact) -> bool:
    return not image.named and (":" in image.target[:12] or image.target.startswith("//"))


def _looked_at(file: Attachment) -> Seen:
    try:
        data = read(file.path)
        kind, held, width, height = look_at(data)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except Unfit as error:
        return str(error)
    return Picture(f"{_digest(held)}.{kind}", width, height)


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def read_picture(paths: Mapping[str, str], name: str) -> bytes:
    """What a book holds of a picture, by its name; WriterError when its file is gone or another than it was."""
    try:
        data = read(paths[name])
        data = look_at(data)[1] if name.endswith(".svg") else data
    except OSError as error:
        raise WriterError(f"{paths[name]}: cannot be read ({error.strerror}): run this again") from error
    except Unfit as error:
        raise WriterError(f"{paths[name]}: changed while it was converted: run this again") from error
    if not name.startswith(_digest(data)):
        raise WriterError(f"{paths[name]}: changed while it was converted: run this again")
    return data
