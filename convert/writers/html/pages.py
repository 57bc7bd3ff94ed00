"""Writes the pages of the site: the first page with all videos, and one for each video with player and notes.

Kept apart because it only makes markup; `site` decides which files there are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from convert.document.book import NoteSummary
from convert.document.names import channel_title
from convert.document.note import Video
from convert.document.timecode import clock
from convert.document.video import site_of, watch_url
from convert.extract.timeline import Marker, Timeline
from convert.render.book_pages import (
    Topic,
    by_initial,
    counted,
    counts,
    direction_of,
    extent,
    topic_head,
    topic_places,
    watch_others,
    watch_page,
)
from convert.render.furniture import WORDS, all_words, say
from convert.render.xhtml import attribute, escape
from convert.writers.base import Job
from convert.writers.html.documents import INDEX, SitePage, SitePages, html_document

if TYPE_CHECKING:
    from convert.writers.html import HtmlOptions


def front_page(pages: SitePages, job: Job[HtmlOptions]) -> bytes:
    """Return the bytes of `index.html`: size, downloads, and every video with its notes."""
    main = (
        f'<main class="front">\n<header class="head">\n<h1>{pages.title(job.book.title)}</h1>\n'
        f'<p class="facts"{pages.english}>{extent(job.book)}</p>\n{_book_downloads(job)}</header>\n'
        f'<div id="text" tabindex="-1">\n{_video_lists(pages)}</div>\n</main>\n'
    )
    return html_document(job.book.title, "index", main, pages)


def topics_page(topics: list[Topic], pages: SitePages) -> bytes:
    """Return the bytes of `topics.html`: what the notes link to, by initials, each with the notes that do."""
    letters = by_initial(topics)
    jumps = [f'<a href="#letter-{number}">{letter}</a>\n' for number, (letter, _) in enumerate(letters)]
    lists = [
        f'<section id="letter-{number}">\n<h2>{letter}</h2>\n<ul>\n'
        f"{''.join([_topic(topic, pages) for topic in group])}</ul>\n</section>\n"
        for number, (letter, group) in enumerate(letters)
    ]
    main = (
        f'<main class="front">\n<header class="head">\n<h1{pages.english}>{pages.say("Topics")}</h1>\n'
        f'<nav class="letters" aria-label="{pages.say("Initials")}">\n{"".join(jumps)}</nav>\n</header>\n'
        f'<div class="topic-list" id="text" tabindex="-1">\n{"".join(lists)}</div>\n</main>\n'
    )
    return html_document(pages.say("Topics"), "topics", main, pages)


def _topic(topic: Topic, pages: SitePages) -> str:
    places = topic_places(topic)
    if len(topic.references) > _SHOWN_PLACES:
        count = f"<summary{pages.english}>{counted(len(topic.references), 'note')}</summary>"
        places = f"<details>\n{count}\n{places}</details>"
    return f"<li>{topic_head(topic, pages)}{places}</li>\n"


_SHOWN_PLACES = 3
"""Notes of a topic that are shown at once; more are unfolded."""


def _video_lists(pages: SitePages) -> str:
    """Return the videos, below their channels if there are several, then the notes without a video."""
    several = len(pages.channels()) > 1
    filmed = [page for page in pages.all() if page.part.video is not None]
    loose = [page for page in pages.all() if page.part.video is None]
    lists = [
        _video_list(group, pages, pages.title(channel_title(channel)) if several else "")
        for channel, group in groupby(filmed, lambda page: page.part.notes[0].channel if page.part.notes else "")
    ]
    if loose:
        heading = f"<span{pages.english}>{pages.say('Notes without a video')}</span>" if filmed else ""
        lists.append(_video_list(loose, pages, heading))
    return "".join(lists)


def _video_list(group: Iterable[SitePage], pages: SitePages, heading: str) -> str:
    items = []
    for page in group:
        part = page.part
        length = f'<span class="time">{clock(part.duration_ms)}</span>' if part.duration_ms is not None else ""
        notes = "" if part.shares_title() else f"<ul>\n{pages.items(part.notes)}</ul>"
        items.append(f'<li><p><a href="{page.name}">{pages.title(part.title)}</a>{length}</p>{notes}</li>\n')
    title = f"<h2>{heading}</h2>\n" if heading else ""
    return f'{title}<ol class="videos">\n{"".join(items)}</ol>\n'


def _book_downloads(job: Job[HtmlOptions]) -> str:
    """Return links to the book in other formats, volumes in order; "" if there are none."""
    links = []
    for kind in job.downloads:
        pattern = re.compile(re.escape(job.book.name) + r"(?:-([0-9]+))?" + re.escape(kind.suffix))
        found = [match for name in job.made if (match := pattern.fullmatch(name))]
        label = say(job.book.language, kind.label) if kind.label in WORDS else kind.label
        for volume, name in sorted([(int(match[1] or 0), match[0]) for match in found]):
            links.append((name, f"{label} {volume}" if volume else label))
    return _downloads(links)


def _chapter_downloads(video: Video, job: Job[HtmlOptions]) -> str:
    """Return links to the files about a video; "" if there are none."""
    stem, made = job.book.stems[video], frozenset(job.made)
    kinds = [kind for kind in job.downloads if "{video}" in kind.suffix]
    names = [(f"{job.book.name}{kind.suffix.replace('{video}', stem)}", kind.label) for kind in kinds]
    return _downloads([(name, label) for name, label in names if name in made])


def _downloads(links: list[tuple[str, str]]) -> str:
    # Browsers display PDFs, so only other files are marked as downloads.
    items = [
        f'<li><a href="{quote(f"../{name}")}"{"" if name.endswith(".pdf") else _SAVED}>{escape(label)}</a></li>\n'
        for name, label in links
    ]
    return f'<ul class="downloads">\n{"".join(items)}</ul>\n' if items else ""


_SAVED = ' download="download"'


class PageContext(msgspec.Struct, frozen=True, gc=False):
    """The surroundings of a page."""

    timeline: Timeline
    media: str
    """The address of the video's media file, "" if it has none."""
    tracks: str
    """The name of the script with the chapters and subtitles for that file, "" if there is none."""
    near: Sequence[SitePage]
    """The pages around it, in order, itself among them: as many as a column has room for."""
    previous: SitePage | None
    next: SitePage | None


