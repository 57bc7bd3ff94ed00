"""Converts nodes to pandoc's blocks and inlines.

Kept apart because the writer that imports it only runs pandoc.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any, assert_never

from convert.document import nodes as n
from convert.document.timecode import clock
from convert.document.video import watch_url
from convert.document.walk import all_blocks, embed_text, inlines, plain_text, stamps
from convert.render.pandoc import MAX_DEPTH, Context, Json, attributes, raw, raw_inline
from convert.render.pandoc_text import (
    brace_depth,
    breakable,
    clean_code,
    paragraphs_of,
    printable_line,
    right_to_left,
    strings,
    trimmed,
    typst_string,
    vetted_url,
    without_start,
)

NO_HEADINGS = 0
"""The level of headings in footnotes, where they become bold lines."""

MOST_COLUMNS = 64
MOST_CELLS = 20_000
LONGEST_CELL = 5000
"""Beyond these, a table fits no page or costs Typst gigabytes, so its rows become lines."""

MOST_MATH = 10_000
"""Formulas in one note; each costs Typst 12 kB of memory. Further ones are shown as TeX."""

DEEPEST_MATH = 10
"""Nesting of braces in a formula; Typst's time doubles with each level, so deeper formulas are shown as code."""

CLOSE = raw_inline(";")
"""Ends a Typst expression, so that a `.` or `(` of the text after it is not read as code (pandoc issue 11511)."""

_ALIGNMENTS = {"": "AlignDefault", "left": "AlignLeft", "center": "AlignCenter", "right": "AlignRight"}
_WRAPS: dict[type[n.Node], str] = {
    n.Emphasis: "Emph",
    n.Strong: "Strong",
    n.Strike: "Strikeout",
    n.Superscript: "Superscript",
    n.Subscript: "Subscript",
}


def note_body(children: tuple[n.Block, ...], context: Context, level: int | None = None, depth: int = 0) -> list[Json]:
    """Return the blocks of a note in order: footnotes at their marks, unmarked ones at the end.

    `level` is the level of the outermost headings; by default, one below the note's own.
    """
    found = [one for one in all_blocks(children) if isinstance(one, n.Footnote)]
    context.footnotes = {one.label: one for one in reversed(found)}
    context.footnotes_done, context.footnotes_open = set(), set()
    result = pandoc_blocks(children, context, context.level + 1 if level is None else level, depth=depth)
    for label in [label for label in reversed(context.footnotes) if label not in context.footnotes_done]:
        result += _footnote(label, context)
    return result


def _footnote(label: str, context: Context) -> list[Json]:
    """Return the blocks of a footnote; [] if it is missing or if its own text marks it."""
    if label not in context.footnotes or label in context.footnotes_open:
        return []
    context.footnotes_done.add(label)
    context.footnotes_open.add(label)
    content = pandoc_blocks(context.footnotes[label].children, context, NO_HEADINGS)
    context.footnotes_open.discard(label)
    return content


def pandoc_blocks(
    children: Iterable[n.Block], context: Context, level: int, tight: bool = False, depth: int = 0
) -> list[Json]:
    """Return pandoc's blocks; `level` is the level of the next headings, however many `#` the note gave them."""
    result: list[Json] = []
    for child in children:
        result += pandoc_block(child, context, level, tight, depth)
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
        case n.CodeBlock(text, language=language, name=name):
            return _spotted(name, context, [_code_block(text, language)])
        case n.Table(name=name):
            table = _rows_as_lines(node, context) if _too_big(node) else [_table(node, context)]
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
    content = trimmed(pandoc_inlines(children, context))
    if not content:
        return []
    pieces = paragraphs_of(target + content)
    result = [{"t": "Plain" if tight and len(pieces) == 1 else "Para", "c": piece} for piece in pieces]
    leftward = context.typst and not tight and right_to_left(plain_text(children))
    return [raw("#leftward["), *result, raw("]")] if leftward else result


