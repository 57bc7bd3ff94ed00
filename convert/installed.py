"""The program itself and what is installed beside it: versions, plug-ins, a hash of its own files.

Versions are read from the names of folders. importlib.metadata would load a mail parser, and read the description of
each package: with it an EPUB of one note costs about 1.07 times as much. It is asked only where the folders do not
answer: about packages in archives or eggs, or those of another finder.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
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
"""The libraries that outputs are made with, and their uses. Their versions are part of every fingerprint, because
another version may make other bytes."""


@cache
def versions() -> tuple[str, ...]:
    """Return the program and the libraries that make the bytes, each with its version, and the plug-ins."""
    libraries = map(" ".join, zip(LIBRARIES, versions_of(LIBRARIES), strict=True))
    return (f"notebind {__version__}", *libraries, f"plug-ins: {plug_ins() or 'none'}")


@cache
def plug_ins() -> str:
    """Return the packages that add readers or writers, with their versions, which may change how notes are read."""
    return ", ".join(plug_ins_of(("notebind.readers", "notebind.writers")))


@cache
def program_hash() -> str:
    """Return a hash of the program's version, files and plug-ins; what another program read is read again."""
    found = blake2b(f"{__version__} {plug_ins()}".encode(), digest_size=12)
    package = Path(__file__).parent
    for folder, folders, files in os.walk(package):
        folders[:] = sorted({*folders} - {"__pycache__"})
        for name in sorted(files):
            about = os.stat(os.path.join(folder, name))
            found.update(f"{folder[len(str(package)) :]}/{name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()


def versions_of(packages: Iterable[str]) -> list[str]:
    """Return the version of each installed package, "" for one that is not installed.

    Folders are named after package and version: "Recording installed projects" of packaging.python.org.
    """
    found: dict[str, str] = {}
    for folder in _metadata_folders():
        package, dash, version = os.path.basename(folder).removesuffix(".dist-info").partition("-")
        if dash and folder.endswith(".dist-info"):
            found.setdefault(_normalized(package), version)
    return [found.get(_normalized(package)) or _version(package) for package in packages]


def _normalized(package: str) -> str:
    """Return the name of a package in one spelling: "Names and normalization" of packaging.python.org."""
    return re.sub(r"[-_.]+", "-", package).lower()


def _version(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def plug_ins_of(groups: Iterable[str]) -> list[str]:
    """Return the packages with entry points in one of these groups, each with its version, sorted."""
    wanted = tuple(groups)
    if not _may_have_entry_points(wanted):
        return []
    from importlib.metadata import entry_points

    points = [point for group in wanted for point in entry_points(group=group)]
    return sorted({f"{one.dist.name} {one.dist.version}" if one.dist else one.value for one in points})


def _may_have_entry_points(groups: tuple[str, ...]) -> bool:
    """Return whether a package may have entry points in these groups; True where packages may be in no folder."""
    for finder in sys.meta_path:
        if finder is not PathFinder and hasattr(finder, "find_distributions"):
            return True
    for path in sys.path:
        if path.lower().endswith(".egg") or os.path.isfile(path):
            return True
    header = re.compile(rf"\[({'|'.join(map(re.escape, groups))})\]".encode())
    for folder in _metadata_folders():
        with suppress(OSError), open(os.path.join(folder, "entry_points.txt"), "rb") as file:
            if header.search(file.read()):
                return True
    return False


def _metadata_folders() -> list[str]:
    """Return the metadata folders of installed packages, in the order of `sys.path`."""
    found = []
    for folder in sys.path:
        with suppress(OSError):
            for name in os.listdir(folder or "."):
                if name.endswith((".dist-info", ".egg-info")):
                    found.append(os.path.join(folder, name))
    return found
