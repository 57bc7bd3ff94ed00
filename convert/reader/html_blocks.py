"""Builds the tree of HTML that stands in blocks: details, figures, lists, definitions, tables, quotes, alignment.

What a tag opens may go on beyond its HTML block, around blocks of Markdown: so each element is an open node (`Part`)
until its closing tag, the end of the Markdown block around it, or a heading, which belongs to the sections of the note.

Kept apart because it knows HTML's rules of nesting; the tree builder knows the parser's events.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from convert.document import nodes as n
from convert.document.walk import all_blocks, child_blocks, own_inlines
from convert.reader.html_tags import BREAKS, HEADINGS, TEXT_ONLY
from convert.reader.node_stack import NodeStack, OpenNode, as_blocks, highlight, strip_blanks

_ALIGN = re.compile(r"""\balign\s*+[=:]\s*+["']?(left|center|right)""", re.IGNORECASE)
_NUMBER = re.compile(r"""\b(start|colspan|rowspan)\s*+=\s*+["']?([0-9]{1,9})""", re.IGNORECASE)
_MOST_COLUMNS = 64
_MOST_ROWS = 1000
"""Rows that one cell may span."""
_DEEPEST = 60
"""Open nodes beyond which a tag opens nothing; what it holds is part of what is around it."""
_WITHIN = {
    "summary": ("details",),
    "figcaption": ("figure",),
    "caption": ("table",),
    "dt": ("dl",),
    "dd": ("dl",),
    "li": ("ul", "ol"),
    "tr": ("table",),
    "td": ("tr", "table"),
    "th": ("tr", "table"),
}
"""The elements that hold these; one that stands elsewhere only parts what is before it from what is behind."""


class Part(msgspec.Struct):
    """An open element: its name and tag, the title found in it, and whether it ends with the block in it."""

    name: str
    tag: str
    title: tuple[n.Inline, ...] = ()
    ends: bool = False


class Cell(NamedTuple):
    """A cell of a table; `columns` and `rows` are what it spans."""

    blocks: tuple[n.Block, ...]
    heads: bool
    align: Any
    columns: int
    rows: int


def holds_text(stack: NodeStack) -> bool:
    """Return whether a heading of HTML would be a line within a part, not a section."""
    for node in reversed(stack.nodes):
        if node.kind != "Part":
            return False
        if node.data.name in TEXT_ONLY or node.data.name == "blockquote":
            return True
    return False


def open_part(stack: NodeStack, name: str, tag: str) -> None:
    """Open an element after those that it ends; an element where it has no place opens nothing."""
    if stack.nodes[-1].kind == "Part" and stack.nodes[-1].data.name == "p":
        close_top(stack)
    holder = _around(stack, _WITHIN.get(name, ()))
    if name in _WITHIN:
        if not holder:
            return
        _close_down_to(stack, holder)
        if name in ("td", "th") and holder.data.name == "table":
            stack.nodes.append(OpenNode("Part", stack.line, Part("tr", "")))
    elif name in BREAKS and not _aligned(tag) and not _around(stack, (name,)):
        return
    if len(stack.nodes) < _DEEPEST:
        stack.nodes.append(OpenNode("Part", stack.line, Part(name, tag)))


def close_part(stack: NodeStack, name: str) -> None:
    """Close the innermost open element of a name and those in it, if there is one."""
    if node := _around(stack, (name,)):
        _close_down_to(stack, node)
        close_top(stack)


def close_parts(stack: NodeStack) -> None:
    """Close all elements up to the block of Markdown around them."""
    while stack.nodes[-1].kind == "Part":
        close_top(stack)


def close_ended(stack: NodeStack) -> None:
    """Close the innermost element if its closing tag stood in the text of a block in it."""
    if stack.nodes[-1].data.ends:
        close_top(stack)


def _around(stack: NodeStack, names: Sequence[str]) -> OpenNode | None:
    for node in reversed(stack.nodes):
        if node.kind != "Part":
            return None
        if node.data.name in names:
            return node
    return None


def _close_down_to(stack: NodeStack, node: OpenNode) -> None:
    while stack.nodes[-1] is not node:
        close_top(stack)


