"""Folds the events of the Markdown parser into the tree of a note.

A stack of frames mirrors the open nodes. Sections are frames too: a heading closes those of its level or deeper and
opens its own. What the vault needs (headings, links, stamps) is gathered on the way. The class is built up in layers,
a module each: frames, stamps, links, tags, sections, blocks, and here the events that drive them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from convert.document import nodes as n
from convert.document.timecode import parse_timestamp
from convert.reader.blocks import WRAPPERS, Blocks
from convert.reader.frames import Frame
from convert.reader.html_blocks import as_markdown
from convert.reader.markdown import events
from convert.reader.source import Lines

DEEPEST = 64
"""Containers nested deeper than this are folded into their parent; the deepest real note has 11 levels."""

_STRAY_LIST = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)]) ")
_NOTE_MARKUP = re.compile(r"\[\[[^\[\],\n]{2,}\]\]|data-t|\[[0-9:]{4,9}\]")
_VERBATIM = frozenset(("HtmlBlock", "CodeBlock"))
_NEWLINE = n.Text("\n")
_SOUND_OPENING = '<a class="yt-timestamp" data-t="'
_CLOSING = {"InlineHtml": "</a>"}
_END: tuple[Any, Any] = (None, None)
"""In place of an event behind the last one."""


class Fold(Blocks):
    """Builds one note's blocks; `run` may be called again for Markdown found inside HTML."""

    def run(self, text: str, math: bool, lines: Lines) -> None:
        """Takes in the events of one source; `lines` finds the lines of its UTF-8 bytes."""
        stream = events(text, math)
        for event, place in stream:
            if type(event) is str:
                self._break(event, place, lines)
                continue
            key, value = event.popitem()
            # Nine of ten events are plain text and sound stamps: they are dealt with here, without another call.
            if key == "Text":
                if self._stamp is None and "[" not in value and "(" not in value and self._takes_text:
                    self.words += len(value.split())
                    self._top.children.append(n.Text(value))
                else:
                    self._text(value)
            elif key == "InlineHtml" and self._stamp is None and value.startswith(_SOUND_OPENING):
                self._sound_stamp(value[len(_SOUND_OPENING) : -2], stream, lines)
            else:
                self._take(key, value, place, lines)

    def _sound_stamp(self, raw: str, stream: Iterator[tuple[Any, Any]], lines: Lines) -> None:
        """A stamp in the usual form, `[raw]` and `</a>` behind its opening tag; any other takes the long way."""
        (label, label_place), (closing, closing_place) = next(stream), next(stream, _END)
        if closing == _CLOSING and label == {"Text": f"[{raw}]"} and (ms := parse_timestamp(raw)) is not None:
            self._top.children.append(self._stamped(raw, ms))
            return
        self._stamp = (raw.strip(), [])
        for event, place in ((label, label_place), (closing, closing_place)):
            if type(event) is str:
                self._break(event, place, lines)
            elif event is not None:
                key, value = event.popitem()
                self._take(key, value, place, lines)

    def _take(self, key: str, value: Any, place: Any, lines: Lines) -> None:
        if key == "Start":
            self._start(value, place, lines)
        elif key == "End":
            self._close(value if type(value) is str else next(iter(value)))
        elif key == "Text":
            self._text(value)
        elif key == "InlineHtml":
            self._tag(value)
        else:
            self._leaf(key, value)

    def blocks(self) -> tuple[n.Block, ...]:
        """The tree, once all events are in."""
        while self._top is not self._root:
            self._close(self._top.kind)
        return self._as_blocks(self._root)

    def _break(self, event: str, place: dict[str, int], lines: Lines) -> None:
        if event == "Rule":
            self._line = lines.at(place["start"])
            self._top.children.append(n.Rule(self._line))
        else:
            self._line += 1
            self._top.children.append(_NEWLINE if event == "SoftBreak" else n.LineBreak())

    def _leaf(self, key: str, value: Any) -> None:
        children = self._top.children
        if key == "Code":
            self._code(value)
        elif key == "Html":
            children.append(value)
        elif key == "FootnoteReference":
            children.append(n.FootnoteMark(value))
        elif key == "TaskListMarker":
            self._check_item(value)
        elif key in ("InlineMath", "DisplayMath"):
            children.append(n.Math(value, key == "DisplayMath"))
        else:
            raise AssertionError(f"unknown event {key}")

    def _code(self, text: str) -> None:
        text, stamps = self._without_stamps(text) if "data-t" in text else (text, [])
        self.words += len(text.split())
        if text or not stamps:
            self._top.children.append(n.Code(text))
        if stamps:
            self._say("code-stamps", self._line, "stamps inside code stand behind it")
        for stamp in stamps:
            self._top.children += [n.Text(" "), stamp]

    def _check_item(self, checked: bool) -> None:
        for frame in reversed(self._stack):
            if frame.kind == "Item":
                frame.data = checked
                return

    def _start(self, value: Any, place: dict[str, int], lines: Lines) -> None:
        kind: str = value if type(value) is str else next(iter(value))
        data: Any = None if kind is value else value[kind]
        if kind == "Link" or kind in WRAPPERS or kind == "Image":
            if self._stamp is not None:
                self._close_stamp()
            self._push(Frame(kind, self._line, data))
            return
        self._line = lines.at(place["start"])
        if kind == "Paragraph" and self._top.kind == "Item":
            self._loosen()
        elif kind == "Heading":
            data = int(data["level"][1])
            self._close_sections(data)
            self._section, self._in_heading = len(self.headings), True
        self._takes_text = kind not in _VERBATIM
        self._push(Frame(kind, self._line, data))

    def _loosen(self) -> None:
        """A paragraph in an item makes its list loose."""
        for frame in reversed(self._stack):
            if frame.kind == "List":
                frame.kind = "LooseList"
                return
            if frame.kind == "LooseList":
                return

    def _close(self, kind: str) -> None:
        if self._stamp is not None:
            self._close_stamp()
        while self._top.kind == "Tag":
            self._unwrap_tag()
        if self._top.kind == "Section" and kind != "Section":
            self._close_sections(0)
        depth = len(self._stack)
        frame = self._pop()
        _CLOSERS[frame.kind](self, frame)
        if depth > DEEPEST:
            self._flatten(frame)

    def _flatten(self, frame: Frame) -> None:
        """Takes the node just added out again and leaves what it holds in its place."""
        children = self._top.children
        if not children:
            return
        node = children[-1]
        if type(node) in (n.List, n.Quote, n.Callout):
            inner = (
                [child for item in node.items for child in item.children]
                if type(node) is n.List
                else list(node.children)
            )
            children[-1:] = inner
        elif type(node) in (n.Emphasis, n.Strong, n.Strike):
            children[-1:] = node.children
        else:
            return
        self._say("nesting-deep", frame.line, f"nested more than {DEEPEST} levels deep: the deeper ones are set flat")

    def _close_code(self, frame: Frame) -> None:
        """An indented list with links or stamps is a list that was set in too far, other code is code."""
        text = "".join(frame.children)
        if frame.data != "Indented" or self._reread or not _STRAY_LIST.match(text) or not _NOTE_MARKUP.search(text):
            super()._close_code(frame)
            return
        self._takes_text = True
        self._say("indent-stray", frame.line, "an indented list with links or stamps is read as a list, not as code")
        self._reread = 1
        self.run(text, False, Lines(text.encode(), frame.line))
        self._reread = 0

    def _close_html(self, frame: Frame) -> None:
        """HTML blocks hold links and stamps of the note: what is in them is read again as Markdown."""
        self._takes_text = True
        text = "".join(frame.children)
        if self._reread:
            self._top.children.append(n.Paragraph((n.Text(text.strip()),), frame.line))
            return
        self._reread = 1
        source = as_markdown(text, self._players, self._drop)
        self.run(source, False, Lines(source.encode(), frame.line))
        self._reread = 0


_CLOSERS: dict[str, Callable[[Fold, Frame], None]] = {
    **dict.fromkeys(WRAPPERS, Fold._close_wrapper),
    "Paragraph": Fold._close_paragraph,
    "Heading": Fold._close_heading,
    "Section": Fold._close_section,
    "Item": Fold._close_item,
    "List": Fold._close_list,
    "LooseList": Fold._close_list,
    "BlockQuote": Fold._close_quote,
    "CodeBlock": Fold._close_code,
    "TableHead": Fold._close_row,
    "TableRow": Fold._close_row,
    "TableCell": Fold._close_cell,
    "Table": Fold._close_table,
    "FootnoteDefinition": Fold._close_footnote,
    "HtmlBlock": Fold._close_html,
    "Image": Fold._close_image,
    "Link": Fold._close_link,
}
