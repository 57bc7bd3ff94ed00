"""Writes a site with the notes beside their video.

`part` makes the markup of a note; `assemble` builds the page of each video, and adds index and search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from convert.document.note import Note
from convert.writers.base import Artifact, Copy, Job, Writer, option


@dataclass(frozen=True)
class HtmlOptions:
    """Options of the site."""

    copy_videos: bool = option(False, "copy the media files of --videos into the site, so that it can be moved")


class HtmlWriter(Writer[HtmlOptions]):
    """The writer of `<book>.html/`."""

    name = "html"
    summary = "Web site to watch and read side by side, with search; works from the disk, without a server"
    options = HtmlOptions
    runs_last = True
    keeps_state = False
    folders = ("*.html", "*.html/media", "*.html/images")

    def part(self, note: Note, job: Job[HtmlOptions]) -> bytes:
        """Return the note's markup, its text for the search and its subtitles, as MessagePack."""
        from convert.writers.html.note_markup import note_markup

        return note_markup(note, job)

    def assemble(self, parts: Sequence[bytes], job: Job[HtmlOptions]) -> Iterable[Artifact | Copy]:
        """Return the files of the site: pages, search index, style sheet, script, and the media files if wanted."""
        from convert.writers.html.site import site

        return site(parts, job)


WRITER = HtmlWriter()
