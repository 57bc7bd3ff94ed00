"""The request of a run, and its progress."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from convert.document.note import Video
from convert.errors import UsageError
from convert.storage.location import Location

DEFAULT_EPOCH = 1_767_225_600
"""2026-01-01: the date of outputs unless SOURCE_DATE_EPOCH sets another."""
LATEST_EPOCH = 253_402_300_799
"""The last second of the year 9999: no format has a year with five digits."""

TimeFormat = Literal["auto", "hms", "ms"]
"""How three fields are read: as the notes suggest, always as `HH:MM:SS`, or always as `MM:SS` and a surplus field."""

Stills = Literal["none", "sections", "stamps"]
"""Which moments of local films are shown as pictures: none, the first of each section, or each stamp."""

BareTimes = Literal["auto", "yes", "no"]


@dataclass(frozen=True)
class ForChannel:
    """Replaces the same fields of the request for the book of one channel."""

    title: str = ""
    author: str = ""
    language: str = ""
    writers: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    typography: bool = True


@dataclass(frozen=True)
class Request:
    """The inputs and settings of a build. `notes`, `output` and `vault` may be in a store (`storage/location.py`)."""

    notes: tuple[Location, ...]
    output: Location = Path("output")
    writers: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Options by writer name."""
    vault: Location | None = None
    videos: Path | None = None
    lengths: Mapping[Video, int] = field(default_factory=dict)
    """Lengths of videos in milliseconds that are known already; they win over the lengths of files."""
    stills: Stills = "none"
    still_height: int = 360
    """Pixels of a still from top to bottom."""
    one_book: str = ""
    title: str = ""
    author: str = ""
    language: str = ""
    time_format: TimeFormat = "auto"
    read_as: str = ""
    """The reader that has to read the notes; "" lets each find its own."""
    times: BareTimes = "auto"
    """Whether bare times are moments in notes that do not say so themselves; "auto" judges those of each note."""
    jobs: int = 0
    """Processes; 0 means as many as there are cores."""
    executor: str = ""
    """The address of a Dask cluster, `dask://host:port`, to work on instead of processes of this machine."""
    force: bool = False
    """Read and make again what has not changed."""
    prune: bool = False
    """Remove the artifacts of books whose notes are gone: deleted or private, in `notes` or with their folder."""
    epoch: int = DEFAULT_EPOCH
    max_note_bytes: int = 16_000_000
    """The largest note; bigger files are left out."""
    max_picture_bytes: int = 20_000_000
    """The largest picture; of bigger ones only the descriptions are kept."""
    max_seconds: float = 3600
    """How long 64 notes, or one format of one book, may take; 0 is no limit."""
    channels: Mapping[str, ForChannel] = field(default_factory=dict)
    """By the name of a channel's folder."""
    settings: Path | None = None
    """The settings file that some of this was read from; `watch` watches it too."""
    typography: bool = True
    """Whether quotes, dashes and ellipses are shown as the language of the book has them."""

    def of(self, channel: str) -> Request:
        """Return the request as it holds for the book of a channel."""
        own = self.channels.get(channel)
        return replace(self, **{one.name: getattr(own, one.name) for one in fields(own)}) if own else self


@dataclass(frozen=True)
class Progress:
    """Progress of a run, passed to `tell` in the process that called `build`, after every step."""

    stage: str
    """`scan` while files are read and resolved, then `build` while books are made."""
    done: int
    """Files read, or notes made, out of `total`. Files and notes that need no work count at once."""
    total: int
    book: str = ""
    """The file name of the book whose note was made."""
    books_done: int = 0
    """Books of which all artifacts are saved or failed; notes are done before their book is."""
    books_total: int = 0
    writers: tuple[str, ...] = ()
    """The formats of that book that are being made."""


Tell = Callable[[Progress], None]


def source_date_epoch() -> int:
    """Return the date of the outputs in Unix seconds, from SOURCE_DATE_EPOCH; UsageError if that is no date."""
    value = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not value:
        return DEFAULT_EPOCH
    if not (value.isascii() and value.isdigit()):
        raise UsageError(f"SOURCE_DATE_EPOCH is {value[:40]!r}: it takes seconds since 1970, a whole number")
    if len(value.lstrip("0")) > len(str(LATEST_EPOCH)) or int(value) > LATEST_EPOCH:
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {value[:40]}: no date after the year 9999 can be written, so at most {LATEST_EPOCH}"
        )
    return int(value)
