"""Makes the page of a note, deflated at once because that is the costly step of an archive."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from convert.document.book import NoteSummary
from convert.document.nodes import Destination
from convert.document.note import Note
from convert.document.walk import below_title, formula_lines
from convert.extract.topics import Mention, Mentions
from convert.render.book_pages import PictureFolder, encodable, watch_href, watch_links, watch_others
from convert.render.typography import book_style
from convert.render.xhtml import Policy, no_target, render_blocks
from convert.render.xhtml.code import coloured
from convert.render.xhtml.mathml import Formulas
from convert.tools.reproducible_zip import Deflated, deflate
from convert.writers.base import Job
from convert.writers.epub.documents import EpubPages, narrowed, part_name, xhtml_document

if TYPE_CHECKING:
    from convert.writers.epub import EpubOptions

MOST_BACK_LINKS = 24
"""Back-links shown below a note; the index of topics has all."""


class NotePage(msgspec.Struct, frozen=True, gc=False):
    """The data from `part` for `assemble`."""

    page: Deflated
    mathml: bool
    topics: tuple[Mention, ...]
    pictures: tuple[str, ...] = ()
    """The names of the pictures on the page."""
    undescribed: bool = False
    """Whether one of them lacks a description."""


def note_page(note: Note, job: Job[EpubOptions]) -> bytes:
    """Return a `NotePage` as MessagePack."""
    pages = EpubPages(job.book)
    language = pages.own_language(pages.summaries[note.id])
    pictures = PictureFolder()
    topics = Mentions(note.id)
    formulas = Formulas()
    body = _body(note, pages, job.options, topics, pictures, formulas)
    if formulas.plain:
        job.warn_of_formulas(note.path, formula_lines(note.blocks), formulas.plain, "the e-book")
    page = xhtml_document(pages.short(note.title), body, pages, kind="bodymatter", language=language)
    mentions = encodable(topics.all())
    names = tuple(sorted(pictures.names))
    return msgspec.msgpack.encode(NotePage(deflate(page), "<math " in body, mentions, names, pictures.undescribed))


def _body(
    note: Note, pages: EpubPages, options: EpubOptions, topics: Mentions, pictures: PictureFolder, formulas: Formulas
) -> str:
    summary = pages.summaries[note.id]
    policy = Policy(
        link=_links(pages, options.links),
        watch=watch_links(note.video),
        watch_other=watch_links,
        meet=topics.meet,
        image=pictures,
        code=coloured,
        math=formulas,
        epub=True,
        style=book_style(pages.book, pages.own_language(summary)),
        language=pages.language,
        breaks=summary.breaks,
    )
    return (
        '<section class="chapter" epub:type="chapter" role="doc-chapter" aria-labelledby="title">\n'
        f"{_head(summary, pages, options.split)}"
        f'<div class="note-text">\n{narrowed(render_blocks(below_title(note, summary.repeated()), policy))}</div>\n'
        f"{_linked_from(summary, pages)}</section>\n"
    )


def _links(pages: EpubPages, which: str) -> Callable[[Destination], str | None]:
    """Return the function that returns the address of a link, or None for links that the option drops."""
    if which == "none":
        return no_target
    if which == "all":
        return pages.href
    met: set[str] = set()

    def first(to: Destination) -> str | None:
        if to.note in met:
            return None
        met.add(to.note)
        return pages.href(to)

    return first


def _head(summary: NoteSummary, pages: EpubPages, split: str) -> str:
    part = pages.book.part_of[summary.id]
    lines = []
    if part.title != summary.title and part.video:
        name = pages.short(part.title)
        linked = split == "video" and pages.has_page(part)
        lines.append(
            f'<a class="video" href="{part_name(part)}">{name}</a>' if linked else f'<span class="video">{name}</span>'
        )
    if watch := watch_href(part.video):
        lines.append(f'<a class="watch" href="{watch}"{pages.english}>{pages.say("Watch the video")}</a>')
    lines += watch_others((summary,), pages.style)
    source = f'<p class="source">{" <span>·</span> ".join(lines)}</p>\n' if lines else ""
    title = f'<h1 id="title" class="note-title">{pages.title(summary.title)}</h1>\n'
    return f'<header class="note-head">\n{title}{source}</header>\n'


def _linked_from(summary: NoteSummary, pages: EpubPages) -> str:
    sources = pages.linking_to(summary)
    if not sources:
        return ""
    left = len(sources) - MOST_BACK_LINKS
    more = f"<li{pages.english}>{pages.say('and {} more', left)}</li>\n" if left > 0 else ""
    return (
        f'<aside class="linked-from">\n<h2{pages.english}>{pages.say("Linked from")}</h2>\n'
        f"<ul>\n{pages.items(sources[:MOST_BACK_LINKS])}{more}</ul>\n</aside>\n"
    )
