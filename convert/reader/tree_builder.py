"""Builds the tree of a note from the events of the Markdown parser.

A `NodeStack` has the open nodes. Sections are open nodes too: a heading closes those of its level or deeper and opens
its own. `_EVENTS` and `_LEAVES` have a function for each event, `_CLOSERS` one for each kind of node that ends.

Kept apart because it knows the parser and its events; the package knows notes and their kinds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import msgspec

from convert.document import nodes as n
from convert.document.note import HeadingFact, slug
from convert.document.walk import plain_text
from convert.reader.block_embeds import embed_blocks
from convert.reader.html_blocks import close_ended, close_part, close_parts, close_top, flat, holds_text, open_part
from convert.reader.html_tags import HEADINGS, Piece, add_tag, pieces, unwrap_tag, verbatim
from convert.reader.inline_nodes import add_text, close_image, close_link, close_stamp, split_stamps, without_joints
from convert.reader.node_stack import (
    DEEPEST,
    WRAPPERS,
    NodeStack,
    OpenNode,
    as_blocks,
    flattened,
    highlight,
    settle,
    split_name,
    strip_blanks,
    take_name,
)
from convert.reader.source import MATH_PARSER, PARSER, line_ends, shallow

_NEWLINE = n.Text("\n")
_INLINE_KINDS = frozenset((*WRAPPERS, "Link", "Image"))
_USUAL_TAG = '<a class="yt-timestamp" data-t="'
_VERBATIM = frozenset(("HtmlBlock", "CodeBlock"))


def build_tree(stack: NodeStack, source: str, math: bool) -> tuple[n.Block, ...]:
    """Return the blocks of a source, and collect its facts in the stack."""
    root = OpenNode("Root", 1)
    stack.nodes.append(root)
    _read(stack, source, math)
    close_parts(stack)
    _close_sections(stack, 0)
    return as_blocks(stack, root)


def _read(stack: NodeStack, source: str, math: bool = False) -> None:
    nodes, text, bare = stack.nodes, n.Text, "@" in source or "www." in source
    for event, span in (MATH_PARSER if math else PARSER).events_with_range(source, merge_text=True):
        if type(event) is str:
            _add_break(stack, event, span["start"])
            continue
        key, value = event.popitem()
        # Most events are plain text and stamps in the usual form: these cost no other call.
        if key == "Text" and stack.stamp is not None:
            stack.stamp[1].append(value)
        elif (
            key == "Text" and ":" not in value and stack.takes_text and not (bare and ("@" in value or "www." in value))
        ):
            stack.words += len(value.split())
            nodes[-1].children.append(text(value))
        elif key == "Start":
            _open(stack, value, span["start"])
        elif key == "InlineHtml" and stack.stamp is None and value.startswith(_USUAL_TAG):
            stack.stamp = (value[len(_USUAL_TAG) : -2].strip(), [])
        elif key == "InlineHtml" and stack.stamp is not None and value == "</a>":
            close_stamp(stack)
        elif key in _LEAVES:
            nodes[-1].children.append(_LEAVES[key](value))
        else:
            _EVENTS[key](stack, value)


def _reread(stack: NodeStack, source: str, line: int) -> None:
    """Read Markdown that was found inside an HTML block or code; `line` is that of its start."""
    source, outer = shallow(source), (stack.line_ends, stack.first_line)
    stack.line_ends, stack.first_line, stack.rereading = line_ends(source.encode()), line, True
    _read(stack, source)
    (stack.line_ends, stack.first_line), stack.rereading = outer, False


def _open(stack: NodeStack, value: Any, start: int) -> None:
    data: Any
    kind, data = (value, None) if type(value) is str else value.popitem()
    if kind in _INLINE_KINDS:
        if stack.stamp is not None:
            close_stamp(stack)
    else:
        stack.line = stack.first_line + bisect_right(stack.line_ends, start)
        stack.takes_text = kind not in _VERBATIM
        if kind == "Paragraph" and stack.nodes[-1].kind == "Item":
            stack.nodes[-2].kind = "LooseList"
        elif kind == "Heading":
            data = _begin_heading(stack, int(data["level"][1]))
    node = OpenNode(kind, stack.line, data)
    stack.nodes.append(node if len(stack.nodes) < DEEPEST else flattened(stack, node))


def _begin_heading(stack: NodeStack, level: int) -> tuple[int, int]:
    """Close what a heading ends, also parts of HTML around it; return its level and the section around it."""
    close_parts(stack)
    _close_sections(stack, level)
    outer, stack.section, stack.in_heading = stack.section, len(stack.headings), True
    return level, outer


def _close(stack: NodeStack, _: object) -> None:
    nodes = stack.nodes
    if stack.stamp is not None:
        close_stamp(stack)
    while (kind := nodes[-1].kind) == "Tag" or kind == "Part":
        unwrap_tag(stack) if kind == "Tag" else close_top(stack)
    if kind == "Section":
        _close_sections(stack, 0)
    node = nodes.pop()
    if node.children is not nodes[-1].children:
        _CLOSERS[node.kind](stack, node)
        return
    if node.kind == "Flat":
        settle(stack, node.line)
    if nodes[-1].kind != "Flat":
        message = f"nested more than {DEEPEST} levels deep: the deeper ones are set flat"
        stack.say("nesting-deep", node.line, message)


# Leaves


def _add_break(stack: NodeStack, kind: str, start: int) -> None:
    children = stack.nodes[-1].children
    if kind == "Rule":
        stack.line = stack.first_line + bisect_right(stack.line_ends, start)
        children.append(n.Rule(stack.line))
        return
    stack.line += 1
    children.append(_NEWLINE if kind == "SoftBreak" else n.LineBreak())


def _add_code(stack: NodeStack, text: str) -> None:
    children = stack.nodes[-1].children
    text, stamps = split_stamps(stack, text)
    stack.words += len(text.split())
    if text or not stamps:
        children.append(n.Code(text))
    if stamps:
        stack.say("code-stamps", stack.line, "stamps inside code stand behind it")
    for stamp in stamps:
        children += [n.Text(" "), stamp]


def _check_item(stack: NodeStack, checked: bool) -> None:
    for node in reversed(stack.nodes):
        if node.kind == "Item":
            node.data = checked
            return


# Sections

_LONGEST_ID = 120


def _close_heading(stack: NodeStack, node: OpenNode) -> None:
    title = highlight(strip_blanks(node.children))
    text = " ".join(title[0].text.split()) if len(title) == 1 and type(title[0]) is n.Text else plain_text(title)
    if stack.stamps and stack.stamps[-1].in_heading and stack.stamps[-1].section == len(stack.headings):
        text = without_joints(title, text)
    base = slug(text)[:_LONGEST_ID] or "section"
    count = stack.ids[base] = stack.ids.get(base, 0) + 1
    level, outer_section = node.data
    fact = HeadingFact(base if count == 1 else f"{base}-{count}", level, text, node.line)
    stack.in_heading = False
    stack.headings.append(fact)
    if len(stack.nodes) < DEEPEST:
        stack.nodes.append(OpenNode("Section", node.line, (fact, title, outer_section)))
    else:
        stack.nodes[-1].children.append(n.Section(fact.id, fact.level, title, (), node.line))


def _close_sections(stack: NodeStack, level: int) -> None:
    """Close the sections on top of the stack whose level is at least `level`."""
    nodes = stack.nodes
    while nodes[-1].kind == "Section" and nodes[-1].data[0].level >= level:
        node = nodes.pop()
        fact, title, outer_section = node.data
        nodes[-1].children.append(n.Section(fact.id, fact.level, title, as_blocks(stack, node), node.line))
        stack.section = outer_section


# Blocks

_ALIGNMENTS = {"None": "", "Left": "left", "Center": "center", "Right": "right"}
_NAMED = frozenset((n.Paragraph, n.List, n.Quote, n.Callout, n.CodeBlock, n.Table, n.EmbedBlock))
_NARROW = frozenset(("Item", "FootnoteDefinition"))
"""Nodes in which an embed remains a link, because they are too narrow for another note."""
_STRAY_LIST = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)]) ")
_NOTE_MARKUP = re.compile(r"\[\[[^\[\],\n]{2,}\]\]|data-t|\[[0-9:]{4,9}\]")


def _close_wrapper(stack: NodeStack, node: OpenNode) -> None:
    if node.children:
        stack.nodes[-1].children.append(WRAPPERS[node.kind](highlight(node.children)))


def _close_paragraph(stack: NodeStack, node: OpenNode) -> None:
    children, siblings = strip_blanks(node.children), stack.nodes[-1].children
    while children and type(children[-1]) is n.LineBreak:
        children.pop()
    children, name = split_name(stack, children)
    if children:
        paragraph = n.Paragraph(highlight(children), node.line, take_name(stack, name))
        narrow = not isinstance(children[0], n.Embed) or any(open.kind in _NARROW for open in stack.nodes)
        siblings += (paragraph,) if narrow else embed_blocks(paragraph)
    # A name on a line of its own is that of the block above, as Obsidian has it for tables, lists and quotes.
    elif name and siblings and type(siblings[-1]) in _NAMED and not siblings[-1].name:
        siblings[-1] = msgspec.structs.replace(siblings[-1], name=take_name(stack, name))
    if stack.nodes[-1].kind == "Part":
        close_ended(stack)


def _close_item(stack: NodeStack, node: OpenNode) -> None:
    stack.nodes[-1].children.append(n.Item(as_blocks(stack, node), node.line, node.data))


def _close_list(stack: NodeStack, node: OpenNode) -> None:
    made = n.List(tuple(node.children), node.line, node.data, node.kind == "List")
    stack.nodes[-1].children.append(made)
    if stack.nodes[-1].kind == "Part":
        close_ended(stack)


def _close_code(stack: NodeStack, node: OpenNode) -> None:
    stack.takes_text = True
    text, line, children = "".join(node.children), node.line, stack.nodes[-1].children
    stray = node.data == "Indented" and not stack.rereading and _STRAY_LIST.match(text) and _NOTE_MARKUP.search(text)
    if stray:
        stack.say("indent-stray", line, "an indented list with links or stamps is read as a list, not as code")
        _reread(stack, text, line)
        return
    text, stamps = split_stamps(stack, text)
    stack.words += len(text.split())
    if text.strip() or not stamps:
        info = node.data["Fenced"].split() if type(node.data) is dict else []
        children.append(n.CodeBlock(text.removesuffix("\n"), line, info[0] if info else ""))
    if stamps:
        stack.say("code-stamps", line, "stamps inside code stand below it")
        spaced = [inline for stamp in stamps for inline in (n.Text(" "), stamp)]
        children.append(n.Paragraph(tuple(spaced[1:]), line))


def _close_html(stack: NodeStack, node: OpenNode) -> None:
    """Read an HTML block: its tags are parts of the tree, and between them is Markdown with links and stamps."""
    stack.takes_text = True
    text, line = "".join(node.children), node.line
    if stack.rereading:
        stack.nodes[-1].children.append(n.Paragraph((n.Text(text.strip()),), line))
        return
    code, rest = verbatim(text)
    if code:
        _close_code(stack, OpenNode("CodeBlock", line, None, [code]))
        text, line = rest, line + text.count("\n") - rest.count("\n")
    for piece in pieces(stack, text, line):
        _add_piece(stack, piece)
    _end_heading(stack)


def _add_piece(stack: NodeStack, piece: Piece) -> None:
    stack.line = piece.line
    if piece.text:
        in_heading = stack.nodes[-1].kind == "Heading"
        _reread(stack, piece.text.replace("\n", " ") if in_heading else piece.text, piece.line)
        return
    level = int(piece.name[1]) if piece.name in HEADINGS else 0
    if level or piece.holds:
        _end_heading(stack)
    if level and not piece.closes and not holds_text(stack):
        stack.nodes.append(OpenNode("Heading", piece.line, _begin_heading(stack, level)))
    elif piece.closes:
        close_part(stack, piece.name)
    else:
        open_part(stack, piece.name, piece.tag)


def _end_heading(stack: NodeStack) -> None:
    """Close the heading of HTML that is open, if one is."""
    if stack.nodes[-1].kind == "Heading":
        node = stack.nodes.pop()
        node.children = flat(as_blocks(stack, node))
        if node.children:
            _close_heading(stack, node)
        else:
            stack.section, stack.in_heading = node.data[1], False


def _close_row(stack: NodeStack, node: OpenNode) -> None:
    stack.nodes[-1].children.append(n.Row(tuple(node.children)))


def _close_cell(stack: NodeStack, node: OpenNode) -> None:
    stack.nodes[-1].children.append(highlight(strip_blanks(node.children)))


def _close_table(stack: NodeStack, node: OpenNode) -> None:
    head, *rows = (child for child in node.children if type(child) is n.Row)
    alignments: Any = tuple(_ALIGNMENTS[name] for name in node.data)
    stack.nodes[-1].children.append(n.Table(alignments, head, tuple(rows), node.line))
    # The parser fills up short rows only so often; the lines beyond that are a paragraph in the table.
    stack.nodes[-1].children += (child for child in node.children if type(child) is not n.Row)


def _close_footnote(stack: NodeStack, node: OpenNode) -> None:
    stack.nodes[-1].children.append(n.Footnote(node.data, as_blocks(stack, node), node.line))


# Quotes and callouts

_CALLOUT = re.compile(r"\[!([^\[\]\n]{1,60})\]([+-]?)[ \t]*")
_FOLDS: dict[str, Any] = {"": "", "+": "open", "-": "closed"}


def _close_quote(stack: NodeStack, node: OpenNode) -> None:
    """Add a quote, or a callout for each paragraph in it that begins with Obsidian's `[!kind] title`."""
    children = as_blocks(stack, node)
    cuts = [i for i, child in enumerate(children) if i and _callout_lead(child)]
    for start, end in pairwise((0, *cuts, len(children))):
        line = children[start].line if start else node.line
        stack.nodes[-1].children.append(_callout_of(n.Quote(children[start:end], line)))


