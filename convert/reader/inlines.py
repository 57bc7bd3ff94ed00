"""What becomes of the inline pieces that Markdown leaves to us: HTML tags, bare stamps, highlights, wikilinks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

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

LINE_BREAKS = frozenset(("br", "hr"))


def attribute(pattern: re.Pattern[str], tag: str) -> str:
    """The value of an attribute in a tag, "" when it is not there."""
    found = pattern.search(tag)
    return next((group for group in found.groups() if group), "") if found else ""


_HIGHLIGHT = re.compile(r"==(?=[^\s=])|(?<=[^\s=])==")


def mark_highlights(children: list[n.Inline]) -> list[n.Inline]:
    """The children with each run between two `==` put into a Highlight; a lone `==` stays text."""
    done: list[n.Inline] = []
    opened: int | None = None
    for node in _split_at_marks(children):
        if node is not _MARK:
            done.append(node)
        elif opened is None:
            opened = len(done)
            done.append(node)
        elif opened + 1 < len(done):
            done[opened:] = [n.Highlight(tuple(done[opened + 1 :]))]
            opened = None
    return done


_MARK = n.Text("==")


def _split_at_marks(children: list[n.Inline]) -> Iterator[n.Inline]:
    for at, node in enumerate(children):
        if type(node) is not n.Text or "==" not in node.text:
            yield node
            continue
        # What stands beside other markup has it for a neighbour: `==a **b**==`.
        before = at > 0 and type(children[at - 1]) is not n.Text and node.text.startswith("==")
        after = at + 1 < len(children) and type(children[at + 1]) is not n.Text and node.text.endswith("==")
        inner = node.text[2 if before else 0 : -2 if after and len(node.text) > 2 * before + 1 else None]
        if before:
            yield _MARK
        for i, piece in enumerate(_HIGHLIGHT.split(inner)):
            if i:
                yield _MARK
            if piece:
                yield n.Text(piece)
        if after and len(node.text) > 2 * before + 1:
            yield _MARK


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
