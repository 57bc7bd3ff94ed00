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
    """The topics that a note names, gathered link by link as they are met."""

    def __init__(self, note_id: str) -> None:
        self._note_id = note_id
        self._found: dict[tuple[str, str], Mention] = {}
        self._spelled: dict[str, str] = {}

    def meet(self, node: WikiLink, section: str) -> None:
        """Notes a link that stands in the section of that id."""
        key = node.to.note if node.to is not None else slug(node.target).replace("/", "_")
        if node.to is None:
            self._learn(node)
        if key != self._note_id and (key, section) not in self._found and (title := _title(node)):
            self._found[key, section] = Mention(key, title, section)

    def all(self) -> tuple[Mention, ...]:
        """Every topic, once a section, in the order of the text; not the note itself."""
        return tuple(self._respelled(mention) for mention in self._found.values())

    def _learn(self, node: WikiLink) -> None:
        """Keeps how labels spell their words: targets are slugs, which lost capitals and hyphens."""
        for written in plain_text(node.children).split():
            if not (word := written.strip(_AROUND)):
                continue
            known = self._spelled.setdefault(slug(word), word)
            if word.islower() and not known.islower():
                self._spelled[slug(word)] = word

    def _respelled(self, mention: Mention) -> Mention:
        if "/" in mention.key:
            return mention
        words = (self._spelled.get(slug(word), word) for word in mention.title.split())
        title = " ".join(words)
        return Mention(mention.key, title[:1].upper() + title[1:], mention.section)


def mentions(note: Note) -> tuple[Mention, ...]:
    """The topics of a note that is not being rendered; who renders it meets its links anyway."""
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


def _title(node: WikiLink) -> str:
    """The title of the note that a link leads to; the target spelled as words where there is none."""
    if node.to is not None and node.to.title:
        return node.to.title
    words = " ".join(node.target.replace("_", " ").split())
    return words[:1].upper() + words[1:]
