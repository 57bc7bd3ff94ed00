"""Writes the contents of the book in three forms: a page to read, the nav document, the NCX of older readers.

Kept apart because the three forms share one tree, and nothing with other pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec

from convert.document.book import NoteSummary, VideoNotes
from convert.render.book_pages import short_html
from convert.render.xhtml import anchor
from convert.writers.epub.documents import EpubPages, own_page, page_name, xhtml_document

DEEPEST_HEADING = 2
"""Levels of sections below a note in the contents."""

MOST_FLAT_LINES = 1000
"""Lines up to which the NCX lists sections; older readers show one flat list."""


class ContentsLine(msgspec.Struct, gc=False):
    """A line of the contents; `href` is "" for a name that only groups the lines below it."""

    title: str
    """The title as markup."""
    href: str
    below: Sequence[ContentsLine] = ()
    is_ours: bool = False
    """Whether the title is a word of this program, not of the notes."""


class Landmark(msgspec.Struct, frozen=True, gc=False):
    """A page that reading systems can jump to: its `epub:type`, title and file."""

    kind: str
    title: str
    href: str


def book_lines(pages: EpubPages, split: str) -> tuple[ContentsLine, ...]:
    """Return the lines of the notes: channel (if there are several) > video > note > sections."""
    if len(pages.channels()) < 2:
        return tuple([line for part in pages.book.parts for line in _part_lines(part, pages, split)])
    runs = groupby(pages.book.parts, lambda part: part.notes[0].channel if part.notes else "")
    return tuple(
        [
            ContentsLine(short_html(channel), "", [line for part in run for line in _part_lines(part, pages, split)])
            for channel, run in runs
        ]
    )


def _part_lines(part: VideoNotes, pages: EpubPages, split: str) -> list[ContentsLine]:
    """Return the lines of a part: below a line of its own, unless that would only repeat its single note."""
    notes = list(map(_note_line, part.notes))
    if split == "none" or len(pages.summaries) == 1 or not notes or part.shares_title():
        return notes
    return [ContentsLine(short_html(part.title), pages.part_start(part), notes)]


def _note_line(summary: NoteSummary) -> ContentsLine:
    """Return the line of a note, with its sections nested by relative level down to `DEEPEST_HEADING`."""
    page = page_name(summary.id)
    top: list[ContentsLine] = []
    below: list[ContentsLine] = []
    open_levels: list[int] = []
    for heading in summary.shown_headings():
        if not heading.text.strip():
            continue
        while open_levels and open_levels[-1] >= heading.level:
            open_levels.pop()
        if len(open_levels) < DEEPEST_HEADING:
            line = ContentsLine(short_html(heading.text), f"{page}#{anchor(heading.id)}")
            if open_levels:
                below.append(line)
            else:
                line.below = below = []
                top.append(line)
        open_levels.append(heading.level)
    return ContentsLine(short_html(summary.title), page, top)


def contents_page(lines: tuple[ContentsLine, ...], pages: EpubPages) -> bytes:
    """Return the page of contents: videos and notes, and the sections if the book has a single note."""
    return own_page("Contents", 'class="contents"', _list(lines, len(pages.summaries) == 1), pages, "frontmatter")


def _list(lines: Sequence[ContentsLine], sections: bool) -> str:
    items = []
    for line in lines:
        deeper = [one for one in line.below if sections or "#" not in one.href]
        inner = "\n" + _list(deeper, sections) if deeper else ""
        name = f'<a href="{line.href}">{line.title}</a>' if line.href else f'<span class="channel">{line.title}</span>'
        items.append(f"<li>{name}{inner}</li>\n")
    return f"<ol>\n{''.join(items)}</ol>\n"


def nav_page(lines: tuple[ContentsLine, ...], landmarks: Iterable[Landmark], pages: EpubPages) -> bytes:
    """Return the nav document: nested contents, and hidden landmarks."""
    out = [f'<nav epub:type="toc" role="doc-toc" id="toc"{pages.english}>\n<h1>Contents</h1>\n']
    _write_lines(out, lines, f' lang="{pages.language}" xml:lang="{pages.language}"' if pages.english else "")
    out.append('</nav>\n<nav epub:type="landmarks" id="landmarks" hidden="hidden">\n<h2>Landmarks</h2>\n<ol>\n')
    out += [f'<li><a epub:type="{one.kind}" href="{one.href}">{one.title}</a></li>\n' for one in landmarks]
    out.append("</ol>\n</nav>\n")
    return xhtml_document("Contents", "".join(out), pages)


def _write_lines(out: list[str], lines: Sequence[ContentsLine], language: str) -> None:
    """Append the lines as nested lists; `language` has the attributes of titles from notes."""
    out.append("<ol>\n")
    for line in lines:
        own = "" if line.is_ours else language
        link = f'<a href="{line.href}"{own}>{line.title}</a>'
        out.append(f"<li>{link}" if line.href else f"<li><span{own}>{line.title}</span>")
        if line.below:
            out.append("\n")
            _write_lines(out, line.below, language)
        out.append("</li>\n")
    out.append("</ol>\n")


def ncx(lines: tuple[ContentsLine, ...], identifier: str, title: str) -> bytes:
    """Return the NCX as a flat list, because EPUBCheck and old readers reject nesting.

    `title` is the title of the book as markup.
    """
    linked: list[ContentsLine] = []
    pending = [*reversed(lines)]
    while pending:
        line = pending.pop()
        linked += [line] if line.href else []
        pending += reversed(line.below)
    if len(linked) > MOST_FLAT_LINES:
        linked = [line for line in linked if "#" not in line.href]
    points = [
        f'<navPoint id="n{number}"><navLabel><text>{line.title}</text></navLabel>'
        f'<content src="{line.href}"/></navPoint>\n'
        for number, line in enumerate(linked, 1)
    ]
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">\n'
        f'<head><meta name="dtb:uid" content="{identifier}"/><meta name="dtb:depth" content="1"/></head>\n'
        f"<docTitle><text>{title}</text></docTitle>\n<navMap>\n{''.join(points)}</navMap>\n</ncx>\n"
    )
    return text.encode()
