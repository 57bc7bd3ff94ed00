"""The topics of notes: what their wikilinks name, whether or not a note of that name exists."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from convert.document.nodes import Block, Section, WikiLink
from convert.document.note import Note, slug
from convert.document.walk import child_blocks, descend, own_inlines, plain_text

_AROUND = "\"'“”‘’()[].,;:!?"


class Mention(msgspec.Struct, frozen=True, gc=False):
    """A topic that a section of a note names.

    `key` is the id of the note about the topic, or the slug of the target where there is none (a slug holds no `/`).
    """

    key: str
    title: str
    section: str
    """Id of the section, "" before the first."""


class Mentions:
    """The topics that a note names, collected link by link as a walk meets them."""

    def __init__(self, note_id: str) -> None:
        self._note_id = note_id
        self._found: dict[tuple[str, str], Mention] = {}
        self._spelled: dict[str, str] = {}
        """How labels spell each word, by its slug: targets are slugs, which lost capitals and hyphens."""

    def meet(self, node: WikiLink, section: str) -> None:
        """Add a link in the section of that id."""
        if node.to is not None:
            key, title = node.to.note, node.to.title
        else:
            key, title = slug(node.target).replace("/", "_"), ""
            for written in plain_text(node.children).split():
                if word := written.strip(_AROUND):
                    known = self._spelled.setdefault(slug(word), word)
                    if word.islower() and not known.islower():
                        self._spelled[slug(word)] = word
        if key != self._note_id and (key, section) not in self._found:
            # A link to a note without a title, or to no note, spells its target as words.
            words = " ".join(node.target.replace("_", " ").split())
            if title := title or words[:1].upper() + words[1:]:
                self._found[key, section] = Mention(key, title, section)

    def all(self) -> tuple[Mention, ...]:
        """Return every topic but the note itself, once a section, in the order of the text."""
        found = []
        for mention in self._found.values():
            if "/" not in mention.key:
                title = " ".join([self._spelled.get(slug(word), word) for word in mention.title.split()])
                mention = Mention(mention.key, title[:1].upper() + title[1:], mention.section)
            found.append(mention)
        return tuple(found)


def mentions(note: Note) -> tuple[Mention, ...]:
    """Return the topics of a note that is not being rendered; a renderer meets the links of its note anyway."""
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
