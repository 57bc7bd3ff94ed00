"""The state of reading one note: the stack of open nodes, and the facts collected so far.

All functions that build the tree share one `NodeStack`. This module also has what every closing node needs: it strips
runs of inline nodes, finds their highlights and makes paragraphs of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, get_args

import msgspec

from convert.document import nodes as n
from convert.document.note import HeadingFact, ImageFact, LinkFact, StampFact, Video
from convert.reader.source import Say
from convert.reader.video_address import Places


class OpenNode(msgspec.Struct):
    """An open node: its kind, first line and data of its kind."""

    kind: str
    line: int
    data: Any = None
    children: list[Any] = []


class NodeStack(msgspec.Struct):
    """The open nodes from the root to the innermost, and the facts of the note in text order."""

    say: Say
    line_ends: list[int]
    """The offsets in bytes after each line of the source whose events are being read."""
    first_line: int
    """The number of its first line in the file."""
    video: Video | None = None
    headings: list[HeadingFact] = []
    links: list[LinkFact] = []
    stamps: list[StampFact] = []
    images: list[ImageFact] = []
    block_ids: list[tuple[str, int]] = []
    """Obsidian's names of blocks (`^a1b2c3` at their end), each with the section that holds it."""
    words: int = 0
    nodes: list[OpenNode] = []
    line: int = 1
    section: int = -1
    in_heading: bool = False
    ids: dict[str, int] = {}
    """The number of sections with the same slug."""
    names: set[str] = set()
    stamp: tuple[str, list[str]] | None = None
    """The time in the tag of an anchored stamp that is open, and the texts of its label."""
    rereading: bool = False
    """Whether the source is Markdown found inside HTML or code."""
    takes_text: bool = True
    """False inside blocks whose text is verbatim."""
    players: dict[str, int] = {}
    """The number of open players of each element."""
    player_shown: bool = False
    places: Places | None = None
    """Which lines are about which video, in a note about several."""


DEEPEST = 64
"""Containers nested deeper than this are folded into their parent; the deepest real note has 11 levels."""
WRAPPERS: dict[str, Callable[[tuple[n.Inline, ...]], n.Inline]] = {
    "Emphasis": n.Emphasis,
    "Strong": n.Strong,
    "Strikethrough": n.Strike,
}
"""The nodes that wrap inline nodes, by their kind."""
_HOLDERS = frozenset(("BlockQuote", "List", "Item"))
INLINE = frozenset((*get_args(n.Inline), *n.UNRESOLVED))
_BLOCK_ID = re.compile(r"(?:\s|\A)\^(?=[A-Za-z0-9-]*[A-Za-z]|[0-9]{6})([A-Za-z0-9-]{3,80})\Z")
"""Obsidian's name of a block at its end; `r ^2` and `e ^ix` are text."""


def split_name(stack: NodeStack, children: list[n.Inline]) -> tuple[list[n.Inline], str]:
    """Return the inline nodes of a block without the name that links call it by, and the name or ""."""
    if not children or type(last := children[-1]) is not n.Text or "^" not in last.text:
        return children, ""
    found = _BLOCK_ID.search(last.text)
    if not found or (found[0].startswith("^") and not ends_blank(children[:-1])):
        return children, ""
    stack.words -= 1
    children[-1:] = [n.Text(last.text[: found.start()])] if found.start() else []
    return strip_blanks(children), found[1]


def take_name(stack: NodeStack, name: str) -> n.BlockName:
    """Add the name of a block to the facts and return it; return UNSET for "" and for a name that is taken."""
    if not name or name in stack.names:
        return msgspec.UNSET
    stack.names.add(name)
    stack.block_ids.append((name, stack.section))
    return name


def as_blocks(stack: NodeStack, node: OpenNode) -> tuple[n.Block, ...]:
    """Return the children as blocks: runs of inline nodes (tight items hold them bare) become paragraphs."""
    for child in node.children:
        if type(child) in INLINE:
            return _with_paragraphs(stack, node)
    return tuple(node.children)


def _with_paragraphs(stack: NodeStack, node: OpenNode) -> tuple[n.Block, ...]:
    blocks: list[n.Block] = []
    run: list[n.Inline] = []
    for child in (*node.children, None):
        if type(child) in INLINE:
            run.append(child)
            continue
        if run:
            children, name = split_name(stack, strip_blanks(run))
            if children:
                blocks.append(n.Paragraph(highlight(children), node.line, take_name(stack, name)))
        run = []
        if child is not None:
            blocks.append(child)
    return tuple(blocks)


