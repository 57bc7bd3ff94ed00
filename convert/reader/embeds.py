"""Shows other notes in place: the embeds of a tree that stand alone get the blocks of the notes that they name.

What a note shows is bounded, however its notes embed one another: in depth, in number and in bytes. Where nothing more
is shown, and where a note would show itself, the link stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import child_blocks, inlines
from convert.reader.source import Say

DEEPEST = 4
"""Embeds within one another."""
MOST = 100
"""Embeds that a note shows, those within others counted."""
MOST_BYTES = 1_000_000
"""Bytes of packed tree that a note shows of others: a hundred notes of usual length."""
_DEEPEST_CONTAINER = 12
"""Sections, quotes and callouts around an embed; in deeper ones it stays a link."""

Inside = tuple[tuple[str, str], ...]
"""Note ids and places in them (as in `Destination`), the outermost first."""


def show_embeds(note: Note, look_up: Callable[[str], Note | None], say: Say, most_bytes: int = MOST_BYTES) -> Note:
    """The note with the excerpts that it shows; `look_up` gives resolved notes by id, None for those out of reach.

    What is not shown is said at the line of the note's own embed: `embed-nested` and, once, `embed-limit`.
    """
    showing = _Showing(note, look_up, say, most_bytes)
    return replace(note, blocks=showing.blocks(note.blocks, note.id, ((note.id, ""),), 0))


class _Showing:
    def __init__(self, note: Note, look_up: Callable[[str], Note | None], say: Say, most_bytes: int) -> None:
        self._notes: dict[str, Note | None] = {note.id: note}
        self._look_up = look_up
        self._say = say
        self._said: set[tuple[str, int]] = set()
        self._left = MOST
        self._room = self._most_bytes = most_bytes
        self._shown = 0
        """How many embeds are open: what is shown stands in this many others."""
        self._line = 0
        """Of the note's own embed that is being filled."""

    def blocks(self, blocks: Iterable[n.Block], note: str, inside: Inside, depth: int) -> tuple[n.Block, ...]:
        """The blocks of a note, embeds filled; `inside` are the places that are being shown around them."""
        return tuple(self._block(block, note, inside, depth) for block in blocks)

    def _block(self, block: n.Block, note: str, inside: Inside, depth: int) -> n.Block:
        if isinstance(block, n.EmbedBlock):
            return self._filled(block, inside)
        if not isinstance(block, n.Section | n.Quote | n.Callout) or depth == _DEEPEST_CONTAINER:
            return block
        own = block.id if isinstance(block, n.Section) else f"^{block.name}" if block.name else ""
        around = (*inside, (note, own)) if own else inside
        children = self.blocks(block.children, note, around, depth + 1)
        same = all(new is old for new, old in zip(children, block.children, strict=True))
        return block if same else replace(block, children=children)

    def _filled(self, block: n.EmbedBlock, inside: Inside) -> n.EmbedBlock:
        self._line = self._line if self._shown else block.line
        to = block.embed.to
        if to is None or (block.embed.fragment and not to.section):
            return block  # what is not there was said of its link
        if (to.note, to.section) in inside or self._shown == DEEPEST:
            why = "within itself" if self._shown < DEEPEST else f"within {DEEPEST} others"
            self._tell("embed-nested", f"{to.title or to.note!r} would be shown {why}: a link stands there")
            return block
        source, found = self._found(to)
        if source is None or not found:
            return block
        self._shown += 1
        blocks = self.blocks(found, source.id, (*inside, (to.note, to.section)), 0)
        self._shown -= 1
        return replace(block, shown=n.Excerpt(source.video, blocks))

    def _found(self, to: n.Destination) -> tuple[Note | None, tuple[n.Block, ...]]:
        """The note that is meant and its blocks that are to be shown, none when there is no room for them."""
        if not self._left:
            return self._no_more()
        if to.note not in self._notes:
            self._notes[to.note] = self._look_up(to.note)
        source = self._notes[to.note]
        found = part_of(source, to.section) if source else ()
        self._room -= len(_ENCODER.encode(found))
        if source is None or self._room < 0:
            return self._no_more()
        self._left -= 1
        return source, found

    def _no_more(self) -> tuple[None, tuple[n.Block, ...]]:
        """The first embed beyond the bounds is the last that is looked at, so that a thousand cost no more."""
        if not any(code == "embed-limit" for code, _ in self._said):
            most = f"{MOST} embeds and {self._most_bytes // 1000:,} kB"
            self._tell("embed-limit", f"a note shows no more of others than {most}: links stand there from here on")
        self._left = 0
        return None, ()

    def _tell(self, code: str, message: str) -> None:
        if (code, self._line) not in self._said:
            self._said.add((code, self._line))
            self._say(code, self._line, message)


_ENCODER = msgspec.msgpack.Encoder()


def part_of(note: Note, place: str) -> tuple[n.Block, ...]:
    """The blocks at a place in a note (`Destination.section`), and the footnotes that they mark; () for no place."""
    if not place:
        return note.blocks
    found = _at(note.blocks, place)
    return (found, *_footnotes(note, found)) if found else ()


def _at(blocks: Iterable[n.Block], place: str) -> n.Block | None:
    """The section or named block; of a name in an item of a list the item."""
    for block in blocks:
        if isinstance(block, n.Section):
            if block.id == place:
                return block
        elif place[0] == "^" and getattr(block, "name", "") == place[1:]:
            return block
        inner = _item(block, place) if isinstance(block, n.List) else _at(child_blocks(block), place)
        if inner:
            return inner
    return None


def _item(block: n.List, place: str) -> n.Block | None:
    for number, item in enumerate(block.items):
        found = _at(item.children, place)
        if found and found is item.children[0]:
            return n.List((item,), item.line, None if block.start is None else block.start + number, block.tight)
        if found:
            return found
    return None


def _footnotes(note: Note, block: n.Block) -> list[n.Footnote]:
    """The footnotes of the note that a block of it marks, and those that they mark, but for those within it."""
    known: dict[str, n.Footnote] = {}
    for footnote in _all_footnotes(note.blocks):
        known.setdefault(footnote.label, footnote)
    for footnote in _all_footnotes((block,)):
        known.pop(footnote.label, None)
    marked: list[n.Footnote] = []
    waiting: list[n.Block] = [block]
    while waiting:
        for node in inlines((waiting.pop(),)):
            if isinstance(node, n.FootnoteMark) and (footnote_of := known.pop(node.label, None)):
                marked.append(footnote_of)
                waiting.append(footnote_of)
    return marked


def _all_footnotes(blocks: Iterable[n.Block]) -> Iterable[n.Footnote]:
    for block in blocks:
        if isinstance(block, n.Footnote):
            yield block
        yield from _all_footnotes(child_blocks(block))