def video_page(
    page: SitePage, markups: Sequence[str], context: PageContext, pages: SitePages, job: Job[HtmlOptions]
) -> bytes:
    """Return the bytes of a page: player and chapters at the side, the notes in the middle."""
    notes = [_note(summary, markup, page, pages) for summary, markup in zip(page.part.notes, markups, strict=True)]
    side = _side(page, context, pages, job)
    kind = "" if side else ' class="alone"'
    shelf = _shelf(page, context, pages)
    main = (
        f'<main{kind}>\n{_head(page, pages)}{side}{shelf}<div class="notes" id="text" tabindex="-1">\n'
        f"{''.join(notes)}{_onward(context, pages)}</div>\n</main>\n"
    )
    return html_document(page.part.title, "room", main, pages, context.tracks)


def _notes(number: int, pages: SitePages) -> str:
    return counts(pages.language, ("Notes", number)) if all_words(pages.language) else counted(number, "note")


def _head(page: SitePage, pages: SitePages) -> str:
    part = page.part
    facts = [_notes(len(part.notes), pages)] if len(part.notes) > 1 else []
    if part.duration_ms is not None:
        facts.append(clock(part.duration_ms))
    told = f'<p class="facts"{pages.english}>{" · ".join(facts)}</p>\n' if facts else ""
    others = watch_others(part.notes, pages.style)
    sources = f'<p class="source">{" <span>·</span> ".join(others)}</p>\n' if others else ""
    return f'<header class="head">\n<h1>{pages.title(part.title)}</h1>\n{told}{sources}</header>\n'


def _shelf(page: SitePage, context: PageContext, pages: SitePages) -> str:
    """Return the notes of a page among the videos around it, with the notes of those too if there are few."""
    if len(context.near) == len(page.part.notes) == 1:
        return ""
    few = len(context.near) + sum([len(other.part.notes) for other in context.near]) <= _SHELF
    items = [_shelved(other, page, few, pages) for other in context.near]
    return (
        f'<nav class="shelf" aria-label="{pages.say("Notes")}">\n'
        f'<p{pages.english}><a href="{INDEX}">{pages.say("All notes")}</a></p>\n'
        f"<ol>\n{''.join(items)}</ol>\n</nav>\n"
    )


_SHELF = 24
"""Entries of the column that are read at a glance."""


def _shelved(other: SitePage, page: SitePage, few: bool, pages: SitePages) -> str:
    here = other.name == page.name
    start = "" if here else other.name
    links = [
        f'<li><a href="{start}#n{number}">{pages.title(summary.title)}</a></li>\n'
        for number, summary in enumerate(other.part.notes if here or few else (), 1)
    ]
    notes = "" if not links or other.part.shares_title() else f"\n<ol>\n{''.join(links)}</ol>\n"
    kind, current = (' class="here"', ' aria-current="page"') if here else ("", "")
    return f'<li{kind}><a href="{other.name}"{current}>{pages.title(other.part.title)}</a>{notes}</li>\n'


def _side(page: SitePage, context: PageContext, pages: SitePages, job: Job[HtmlOptions]) -> str:
    """Return player, chapters and their files; "" without a video."""
    video = page.part.video
    address = watch_page(video)
    if video is None or not (address or context.media):
        return ""
    label = attribute(pages.line(page.part.title))
    data = f' data-{video.provider}="{attribute(video.id)}"' if address else ""
    if page.part.duration_ms is not None:
        data += f' data-length="{clock(page.part.duration_ms)}"'
    film = _film(context.media, label) if context.media else ""
    link = ""
    if address:
        link = f'<a class="watch" href="{attribute(address)}">{_watch_words(video, pages)}</a>\n'
    others = [one for summary in page.part.notes for one in summary.other_videos()]
    files = _chapter_downloads(video, job)
    for other, title in dict(others).items():
        if more := _chapter_downloads(other, job):
            files += f'<p class="label">{pages.title(title)}</p>\n{more}'
    files = (
        f'<details class="files">\n<summary>{pages.say("Chapter files")}</summary>\n{files}</details>\n'
        if files
        else ""
    )
    # YouTube wants a chapter at 0:00, which may have nothing but the title; the page has said that already.
    markers = [one for one in context.timeline.markers if one.start_ms or one.title != context.timeline.title]
    chapters = "".join([_chapter(video, marker, pages) for marker in _ordered(markers)])
    if chapters:
        named = pages.say("Chapters")
        chapters = (
            f'<details class="chapters" open="open">\n<summary>{named}</summary>\n'
            f'<ol aria-label="{named}">\n{chapters}</ol>\n</details>\n'
        )
    return (
        f'<aside class="side" aria-label="{pages.say("Video")}">\n'
        f'<div class="player" data-title="{label}"{data}>\n{film}{link}</div>\n{chapters}{files}</aside>\n'
    )


