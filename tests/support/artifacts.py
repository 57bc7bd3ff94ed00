"""Shows artifacts as text, without the details in which good versions of a library may differ."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from convert import __version__

FIELD_END = "\x1f"


def text_view(name: str, data: bytes) -> str:
    """Return an artifact as text, by its suffix; raise KeyError for an unknown suffix."""
    return VIEWS[suffix(name)](data).replace(f"notebind {__version__}", "notebind (version)")


def check(name: str, data: bytes) -> None:
    """Raise an error when an artifact is not well-formed, and KeyError for an unknown suffix."""
    assert data or suffix(name) == ".txt", f"{name} is empty"
    VIEWS[suffix(name)](data)


def suffix(name: str) -> str:
    return PurePosixPath(name).suffix


def epub_view(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        return "".join(f"== {name}\n{_entry_view(name, archive.read(name))}\n" for name in names)


def _entry_view(name: str, data: bytes) -> str:
    match suffix(name):
        case ".png":
            return "(a picture of {} by {} points)".format(*struct.unpack(">II", data[16:24]))
        case ".css":
            return "(a style sheet)"
        case ".xhtml" | ".opf" | ".ncx" | ".xml" | ".svg":
            return xml_view(data)
        case _:
            return data.decode()


def xml_view(data: bytes) -> str:
    """Parse the XML and return it with a line break before each block-like element."""
    ElementTree.fromstring(data)
    return re.sub(r">(?=<(?!/?(?:a|em|strong|code|span|sup|sub|br|del|mark)\b))", ">\n", data.decode())


def deck_view(data: bytes) -> str:
    """Return the cards of a deck: a line with kind, deck and tags of each, and one for each field."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive, tempfile.TemporaryDirectory() as folder:
        assert archive.testzip() is None
        base = sqlite3.connect(archive.extract("collection.anki2", folder))
        try:
            return "\n".join(_rows(base))
        finally:
            base.close()


def _rows(base: sqlite3.Connection) -> Iterator[str]:
    models, decks = (json.loads(text) for text in base.execute("select models, decks from col").fetchone())
    cards = base.execute(
        "select n.guid, n.mid, n.tags, n.flds, c.did, c.ord from notes n join cards c on c.nid = n.id"
        " order by c.due, c.ord"
    )
    for guid, model, tags, fields, deck, order in cards:
        kind = models[str(model)]
        yield f"== {kind['name']} card {order} {guid} in {decks[str(deck)]['name']}; {tags.strip()}"
        names = [field["name"] for field in kind["flds"]]
        yield from (f"{name}: {text}" for name, text in zip(names, fields.split(FIELD_END), strict=True))


def pdf_view(data: bytes) -> str:
    """Return metadata, outline, and the words and link addresses of each page."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data))
    about = reader.metadata or {}
    lines = [f"{key}: {about[key]}" for key in ("/Title", "/Author") if key in about]
    lines += ["== outline", *_outline(reader.outline)]
    for number, page in enumerate(reader.pages, 1):
        lines += [f"== page {number}", *page.extract_text().split("\n")]
        lines += [f"-> {address}" for address in _addresses(page)]
    return "\n".join(line.rstrip() for line in lines)


def _outline(items: list[object], depth: int = 0) -> Iterator[str]:
    for item in items:
        if isinstance(item, list):
            yield from _outline(item, depth + 1)
        else:
            yield "  " * depth + str(getattr(item, "title", item))


def _addresses(page: object) -> Iterator[str]:
    for annotation in page.get("/Annots", ()):  # type: ignore[attr-defined]
        action = annotation.get_object().get("/A", {})
        if "/URI" in action:
            yield action["/URI"]


def plain_view(data: bytes) -> str:
    return data.decode("utf-8")


def script_view(data: bytes) -> str:
    """Return the data that a script passes to the page, or a placeholder for the site's own script."""
    text = data.decode("utf-8")
    if not text.startswith("readingRoom."):
        return "(a script)"
    call, _, value = text.removesuffix(");\n").partition("(")
    return f"{call}\n{json_view(value.encode())}"


def srt_view(data: bytes) -> str:
    import srt

    assert list(srt.parse(data.decode(), ignore_errors=False))
    return data.decode()


def json_view(data: bytes) -> str:
    return json.dumps(json.loads(data), indent=1, ensure_ascii=False)


def starts(head: str) -> Callable[[bytes], str]:
    def view(data: bytes) -> str:
        text = data.decode("utf-8")
        assert text.startswith(head)
        return text

    return view


VIEWS: dict[str, Callable[[bytes], str]] = {
    ".epub": epub_view,
    ".apkg": deck_view,
    ".pdf": pdf_view,
    ".srt": srt_view,
    ".vtt": starts("WEBVTT\n"),
    ".ffmeta": starts(";FFMETADATA1\n"),
    ".xml": xml_view,
    ".xspf": xml_view,
    ".json": json_view,
    ".html": xml_view,
    ".js": script_view,
    ".css": lambda data: "(a style sheet)",
    ".cue": plain_view,
    ".xchp": plain_view,
    ".pbf": lambda data: data.decode("utf-16"),
    ".edl": plain_view,
    ".csv": plain_view,
    ".txt": plain_view,
}


def read_all(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its path in it, including those in `.notebind`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
