"""Converts nodes to pandoc's blocks and inlines.

Kept apart because the writer that imports it only runs pandoc.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any, assert_never

from convert.document import nodes as n
from convert.document.walk import all_blocks, around, embed_text, inlines, plain_text, stamps
from convert.render.furniture import callout_title
from convert.render.pandoc import (
    DEEPEST_FOOTNOTE,
    MAX_DEPTH,
    Context,
    Json,
    attributes,
    cell_texts,
    closed,
    code_block,
    code_inlines,
    columns_of,
    footnote_again,
    footnote_end,
    hyperlink,
    image_inlines,
    leads_in,
    math_inlines,
    raw,
    raw_inline,
    stamp_inlines,
    with_rules,
)
from convert.render.pandoc_text import (
    bookmarkable,
    paragraphs_of,
    right_to_left,
    strings,
    tied,
    times_joined,
    trimmed,
    typst_string,
    vetted_url,
    without_start,
)
from convert.render.typography import as_lines

NO_HEADINGS = 0
"""The level of headings in footnotes, where they become bold lines."""
_FUNCTIONS = {"kbd": "as-code", "samp": "as-code", "small": "small"}
_WRAPS: dict[type[n.Node], str] = {
    n.Emphasis: "Emph",
    n.Strong: "Strong",
    n.Strike: "Strikeout",
    n.Superscript: "Superscript",
    n.Subscript: "Subscript",
}


def note_body(children: tuple[n.Block, ...], context: Context, level: int | None = None, depth: int = 0) -> list[Json]:
    """Return the blocks of a note in order: footnotes at their first marks, unmarked and too deep ones at the end.

    `level` is the level of the outermost headings; by default, one below the note's own.
    """
    found = [one for one in all_blocks(children) if isinstance(one, n.Footnote)]
    context.footnotes = {one.label: one for one in reversed(found)}
    context.footnotes_done, context.footnotes_open, context.footnote_ends = set(), set(), {}
    result = pandoc_blocks(children, context, context.level + 1 if level is None else level, depth=depth)
    for label in reversed(context.footnotes):
        if label not in context.footnotes_done:
            result += _footnote(label, context)
    return result


def _footnote(label: str, context: Context) -> list[Json]:
    """Return the blocks of a footnote; [] if it is missing, if its own text marks it, or if it is too deep."""
    if label not in context.footnotes or label in context.footnotes_open:
        return []
    if len(context.footnotes_open) == DEEPEST_FOOTNOTE:
        context.footnotes_deep.add(context.footnotes[label].line)
        return []
    context.footnotes_done.add(label)
    context.footnotes_open.add(label)
    content = pandoc_blocks(context.footnotes[label].children, context, NO_HEADINGS)
    context.footnotes_open.discard(label)
    return content


def _footnote_mark(label: str, context: Context) -> list[Json]:
    """Return the footnote at its first mark, at later ones a reference: copies would multiply.

    Only in the text can it have a label. What Typst may show again would have two, and footnotes within others are lost
    at the end of a page: a footnote that these mark is there once, and once more in the text.
    """
    if label in context.footnote_ends and label not in context.footnotes_open:
        return footnote_again(label, context)
    in_text = not (context.repeated or context.footnotes_open)
    content = _footnote(label, context) if in_text or label not in context.footnotes_done else []
    if not content:
        return strings(f"[{label}]")
    return [{"t": "Note", "c": content}, footnote_end(label, context, in_text)]


def pandoc_blocks(
    children: Iterable[n.Block], context: Context, level: int, tight: bool = False, depth: int = 0
) -> list[Json]:
    """Return pandoc's blocks; `level` is the level of the next headings, however many `#` the note gave them."""
    result: list[Json] = []
    blocks = times_joined(children)
    for child, following in zip(blocks, [*blocks[1:], None], strict=False):
        found = pandoc_block(child, context, level, tight, depth)
        if found and context.typst and not tight and leads_in(child, following):
            found = [raw("#lead-in["), *found, raw("]")]
        if found and not depth:
            found[0]["line"] = child.line  # pandoc does not read it
        result += found
    return result