def _callout_lead(block: n.Block | None) -> re.Match[str] | None:
    lead = block.children[0] if isinstance(block, n.Paragraph) else None
    return _CALLOUT.match(lead.text) if isinstance(lead, n.Text) else None


def _callout_of(quote: n.Quote) -> n.Block:
    first = quote.children[0] if quote.children else None
    found = _callout_lead(first)
    if not found or not isinstance(first, n.Paragraph):
        return quote
    lead = found.string[found.end() :]
    rest = [*([n.Text(lead)] if lead else []), *first.children[1:]]
    cut = next((i for i, node in enumerate(rest) if type(node) is n.LineBreak or node == _NEWLINE), len(rest))
    title, body = strip_blanks(rest[:cut]), strip_blanks(rest[cut + 1 :])
    within = embed_blocks(n.Paragraph(tuple(body), first.line + 1, first.name)) if body else ()
    kind, _, extra = found[1].strip().partition("|")
    if extra.strip() and not title:
        title = [n.Text(extra.strip())]
    name = quote.name if body else quote.name or first.name
    blocks = (*within, *quote.children[1:])
    return n.Callout(kind.strip().lower(), tuple(title), blocks, quote.line, _FOLDS[found[2]], name)


_LEAVES: dict[str, Callable[[str], object]] = {
    "Html": str,
    "FootnoteReference": n.FootnoteMark,
    "InlineMath": n.Math,
    "DisplayMath": partial(n.Math, display=True),
}
_EVENTS: dict[str, Callable[[NodeStack, Any], None]] = {
    "End": _close,
    "Text": add_text,
    "InlineHtml": add_tag,
    "Code": _add_code,
    "TaskListMarker": _check_item,
}
_CLOSERS: dict[str, Callable[[NodeStack, OpenNode], None]] = {
    **dict.fromkeys(WRAPPERS, _close_wrapper),
    "Paragraph": _close_paragraph,
    "Heading": _close_heading,
    "Item": _close_item,
    "List": _close_list,
    "LooseList": _close_list,
    "BlockQuote": _close_quote,
    "CodeBlock": _close_code,
    "TableHead": _close_row,
    "TableRow": _close_row,
    "TableCell": _close_cell,
    "Table": _close_table,
    "FootnoteDefinition": _close_footnote,
    "HtmlBlock": _close_html,
    "Image": close_image,
    "Link": close_link,
}