def _heading(node: n.Section, context: Context, level: int) -> list[Json]:
    """Return the heading and its index entries; a heading without words shows its stamps as written."""
    context.in_heading, context.heading_entries = level != NO_HEADINGS, []
    content = trimmed(pandoc_inlines(node.title, context))
    context.in_heading = False
    if not plain_text(node.title):
        content = strings(" ".join([stamp.raw for stamp in stamps(node.title)]) or "…")
    if level == NO_HEADINGS:
        return [{"t": "Para", "c": [{"t": "Strong", "c": content}]}]
    # Bookmarks show only the words: no blanks before the stamps at the end.
    end = len(content)
    while end and content[end - 1]["t"] in ("Space", "RawInline"):
        end -= 1
    content = [*content[:end], *[one for one in content[end:] if one["t"] == "RawInline"]]
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
    title = trimmed(pandoc_inlines(node.title, context)) or strings(node.kind.capitalize())
    body = pandoc_blocks(node.children, context, level, depth=depth)
    if context.typst:
        return _framed(f"callout({typst_string(node.kind)}, ", title, body)
    return _quoted([{"t": "Strong", "c": title}], body)


def _framed(opening: str, title: list[Json], body: list[Json]) -> list[Json]:
    """Return a call of a template function whose last arguments are a title line and blocks."""
    return [raw(f"#{opening}["), {"t": "Plain", "c": title}, raw("])["), *body, raw("]")]


def _quoted(title: list[Json], body: list[Json]) -> list[Json]:
    return [{"t": "BlockQuote", "c": [{"t": "Para", "c": title}, *body]}]


def _excerpt(embed: n.Embed, shown: n.Excerpt, context: Context, depth: int, target: list[Json]) -> list[Json]:
    """Return blocks of another note below a line that names it; its headings become bold lines."""
    source = [*target, *pandoc_inline(embed, context)]
    inner = replace(context, video=shown.video, section_label=lambda _: "", index=False)
    body = note_body(shown.blocks, inner, NO_HEADINGS, depth)
    context.formulas = inner.formulas
    return _framed("excerpt(", source, body) if context.typst else _quoted(source, body)


def _code_block(text: str, language: str) -> Json:
    """Return the code; its language is dropped unless it is a word of letters, digits and `+#-`."""
    plain = language.lower().replace("+", "").replace("#", "").replace("-", "")
    classes = [language.lower()] if plain.isascii() and plain.isalnum() else []
    return {"t": "CodeBlock", "c": [attributes("", classes), breakable(clean_code(text).rstrip("\n"))]}


def _table(node: n.Table, context: Context) -> Json:
    columns = [[{"t": _ALIGNMENTS[alignment]}, {"t": "ColWidthDefault"}] for alignment in node.alignments]
    head = [attributes(), [_row(node.head, context)]]
    body = [attributes(), 0, [], [_row(row, context) for row in node.rows]]
    return {"t": "Table", "c": [attributes(), [None, []], columns, head, [body], [attributes(), []]]}


