"""Names the HTML files of a site, links them, and writes the document around each page."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from convert.document.book import NoteSummary, VideoNotes
from convert.document.note import Video
from convert.render.book_pages import BookPages, page_stem
from convert.version import __version__

INDEX, TOPICS = "index.html", "topics.html"
STYLE, SCRIPT = "reading_room.css", "reading_room.js"
FINDING, SEARCH = "finding.js", "search.js"
"""The two that the search loads when it is first opened."""
EMBED = "https://www.youtube-nocookie.com"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    f"frame-src {EMBED}; base-uri 'none'; form-action 'none'"
)
"""Content Security Policy 3: files of the site, YouTube's privacy-enhanced player in a frame, nothing inline."""

_LONGEST_NAME = 40


class SitePage(msgspec.Struct, frozen=True, gc=False):
    """A page of the site: a video with its notes, or a note without a video."""

    name: str
    part: VideoNotes


class SitePages(BookPages):
    """The pages of a site and the fragment of each note on them."""

    has_topics = False
    """Whether there is a page of topics."""

    def page_of(self, summary: NoteSummary) -> SitePage:
        """Return the page of a note: the page of its video, else its own."""
        part = self.book.part_of[summary.id]
        return _note_page(summary) if part.video is None else _video_page(part, part.video)

    def address(self, summary: NoteSummary) -> tuple[str, str]:
        """Return the file of a note's page, and the prefix of the note's ids there: `n2-` for its second note."""
        page = self.page_of(summary)
        return page.name, f"n{page.part.notes.index(summary) + 1}-"

    def all(self) -> list[SitePage]:
        """Return the pages in order."""
        pages: list[SitePage] = []
        for part in self.book.parts:
            pages += [_video_page(part, part.video)] if part.video else map(_note_page, part.notes)
        return pages


def _note_page(summary: NoteSummary) -> SitePage:
    part = VideoNotes(video=None, title=summary.title, notes=(summary,))
    return SitePage(_file_name(summary.title, summary.id), part)


def _video_page(part: VideoNotes, video: Video) -> SitePage:
    return SitePage(_file_name(part.title, f"{video.provider}/{video.id}"), part)


@lru_cache(maxsize=1 << 14)
def _file_name(title: str, identity: str) -> str:
    return f"{page_stem(title, identity, _LONGEST_NAME)}.html"


def html_document(title: str, kind: str, main: str, pages: SitePages, script: str = "") -> bytes:
    """Return a page around `main`, the markup below its bar; `script` is loaded after the site's own."""
    scripts = [f'<script src="{name}" defer="defer"></script>\n' for name in (SCRIPT, script) if name]
    book = pages.title(pages.book.title)
    heading = pages.title(title) if kind == "index" else f"{pages.title(title)} · {book}"
    named = pages.say("Topics")
    topics = f'<a class="topics" href="{TOPICS}"{pages.english}>{named}</a>' if pages.has_topics else ""
    here = ' aria-current="page"' if kind == "index" else ""
    text = (
        f'<!DOCTYPE html>\n<html lang="{pages.language}" dir="{pages.direction}">\n<head>\n<meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        '<meta name="color-scheme" content="light dark"/>\n'
        '<meta name="referrer" content="strict-origin-when-cross-origin"/>\n'
        f'<meta name="generator" content="notebind {__version__}"/>\n'
        f'<title>{heading}</title>\n<link rel="icon" href="data:,"/>\n<link rel="stylesheet" href="{STYLE}"/>\n'
        f'{"".join(scripts)}</head>\n<body class="{kind}">\n'
        f'<a class="skip" href="#text"{pages.english}>{pages.say("Skip to the text")}</a>\n'
        f'<header class="bar"><a class="home" href="{INDEX}"{here}>{book}</a>{topics}</header>\n'
        f"{main}</body>\n</html>\n"
    )
    return text.encode()
