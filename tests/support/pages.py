"""Reads the pages of an EPUB or a site, their ids, and the targets of their links."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

_LINK = re.compile(r'\bhref="([^"#:?]*)#([^"]*)"')
_ID = re.compile(r'\bid="([^"]*)"')


def epub_pages(book: Path) -> dict[str, str]:
    """Return the XHTML files of a book by name; raise ParseError for one that is not well-formed."""
    with zipfile.ZipFile(book) as archive:
        found = {Path(name).name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xhtml")}
    for markup in found.values():
        ElementTree.fromstring(markup)
    return found


def site_pages(folder: Path) -> dict[str, str]:
    """Return the pages of a site by file name."""
    return {path.name: path.read_text("utf-8") for path in folder.glob("*.html")}


def page_of(pages: dict[str, str], words: str) -> str:
    """Return the only page that contains these words."""
    (found,) = (markup for markup in pages.values() if words in markup)
    return found


def faults_of_ids(pages: dict[str, str]) -> list[str]:
    """Return the ids that a page has twice, and the links within the book whose target is missing."""
    ids = {name: _ID.findall(markup) for name, markup in pages.items()}
    twice = [f"{name}: {own} twice" for name, found in ids.items() for own in set(found) if found.count(own) > 1]
    dead = [
        f"{name}: {to}#{place}"
        for name, markup in pages.items()
        for to, place in _LINK.findall(markup)
        if not place.startswith("t=") and place not in ids.get(to or name, ())
    ]
    return twice + dead
