"""Renders nodes as XHTML: a function for each type of node, in two tables.

Kept apart because it handles all node types; `rendering` has the state and the policies around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from convert.document import nodes as n
from convert.document.walk import child_blocks, embed_text, own_inlines
from convert.render.furniture import callout_title
from convert.render.xhtml.rendering import DEEPEST, Policy, Rendering, deep_paragraphs, deep_text, is_reading
from convert.render.xhtml.text import anchor, attribute, class_name, escape, shown_and_spoken, task_box, web_address

_TIED = "\u00a0"
"""No-break space before a stamp, so that no line begins with it."""
_ALIGNED = {"": "", "left": ' class="left"', "center": ' class="center"', "right": ' class="right"'}
_WRAPPERS = (n.Emphasis, n.Strong, n.Strike, n.Superscript, n.Subscript, n.Highlight)
_TAGS = ("em", "strong", "s", "sup", "sub", "mark")
_OUTSIDE_RUBY = {"rt": ("(", ")"), "ruby": ("", "")}


def render_blocks(blocks: Iterable[n.Block], policy: Policy) -> str:
    """Return the markup of blocks as flow content, with footnotes at the end."""
    state = Rendering(tuple(blocks), policy, policy.heading)
    _write_blocks(state, state.blocks)
    if state.has_footnotes:
        _write_footnotes(state)
    return "".join(state.out)


def render_inlines(inlines: Iterable[n.Inline], policy: Policy) -> str:
    """Return the markup of inline nodes as phrasing content."""
    state = Rendering((), policy, policy.heading)
    _write_inlines(state, state.line_of(tuple(inlines)))
    return "".join(state.out)


def _write_blocks(state: Rendering, blocks: Iterable[n.Block]) -> None:
    """Append the markup of blocks; below `DEEPEST` containers, only paragraphs."""
    if state.depth >= DEEPEST:
        state.out += deep_paragraphs(blocks)
        return
    state.depth += 1
    for block in blocks:
        BLOCK[type(block)](state, block)
    state.depth -= 1


def _write_inlines(state: Rendering, nodes: Iterable[n.Inline]) -> None:
    for node in nodes:
        INLINE[type(node)](state, node)


def _paragraph(state: Rendering, block: n.Paragraph) -> None:
    state.out.append(f"<p{state.id_of(block.name)}>" if block.name else "<p>")
    _write_inlines(state, state.paragraph(block))
    state.out.append("</p>\n")


def _section(state: Rendering, block: n.Section) -> None:
    own = f' id="{state.policy.prefix}{anchor(block.id)}"' if state.policy.anchors else ""
    state.out.append(f"<section{own}>\n")
    level, outer, state.section = state.level, state.section, block.id
    if block.title:
        state.out.append(f"<h{min(level, 6)}>")
        _write_inlines(state, state.line_of(block.title))
        state.out.append(f"</h{min(level, 6)}>\n")
        state.level += 1
    _write_blocks(state, block.children)
    state.level, state.section = level, outer
    state.out.append("</section>\n")


def _list(state: Rendering, block: n.List) -> None:
    tag = "ul" if block.start is None else "ol"
    start = f' start="{block.start}"' if block.start not in (None, 1) else ""
    tasks = ' class="tasks"' if [item for item in block.items if item.checked is not None] else ""
    state.out.append(f"<{tag}{state.id_of(block.name)}{start}{tasks}>\n")
    for item in block.items:
        _item(state, item, block.tight)
    state.out.append(f"</{tag}>\n")


def _item(state: Rendering, item: n.Item, tight: bool) -> None:
    out, children = state.out, item.children
    first = children[0] if children else None
    own = state.id_of(first.name) if isinstance(first, n.Paragraph) else ""
    out.append(f"<li{own}>" if item.checked is None else f'<li{own} class="task">')
    box = task_box(item.checked, state.policy.language)
    if isinstance(first, n.Paragraph):
        out.append(box if tight else f"<p>{box}")
        _write_inlines(state, state.paragraph(first))
        out.append("" if tight else "</p>")
        children = children[1:]
    else:
        out.append(box)
    if children:
        out.append("\n")
        _write_blocks(state, children)
    out.append("</li>\n")


def _quote(state: Rendering, block: n.Quote) -> None:
    state.out.append(f"<blockquote{state.id_of(block.name)}>\n")
    _write_blocks(state, block.children)
    state.out.append("</blockquote>\n")


def _callout(state: Rendering, block: n.Callout) -> None:
    kind = class_name(block.kind) or "note"
    own, put_in = state.id_of(block.name), "" if block.title else " callout-kind"
    state.out.append(f'<div{own} class="callout callout-{kind}" role="note">\n<p class="callout-title{put_in}">')
    if block.title:
        _write_inlines(state, state.line_of(block.title))
    else:
        state.out.append(escape(callout_title(state.policy.language, block.kind)))
    state.out.append("</p>\n")
    _write_blocks(state, block.children)
    state.out.append("</div>\n")


def _group(state: Rendering, block: n.Group) -> None:
    kind, title = block.kind, block.title
    if kind in ("definition", "definitions"):
        _definitions(state, (block,) if kind == "definition" else block.children)
        return
    # A book shows what it holds: not every reading system can unfold it.
    shown = ' open="open"' if kind == "details" and state.policy.epub else ""
    state.out.append(f"<{kind}{shown}>\n" if kind in ("details", "figure") else f'<div class="{kind}">\n')
    if kind == "details":
        _captioned(state, "summary", title or (n.Text(callout_title(state.policy.language, "details")),))
    _write_blocks(state, block.children)
    if kind == "figure" and title:
        _captioned(state, "figcaption", title)
    state.out.append(f"</{kind}>\n" if kind in ("details", "figure") else "</div>\n")


def _captioned(state: Rendering, tag: str, title: Sequence[n.Inline]) -> None:
    state.out.append(f"<{tag}>")
    _write_inlines(state, state.line_of(title))
    state.out.append(f"</{tag}>\n")


def _definitions(state: Rendering, blocks: Iterable[n.Block]) -> None:
    state.out.append("<dl>\n")
    for block in blocks:
        is_one = isinstance(block, n.Group) and block.kind == "definition"
        _captioned(state, "dt", own_inlines(block) if is_one else ())
        state.out.append("<dd>")
        _write_blocks(state, child_blocks(block) if is_one else (block,))
        state.out.append("</dd>\n")
    state.out.append("</dl>\n")


def _code_block(state: Rendering, block: n.CodeBlock) -> None:
    language = class_name(block.language.lower())
    kind = f' class="language-{language}"' if language else ""
    code = state.policy.code(block.text, block.language)
    state.out.append(f"<pre{state.id_of(block.name)}><code{kind}>{code}</code></pre>\n")


def _table(state: Rendering, block: n.Table) -> None:
    tight, records = state.fitted(block)
    if records:
        _group(state, records)
        return
    out = state.out
    aligned = [_ALIGNED[alignment] for alignment in block.alignments]
    headed = any(block.head.cells)
    out.append(f"<table{state.id_of(block.name)}" + (' class="tight">\n' if tight else ">\n"))
    if headed:
        out.append("<thead>\n")
        _row(state, block.head, aligned, head=True)
        out.append("</thead>\n")
    out.append("<tbody>\n")
    for row in block.rows or (() if headed else (block.head,)):
        _row(state, row, aligned, head=False)
    out.append("</tbody>\n</table>\n")


def _row(state: Rendering, row: n.Row, aligned: list[str], *, head: bool) -> None:
    state.out.append("<tr>")
    for cell, kind in zip(row.cells, aligned, strict=False):
        # An empty heading cell has nothing to announce, so it is a plain cell.
        tag, scope = ("th", ' scope="col"') if head and cell else ("td", "")
        state.out.append(f"<{tag}{scope}{kind}>")
        _write_inlines(state, state.line_of(cell))
        state.out.append(f"</{tag}>")
    state.out.append("</tr>\n")


def _footnote(state: Rendering, block: n.Footnote) -> None:
    """Record that there is a footnote; all are written at the end of the page."""
    state.has_footnotes = True


def _embed_block(state: Rendering, block: n.EmbedBlock) -> None:
    """Append the excerpt below a line that names its source; only the link if there is none."""
    watch_other = state.policy.watch_other
    if not isinstance(block.shown, n.Excerpt) or watch_other is None:
        _paragraph(state, n.Paragraph((block.embed,), block.line, block.name))
        return
    state.out.append(f'<figure{state.id_of(block.name)} class="embed">\n<figcaption class="embed-source">')
    _embed(state, block.embed)
    state.out.append("</figcaption>\n")
    inner = state.within(block.shown.blocks, watch_other(block.shown.video))
    _write_blocks(inner, inner.blocks)
    if inner.has_footnotes:
        _write_footnotes(inner)
    state.out.append("</figure>\n")


def _write_footnotes(state: Rendering) -> None:
    kind = ' epub:type="footnotes"' if state.policy.epub else ""
    state.out.append(f'<section{kind} class="footnotes">\n')
    for number, footnote in enumerate(state.footnotes(), 1):
        _footnote_text(state, footnote, number)
    state.out.append("</section>\n")


def _footnote_text(state: Rendering, block: n.Footnote, number: int) -> None:
    prefix = state.policy.prefix
    kind = ' epub:type="footnote"' if state.policy.epub else ""
    state.out.append(f'<aside{kind} role="doc-footnote" class="footnote" id="{prefix}f-{number}">\n<p>')
    if block.label in state.references:
        state.out.append(f'<a role="doc-backlink" class="mark" href="#{prefix}r-{number}">{number}</a> ')
    else:
        state.out.append(f'<span class="mark">{number}</span> ')
    children = block.children
    if children and isinstance(children[0], n.Paragraph):
        _write_inlines(state, state.paragraph(children[0]))
        children = children[1:]
    state.out.append("</p>\n")
    _write_blocks(state, children)
    state.out.append("</aside>\n")


def _text(state: Rendering, node: n.Text) -> None:
    text = node.text
    if state.style and ("'" in text or '"' in text or "..." in text or "--" in text or " - " in text):  # `has_marks`
        text = state.typeset(node, state.style)
    plain = text.isprintable() and "&" not in text and "<" not in text and ">" not in text
    state.out.append(text if plain else escape(text))  # a test is faster than a call, and most texts need no escape


def _enclosed(tag: str) -> Callable[[Rendering, Any], None]:
    """Return a function that writes the children of a node inside the element `tag`."""
    opening, closing = f"<{tag}>", f"</{tag}>"
    return lambda state, node: _enclose(state, node, opening, closing)


def _enclose(state: Rendering, node: Any, opening: str, closing: str) -> None:
    if state.depth > DEEPEST:
        state.out.append(escape(deep_text(node)))
        return
    state.depth += 1
    state.out.append(opening)
    _write_inlines(state, node.children)
    state.out.append(closing)
    state.depth -= 1


def _element(state: Rendering, node: n.Element) -> None:
    """Append an element; a reading outside of a ruby stands in brackets."""
    if node.name == "ruby" and any(map(is_reading, node.children)) and state.depth < DEEPEST:
        state.out.append("<ruby>")
        for child in node.children:
            reading = is_reading(child)
            _enclose(state, child, "<rp>(</rp><rt>", "</rt><rp>)</rp>") if reading else _write_inlines(state, (child,))
        state.out.append("</ruby>")
        return
    title = f' title="{attribute(node.full)}"' if node.full else ""
    opening, closing = _OUTSIDE_RUBY.get(node.name) or (f"<{node.name}{title}>", f"</{node.name}>")
    _enclose(state, node, opening, closing)


def _link(state: Rendering, node: n.Link) -> None:
    address = web_address(node.url)
    _linked(state, f'<a href="{attribute(address)}">' if address is not None else "", node.children)


def _wikilink(state: Rendering, node: n.WikiLink) -> None:
    if state.policy.meet is not None:
        state.policy.meet(node, state.section)
    href = state.policy.link(node.to) if node.to is not None else None
    _linked(state, f'<a class="note" href="{href}">' if href is not None else "", node.children)


def _linked(state: Rendering, opening: str, children: Iterable[n.Inline]) -> None:
    """Append a label inside a link, or alone if `opening` is empty or the label is inside another link.

    Links inside it (stamps, footnote marks) follow it.
    """
    outermost = bool(opening) and state.deferred is None
    if outermost:
        state.deferred = []
        state.out.append(opening)
    state.depth += 1
    if state.depth > DEEPEST:
        state.out += [escape(deep_text(child)) for child in children]
    else:
        _write_inlines(state, children)
    state.depth -= 1
    if outermost:
        state.out.append("</a>")
        deferred, state.deferred = state.deferred or [], None
        for node in deferred:
            state.out.append(" ")
            INLINE[type(node)](state, node)


def _embed(state: Rendering, node: n.Embed) -> None:
    label = escape(embed_text(node))
    href = state.policy.link(node.to) if node.to is not None else None
    plain = href is None or state.deferred is not None
    state.out.append(label if plain else f'<a class="note" href="{href}">{label}</a>')


def _image(state: Rendering, node: n.Image) -> None:
    source = state.policy.image(node)
    if source is not None:
        width = f' width="{node.width}"' if node.width else ""
        drawing = ' class="drawing"' if state.policy.epub and source.endswith(".svg") else ""
        state.out.append(f'<img src="{attribute(source)}" alt="{attribute(node.alt)}"{width}{drawing}/>')
        return
    address = web_address(node.url)
    plain = address is None or state.deferred is not None
    tag, href = ("span", "") if plain else ("a", f' href="{attribute(address or "")}"')
    state.out.append(f'<{tag} class="image"{href}>{escape(node.alt or (address or "image"))}</{tag}>')


def _stamp(state: Rendering, node: n.Stamp) -> None:
    if state.deferred is not None:
        state.deferred.append(node)
        return
    ms, out = node.start_ms, state.out
    if ms is None:
        out.append(escape(node.raw))
        return
    kind = "stamp"
    since = len(out) - state.stamped
    in_row = since == 0 or (since == 1 and not out[-1].strip(" ,;\n"))  # only blanks and commas since the last stamp
    if not in_row and out and out[-1].endswith(" "):
        out[-1] = out[-1][:-1] + _TIED
    time, label = shown_and_spoken(ms // 1000, state.policy.language)
    kind, href = state.policy.elsewhere(node.video, ms) if node.video else (kind, state.policy.watch(ms))
    if href is None:
        out.append(f'<span class="{kind}">{time}</span>')
    else:
        out.append(f'<a class="{kind}" href="{href}" aria-label="{label}">{time}</a>')
    state.stamped = len(out)


def _footnote_mark(state: Rendering, node: n.FootnoteMark) -> None:
    if state.deferred is not None:
        state.deferred.append(node)
        return
    if node.label not in state.definitions:
        state.out.append(escape(f"[^{node.label}]"))
        return
    state.has_footnotes = True
    number, own = state.refer(node.label)
    kind = ' epub:type="noteref"' if state.policy.epub else ""
    link = f'class="mark" id="{own}" href="#{state.policy.prefix}f-{number}">{number}</a>'
    state.out.append(f'<sup><a{kind} role="doc-noteref" {link}</sup>')


BLOCK: dict[type[n.Node], Callable[[Rendering, Any], None]] = {
    n.Paragraph: _paragraph,
    n.Section: _section,
    n.List: _list,
    n.Quote: _quote,
    n.Callout: _callout,
    n.Group: _group,
    n.CodeBlock: _code_block,
    n.Table: _table,
    n.Footnote: _footnote,
    n.Rule: lambda state, _: state.out.append("<hr/>\n"),
    n.EmbedBlock: _embed_block,
}
"""The function for each block node; a test checks that none is missing."""

INLINE: dict[type[n.Node], Callable[[Rendering, Any], None]] = {
    n.Text: _text,
    n.Code: lambda state, node: state.out.append(f"<code>{escape(node.text)}</code>"),
    n.Math: lambda state, node: state.out.append(state.policy.math(node)),
    n.LineBreak: lambda state, _: state.out.append("<br/>"),
    **{kind: _enclosed(tag) for kind, tag in zip(_WRAPPERS, _TAGS, strict=True)},
    n.Element: _element,
    n.Link: _link,
    n.WikiLink: _wikilink,
    n.Embed: _embed,
    n.Image: _image,
    n.Stamp: _stamp,
    n.FootnoteMark: _footnote_mark,
}
"""The function for each inline node. A table is a third faster than `match`; a test checks that none is missing."""
