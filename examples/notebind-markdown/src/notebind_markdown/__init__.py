"""The writer `markdown`: writes each note as a plain Markdown file with its links and times resolved.

notebind finds it by the entry point in pyproject.toml. Listing the formats loads this module only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from convert.document.note import Note
from convert.writers.base import Artifact, Job, option

__all__ = ["WRITER", "Options"]


@dataclass(frozen=True)
class Options:
    """The options that a user can set: `--set markdown.times=no`."""

    times: bool = option(True, "links to the seconds of the video")


class MarkdownWriter:
    """Writes `<book>.markdown/<note>.md`."""

    name = "markdown"
    summary = "Plain Markdown with resolved links, for other tools"
    options = Options

    def part(self, note: Note, job: Job[Options]) -> bytes:
        """Return the note as CommonMark with tables, task lists and footnotes, in UTF-8."""
        from notebind_markdown.text import MarkdownPage

        return MarkdownPage(note, job.book, job.options.times).text().encode()

    def assemble(self, parts: Sequence[bytes], job: Job[Options]) -> Iterable[Artifact]:
        """Yield one file for each note."""
        from notebind_markdown.text import file_name

        for entry, data in zip(job.book.summaries(), parts, strict=True):
            yield Artifact(f"{job.book.name}.markdown/{file_name(entry.id, job.book)}", data)


WRITER = MarkdownWriter()
