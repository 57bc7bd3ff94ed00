"""The files of a run and what each of them is: read now, or known from an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from functools import partial
from typing import TypeVar

from convert.errors import ToolError
from convert.report import Diagnostic
from convert.request import Progress, Request, Tell
from convert.storage.packed import PackedTree
from convert.vault.discovery import Source, find_sources
from convert.vault.scan import Scanned, scan, unpack
from convert.vault.scan_cache import Findings
from convert.workers.pool import Crew, in_order

CHUNK = 64
"""Files that a worker takes at once."""
T = TypeVar("T")


Listing = tuple[list[Source], set[str], list[Diagnostic]]
"""All files to read, the paths of those that books are made of, and what is to be said of others."""


def find(request: Request) -> Listing:
    """The files of a run; those that no book is made of are the context of `--vault`."""
    sources, problems = find_sources(request.notes, request.output)
    own = {source.path for source in sources}
    if request.vault:
        sources, problems = find_sources([*request.notes, request.vault], request.output)
    return sources, own, problems


def scan_all(
    sources: Sequence[Source], request: Request, crew: Crew, tell: Tell, findings: Findings, trees: str
) -> Iterator[tuple[Source, Scanned, PackedTree | None]]:
    """What each file is, in the order of `sources`; only files of which nothing is known are read."""
    known = {
        source.path: found
        for source in sources
        if source.size <= request.max_note_bytes and (found := findings.scan_of(source))
    }
    reading = partial(scan, most=request.max_note_bytes, trees=trees)
    read = _read([source for source in sources if source.path not in known], reading, crew, tell)
    for source in sources:
        found = known.get(source.path)
        yield (source, found, None) if found else (source, *next(read))
    # It has no more to give, but workers to end.
    next(read, None)


def _read(
    sources: Sequence[Source], reading: Callable[[Sequence[Source]], bytes], crew: Crew, tell: Tell
) -> Iterator[tuple[Scanned, PackedTree | None]]:
    # Files fewer than a chunk are read sooner than a second process starts.
    with crew.make(min(crew.size, len(sources) // CHUNK), ("convert.vault.scan",)) as executor:
        chunks = chunked(sources, CHUNK)
        for number, future in enumerate(in_order(executor, reading, chunks, max(8, 2 * crew.size))):
            if isinstance(error := future.exception(), BrokenExecutor):
                first, last = chunks[number][0].shown, chunks[number][-1].shown
                raise ToolError(f"a worker died while it read {first} to {last}: {error}") from error
            tell(Progress("scan", min((number + 1) * CHUNK, len(sources)), len(sources)))
            yield from unpack(future.result())


def chunked(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """The items in runs of at most `size`."""
    return [items[at : at + size] for at in range(0, len(items), size)]
