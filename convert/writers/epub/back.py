"""The pages after the notes: index of topics, list of videos, colophon."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

import msgspec

from convert.document.book import NoteSummary
from convert.document.timecode import clock
from convert.extract.topics import Mention
from convert.render.xhtml import anchor, attribute, escape
from convert.version import __version__
from convert.writers.epub.frame import document, english
from convert.writers.epub.shelf import Shelf, page_name, short, watch_page

LARGEST_INDEX = 400
"""Topics on one page of the index; a larger one gets a page for each initial."""


class Topic(msgspec.Struct, frozen=True, gc=False):
    """A headword of the index: its title, its own note if the book has one, and the places that name it."""

    key: str
    title: str
    places: tuple[tuple[NoteSummary, str], ...]


def topics(shelf: Shelf, mentions: Iterable[tuple[Mention, ...]]) -> tuple[Topic, ...]:
    """The topics that the notes name, by title; a note stands once under each, at the first place that names it."""
    titles: dict[str, str] = {}
    places: dict[str, dict[tuple[str, str], tuple[NoteSummary, str]]] = {}
    single = len(shelf.entries) == 1
    for entry, named in zip(shelf.entries.values(), mentions, strict=True):
        for mention in named:
            titles.setdefault(mention.key, mention.title)
            place = (entry.id, mention.section if single else "")
            places.setdefault(mention.key, {}).setdefault(place, (entry, mention.section))
    found = (Topic(key, short(title), tuple(places[key].values())) for key, title in titles.items())
    return tuple(sorted(found, key=lambda topic: (sort_key(topic.title), topic.key)))


@lru_cache(maxsize=1 << 14)
def sort_key(title: str) -> str:
    """What a title is sorted by: letters and digits without marks and case."""
    folded = unicodedata.normalize("NFKD", title).casefold()
    return "".join(char for char in folded if char.isalnum() or char == " ")


def initial(title: str) -> str:
    """The letter under which a title stands in the index, "#" when it begins with none."""
    key = sort_key(title).strip()
    return key[0].upper() if key and key[0].isalpha() else "#"


def index_pages(found: tuple[Topic, ...], shelf: Shelf) -> Iterator[tuple[str, str, bytes]]:
    """(file, title, page) of the index: one, or one for each initial where one would be too long."""
    groups = [(letter, list(group)) for letter, group in groupby(found, lambda topic: initial(topic.title))]
    groups.sort(key=lambda pair: pair[0] == "#")
    if len(found) <= LARGEST_INDEX:
        body = "".join(_letter(letter, group, shelf) for letter, group in groups)
        if groups:
            yield "topics.xhtml", "Topics", _index_page("Topics", body, shelf)
        return
    for number, (letter, group) in enumerate(groups, 1):
        title = f"Topics: {letter}"
        name = "topics.xhtml" if number == 1 else f"topics-{number}.xhtml"
        yield name, title, _index_page(title, _letter(letter, group, shelf), shelf)


def _index_page(title: str, body: str, shelf: Shelf) -> bytes:
    whole = (
        '<section class="index" epub:type="index" role="doc-index" aria-labelledby="title">\n'
        f'<h1 id="title"{english(shelf)}>{escape(title)}</h1>\n{body}</section>\n'
    )
    return document(title, whole, shelf, kind="backmatter")


def _letter(letter: str, group: list[Topic], shelf: Shelf) -> str:
    items = "".join(_topic(topic, shelf) for topic in group)
    return f"<h2>{escape(letter)}</h2>\n<ul>\n{items}</ul>\n"


def _topic(topic: Topic, shelf: Shelf) -> str:
    title = escape(topic.title)
    head = f'<a class="term" href="{page_name(topic.key)}">{title}</a>' if topic.key in shelf.entries else title
    places = "".join(f"<li>{_place(entry, section, shelf)}</li>\n" for entry, section in topic.places)
    return f'<li><p class="term">{head}</p>\n<ul class="places">\n{places}</ul></li>\n'


def _place(entry: NoteSummary, section: str, shelf: Shelf) -> str:
    text = shelf.headings(entry).get(section)
    fragment = "" if text is None else f"#{anchor(section)}"
    title = (text or "").strip() if len(shelf.entries) == 1 else ""
    return f'<a href="{page_name(entry.id)}{fragment}">{escape(short(title or entry.title))}</a>'


def videos_page(shelf: Shelf, split: str) -> bytes | None:
    """The videos that the notes are about, with links; None when there are none."""
    items = []
    for part in shelf.book.parts:
        address = watch_page(part.video)
        if address is None or not part.notes:
            continue
        target = shelf.start(part) if split == "video" else page_name(part.notes[0].id)
        length = f" · {clock(part.duration_ms)}" if part.duration_ms is not None else ""
        items.append(
            f'<li><p><a href="{target}">{escape(short(part.title))}</a></p>\n'
            f'<p class="source"><a class="watch" href="{attribute(address)}">{escape(address.partition("//")[2])}</a>'
            f"{length}</p></li>\n"
        )
    if not items:
        return None
    body = (
        '<section class="videos" aria-labelledby="title">\n'
        f'<h1 id="title"{english(shelf)}>Videos</h1>\n<ol>\n{"".join(items)}</ol>\n</section>\n'
    )
    return document("Videos", body, shelf, kind="backmatter")


def colophon_page(shelf: Shelf) -> bytes:
    """What the book is made of and by."""
    entries = shelf.entries.values()
    words, moments = sum(entry.words for entry in entries), sum(len(entry.moments) for entry in entries)
    body = (
        f'<section class="colophon" epub:type="colophon" role="doc-colophon" aria-labelledby="title"{english(shelf)}>\n'
        '<h1 id="title">Colophon</h1>\n'
        f"<p>This book holds {count(len(entries), 'note')} with {count(words, 'word')} "
        f"and {count(moments, 'link')} to moments of the videos they are about.</p>\n"
        "<p>The small times in the text are links: each opens the video at that moment. "
        "Other links lead to the note of that name in this book.</p>\n"
        f"<p>The notes were set as a book by notebind {__version__}.</p>\n</section>\n"
    )
    return document("Colophon", body, shelf, kind="backmatter")


def count(number: int, unit: str) -> str:
    """`1 note`, `1,117 notes`."""
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"
