"""Folds the events of the Markdown parser into the tree of a note.

A stack of frames mirrors the open nodes. Sections are frames too: a heading closes those of its level or deeper and
opens its own. What the vault needs (headings, links, stamps) is gathered on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from convert.document import nodes as n
from convert.document.note import HeadingFact, LinkFact, Resolution, StampFact
from convert.document.slugs import slug
from convert.document.timecode import BARE_STAMP, STAMP, parse_timestamp
from convert.document.walk import plain_text
from convert.reader import inlines
from convert.reader.html_blocks import as_markdown
from convert.reader.markdown import events
from convert.reader.source import Lines, Say

DEEPEST = 64
"""Containers nested deeper than this are folded into their parent; the deepest real note has 11 levels."""

_LONGEST_ID = 120
_ALIGNMENTS = {"None": "", "Left": "left", "Center": "center", "Right": "right"}
_INLINE_KINDS = frozenset(n.Inline.__args__)
_WRAPPERS: dict[str, Callable[[tuple[n.Inline, ...]], n.Inline]] = {
    "Emphasis": n.Emphasis,
    "Strong": n.Strong,
    "Strikethrough": n.Strike,
}
_VERBATIM = frozenset(("HtmlBlock", "CodeBlock"))
_NEWLINE = n.Text("\n")
_SOUND_OPENING = '<a class="yt-timestamp" data-t="'
_CLOSING = {"InlineHtml": "</a>"}


class Frame:
    """An open node: its kind, what it holds so far, the line it starts at and what its kind needs."""

    __slots__ = ("children", "data", "kind", "line")

    def __init__(self, kind: str, line: int, data: Any = None) -> None:
        self.kind = kind
        self.children: list[Any] = []
        self.line = line
        self.data = data


class Fold:
    """Builds one note's blocks; `run` may be called again for Markdown found inside HTML."""

    def __init__(self, say: Say, resolution: Resolution | None) -> None:
        self.headings: list[HeadingFact] = []
        self.links: list[LinkFact] = []
        self.stamps: list[StampFact] = []
        self.words = 0
        self._say = say
        self._known = resolution
        self._root = Frame("Root", 1)
        self._stack = [self._root]
        self._top = self._root
        self._line = 1
        self._section = -1
        self._in_heading = False
        self._ids: dict[str, int] = {}
        self._stamp: tuple[str, list[str]] | None = None
        self._reread = 0
        self._takes_text = True
        """False inside blocks whose text is verbatim."""

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
        (label, label_place), (closing, closing_place) = next(stream), next(stream)
        if closing == _CLOSING and label == {"Text": f"[{raw}]"} and (ms := parse_timestamp(raw)) is not None:
            self._top.children.append(self._stamped(raw, ms))
            return
        self._stamp = (raw.strip(), [])
        for event, place in ((label, label_place), (closing, closing_place)):
            if type(event) is str:
                self._break(event, place, lines)
            else:
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

    # Leaves

    def _break(self, event: str, place: dict[str, int], lines: Lines) -> None:
        if event == "Rule":
            self._line = lines.at(place["start"])
            self._top.children.append(n.Rule(self._line))
        else:
            self._line += 1
            self._top.children.append(_NEWLINE if event == "SoftBreak" else n.LineBreak())

    def _text(self, text: str) -> None:
        if self._stamp is not None:
            self._stamp[1].append(text)
            return
        top = self._top
        if not self._takes_text:
            top.children.append(text)
            return
        self.words += len(text.split())
        if ":" in text and ("[" in text or "(" in text) and BARE_STAMP.search(text):
            self._bare_stamps(text)
        else:
            top.children.append(n.Text(text))

    def _leaf(self, key: str, value: Any) -> None:
        children = self._top.children
        if key == "Code":
            self.words += len(value.split())
            children.append(n.Code(value))
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

    def _check_item(self, checked: bool) -> None:
        for frame in reversed(self._stack):
            if frame.kind == "Item":
                frame.data = checked
                return

    # Stamps

    def _bare_stamps(self, text: str) -> None:
        children, at = self._top.children, 0
        for found in BARE_STAMP.finditer(text):
            if found.start() > at:
                children.append(n.Text(text[at : found.start()]))
            for raw in _times(found[0][1:-1]):
                children.append(self._stamped(raw, parse_timestamp(raw)))
            at = found.end()
        if at < len(text):
            children.append(n.Text(text[at:]))

    def _stamped(self, raw: str, literal_ms: int | None) -> n.Stamp:
        """The node of a stamp; its time is what the vault decided, else what it says."""
        index = len(self.stamps)
        self.stamps.append(StampFact(raw, literal_ms, self._line, self._section, self._in_heading))
        if literal_ms is None:
            self._say("stamp-unreadable", self._line, f"{raw[:40]!r} is no time: kept as text")
        times = self._known.times if self._known else ()
        return n.Stamp(raw, times[index] if index < len(times) else literal_ms)

    def _close_stamp(self) -> None:
        assert self._stamp is not None
        data, label = self._stamp[0], "".join(self._stamp[1])
        self._stamp = None
        ms, raw = parse_timestamp(data), data
        if ms is None and (ms := parse_timestamp(label)) is not None:
            raw = label.strip("[]() ")
        words = "" if STAMP.search(label) else label.strip("[] ")
        if ms is None and not STAMP.search(data + label):
            words = label
            self._say("stamp-unreadable", self._line, f"anchor with {data[:40]!r}, which is no time: its text is kept")
        else:
            self._top.children.append(self._stamped(raw or label, ms))
        if words:
            self._top.children.append(n.Text(words))

    # HTML

    def _tag(self, tag: str) -> None:
        if self._stamp is not None:
            if tag.startswith("</a"):
                self._close_stamp()
                return
            self._close_stamp()
        if tag.startswith("<a ") and "data-t" in tag:
            found = inlines.DATA_T.search(tag)
            self._stamp = (found[1].strip() if found else "", [])
            return
        if tag.startswith(("<!--", "<?", "<!")):
            return
        self._element(tag)

    def _element(self, tag: str) -> None:
        found = inlines.TAG.match(tag)
        name = found[2].lower() if found else ""
        closes = bool(found and found[1])
        if name in inlines.LINE_BREAKS:
            self._top.children.append(n.LineBreak())
        elif name in inlines.PAIRED or (name == "a" and (closes or inlines.HREF.search(tag))):
            self._pair(tag, name, closes)
        elif name == "img":
            address = inlines.attribute(inlines.SRC, tag)
            self._top.children.append(n.Image(address, inlines.attribute(inlines.ALT, tag)))
        elif name in inlines.CONTAINERS:
            self._say("html-dropped", self._line, f"the tag {tag[:40]} is left out, its text kept")
        else:
            self._top.children.append(n.Text(tag))

    def _pair(self, tag: str, name: str, closes: bool) -> None:
        if not closes:
            self._push(Frame("Tag", self._line, (name, tag)))
            return
        for frame in reversed(self._stack):
            if frame.kind != "Tag":
                break
            if frame.data[0] == name:
                while self._top is not frame:
                    self._unwrap_tag()
                self._pop()
                self._top.children.append(_paired(name, frame))
                return
        if name == "a":
            self._say("html-dropped", self._line, "a closing </a> without its partner is left out")
        else:
            self._top.children.append(n.Text(tag))

    def _unwrap_tag(self) -> None:
        """An element that was never closed: its tag is text."""
        frame = self._pop()
        self._top.children += [n.Text(frame.data[1]), *frame.children]

    # Nodes with children

    def _push(self, frame: Frame) -> None:
        self._stack.append(frame)
        self._top = frame

    def _pop(self) -> Frame:
        frame = self._stack.pop()
        self._top = self._stack[-1]
        return frame

    def _start(self, value: Any, place: dict[str, int], lines: Lines) -> None:
        kind: str = value if type(value) is str else next(iter(value))
        data: Any = None if kind is value else value[kind]
        if kind == "Link" or kind in _WRAPPERS or kind == "Image":
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

    # Closing, one method a kind

    def _close_wrapper(self, frame: Frame) -> None:
        if frame.children:
            self._top.children.append(_WRAPPERS[frame.kind](_marked(frame.children)))

    def _close_paragraph(self, frame: Frame) -> None:
        children = inlines.trimmed(frame.children)
        while children and type(children[-1]) is n.LineBreak:
            children.pop()
        if children:
            self._top.children.append(n.Paragraph(_marked(children), frame.line))

    def _close_heading(self, frame: Frame) -> None:
        title = _marked(inlines.trimmed(frame.children))
        text = _plain(title)
        self._in_heading = False
        name = self._section_id(text)
        self._push(Frame("Section", frame.line, (name, frame.data, title, len(self.headings))))
        self.headings.append(HeadingFact(name, frame.data, text, frame.line))

    def _section_id(self, text: str) -> str:
        base = slug(text)[:_LONGEST_ID] or "section"
        count = self._ids[base] = self._ids.get(base, 0) + 1
        return base if count == 1 else f"{base}-{count}"

    def _close_sections(self, level: int) -> None:
        """Closes the sections on top of the stack whose level is at least `level`."""
        while self._top.kind == "Section" and self._top.data[1] >= level:
            self._close_section(self._pop())
        self._section = self._index_of_open_section()

    def _index_of_open_section(self) -> int:
        for frame in reversed(self._stack):
            if frame.kind == "Section":
                return int(frame.data[3])
        return -1

    def _close_section(self, frame: Frame) -> None:
        name, level, title, _ = frame.data
        self._top.children.append(n.Section(name, level, title, self._as_blocks(frame), frame.line))

    def _close_item(self, frame: Frame) -> None:
        self._top.children.append(n.Item(self._as_blocks(frame), frame.line, frame.data))

    def _close_list(self, frame: Frame) -> None:
        items = tuple(frame.children)
        self._top.children.append(n.List(items, frame.line, frame.data, frame.kind == "List"))

    def _close_quote(self, frame: Frame) -> None:
        quote = n.Quote(self._as_blocks(frame), frame.line)
        self._top.children.append(inlines.callout_of(quote))

    def _close_code(self, frame: Frame) -> None:
        self._takes_text = True
        info = frame.data.get("Fenced", "") if type(frame.data) is dict else ""
        text = "".join(frame.children)
        self.words += len(text.split())
        self._top.children.append(
            n.CodeBlock(text.removesuffix("\n"), frame.line, info.split()[0] if info.split() else "")
        )

    def _close_row(self, frame: Frame) -> None:
        self._top.children.append(n.Row(tuple(frame.children)))

    def _close_cell(self, frame: Frame) -> None:
        self._top.children.append(_marked(inlines.trimmed(frame.children)))

    def _close_table(self, frame: Frame) -> None:
        alignments = tuple(_ALIGNMENTS[name] for name in frame.data)
        head, *rows = frame.children
        self._top.children.append(n.Table(alignments, head, tuple(rows), frame.line))  # type: ignore[arg-type]

    def _close_footnote(self, frame: Frame) -> None:
        self._top.children.append(n.Footnote(frame.data, self._as_blocks(frame), frame.line))

    def _close_html(self, frame: Frame) -> None:
        """HTML blocks hold links and stamps of the note: what is in them is read again as Markdown."""
        self._takes_text = True
        text = "".join(frame.children)
        if self._reread:
            self._top.children.append(n.Paragraph((n.Text(text.strip()),), frame.line))
            return
        self._reread = 1
        source = as_markdown(text)
        self.run(source, False, Lines(source.encode(), frame.line))
        self._reread = 0

    def _close_image(self, frame: Frame) -> None:
        alt = plain_text(frame.children)
        if "WikiLink" not in frame.data["link_type"]:
            self._top.children.append(n.Image(frame.data["dest_url"], alt))
            return
        target, fragment = inlines.split_target(frame.data["dest_url"].rstrip("\\"))
        label = alt if frame.data["link_type"]["WikiLink"]["has_pothole"] else ""
        to = self._link_fact(target, fragment, embed=True)
        self._top.children.append(n.Embed(target, fragment, label.strip(), to))

    def _close_link(self, frame: Frame) -> None:
        children = inlines.trimmed(frame.children) if "WikiLink" in frame.data["link_type"] else frame.children
        address = frame.data["dest_url"]
        if children and all(type(child) is n.Stamp for child in children):
            self._top.children += children
        elif "WikiLink" not in frame.data["link_type"]:
            self._top.children.append(
                n.Link(address, _marked(children)) if children else n.Link(address, (n.Text(address),))
            )
        elif inlines.is_literal(address):
            self._top.children += [n.Text("[["), *children, n.Text("]]")]
        else:
            self._wikilink(address.strip().rstrip("\\"), children)

    def _wikilink(self, address: str, children: list[n.Inline]) -> None:
        if inlines.is_external(address):
            self._top.children.append(n.Link(address, _marked(children) or (n.Text(address),)))
            return
        target, fragment = inlines.split_target(address)
        if not target and not fragment:
            self._top.children.append(n.Text(f"[[{address}]]"))
            return
        if parse_timestamp(address) is not None and STAMP.fullmatch(address):
            self._top.children.append(self._stamped(address, parse_timestamp(address)))
            return
        to = self._link_fact(target, fragment)
        label = _marked(children) or (n.Text(_readable(to, target, fragment)),)
        self._top.children.append(n.WikiLink(target, label, fragment, to))

    def _link_fact(self, target: str, fragment: str, embed: bool = False) -> n.Destination | None:
        index = len(self.links)
        self.links.append(LinkFact(target, fragment, self._line, self._section, embed))
        known = self._known.links if self._known else ()
        return known[index] if index < len(known) else None

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
            if run and (trimmed := inlines.trimmed(run)):
                done.append(n.Paragraph(_marked(trimmed), frame.line))
            run = []
            if child is not None:
                done.append(child)
        return tuple(done)


