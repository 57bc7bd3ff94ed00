"""Inline nodes to XHTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from convert.document import nodes as n
from convert.document.timecode import clock, spoken
from convert.document.walk import embed_text, plain_text
from convert.render.xhtml.address import web_address
from convert.render.xhtml.page import DEEPEST, Page
from convert.render.xhtml.text import attribute, escape

_TIED = "\u00a0"
"""The blank before a stamp: no line begins with the time of the sentence above it."""


def write_inlines(page: Page, nodes: Iterable[n.Inline]) -> None:
    """Appends the markup of `nodes` to the page."""
    for node in nodes:
        INLINE[type(node)](page, node)


def _text(page: Page, node: n.Text) -> None:
    page.out.append(escape(node.text))


def _code(page: Page, node: n.Code) -> None:
    page.out.append(f"<code>{escape(node.text)}</code>")


def _math(page: Page, node: n.Math) -> None:
    page.out.append(page.policy.math(node))


def _line_break(page: Page, node: n.LineBreak) -> None:
    page.out.append("<br/>")


def _enclosed(tag: str) -> Callable[[Page, Any], None]:
    """A function that writes the children of a node inside the element `tag`."""
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(page: Page, node: Any) -> None:
        if page.depth > DEEPEST:
            page.out.append(escape(plain_text_of(node)))
            return
        page.depth += 1
        page.out.append(opening)
        write_inlines(page, node.children)
        page.out.append(closing)
        page.depth -= 1

    return write


def plain_text_of(node: n.Inline) -> str:
    """The words of a node however deep they stand, without recursion."""
    words: list[str] = []
    pending: list[n.Inline] = [node]
    while pending:
        top = pending.pop()
        children = getattr(top, "children", None)
        if children is None:
            words.append(top.raw if isinstance(top, n.Stamp) else plain_text((top,)))
        else:
            pending.extend(reversed(children))
    return " ".join(words)


def _link(page: Page, node: n.Link) -> None:
    address = web_address(node.url)
    if address is None or page.deferred is not None:
        _label(page, node.children)
    else:
        _anchor(page, f'<a href="{attribute(address)}">', node.children)


def _wikilink(page: Page, node: n.WikiLink) -> None:
    if page.policy.meet is not None:
        page.policy.meet(node, page.section)
    href = page.policy.link(node.to) if node.to is not None else None
    if href is None or page.deferred is not None:
        _label(page, node.children)
    else:
        _anchor(page, f'<a class="note" href="{attribute(href)}">', node.children)


def _label(page: Page, children: Iterable[n.Inline]) -> None:
    page.depth += 1
    if page.depth > DEEPEST:
        page.out.extend(escape(plain_text_of(child)) for child in children)
    else:
        write_inlines(page, children)
    page.depth -= 1


def _anchor(page: Page, opening: str, children: Iterable[n.Inline]) -> None:
    """A link; what is a link of its own inside it (a stamp, a footnote's mark) comes after it."""
    page.deferred = []
    page.out.append(opening)
    _label(page, children)
    page.out.append("</a>")
    deferred, page.deferred = page.deferred, None
    for node in deferred:
        page.out.append(" ")
        INLINE[type(node)](page, node)


def _embed(page: Page, node: n.Embed) -> None:
    label = escape(embed_text(node))
    href = page.policy.link(node.to) if node.to is not None else None
    if href is None or page.deferred is not None:
        page.out.append(label)
    else:
        page.out.append(f'<a class="note" href="{attribute(href)}">{label}</a>')


def _image(page: Page, node: n.Image) -> None:
    source = page.policy.image(node)
    if source is not None:
        width = f' width="{node.width}"' if node.width else ""
        page.out.append(f'<img src="{attribute(source)}" alt="{attribute(node.alt)}"{width}/>')
        return
    address = web_address(node.url)
    label = escape(node.alt or (address or "image"))
    if address is None or page.deferred is not None:
        page.out.append(f'<span class="image">{label}</span>')
    else:
        page.out.append(f'<a class="image" href="{attribute(address)}">{label}</a>')


def _stamp(page: Page, node: n.Stamp) -> None:
    if page.deferred is not None:
        page.deferred.append(node)
        return
    ms = node.start_ms
    if ms is None:
        page.out.append(escape(node.raw))
        return
    out = page.out
    kind = "stamp more" if _follows_stamp(page) else "stamp"
    if kind == "stamp" and out and out[-1].endswith(" "):
        out[-1] = out[-1][:-1] + _TIED
    href = page.policy.watch(ms)
    shown, label = _time(ms // 1000)
    if href is None:
        out.append(f'<span class="{kind}">{shown}</span>')
    else:
        out.append(f'<a class="{kind}" href="{attribute(href)}" aria-label="{label}">{shown}</a>')
    page.stamped = len(out)


@lru_cache(maxsize=1 << 14)
def _time(seconds: int) -> tuple[str, str]:
    return clock(seconds * 1000), spoken(seconds * 1000)


def _follows_stamp(page: Page) -> bool:
    """Whether nothing but blanks and commas stands since the last stamp."""
    out = page.out
    since = len(out) - page.stamped
    return since == 0 or (since == 1 and not out[-1].strip(" ,;\n"))


def _footnote_mark(page: Page, node: n.FootnoteMark) -> None:
    if page.deferred is not None:
        page.deferred.append(node)
        return
    if node.label not in page.definitions:
        page.out.append(escape(f"[^{node.label}]"))
        return
    page.has_footnotes = True
    number = page.number(node.label)
    times = page.marks[node.label] = page.marks.get(node.label, 0) + 1
    prefix = page.policy.prefix
    kind = ' epub:type="noteref"' if page.policy.epub else ""
    own = f"{prefix}r-{number}" if times == 1 else f"{prefix}r-{number}-{times}"
    page.out.append(
        f'<sup><a{kind} role="doc-noteref" class="mark" id="{own}" href="#{prefix}f-{number}">{number}</a></sup>'
    )


INLINE: dict[type[n.Node], Callable[[Page, Any], None]] = {
    n.Text: _text,
    n.Code: _code,
    n.Math: _math,
    n.LineBreak: _line_break,
    n.Emphasis: _enclosed("em"),
    n.Strong: _enclosed("strong"),
    n.Strike: _enclosed("s"),
    n.Superscript: _enclosed("sup"),
    n.Subscript: _enclosed("sub"),
    n.Highlight: _enclosed("mark"),
    n.Link: _link,
    n.WikiLink: _wikilink,
    n.Embed: _embed,
    n.Image: _image,
    n.Stamp: _stamp,
    n.FootnoteMark: _footnote_mark,
}
"""The writer of each inline node; a table is a third faster here than `match`, and a test holds it complete."""
