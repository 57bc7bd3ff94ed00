"""The stack of open nodes while a note is read, and what the vault needs of the note, gathered on the way."""

from __future__ import annotations

from typing import Any

import msgspec

from convert.document import nodes as n
from convert.document.note import HeadingFact, ImageFact, LinkFact, StampFact, Video
from convert.reader import inlines
from convert.reader.source import Say

_INLINE_KINDS = frozenset(n.Inline.__args__)


class Frame:
    """An open node: its kind, what it holds so far, the line it starts at and what its kind needs."""

    __slots__ = ("children", "data", "kind", "line")

    def __init__(self, kind: str, line: int, data: Any = None) -> None:
        self.kind = kind
        self.children: list[Any] = []
        self.line = line
        self.data = data


class Stack:
    """The frames from the root to the innermost open node."""

    def __init__(self, say: Say, video: Video | None = None, placed: bool = False) -> None:
        """With `placed` stamps and links hold their place among the facts in place of a meaning (`resolved`)."""
        self.headings: list[HeadingFact] = []
        self.links: list[LinkFact] = []
        self.stamps: list[StampFact] = []
        self.images: list[ImageFact] = []
        self.block_ids: list[tuple[str, int]] = []
        """Obsidian's names of blocks (`^a1b2c3` at their end), each with the section that it stands in."""
        self.words = 0
        self._say = say
        self._placed = placed
        self._video = video
        self._root = Frame("Root", 1)
        self._stack = [self._root]
        self._top = self._root
        self._line = 1
        self._section = -1
        self._in_heading = False
        self._ids: dict[str, int] = {}
        self._names: set[str] = set()
        self._stamp: tuple[str, list[str]] | None = None
        self._reread = 0
        self._takes_text = True
        """False inside blocks whose text is verbatim."""

    def _push(self, frame: Frame) -> None:
        self._stack.append(frame)
        self._top = frame

    def _pop(self) -> Frame:
        frame = self._stack.pop()
        self._top = self._stack[-1]
        return frame

    def _within(self, kinds: frozenset[str]) -> bool:
        """Whether an open node is of one of the kinds."""
        return any(frame.kind in kinds for frame in self._stack)

    def _without_name(self, children: list[n.Inline]) -> tuple[list[n.Inline], str]:
        """The inline nodes of a block without the name that links call it by, and the name, "" for none."""
        if not children or type(last := children[-1]) is not n.Text or "^" not in last.text:
            return children, ""
        found = inlines.BLOCK_ID.search(last.text)
        if not found or (found[0].startswith("^") and not inlines.ends_blank(children[:-1])):
            return children, ""
        self.words -= 1
        children[-1:] = [n.Text(last.text[: found.start()])] if found.start() else []
        return inlines.trimmed(children), found[1]

    def _taken(self, name: str) -> n.BlockName:
        """The name, taken down among the facts; unset where there is none or an earlier block of the note has it."""
        if not name or name in self._names:
            return msgspec.UNSET
        self._names.add(name)
        self.block_ids.append((name, self._section))
        return name

    def _as_blocks(self, frame: Frame) -> tuple[n.Block, ...]:
        """The children as blocks: runs of inline nodes (tight items hold them bare) become paragraphs."""
        children = frame.children
        for child in children:
            if type(child) in _INLINE_KINDS:
                return self._with_paragraphs(frame)
        return tuple(children)

    def _with_paragraphs(self, frame: Frame) -> tuple[n.Block, ...]:
        done: list[n.Block] = []
        run: list[n.Inline] = []
        for child in [*frame.children, None]:
            if type(child) in _INLINE_KINDS:
                run.append(child)
                continue
            if run:
                trimmed, name = self._without_name(inlines.trimmed(run))
                if trimmed:
                    done.append(n.Paragraph(marked(trimmed), frame.line, self._taken(name)))
            run = []
            if child is not None:
                done.append(child)
        return tuple(done)


def marked(children: list[n.Inline]) -> tuple[n.Inline, ...]:
    for child in children:
        if type(child) is n.Text and "==" in child.text:
            return tuple(inlines.mark_highlights(children))
    return tuple(children)