_CLOSERS: dict[str, Callable[[Fold, Frame], None]] = {
    **dict.fromkeys(_WRAPPERS, Fold._close_wrapper),
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


def _marked(children: list[n.Inline]) -> tuple[n.Inline, ...]:
    for child in children:
        if type(child) is n.Text and "==" in child.text:
            return tuple(inlines.mark_highlights(children))
    return tuple(children)


def _plain(title: tuple[n.Inline, ...]) -> str:
    if len(title) == 1 and type(only := title[0]) is n.Text:
        return " ".join(only.text.split())
    return plain_text(title)


def _times(written: str) -> list[str]:
    """The stamps in a pair of brackets: a list (`a, b`) is several, a range (`a - b`) one that starts at its first."""
    if "," in written or ";" in written:
        return [found[0] for found in STAMP.finditer(written)]
    return [written.strip()]


def _paired(name: str, frame: Frame) -> n.Inline:
    children = tuple(frame.children)
    if name == "a":
        return n.Link(inlines.attribute(inlines.HREF, frame.data[1]), children)
    return inlines.PAIRED[name](children)


def _readable(to: n.Destination | None, target: str, fragment: str) -> str:
    """The text of a link without a label: the title it leads to, else its target in plain words."""
    return (to.title if to else "") or (target or fragment.lstrip("^")).replace("_", " ")
