"""Renders a note's tree as XHTML, which is well-formed XML for any note.

Used wherever a note becomes a page (EPUB, cards, the web); a `Policy` says where links lead.
"""

from __future__ import annotations

from convert.render.xhtml.markup import render_blocks, render_inlines
from convert.render.xhtml.rendering import Policy, no_target, tex_as_code
from convert.render.xhtml.text import anchor, attribute, escape, web_address, xml_text

__all__ = [
    "Policy",
    "anchor",
    "attribute",
    "escape",
    "no_target",
    "render_blocks",
    "render_inlines",
    "tex_as_code",
    "web_address",
    "xml_text",
]
