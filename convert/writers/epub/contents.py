"""The contents of the book as a tree, and its two spellings: the nav document and the NCX of older readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import msgspec

from convert.document.book import NoteSummary, VideoNotes
from convert.document.note import HeadingFact
from convert.render.xhtml import anchor, escape
from convert.writers.epub.frame import document, english
from convert.writers.epub.shelf import Shelf, page_name, short

DEEPEST_HEADING = 2
"""Levels of sections under a note that the contents show."""


class Line(msgspec.Struct, gc=False):
    """A line of the contents; `href` is "" for a name that only groups the lines under it."""

    title: str
    href: str
    under: Sequence[Line] = ()
    furniture: bool = False
    """Whether the title is a word of the book's own, not of the notes."""


class Landmark(msgspec.Struct, frozen=True, gc=False):
    """A place that reading systems jump to: its `epub:type`, title and page."""

    kind: str
    title: str
    href: str


def book_lines(shelf: Shelf, split: str) -> tuple[Line, ...]:
    """The lines of the notes: channel (where there are several) > video > note > sections."""
    if len(shelf.channels) < 2:
        return tuple(line for part in shelf.book.parts for line in _part_lines(part, shelf, split))
    runs = groupby(shelf.book.parts, lambda part: part.notes[0].channel if part.notes else "")
    return tuple(
        Line(short(channel), "", tuple(line for part in run for line in _part_lines(part, shelf, split)))
        for channel, run in runs
    )


def _part_lines(part: VideoNotes, shelf: Shelf, split: str) -> tuple[Line, ...]:
    notes = tuple(_note_line(entry) for entry in part.notes)
    if split == "none" or not shelf.has_line(part):
        return notes
    return (Line(short(part.title), shelf.start(part), notes),)


def _note_line(entry: NoteSummary) -> Line:
    page = page_name(entry.id)
    headings = [heading for heading in entry.headings if heading.text.strip()]
    return Line(short(entry.title), page, _heading_lines(headings, page))


def _heading_lines(headings: Iterable[HeadingFact], page: str) -> tuple[Line, ...]:
    """Sections nested as their levels say, whatever levels those are, down to `DEEPEST_HEADING`."""
    top: list[Line] = []
    under: list[Line] = []
    open_levels: list[int] = []
    for heading in headings:
        while open_levels and open_levels[-1] >= heading.level:
            open_levels.pop()
        if len(open_levels) < DEEPEST_HEADING:
            line = Line(short(heading.text), f"{page}#{anchor(heading.id)}")
            if open_levels:
                under.append(line)
            else:
                line.under = under = []
                top.append(line)
        open_levels.append(heading.level)
    return tuple(top)


def flat(lines: Iterable[Line]) -> Iterator[Line]:
    """Every line, in order."""
    for line in lines:
        yield line
        yield from flat(line.under)


def nav_page(lines: tuple[Line, ...], landmarks: Iterable[Landmark], shelf: Shelf) -> bytes:
    """The nav document: contents nested, landmarks hidden."""
    out = [f'<nav epub:type="toc" role="doc-toc" id="toc"{english(shelf)}>\n<h1>Contents</h1>\n']
    _write_lines(out, lines, shelf)
    out.append('</nav>\n<nav epub:type="landmarks" id="landmarks" hidden="hidden">\n<h2>Landmarks</h2>\n<ol>\n')
    out.extend(f'<li><a epub:type="{m.kind}" href="{m.href}">{escape(m.title)}</a></li>\n' for m in landmarks)
    out.append("</ol>\n</nav>\n")
    return document("Contents", "".join(out), shelf)


def _write_lines(out: list[str], lines: Sequence[Line], shelf: Shelf) -> None:
    own = f' lang="{shelf.language}" xml:lang="{shelf.language}"' if english(shelf) else ""
    out.append("<ol>\n")
    for line in lines:
        tongue = "" if line.furniture else own
        title = escape(line.title)
        out.append(
            f'<li><a href="{line.href}"{tongue}>{title}</a>' if line.href else f"<li><span{tongue}>{title}</span>"
        )
        if line.under:
            out.append("\n")
            _write_lines(out, line.under, shelf)
        out.append("</li>\n")
    out.append("</ol>\n")


MOST_FLAT_LINES = 1000
"""Lines of the contents up to which the NCX has the sections of notes: older readers show it as one list."""


def ncx(lines: tuple[Line, ...], identifier: str, title: str) -> bytes:
    """The NCX: the linked lines of the nav in its order, flat, since EPUBCheck and old readers choke on nesting."""
    linked = [line for line in flat(lines) if line.href]
    if len(linked) > MOST_FLAT_LINES:
        linked = [line for line in linked if "#" not in line.href]
    points = "".join(
        f'<navPoint id="n{number}"><navLabel><text>{escape(line.title)}</text></navLabel>'
        f'<content src="{line.href}"/></navPoint>\n'
        for number, line in enumerate(linked, 1)
    )
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">\n'
        f'<head><meta name="dtb:uid" content="{escape(identifier)}"/><meta name="dtb:depth" content="1"/></head>\n'
        f"<docTitle><text>{escape(title)}</text></docTitle>\n<navMap>\n{points}</navMap>\n</ncx>\n"
    )
    return text.encode()
