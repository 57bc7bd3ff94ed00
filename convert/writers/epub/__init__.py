"""Writes EPUB 3, valid by EPUBCheck, with a link to the video at every stamp.

`part` makes the deflated page of a note; `assemble` adds the pages of the book and builds the archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from convert.document.note import Note
from convert.writers.base import Artifact, Download, Job, Writer, option


@dataclass(frozen=True)
class EpubOptions:
    """Options of the e-book."""

    cover: str = option("", "picture for the cover (PNG, JPEG, GIF or WebP) in place of the one drawn", path=True)
    css: str = option("", "style sheet that is added after the book's own", path=True)
    split: Literal["video", "none"] = option("video", "what the book is divided by: a part for each video, or nothing")
    links: Literal["all", "first", "none"] = option(
        "all", "links between notes: all, only the first to each note, or none; stamps always stay links"
    )
    device: str = option("", "say what these devices refuse or spoil of the book: kindle, kobo, separated by commas")

    def __post_init__(self) -> None:
        """Raise UsageError for a device that is not known."""
        if self.device:
            from convert.writers.epub.devices import named_devices  # its patterns take longer than a small book

            named_devices(self.device)


class EpubWriter(Writer[EpubOptions]):
    """The writer of `<book>.epub`."""

    name = "epub"
    summary = "EPUB 3 book for e-readers, phones and tablets"
    default_rank = 1
    options = EpubOptions
    keeps_state = False
    downloads = (Download(".epub", "EPUB"),)

    def part(self, note: Note, job: Job[EpubOptions]) -> bytes:
        """Return the note's deflated page, with the topics that it names."""
        from convert.writers.epub.note_page import note_page

        return note_page(note, job)

    def assemble(self, parts: Sequence[bytes], job: Job[EpubOptions]) -> Iterable[Artifact]:
        """Return the archive; raises WriterError if an option names a file that cannot be used."""
        from convert.writers.epub.package import archive

        return [Artifact(f"{job.book.name}.epub", archive(parts, job))]


WRITER = EpubWriter()
