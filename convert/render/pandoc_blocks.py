"""Block nodes as pandoc blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, assert_never

from convert.document import nodes as n
from convert.document.walk import child_blocks, plain_text, stamps
from convert.document.walk import inlines as all_inlines
from convert.render import pandoc_inlines
from convert.render.pandoc import MAX_DEPTH, Context, Json, attributes, raw, raw_inline
from convert.render.pandoc_text import break_runs, breakable, clean_code, right_to_left, strings, typst_string

NO_HEADINGS = 0
"""The level of headings where they cannot stand, in footnotes: they become bold lines."""

LONGEST_PARAGRAPH = 20_000
"""Characters that Typst is given as one paragraph, a node that is no text counted as ten."""

MOST_COLUMNS = 64
MOST_CELLS = 20_000
LONGEST_CELL = 5000
"""A table of more columns, cells or characters in one fits no page or costs Typst gigabytes: its rows are lines."""

ALIGNMENTS = {"": "AlignDefault", "left": "AlignLeft", "center": "AlignCenter", "right": "AlignRight"}


def note_body(children: Iterable[n.Block], context: Context) -> list[Json]:
    """The blocks of a note in order; footnotes stand at their marks, those without a mark at the end."""
    children = tuple(children)
    footnotes = Footnotes(children, context)
    context.footnote = footnotes.take
    return [*blocks(children, context, context.level + 1), *footnotes.left_over()]


class Footnotes:
    """The footnotes of a note, each set where its mark stands."""

    def __init__(self, children: Iterable[n.Block], context: Context) -> None:
        self._context = context
        self._notes = {note.label: note for note in reversed([*_footnotes(children)])}
        self._used: set[str] = set()
        self._open: set[str] = set()

    def take(self, label: str) -> list[Json]:
        """The blocks of a footnote; [] when it is not there or when its own text marks it."""
        if label not in self._notes or label in self._open:
            return []
        self._used.add(label)
        self._open.add(label)
        content = blocks(self._notes[label].children, self._context, NO_HEADINGS)
        self._open.discard(label)
        return content

    def left_over(self) -> list[Json]:
        """The blocks of the footnotes that no mark points to: their text is not lost."""
        rest = [label for label in reversed(self._notes) if label not in self._used]
        return [block for label in rest for block in self.take(label)]


def _footnotes(children: Iterable[n.Block]) -> Iterator[n.Footnote]:
    for child in children:
        if isinstance(child, n.Footnote):
            yield child
        yield from _footnotes(child_blocks(child))


def blocks(
    children: Iterable[n.Block], context: Context, level: int, tight: bool = False, depth: int = 0
) -> list[Json]:
    """pandoc's blocks; `level` is that of the next heading, whatever number of `#` the note gave it."""
    result: list[Json] = []
    for child in children:
        result += block(child, context, level, tight, depth)
    return result


def block(node: n.Block, context: Context, level: int, tight: bool, depth: int) -> list[Json]:
    """One block; below `MAX_DEPTH` its words alone."""
    if depth > MAX_DEPTH:
        return _flat(node)
    match node:
        case n.Paragraph(children, name=name):
            return _paragraph(children, context, tight, spot(name, context))
        case n.Section():
            deeper = level + 1 if level else NO_HEADINGS
            return [*_heading(node, context, level), *blocks(node.children, context, deeper, depth=depth)]
        case n.List(name=name):
            return _spotted(name, context, _list(node, context, level, depth + 1))
        case n.Quote(children, name=name):
            quote = {"t": "BlockQuote", "c": blocks(children, context, level, depth=depth + 1)}
            return _spotted(name, context, [quote])
        case n.Callout(name=name):
            return _spotted(name, context, _callout(node, context, level, depth + 1))
        case n.CodeBlock(text, language=language, name=name):
            return _spotted(name, context, [_code(text, language)])
        case n.Table(name=name):
            table = _rows_as_lines(node, context) if _too_big(node) else [_table(node, context)]
            return _spotted(name, context, table)
        case n.Footnote():
            return []
        case n.Rule():
            return [{"t": "HorizontalRule"}]
        case n.EmbedBlock(embed, name=name):
            mark = spot(name, context)
            if not isinstance(node.shown, n.Excerpt):
                return _paragraph((embed,), context, tight, mark)
            return _excerpt(embed, node.shown, context, depth + 1, mark)
        case _:
            assert_never(node)