def close_top(stack: NodeStack) -> None:
    """Close the innermost element: add its node to what is around it."""
    node = stack.nodes.pop()
    _BUILDERS.get(node.data.name, _close_aligned)(stack, node)


def _close_aligned(stack: NodeStack, node: OpenNode) -> None:
    blocks = as_blocks(stack, node)
    kind: Any = _aligned(node.data.tag) or ("center" if node.data.name == "center" else "")
    shown = (n.Group(kind, (), blocks, node.line),) if kind and kind != "left" and blocks else blocks
    stack.nodes[-1].children += shown


def _aligned(tag: str) -> str:
    found = _ALIGN.search(tag)
    return found[1].lower() if found else ""


def _close_titled(stack: NodeStack, node: OpenNode) -> None:
    """Add details or a figure; one that holds nothing is left out."""
    blocks, title = as_blocks(stack, node), node.data.title
    if blocks or title:
        stack.nodes[-1].children.append(n.Group(node.data.name, title, blocks, node.line))


def _close_title(stack: NodeStack, node: OpenNode) -> None:
    """Make the title of the element around it; a second one is a block in it."""
    blocks, around = as_blocks(stack, node), stack.nodes[-1]
    if around.data.title:
        around.children += blocks
    else:
        around.data.title = tuple(flat(blocks))


def _close_quote(stack: NodeStack, node: OpenNode) -> None:
    if blocks := as_blocks(stack, node):
        stack.nodes[-1].children.append(n.Quote(blocks, node.line))


def _close_line(stack: NodeStack, node: OpenNode) -> None:
    """Add a heading in a part as a line in bold."""
    if words := flat(as_blocks(stack, node)):
        stack.nodes[-1].children.append(n.Paragraph((n.Strong(tuple(words)),), node.line))


def _close_item(stack: NodeStack, node: OpenNode) -> None:
    stack.nodes[-1].children.append(n.Item(as_blocks(stack, node), node.line))


def _close_list(stack: NodeStack, node: OpenNode) -> None:
    held = as_blocks(stack, node)
    items = tuple([one if isinstance(one, n.Item) else n.Item((one,), one.line) for one in held])
    start = _number(node.data.tag, "start", 1) if node.data.name == "ol" else None
    if items:
        stack.nodes[-1].children.append(n.List(items, node.line, start))


def _close_term(stack: NodeStack, node: OpenNode) -> None:
    stack.nodes[-1].children.append(n.Group("definition", tuple(flat(as_blocks(stack, node))), (), node.line))


def _close_definition(stack: NodeStack, node: OpenNode) -> None:
    blocks, siblings = as_blocks(stack, node), stack.nodes[-1].children
    last = siblings[-1] if siblings else None
    if isinstance(last, n.Group) and last.kind == "definition":
        siblings[-1] = replace(last, children=(*last.children, *blocks))
    else:
        siblings.append(n.Group("definition", (), blocks, node.line))


def _close_definitions(stack: NodeStack, node: OpenNode) -> None:
    held = as_blocks(stack, node)
    if held:
        stack.nodes[-1].children.append(n.Group("definitions", (), held, node.line))


# Tables


def _close_cell(stack: NodeStack, node: OpenNode) -> None:
    part = node.data
    columns = min(max(_number(part.tag, "colspan", 1), 1), _MOST_COLUMNS)
    rows = min(max(_number(part.tag, "rowspan", 1), 1), _MOST_ROWS)
    cell = Cell(as_blocks(stack, node), part.name == "th", _aligned(part.tag), columns, rows)
    stack.nodes[-1].children.append(cell)


def _close_row(stack: NodeStack, node: OpenNode) -> None:
    """Add the cells of a row to its table; what stands between them stands before the table."""
    cells = [one for one in node.children if isinstance(one, Cell)]
    node.children = [one for one in node.children if not isinstance(one, Cell)]
    stack.nodes[-1].children += as_blocks(stack, node)
    if cells:
        stack.nodes[-1].children.append(cells)