def pandoc_block(node: n.Block, context: Context, level: int, tight: bool, depth: int) -> list[Json]:
    """Return one block as pandoc's; below `MAX_DEPTH`, only its words."""
    if depth > MAX_DEPTH:
        words = strings(plain_text(inlines([node])))
        return [{"t": "Para", "c": words}] if words else []
    match node:
        case n.Paragraph(children, name=name):
            return _paragraph(children, context, tight, context.spot(name))
        case n.Section():
            deeper = level + 1 if level else NO_HEADINGS
            return [*_heading(node, context, level), *pandoc_blocks(node.children, context, deeper, depth=depth)]
        case n.List(name=name):
            return _spotted(name, context, _list(node, context, level, depth + 1))
        case n.Quote(children, name=name):
            content = pandoc_blocks(children, context, level, depth=depth + 1)
            return _spotted(name, context, [{"t": "BlockQuote", "c": content}])
        case n.Callout(name=name):
            return _spotted(name, context, _callout(node, context, level, depth + 1))
        case n.Group():
            return _group(node, context, level, depth + 1)
        case n.CodeBlock(text, language=language, name=name):
            return _spotted(name, context, [code_block(text, language)])
        case n.Table(name=name):
            texts = cell_texts(node)
            table = _rows_as_lines(node, context) if texts is None else _table(node, texts, context)
            return _spotted(name, context, table)
        case n.Footnote():
            return []
        case n.Rule():
            return [{"t": "HorizontalRule"}]
        case n.EmbedBlock(embed, name=name):
            target = context.spot(name)
            if not isinstance(node.shown, n.Excerpt):
                return _paragraph((embed,), context, tight, target)
            return _excerpt(embed, node.shown, context, depth + 1, target)
        case _:
            assert_never(node)


def _spotted(name: n.BlockName, context: Context, content: list[Json]) -> list[Json]:
    """Return blocks after the target of links to their name."""
    target = context.spot(name)
    return [{"t": "Plain", "c": target}, *content] if target else content


def _paragraph(children: tuple[n.Inline, ...], context: Context, tight: bool, target: list[Json]) -> list[Json]:
    """Return the paragraph after its link target; Hebrew and Arabic ones are set from the right."""
    content = tied(trimmed(pandoc_inlines(context.line_of(as_lines(children, context.breaks)), context)))
    if not content:
        return []
    pieces = paragraphs_of(target + content)
    result = [{"t": "Plain" if tight and len(pieces) == 1 else "Para", "c": piece} for piece in pieces]
    leftward = context.typst and not tight and right_to_left(plain_text(children))
    return [raw("#leftward["), *result, raw("]")] if leftward else result


def _heading(node: n.Section, context: Context, level: int) -> list[Json]:
    """Return the heading and its index entries; a heading without words shows its stamps as written."""
    context.in_heading, context.heading_entries = level != NO_HEADINGS, []
    if plain_text(node.title):
        with context.shown_again(context.in_heading):
            content = trimmed(pandoc_inlines(context.line_of(node.title), context)) or strings("…")
    else:
        content = strings(" ".join([stamp.raw for stamp in stamps(node.title)]) or "…")
    context.in_heading = False
    if level == NO_HEADINGS:
        return [{"t": "Para", "c": [{"t": "Strong", "c": content}]}]
    content = bookmarkable(content)
    label = context.section_label(node.id)
    context.defined.add(label)
    return [{"t": "Header", "c": [level, attributes(label), content]}, *context.heading_entries]


def _list(node: n.List, context: Context, level: int, depth: int) -> list[Json]:
    items = [_item(item, node.tight, context, level, depth) for item in node.items]
    if node.start is not None:
        return [{"t": "OrderedList", "c": [[node.start, {"t": "Decimal"}, {"t": "Period"}], items]}]
    bullets: Json = {"t": "BulletList", "c": items}
    tasks = context.typst and all(item.checked is not None for item in node.items)
    return [raw("#tasks["), bullets, raw("]")] if tasks else [bullets]


