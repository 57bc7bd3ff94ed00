"""Assembles the site: pages, search index, assets, media.

Kept apart because the writer imports it on first use: listing the formats must not load it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from convert.document.note import Video
from convert.extract.subtitles import subtitles_of
from convert.extract.timeline import Timeline, timeline
from convert.render.book_pages import PICTURES, one_line, topics
from convert.render.furniture import all_words
from convert.render.xhtml import xml_text
from convert.tools import package_data
from convert.writers.base import Artifact, Copy, Job
from convert.writers.html.documents import FINDING, INDEX, SCRIPT, SEARCH, STYLE, TOPICS, SitePage, SitePages
from convert.writers.html.note_markup import NoteMarkup
from convert.writers.html.pages import PageContext, front_page, topics_page, video_page

if TYPE_CHECKING:
    from convert.writers.html import HtmlOptions


def site(parts: Sequence[bytes], job: Job[HtmlOptions]) -> Iterator[Artifact | Copy]:
    """Yield every file of `<book>.html/`, copies of media files first."""
    pages = SitePages(job.book)
    decoded = [msgspec.msgpack.decode(part, type=NoteMarkup) for part in parts]
    notes = dict(zip(pages.summaries, decoded, strict=True))
    folder = f"{job.book.name}.html"
    named = topics(pages, [note.topics for note in decoded])
    pages.has_topics = bool(named)
    job.warn_of_language()
    if job.options.copy_videos:
        for video, source in job.media.items():
            yield Copy(f"{folder}/{_copied(video, source, job)}", source)
    every = pages.all()
    for at, (previous, page, following) in enumerate(zip([None, *every], every, [*every[1:], None], strict=False)):
        own = [notes[summary.id] for summary in page.part.notes]
        line = timeline(page.part)
        tracks = f"{page.name.removesuffix('.html')}.tracks.js" if page.part.video in job.media else ""
        start = max(0, min(at - _NEAR // 2, len(every) - _NEAR))
        near = every[start : start + _NEAR]
        context = PageContext(line, _media(page.part.video, job), tracks, near, previous, following)
        yield Artifact(f"{folder}/{page.name}", video_page(page, [one.markup for one in own], context, pages, job))
        if tracks:
            yield Artifact(f"{folder}/{tracks}", _tracks(line, own, page.part.duration_ms))
    for name in sorted({name for note in decoded for name in note.pictures}):
        yield Artifact(f"{folder}/{PICTURES}{name}", job.picture(name))
    yield Artifact(f"{folder}/{INDEX}", front_page(pages, job))
    if named:
        yield Artifact(f"{folder}/{TOPICS}", topics_page(named, pages))
    yield Artifact(f"{folder}/{SEARCH}", _search(every, notes))
    words = all_words(pages.language)
    spoken = b"const readingRoomWords = " + msgspec.json.encode(words) + b";\n" if words else b""
    for name, before in ((STYLE, b""), (SCRIPT, spoken), (FINDING, b"")):
        yield Artifact(f"{folder}/{name}", before + package_data("convert.writers.html", f"assets/{name}"))


_NEAR = 13
"""Videos that a page names in its column: pages must not grow with the channel."""


def _media(video: Video | None, job: Job[HtmlOptions]) -> str:
    """Return the address of a video's media file from its page; "" if it has none."""
    source = job.media.get(video, "") if video else ""
    if video is None or not source or (source.startswith("file:") and not job.options.copy_videos):
        return source
    return _copied(video, source, job) if job.options.copy_videos else f"../{source}"


def _copied(video: Video, source: str, job: Job[HtmlOptions]) -> str:
    return f"media/{job.book.stems[video]}{PurePosixPath(source).suffix.lower()}"


def _tracks(line: Timeline, notes: Sequence[NoteMarkup], duration_ms: int | None) -> bytes:
    """Return chapters and subtitles as a script: browsers refuse `<track>` and `fetch` to pages opened from disk."""
    markers = [(marker.start_ms, marker.end_ms, xml_text(marker.title)) for marker in line.markers]
    rows = subtitles_of([cue for note in notes for cue in note.cues], duration_ms)
    return _call("tracks", {"chapters": markers, "subtitles": rows})


def _search(pages: Sequence[SitePage], notes: dict[str, NoteMarkup]) -> bytes:
    """Return (page, its title, notes) for each page as a script; a note is (fragment, title, texts)."""
    rows = []
    for page in pages:
        summaries = enumerate(page.part.notes, 1)
        own = [(f"n{number}", one_line(summary.title), notes[summary.id].texts) for number, summary in summaries]
        rows.append((page.name, one_line(page.part.title), own))
    return _call("search", rows)


def _call(name: str, value: object) -> bytes:
    """Return a script that passes a value to the site's own script."""
    return f"readingRoom.{name}(".encode() + msgspec.json.encode(value) + b");\n"