def _watch_words(video: Video, pages: SitePages) -> str:
    site = site_of(video)
    return pages.say("Watch on {}", escape(site)) if site else pages.say("Watch the video")


# "3. " or "3) " before a title.
_NUMBER = re.compile(r"([0-9]{1,2})[.)] +(?=\S)")


def _ordered(markers: list[Marker]) -> list[Marker]:
    """Return the chapters, without the numbers before their titles where these are no single order."""
    last: dict[int, int] = {}
    for marker in markers:
        found = _NUMBER.match(marker.title)
        last = {level: number for level, number in last.items() if level <= marker.level}
        if found and int(found[1]) <= last.get(marker.level, 0):
            return [msgspec.structs.replace(one, title=_NUMBER.sub("", one.title)) for one in markers]
        if found:
            last[marker.level] = int(found[1])
    return markers


def _film(media: str, label: str) -> str:
    source = media if media.startswith("file:") else quote(os.fsencode(media))
    return (
        f'<video controls="controls" playsinline="playsinline" preload="metadata" src="{attribute(source)}"'
        f' aria-label="{label}"></video>\n'
    )


def _chapter(video: Video, marker: Marker, pages: SitePages) -> str:
    kind = ' class="deeper"' if marker.level > 1 else ""
    address = watch_url(video, marker.start_ms) or f"#t={marker.start_ms // 1000}"
    return (
        f'<li{kind}><a href="{attribute(address)}"><span class="time">{clock(marker.start_ms)}</span> '
        f"<span>{pages.title(marker.title)}</span></a></li>\n"
    )


def _note(summary: NoteSummary, markup: str, page: SitePage, pages: SitePages) -> str:
    _, prefix = pages.address(summary)
    heading = f'<h2 class="note-title">{pages.title(summary.title)}</h2>\n{_origin(page, pages)}'
    title = "" if page.part.shares_title() else heading
    sources = pages.items(pages.linking_to(summary))
    if sources:
        label = f'<p class="label"{pages.english}>{pages.say("Linked from")}</p>'
        sources = f'<div class="linked-from">\n{label}\n<ul>\n{sources}</ul>\n</div>\n'
    language = pages.own_language(summary)
    spoken = "" if language == "und" else f' lang="{language}" dir="{direction_of(language)}"'
    return (
        f'<article class="note" id="{prefix[:-1]}"{spoken}>\n{title}<div class="note-text">\n{markup}</div>\n'
        f"{sources}</article>\n{_around(summary, page, pages)}"
    )


def _origin(page: SitePage, pages: SitePages) -> str:
    """Return the line below a note's title: the video that it is about, and where that is watched; "" without one."""
    video = page.part.video
    address = watch_page(video)
    if video is None or not address:
        return ""
    words = pages.say("From {}", pages.title(page.part.title))
    link = f'<a href="{attribute(address)}">{_watch_words(video, pages)}</a>'
    return f'<p class="origin"{pages.english}><span>{words}</span> <span>·</span> {link}</p>\n'


def _around(summary: NoteSummary, page: SitePage, pages: SitePages) -> str:
    """Return links to the notes above and below one on its page; "" if it is alone there."""
    notes = page.part.notes
    at = notes.index(summary)
    ways = [("before", "↑", at - 1), ("after", "↓", at + 1)]
    links = [
        f'<a class="{kind}" href="#n{other + 1}">{sign} {pages.title(notes[other].title)}</a>\n'
        for kind, sign, other in ways
        if 0 <= other < len(notes)
    ]
    return f'<p class="onward around">\n{"".join(links)}</p>\n' if links else ""


def _onward(context: PageContext, pages: SitePages) -> str:
    """Return links to the pages before and after this one."""
    ways = [
        (pages.say("Previous"), "before", "prev", context.previous),
        (pages.say("Next"), "after", "next", context.next),
    ]
    items = [
        f'<a class="{kind}" rel="{rel}" href="{page.name}">'
        f"<span{pages.english}>{word}</span> {pages.title(page.part.title)}</a>\n"
        for word, kind, rel, page in ways
        if page
    ]
    return (
        f'<nav class="onward" aria-label="{pages.say("Videos before and after")}">\n{"".join(items)}</nav>\n'
        if items
        else ""
    )
