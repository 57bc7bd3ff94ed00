"""The pages of an EPUB or a site that was built: their ids and where their links lead."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

_LINK = re.compile(r'\bhref="([^"#:?]*)#([^"]*)"')
_ID = re.compile(r'\bid="([^"]*)"')


def epub_pages(book: Path) -> dict[str, str]:
    """The XHTML of a book by file name; each is parsed to be sure of it."""
    with zipfile.ZipFile(book) as archive:
        found = {Path(name).name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xhtml")}
    for markup in found.values():
        ElementTree.fromstring(markup)
    return found


def site_pages(folder: Path) -> dict[str, str]:
    """The pages of a site by file name."""
    return {path.name: path.read_text("utf-8") for path in folder.glob("*.html")}


def page_of(pages: dict[str, str], words: str) -> str:
    """The one page that holds the words."""
    (found,) = (markup for markup in pages.values() if words in markup)
    return found


def faults_of_ids(pages: dict[str, str]) -> list[str]:
    """Ids that stand twice in a page, and links within the book that lead to none."""
    ids = {name: _ID.findall(markup) for name, markup in pages.items()}
    twice = [f"{name}: {own} twice" for name, found in ids.items() for own in set(found) if found.count(own) > 1]
    dead = [
        f"{name}: {to}#{place}"
        for name, markup in pages.items()
        for to, place in _LINK.findall(markup)
        if not place.startswith("t=") and place not in ids.get(to or name, ())
    ]
    return twice + dead