def flattened(stack: NodeStack, node: OpenNode) -> OpenNode:
    """Return what to open for a node at the deepest level: wrappers, quotes and lists add to the children around it."""
    around = stack.nodes[-1]
    if node.kind in WRAPPERS:
        # Its children are its parent's from the start: handed up level by level, they would be copied at each.
        node.children = around.children
    elif node.kind in _HOLDERS and (node.kind != "Item" or around.kind == "Flat"):
        settle(stack, around.line)
        return OpenNode("Flat", node.line, None, around.children)
    return node


def settle(stack: NodeStack, line: int) -> None:
    """Make a paragraph of the inline nodes at the end of the innermost node, so that others do not join them."""
    children = stack.nodes[-1].children
    start = len(children)
    while start and type(children[start - 1]) in INLINE:
        start -= 1
    if start < len(children):
        children[start:] = as_blocks(stack, OpenNode("Flat", line, None, children[start:]))


def strip_blanks(children: list[n.Inline]) -> list[n.Inline]:
    """Strip the blanks at both ends of the children and return them."""
    if not children:
        return children
    first, last = children[0], children[-1]
    # Most need nothing: this is called for each node that has children.
    if (type(first) is not n.Text or first.text[:1].strip()) and (type(last) is not n.Text or last.text[-1:].strip()):
        return children
    start, end = 0, len(children)
    while end and type(node := children[end - 1]) is n.Text and not node.text.strip():
        end -= 1
    while start < end and type(node := children[start]) is n.Text and not node.text.strip():
        start += 1
    if start or end < len(children):
        # Both ends at once: to take thousands of blanks from the start one by one would move the rest each time.
        children[:] = children[start:end]
    for at, strip in ((0, str.lstrip), (-1, str.rstrip)):
        if children and type(node := children[at]) is n.Text and (text := strip(node.text)) != node.text:
            children[at] = n.Text(text)
    return children


def ends_blank(children: list[n.Inline]) -> bool:
    """Return whether the next node would start a line or follow a blank."""
    last = children[-1] if children else None
    return last is None or type(last) is n.LineBreak or (type(last) is n.Text and last.text[-1:].isspace())


# Highlights

_EQUALS = re.compile(r"(?<!=)==(?!=)")
_WORD = re.compile(r"[A-Za-z0-9_]")


class _Equals(NamedTuple):
    """Two equals signs, and whether the characters beside them let them open or close a highlight."""

    opens: bool
    closes: bool


def highlight(children: list[n.Inline]) -> tuple[n.Inline, ...]:
    """Return the children with each run between two `==` in a Highlight; `a == b` and `a==b` remain text."""
    for child in children:
        if type(child) is n.Text and "==" in child.text:
            break
    else:
        return tuple(children)
    done: list[n.Inline] = []
    opened: int | None = None
    for piece in _split_at_equals(children):
        if not isinstance(piece, _Equals):
            done.append(piece)
        elif opened is not None and piece.closes and opened + 1 < len(done):
            done[opened:] = [n.Highlight(tuple(done[opened + 1 :]))]
            opened = None
        else:
            opened = len(done) if piece.opens else opened
            done.append(n.Text("=="))
    return tuple(done)


def _split_at_equals(children: list[n.Inline]) -> Iterator[n.Inline | _Equals]:
    for i, node in enumerate(children):
        if type(node) is not n.Text or "==" not in node.text:
            yield node
            continue
        before = _shown_at(children[i - 1], -1) if i else " "
        after = _shown_at(children[i + 1], 0) if i + 1 < len(children) else " "
        text, start = node.text, 0
        for found in _EQUALS.finditer(text):
            if found.start() > start:
                yield n.Text(text[start : found.start()])
            left = text[found.start() - 1] if found.start() else before
            right = text[found.end()] if found.end() < len(text) else after
            yield _Equals(
                opens=not right.isspace() and not _WORD.match(left),
                closes=not left.isspace() and not _WORD.match(right),
            )
            start = found.end()
        if start < len(text):
            yield n.Text(text[start:])


def _shown_at(node: n.Inline, end: int) -> str:
    """Return the first or last character of a text, "." for other nodes."""
    return node.text[end] if type(node) is n.Text and node.text else "."
