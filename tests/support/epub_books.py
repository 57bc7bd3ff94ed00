"""Makes books for the tests of the EPUB writer, from texts or trees, and reads the archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from convert.document.book import Book, NoteSummary, VideoNotes
from convert.document.note import Note, Resolution
from convert.reader import read_bytes
from convert.report import Diagnostic
from convert.vault.links import LinkIndex, resolve_note
from convert.writers.base import Job
from convert.writers.epub import WRITER, EpubOptions
from convert.writers.epub.documents import page_name
from tests.support import notes as shared
from tests.support.notes import EPOCH

FRONT = "---\ntitle: {}\nvideoId: {}\n---\n\n"
TEXTS: dict[str, str | bytes] = {
    "films/rabbit": FRONT.format("The rabbit", "aqz-KE-bpKQ")
    + "Begins [00:00:05].\n\n## Morning [00:00:10]\n\nSee [[dragon#The cave | the cave]] and [[poem]] [00:00:20] "
    "[00:00:25].\n\n#### Flowers\n\n"
    "More of the [[dragon]].\n\n##### Too deep\n\n## Evening\n\nBack to the [[dragon]].\n",
    "films/frames": FRONT.format("Frames", "aqz-KE-bpKQ")
    + "Words [01:02:03] on the [[rabbit]].\n\n## Counting\n\nA.\n",
    "films/dragon": FRONT.format("The dragon", "eRsGyueVLvQ") + "Fire.\n\n## The cave\n\nA scar and the [[Rabbit]].\n",
    "films/loose": "---\ntitle: Loose end\n---\n\nSaid [00:00:09] of the [[poem]].\n",
}
"""Notes of three videos: two of one video, links with and without a target, one without a video."""

XHTML = "{http://www.w3.org/1999/xhtml}"
OPS = "{http://www.idpf.org/2007/ops}"
OPF = "{http://www.idpf.org/2007/opf}"
NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
DC = "{http://purl.org/dc/elements/1.1/}"
UNRESOLVED = Resolution((), ())


def read_notes(texts: Mapping[str, str | bytes]) -> tuple[list[Note], list[NoteSummary]]:
    """Read notes by `channel/slug`, resolve their links, and return notes and summaries."""

    def reading(id: str, resolution: Resolution = UNRESOLVED) -> Any:
        text, (channel, slug) = texts[id], id.split("/")
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        return read_bytes(data, f"{id}.md", channel, slug, resolution)

    facts = {id: reading(id).facts for id in texts}
    links = LinkIndex(facts.values(), facts.__getitem__)
    times = {id: tuple(stamp.literal_ms for stamp in note.stamps) for id, note in facts.items()}
    resolved = {id: resolve_note(note, links, times[id])[0] for id, note in facts.items()}
    return [reading(id, resolved[id].resolution).note for id in texts], [resolved[id].summary for id in texts]


def linked(summaries: Sequence[NoteSummary]) -> list[NoteSummary]:
    """Return the summaries with `linked_from` filled in."""
    sources = {e.id: tuple(o.id for o in summaries if e.id in {to for to, _ in o.links}) for e in summaries}
    return [replace(summary, linked_from=sources[summary.id]) for summary in summaries]


def book_of(summaries: Sequence[NoteSummary], **fields: Any) -> Book:
    """Return a book whose parts are named "Film 1", "Film 2" and so on."""
    parts = tuple(
        VideoNotes(video=part.video, title=f"Film {number}" if part.video else "Without a video", notes=part.notes)
        for number, part in enumerate(shared.parts_of(summaries), 1)
    )
    return shared.book_of(summaries, **{"parts": parts} | fields)


def write(notes: Sequence[Note], book: Book, diagnostics: list[Diagnostic] | None = None, **options: Any) -> bytes:
    """Return the bytes of the EPUB and add its diagnostics to `diagnostics`."""
    job = Job(book, EpubOptions(**options), EPOCH, warn=(diagnostics if diagnostics is not None else []).append)
    by_id = {note.id: note for note in notes}
    parts = [WRITER.part(by_id[summary.id], job) for summary in book.summaries()]
    (artifact,) = WRITER.assemble(parts, job)
    assert artifact.path == f"{book.name}.epub"
    return artifact.data


def from_texts(texts: Mapping[str, str | bytes], options: Mapping[str, Any] | None = None, **fields: Any) -> bytes:
    """Return the EPUB of notes by `channel/slug`; `fields` set fields of the book."""
    notes, summaries = read_notes(texts)
    return write(notes, book_of(linked(summaries), **fields), **(options or {}))


def files_of(data: bytes) -> dict[str, bytes]:
    """Return the files below EPUB/ by name, in the order of the archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name.removeprefix("EPUB/"): archive.read(name) for name in archive.namelist()}


def pages_of(data: bytes) -> dict[str, ElementTree.Element]:
    """Parse every XML file of the archive."""
    suffixes = (".xhtml", ".opf", ".ncx", ".xml")
    return {name: ElementTree.fromstring(text) for name, text in files_of(data).items() if name.endswith(suffixes)}


def links_of(page: ElementTree.Element) -> list[str]:
    """Return the addresses of all links of a page, in order."""
    return [link.get("href", "") for link in page.iter(f"{XHTML}a")]


def text_of(page: ElementTree.Element) -> str:
    """Return the text of a page with white space collapsed."""
    return " ".join("".join(page.itertext()).split())


def classed(page: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Return the elements that have a class."""
    return [element for element in page.iter() if name in element.get("class", "").split()]


def outline(ol: ElementTree.Element) -> list[Any]:
    """Return a list of the nav document as nested [title, [...]]."""
    return [[text_of(li[0]), *[outline(inner) for inner in li.findall(f"{XHTML}ol")]] for li in ol]


def toc(pages: dict[str, ElementTree.Element]) -> ElementTree.Element:
    """Return the table of contents in the nav document."""
    return next(nav for nav in pages["nav.xhtml"].iter(f"{XHTML}nav") if nav.get(f"{OPS}type") == "toc")


def spine(pages: dict[str, ElementTree.Element]) -> list[str]:
    """Return the file names in reading order."""
    names = {item.get("id"): item.get("href", "") for item in pages["content.opf"].iter(f"{OPF}item")}
    return [names[ref.get("idref")] for ref in pages["content.opf"].iter(f"{OPF}itemref")]


def metadata(pages: dict[str, ElementTree.Element], name: str) -> list[str]:
    """Return the values of a property or a Dublin Core element."""
    whole = pages["content.opf"]
    found = [e for e in whole.iter(f"{OPF}meta") if e.get("property") == name] + list(whole.iter(f"{DC}{name}"))
    return [e.text or "" for e in found]


def page_of(pages: dict[str, ElementTree.Element], id: str) -> ElementTree.Element:
    """Return the page of a note."""
    return pages[page_name(id)]


@pytest.fixture(scope="module")
def data() -> bytes:
    """The EPUB of `TEXTS`, built once for all tests of a module."""
    return from_texts(TEXTS)


@pytest.fixture(scope="module")
def pages(data: bytes) -> dict[str, ElementTree.Element]:
    """The parsed files of the EPUB of `TEXTS`."""
    return pages_of(data)
