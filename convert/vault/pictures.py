"""The pictures of notes: found among the vault's files as Obsidian finds them, read once, named by content."""

from __future__ import annotations

import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from hashlib import blake2b
from urllib.parse import unquote

import msgspec

from convert.document.nodes import Picture
from convert.document.note import Facts, ImageFact, normalized
from convert.errors import PictureError, SaveError, WriterError
from convert.report import Diagnostic, diagnostic
from convert.request import Request
from convert.storage.location import Storage, read, storage_at
from convert.storage.object_store import Store
from convert.storage.sealed import read_rows, write_sealed
from convert.tools.raster import MOST_PIXELS, raster
from convert.vault.discovery import SKIPPED_FOLDERS

PICTURE_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp"))
"""Includes formats that books cannot hold: they get a diagnostic of their own."""
_SVG = re.compile(rb"<(?:[\w-]+:)?svg[\s/>]")
_CACHE_NAME = ".notebind/pictures.msgpack"
_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|gif|webp|svg)")
"""The names of pictures. They stand in code and in archives, so none of another form is believed to any cache."""
_STARTS = {"png": b"\x89PNG", "jpg": b"\xff\xd8", "gif": b"GIF8", "webp": b"RIFF", "svg": b"<"}
_Seen = Picture | str
"""A picture, or the reason why the file cannot be one."""


class PictureFile(msgspec.Struct, frozen=True, array_like=True):
    """A file with the suffix of a picture: path or address, size, and modification time or ETag as `version`."""

    path: str
    size: int
    version: str


def picture_files(request: Request) -> list[PictureFile]:
    """Return the picture files that notes of a run may show, sorted by path.

    They are below the folders of notes; for a single file, in its folder and the folders directly in it. Links are
    not followed; hidden and skipped folders and the output folder are left out.
    """
    found: dict[str, PictureFile] = {}
    for storage in _storages(request):
        if isinstance(storage, Store):
            files = _files_in_store(storage)
        else:
            real = os.path.realpath(storage.path)
            folder, depth = (real, -1) if os.path.isdir(real) else (os.path.dirname(real), 1)
            files = _files_below(folder, depth, os.path.realpath(str(storage_at(request.output))))
        found.update((one.path, one) for one in files)
    return [one for _, one in sorted(found.items())]


def _storages(request: Request) -> list[Storage]:
    return [storage_at(one) for one in (*request.notes, request.vault) if one]


def _files_in_store(store: Store) -> Iterator[PictureFile]:
    with suppress(OSError):
        for name, state in store.find().items():
            if os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES:
                yield PictureFile(name, state.size, state.etag)


