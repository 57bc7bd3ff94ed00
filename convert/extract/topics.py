"""The topics of notes: the targets of their wikilinks, whether or not such a note exists."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from convert.document.nodes import Block, Section, WikiLink
from convert.document.note import Note, slug
from convert.document.walk import child_blocks, descend, own_inlines, plain_text

_AROUND = "\"'“”‘’()[].,;:!?"


class Mention(msgspec.Struct, frozen=True, gc=False):
    """A topic that a section of a note links to.

    `key` is that of `key_of`.
    """

    key: str
    title: str
    section: str
    """Id of the section, "" before the first section."""


class Mentions:
    """The topics of a note, collected link by link during a walk through it."""

    def __init__(self, note_id: str) -> None:
        self._note_id = note_id
        self._found: dict[tuple[str, str], Mention] = {}
        self._spelled: dict[str, str] = {}
        """The spelling of each word in labels, by its slug: targets are slugs, without capitals and hyphens."""

    def meet(self, node: WikiLink, section: str) -> None:
        """Add a link in the section with this id."""
        key = key_of(node)
        title = node.to.title if node.to else ""
        if node.to is None:
            for written in plain_text(node.children).split():
                if word := written.strip(_AROUND):
                    known = self._spelled.setdefault(slug(word), word)
                    if word.islower() and not known.islower():
                        self._spelled[slug(word)] = word
        if key != self._note_id and (key, section) not in self._found:
            # Without a note, or without its title, the words of the target are the title.
            words = " ".join(node.target.replace("_", " ").split())
            if title := title or words[:1].upper() + words[1:]:
                self._found[key, section] = Mention(key, title, section)

    def all(self) -> tuple[Mention, ...]:
        """Return every topic except the note itself, once for each section, in text order."""
        found = []
        for mention in self._found.values():
            if "/" not in mention.key:
                title = " ".join([self._spelled.get(slug(word), word) for word in mention.title.split()])
                mention = Mention(mention.key, title[:1].upper() + title[1:], mention.section)
            found.append(mention)
        return tuple(found)


def key_of(node: WikiLink) -> str:
    """Return the id of the note about the topic of a link, or the slug of the target (without `/`) if there is none."""
    return node.to.note if node.to else slug(node.target).replace("/", "_")


def mentions(note: Note) -> tuple[Mention, ...]:
    """Return the topics of a note outside rendering; a renderer collects them on its way."""
    topics = Mentions(note.id)
    _meet_all(note.blocks, "", topics)
    return topics.all()


def _meet_all(blocks: Iterable[Block], section: str, topics: Mentions) -> None:
    for block in blocks:
        inside = block.id if isinstance(block, Section) else section
        for node in descend(own_inlines(block)):
            if isinstance(node, WikiLink):
                topics.meet(node, inside)
        _meet_all(child_blocks(block), inside, topics)
