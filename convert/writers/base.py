"""What a writer is: a name, options, and one or two pure steps from notes to artifacts.

How to add a writer: see "Add a writer in one file" in CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from convert.document.book import Book
from convert.document.note import Note, Video
from convert.report import Diagnostic

OptionsT = TypeVar("OptionsT")


@dataclass(frozen=True)
class Artifact:
    """A file to be saved: its path below the output folder (forward slashes) and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Copy:
    """A file to be saved as a copy of another: its path below the output folder, and one of `Job.media`."""

    path: str
    of: str


@dataclass(frozen=True)
class State:
    """What a writer wants to be handed as `Job.previous` in the next run; saved with its artifacts."""

    data: bytes


@dataclass(frozen=True)
class Tally:
    """What a writer counted, for the report, as (name, number): cards by rule, say."""

    counts: tuple[tuple[str, int], ...]


Product = Artifact | Copy | State | Tally
"""What `assemble` may yield."""


@dataclass(frozen=True)
class NoOptions:
    """The options of a writer that has none."""


def option(default: Any, help: str, path: bool = False) -> Any:
    """A field of an options class: a default and the line of help that the command line shows.

    `path` says that its text names a file or folder, which a settings file names from where it lies itself.
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
    progress: Callable[[int], None] = lambda _: None
    """Called with a number of notes done in `assemble`, by writers for which that step is long."""
    previous: bytes | None = None
    """The `State` of the previous run, None when there is none."""
    previous_artifact: Callable[[str], bytes | None] = lambda _: None
    """The bytes of an artifact of the previous run by its path, None when it is not there."""
    picture: Callable[[str], bytes] = lambda name: b""
    """The bytes of a picture in a note by its name (`nodes.Picture`), for `assemble`; WriterError when it is gone."""
    transcript: Callable[[str], tuple[str, bytes] | None] = lambda _: None
    """Name and bytes of the subtitles that lie beside a note, by its id; for writers that hear, in `assemble`."""
    cores: int = 1
    """How many processes or threads `assemble` may keep busy."""
    made: tuple[str, ...] = ()
    """What the other writers of this run made of the book, sorted; for writers that look around, in `assemble`."""
    media: Mapping[Video, str] = field(default_factory=dict)
    """The media files of the book's videos, as paths from the output folder (`../films/a [ID].mp4`), or as addresses
    (`file:///D:/a.mp4`) where no path leads there; for writers that look around."""


class Writer(Protocol[OptionsT]):
    """The contract of an output format.

    A writer with `looks_around = True` is assembled after the others, is told what they made and where media files
    lie (`Job.made`, `Job.media`), and is made again when that changes. One with a method `hears(options)` that says
    True is handed the subtitle files that lie beside notes (`Job.transcript`), and is made again when they change.
    """

    name: str
    """The word for `--to`, the module's name."""
    summary: str
    """One line for `notebind writers`."""
    options: type[OptionsT]
    """A frozen dataclass of `option(...)` fields; cheap to import."""

    def part(self, note: Note, job: Job[OptionsT]) -> bytes:
        """What the writer needs of one note; pure, called in any process, in any order."""
        ...

    def assemble(self, parts: Sequence[bytes], job: Job[OptionsT]) -> Iterable[Product]:
        """The artifacts of the book; `parts` in the order of `job.book.entries()`."""
        ...