def _item(item: n.Item, tight: bool, context: Context, level: int, depth: int) -> list[Json]:
    """Return the blocks of an item; the first paragraph of a task begins with a box."""
    content = pandoc_blocks(item.children, context, level, tight, depth)
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
    title = trimmed(pandoc_inlines(context.line_of(node.title), context))
    title = title or strings(callout_title(context.language, node.kind))
    body = pandoc_blocks(node.children, context, level, depth=depth)
    if context.typst:
        return _framed(f"callout({typst_string(node.kind)}, ", title, body)
    return _quoted([_strong(title)], body)


def _group(node: n.Group, context: Context, level: int, depth: int) -> list[Json]:
    """Return what HTML holds together: the rest of details, figures and definitions below their title."""
    title = trimmed(pandoc_inlines(context.line_of(node.title), context))
    body = pandoc_blocks(node.children, context, level, depth=depth)
    match node.kind:
        case "details":
            title = title or strings(callout_title(context.language, "details"))
            return _framed('callout("", ', title, body) if context.typst else _quoted([_strong(title)], body)
        case "definition":
            return [{"t": "DefinitionList", "c": [[title, [body]]]}] if title else body
        case "figure":
            return [*body, *([{"t": "Para", "c": [{"t": "Emph", "c": title}]}] if title else [])]
        case "definitions":
            return body
        case _:
            return [raw(f"#align({node.kind})["), *body, raw("]")] if context.typst else body


def _strong(content: list[Json]) -> Json:
    return {"t": "Strong", "c": content}


def _framed(opening: str, title: list[Json], body: list[Json]) -> list[Json]:
    """Return a call of a template function whose last arguments are a title line and blocks."""
    return [raw(f"#{opening}["), {"t": "Plain", "c": title}, raw("])["), *body, raw("]")]


def _quoted(title: list[Json], body: list[Json]) -> list[Json]:
    return [{"t": "BlockQuote", "c": [{"t": "Para", "c": title}, *body]}]


def _excerpt(embed: n.Embed, shown: n.Excerpt, context: Context, depth: int, target: list[Json]) -> list[Json]:
    """Return blocks of another note below a line that names it; its headings become bold lines."""
    source = [*target, *pandoc_inline(embed, context)]
    inner = replace(context, video=shown.video, section_label=lambda _: "", index=False, footnotes_deep=set())
    body = note_body(shown.blocks, inner, NO_HEADINGS, depth)
    context.formulas = inner.formulas
    return _framed("excerpt(", source, body) if context.typst else _quoted(source, body)


def _table(node: n.Table, texts: list[list[str]], context: Context) -> list[Json]:
    with context.shown_again():
        head = [attributes(), [_row(node.head, context)]]
    body = [attributes(), 0, [], [_row(row, context) for row in node.rows]]
    table: Json = {
        "t": "Table",
        "c": [attributes(), [None, []], columns_of(node, texts, context), head, [body], [attributes(), []]],
    }
    return with_rules(table, texts, head) if context.typst else [table]


