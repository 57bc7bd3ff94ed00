"""The program itself and what is installed beside it: versions, plug-ins, a hash of its own files.

Versions are told from the names of folders. importlib.metadata tells them too, but is loaded for as long as a note
takes to become a book, and reads the whole description of a package for its version. It is asked only where the
folders do not say.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib.machinery import PathFinder
from pathlib import Path

from convert.version import __version__

LIBRARIES = {
    "msgspec": "the model of notes",
    "pyromark": "reads Markdown",
    "PyYAML": "reads front matter",
    "EbookLib": "EPUB",
    "latex2mathml": "formulas in EPUB, site and cards",
    "pillow": "pictures of notes",
    "lxml": "drawings (SVG) of notes",
    "pypandoc_binary": "PDF: pandoc",
    "typst": "PDF: typesetting; covers",
    "pikepdf": "PDF: smaller files",
    "segno": "PDF: QR codes",
    "fonttools": "PDF: which fonts have a script",
    "pysrt": "SRT chapters",
    "av": "reads and muxes media files",
}
"""The libraries that outputs are made with, and what for: another version may make other bytes, so that the versions
are part of every fingerprint."""


@cache
def versions() -> tuple[str, ...]:
    """Return the program and the libraries that make the bytes, each with its version, and the plug-ins."""
    libraries = (f"{name} {version}" for name, version in zip(LIBRARIES, versions_of(LIBRARIES), strict=True))
    return (f"notebind {__version__}", *libraries, f"plug-ins: {plug_ins() or 'none'}")


@cache
def plug_ins() -> str:
    """Return the packages that add readers or writers with their versions: another version may read otherwise."""
    return ", ".join(plug_ins_of(("notebind.readers", "notebind.writers")))


@cache
def program_hash() -> str:
    """Return a hash of the program's version, its files and its plug-ins: another program reads notes anew."""
    found = blake2b(f"{__version__} {plug_ins()}".encode(), digest_size=12)
    package = Path(__file__).parent
    for folder, folders, files in os.walk(package):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            about = os.stat(os.path.join(folder, name))
            found.update(f"{folder[len(str(package)) :]}/{name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()


def versions_of(packages: Iterable[str]) -> list[str]:
    """The version of each installed package, "" for one that is not there.

    Folders are named after package and version: "Recording installed projects" of packaging.python.org.
    """
    found: dict[str, str] = {}
    for _, name in _folders():
        package, dash, version = name.removesuffix(".dist-info").partition("-")
        if dash and name.endswith(".dist-info"):
            found.setdefault(_normal(package), version)
    return [found.get(_normal(package)) or _version(package) for package in packages]


def _version(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def plug_ins_of(groups: Iterable[str]) -> list[str]:
    """The packages with entry points in one of these groups, each with its version, sorted."""
    wanted = tuple(groups)
    if not _may_name(wanted):
        return []
    from importlib.metadata import entry_points

    points = [point for group in wanted for point in entry_points(group=group)]
    return sorted({f"{one.dist.name} {one.dist.version}" if one.dist else one.value for one in points})


def _normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def _may_name(groups: Iterable[str]) -> bool:
    """Whether a package may have entry points in these groups; also where packages may lie that are no folders."""
    if any(finder is not PathFinder and hasattr(finder, "find_distributions") for finder in sys.meta_path):
        return True
    if any(path.lower().endswith(".egg") or os.path.isfile(path) for path in sys.path):
        return True
    heads = [f"[{group}]".encode() for group in groups]
    return any(head in text for text in _entry_points() for head in heads)


def _entry_points() -> Iterator[bytes]:
    for folder, name in _folders():
        with suppress(OSError), open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:
            yield file.read()


def _folders() -> Iterator[tuple[str, str]]:
    """(folder, name) of what tells of an installed package, in the order in which Python looks for modules."""
    for folder in sys.path:
        with suppress(OSError):
            found = os.listdir(folder or ".")
            yield from ((folder, name) for name in found if name.endswith((".dist-info", ".egg-info")))
