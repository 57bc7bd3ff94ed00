"""All the files of the book in reading order, with the contents and landmarks that lead to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count as numbers

import msgspec

from convert.tools.steady_zip import Packed
from convert.writers.base import Job
from convert.writers.epub import Options, back, front
from convert.writers.epub.back import Topic, count
from convert.writers.epub.chapter import PICTURES, Chapter
from convert.writers.epub.contents import Landmark, Line, book_lines, nav_page, ncx
from convert.writers.epub.cover import cover
from convert.writers.epub.frame import STYLE_SHEET
from convert.writers.epub.identity import authors, identifier
from convert.writers.epub.shelf import Shelf, page_name, part_name, shown
from convert.writers.epub.style import style_sheet

XHTML = "application/xhtml+xml"
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "svg": "image/svg+xml"}


class Page(msgspec.Struct, frozen=True, gc=False):
    """A file of the book: its manifest entry and its bytes; a `linear` one stands in the reading order."""

    id: str
    name: str
    data: bytes | Packed
    media_type: str = XHTML
    properties: tuple[str, ...] = ()
    linear: bool = True


class Pages(msgspec.Struct, gc=False):
    """The files of a book and what its metadata must know of them."""

    files: tuple[Page, ...]
    cover: str
    landmarks: tuple[Landmark, ...]
    topics: tuple[Topic, ...]
    mathml: bool
    about: str
    pictures: bool = False
    undescribed: bool = False
    """Whether a picture has no words beside it."""


def all_pages(chapters: Sequence[Chapter], shelf: Shelf, job: Job[Options]) -> Pages:
    """Every file of the book but container and package document."""
    about = summary(shelf)
    by = ", ".join(authors(shelf))
    picture, picture_data = cover(shelf, by, about, job)
    topics = back.topics(shelf, (chapter.topics for chapter in chapters))
    lines = book_lines(shelf, job.options.split)
    ending = tuple(_ending(topics, shelf, job.options.split))
    all_lines = (*lines, *(Line(title, page.name, furniture=True) for title, page in ending))
    notes = tuple(_notes(chapters, shelf, job.options.split))
    landmarks = tuple(_landmarks(notes, ending))
    files = (
        Page("cover-image", picture, picture_data, _PICTURES[picture.rpartition(".")[2]], ("cover-image",), False),
        Page("style", STYLE_SHEET, style_sheet(job), "text/css", linear=False),
        Page("nav", "nav.xhtml", nav_page(all_lines, landmarks, shelf), XHTML, ("nav",), False),
        Page(
            "ncx",
            "toc.ncx",
            ncx(all_lines, identifier(shelf), shown(shelf.book.title)),
            "application/x-dtbncx+xml",
            linear=False,
        ),
        Page("cover", "cover.xhtml", front.cover_page(picture, shelf)),
        Page("title-page", "title.xhtml", front.title_page(shelf, by, about, job.epoch)),
        Page("contents", "contents.xhtml", front.contents_page(all_lines, shelf)),
        *notes,
        *(page for _, page in ending),
        *_pictures(chapters, job),
    )
    return Pages(
        files=files,
        cover=picture,
        landmarks=landmarks,
        topics=topics,
        mathml=any(chapter.mathml for chapter in chapters),
        about=about,
        pictures=any(chapter.pictures for chapter in chapters),
        undescribed=any(chapter.undescribed for chapter in chapters),
    )


def _pictures(chapters: Sequence[Chapter], job: Job[Options]) -> Iterator[Page]:
    """The pictures of the notes, each once."""
    names = sorted({name for chapter in chapters for name in chapter.pictures})
    for number, name in enumerate(names, 1):
        kind = _PICTURES[name.rpartition(".")[2]]
        yield Page(f"picture-{number}", PICTURES + name, job.picture(name), kind, linear=False)


def summary(shelf: Shelf) -> str:
    """What the book is made of in a few words."""
    videos = sum(1 for part in shelf.book.parts if part.video is not None)
    if len(shelf.entries) == 1:
        return "A note on a video" if videos else "A note"
    notes = count(len(shelf.entries), "note")
    return f"{notes} on {count(videos, 'video')}" if videos else notes


def _notes(chapters: Sequence[Chapter], shelf: Shelf, split: str) -> Iterator[Page]:
    """Part pages and the notes after each."""
    done, videos, ids = iter(chapters), numbers(1), numbers(1)
    for part in shelf.book.parts:
        number = next(videos) if part.video is not None else 0
        if split == "video" and shelf.has_page(part):
            yield Page(f"p{next(ids)}", part_name(part), front.part_page(part, number, shelf))
        for entry, chapter in zip(part.notes, done, strict=False):
            properties = ("mathml",) if chapter.mathml else ()
            yield Page(f"p{next(ids)}", page_name(entry.id), chapter.page, properties=properties)


def _ending(topics: tuple[Topic, ...], shelf: Shelf, split: str) -> Iterator[tuple[str, Page]]:
    """(title, page) of what follows the notes."""
    for number, (name, title, data) in enumerate(back.index_pages(topics, shelf), 1):
        yield title, Page(f"topics-{number}", name, data)
    if (videos := back.videos_page(shelf, split)) is not None:
        yield "Videos", Page("videos", "videos.xhtml", videos)
    yield "Colophon", Page("colophon", "colophon.xhtml", back.colophon_page(shelf))


def _landmarks(notes: tuple[Page, ...], ending: tuple[tuple[str, Page], ...]) -> Iterator[Landmark]:
    yield Landmark("cover", "Cover", "cover.xhtml")
    yield Landmark("titlepage", "Title page", "title.xhtml")
    yield Landmark("toc", "Contents", "contents.xhtml")
    if notes:
        yield Landmark("bodymatter", "Beginning", notes[0].name)
    if any(page.id == "topics-1" for _, page in ending):
        yield Landmark("index", "Topics", "topics.xhtml")
    yield Landmark("colophon", "Colophon", "colophon.xhtml")
