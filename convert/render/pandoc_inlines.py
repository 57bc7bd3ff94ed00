"""Inline nodes as pandoc inlines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import assert_never

from convert.document import nodes as n
from convert.document.timecode import clock
from convert.document.walk import embed_text, stamps
from convert.render.pandoc import Context, Json, attributes, raw_inline
from convert.render.pandoc_text import breakable, clean, clean_code, strings, typst_string, vetted_url

MOST_MATH = 10_000
"""Formulas of one note; each costs Typst 12 kB of memory. Those beyond it stand as they are written."""

DEEPEST_MATH = 10
"""Braces in braces that a formula may have: Typst's time doubles with each; deeper ones are set as code."""

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)

CLOSE = raw_inline(";")
"""Ends a Typst expression, so that a `.` or `(` of the text after it is not read as code (pandoc issue 11511)."""


def inlines(children: Iterable[n.Inline], context: Context, linked: bool = False) -> list[Json]:
    """pandoc's inlines; `linked` when they stand in a link, where no other link may stand."""
    result: list[Json] = []
    for child in children:
        result += inline(child, context, linked)
    return result


def inline(node: n.Inline, context: Context, linked: bool = False) -> list[Json]:
    """One node as pandoc's inlines."""
    match node:
        case n.Text(text):
            return strings(text)
        case n.Code(text):
            return _code(text, context)
        case n.Math(tex, display):
            return _math(tex, display, context)
        case n.LineBreak():
            return [{"t": "LineBreak"}]
        case n.Emphasis(children):
            return _wrap("Emph", inlines(children, context, linked), context)
        case n.Strong(children):
            return _wrap("Strong", inlines(children, context, linked), context)
        case n.Strike(children):
            return _wrap("Strikeout", inlines(children, context, linked), context)
        case n.Superscript(children):
            return _wrap("Superscript", inlines(children, context, linked), context)
        case n.Subscript(children):
            return _wrap("Subscript", inlines(children, context, linked), context)
        case n.Highlight(children):
            return _closed(
                [{"t": "Span", "c": [attributes("", ["mark"]), inlines(children, context, linked)]}], context
            )
        case n.Link(url, children):
            return _link(url, children, context, linked)
        case n.WikiLink():
            return _wikilink(node, context, linked)
        case n.Embed(to=to):
            return _inside(strings(embed_text(node)), to, context, linked)
        case n.Image():
            return _image(node, context, linked)
        case n.Stamp(raw, start_ms):
            return _stamp(raw, start_ms, context, linked)
        case n.FootnoteMark(label):
            return _footnote(label, context)
        case _:
            assert_never(node)


def _wrap(kind: str, content: list[Json], context: Context) -> list[Json]:
    before, content = _apart(content)
    return [*before, *_closed([{"t": kind, "c": content}], context)] if content else before


def _apart(content: list[Json]) -> tuple[list[Json], list[Json]]:
    """The blanks at the start, and the rest: within brackets a sign after a blank would begin a list."""
    count = next((at for at, one in enumerate(content) if one["t"] != "Space"), len(content))
    return content[:count], content[count:]


def _closed(content: list[Json], context: Context) -> list[Json]:
    return [*content, CLOSE] if context.dialect == "typst" else content


def _code(text: str, context: Context) -> list[Json]:
    """A code span; in Typst as a string, for pandoc writes some spans as calls that the next character may continue."""
    if context.dialect == "typst":
        return [raw_inline(f"#raw({typst_string(breakable(clean_code(text)))});")]
    return [{"t": "Code", "c": [attributes(), clean(clean_code(text))]}]


def _footnote(label: str, context: Context) -> list[Json]:
    """The footnote where its mark stands; a mark without one shows its label."""
    content = context.footnote(label)
    return _closed([{"t": "Note", "c": content}], context) if content else strings(f"[{label}]")


