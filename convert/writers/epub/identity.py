"""Who made the book and by what name catalogues know it."""

from __future__ import annotations

import uuid

from convert.writers.epub.shelf import Shelf, shown

MOST_AUTHORS = 10
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "notebind.epub")


def identifier(shelf: Shelf) -> str:
    """A URN that stays the same while the book holds the same notes."""
    names = sorted(note_id.encode("utf-8", "surrogatepass").hex() for note_id in shelf.entries)
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, ' '.join([shelf.book.name, *names]))}"


def authors(shelf: Shelf) -> tuple[str, ...]:
    """The author that the book names, else its channels; none where the channel only repeats the title."""
    named = shown(shelf.book.author, "")
    if named:
        return (named,)
    return tuple(filter(None, (shown(channel, "") for channel in shelf.channels)))[:MOST_AUTHORS]
