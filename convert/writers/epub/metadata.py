"""What catalogues and reading systems are told about the book; nothing that is not so."""

from __future__ import annotations

from collections import Counter
from typing import Any

from convert.document.note import tags_of
from convert.writers.epub.identity import authors, identifier
from convert.writers.epub.pages import Pages
from convert.writers.epub.shelf import Shelf, short, shown, watch_page

MOST_SUBJECTS = 12
_PLACES_OF_A_SUBJECT = 2


def describe(book: Any, shelf: Shelf, pages: Pages) -> None:
    """Writes the metadata into an `EpubBook`."""
    book.set_identifier(identifier(shelf))
    book.set_title(shown(shelf.book.title))
    book.set_language(shelf.language)
    book.set_direction("rtl" if shelf.direction == "rtl" else None)
    book.metadata.pop("http://www.idpf.org/2007/opf", None)
    _add_people(book, shelf)
    _add_sources(book, shelf)
    _add_subjects(book, shelf, pages)
    book.add_metadata("DC", "description", _description(shelf, pages.about))
    book.add_metadata(None, "meta", "", {"name": "cover", "content": "cover-image"})
    _add_access(book, shelf, pages)


def _add_people(book: Any, shelf: Shelf) -> None:
    for number, name in enumerate(authors(shelf), 1):
        book.add_author(name, uid=f"creator-{number}")
        _say(book, "role", "aut", refines=f"#creator-{number}", scheme="marc:relators")
    for number, channel in enumerate(shelf.channels if len(shelf.channels) == 1 else (), 1):
        name = shown(channel, "")
        if name:
            _say(book, "belongs-to-collection", name, id=f"collection-{number}")
            _say(book, "collection-type", "series", refines=f"#collection-{number}")


def _add_sources(book: Any, shelf: Shelf) -> None:
    addresses = (watch_page(part.video) for part in shelf.book.parts)
    for address in dict.fromkeys(filter(None, addresses)):
        book.add_metadata("DC", "source", address)


def _add_subjects(book: Any, shelf: Shelf, pages: Pages) -> None:
    """The tags of the notes, then the topics that most of them name, those of one note only left out."""
    counts = Counter(shown(tag, "") for entry in shelf.entries.values() for tag in tags_of(entry.meta))
    tags = [tag for tag, _ in counts.most_common(MOST_SUBJECTS) if tag]
    often = [topic for topic in pages.topics if len(topic.places) >= _PLACES_OF_A_SUBJECT]
    often.sort(key=lambda topic: -len(topic.places))
    for subject in dict.fromkeys([*tags, *(topic.title for topic in often[:MOST_SUBJECTS])]):
        book.add_metadata("DC", "subject", subject)


def _description(shelf: Shelf, about: str) -> str:
    titles = [short(part.title or part.notes[0].title) for part in shelf.book.parts[:5]]
    more = " and others" if len(shelf.book.parts) > len(titles) else ""
    return f"{about}: {'; '.join(titles)}{more}."


def _add_access(book: Any, shelf: Shelf, pages: Pages) -> None:
    """EPUB Accessibility 1.1, 2.2: how the book can be read, and what makes that possible."""
    features = ["tableOfContents", "structuralNavigation", "readingOrder", "displayTransformability"]
    features += ["alternativeText"] * (not pages.undescribed)
    features += ["index"] * bool(pages.topics) + ["MathML", "latex"] * pages.mathml
    _say(book, "schema:accessMode", "textual")
    if pages.pictures:
        _say(book, "schema:accessMode", "visual")
    _say(book, "schema:accessModeSufficient", "textual,visual" if pages.undescribed else "textual")
    for feature in features:
        _say(book, "schema:accessibilityFeature", feature)
    _say(book, "schema:accessibilityHazard", "none")
    if shelf.language != "und":
        _say(book, "dcterms:conformsTo", "EPUB Accessibility 1.1 - WCAG 2.1 Level AA", id="conformance")
        _say(book, "a11y:certifiedBy", "notebind", refines="#conformance")
    _say(
        book,
        "schema:accessibilitySummary",
        f"{'The' if pages.pictures else 'All of the'} book is text with headings, lists and tables marked as such. "
        "Links to moments of the videos carry the time in words." + _about_pictures(pages),
    )


def _about_pictures(pages: Pages) -> str:
    if pages.undescribed:
        return " Some pictures have no description."
    return " Pictures are described in words." if pages.pictures else ""


def _say(book: Any, name: str, value: str, **others: str) -> None:
    book.add_metadata(None, "meta", value, {"property": name, **others})
