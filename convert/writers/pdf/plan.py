"""How a book is divided into volumes: at the borders of videos, evenly, each small enough to be compiled."""

from __future__ import annotations

from collections.abc import Sequence

from convert.document.book import Book

NOTES = 1500
"""The most notes of a volume."""

SOURCE_BYTES = 3_500_000
"""The most Typst source of a volume: compiling takes about 310 bytes of memory for each, so 1.1 GB in all."""


def divide(book: Book, sizes: Sequence[int], at_least: int = 1) -> list[range]:
    """The notes of each volume by number; `sizes` are the bytes of their sources."""
    groups = _groups(book, sizes)
    total = max(sum(sizes), 1)
    count = max(at_least, -(-total // SOURCE_BYTES), -(-len(sizes) // NOTES))
    volumes: list[range] = []
    seen, current = 0, -1
    for group in groups:
        size = sum(sizes[number] for number in group)
        place = (seen + size // 2) * count // total
        seen += size
        if place == current:
            volumes[-1] = range(volumes[-1].start, group.stop)
        else:
            volumes.append(group)
        current = place
    return volumes


def _groups(book: Book, sizes: Sequence[int]) -> list[range]:
    """The notes of each video, and note by note those of a video too big for a volume."""
    groups: list[range] = []
    start = 0
    for part in book.parts:
        notes = range(start, start + len(part.notes))
        start = notes.stop
        big = sum(sizes[number] for number in notes) > SOURCE_BYTES or len(notes) > NOTES
        groups += [range(number, number + 1) for number in notes] if big else [notes] if notes else []
    return groups