def spot(name: n.BlockName, context: Context) -> list[Json]:
    """The invisible mark that links to a named block lead to; nothing where the book has no label for it."""
    label = context.section_label(f"^{name}") if name else ""
    if not label:
        return []
    context.defined.add(label)
    if context.dialect == "typst":
        return [raw_inline(f'#spot("{label}");')]
    return [{"t": "Span", "c": [attributes(label), []]}]


def _spotted(name: n.BlockName, context: Context, content: list[Json]) -> list[Json]:
    """Blocks behind the mark of their name."""
    mark = spot(name, context)
    return [{"t": "Plain", "c": mark}, *content] if mark else content


def _paragraph(children: tuple[n.Inline, ...], context: Context, tight: bool, mark: list[Json]) -> list[Json]:
    """The paragraph behind its mark; one in Hebrew or Arabic runs from the right."""
    content = _trimmed(pandoc_inlines.inlines(children, context))
    if not content:
        return []
    content = mark + content
    break_runs(content)
    pieces = _pieces(content)
    blocks = [{"t": "Plain" if tight and len(pieces) == 1 else "Para", "c": piece} for piece in pieces]
    leftward = context.dialect == "typst" and not tight and right_to_left(plain_text(children))
    return [raw("#leftward["), *blocks, raw("]")] if leftward else blocks


def _pieces(content: list[Json]) -> list[list[Json]]:
    """A very long paragraph in several: what Typst takes for one grows faster than its length."""
    pieces: list[list[Json]] = [[]]
    weight = 0
    for part in content:
        weight += len(part["c"]) if part["t"] == "Str" else 10
        if weight > LONGEST_PARAGRAPH and part["t"] in ("Space", "Str"):
            weight = 0
            # What begins a paragraph must not begin a list there.
            pieces.append(strings(part["c"]) if part["t"] == "Str" else [])
        else:
            pieces[-1].append(part)
    return [piece for piece in pieces if piece]


def _flat(node: n.Block) -> list[Json]:
    text = strings(plain_text(all_inlines([node])))
    return [{"t": "Para", "c": text}] if text else []


def _trimmed(content: list[Json]) -> list[Json]:
    """Without blanks and line breaks at the ends, where Typst would give them a meaning or a line."""
    start, end = 0, len(content)
    while start < end and content[start]["t"] in ("Space", "LineBreak"):
        start += 1
    while end > start and content[end - 1]["t"] in ("Space", "LineBreak"):
        end -= 1
    return content[start:end]


def _heading(node: n.Section, context: Context, level: int) -> list[Json]:
    """The heading and the marks of its topics; one without words shows its stamps as written."""
    context.in_heading, context.heading_marks = level != NO_HEADINGS, []
    content = _trimmed(pandoc_inlines.inlines(node.title, context))
    context.in_heading = False
    if not plain_text(node.title):
        content = strings(" ".join(stamp.raw for stamp in stamps(node.title)) or "…")
    if level == NO_HEADINGS:
        return [{"t": "Para", "c": [{"t": "Strong", "c": content}]}]
    content = _without_gap(content)
    label = context.section_label(node.id)
    context.defined.add(label)
    header = {"t": "Header", "c": [level, attributes(label), content]}
    return [header, *context.heading_marks]


def _without_gap(content: list[Json]) -> list[Json]:
    """Without the blanks before the stamps at the end: bookmarks show the words alone."""
    end = len(content)
    while end and content[end - 1]["t"] in ("Space", "RawInline"):
        end -= 1
    return [*content[:end], *(one for one in content[end:] if one["t"] == "RawInline")]


def _list(node: n.List, context: Context, level: int, depth: int) -> list[Json]:
    items = [_item(item, node.tight, context, level, depth) for item in node.items]
    if node.start is None:
        bullets = {"t": "BulletList", "c": items}
        tasks = context.dialect == "typst" and all(item.checked is not None for item in node.items)
        return [raw("#tasks["), bullets, raw("]")] if tasks else [bullets]
    style = [node.start, {"t": "Decimal"}, {"t": "Period"}]
    return [{"t": "OrderedList", "c": [style, items]}]


