"""The metadata of the e-book, for catalogues and reading systems.

Kept apart because it follows the rules of catalogues, not of pages.
"""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

import msgspec

from convert.document.note import tags_of
from convert.render.book_pages import one_line, shortened, watch_page
from convert.writers.epub.documents import EpubPages
from convert.writers.epub.front_and_back import Topic

MOST_AUTHORS = 10
MOST_SUBJECTS = 12
_REFERENCES_OF_A_SUBJECT = 2
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "notebind.epub")


class BookDetails(msgspec.Struct, frozen=True, gc=False):
    """Details of the pages for the metadata."""

    about: str
    """The size of the book in a few words."""
    topics: list[Topic]
    mathml: bool
    pictures: list[str]
    """The names of the pictures, sorted."""
    undescribed: bool
    """Whether a picture lacks a description."""


def identifier(pages: EpubPages) -> str:
    """Return a URN that stays the same while the book has the same notes."""
    names = sorted([note_id.encode("utf-8", "surrogatepass").hex() for note_id in pages.summaries])
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, ' '.join([pages.book.name, *names]))}"


def authors(pages: EpubPages) -> tuple[str, ...]:
    """Return the author of the book, else its channels."""
    named = one_line(pages.book.author, "")
    return (
        (named,) if named else tuple([name for one in pages.channels() if (name := one_line(one, ""))][:MOST_AUTHORS])
    )


def describe(book: Any, pages: EpubPages, details: BookDetails) -> None:
    """Write the metadata into an `EpubBook`."""
    book.set_identifier(identifier(pages))
    book.set_title(one_line(pages.book.title))
    book.set_language(pages.language)
    book.set_direction("rtl" if pages.direction == "rtl" else None)
    book.metadata.pop("http://www.idpf.org/2007/opf", None)
    _add_people(book, pages)
    addresses = [address for part in (*pages.book.parts, *pages.book.others) if (address := watch_page(part.video))]
    for address in dict.fromkeys(addresses):
        book.add_metadata("DC", "source", address)
    for subject in _subjects(pages, details):
        book.add_metadata("DC", "subject", subject)
    titles = [shortened(part.title or part.notes[0].title) for part in pages.book.parts[:5]]
    more = " and others" if len(pages.book.parts) > len(titles) else ""
    book.add_metadata("DC", "description", f"{details.about}: {'; '.join(titles)}{more}.")
    book.add_metadata(None, "meta", "", {"name": "cover", "content": "cover-image"})
    _add_access(book, pages, details)


def _add_people(book: Any, pages: EpubPages) -> None:
    for number, name in enumerate(authors(pages), 1):
        book.add_author(name, uid=f"creator-{number}")
        _add(book, "role", "aut", refines=f"#creator-{number}", scheme="marc:relators")
    channels = pages.channels()
    if len(channels) == 1 and (name := one_line(channels[0], "")):
        _add(book, "belongs-to-collection", name, id="collection-1")
        _add(book, "collection-type", "series", refines="#collection-1")


def _add(book: Any, name: str, value: str, **others: str) -> None:
    book.add_metadata(None, "meta", value, {"property": name, **others})


def _subjects(pages: EpubPages, details: BookDetails) -> list[str]:
    """Return the tags of the notes, then the topics that several notes name, most frequent first."""
    counts = Counter([one_line(tag, "") for summary in pages.summaries.values() for tag in tags_of(summary.meta)])
    tags = [tag for tag, _ in counts.most_common(MOST_SUBJECTS) if tag]
    often = [topic for topic in details.topics if len(topic.references) >= _REFERENCES_OF_A_SUBJECT]
    often.sort(key=lambda topic: -len(topic.references))
    return [*dict.fromkeys([*tags, *[topic.title for topic in often[:MOST_SUBJECTS]]])]


def _add_access(book: Any, pages: EpubPages, details: BookDetails) -> None:
    """Add the accessibility metadata (EPUB Accessibility 1.1, 2.2)."""
    features = ["tableOfContents", "structuralNavigation", "readingOrder", "displayTransformability"]
    if not details.undescribed:
        features.append("alternativeText")
    if details.topics:
        features.append("index")
    if details.mathml:
        features += ["MathML", "latex"]
    for mode in ["textual", "visual"] if details.pictures else ["textual"]:
        _add(book, "schema:accessMode", mode)
    _add(book, "schema:accessModeSufficient", "textual,visual" if details.undescribed else "textual")
    for feature in features:
        _add(book, "schema:accessibilityFeature", feature)
    _add(book, "schema:accessibilityHazard", "none")
    if pages.language != "und":
        _add(book, "dcterms:conformsTo", "EPUB Accessibility 1.1 - WCAG 2.1 Level AA", id="conformance")
        _add(book, "a11y:certifiedBy", "notebind", refines="#conformance")
    summary = (
        f"{'The' if details.pictures else 'All of the'} book is text with headings, lists and tables marked as such. "
        "Links to moments of the videos carry the time in words."
    )
    if details.undescribed:
        summary += " Some pictures have no description."
    elif details.pictures:
        summary += " Pictures are described in words."
    _add(book, "schema:accessibilitySummary", summary)
