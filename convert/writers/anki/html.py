"""Faces of cards as the HTML of Anki fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from convert.document import nodes as n
from convert.extract.cards import Face, Gap
from convert.render.xhtml import Policy, render_blocks, render_inlines
from convert.writers.anki import escape

# Noncharacters stand for the marks of MathJax until everything else is made inert; no text of a note holds them.
_MATH = {"\ufdd0": "\\(", "\ufdd1": "\\)", "\ufdd2": "\\[", "\ufdd3": "\\]"}


PICTURES = "notebind-"
"""Before the names of pictures: Anki keeps those of all decks in one folder."""
_PICTURE = re.compile(rf'<img src="{PICTURES}([0-9a-f]+\.[a-z]+)"')


def pictures_in(html: str) -> list[str]:
    """The names of the pictures in a field of ours: a text of a note holds no tags."""
    return _PICTURE.findall(html) if "<img" in html else []


def _source(image: n.Image) -> str | None:
    return PICTURES + image.picture.name if image.picture else None


def _math(node: n.Math) -> str:
    left, right = ("\ufdd2", "\ufdd3") if node.display else ("\ufdd0", "\ufdd1")
    return left + escape.tex(node.tex) + right


@cache
def _policy() -> Policy:
    return Policy(math=_math, heading=3, image=_source, anchors=False)


def blocks_html(blocks: tuple[n.Block, ...]) -> str:
    """The HTML of blocks in which nothing is active."""
    return _marked(render_blocks(blocks, _policy())).strip() if blocks else ""


def inlines_html(inlines: tuple[n.Inline, ...]) -> str:
    """The HTML of inline nodes in which nothing is active."""
    if all(type(node) is n.Text for node in inlines):
        return escape.escaped("".join(node.text for node in inlines if isinstance(node, n.Text)))
    return _marked(render_inlines(inlines, _policy())).strip("\n")


def face_html(face: Face) -> str:
    """The HTML of a front; its gaps become Anki's cloze marks."""
    return "".join(_gap(node) if isinstance(node, Gap) else inlines_html(node) for node in _runs(face))


def _runs(face: Face) -> Iterable[Gap | tuple[n.Inline, ...]]:
    run: list[n.Inline] = []
    for node in face:
        if isinstance(node, Gap):
            yield tuple(run)
            yield node
            run = []
        else:
            run.append(node)
    yield tuple(run)


def _gap(gap: Gap) -> str:
    hint = f"::{escape.escaped(gap.hint)}" if gap.hint else ""
    return f"{{{{c{gap.number}::{inlines_html(gap.children)}{hint}}}}}"


def _marked(html: str) -> str:
    html = escape.inert(html)
    if "\ufdd0" in html or "\ufdd2" in html:
        for mark, text in _MATH.items():
            html = html.replace(mark, text)
    return html
