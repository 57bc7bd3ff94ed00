"""The picture files of a vault, and which of them an image of a note means."""

from __future__ import annotations

import os
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

import msgspec

from convert.document.note import ImageFact
from convert.storage import object_store
from convert.storage.location import Location, storage_at
from convert.storage.object_store import Store
from convert.vault.discovery import SKIPPED_FOLDERS

SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp"))
"""Those that a book cannot hold too, so that it can be said."""


class Attachment(msgspec.Struct, frozen=True, array_like=True):
    """A file with the name of a picture: its path or address, its size and what tells its versions apart."""

    path: str
    size: int
    version: str


def find_attachments(inputs: Iterable[Location], output: Location) -> list[Attachment]:
    """The pictures below the folders among `inputs`, in folders beside a file, and in the folder of a file itself.

    Sorted by path. Links are not followed, hidden and skipped folders and the output not entered.
    """
    found: dict[str, Attachment] = {}
    for storage in map(storage_at, inputs):
        if isinstance(storage, Store):
            found |= {one.path: one for one in _in_store(storage.address)}
            continue
        real = os.path.realpath(storage.path)
        folder, depth = (real, -1) if os.path.isdir(real) else (os.path.dirname(real), 1)
        found |= {one.path: one for one in _below(folder, depth, os.path.realpath(output))}
    return [one for _, one in sorted(found.items())]


def _in_store(start: str) -> Iterator[Attachment]:
    try:
        there = object_store.find(start)
    except OSError:
        return
    for address, state in there.items():
        if os.path.splitext(address)[1].lower() in SUFFIXES:
            yield Attachment(address, state.size, state.etag)


def _below(folder: str, depth: int, skipped: str) -> Iterator[Attachment]:
    """The pictures in a folder and `depth` levels below it, -1 for all."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth and entry.name not in SKIPPED_FOLDERS and entry.path != skipped:
                yield from _below(entry.path, depth - 1, skipped)
        elif os.path.splitext(entry.name)[1].lower() in SUFFIXES and entry.is_file(follow_symlinks=False):
            about = entry.stat(follow_symlinks=False)
            yield Attachment(entry.path, about.st_size, str(about.st_mtime_ns))


class Attachments:
    """Finds a file as Obsidian does: beside the note, from the vault's folder, else by its name wherever it lies."""

    def __init__(self, files: Iterable[Attachment], roots: Iterable[str]) -> None:
        self._files = {one.path: one for one in files}
        self._roots = list(roots)
        self._names: dict[str, list[str]] = defaultdict(list)
        for path in self._files:
            self._names[_name(path)].append(path)

    def find(self, image: ImageFact, note: str) -> list[Attachment]:
        """The file that an image of the note at the path `note` means: none, one, or all that it may be."""
        written = image.target if image.named else unquote(image.target)
        target = written.replace("\\", "/").partition("#")[0].strip()
        for name in _exports(target):
            if found := self._called(name, note):
                return found
        return []

    def _called(self, target: str, note: str) -> list[Attachment]:
        for folder in (os.path.dirname(note), *self._roots):
            if found := self._files.get(_joined(folder, target.lstrip("/") if folder in self._roots else target)):
                return [found]
        ending = "/" + posixpath.normpath(target).lstrip("./").casefold()
        same = [path for path in self._names[_name(target)] if path.replace(os.sep, "/").casefold().endswith(ending)]
        shortest = min((path.count(os.sep) for path in same), default=0)
        return [self._files[path] for path in same if path.count(os.sep) == shortest]


def is_drawing(target: str) -> bool:
    """Whether an address is that of a drawing of Excalidraw, which no book can show but its exports."""
    return target.removesuffix(".md").endswith(".excalidraw")


def _exports(target: str) -> tuple[str, ...]:
    """The names that a drawing of Excalidraw has as a picture, in the order of choice; any other name is itself."""
    if not is_drawing(target):
        return (target,)
    drawing = target.removesuffix(".md")
    return tuple(drawing + suffix for suffix in (".svg", ".light.svg", ".png", ".light.png"))


def _name(path: str) -> str:
    return path.replace(os.sep, "/").rpartition("/")[2].casefold()


def _joined(folder: str, target: str) -> str:
    """A way from a folder, `..` resolved; nothing but what was found below the inputs is ever taken from there."""
    scheme, mark, rest = folder.rpartition("://")
    return (
        scheme + mark + posixpath.normpath(posixpath.join(rest, target))
        if mark
        else os.path.normpath(os.path.join(folder, target))
    )