def _row(row: n.Row, context: Context) -> list[Any]:
    cells: list[Any] = []
    for cell in row.cells:
        content = tied(trimmed(pandoc_inlines(context.line_of(cell), context)))
        cells.append([attributes(), {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": content}] if content else []])
    return [attributes(), cells]


def _rows_as_lines(node: n.Table, context: Context) -> list[Json]:
    """Return a paragraph for each row that has words, with bars between its cells."""
    bar: list[Json] = [{"t": "Space"}, {"t": "Str", "c": "|"}, {"t": "Space"}]
    result: list[Json] = []
    for row in (node.head, *node.rows):
        cells = [content for cell in row.cells if (content := trimmed(pandoc_inlines(context.line_of(cell), context)))]
        line = [part for content in cells for part in (*bar, *content)]
        result += [{"t": "Para", "c": piece} for piece in paragraphs_of(line, len(bar))]
    return result


def pandoc_inlines(children: Iterable[n.Inline], context: Context, linked: bool = False) -> list[Json]:
    """Return pandoc's inlines; `linked` means inside a link, where no other link is allowed."""
    result: list[Json] = []
    for child in children:
        result += pandoc_inline(child, context, linked)
    return result


def pandoc_inline(node: n.Inline, context: Context, linked: bool = False) -> list[Json]:
    """Return one node as pandoc's inlines."""
    match node:
        case n.Text(text):
            return strings(context.typeset.get(id(node), text))
        case n.Code(text):
            return code_inlines(text, context)
        case n.Math(tex, display):
            return math_inlines(tex, display, context)
        case n.LineBreak():
            return [{"t": "LineBreak"}]
        case (
            n.Emphasis(children)
            | n.Strong(children)
            | n.Strike(children)
            | n.Superscript(children)
            | n.Subscript(children)
        ):
            blanks, content = without_start(pandoc_inlines(children, context, linked))
            return [*blanks, *closed([{"t": _WRAPS[type(node)], "c": content}], context)] if content else blanks
        case n.Highlight(children):
            span = {"t": "Span", "c": [attributes("", ["mark"]), pandoc_inlines(children, context, linked)]}
            return closed([span], context)
        case n.Element():
            return _element(node, context, linked)
        case n.Link(url, children):
            return _link(url, children, context, linked)
        case n.WikiLink():
            return _wikilink(node, context, linked)
        case n.Embed(to=to):
            return _internal_link(strings(embed_text(node)), to, context, linked)
        case n.Image():
            return image_inlines(node, context, linked)
        case n.Stamp():
            return stamp_inlines(node, context, linked)
        case n.FootnoteMark(label):
            return _footnote_mark(label, context)
        case _:
            assert_never(node)


def _element(node: n.Element, context: Context, linked: bool) -> list[Json]:
    """Return an element; a reading and the long form of an abbreviation stand in brackets after the words."""
    before, behind = around(node)
    blanks, content = without_start(pandoc_inlines(node.children, context, linked))
    content = [*strings(before), *content, *strings(behind)]
    content += strings(f" ({node.full})") if node.full else []
    if node.name in ("u", "ins", "var") and content:
        content = [{"t": "Emph" if node.name == "var" else "Underline", "c": content}]
    elif node.name in ("kbd", "samp", "small") and content and context.typst:
        return [*blanks, raw_inline(f"#{_FUNCTIONS[node.name]}["), *content, raw_inline("];")]
    return [*blanks, *closed(content, context)] if content else blanks


def _link(url: str, children: tuple[n.Inline, ...], context: Context, linked: bool) -> list[Json]:
    """Return a link to a vetted address; it is split at stamps in its label because links cannot nest."""
    address = vetted_url(url)
    if linked or not address:
        return pandoc_inlines(children, context, linked) or strings(url)
    result: list[Json] = []
    label: list[n.Inline] = []
    for child in (*children, None):
        if child is not None and not any(stamps([child])):
            label.append(child)
            continue
        if content := pandoc_inlines(label, context, linked=True):
            result += hyperlink(address, content, context)
        label = []
        if child is not None:
            result += pandoc_inline(child, context)
    return result or hyperlink(address, strings(url), context)


def _wikilink(node: n.WikiLink, context: Context, linked: bool) -> list[Json]:
    if any(stamps(node.children)):
        return pandoc_inlines(node.children, context, linked)
    content = pandoc_inlines(node.children, context, linked=True)
    return context.index_entry(node) + _internal_link(content, node.to, context, linked)


def _internal_link(content: list[Json], to: n.Destination | None, context: Context, linked: bool) -> list[Json]:
    """Return the content as a link to its destination in the book, without a link if it has none."""
    label = context.label(to) if to and not linked else None
    blanks, content = without_start(content)
    if label is None or not content:
        return [*blanks, *content]
    context.linked.add(label)
    if not context.typst:
        return [*blanks, *hyperlink("#" + label, content, context)]
    function = "to-in-heading" if context.in_heading else "to"
    return [*blanks, raw_inline(f'#{function}("{label}")['), *content, raw_inline("];")]
