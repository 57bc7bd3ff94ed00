"""Writes the pages around the notes: cover, title page, parts; topics, videos, colophon; tables of contents.

Kept apart because it knows what stands on pages, and nothing of archives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

import msgspec

from convert.document.book import NoteSummary, VideoNotes
from convert.document.names import channel_title
from convert.document.note import slug
from convert.document.timecode import clock
from convert.render.book_pages import (
    Topic,
    by_initial,
    counted,
    counts,
    topic_head,
    topic_places,
    watch_href,
    watch_others,
)
from convert.render.furniture import all_words
from convert.render.xhtml import anchor, attribute, escape
from convert.version import __version__
from convert.writers.epub.documents import EpubPages, own_page, page_name, xhtml_document

LARGEST_INDEX = 400
"""Topics on one page of the index; a larger index has a page for each initial."""

_INDEX = 'class="index" epub:type="index" role="doc-index"'
_LINKS = (
    "The small times in the text are links: each opens the video at that moment. "
    "Other links lead to the note of that name in this book."
)
_DATE = re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![0-9])")
_DATE_KEYS = ("date", "created", "updated", "published")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def cover_page(picture: str, pages: EpubPages) -> bytes:
    """Return the page of the cover, with the picture as large as the screen."""
    alt = attribute(pages.say("Cover of {}", pages.line(pages.book.title)))
    body = f'<div class="cover"><img src="{picture}" alt="{alt}"/></div>\n'
    return xhtml_document(pages.short(pages.book.title), body, pages, kind="cover")


def title_page(pages: EpubPages, author: str, about: str) -> bytes:
    """Return the page with title, author, size and the date of the notes, and the link of a single video."""
    title = pages.line(pages.book.title)
    maker = f'<p class="author">{escape(author)}</p>\n' if author and slug(author) != slug(title) else ""
    source = _source(pages.book.parts[0], pages) if len(pages.book.parts) == 1 else ""
    body = (
        '<section class="title-page" epub:type="titlepage" aria-labelledby="title">\n'
        f'<h1 id="title">{pages.title(title)}</h1>\n{maker}'
        f'<p class="about"{pages.english}>{about}</p>\n{source}'
        f"{_date(pages)}</section>\n"
    )
    return xhtml_document(pages.short(pages.book.title), body, pages, kind="frontmatter")


def _date(pages: EpubPages) -> str:
    """Return a line with the newest date in the notes' front matter, empty without one."""
    written = [summary.meta[key] for summary in pages.summaries.values() for key in _DATE_KEYS if key in summary.meta]
    newest = max([found[0] for value in written if (found := _DATE.match(value))], default="")
    if not newest:
        return ""
    year, month, day = map(int, newest.split("-"))
    named = newest if all_words(pages.language) else f"{day} {_MONTHS[month - 1]} {year}"
    shown = f'<time datetime="{newest}">{named}</time>'
    return f'<p class="date"{pages.english}>{shown}</p>\n'


def part_page(part: VideoNotes, number: int, pages: EpubPages) -> bytes:
    """Return the first page of a part: the video, the link to it, and its notes."""
    label = f'<p class="eyebrow"{pages.english}>{pages.say("Video {}", number)}</p>\n'
    body = (
        '<section class="part" epub:type="part" role="doc-part" aria-labelledby="title">\n'
        f'<header>\n{label}<h1 id="title">{pages.title(part.title)}</h1>\n{_source(part, pages)}</header>\n'
        f"<ol>\n{pages.items(part.notes)}</ol>\n</section>\n"
    )
    return xhtml_document(pages.short(part.title), body, pages, kind="bodymatter")


def _source(part: VideoNotes, pages: EpubPages) -> str:
    address = watch_href(part.video)
    if address is None:
        return ""
    watch = f'<a class="watch" href="{address}">{pages.say("Watch the video")}</a>'
    length = f" · {clock(part.duration_ms)}" if part.duration_ms is not None else ""
    others = "".join([f" · {link}" for link in watch_others(part.notes, pages.style)])
    return f'<p class="source"{pages.english}>{watch}{length}{others}</p>\n'


def index_pages(found: list[Topic], pages: EpubPages) -> list[tuple[str, str, bytes]]:
    """Return (file, title, page) of the index: one page, or one for each initial if it is long."""
    letters = [(letter, _letter(letter, group, pages)) for letter, group in by_initial(found)]
    if len(found) <= LARGEST_INDEX:
        body = "".join([items for _, items in letters])
        title = pages.say("Topics")
        return [("topics.xhtml", title, own_page(title, _INDEX, body, pages, "backmatter"))] if letters else []
    names = ["topics.xhtml", *[f"topics-{number}.xhtml" for number in range(2, len(letters) + 1)]]
    titles = [f"{pages.say('Topics')}: {letter}" for letter, _ in letters]
    return [
        (name, title, own_page(title, _INDEX, items, pages, "backmatter"))
        for name, title, (_, items) in zip(names, titles, letters, strict=True)
    ]


