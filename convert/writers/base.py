"""The contract of an output format: what a writer declares, and the one or two pure steps from notes to artifacts.

How to add a writer: see "Add a writer in one file" in CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from convert.document.book import Book
from convert.document.note import Note, Video
from convert.report import Diagnostic

OptionsT = TypeVar("OptionsT")


@dataclass(frozen=True)
class Artifact:
    """A file to save: its path below the output folder (forward slashes) and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Copy:
    """A file to save as a copy of another: its path below the output folder, and one of `Job.media`."""

    path: str
    of: str


@dataclass(frozen=True)
class State:
    """What a writer wants to receive as `Job.previous` in the next run; saved with its artifacts."""

    data: bytes


@dataclass(frozen=True)
class Tally:
    """What a writer counted, for the report, as (name, number): for example cards by rule."""

    counts: tuple[tuple[str, int], ...]


Product = Artifact | Copy | State | Tally
"""What `assemble` may yield."""


@dataclass(frozen=True)
class Download:
    """A kind of artifact that a site links to.

    `suffix` is what follows the name of the book in the artifact's path (`.pdf`); volumes have `-2` and so on between
    them. In the suffix of files about one video, `{video}` is the stem that `convert.document.video.file_stem` gives.
    """

    suffix: str
    label: str
    """The text of the link."""


@dataclass(frozen=True)
class Program:
    """An optional program: what it would add, and how each system installs it."""

    name: str
    adds: str
    apt: str
    brew: str
    site: str


def option(default: Any, help: str, path: bool = False) -> Any:
    """Return a field of an options class: a default and the line of help that the command line shows.

    `path` marks a text that names a file or folder; a settings file names it relative to its own folder.
    """
    return field(default=default, metadata={"help": help, "path": path})


@dataclass(frozen=True)
class Job(Generic[OptionsT]):
    """All that a writer may know: the book, its own options and the circumstances of the run."""

    book: Book
    options: OptionsT
    epoch: int
    """The date of the outputs in Unix seconds (SOURCE_DATE_EPOCH): the only clock a writer has."""
    warn: Callable[[Diagnostic], None] = lambda _: None
    previous: bytes | None = None
    """The `State` of the previous run, for `assemble`; None if there is none."""
    previous_artifact: Callable[[str], bytes | None] = lambda _: None
    """Returns the bytes of an artifact of the previous run by its path, None if it is missing."""
    picture: Callable[[str], bytes] = lambda name: b""
    """Returns the bytes of a note's picture by its name (`nodes.Picture`), for `assemble`; raises WriterError if its
    file is missing."""
    transcript: Callable[[str], tuple[str, bytes] | None] = lambda _: None
    """Returns name and bytes of the subtitle file of a note by the note's id, for `assemble` of writers that want
    transcripts."""
    cores: int = 1
    """How many processes or threads `assemble` may keep busy."""
    made: tuple[str, ...] = ()
    """The artifacts of the book by the other writers of this run, sorted; for `assemble` of writers that run last."""
    downloads: tuple[Download, ...] = ()
    """What those writers declare as `Writer.downloads`."""
    media: Mapping[Video, str] = field(default_factory=dict)
    """The media files of the book's videos for writers that run last: paths from the output folder
    (`../films/a [ID].mp4`), or addresses (`file:///D:/a.mp4`) if no relative path leads there."""


class Writer(Generic[OptionsT]):
    """The contract of an output format, with the defaults of what a writer need not declare.

    A writer of another package may do without this base class: `convert.writers` adds the defaults.
    """

    name: str
    """The word for `--to`; the name of the module."""
    summary: str
    """One line for `notebind writers`."""
    options: type[OptionsT]
    """A frozen dataclass of `option(...)` fields; cheap to import."""
    default_rank: int = 0
    """Its position among the formats that are made when none is named; 0: it is made only when it is named."""
    runs_last: bool = False
    """Whether it is assembled after the others, with what they made and the media files (`Job.made`, `Job.media`), and
    is made again when these change."""
    slow: bool = False
    """Whether each book deserves a process of its own, however small it is."""
    folders: tuple[str, ...] = ()
    """The folders below the output folder that it fills, as patterns (`*.chapters`): temporary files that a killed run
    left in them are removed."""
    downloads: tuple[Download, ...] = ()
    """What a site links to among its artifacts, in the order of the links."""
    programs: tuple[Program, ...] = ()
    """The optional programs that `notebind doctor` lists."""

    def wants_transcripts(self, options: OptionsT) -> bool:
        """Return whether it uses the subtitle files of notes (`Job.transcript`); it is made again when they change."""
        return False

    def outside_files(self, options: OptionsT) -> Iterable[Path]:
        """Return the files beside notes and options that its output depends on: fonts, say.

        It is made again when one of them comes, goes or changes. Only their size and time are looked at.
        """
        return ()

    def part(self, note: Note, job: Job[OptionsT]) -> bytes:
        """Return what the writer needs of one note; pure, called in any process, in any order."""
        raise NotImplementedError

    def assemble(self, parts: Sequence[bytes], job: Job[OptionsT]) -> Iterable[Product]:
        """Return the artifacts of the book; `parts` are in the order of `job.book.summaries()`."""
        raise NotImplementedError
