"""The pages before the notes: cover, title page, contents; and the page that opens each part."""

from __future__ import annotations

import re
import time

from convert.document.book import VideoNotes
from convert.document.note import slug
from convert.document.timecode import clock
from convert.render.xhtml import attribute, escape
from convert.writers.epub.contents import Line
from convert.writers.epub.frame import document, english
from convert.writers.epub.shelf import Shelf, page_name, short, shown, watch_page

_DATE = re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![0-9])")
_DATE_KEYS = ("date", "created", "updated", "published")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def cover_page(picture: str, shelf: Shelf) -> bytes:
    """The cover: the picture alone, as large as the screen."""
    alt = attribute(f"Cover of {shown(shelf.book.title)}")
    body = f'<div class="cover"><img src="{picture}" alt="{alt}"/></div>\n'
    return document(shelf.book.title, body, shelf, kind="cover")


def title_page(shelf: Shelf, author: str, about: str, epoch: int) -> bytes:
    """Title, author, what the book is made of, from where and when."""
    title = shown(shelf.book.title)
    maker = f'<p class="author">{escape(author)}</p>\n' if author and slug(author) != slug(title) else ""
    body = (
        '<section class="title-page" epub:type="titlepage" aria-labelledby="title">\n'
        f'<h1 id="title">{escape(title)}</h1>\n{maker}'
        f'<p class="about"{english(shelf)}>{escape(about)}</p>\n{_only_source(shelf)}'
        f'<p class="date"{english(shelf)}>{_date(shelf, epoch)}</p>\n</section>\n'
    )
    return document(shelf.book.title, body, shelf, kind="frontmatter")


def _only_source(shelf: Shelf) -> str:
    """The way to the video of a book about one; books about several list theirs at the end."""
    return _source(shelf.book.parts[0], shelf) if len(shelf.book.parts) == 1 else ""


def _date(shelf: Shelf, epoch: int) -> str:
    """The newest date that the notes' front matter gives, else that of the book."""
    written = (entry.meta.get(key, "") for entry in shelf.entries.values() for key in _DATE_KEYS)
    newest = max((found[0] for value in written if (found := _DATE.match(value))), default="")
    year, month, day = map(int, newest.split("-")) if newest else time.gmtime(epoch)[:3]
    return f'<time datetime="{year:04}-{month:02}-{day:02}">{day} {_MONTHS[month - 1]} {year}</time>'


def contents_page(lines: tuple[Line, ...], shelf: Shelf) -> bytes:
    """The contents to read: videos and their notes; the sections of a book of one note."""
    body = (
        '<section class="contents" aria-labelledby="title">\n'
        f'<h1 id="title"{english(shelf)}>Contents</h1>\n{_list(lines, len(shelf.entries) == 1, shelf)}</section>\n'
    )
    return document("Contents", body, shelf, kind="frontmatter")


def _list(lines: tuple[Line, ...], sections: bool, shelf: Shelf) -> str:
    items = []
    for line in lines:
        deeper = [under for under in line.under if sections or "#" not in under.href]
        inner = "\n" + _list(tuple(deeper), sections, shelf) if deeper else ""
        title = escape(line.title)
        name = f'<a href="{line.href}">{title}</a>' if line.href else f'<span class="channel">{title}</span>'
        items.append(f"<li>{name}{inner}</li>\n")
    return f"<ol>\n{''.join(items)}</ol>\n"


def part_page(part: VideoNotes, number: int, shelf: Shelf) -> bytes:
    """The page that opens a part: the video, the way to it, and its notes."""
    source = _source(part, shelf)
    notes = "".join(f'<li><a href="{page_name(e.id)}">{escape(short(e.title))}</a></li>\n' for e in part.notes)
    label = f'<p class="eyebrow"{english(shelf)}>Video {number}</p>\n' if part.video else ""
    body = (
        '<section class="part" epub:type="part" role="doc-part" aria-labelledby="title">\n'
        f'<header>\n{label}<h1 id="title">{escape(shown(part.title))}</h1>\n{source}</header>\n'
        f"<ol>\n{notes}</ol>\n</section>\n"
    )
    return document(part.title, body, shelf, kind="bodymatter")


def _source(part: VideoNotes, shelf: Shelf) -> str:
    address = watch_page(part.video)
    if address is None:
        return ""
    length = f" · {clock(part.duration_ms)}" if part.duration_ms is not None else ""
    watch = f'<a class="watch" href="{attribute(address)}">Watch the video</a>'
    return f'<p class="source"{english(shelf)}>{watch}{length}</p>\n'
