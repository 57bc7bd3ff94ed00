"""Block nodes to XHTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from convert.document import nodes as n
from convert.document.walk import child_blocks, own_inlines
from convert.render.xhtml.inline import plain_text_of, write_inlines
from convert.render.xhtml.page import DEEPEST, Page
from convert.render.xhtml.text import anchor, escape

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
_ALIGNED = {"": "", "left": ' class="left"', "center": ' class="center"', "right": ' class="right"'}
_BOXES = {
    None: "",
    False: '<span class="box" role="img" aria-label="to do">☐</span> ',
    True: '<span class="box" role="img" aria-label="done">☑</span> ',
}


def write_blocks(page: Page, blocks: Iterable[n.Block]) -> None:
    """Appends the markup of `blocks` to the page; below `DEEPEST` containers it is a run of paragraphs."""
    page.depth += 1
    if page.depth > DEEPEST:
        _flat(page, blocks)
    else:
        for block in blocks:
            BLOCK[type(block)](page, block)
    page.depth -= 1


def _flat(page: Page, blocks: Iterable[n.Block]) -> None:
    pending = [iter(blocks)]
    while pending:
        block = next(pending[-1], None)
        if block is None:
            pending.pop()
            continue
        words = block.text if isinstance(block, n.CodeBlock) else " ".join(map(plain_text_of, own_inlines(block)))
        if words:
            page.out.append(f"<p>{escape(words)}</p>\n")
        pending.append(iter(child_blocks(block)))


def _paragraph(page: Page, block: n.Paragraph) -> None:
    page.out.append(f"<p{_id(page, block.name)}>" if block.name else "<p>")
    write_inlines(page, block.children)
    page.out.append("</p>\n")


def _id(page: Page, name: n.BlockName) -> str:
    """The attribute that makes a named block a place to link to."""
    return f' id="{anchor(f"^{name}", page.policy.prefix)}"' if name and page.policy.anchors else ""


def _section(page: Page, block: n.Section) -> None:
    own = f' id="{anchor(block.id, page.policy.prefix)}"' if page.policy.anchors else ""
    page.out.append(f"<section{own}>\n")
    level, outer = page.level, page.section
    page.section = block.id
    if block.title:
        shown = min(level, 6)
        page.out.append(f"<h{shown}>")
        write_inlines(page, block.title)
        page.out.append(f"</h{shown}>\n")
        page.level += 1
    write_blocks(page, block.children)
    page.level, page.section = level, outer
    page.out.append("</section>\n")


def _list(page: Page, block: n.List) -> None:
    tag = "ul" if block.start is None else "ol"
    start = f' start="{block.start}"' if block.start not in (None, 1) else ""
    tasks = ' class="tasks"' if any(item.checked is not None for item in block.items) else ""
    page.out.append(f"<{tag}{_id(page, block.name)}{start}{tasks}>\n")
    for item in block.items:
        _item(page, item, block.tight)
    page.out.append(f"</{tag}>\n")


def _item(page: Page, item: n.Item, tight: bool) -> None:
    out, children = page.out, item.children
    first = children[0] if children else None
    own = _id(page, first.name) if isinstance(first, n.Paragraph) else ""
    out.append(f"<li{own}>" if item.checked is None else f'<li{own} class="task">')
    box = _BOXES[item.checked]
    if isinstance(first, n.Paragraph):
        out.append(box if tight else f"<p>{box}")
        write_inlines(page, first.children)
        out.append("" if tight else "</p>")
        children = children[1:]
    else:
        out.append(box)
    if children:
        out.append("\n")
        write_blocks(page, children)
    out.append("</li>\n")


def _quote(page: Page, block: n.Quote) -> None:
    page.out.append(f"<blockquote{_id(page, block.name)}>\n")
    write_blocks(page, block.children)
    page.out.append("</blockquote>\n")


def _callout(page: Page, block: n.Callout) -> None:
    kind = _NOT_A_NAME.sub("-", block.kind).strip("-") or "note"
    put_in = "" if block.title else " callout-kind"
    own = _id(page, block.name)
    page.out.append(f'<div{own} class="callout callout-{kind}" role="note">\n<p class="callout-title{put_in}">')
    if block.title:
        write_inlines(page, block.title)
    else:
        page.out.append(escape(block.kind.replace("-", " ").capitalize() or "Note"))
    page.out.append("</p>\n")
    write_blocks(page, block.children)
    page.out.append("</div>\n")


def _code_block(page: Page, block: n.CodeBlock) -> None:
    language = _NOT_A_NAME.sub("-", block.language.lower()).strip("-")
    kind = f' class="language-{language}"' if language else ""
    page.out.append(f"<pre{_id(page, block.name)}><code{kind}>{escape(block.text)}</code></pre>\n")


def _table(page: Page, block: n.Table) -> None:
    out = page.out
    aligned = [_ALIGNED[alignment] for alignment in block.alignments]
    out.append(f"<table{_id(page, block.name)}>\n")
    if any(block.head.cells):
        out.append("<thead>\n")
        _row(page, block.head, aligned, head=True)
        out.append("</thead>\n")
    out.append("<tbody>\n")
    for row in block.rows or (() if any(block.head.cells) else (block.head,)):
        _row(page, row, aligned, head=False)
    out.append("</tbody>\n</table>\n")


def _row(page: Page, row: n.Row, aligned: list[str], *, head: bool) -> None:
    out = page.out
    out.append("<tr>")
    for cell, kind in zip(row.cells, aligned, strict=False):
        # An empty heading cell says nothing to a screen reader, so it is a plain cell.
        tag, scope = ("th", ' scope="col"') if head and cell else ("td", "")
        out.append(f"<{tag}{scope}{kind}>")
        write_inlines(page, cell)
        out.append(f"</{tag}>")
    out.append("</tr>\n")


def _footnote(page: Page, block: n.Footnote) -> None:
    """Footnotes wait for the end of the page."""
    page.has_footnotes = True


def _embed(page: Page, block: n.EmbedBlock) -> None:
    """What an embed shows, below a line that names its source; the link alone where nothing is shown."""
    watch_other = page.policy.watch_other
    if not isinstance(block.shown, n.Excerpt) or watch_other is None:
        _paragraph(page, n.Paragraph((block.embed,), block.line, block.name))
        return
    page.out.append(f'<figure{_id(page, block.name)} class="embed">\n<figcaption class="embed-source">')
    write_inlines(page, (block.embed,))
    page.out.append("</figcaption>\n")
    inner = page.within(block.shown.blocks, watch_other(block.shown.video))
    write_blocks(inner, inner.blocks)
    write_footnotes(inner, inner.blocks)
    page.out.append("</figure>\n")


def _rule(page: Page, block: n.Rule) -> None:
    page.out.append("<hr/>\n")


def write_footnotes(page: Page, blocks: Iterable[n.Block]) -> None:
    """Appends the footnotes of the tree, in the order of their marks, then those without a mark."""
    if not page.has_footnotes:
        return
    kind = ' epub:type="footnotes"' if page.policy.epub else ""
    page.out.append(f'<section{kind} class="footnotes">\n')
    unmarked = iter(page.definitions)
    done = 0
    # The text of a footnote may bring the first mark of another: those come before the ones without any mark.
    while done < len(page.order) or _number_next(page, unmarked):
        label = page.order[done]
        _footnote_text(page, page.definitions[label], page.numbers[label])
        done += 1
    page.out.append("</section>\n")


def _number_next(page: Page, unmarked: Iterator[str]) -> bool:
    label = next((label for label in unmarked if label not in page.numbers), None)
    if label is not None:
        page.number(label)
    return label is not None


def _footnote_text(page: Page, block: n.Footnote, number: int) -> None:
    prefix = page.policy.prefix
    kind = ' epub:type="footnote"' if page.policy.epub else ""
    page.out.append(f'<aside{kind} role="doc-footnote" class="footnote" id="{prefix}f-{number}">\n')
    marked = block.label in page.marks
    link = f'<a role="doc-backlink" class="mark" href="#{prefix}r-{number}">{number}</a>'
    back = f"{link} " if marked else f'<span class="mark">{number}</span> '
    children = block.children
    page.out.append(f"<p>{back}")
    if children and isinstance(children[0], n.Paragraph):
        write_inlines(page, children[0].children)
        children = children[1:]
    page.out.append("</p>\n")
    write_blocks(page, children)
    page.out.append("</aside>\n")


BLOCK: dict[type[n.Node], Callable[[Page, Any], None]] = {
    n.Paragraph: _paragraph,
    n.Section: _section,
    n.List: _list,
    n.Quote: _quote,
    n.Callout: _callout,
    n.CodeBlock: _code_block,
    n.Table: _table,
    n.Footnote: _footnote,
    n.Rule: _rule,
    n.EmbedBlock: _embed,
}
"""The writer of each block node; a test holds it complete."""
