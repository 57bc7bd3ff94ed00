"""The topics of notes: what their wikilinks name, whether or not a note of that name exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.slugs import slug
from convert.document.walk import child_blocks, descend, own_inlines


class Mention(msgspec.Struct, frozen=True, gc=False):
    """A topic that a section of a note names.

    `key` is the id of the note about the topic, or the slug of the target where there is none (a slug holds no `/`).
    """

    key: str
    title: str
    section: str
    """Id of the section, "" before the first."""


def mentions(note: Note) -> tuple[Mention, ...]:
    """Every topic that the note names, once a section, in the order of the text; not the note itself."""
    found: dict[tuple[str, str], Mention] = {}
    for section, node in _wikilinks(note.blocks, ""):
        key, title = _topic(node)
        if title and key != note.id:
            found.setdefault((key, section), Mention(key, title, section))
    return tuple(found.values())


def _topic(node: n.WikiLink) -> tuple[str, str]:
    """Key and title of what a link names; a target without a note is spelled as words."""
    if node.to is not None:
        return node.to.note, node.to.title or _words(node.target)
    return slug(node.target).replace("/", "_"), _words(node.target)


def _words(target: str) -> str:
    words = " ".join(target.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _wikilinks(blocks: Iterable[n.Block], section: str) -> Iterator[tuple[str, n.WikiLink]]:
    for block in blocks:
        inside = block.id if isinstance(block, n.Section) else section
        for node in descend(own_inlines(block)):
            if isinstance(node, n.WikiLink):
                yield inside, node
        yield from _wikilinks(child_blocks(block), inside)