def _item(item: n.Item, tight: bool, context: Context, level: int, depth: int) -> list[Json]:
    """The blocks of an item, its first paragraph opened by a box when it is a task."""
    content = blocks(item.children, context, level, tight, depth)
    for one, following in pairwise(content):
        if one["t"] == following["t"] == "Plain":
            one["t"] = "Para"
    if item.checked is None:
        return content
    box: list[Json] = [{"t": "Str", "c": "☒" if item.checked else "☐"}, {"t": "Space"}]
    if content and content[0]["t"] in ("Plain", "Para"):
        return [{"t": content[0]["t"], "c": box + content[0]["c"]}, *content[1:]]
    return [{"t": "Plain", "c": box}, *content]


def _callout(node: n.Callout, context: Context, level: int, depth: int) -> list[Json]:
    title = _trimmed(pandoc_inlines.inlines(node.title, context)) or strings(node.kind.capitalize())
    body = blocks(node.children, context, level, depth=depth)
    if context.dialect != "typst":
        head = {"t": "Para", "c": [{"t": "Strong", "c": title}]}
        return [{"t": "BlockQuote", "c": [head, *body]}]
    opening = raw(f"#callout({typst_string(node.kind)}, [")
    return [opening, {"t": "Plain", "c": title}, raw("])["), *body, raw("]")]


def _excerpt(embed: n.Embed, shown: n.Excerpt, context: Context, depth: int, mark: list[Json]) -> list[Json]:
    """Blocks of another note below the line that names it; its headings are bold lines, out of the contents."""
    source = [*mark, *pandoc_inlines.inlines((embed,), context)]
    inner = replace(context, video=shown.video, section_label=lambda _: "", index=False)
    footnotes = Footnotes(shown.blocks, inner)
    inner.footnote = footnotes.take
    body = [*blocks(shown.blocks, inner, NO_HEADINGS, depth=depth), *footnotes.left_over()]
    context.formulas = inner.formulas
    if context.dialect != "typst":
        return [{"t": "BlockQuote", "c": [{"t": "Para", "c": source}, *body]}]
    return [raw("#excerpt(["), {"t": "Plain", "c": source}, raw("])["), *body, raw("]")]


def _code(text: str, language: str) -> Json:
    """The code; a language is a word of letters, digits and `+#-`, anything else is dropped."""
    plain = language.lower().replace("+", "").replace("#", "").replace("-", "")
    classes = [language.lower()] if plain.isascii() and plain.isalnum() else []
    return {"t": "CodeBlock", "c": [attributes("", classes), breakable(clean_code(text).rstrip("\n"))]}


def _table(node: n.Table, context: Context) -> Json:
    columns = [[{"t": ALIGNMENTS[alignment]}, {"t": "ColWidthDefault"}] for alignment in node.alignments]
    head = [attributes(), [_row(node.head, context)]]
    body = [attributes(), 0, [], [_row(row, context) for row in node.rows]]
    return {"t": "Table", "c": [attributes(), [None, []], columns, head, [body], [attributes(), []]]}


def _too_big(node: n.Table) -> bool:
    columns = len(node.alignments)
    if columns > MOST_COLUMNS or columns * len(node.rows) > MOST_CELLS:
        return True
    return any(len(plain_text(cell)) > LONGEST_CELL for row in (node.head, *node.rows) for cell in row.cells)


def _rows_as_lines(node: n.Table, context: Context) -> list[Json]:
    """A paragraph for each row that has words, a bar between its cells."""
    bar = ({"t": "Space"}, {"t": "Str", "c": "|"}, {"t": "Space"})
    result: list[Json] = []
    for row in (node.head, *node.rows):
        cells = [content for cell in row.cells if (content := _trimmed(pandoc_inlines.inlines(cell, context)))]
        line = [part for content in cells for part in (*bar, *content)]
        if line:
            break_runs(line)
            result += [{"t": "Para", "c": piece} for piece in _pieces(line[3:])]
    return result


def _row(row: n.Row, context: Context) -> list[Any]:
    return [attributes(), [_cell(cell, context) for cell in row.cells]]


def _cell(cell: tuple[n.Inline, ...], context: Context) -> list[Any]:
    content = _trimmed(pandoc_inlines.inlines(cell, context))
    return [attributes(), {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": content}] if content else []]
