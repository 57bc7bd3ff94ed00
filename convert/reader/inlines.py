"""What becomes of the inline pieces that Markdown leaves to us: HTML tags, bare stamps, highlights, wikilinks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from convert.document import nodes as n

TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)(/?)>")
DATA_T = re.compile(r"""data-t\s*=\s*["']?([^"'>]*)""")
HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
SRC = re.compile(r"""\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""")

PAIRED: dict[str, Callable[[tuple[n.Inline, ...]], n.Inline]] = {
    "b": n.Strong,
    "strong": n.Strong,
    "i": n.Emphasis,
    "em": n.Emphasis,
    "cite": n.Emphasis,
    "s": n.Strike,
    "del": n.Strike,
    "strike": n.Strike,
    "sup": n.Superscript,
    "sub": n.Subscript,
    "mark": n.Highlight,
}
"""HTML elements with a node of their own; a tag of theirs without its partner is shown as text."""

_CONTAINER_NAMES = """
div p span center font u small big section article header footer main aside figure figcaption details summary ins abbr
dl dt dd ul ol li table thead tbody tr td th blockquote h1 h2 h3 h4 h5 h6 a iframe video audio source picture nav
address kbd var samp
"""
CONTAINERS = frozenset(_CONTAINER_NAMES.split())
"""HTML elements whose tags are left out while what they hold stays."""

_INSIDE_WORDS = frozenset(["span", "font", "u", "small", "big", "ins", "abbr", "a", "kbd", "var", "samp"])


def gap(name: str) -> str:
    """What stands in place of a container's tag: a blank, unless the element may begin or end inside a word."""
    return "" if name in _INSIDE_WORDS else " "


LINE_BREAKS = frozenset(("br", "hr"))


def attribute(pattern: re.Pattern[str], tag: str) -> str:
    """The value of an attribute in a tag, "" when it is not there."""
    found = pattern.search(tag)
    return next((group for group in found.groups() if group), "") if found else ""


_HIGHLIGHT = re.compile(r"(?<!=)==(?!=)")
_WORD = re.compile(r"[A-Za-z0-9_]")


class _Mark(NamedTuple):
    """Two equals signs, and whether what stands beside them lets them open or close a highlight."""

    opens: bool
    closes: bool


def mark_highlights(children: list[n.Inline]) -> list[n.Inline]:
    """The children with each run between two `==` put into a Highlight; `a == b` and `a==b` stay text."""
    done: list[n.Inline] = []
    opened: int | None = None
    for piece in _split_at_marks(children):
        if not isinstance(piece, _Mark):
            done.append(piece)
        elif opened is not None and piece.closes and opened + 1 < len(done):
            done[opened:] = [n.Highlight(tuple(done[opened + 1 :]))]
            opened = None
        else:
            opened = len(done) if piece.opens else opened
            done.append(n.Text("=="))
    return done


def _split_at_marks(children: list[n.Inline]) -> Iterator[n.Inline | _Mark]:
    for at, node in enumerate(children):
        if type(node) is not n.Text or "==" not in node.text:
            yield node
            continue
        before = _beside(children[at - 1], -1) if at else " "
        after = _beside(children[at + 1], 0) if at + 1 < len(children) else " "
        text, start = node.text, 0
        for mark in _HIGHLIGHT.finditer(text):
            if mark.start() > start:
                yield n.Text(text[start : mark.start()])
            left = text[mark.start() - 1] if mark.start() else before
            right = text[mark.end()] if mark.end() < len(text) else after
            yield _Mark(
                opens=not right.isspace() and not _WORD.match(left),
                closes=not left.isspace() and not _WORD.match(right),
            )
            start = mark.end()
        if start < len(text):
            yield n.Text(text[start:])


def _beside(node: n.Inline, end: int) -> str:
    """The character that a neighbour shows: of a text its own, of other nodes one that is neither blank nor letter."""
    return node.text[end] if type(node) is n.Text and node.text else "."


def trimmed(children: list[n.Inline]) -> list[n.Inline]:
    """The children without blanks at both ends."""
    while children and type(first := children[0]) is n.Text:
        text = first.text.lstrip()
        if text:
            children[0] = first if text == first.text else n.Text(text)
            break
        children.pop(0)
    while children and type(last := children[-1]) is n.Text:
        text = last.text.rstrip()
        if text:
            children[-1] = last if text == last.text else n.Text(text)
            break
        children.pop()
    return children


PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|excalidraw(?:\.md)?)\Z", re.IGNORECASE)
"""How the name of a picture file ends."""

SIZE = re.compile(r"\|[ \t]*([0-9]{1,5})(?:x[0-9]{1,5})?[ \t]*\Z")
"""A width in pixels, and perhaps a height, behind the text of an image."""

BLOCK_ID = re.compile(r"(?:\s|\A)\^(?=[A-Za-z0-9-]*[A-Za-z]|[0-9]{6})([A-Za-z0-9-]{3,80})\Z")
"""Obsidian's name of a block at its end; `r ^2` and `e ^ix` are none."""


def ends_blank(children: list[n.Inline]) -> bool:
    """Whether what comes next stands at the start or behind a blank."""
    last = children[-1] if children else None
    return last is None or type(last) is n.LineBreak or (type(last) is n.Text and last.text[-1:].isspace())


def split_target(written: str) -> tuple[str, str]:
    """Target and fragment of a wikilink as written: `note#heading` and `note#^block` are two things each."""
    target, _, fragment = written.partition("#")
    return target.strip(), fragment.strip()


EXTERNAL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:(?://)?[^\s|]+")
"""A wikilink target that is an address of the web or of mail."""


def is_external(target: str) -> bool:
    """Whether `[[target]]` means an address outside the vault."""
    return target.startswith(("http://", "https://", "mailto:")) and bool(EXTERNAL.match(target))


_BRACKETED_TIME = re.compile(r"\[[0-9:.,\s-]{3,40}\]")


def is_literal(target: str) -> bool:
    """Whether `[[target]]` is text that only looks like a wikilink: nested lists, nothing at all."""
    name, _, heading = target.partition("#")
    return "[" in name or "]" in name or "[" in _BRACKETED_TIME.sub("", heading) or not target.strip()
