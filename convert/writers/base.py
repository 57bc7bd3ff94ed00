"""The contract of an output format: what a writer declares, and the pure steps from notes to artifacts.

How to add a writer: see "Add a writer in one file" in CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from convert.document.book import Book
from convert.document.note import Note, Video
from convert.render.furniture import speaks
from convert.report import Diagnostic, diagnostic

if TYPE_CHECKING:
    from convert.document.verdict import Verdict

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
    """Data that the writer receives as `Job.previous` in the next run; saved with its artifacts."""

    data: bytes


@dataclass(frozen=True)
class Tally:
    """Counts for the report, as (name, number): for example cards by rule."""

    counts: tuple[tuple[str, int], ...]


Product = Artifact | Copy | State | Tally
"""What `assemble` may yield."""


@dataclass(frozen=True)
class Download:
    """A kind of artifact that a site links to.

    `suffix` follows the name of the book in the artifact's path (`.pdf`), with `-2` and so on between them for volumes.
    In the suffix of files about one video, `{video}` stands for its name in `Book.stems`.
    """

    suffix: str
    label: str
    """The text of the link."""


@dataclass(frozen=True)
class Program:
    """An optional program: what it adds, and how to install it on each system."""

    name: str
    adds: str
    apt: str
    brew: str
    site: str


def option(default: Any, help: str, path: bool = False, within: tuple[int, int] | None = None) -> Any:
    """Return a field of an options class, with a default and the line of help for the command line.

    `path` marks a text that names a file or folder; a settings file names it relative to its own folder. `within` has
    the least and the greatest number.
    """
    return field(default=default, metadata={"help": help, "path": path, "within": within})


MOST_FORMULAS = 12
"""Formulas of a note that are named one by one if an output cannot set them."""


@dataclass(frozen=True)
class Job(Generic[OptionsT]):
    """The input of a writer: the book, its own options and the circumstances of the run.

    `part` must not use fields that are described as "for `assemble`".
    """

    book: Book
    options: OptionsT
    epoch: int
    """The date of the outputs in Unix seconds (SOURCE_DATE_EPOCH): the only clock a writer has."""
    warn: Callable[[Diagnostic], None] = lambda _: None
    previous: bytes | None = None
    """The `State` of the previous run, for `assemble`; None if there is none."""
    elders: Callable[[], Iterable[tuple[bytes, bool]]] = lambda: ()
    """Returns the states that the writer left of books in the output folder that this run does not make, each with
    whether the notes of that book are gone; for `assemble`."""
    previous_artifact: Callable[[str], bytes | None] = lambda _: None
    """Returns the bytes of an artifact of the previous run by its path; None if it is missing, b"" if unreadable."""
    picture: Callable[[str], bytes] = lambda name: b""
    """Returns the bytes of a note's picture by its name (`nodes.Picture`), for `assemble`; raises WriterError if its
    file is missing."""
    transcript: Callable[[str], tuple[str, bytes] | None] = lambda _: None
    """Returns name and bytes of the subtitle file of a note by the note's id, for `assemble` of writers that want
    transcripts."""
    verdicts: tuple[Verdict, ...] = ()
    """What a person decided about cards of the book's notes, for writers that want verdicts."""
    cores: int = 1
    """Number of processes or threads that `assemble` may use."""
    made: tuple[str, ...] = ()
    """The artifacts of the book by the other writers of this run, sorted; for `assemble` of writers that run last."""
    downloads: tuple[Download, ...] = ()
    """The downloads of those writers."""
    media: Mapping[Video, str] = field(default_factory=dict)
    """The media files of the book's videos for writers that run last: paths from the output folder
    (`../films/a [ID].mp4`), or addresses (`file:///D:/a.mp4`) if no relative path leads there."""

    def warn_of_formulas(self, path: str, lines: Mapping[str, int], plain: Iterable[str], place: str) -> None:
        """Report the formulas of a note that stand as their source in an output (`the PDF`), by their TeX."""
        named = sorted({tex: lines.get(tex, 0) for tex in plain}.items(), key=lambda one: one[1])
        for tex, line in named[:MOST_FORMULAS]:
            shown = tex if len(tex) <= 60 else f"{tex[:60]}…"
            message = f"a formula stands in {place} as its source, for it cannot be set there: {shown}"
            self.warn(diagnostic("formula-plain", path, line, message))
        if len(named) > MOST_FORMULAS:
            message = f"{len(named) - MOST_FORMULAS} more formulas stand in {place} as their source"
            self.warn(diagnostic("formula-plain", path, named[MOST_FORMULAS][1], message))

    def warn_of_language(self) -> None:
        """Report that headings and labels of the book are English, for they are not known in its language."""
        language = self.book.language
        if language != "und" and not speaks(language):
            message = f"headings and labels of the program are English: there are none in this language ({language})"
            self.warn(diagnostic("words-english", self.book.name, 0, message))


class Writer(Generic[OptionsT]):
    """The contract of an output format, with defaults for what is optional.

    A writer of another package may do without this base class: `convert.writers` adds the defaults.
    """

    name: str
    """The word for `--to`; the name of the module."""
    summary: str
    """One line for `notebind writers`."""
    options: type[OptionsT]
    """A frozen dataclass of `option(...)` fields; cheap to import."""
    default_rank: int = 0
    """Position among the default formats; 0 for a format that is made only when named."""
    runs_last: bool = False
    """Whether it is assembled after the others, with their artifacts and the media files (`Job.made`, `Job.media`), and
    again when these change."""
    slow: bool = False
    """Whether each book deserves a process of its own, however small it is."""
    folders: tuple[str, ...] = ()
    """The folders below the output folder that it fills, as patterns (`*.chapters`): temporary files that a killed run
    left in them are removed."""
    downloads: tuple[Download, ...] = ()
    """The kinds of files that the site links to, in order."""
    programs: tuple[Program, ...] = ()
    """The optional programs that `notebind doctor` lists."""
    keeps_state: bool = True
    """Whether it yields a `State`, and is handed that of earlier runs (`Job.previous`, `Job.elders`)."""
    wants_verdicts: bool = False
    """Whether it obeys what a person decided about cards (`Job.verdicts`); it is made again when that changes."""

    def wants_transcripts(self, options: OptionsT) -> bool:
        """Return whether it uses the notes' subtitle files (`Job.transcript`); it is made again when they change."""
        return False

    def outside_files(self, options: OptionsT) -> Iterable[Path]:
        """Return other files that its output depends on, such as fonts.

        It is made again when one of them is added, removed or changed, judged by size and time.
        """
        return ()

    def part(self, note: Note, job: Job[OptionsT]) -> bytes:
        """Return the writer's data for one note. Must be pure: called in any process, in any order."""
        raise NotImplementedError

    def assemble(self, parts: Sequence[bytes], job: Job[OptionsT]) -> Iterable[Product]:
        """Return the artifacts of the book; `parts` are in the order of `job.book.summaries()`."""
        raise NotImplementedError
