"""The package around the pages: EbookLib holds manifest, spine and metadata, everything else is finished bytes.

EbookLib 0.20 repairs, drops and dates things on its own when it writes pages, contents and archives, so its
writer is used for container and package document alone; these rest on private methods, hence the exact pin.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from ebooklib import epub  # type: ignore[import-untyped]

from convert.tools.steady_zip import Packed, steady_zip
from convert.writers.base import Job
from convert.writers.epub import Options
from convert.writers.epub.chapter import unpacked
from convert.writers.epub.contents import Landmark
from convert.writers.epub.metadata import describe
from convert.writers.epub.pages import Page, all_pages
from convert.writers.epub.shelf import shelf_of

_GUIDE_TYPES = {"cover": "cover", "titlepage": "title-page", "toc": "toc", "bodymatter": "text", "index": "index"}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def archive(parts: Sequence[bytes], job: Job[Options]) -> bytes:
    """The bytes of the EPUB file."""
    shelf = shelf_of(job.book)
    pages = all_pages([unpacked(part) for part in parts], shelf, job)
    book = epub.EpubBook()
    describe(book, shelf, pages)
    for page in pages.files:
        _add(book, page)
    book.guide = [_reference(landmark) for landmark in pages.landmarks if landmark.kind in _GUIDE_TYPES]
    writer = _PackageWriter(book, job.epoch, shelf.language)
    entries = [("mimetype", b"application/epub+zip"), *writer.written(), *_contents(book, pages.files)]
    pictures = {
        page.name for page in pages.files if page.media_type.startswith("image/") and page.media_type != "image/svg+xml"
    }
    stored = {"mimetype", *(f"{book.FOLDER_NAME}/{name}" for name in pictures)}
    return steady_zip(entries, job.epoch, frozenset(stored))


def _reference(landmark: Landmark) -> dict[str, str]:
    """A landmark as readers of EPUB 2 look for it (OPF 2.0.1, 2.6)."""
    return {"type": _GUIDE_TYPES[landmark.kind], "title": landmark.title, "href": landmark.href}


def _contents(book: Any, files: Iterable[Page]) -> list[tuple[str, bytes | Packed]]:
    return [(f"{book.FOLDER_NAME}/{page.name}", page.data) for page in files]


def _add(book: Any, page: Page) -> None:
    item = _Finished(page)
    book.add_item(item)
    if page.linear:
        book.spine.append(item)


class _Finished(epub.EpubItem):  # type: ignore[misc]
    """A manifest item whose bytes are kept elsewhere; EbookLib's own page items would rewrite them."""

    def __init__(self, page: Page) -> None:
        super().__init__(uid=page.id, file_name=page.name, media_type=page.media_type)
        self.properties = page.properties
        self.is_linear = True


class _PackageWriter(epub.EpubWriter):  # type: ignore[misc]
    """EbookLib's writer, made to hand out container and package document instead of writing a file."""

    def __init__(self, book: Any, epoch: int, language: str) -> None:
        modified = datetime.datetime.fromtimestamp(epoch, datetime.UTC)
        super().__init__("", book, {"mtime": modified, "epub3_pages": False, "epub3_landmark": False})
        self.out = _Collected()
        self._language = language

    def written(self) -> list[tuple[str, bytes]]:
        """(name, bytes) of the container and the package document."""
        self._write_container()
        self._write_opf()
        return self.out.entries

    def _write_opf_file(self, root: Any) -> None:
        root.set(_XML_LANG, self._language)
        super()._write_opf_file(root)


class _Collected:
    """Stands in for the archive that EbookLib would write."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, bytes]] = []

    def writestr(self, name: str, data: str | bytes) -> None:
        self.entries.append((name, data.encode() if isinstance(data, str) else data))