def _letter(letter: str, group: list[Topic], pages: EpubPages) -> str:
    items = [f"<li>{topic_head(topic, pages)}{topic_places(topic)}</li>\n" for topic in group]
    return f"<h2>{letter}</h2>\n<ul>\n{''.join(items)}</ul>\n"


def videos_page(pages: EpubPages, split: str) -> bytes | None:
    """Return the page that lists the videos with links; None if there are none."""
    items = []
    first = len(pages.book.parts)
    for number, part in enumerate((*pages.book.parts, *pages.book.others)):
        address = watch_href(part.video)
        if address is None or not part.notes:
            continue
        length = f" · {clock(part.duration_ms)}" if part.duration_ms is not None else ""
        target = pages.part_start(part) if split == "video" and number < first else page_name(part.notes[0].id)
        items.append(
            f'<li><p><a href="{target}">{pages.short(part.title)}</a></p>\n'
            f'<p class="source"><a class="watch" href="{address}">{address.partition("//")[2]}</a>'
            f"{length}</p></li>\n"
        )
    content = f"<ol>\n{''.join(items)}</ol>\n"
    return own_page(pages.say("Videos"), 'class="videos"', content, pages, "backmatter") if items else None


def colophon_page(pages: EpubPages) -> bytes:
    """Return the colophon."""
    summaries = pages.summaries.values()
    words = sum(map(attrgetter("words"), summaries))
    moments = sum(len(summary.moments) for summary in summaries if summary.video)
    held = (
        f"This book holds {counted(len(summaries), 'note')} with {counted(words, 'word')} "
        f"and {counted(moments, 'link')} to moments of the videos they are about."
    )
    if all_words(pages.language):
        held = counts(pages.language, ("Notes", len(summaries)), ("Words", words), ("Links to moments", moments))
    body = (
        f'<section class="colophon" epub:type="colophon" role="doc-colophon" aria-labelledby="title"{pages.english}>\n'
        f'<h1 id="title">{pages.say("Colophon")}</h1>\n<p>{held}</p>\n<p>{pages.say(_LINKS)}</p>\n'
        f"<p>{pages.say('The notes were set as a book by {}.', f'notebind {__version__}')}</p>\n</section>\n"
    )
    return xhtml_document(pages.say("Colophon"), body, pages, kind="backmatter")


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
    parts = [
        (channel_title(channel), [line for part in run for line in _part_lines(part, pages, split)])
        for channel, run in runs
    ]
    return tuple([ContentsLine(pages.short(title), "", lines) for title, lines in parts])


def _part_lines(part: VideoNotes, pages: EpubPages, split: str) -> list[ContentsLine]:
    """Return the lines of a part: below a line of its own, unless that would only repeat its single note."""
    notes = [_note_line(summary, pages) for summary in part.notes]
    if split == "none" or len(pages.summaries) == 1 or not notes or part.shares_title():
        return notes
    return [ContentsLine(pages.short(part.title), pages.part_start(part), notes)]


def _note_line(summary: NoteSummary, pages: EpubPages) -> ContentsLine:
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
            line = ContentsLine(pages.short(heading.text), f"{page}#{anchor(heading.id)}")
            if open_levels:
                below.append(line)
            else:
                line.below = below = []
                top.append(line)
        open_levels.append(heading.level)
    return ContentsLine(pages.short(summary.title), page, top)


def contents_page(lines: tuple[ContentsLine, ...], pages: EpubPages) -> bytes:
    """Return the page of contents: videos and notes, and the sections if the book has a single note."""
    return own_page(
        pages.say("Contents"), 'class="contents"', _list(lines, len(pages.summaries) == 1), pages, "frontmatter"
    )


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
    out = [f'<nav epub:type="toc" role="doc-toc" id="toc"{pages.english}>\n<h1>{pages.say("Contents")}</h1>\n']
    _write_lines(out, lines, f' lang="{pages.language}" xml:lang="{pages.language}"' if pages.english else "")
    named = pages.say("Landmarks")
    out.append(f'</nav>\n<nav epub:type="landmarks" id="landmarks" hidden="hidden">\n<h2>{named}</h2>\n<ol>\n')
    out += [f'<li><a epub:type="{one.kind}" href="{one.href}">{one.title}</a></li>\n' for one in landmarks]
    out.append("</ol>\n</nav>\n")
    return xhtml_document(pages.say("Contents"), "".join(out), pages)


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
