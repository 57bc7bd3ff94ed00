"""The kinds of notes beside ours: every module here with a `READER`, and the entry-point group `notebind.readers`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from convert.reader.formats.base import NoteReader, Offered, Rewritten

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "notebind.readers"
OWN = "notes"
"""The name of our own format, which no reader rewrites."""
GENERAL = ("chapter_list", "timed_links")
"""The readers that know no source, but times: asked last, in this order, also about what another reader rewrote."""


_OF_TIMES = ("transcripts", "podcasts", GENERAL[0])
"""The readers of bare times, which `times: no` keeps away."""


def built_in() -> tuple[str, ...]:
    """Return the names of the readers of this package, found by listing it; nothing is imported."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name not in ("base", *GENERAL)]
    return (*names, *GENERAL)


def _module(name: str) -> Any:
    return importlib.import_module(f"{__name__}.{name}")


@cache
def readers() -> Mapping[str, NoteReader]:
    """Return the readers by name in the order in which they are asked: plug-ins before ours, each group by name.

    A plug-in never hides a built-in reader of the same name.
    """
    from importlib.metadata import entry_points

    own = built_in()
    found = {point.name: _load(point) for point in entry_points(group=GROUP) if point.name not in own}
    return dict(sorted(found.items())) | {name: _module(name).READER for name in own}


def reader_named(name: str) -> Mapping[str, NoteReader]:
    """Return the reader of this name as one that takes texts which it is told to take, and the general ones after it.

    Raises KeyError for an unknown name.
    """
    own = _module(name) if name in built_in() else None
    first = getattr(own, "FORCED", own.READER) if own else readers()[name]
    return {name: first} | {general: readers()[general] for general in GENERAL if general != name}


def list_reader() -> Mapping[str, NoteReader]:
    """Return the reader of lists of chapters, which is asked about notes in our own format, too."""
    return {GENERAL[0]: _module(GENERAL[0]).READER}


def quotes_times(text: str, path: str) -> bool:
    """Return whether a text that names its medium quotes it in fences whose lines have times."""
    fenced = "```" in text or "~~~" in text
    return fenced and any(_module("marked_times").timed_fences(Offered.of(text), path))


def told(asked: Mapping[str, NoteReader], times: bool | None) -> Mapping[str, NoteReader]:
    """Return the readers to ask if somebody said whether bare times are moments, None if nobody did."""
    if times and GENERAL[0] in asked:
        return {**asked, GENERAL[0]: _module(GENERAL[0]).FORCED}
    return asked if times is None else {name: one for name, one in asked.items() if times or name not in _OF_TIMES}


class _Broken(msgspec.Struct):
    """Takes the place of a plug-in that cannot be loaded: it fails on every text, so that each note reports it."""

    name: str
    summary: str
    error: Exception

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Raise the error that loading raised."""
        raise self.error


def _load(point: EntryPoint) -> NoteReader:
    try:
        found: NoteReader = point.load()
    except Exception as error:
        return _Broken(point.name, f"cannot be loaded: {error}; update or uninstall it", error)
    return found
