"""The reading room: a site of one channel in which the notes lie beside their video.

A note becomes a piece of a page (`part`); `assemble` lays the pieces of a video together, adds index and search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from convert.document.note import Note
from convert.writers.base import Artifact, Copy, Job, Writer, option


@dataclass(frozen=True)
class Options:
    """What the site holds beside the notes."""

    copy_videos: bool = option(False, "copy the media files of --videos into the site, so that it can be moved")


class HtmlWriter(Writer[Options]):
    """The writer of `<book>.html/`."""

    name = "html"
    summary = "Web site to watch and read side by side, with search; works from the disk, without a server"
    options = Options
    runs_last = True
    folders = ("*.html", "*.html/media", "*.html/images")

    def part(self, note: Note, job: Job[Options]) -> bytes:
        """The note's markup, its text for the search and its subtitles, as MessagePack."""
        from convert.writers.html.piece import piece

        return piece(note, job)

    def assemble(self, parts: Sequence[bytes], job: Job[Options]) -> Iterable[Artifact | Copy]:
        """The files of the site: pages, search index, style sheet, script, and the media files when asked for."""
        from convert.writers.html.site import site

        yield from site(parts, job)


WRITER = HtmlWriter()
