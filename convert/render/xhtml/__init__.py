"""A note's tree as XHTML: always well-formed XML, whatever the note holds.

Used wherever a note becomes a page (EPUB, cards, the web); a `Policy` says where links lead.
"""

from __future__ import annotations

from collections.abc import Iterable

from convert.document import nodes as n
from convert.render.xhtml.address import web_address
from convert.render.xhtml.block import write_blocks, write_footnotes
from convert.render.xhtml.inline import write_inlines
from convert.render.xhtml.page import Page
from convert.render.xhtml.policy import Policy, Shown
from convert.render.xhtml.text import anchor, attribute, clean, escape

__all__ = [
    "Policy",
    "Shown",
    "anchor",
    "attribute",
    "clean",
    "escape",
    "render_blocks",
    "render_inlines",
    "web_address",
]


def render_blocks(blocks: Iterable[n.Block], policy: Policy) -> str:
    """The markup of blocks, their footnotes at its end; goes inside any element that takes flow content."""
    page = Page(tuple(blocks), policy)
    write_blocks(page, page.blocks)
    write_footnotes(page, page.blocks)
    return "".join(page.out)


def render_inlines(inlines: Iterable[n.Inline], policy: Policy) -> str:
    """The markup of a run of inline nodes; goes inside any element that takes phrasing content."""
    page = Page((), policy)
    write_inlines(page, inlines)
    return "".join(page.out)
