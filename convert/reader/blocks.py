"""Paragraphs, lists, quotes, code, tables and footnotes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from convert.document import nodes as n
from convert.reader import inlines, standing
from convert.reader.callouts import callouts_of
from convert.reader.frames import Frame, marked
from convert.reader.sections import Sections

_ALIGNMENTS = {"None": "", "Left": "left", "Center": "center", "Right": "right"}
_NAMED = frozenset((n.Paragraph, n.List, n.Quote, n.Callout, n.CodeBlock, n.Table, n.EmbedBlock))
_CLOSE = frozenset(("Item", "FootnoteDefinition"))
"""Where another note has no room: there an embed is a link."""
WRAPPERS: dict[str, Callable[[tuple[n.Inline, ...]], n.Inline]] = {
    "Emphasis": n.Emphasis,
    "Strong": n.Strong,
    "Strikethrough": n.Strike,
}


class Blocks(Sections):
    """What becomes of each kind of block, and of emphasis, when it closes."""

    def _close_wrapper(self, frame: Frame) -> None:
        if frame.children:
            self._top.children.append(WRAPPERS[frame.kind](marked(frame.children)))

    def _close_paragraph(self, frame: Frame) -> None:
        children = inlines.trimmed(frame.children)
        while children and type(children[-1]) is n.LineBreak:
            children.pop()
        children, name = self._without_name(children)
        if children:
            paragraph, taken = marked(children), self._taken(name)
            if type(paragraph[0]) is n.Embed and not self._within(_CLOSE):
                self._top.children += standing.paragraph(paragraph, frame.line, taken)
            else:
                self._top.children.append(n.Paragraph(paragraph, frame.line, taken))
        elif name:
            self._name_above(name)

    def _name_above(self, name: str) -> None:
        """A name on a line of its own is that of the block above, as Obsidian has it for tables, lists and quotes."""
        siblings = self._top.children
        if siblings and type(siblings[-1]) in _NAMED and not siblings[-1].name:
            siblings[-1] = msgspec.structs.replace(siblings[-1], name=self._taken(name))

    def _close_item(self, frame: Frame) -> None:
        self._top.children.append(n.Item(self._as_blocks(frame), frame.line, frame.data))

    def _close_list(self, frame: Frame) -> None:
        items = tuple(frame.children)
        self._top.children.append(n.List(items, frame.line, frame.data, frame.kind == "List"))

    def _close_quote(self, frame: Frame) -> None:
        quote = n.Quote(self._as_blocks(frame), frame.line)
        self._top.children += callouts_of(quote)

    def _close_code(self, frame: Frame) -> None:
        self._takes_text = True
        info = frame.data.get("Fenced", "") if type(frame.data) is dict else ""
        text = "".join(frame.children)
        text, stamps = self._without_stamps(text) if "data-t" in text else (text, [])
        self.words += len(text.split())
        if text.strip() or not stamps:
            language = info.split()[0] if info.split() else ""
            self._top.children.append(n.CodeBlock(text.removesuffix("\n"), frame.line, language))
        if stamps:
            self._say("code-stamps", frame.line, "stamps inside code stand below it")
            spaced = [piece for stamp in stamps for piece in (n.Text(" "), stamp)]
            self._top.children.append(n.Paragraph(tuple(spaced[1:]), frame.line))

    def _close_row(self, frame: Frame) -> None:
        self._top.children.append(n.Row(tuple(frame.children)))

    def _close_cell(self, frame: Frame) -> None:
        self._top.children.append(marked(inlines.trimmed(frame.children)))

    def _close_table(self, frame: Frame) -> None:
        alignments = tuple(_ALIGNMENTS[name] for name in frame.data)
        head, *rows = (child for child in frame.children if type(child) is n.Row)
        self._top.children.append(n.Table(alignments, head, tuple(rows), frame.line))  # type: ignore[arg-type]
        # The parser fills up short rows only so often; lines beyond that stand in the table as a paragraph.
        self._top.children += (child for child in frame.children if type(child) is not n.Row)

    def _close_footnote(self, frame: Frame) -> None:
        self._top.children.append(n.Footnote(frame.data, self._as_blocks(frame), frame.line))
