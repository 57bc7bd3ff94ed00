"""A note as a page of the book, deflated at once: that is the costly part of an archive."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from convert.document.book import NoteSummary
from convert.document.nodes import Destination
from convert.document.note import Note, Video
from convert.document.video import watch_url
from convert.extract.topics import Mention, Mentions
from convert.render.xhtml import Policy, Shown, attribute, clean, escape, render_blocks
from convert.render.xhtml.mathml import mathml
from convert.tools.steady_zip import Packed, pack
from convert.writers.base import Job
from convert.writers.epub import Options
from convert.writers.epub.frame import document, english
from convert.writers.epub.shelf import Shelf, language_tag, page_name, part_name, shelf_of, short, shown, watch_page

MOST_BACK_LINKS = 24
"""Back-links shown under a note; the index of topics has them all."""

PICTURES = "images/"
"""The folder of the pictures of notes."""


class Chapter(msgspec.Struct, frozen=True, gc=False):
    """What `part` hands to `assemble`."""

    page: Packed
    mathml: bool
    topics: tuple[Mention, ...]
    pictures: tuple[str, ...] = ()
    """The names of those that the page shows."""
    undescribed: bool = False
    """Whether one of them has no words beside it."""


def chapter(note: Note, job: Job[Options]) -> bytes:
    """The page of a note and what the book needs to know of it, as MessagePack of a `Chapter`."""
    shelf = shelf_of(job.book)
    topics = Mentions(note.id)
    shown = Shown(PICTURES)
    body = _body(note, shelf, job.options, topics, shown)
    page = document(note.title, body, shelf, kind="bodymatter", language=_language(note, shelf))
    pictures = tuple(sorted(shown.names))
    made = Chapter(pack(page), "<math " in body, _portable(topics), pictures, shown.undescribed)
    return msgspec.msgpack.encode(made)


def _portable(topics: Mentions) -> tuple[Mention, ...]:
    """The topics in characters that MessagePack can hold: no surrogates."""
    return tuple(Mention(clean(m.key), clean(m.title), clean(m.section)) for m in topics.all())


def unpacked(data: bytes) -> Chapter:
    """The `Chapter` that `chapter` encoded."""
    return msgspec.msgpack.decode(data, type=Chapter)


def _language(note: Note, shelf: Shelf) -> str:
    """The note's own language where its front matter names one."""
    own = language_tag(note.meta.get("language") or note.meta.get("lang") or "und")
    return shelf.language if own == "und" else own


def _body(note: Note, shelf: Shelf, options: Options, topics: Mentions, pictures: Shown) -> str:
    entry = shelf.entries[note.id]
    watch = _watch(note.video)
    policy = Policy(_links(shelf, options), watch, _watch, meet=topics.meet, image=pictures, math=mathml, epub=True)
    return (
        '<section class="chapter" epub:type="chapter" role="doc-chapter" aria-labelledby="title">\n'
        f"{_head(entry, shelf, options)}"
        f'<div class="note-text">\n{render_blocks(note.blocks, policy)}</div>\n'
        f"{_linked_from(entry, shelf)}</section>\n"
    )


def _links(shelf: Shelf, options: Options) -> Callable[[Destination], str | None]:
    """Where the note's links lead, thinned as the option says."""
    if options.links == "none":
        return lambda _: None
    if options.links == "all":
        return shelf.href
    met: set[str] = set()

    def first(to: Destination) -> str | None:
        if to.note in met:
            return None
        met.add(to.note)
        return shelf.href(to)

    return first


def _watch(video: Video | None) -> Callable[[int], str | None]:
    """Addresses of moments of the video; nothing where there is none, or its id is no id."""
    if video is None or watch_page(video) is None:
        return lambda _: None
    return partial(watch_url, video)


def _head(entry: NoteSummary, shelf: Shelf, options: Options) -> str:
    part = shelf.parts[entry.id]
    title = f'<h1 id="title" class="note-title">{escape(shown(entry.title))}</h1>\n'
    watch = watch_page(part.video)
    lines = []
    if options.split == "video" and shelf.has_page(part):
        lines.append(f'<a class="video" href="{part_name(part)}">{escape(short(part.title))}</a>')
    elif part.title != entry.title and part.video:
        lines.append(f'<span class="video">{escape(short(part.title))}</span>')
    if watch:
        lines.append(f'<a class="watch" href="{attribute(watch)}"{english(shelf)}>Watch the video</a>')
    source = f'<p class="source">{" <span>·</span> ".join(lines)}</p>\n' if lines else ""
    return f'<header class="note-head">\n{title}{source}</header>\n'


def _linked_from(entry: NoteSummary, shelf: Shelf) -> str:
    """The notes that link here."""
    sources = [shelf.entries[i] for i in entry.linked_from if i in shelf.entries and i != entry.id]
    if not sources:
        return ""
    items = "".join(
        f'<li><a href="{page_name(source.id)}">{escape(short(source.title))}</a></li>\n'
        for source in sources[:MOST_BACK_LINKS]
    )
    left = len(sources) - MOST_BACK_LINKS
    more = f"<li{english(shelf)}>and {left} more</li>\n" if left > 0 else ""
    return f'<aside class="linked-from">\n<h2{english(shelf)}>Linked from</h2>\n<ul>\n{items}{more}</ul>\n</aside>\n'