def _close_table(stack: NodeStack, node: OpenNode) -> None:
    """Add a table; one of a single cell, or whose cells hold sections, is the blocks in it."""
    rows: list[list[Cell]] = [one for one in node.children if isinstance(one, list)]
    node.children = [one for one in node.children if not isinstance(one, list)]
    siblings = stack.nodes[-1].children
    siblings += as_blocks(stack, node)
    cells = list(chain.from_iterable(rows))
    inside = [block for cell in cells for block in cell.blocks]
    plain = len(cells) < 2 or any(isinstance(block, n.Section) for block in all_blocks(inside))
    shown = inside if plain else [_table_of(rows, node.line)]
    title = node.data.title
    siblings += [n.Group("figure", title, tuple(shown), node.line)] if title else shown


def _table_of(rows: Sequence[Sequence[Cell]], line: int) -> n.Table:
    grid = _grid(rows)
    # Columns that no cell begins are left out: a short row may claim 64.
    width = max([at + 1 for row in grid for at, slot in enumerate(row) if slot.text], default=1)
    lines = [n.Row(tuple([slot.text for slot in row[:width]] + [()] * (width - len(row)))) for row in grid]
    alignments: list[Any] = [
        next((row[at].align for row in grid if at < len(row) and row[at].align), "") for at in range(width)
    ]
    headed = all(cell.heads for cell in rows[0])
    head = lines.pop(0) if headed else n.Row(((),) * width)
    return n.Table(tuple(alignments), head, tuple(lines), line)


class _Slot(NamedTuple):
    text: tuple[n.Inline, ...] = ()
    align: Any = ""


def _grid(rows: Iterable[Sequence[Cell]]) -> list[list[_Slot]]:
    """Return the rows with a slot for each column; a cell that spans several is in the first."""
    grid: list[list[_Slot]] = []
    taken: dict[int, int] = {}
    for row in rows:
        slots: list[_Slot] = []
        waiting = list(row)[::-1]
        while (waiting or taken.get(len(slots))) and len(slots) < _MOST_COLUMNS:
            if taken.get(at := len(slots)):
                taken[at] -= 1
                slots.append(_Slot())
                continue
            cell = waiting.pop()
            slots += [_Slot(tuple(flat(cell.blocks)), cell.align), *[_Slot()] * (cell.columns - 1)]
            taken |= dict.fromkeys(range(at, at + cell.columns), cell.rows - 1)
        if waiting:
            rest = flat([block for cell in waiting[::-1] for block in cell.blocks])
            slots[-1] = _Slot((*slots[-1].text, n.Text(" "), *rest), slots[-1].align)
        grid.append(slots)
    return grid


def _number(tag: str, name: str, default: int) -> int:
    return next((int(value) for key, value in _NUMBER.findall(tag) if key.lower() == name), default)


def flat(blocks: Iterable[n.Block]) -> list[n.Inline]:
    """Return blocks as one run of inline nodes, with line breaks between them and signs before items of lists."""
    lines = [strip_blanks(list(line)) for block in blocks for line in _lines(block)]
    joined = chain.from_iterable([(n.LineBreak(), *line) for line in lines if line])
    return list(highlight(list(joined)[1:]))


def _lines(block: n.Block) -> Iterator[Iterable[n.Inline]]:
    match block:
        case n.List(items, start=start):
            for number, item in enumerate(items):
                sign = "\u2022 " if start is None else f"{start + number}. "
                yield (n.Text(sign), *flat(item.children))
        case n.CodeBlock(text):
            yield (n.Code(text),)
        case n.Table(head=head, rows=rows):
            for row in (head, *rows):
                yield [node for at, cell in enumerate(row.cells) for node in ((n.Text(" | "),) if at else ()) + cell]
        case _:
            yield own_inlines(block)
            for child in child_blocks(block):
                yield from _lines(child)


_BUILDERS: dict[str, Callable[[NodeStack, OpenNode], None]] = {
    **dict.fromkeys(("details", "figure"), _close_titled),
    **dict.fromkeys(("summary", "figcaption", "caption"), _close_title),
    **dict.fromkeys(("ul", "ol"), _close_list),
    **dict.fromkeys(("td", "th"), _close_cell),
    **dict.fromkeys(HEADINGS, _close_line),
    "blockquote": _close_quote,
    "li": _close_item,
    "dl": _close_definitions,
    "dt": _close_term,
    "dd": _close_definition,
    "tr": _close_row,
    "table": _close_table,
}
