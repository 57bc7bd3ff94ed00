"""Finds embeds that are a block of their own, and fills them with the blocks of the notes that they name.

Depth, number and bytes of embeds in a note are limited, however notes embed one another. An embed beyond a limit, and
one that would show a note within itself, remains a link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import all_blocks, child_blocks, inlines
from convert.reader.source import Say

DEEPEST = 4
"""Maximum depth of nested embeds."""
MOST = 100
"""Maximum number of embeds shown in a note, nested ones included."""
MOST_BYTES = 1_000_000
"""Maximum size of the packed trees shown in a note: a hundred notes of usual length."""
_DEEPEST_CONTAINER = 12
"""Maximum number of sections, quotes and callouts around an embed; a deeper embed remains a link."""

_Around = tuple[tuple[str, str], ...]
"""Note ids and fragments (as in `Destination.section`) that are being shown, the outermost first."""


def embed_blocks(paragraph: n.Paragraph) -> Sequence[n.Block]:
    """Return a block for each embed of a paragraph of only embeds, blanks and line breaks, else the paragraph.

    The last block gets the name.
    """
    blocks: list[n.EmbedBlock] = []
    line = paragraph.line
    for child in paragraph.children:
        if isinstance(child, n.Embed):
            blocks.append(n.EmbedBlock(child, line))
        elif type(child) is n.LineBreak or (type(child) is n.Text and not child.text.strip()):
            line += type(child) is n.LineBreak or child == n.Text("\n")
        else:
            return [paragraph]
    if blocks:
        blocks[-1] = replace(blocks[-1], name=paragraph.name)
    return blocks or [paragraph]


def show_embeds(note: Note, look_up: Callable[[str], Note | None], say: Say, most_bytes: int = MOST_BYTES) -> Note:
    """Return the note with excerpts in its embeds.

    `look_up` returns a resolved note by id, or None if it may not be shown. Each embed left out is reported once, at
    its line in this note: as `embed-nested`, or as `embed-limit` for the first beyond a limit.
    """
    showing = _Showing(note, look_up, say, most_bytes)
    return replace(note, blocks=showing.fill(note.blocks, note.id, ((note.id, ""),), 0))


class _Showing:
    """Fills the embeds of one note, and counts what is left of its limits."""

    def __init__(self, note: Note, look_up: Callable[[str], Note | None], say: Say, most_bytes: int) -> None:
        self._notes: dict[str, Note | None] = {note.id: note}
        self._look_up = look_up
        self._say = say
        self._reported: set[tuple[str, int]] = set()
        self._embeds_left = MOST
        self._bytes_left = self._most_bytes = most_bytes
        self._depth = 0
        """The number of embeds around the one being filled."""
        self._line = 0
        """The line in this note of the embed being filled."""

    def fill(self, blocks: Iterable[n.Block], note: str, around: _Around, depth: int) -> tuple[n.Block, ...]:
        """Return the blocks of a note with their embeds filled, `depth` containers down."""
        return tuple([self._filled(block, note, around, depth) for block in blocks])

    def _filled(self, block: n.Block, note: str, around: _Around, depth: int) -> n.Block:
        if isinstance(block, n.EmbedBlock):
            return self._shown(block, around)
        if not isinstance(block, n.Section | n.Quote | n.Callout | n.Group) or depth == _DEEPEST_CONTAINER:
            return block
        name = "" if isinstance(block, n.Section | n.Group) else block.name
        own = block.id if isinstance(block, n.Section) else f"^{name}" if name else ""
        children = self.fill(block.children, note, (*around, (note, own)) if own else around, depth + 1)
        same = all(new is old for new, old in zip(children, block.children, strict=True))
        return block if same else replace(block, children=children)

    def _shown(self, block: n.EmbedBlock, around: _Around) -> n.EmbedBlock:
        self._line = self._line if self._depth else block.line
        to = block.embed.to
        if to is None or (block.embed.fragment and not to.section):
            return block  # the link was reported as missing
        if (to.note, to.section) in around or self._depth == DEEPEST:
            why = "within itself" if self._depth < DEEPEST else f"within {DEEPEST} others"
            self._report("embed-nested", f"{to.title or to.note!r} would be shown {why}: a link stands there")
            return block
        source, found = self._find(to)
        if source is None or not found:
            return block
        self._depth += 1
        blocks = self.fill(found, source.id, (*around, (to.note, to.section)), 0)
        self._depth -= 1
        return replace(block, shown=n.Excerpt(source.video, blocks))

    def _find(self, to: n.Destination) -> tuple[Note | None, tuple[n.Block, ...]]:
        """Return the note of a destination and its blocks, or (None, ()) if a limit is reached; count them."""
        if self._embeds_left and to.note not in self._notes:
            self._notes[to.note] = self._look_up(to.note)
        source = self._notes.get(to.note)
        found = part_of(source, to.section) if source and self._embeds_left else ()
        self._bytes_left -= len(_ENCODER.encode(found))
        if self._embeds_left and source and self._bytes_left >= 0:
            self._embeds_left -= 1
            return source, found
        # Stop looking at embeds after the first over the limit: a thousand must not cost more.
        self._embeds_left = 0
        if not any(code == "embed-limit" for code, _ in self._reported):
            most = f"{MOST} embeds and {self._most_bytes // 1000:,} kB"
            self._report("embed-limit", f"a note shows no more of others than {most}: links stand there from here on")
        return None, ()

    def _report(self, code: str, message: str) -> None:
        if (code, self._line) not in self._reported:
            self._reported.add((code, self._line))
            self._say(code, self._line, message)


_ENCODER = msgspec.msgpack.Encoder()


def part_of(note: Note, fragment: str) -> tuple[n.Block, ...]:
    """Return the blocks at a fragment of a note (`Destination.section`) and the footnotes that they refer to.

    "" is the whole note; () is returned for a fragment that the note lacks.
    """
    if not fragment:
        return note.blocks
    found = _block_at(note.blocks, fragment)
    return (found, *_footnotes(note, found)) if found else ()


def _block_at(blocks: Iterable[n.Block], fragment: str) -> n.Block | None:
    """Return the section or named block; a name inside an item of a list is that of the item."""
    for block in blocks:
        if isinstance(block, n.Section):
            if block.id == fragment:
                return block
        elif fragment[0] == "^" and getattr(block, "name", "") == fragment[1:]:
            return block
        inner = _item_at(block, fragment) if isinstance(block, n.List) else _block_at(child_blocks(block), fragment)
        if inner:
            return inner
    return None


def _item_at(block: n.List, fragment: str) -> n.Block | None:
    for number, item in enumerate(block.items):
        found = _block_at(item.children, fragment)
        if found and found is item.children[0]:
            return n.List((item,), item.line, None if block.start is None else block.start + number, block.tight)
        if found:
            return found
    return None


def _footnotes(note: Note, block: n.Block) -> list[n.Footnote]:
    """Return the footnotes of the note that one of its blocks refers to, directly or through other footnotes.

    Those inside the block are left out.
    """
    known: dict[str, n.Footnote] = {}
    for footnote in _all_footnotes(note.blocks):
        known.setdefault(footnote.label, footnote)
    for footnote in _all_footnotes((block,)):
        known.pop(footnote.label, None)
    referred: list[n.Footnote] = []
    waiting: list[n.Block] = [block]
    while waiting:
        for node in inlines((waiting.pop(),)):
            if isinstance(node, n.FootnoteMark) and (footnote_of := known.pop(node.label, None)):
                referred.append(footnote_of)
                waiting.append(footnote_of)
    return referred


def _all_footnotes(blocks: Iterable[n.Block]) -> list[n.Footnote]:
    return [block for block in all_blocks(blocks) if isinstance(block, n.Footnote)]
