"""Reads the HTML in a note: the tags in its text, and the blocks that Markdown takes verbatim.

It reads stamps, elements that have a node, and players, which become links because a book has no player. Tags of
containers are dropped and their text is kept; any other tag is text.

In Markdown, a tag alone on a line opens an HTML block up to the next blank line. Authors rarely intend that: the lines
below a `<br/>` contain links and stamps. `as_markdown` turns such a block into Markdown without HTML blocks.

Kept apart because HTML in Markdown has rules of its own; the tree builder knows the parser's events.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from convert.document import nodes as n
from convert.reader.inline_nodes import close_stamp, link_nodes, new_image
from convert.reader.node_stack import NodeStack, OpenNode, ends_blank
from convert.reader.video_address import WEB_ADDRESS, player_link

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)(/?)>")
_DATA_T = re.compile(r"""data-t\s*+=\s*+["']?([^"'>]*)""")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SRC = re.compile(r"""\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_MOST_OPEN = 128
"""Open nodes beyond which an opening tag is text: each closing tag has to look through the tags left open."""

_PAIRED: dict[str, Callable[[tuple[n.Inline, ...]], n.Inline]] = {
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
"""HTML elements with a node of their own; a tag without its partner is shown as text."""
_CONTAINER_NAMES = """
div p span center font u small big section article header footer main aside figure figcaption details summary ins abbr
dl dt dd ul ol li table thead tbody tr td th blockquote h1 h2 h3 h4 h5 h6 a iframe video audio source picture nav
address kbd var samp
"""
_CONTAINERS = frozenset(_CONTAINER_NAMES.split())
"""HTML elements whose tags are left out while their text remains."""
_INSIDE_WORDS = frozenset(("span", "font", "u", "small", "big", "ins", "abbr", "a", "kbd", "var", "samp"))
_LINE_BREAKS = frozenset(("br", "hr"))
_PLAYERS = frozenset(("iframe", "video", "audio", "source"))


def add_tag(stack: NodeStack, tag: str) -> None:
    """Add the nodes of an inline HTML tag, or open or close an element."""
    if stack.stamp is not None:
        close_stamp(stack)
        if tag.startswith("</a"):
            return
    if tag.startswith("<a ") and "data-t" in tag:
        found = _DATA_T.search(tag)
        stack.stamp = (found[1].strip() if found else "", [])
    elif not tag.startswith(("<!", "<?")):
        _add_element(stack, tag)


def _add_element(stack: NodeStack, tag: str) -> None:
    found = _TAG.match(tag)
    name = found[2].lower() if found else ""
    closes = bool(found and found[1])
    children = stack.nodes[-1].children
    if name in _LINE_BREAKS:
        children.append(n.LineBreak())
    elif name in _PAIRED or (name == "a" and (closes or _HREF.search(tag))):
        _pair(stack, tag, name, closes)
    elif name in _PLAYERS and _add_player(stack, tag, name, closes):
        pass
    elif name in _CONTAINERS and (closes or tag == f"<{found and found[2]}>"):
        # Without attributes or partner it is a word, as in "the <table> element".
        _pair(stack, tag, name, closes)
    elif name == "img":
        children.append(new_image(stack, _attribute(_SRC, tag), _attribute(_ALT, tag)))
    elif name in _CONTAINERS:
        _leave_out(stack, name, f"the tag {tag[:40]} is left out, its text kept")
    else:
        children.append(n.Text(tag))


def _attribute(pattern: re.Pattern[str], tag: str) -> str:
    """Return the value of an attribute of a tag, "" if the tag lacks it."""
    found = pattern.search(tag)
    return next(filter(None, found.groups()), "") if found else ""


def _pair(stack: NodeStack, tag: str, name: str, closes: bool) -> None:
    """Open an element, or close the innermost open one of this name and those inside it."""
    if not closes:
        if len(stack.nodes) > _MOST_OPEN:
            stack.nodes[-1].children.append(n.Text(tag))
        else:
            stack.nodes.append(OpenNode("Tag", stack.line, (name, tag)))
        return
    for node in reversed(stack.nodes):
        if node.kind != "Tag":
            break
        if node.data[0] == name:
            while stack.nodes[-1] is not node:
                unwrap_tag(stack)
            stack.nodes.pop()
            stack.nodes[-1].children += _element_nodes(stack, name, node)
            return
    if name in _PAIRED:
        stack.nodes[-1].children.append(n.Text(tag))
    else:
        _leave_out(stack, name, f"a closing {tag[:40]} without its partner is left out")


def unwrap_tag(stack: NodeStack) -> None:
    """Close an element that lacks its closing tag: the opening tag is text."""
    node = stack.nodes.pop()
    stack.nodes[-1].children += [n.Text(node.data[1]), *node.children]


def _element_nodes(stack: NodeStack, name: str, node: OpenNode) -> list[n.Inline]:
    """Return the nodes of an element with both of its tags."""
    if name == "a":
        return link_nodes(stack, _attribute(_HREF, node.data[1]), node.children)
    if name in _PAIRED:
        return [_PAIRED[name](tuple(node.children))]
    stack.say("html-dropped", node.line, f"the tag {node.data[1][:40]} is left out, its text kept")
    blank = [n.Text(" ")] if _gap(name) else []
    return [*blank, *node.children, *blank]


def _gap(name: str) -> str:
    """Return the text in place of a container's tag: a blank, unless the element may begin or end inside a word."""
    return "" if name in _INSIDE_WORDS else " "


def _leave_out(stack: NodeStack, name: str, message: str) -> None:
    if blank := _gap(name):
        stack.nodes[-1].children.append(n.Text(blank))
    stack.say("html-dropped", stack.line, message)


# Players


def _add_player(stack: NodeStack, tag: str, name: str, closes: bool) -> bool:
    """Add a link in place of a player; return False for a name without attributes, which is a word."""
    if tag == f"<{name}>" or (closes and not _close_player(stack, name)):
        return False
    children = stack.nodes[-1].children
    if not ends_blank(children):
        children.append(n.Text(" "))
    if not closes and (link := _open_player(stack, name, tag)):
        children.append(n.Link(link[0], (n.Text(link[1]),)))
    return True


def _open_player(stack: NodeStack, name: str, tag: str) -> tuple[str, str] | None:
    """Return address and words of the link in place of an opening tag, None when there is nothing to show.

    A player with several sources is one link.
    """
    if name != "source":
        stack.players[name] = stack.players.get(name, 0) + 1
        stack.player_shown = False
    written = _attribute(_SRC, tag).strip().replace("&amp;", "&")
    if stack.player_shown or not (written or name == "iframe"):
        return None
    address = f"https:{written}" if written.startswith("//") else written
    if not WEB_ADDRESS.fullmatch(address):
        message = f"the player of {written[:40]!r} is left out: only an address on the web is shown, as a link"
        stack.say("html-dropped", stack.line, message)
        return None
    stack.player_shown = True
    return player_link(address)


def _close_player(stack: NodeStack, name: str) -> bool:
    """Return whether a closing tag is the partner of a player that is open."""
    count = stack.players.get(name, 0)
    if count:
        stack.players[name] = count - 1
        stack.player_shown = False
    return count > 0


# Blocks

_COMMENT = re.compile(r"<!--(?:(?!-->).)*+(?:-->)?", re.DOTALL)
_ANY = re.compile(r"<[^<>]*>|<")
_LONE = re.compile(r"^[ \t]*(<[^<>\n]*>)[ \t]*$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_MARKUP = re.compile(r"[^\w ./:?-]|_")


def as_markdown(stack: NodeStack, block: str) -> str:
    """Return the source of an HTML block, with the same lines, as Markdown.

    Players are links, tags of blocks are gone and unknown tags are text.
    """
    if "<!--" in block:
        block = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), block)
    kept = _ANY.sub(partial(_kept, stack), block)
    return _INDENT.sub("", _LONE.sub(_kept_alone, kept))


def _kept(stack: NodeStack, found: re.Match[str]) -> str:
    tag = found[0]
    element = _TAG.match(tag)
    if not element:
        return "&lt;" + tag[1:]
    name = element[2].lower()
    is_link = name == "a" and ("data-t" in tag or "href" in tag or element[1])
    if is_link or name in _PAIRED or name in _LINE_BREAKS or name == "img":
        return tag
    if name in _PLAYERS:
        return "\n" * tag.count("\n") + _kept_player(stack, name, tag, bool(element[1]))
    return "\n" * tag.count("\n") + _gap(name) if name in _CONTAINERS else "&lt;" + tag[1:]


def _kept_player(stack: NodeStack, name: str, tag: str, closes: bool) -> str:
    if closes:
        _close_player(stack, name)
        return " "
    address, words = _open_player(stack, name, tag) or ("", "")
    literal = _MARKUP.sub(lambda found: f"&#{ord(found[0])};", words)
    # Two blanks: the text of the next line is no part of the link's line.
    return f' <a href="{address}">{literal}</a>  ' if address else " "


def _kept_alone(found: re.Match[str]) -> str:
    """Keep a lone tag from opening a block: drop breaks and links, keep others as text."""
    element = _TAG.match(found[1])
    return "" if element and element[2].lower() in ("br", "hr", "a") else "&#32;" + found[1]
