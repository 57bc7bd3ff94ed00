"""EPUB 3: a book to read, valid by EPUBCheck, with the way back to the video at every stamp.

A note becomes one packed page (`part`); `assemble` adds what belongs to the book and puts the archive together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from convert.document.note import Note
from convert.writers.base import Artifact, Download, Job, Writer, option


@dataclass(frozen=True)
class Options:
    """What a reader of the book may want otherwise."""

    cover: str = option("", "picture for the cover (PNG, JPEG, GIF or WebP) in place of the one drawn", path=True)
    css: str = option("", "style sheet that is added after the book's own", path=True)
    split: Literal["video", "none"] = option("video", "what the book is divided by: a part for each video, or nothing")
    links: Literal["all", "first", "none"] = option(
        "all", "links between notes: all, only the first to each note, or none; stamps always stay links"
    )


class EpubWriter(Writer[Options]):
    """The writer of `<book>.epub`."""

    name = "epub"
    summary = "EPUB 3 book for e-readers, phones and tablets"
    options = Options
    downloads = (Download(".epub", "EPUB"),)

    def part(self, note: Note, job: Job[Options]) -> bytes:
        """The note's page, deflated, with the topics it names."""
        from convert.writers.epub.chapter import chapter

        return chapter(note, job)

    def assemble(self, parts: Sequence[bytes], job: Job[Options]) -> Iterable[Artifact]:
        """The archive; raises WriterError when an option names a file that cannot be used."""
        from convert.writers.epub.package import archive

        yield Artifact(f"{job.book.name}.epub", archive(parts, job))


WRITER = EpubWriter()
