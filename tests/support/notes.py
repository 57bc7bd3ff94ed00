"""Notes, their summaries and books built from trees, for the tests of all writers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from convert.document import nodes as n
from convert.document.book import Book, NoteSummary, VideoNotes
from convert.document.note import HeadingFact, Note, Video
from convert.document.walk import plain_text

EPOCH = 1_700_000_000
"""The time of every book, in seconds since 1970: 14 November 2023."""
FILM = Video("youtube", "aqz-KE-bpKQ")


def note_of(blocks: Sequence[n.Block], id: str = "films/one", title: str = "One", video: Video | None = FILM) -> Note:
    """Return a note with these blocks, its id being `channel/slug`."""
    channel, _, slug = id.partition("/")
    return Note(id=id, channel=channel, slug=slug, path=f"{id}.md", title=title, video=video, blocks=tuple(blocks))


def summary(id: str, title: str = "", video: Video | None = FILM, **fields: Any) -> NoteSummary:
    """Return the summary of a note of which no tree is needed."""
    channel, _, slug = id.partition("/")
    return NoteSummary(id=id, channel=channel, slug=slug, path=f"{id}.md", title=title or slug, video=video, **fields)


def sections(blocks: Iterable[n.Block]) -> list[n.Section]:
    """Return every section below `blocks`; sections are in sections only."""
    found: list[n.Section] = []
    for block in blocks:
        if isinstance(block, n.Section):
            found += [block, *sections(block.children)]
    return found


def summary_of(note: Note) -> NoteSummary:
    """Return the summary of a note, with its headings and without links and times."""
    headings = tuple(HeadingFact(s.id, s.level, plain_text(s.title), s.line) for s in sections(note.blocks))
    head = {name: getattr(note, name) for name in ("id", "channel", "slug", "path", "title", "video")}
    return NoteSummary(**head, headings=headings)


def parts_of(summaries: Sequence[NoteSummary]) -> tuple[VideoNotes, ...]:
    """Group notes by their video, in the order of their first note, each part named after that note."""
    grouped: dict[Video | None, list[NoteSummary]] = {}
    for one in summaries:
        grouped.setdefault(one.video, []).append(one)
    return tuple(VideoNotes(video=video, title=notes[0].title, notes=tuple(notes)) for video, notes in grouped.items())


def book_of(summaries: Sequence[NoteSummary], **fields: Any) -> Book:
    """Return the book "Films" of these notes; `fields` replace or add fields of the book."""
    return Book(**{"name": "films", "title": "Films", "parts": parts_of(summaries), "language": "en"} | fields)
