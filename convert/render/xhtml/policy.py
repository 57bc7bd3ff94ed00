"""What a page decides about the tree that it renders: where links lead, how headings and ids are numbered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from convert.document.nodes import Destination, Image, Math, Video, WikiLink


def no_target(_: object) -> None:
    """Leads nowhere: what was to be a link stays text."""


def tex_as_code(node: Math) -> str:
    """Maths as its TeX source, marked up as code."""
    from convert.render.xhtml.text import escape

    return f'<code class="math">{escape(node.tex)}</code>'


@dataclass(frozen=True)
class Policy:
    """The decisions of a page; the default links only to the web and needs nothing around it."""

    link: Callable[[Destination], str | None] = no_target
    """The href of a wikilink or embed; None: its label as plain text."""
    watch: Callable[[int], str | None] = no_target
    """The address where the video plays from a number of milliseconds on; None: the time as plain text."""
    watch_other: Callable[[Video | None], Callable[[int], str | None]] | None = None
    """`watch` for the video of a note that is shown in this one; None: notes are not shown in place, only linked."""
    meet: Callable[[WikiLink, str], object] | None = None
    """Told of every wikilink and the id of the section where it stands ("" before the first)."""
    image: Callable[[Image], str | None] = no_target
    """The `src` of an image; None: its alt text, as a link where the address allows."""
    math: Callable[[Math], str] = tex_as_code
    """Markup of an expression; `convert.render.xhtml.mathml.mathml` for MathML."""
    heading: int = 2
    """Level of the outermost headings."""
    prefix: str = ""
    """Stands before every id, so that several notes can share a page."""
    anchors: bool = True
    """Whether sections and named blocks get ids."""
    epub: bool = False
    """Whether `epub:type` may be written (the page declares the namespace)."""


class Shown:
    """The `image` of a policy whose pictures lie in one folder; keeps account of those that were asked for."""

    def __init__(self, before: str) -> None:
        """`before` stands before the name of each picture: a folder, say."""
        self.names: set[str] = set()
        self.undescribed = False
        """Whether one of them has no alt text."""
        self._before = before

    def __call__(self, image: Image) -> str | None:
        if image.picture is None:
            return None
        self.names.add(image.picture.name)
        self.undescribed |= not image.alt.strip()
        return self._before + image.picture.name