def _math(tex: str, display: bool, context: Context) -> list[Json]:
    """The formula; in Typst with its TeX source as the description that PDF/UA asks for."""
    tex = clean(tex).strip()
    if not tex:
        return []
    context.formulas += 1
    if context.formulas > MOST_MATH:
        return strings(tex)
    if _depth(tex) > DEEPEST_MATH:
        return _code(tex, context)
    formula = {"t": "Math", "c": [{"t": "DisplayMath" if display else "InlineMath"}, tex]}
    if context.dialect != "typst":
        return [formula]
    return [raw_inline(f"#formula({typst_string(tex)})["), formula, raw_inline("];")]


def _depth(tex: str) -> int:
    """How deep the braces of a formula are nested, escaped ones apart."""
    depth = deepest = 0
    for brace in _BRACE.findall(tex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        deepest = max(deepest, depth)
    return deepest


def _hyperlink(url: str, content: list[Json], context: Context) -> list[Json]:
    before, content = _apart(content)
    return [*before, *_closed([{"t": "Link", "c": [attributes(), content, [url, ""]]}], context)]


def _link(url: str, children: tuple[n.Inline, ...], context: Context, linked: bool) -> list[Json]:
    """A link to a vetted address; stamps in its label stay links of their own, for links cannot nest."""
    address = vetted_url(url)
    if linked or not address:
        return inlines(children, context, linked) or strings(url)
    result: list[Json] = []
    label: list[n.Inline] = []
    for child in (*children, None):
        if child is not None and not any(stamps([child])):
            label.append(child)
            continue
        if content := inlines(label, context, linked=True):
            result += _hyperlink(address, content, context)
        label = []
        if child is not None:
            result += inline(child, context)
    return result or _hyperlink(address, strings(url), context)


def _wikilink(node: n.WikiLink, context: Context, linked: bool) -> list[Json]:
    if not any(stamps(node.children)):
        content = inlines(node.children, context, linked=True)
        return context.mark_topic(node) + _inside(content, node.to, context, linked)
    return inlines(node.children, context, linked)


def _inside(content: list[Json], to: n.Destination | None, context: Context, linked: bool) -> list[Json]:
    """The content as a link to its destination in the book; plain when it has none."""
    label = context.label(to) if to and not linked else None
    before, content = _apart(content)
    if label is None or not content:
        return [*before, *content]
    context.linked.add(label)
    if context.dialect != "typst":
        return [*before, *_hyperlink("#" + label, content, context)]
    function = "to-in-heading" if context.in_heading else "to"
    return [*before, raw_inline(f'#{function}("{label}")['), *content, raw_inline("];")]


def _image(node: n.Image, context: Context, linked: bool) -> list[Json]:
    """The picture, with the description that PDF/UA asks for; else the description, linked to a picture on the web."""
    url, alt = node.url, node.alt
    if node.picture and context.dialect == "typst" and not context.in_heading:
        context.pictures.add(node.picture.name)
        return [raw_inline(_picture(node, node.picture))]
    address = vetted_url(url)
    name = strings(alt) or strings(url.rpartition("/")[2] if not address else url) or strings("image")
    content = [{"t": "Emph", "c": name}]
    return _hyperlink(address, content, context) if address and not linked else _closed(content, context)


def _picture(node: n.Image, picture: n.Picture) -> str:
    """The call that sets a picture: name, width and height in CSS pixels, description."""
    width = node.width or picture.width
    height = round(width * picture.height / max(picture.width, 1))
    name = node.alt.strip() or node.url.rpartition("/")[2]
    return f'#picture("{picture.name}", {width}, {height}, {typst_string(name)});'


def _stamp(raw: str, start_ms: int | None, context: Context, linked: bool) -> list[Json]:
    if start_ms is None:
        return strings(raw)
    url = context.stamp_url(start_ms)
    if linked or not url:
        return strings(clock(start_ms))
    if context.dialect == "typst":
        function = "at-in-heading" if context.in_heading else "at"
        return [raw_inline(f"#{function}({typst_string(url)}, {typst_string(clock(start_ms))});")]
    return _hyperlink(url, strings(clock(start_ms)), context)
