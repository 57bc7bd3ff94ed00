"""Reads the tags of HTML: those in the text of a note, and those in blocks that Markdown takes verbatim.

It reads stamps, elements that have a node, and players, which become links because a book has no player. Tags of
containers are dropped and their text is kept; any other tag is text.

In Markdown, a tag at the start of a line opens an HTML block up to the next blank line. Authors rarely intend that: the
lines below a `<br/>` contain links and stamps. `pieces` cuts such a block into tags and Markdown without HTML blocks.

Kept apart because HTML in Markdown has rules of its own; the tree builder knows the parser's events.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from typing import Any, NamedTuple

from convert.document import nodes as n
from convert.document.walk import descend, plain_text
from convert.reader.inline_nodes import SRC, attribute_of, close_player, close_stamp, link_nodes, new_image, open_player
from convert.reader.node_stack import NodeStack, OpenNode, ends_blank, highlight
from convert.reader.source import Say, code_spans

TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)(/?)>")
_IS_STAMP = re.compile(r"\sdata-t(?![\w-])")
_DATA_T = re.compile(r"""\sdata-t\s*+=\s*+["']?([^"'>]*)""")
_HREF = re.compile(r"""(?<![\w-])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_TITLE = re.compile(r"""(?<![\w-])title\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_MOST_OPEN = 128
"""Open nodes beyond which an opening tag is text: each closing tag has to look through the tags left open."""

PAIRED: dict[str, Callable[[tuple[n.Inline, ...]], n.Inline]] = {
    "b": n.Strong,
    "strong": n.Strong,
    "i": n.Emphasis,
    "em": n.Emphasis,
    "cite": n.Emphasis,
    "dfn": n.Emphasis,
    "s": n.Strike,
    "del": n.Strike,
    "strike": n.Strike,
    "sup": n.Superscript,
    "sub": n.Subscript,
    "mark": n.Highlight,
    "code": lambda children: n.Code(plain_text(children)),
    "tt": lambda children: n.Code(plain_text(children)),
}
"""HTML elements with a node of their own; a tag without its partner is shown as text."""
_ELEMENTS: dict[str, Any] = {
    **{name: name for name in ("abbr", "ins", "kbd", "q", "rt", "ruby", "samp", "small", "u", "var")},
    "acronym": "abbr",
    "rtc": "rt",
}
"""HTML elements that are an `Element`, with its name."""
_IN_RUBY = frozenset(("rb", "rp", "rt", "rtc"))
"""Elements that end where the next of them begins, or with their ruby."""
SPANS = frozenset((*PAIRED, *_ELEMENTS, *_IN_RUBY))
"""HTML elements within a line whose meaning is kept."""
_CONTAINER_NAMES = """
div p span center font big section article header footer main aside figure figcaption details summary caption
dl dt dd ul ol li table thead tbody tfoot tr td th blockquote h1 h2 h3 h4 h5 h6 a iframe video audio source picture nav
address bdi bdo time data rb rp
"""
CONTAINERS = frozenset((*_CONTAINER_NAMES.split(), *_ELEMENTS))
"""HTML elements whose tags are left out while their text remains, at least where they have no partner."""
_INSIDE_WORDS = frozenset(("span", "font", "big", "a", "bdi", "bdo", "time", "data", *_IN_RUBY, *_ELEMENTS))
LINEBREAKS = frozenset(("br", "hr"))
PLAYERS = frozenset(("iframe", "video", "audio", "source"))


def add_tag(stack: NodeStack, tag: str) -> None:
    """Add the nodes of an inline HTML tag, or open or close an element."""
    if stack.stamp is not None:
        close_stamp(stack)
        if tag.startswith("</a"):
            return
    if tag.startswith("<a ") and _IS_STAMP.search(tag):
        found = _DATA_T.search(tag)
        stack.stamp = (found[1].strip() if found else "", [])
    elif not tag.startswith(("<!", "<?")):
        _add_element(stack, tag)


def _add_element(stack: NodeStack, tag: str) -> None:
    found = TAG.match(tag)
    name = found[2].lower() if found else ""
    closes = bool(found and found[1])
    children = stack.nodes[-1].children
    if name in LINEBREAKS:
        children.append(n.LineBreak())
    elif name in SPANS or (name == "a" and (closes or _HREF.search(tag))):
        _pair(stack, tag, name, closes)
    elif name == "wbr" or (name in PLAYERS and _add_player(stack, tag, name, closes)):
        pass
    elif name in CONTAINERS and (closes or tag == f"<{found and found[2]}>"):
        # Without attributes or partner it is a word, as in "the <table> element".
        _pair(stack, tag, name, closes)
    elif name == "img":
        children.append(new_image(stack, attribute_of(SRC, tag), attribute_of(_ALT, tag)))
    elif name in CONTAINERS:
        _leave_out(stack, name, f"the tag {tag[:40]} is left out, its text kept")
    else:
        children.append(n.Text(tag))


def _add_player(stack: NodeStack, tag: str, name: str, closes: bool) -> bool:
    """Add a link in place of a player; return False for a name without attributes, which is a word."""
    if tag == f"<{name}>" or (closes and not close_player(stack, name)):
        return False
    children = stack.nodes[-1].children
    if not ends_blank(children):
        children.append(n.Text(" "))
    if not closes and (link := open_player(stack, name, tag)):
        children.append(n.Link(link[0], (n.Text(link[1]),)))
    return True


def _pair(stack: NodeStack, tag: str, name: str, closes: bool) -> None:
    """Open an element, or close the innermost open one of this name and those inside it."""
    if name in _IN_RUBY and not closes and stack.nodes[-1].kind == "Tag" and stack.nodes[-1].data[0] in _IN_RUBY:
        _close_tag(stack)
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
            _close_tag(stack)
            return
    if name in PAIRED:
        stack.nodes[-1].children.append(n.Text(tag))
    elif not _will_end(stack, name):
        _leave_out(stack, name, f"a closing {tag[:40]} without its partner is left out")


def _will_end(stack: NodeStack, name: str) -> bool:
    """Return whether a closing tag in the text is that of a part of HTML around it, which then ends with the block."""
    for node in reversed(stack.nodes):
        if node.kind == "Part" and node.data.name == name:
            node.data.ends = True
            return True
    return False


def unwrap_tag(stack: NodeStack) -> None:
    """Close an element that lacks its closing tag: the opening tag is text, but a ruby ends with its last reading."""
    node = stack.nodes[-1]
    name, tag = node.data
    if name in _IN_RUBY and len(stack.nodes) > 1 and stack.nodes[-2].kind == "Tag":
        _close_tag(stack)
        return
    stack.nodes.pop()
    readings = [at for at, one in enumerate(node.children) if _is_reading(one)] if name == "ruby" else []
    end = readings[-1] + 1 if readings else 0
    start = n.Element("ruby", tuple(node.children[:end])) if readings else n.Text(tag)
    stack.nodes[-1].children += [start, *node.children[end:]]


def _is_reading(node: n.Inline) -> bool:
    return isinstance(node, n.Element) and node.name == "rt"


def _close_tag(stack: NodeStack) -> None:
    node = stack.nodes.pop()
    stack.nodes[-1].children += _element_nodes(stack, node.data[0], node)


def _element_nodes(stack: NodeStack, name: str, node: OpenNode) -> list[n.Inline]:
    """Return the nodes of an element with both of its tags."""
    children: list[n.Inline] = node.children
    if name == "a":
        return link_nodes(stack, attribute_of(_HREF, node.data[1]).replace("&amp;", "&"), children)
    if name in PAIRED:
        return [PAIRED[name](highlight(children))] if children else []
    if name in _IN_RUBY and name != "rb":
        # A word is counted once, by its base.
        stack.words -= sum(len(one.text.split()) for one in descend(children) if isinstance(one, n.Text))
    if name in ("rb", "rp"):
        return children if name == "rb" else []
    if name in _ELEMENTS:
        full = " ".join(unescape(attribute_of(_TITLE, node.data[1])).split()) if name in ("abbr", "acronym") else ""
        return [n.Element(_ELEMENTS[name], highlight(children), full)] if children else []
    if name == "li":
        return [*([] if not stack.nodes[-1].children else [n.LineBreak()]), n.Text("• "), *children]
    stack.say("html-dropped", node.line, f"the tag {node.data[1][:40]} is left out, its text kept")
    blank = [n.Text(" ")] if gap(name) else []
    return [*blank, *children, *blank]


def gap(name: str) -> str:
    """Return the text in place of a container's tag: a blank, unless the element may begin or end inside a word."""
    return "" if name in _INSIDE_WORDS else " "


def _leave_out(stack: NodeStack, name: str, message: str) -> None:
    if blank := gap(name):
        stack.nodes[-1].children.append(n.Text(blank))
    stack.say("html-dropped", stack.line, message)


# Blocks

_COMMENT = re.compile(r"<!--(?:(?!-->).)*+(?:-->)?", re.DOTALL)
_ANY = re.compile(r"<[^<>]*>|<")
_LONE = re.compile(r"^[ \t]*(<[^<>\n]*>)[ \t]*$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_OPENS_BLOCK = re.compile(r"[-+*#>=~|`]|[0-9]{1,9}[.)]")
_MARKUP = re.compile(r"[^\w ./:?-]|_")
_MOST_AGAIN = 8
"""Inline elements that are opened again behind the tag of a block."""

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
TEXT_ONLY = frozenset(("summary", "figcaption", "caption", "dt", "dd", "li", "td", "th", *HEADINGS))
"""Elements in which a heading is no section."""
HOLDERS = frozenset(("details", "dl", "figure", "table", "tr", "ul", "ol", "blockquote", "center", *TEXT_ONLY))
"""Elements that are parts of the tree."""
BREAKS = frozenset(
    ["p", "div", "thead", "tbody", "tfoot", "section", "article", "header", "footer", "main", "aside", "nav", "address"]
)
"""Elements that only part what is before them from what is behind, unless they align it."""
PARTS = HOLDERS | BREAKS


class Piece(NamedTuple):
    """Markdown, or a tag of one of `PARTS`, in an HTML block, and the line on which it starts."""

    line: int
    text: str = ""
    name: str = ""
    tag: str = ""

    @property
    def closes(self) -> bool:
        """Whether the tag is a closing one."""
        return self.tag.startswith("</")

    @property
    def holds(self) -> bool:
        """Whether the element is a part of the tree."""
        return self.name in HOLDERS


def verbatim(block: str) -> tuple[str, str]:
    """Return the text of the `<pre>` that begins a block, and what follows it; ("", block) if none does."""
    lower = block.lower()
    start = lower.find(">") + 1
    if not re.match(r"\s*+<pre[\s>]", lower) or not start:
        return "", block
    end = lower.find("</pre", start)
    end = len(block) if end < 0 else end
    inside = _ANY.sub(
        lambda found: "" if _name(found[0]) in SPANS or _name(found[0]) == "span" else found[0], block[start:end]
    )
    return unescape(inside).removeprefix("\n"), block[end:].partition(">")[2]


def pieces(stack: NodeStack, block: str, line: int) -> Iterator[Piece]:
    """Yield the pieces of an HTML block; an inline element around several is opened again in each.

    Players are links, tags without meaning are gone and unknown tags are text.
    """
    if "<!--" in block:
        block = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), block)
    tags = list(_ANY.finditer(block))
    partners = _partners(tags)
    silent = {*partners, *partners.values()}
    opened: dict[int, str] = {}
    held, end, begins, says = [""], 0, False, False
    for number, found in enumerate((*tags, None)):
        between = block[end : found.start() if found else len(block)]
        held.append(between)
        says = says or bool(between.strip())
        tag, end = (found[0], found.end()) if found else ("", end)
        name = _name(tag)
        if found and name not in PARTS:
            held.append(_kept(stack, tag))
            says = says or number not in silent
            opened |= {partners[number]: " ".join(tag.split())} if number in partners else {}
            opened.pop(number, None)
            continue
        text = "".join(held[1:])
        # One without text would be taken for a tag: what stands behind an empty heading would be lost in it.
        if says and (piece := _markdown(line, held[0], text, opened, begins)).text:
            yield piece
        line += text.count("\n")
        if found:
            yield Piece(line, "", name, tag)
        line += tag.count("\n")
        held, begins, says = ["".join([*opened.values()][:_MOST_AGAIN])], True, False


def _partners(tags: Sequence[re.Match[str]]) -> dict[int, int]:
    """Return the number of the closing tag of each inline element that has one, by that of its opening tag."""
    waiting: dict[str, list[int]] = {}
    partners = {}
    for number, found in enumerate(tags):
        name = _name(found[0])
        if name not in SPANS and name != "a":
            continue
        if not found[0].startswith("</"):
            waiting.setdefault(name, []).append(number)
        elif waiting.get(name):
            partners[waiting[name].pop()] = number
    return partners


_MARK = r"(?:[-*+]|[0-9]{1,9}[.)]|#{1,6})[ \t]++"
_SPAN_OR_GAP = re.compile(rf"</?[A-Za-z][^<>]*+>|\n[ \t>]*+(?:{_MARK}|\n[ \t>]*+(?:{_MARK})?)")
_FARTHEST = 4000
"""Characters between the tags of an element that goes on in other blocks."""


_OTHER_END = re.compile(r"</(?!a>)")


def nest_tags(text: str, say: Say) -> str:
    """Close elements within each block and before the end of those around them, and open them again behind that."""
    if not _OTHER_END.search(text):
        return text
    code = code_spans(text)
    tags = [found for found in _SPAN_OR_GAP.finditer(text) if not code.covers(found.start())]
    pairs = [(at, to) for at, to in _partners(tags).items() if _name(tags[at][0]) != "a"]
    partners = {at: to for at, to in pairs if tags[to].start() - tags[at].end() < _FARTHEST}
    opened: dict[int, str] = {}
    made, end = [], 0
    for number, found in enumerate(tags):
        is_gap = found[0][0] == "\n"
        made.append(text[end : found.start()])
        end = found.end()
        inner = [*opened] if is_gap else []
        if number in opened:
            inner = [*opened][[*opened].index(number) + 1 :]
            del opened[number]
        elif number in partners and len(opened) < _MOST_AGAIN:
            opened[partners[number]] = " ".join(found[0].split())
        again = [opened[one] for one in inner]
        made += [*[f"</{_name(tag)}>" for tag in reversed(again)], found[0], *again]
    return "".join([*made, text[end:]])


def _name(tag: str) -> str:
    """Return the name of the element of a tag in lower case, "" if it is none."""
    found = TAG.match(tag)
    return found[2].lower() if found else ""


def _markdown(line: int, again: str, text: str, opened: dict[int, str], begins: bool) -> Piece:
    """Return a piece of Markdown; behind a tag on its line it opens no list, quote or heading."""
    # An entity is no mark of Markdown.
    escaped = "&#32;" if begins and _OPENS_BLOCK.match(text.lstrip(" \t")) else ""
    closing = "".join([f"</{_name(tag)}>" for tag in [*opened.values()][::-1]])
    return Piece(line, _INDENT.sub("", _LONE.sub(_kept_alone, f"{again}{escaped}{text}{closing}")))


def _kept(stack: NodeStack, tag: str) -> str:
    element = TAG.match(tag)
    if not element:
        return "&lt;" + tag[1:]
    name = element[2].lower()
    is_link = name == "a" and (_IS_STAMP.search(tag) or element[1] or _HREF.search(tag))
    if is_link or name in SPANS or name in LINEBREAKS or name == "img":
        return tag
    if name in PLAYERS:
        return "\n" * tag.count("\n") + _kept_player(stack, name, tag, bool(element[1]))
    return "\n" * tag.count("\n") + gap(name) if name in CONTAINERS else "&lt;" + tag[1:]


def _kept_player(stack: NodeStack, name: str, tag: str, closes: bool) -> str:
    if closes:
        close_player(stack, name)
        return " "
    address, words = open_player(stack, name, tag) or ("", "")
    literal = _MARKUP.sub(lambda found: f"&#{ord(found[0])};", words)
    # Two blanks: the text of the next line is no part of the link's line.
    return f' <a href="{address}">{literal}</a>  ' if address else " "


def _kept_alone(found: re.Match[str]) -> str:
    """Keep a lone tag from opening a block: drop breaks and links, keep others as text."""
    element = TAG.match(found[1])
    return "" if element and element[2].lower() in ("br", "hr", "a") else "&#32;" + found[1]
