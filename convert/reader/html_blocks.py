"""Markdown inside HTML blocks.

A tag alone on a line opens a block that Markdown takes verbatim up to the next blank line. Real notes do not mean it
so: the lines under a `<br/>` hold links and stamps. Such a block is turned into Markdown that opens no HTML block.
"""

from __future__ import annotations

import re

from convert.reader.inlines import CONTAINERS, LINE_BREAKS, PAIRED, TAG, gap

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ANY = re.compile(r"<[^<>]*>|<")
_LONE = re.compile(r"^[ \t]*(<[^<>\n]*>)[ \t]*$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def as_markdown(html: str) -> str:
    """The source of an HTML block with the same lines, its block tags dropped and unknown tags as text."""
    if "<!--" in html:
        html = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), html)
    kept = _ANY.sub(_kept, html)
    return _INDENT.sub("", _LONE.sub(_kept_alone, kept))


def _kept(found: re.Match[str]) -> str:
    tag = found[0]
    element = TAG.match(tag)
    if not element:
        return "&lt;" + tag[1:]
    name = element[2].lower()
    if name == "a" and ("data-t" in tag or "href" in tag or element[1]):
        return tag
    if name in PAIRED or name in LINE_BREAKS or name == "img":
        return tag
    return "\n" * tag.count("\n") + gap(name) if name in CONTAINERS else "&lt;" + tag[1:]


def _kept_alone(found: re.Match[str]) -> str:
    """A tag alone on its line would open a block again: breaks say nothing there, others are kept as text."""
    element = TAG.match(found[1])
    if element and (element[2].lower() in LINE_BREAKS or element[2].lower() == "a"):
        return ""
    return "&#32;" + found[1]
