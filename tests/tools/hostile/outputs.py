"""Checks that the outputs of a build are complete, can be read by other programs, and contain no secret."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.artifacts import check
from tests.tools.hostile.guarded import SECRET

ACTIVE = re.compile(
    rb"""<(?:script|iframe|object|embed)\b|\s(?:href|src|action|data)\s*=\s*["']?\s*(?:javascript|vbscript|data|file):"""
    rb"""|\son[a-z]+\s*=\s*["'](?=(?:[^"]*"[^"]*")*[^"]*$)""",
    re.IGNORECASE,
)


def artifacts(output: Path) -> list[Path]:
    """Return the files of a build without those in `.notebind`."""
    return sorted(path for path in output.rglob("*") if path.is_file() and ".notebind" not in path.parts)


def complaints(output: Path) -> Iterator[str]:
    """Return what is wrong with the artifacts, one line each; the caller runs EPUBCheck and Anki."""
    for path in artifacts(output):
        data = path.read_bytes()
        try:
            if path.suffix != ".pdf":  # opened below, object by object
                check(path.name, data)
            for content in _contents(path.name, data):
                if SECRET.encode() in content:
                    yield f"{path}: holds the secret"
        except Exception as error:
            yield f"{path}: {type(error).__name__}: {error}"


def _contents(name: str, data: bytes) -> Iterator[bytes]:
    """Return the unpacked bytes that could contain a secret."""
    yield data
    if name.endswith((".epub", ".apkg")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(one) for one in archive.namelist())
    elif name.endswith(".pdf"):
        yield from _streams(data)


def _streams(data: bytes) -> Iterator[bytes]:
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Stream) and "/FontFile2" not in thing:
                yield thing.read_bytes()
            elif isinstance(thing, pikepdf.Dictionary) and str(thing.get("/S")) in ("/JavaScript", "/Launch"):
                raise ValueError("an action that runs")


def active_links(output: Path) -> list[str]:
    """Return by file what a reading app would execute in pages of books and fields of cards."""
    found = []
    for path in artifacts(output):
        if path.suffix == ".epub":
            with zipfile.ZipFile(path) as book:
                pages = {one: book.read(one) for one in book.namelist() if one.endswith(".xhtml")}
            found += [f"{path.name}/{one}: {tag}" for one, page in pages.items() for tag in _tags(page)]
        elif path.suffix == ".apkg":
            found += [f"{path.name}: {tag}" for field in _fields(path) for tag in _tags(field)]
    return found


def _tags(markup: bytes) -> list[bytes]:
    """Return tags with anything active in them; text that mentions it is harmless."""
    return [tag for tag in re.findall(rb"<[^<>]*>", markup) if ACTIVE.search(tag)]


def _fields(package: Path) -> list[bytes]:
    with zipfile.ZipFile(package) as archive:
        data = archive.read("collection.anki2")
    base = sqlite3.connect(":memory:")
    try:
        base.deserialize(data)
        return [row[0].encode() for row in base.execute("select flds from notes")]
    finally:
        base.close()
