"""The writer `markdown`: each note as a plain Markdown file, links and times resolved.

notebind finds it by the entry point in pyproject.toml. Only this module is loaded to list the formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from convert.document.note import Note
from convert.writers.base import Artifact, Job, option

__all__ = ["WRITER", "Options"]


@dataclass(frozen=True)
class Options:
    """What a user may set: `--set markdown.times=no`."""

    times: bool = option(True, "links to the seconds of the video")


class MarkdownWriter:
    """The writer of `<book>.markdown/<note>.md`."""

    name = "markdown"
    summary = "Plain Markdown with resolved links, for other tools"
    options = Options

    def part(self, note: Note, job: Job[Options]) -> bytes:
        """The note as CommonMark with tables, task lists and footnotes, in UTF-8."""
        from notebind_markdown.text import Page

        return Page(note, job.book, job.options.times).text().encode()

    def assemble(self, parts: Sequence[bytes], job: Job[Options]) -> Iterable[Artifact]:
        """A file a note."""
        from notebind_markdown.text import file_name

        for entry, data in zip(job.book.entries(), parts, strict=True):
            yield Artifact(f"{job.book.name}.markdown/{file_name(entry.id, job.book)}", data)


WRITER = MarkdownWriter()
