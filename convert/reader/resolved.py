"""Gives the links and stamps of a tree the meaning that the vault found for them.

A note is read once. Its tree then holds places: `start_ms` of a stamp and `to` of a link say which of the note's facts
they are. The tree travels packed (msgpack, a twentieth of the cost of reading the note again) and is resolved here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import force_setattr

from convert.document import nodes as n
from convert.document.note import Note, Resolution
from convert.document.timecode import parse_timestamp

UNNAMED = "\0"
"""In place of the title at the place of a link without a label of its own: the note it leads to gives it one."""


def place(index: int, named: bool) -> n.Destination:
    """What stands in a link until it is resolved: the `index`-th of its note."""
    return n.Destination(str(index), "", "" if named else UNNAMED)


def resolve_tree(note: Note, resolution: Resolution) -> Note:
    """The note with times in its stamps and destinations in its links in place of places.

    Its own nodes are changed, though they are frozen for all who come later: the tree is fresh from the reader and
    nobody else has seen it, and building it anew would cost as much as reading it.
    """
    _Meaning(resolution).fill(note.blocks)
    return note


def readable(to: n.Destination | None, target: str, fragment: str) -> str:
    """The text of a link without a label: the title it leads to, else its target in plain words."""
    note = (to.title if to and target else "") or target.replace("_", " ")
    return note if fragment.startswith("^") and note else " > ".join(filter(None, (note, fragment.lstrip("^"))))


class _Meaning:
    def __init__(self, resolution: Resolution) -> None:
        self._times = resolution.times
        self._links = resolution.links
        self._pictures = resolution.pictures

    def fill(self, nodes: Iterable[Any]) -> None:
        """Nine of ten nodes are text: what else there is is found by its class."""
        for node in nodes:
            kind = type(node)
            if kind is n.Text:
                continue
            filler = _FILLERS.get(kind)
            if filler:
                filler(self, node)

    def stamp(self, node: n.Stamp) -> None:
        index = node.start_ms or 0
        force_setattr(node, "start_ms", self._times[index] if index < len(self._times) else parse_timestamp(node.raw))

    def wikilink(self, node: n.WikiLink) -> None:
        if not node.to:
            return
        to = self._destination(node.to)
        if node.to.title == UNNAMED:
            force_setattr(node, "children", (n.Text(readable(to, node.target, node.fragment)),))
        else:
            self.fill(node.children)
        force_setattr(node, "to", to)

    def embed(self, node: n.Embed) -> None:
        if node.to:
            force_setattr(node, "to", self._destination(node.to))

    def embed_block(self, node: n.EmbedBlock) -> None:
        self.embed(node.embed)

    def image(self, node: n.Image) -> None:
        if node.picture:
            index = int(node.picture.name)
            found = self._pictures[index] if index < len(self._pictures) else None
            force_setattr(node, "picture", found)

    def _destination(self, at: n.Destination) -> n.Destination | None:
        index = int(at.note)
        return self._links[index] if index < len(self._links) else None

    def children(self, node: Any) -> None:
        self.fill(node.children)

    def titled(self, node: n.Section | n.Callout) -> None:
        self.fill(node.title)
        self.fill(node.children)

    def items(self, node: n.List) -> None:
        for item in node.items:
            self.fill(item.children)

    def rows(self, node: n.Table) -> None:
        for row in (node.head, *node.rows):
            for cell in row.cells:
                self.fill(cell)


_FILLERS: dict[type, Callable[[_Meaning, Any], None]] = {
    n.Stamp: _Meaning.stamp,
    n.WikiLink: _Meaning.wikilink,
    n.Embed: _Meaning.embed,
    n.EmbedBlock: _Meaning.embed_block,
    n.Image: _Meaning.image,
    n.Section: _Meaning.titled,
    n.Callout: _Meaning.titled,
    n.List: _Meaning.items,
    n.Table: _Meaning.rows,
    **dict.fromkeys(
        (
            n.Paragraph, n.Quote, n.Footnote, n.Link, n.Emphasis, n.Strong, n.Strike, n.Superscript, n.Subscript,
            n.Highlight,
        ),
        _Meaning.children,
    ),
}  # fmt: skip
"""By class; nodes that are not here hold no links, stamps or pictures (`tests/test_resolved.py` holds it complete)."""