def _row(row: n.Row, context: Context) -> list[Any]:
    cells: list[Any] = []
    for cell in row.cells:
        content = trimmed(pandoc_inlines(cell, context))
        cells.append([attributes(), {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": content}] if content else []])
    return [attributes(), cells]


def _too_big(node: n.Table) -> bool:
    columns = len(node.alignments)
    if columns > MOST_COLUMNS or columns * len(node.rows) > MOST_CELLS:
        return True
    return any(len(plain_text(cell)) > LONGEST_CELL for row in (node.head, *node.rows) for cell in row.cells)


def _rows_as_lines(node: n.Table, context: Context) -> list[Json]:
    """Return a paragraph for each row that has words, with bars between its cells."""
    bar: list[Json] = [{"t": "Space"}, {"t": "Str", "c": "|"}, {"t": "Space"}]
    result: list[Json] = []
    for row in (node.head, *node.rows):
        cells = [content for cell in row.cells if (content := trimmed(pandoc_inlines(cell, context)))]
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
            return strings(text)
        case n.Code(text):
            return _code(text, context)
        case n.Math(tex, display):
            return _math(tex, display, context)
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
            return [*blanks, *_closed([{"t": _WRAPS[type(node)], "c": content}], context)] if content else blanks
        case n.Highlight(children):
            span = {"t": "Span", "c": [attributes("", ["mark"]), pandoc_inlines(children, context, linked)]}
            return _closed([span], context)
        case n.Link(url, children):
            return _link(url, children, context, linked)
        case n.WikiLink():
            return _wikilink(node, context, linked)
        case n.Embed(to=to):
            return _internal_link(strings(embed_text(node)), to, context, linked)
        case n.Image():
            return _image(node, context, linked)
        case n.Stamp(raw, start_ms):
            return _stamp(raw, start_ms, context, linked)
        case n.FootnoteMark(label):
            footnote = _footnote(label, context)
            return _closed([{"t": "Note", "c": footnote}], context) if footnote else strings(f"[{label}]")
        case _:
            assert_never(node)


def _closed(content: list[Json], context: Context) -> list[Json]:
    return [*content, CLOSE] if context.typst else content


def _code(text: str, context: Context) -> list[Json]:
    """Return a code span, in Typst as a string: the next character would continue some calls that pandoc writes."""
    if context.typst:
        return [raw_inline(f"#raw({typst_string(breakable(clean_code(text)))});")]
    return [{"t": "Code", "c": [attributes(), printable_line(clean_code(text))]}]


def _math(tex: str, display: bool, context: Context) -> list[Json]:
    """Return the formula; in Typst with its TeX source as the description that PDF/UA asks for."""
    tex = printable_line(tex).strip()
    if not tex:
        return []
    context.formulas += 1
    if context.formulas > MOST_MATH:
        return strings(tex)
    if brace_depth(tex) > DEEPEST_MATH or context.refuses(tex):
        return _code(tex, context)
    formula = {"t": "Math", "c": [{"t": "DisplayMath" if display else "InlineMath"}, tex]}
    if context.typst:
        return [raw_inline(f"#formula({typst_string(tex)})["), formula, raw_inline("];")]
    return [formula]


def _hyperlink(url: str, content: list[Json], context: Context) -> list[Json]:
    blanks, content = without_start(content)
    return [*blanks, *_closed([{"t": "Link", "c": [attributes(), content, [url, ""]]}], context)]


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
            result += _hyperlink(address, content, context)
        label = []
        if child is not None:
            result += pandoc_inline(child, context)
    return result or _hyperlink(address, strings(url), context)


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
        return [*blanks, *_hyperlink("#" + label, content, context)]
    function = "to-in-heading" if context.in_heading else "to"
    return [*blanks, raw_inline(f'#{function}("{label}")['), *content, raw_inline("];")]


def _image(node: n.Image, context: Context, linked: bool) -> list[Json]:
    """Return the picture with the description that PDF/UA requires, else only the description, linked to the web."""
    picture = node.picture
    if picture and context.typst and not context.in_heading:
        context.pictures.add(picture.name)
        width = node.width or picture.width
        height = round(width * picture.height / max(picture.width, 1))
        description = typst_string(node.alt.strip() or node.url.rpartition("/")[2])
        return [raw_inline(f"#picture({typst_string(picture.name)}, {width}, {height}, {description});")]  # CSS pixels
    address = vetted_url(node.url)
    name = strings(node.alt) or strings(node.url if address else node.url.rpartition("/")[2]) or strings("image")
    content: list[Json] = [{"t": "Emph", "c": name}]
    return _hyperlink(address, content, context) if address and not linked else _closed(content, context)


def _stamp(raw: str, start_ms: int | None, context: Context, linked: bool) -> list[Json]:
    if start_ms is None:
        return strings(raw)
    url = watch_url(context.video, start_ms) if context.video else ""
    if linked or not url:
        return strings(clock(start_ms))
    if context.typst:
        function = "at-in-heading" if context.in_heading else "at"
        return [raw_inline(f"#{function}({typst_string(url)}, {typst_string(clock(start_ms))});")]
    return _hyperlink(url, strings(clock(start_ms)), context)