def _files_below(folder: str, depth: int, skipped: str) -> Iterator[PictureFile]:
    """Yield the pictures in a folder and `depth` levels below it, -1 for all."""
    waiting = [(folder, depth)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth and entry.name not in SKIPPED_FOLDERS and entry.path != skipped:
                    waiting.append((entry.path, depth - 1))
            else:
                yield from _picture_file(entry)


def _picture_file(entry: os.DirEntry[str]) -> Iterator[PictureFile]:
    """Yield the file if it has the suffix of a picture, unless it is gone by now."""
    with suppress(OSError):
        if os.path.splitext(entry.name)[1].lower() in PICTURE_SUFFIXES and entry.is_file(follow_symlinks=False):
            about = entry.stat(follow_symlinks=False)
            yield PictureFile(entry.path, about.st_size, str(about.st_mtime_ns))


class PictureIndex:
    """Finds a picture as Obsidian does: relative to the note, relative to the vault, else by its name anywhere.

    Names are compared in one form of Unicode: macOS takes letters with marks apart.
    """

    def __init__(self, files: Iterable[PictureFile], roots: Iterable[str]) -> None:
        """`roots` are the folders of the notes, absolute, and the addresses of stores."""
        self._files = {normalized("NFC", one.path): one for one in files}
        self._roots = list(roots)
        self._names: dict[str, list[tuple[str, str]]] = defaultdict(list)
        """The paths of files by name, each also as it is compared."""
        self._anywhere: dict[str, list[PictureFile]] = {}
        """What a target means by its name, wherever the note is."""
        for path in self._files:
            self._names[_file_name(path)].append((path.replace(os.sep, "/").casefold(), path))

    def find(self, image: ImageFact, note: str) -> list[PictureFile]:
        """Return the files that an image may mean in the note at path `note`: one, unless missing or ambiguous."""
        written = image.target if image.named else unquote(image.target)
        target = normalized("NFC", written).replace("\\", "/").partition("#")[0].strip()
        names = [target]
        if is_drawing(target):
            # Excalidraw exports a drawing into the same folder; earlier suffixes are preferred.
            names = [target.removesuffix(".md") + end for end in (".svg", ".light.svg", ".png", ".light.png")]
        for name in names:
            if found := self._named(name, note):
                return found
        return []

    def _named(self, target: str, note: str) -> list[PictureFile]:
        for folder in (os.path.dirname(note), *self._roots):
            path = _joined(folder, target.lstrip("/") if folder in self._roots else target)
            if found := self._files.get(normalized("NFC", path)):
                return [found]
        ending = "/" + posixpath.normpath(target).lstrip("./").casefold()
        if target not in self._anywhere:
            same = [path for compared, path in self._names[_file_name(target)] if compared.endswith(ending)]
            shortest = min((path.count(os.sep) for path in same), default=0)
            self._anywhere[target] = [self._files[path] for path in same if path.count(os.sep) == shortest]
        return self._anywhere[target]


def is_drawing(target: str) -> bool:
    """Return whether a name is an Excalidraw drawing, of which only exports can be shown."""
    return target.removesuffix(".md").endswith(".excalidraw")


def _file_name(path: str) -> str:
    return path.replace(os.sep, "/").rpartition("/")[2].casefold()


def _joined(folder: str, target: str) -> str:
    """Return the path of a target relative to a folder, `..` resolved; outside the inputs no file is known."""
    scheme, separator, rest = folder.rpartition("://")
    if separator:
        return scheme + separator + posixpath.normpath(posixpath.join(rest, target))
    return os.path.normpath(os.path.join(folder, target))


class PictureResolver:
    """Resolves the images of notes to pictures. Files are searched at the first image; each is decoded once."""

    def __init__(self, request: Request, cache: Storage | None) -> None:
        """`cache` is the output folder, which keeps results for the next run; None to keep nothing."""
        self.paths: dict[str, str] = {}
        """The path of the file of each picture, by picture name."""
        self._request = request
        self._cache = cache
        self._seen: dict[PictureFile, _Seen] = {}
        self.unusable: dict[str, str] = {}
        """The name of the cache, if it is there and cannot be used."""

    def resolve(self, note: Facts, path: str) -> tuple[tuple[Picture | None, ...], list[Diagnostic]]:
        """Return the pictures of the note at `path` in the order of its images, and diagnostics."""
        pictures: list[Picture | None] = []
        problems = []
        for image in note.images:
            picture, code, message = self._resolve(image, path)
            pictures.append(picture)
            if not picture:
                message = f"{image.target[:200]}: {message}"
                problems.append(diagnostic(code, note.path, image.line, message))
        return tuple(pictures), problems

    def _resolve(self, image: ImageFact, path: str) -> tuple[Picture | None, str, str]:
        """Return the picture that an image shows, or None with the code and the message of a diagnostic."""
        if not image.named and (":" in image.target[:12] or image.target.startswith("//")):
            reason = "on the web, where nothing is fetched from: its description is kept as a link"
            return None, "picture-elsewhere", reason
        files = self._index.find(image, path)
        if len(files) != 1:
            return None, "picture-missing", f"{_missing(image, len(files))}; its description is kept"
        seen = self._look_at(files[0])
        if isinstance(seen, str):
            return None, "picture-unfit", f"{seen}; its description is kept"
        self.paths.setdefault(seen.name, files[0].path)
        return seen, "", ""

    @cached_property
    def _index(self) -> PictureIndex:
        roots = []
        for storage in _storages(self._request):
            if isinstance(storage, Store):
                roots.append(storage.address)
            else:
                path = storage.path
                roots.append(os.path.realpath(path.parent if path.suffix and path.is_file() else path))
        return PictureIndex(picture_files(self._request), roots)

    @cached_property
    def _known(self) -> dict[PictureFile, _Seen]:
        """The results of earlier runs."""
        if not self._cache or self._request.force:
            return {}
        kept = read_rows(self._cache, _CACHE_NAME, tuple[PictureFile, _Seen], self.unusable)
        return {file: seen for file, seen in kept if isinstance(seen, str) or is_sound(seen)}

    def _look_at(self, file: PictureFile) -> _Seen:
        most = self._request.max_picture_bytes
        if file.size > most:
            return f"has more than {most / 1e6:g} MB: make it smaller, or raise --max-picture-size"
        if file not in self._seen:
            # A sanitised drawing also depends on this program.
            known = None if file.path.lower().endswith(".svg") else self._known.get(file)
            self._seen[file] = known or _seen(file)
        return self._seen[file]

    def store(self) -> None:
        """Keep the results for the next run. Errors are ignored: the next run only takes longer."""
        if self._cache and self._seen and self._seen != self._known:
            with suppress(SaveError):
                write_sealed(self._cache, _CACHE_NAME, (msgspec.msgpack.encode(list(self._seen.items())),))


def is_sound(picture: Picture) -> bool:
    """Return whether a picture from a cache, which others may have made, can be one that was looked at."""
    sizes = (picture.width, picture.height)
    return _NAME.fullmatch(picture.name) is not None and min(sizes) >= 0 and sizes[0] * sizes[1] <= MOST_PIXELS


def _missing(image: ImageFact, files: int) -> str:
    if files:
        return f"names {files} files: write more of its path"
    if is_drawing(image.target):
        return "no export of the drawing here: have Excalidraw export SVG"
    return "no such file here"


def _seen(file: PictureFile) -> _Seen:
    try:
        kind, held, width, height = look_at(read(file.path))
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except PictureError as error:
        return str(error)
    return Picture(f"{digest(held)}.{kind}", width, height)


def digest(data: bytes) -> str:
    """Return the content's part of the name of a picture."""
    return blake2b(data, digest_size=16).hexdigest()


def read_picture(paths: Mapping[str, str], name: str) -> bytes:
    """Return the bytes that a book stores for a picture. Raises WriterError if the file is missing or changed."""
    try:
        data = read(paths[name])
        data = look_at(data)[1] if name.endswith(".svg") else data
    except OSError as error:
        raise WriterError(f"{paths[name]}: cannot be read ({error.strerror}): run this again") from error
    except PictureError as error:
        raise WriterError(f"{paths[name]}: changed while it was converted: run this again") from error
    kind = _NAME.fullmatch(name)
    if not kind or name != f"{digest(data)}.{kind[1]}" or not data.startswith(_STARTS[kind[1]]):
        raise WriterError(f"{paths[name]}: changed while it was converted: run this again")
    return data


def look_at(data: bytes) -> tuple[str, bytes, int, int]:
    """Return kind (`png`, `jpg`, `gif`, `webp`, `svg`), bytes for the book, width and height in pixels.

    The kind is decided by the content, never by the name, and all of it is decoded. An SVG is sanitised. Raises
    PictureError if the bytes are no usable picture.
    """
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") and (_SVG.search(start) or start.startswith(b"<?xml")):
        from convert.tools.svg import drawing

        return "svg", *drawing(data)
    kind, width, height = raster(data, "PNG, JPEG, GIF, WebP or SVG")
    return kind, data, width, height
