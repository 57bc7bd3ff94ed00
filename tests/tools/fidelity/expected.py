"""Finds the words, stamps and links of a note's text, which the book must contain."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from tests.tools.fidelity.source import FOOTNOTE, PIPE, Source

_STRICT = r"(?:\d{0,2}:)?\d{0,3}:[0-5]\d(?::\d\d)?(?:\.\d{1,9})?"
_GAP = r"[ \t]{0,2}(?:[-\u2010-\u2015~\u301c\uff5e\u2192,;/&]|to|and)[ \t]{0,2}"
_BARE = re.compile(
    rf"\[[ \t]{{0,2}}{_STRICT}(?:{_GAP}{_STRICT})*[ \t]{{0,2}}\]"
    rf"|\(\d{{1,2}}:[0-5]\d:[0-5]\d(?:{_GAP}\d{{1,2}}:[0-5]\d:[0-5]\d)*\)"
)
_VALID = re.compile(r"(?:\d{1,2}:)?\d{1,3}:[0-5]\d")
_ANY_TIME = re.compile(r"\d{1,3}(?::\d{1,2}){1,3}")
_WIKI = re.compile(
    r"(!?)\[\[([^\[\]|" + PIPE + r"\n]+)(?:[|" + PIPE + r"]((?:[^\[\]]|\[[^\[\]]*\])*))?\]\](?!\(https?:)"
)
_CALLOUT = re.compile(r"\[!([^\[\]\n]{1,60})\][+-]?[ \t]*([^\n]*)")
_TASK = re.compile(r"\A\[[ xX]\][ \t]")
_MARKED = re.compile(r"==(?=\S)(.*?\S)==", re.DOTALL)
_TOKEN = re.compile(r"\w+|[^\w\s]")
_CONTROLS = re.compile("[\ue011\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_DELIMITED = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_ANCHOR = re.compile(r'<a\s[^<>\n]*data-t="?([^"<>]*)"?[^<>\n]*>[^<>\n]*</a>')
STAMP = "\ue010"
"""Replaces a stamp in a line of words."""

EDGE = "\ue011"
"""Marks the ends of a link: a time in brackets within a link is not a stamp."""

_HTML = """
    a abbr address article aside audio b big blockquote br caption center cite dd del details div dl dt em figcaption
    figure font footer h1 h2 h3 h4 h5 h6 header hr i iframe img ins kbd li main mark nav ol p picture s samp section
    small source span strike strong sub summary sup table tbody td th thead tr u ul var video
"""
HTML = frozenset(_HTML.split())
"""Elements whose tags are not shown."""
_IN_LINE_NAMES = "a abbr b big cite del em font i ins kbd mark s samp small span strike strong sub sup u var"
_IN_LINE = frozenset(_IN_LINE_NAMES.split())


@dataclass(frozen=True)
class Word:
    """A word or punctuation mark and its line in the file."""

    text: str
    line: int


@dataclass(frozen=True)
class Wiki:
    """A wikilink of the text."""

    target: str
    fragment: str
    line: int
    embed: bool = False


@dataclass
class Promise:
    """Everything that the book must contain."""

    words: list[Word] = field(default_factory=list)
    stamps: list[tuple[str, int]] = field(default_factory=list)
    """The time and line of each valid stamp."""
    links: list[Wiki] = field(default_factory=list)


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„«»″״", '"'),
        **dict.fromkeys("‘’‚‹›′", "'"),
        **dict.fromkeys("–—", "-"),
        "…": "...",
        "\u202f": "",
    }
)
"""Signs that typography makes, and what is typed for them."""
_HYPHENS = re.compile("-{2,3}")


def tokens(text: str) -> list[str]:
    """Split a text into words and single punctuation marks, which are plain however they are typeset."""
    return _TOKEN.findall(_HYPHENS.sub("-", _CONTROLS.sub("", text).translate(_PLAIN)))


def promise(source: Source, titles: Any) -> Promise:
    """Return what the book must contain of a text; `titles(target)` returns the title of a linked note, or ""."""
    return _Collector(source, titles).collected()


def _wiki(state: StateInline, silent: bool) -> bool:
    found = _WIKI.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        token = state.push("wiki", "", 0)
        token.meta = {"embed": bool(found[1]), "target": found[2].rstrip("\\"), "label": found[3]}
        token.children = []
        if found[3] and found[3].strip():
            state.md.inline.parse(found[3].strip(), state.md, state.env, token.children)
    state.pos = found.end()
    return True


def _dollars(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$" or state.src[state.pos - 1 : state.pos] == "\\":
        return False
    double = state.src.startswith("$$", state.pos)
    mark = "$$" if double else "$"
    start = state.pos + len(mark)
    end = state.src.find(mark, start)
    if end <= start or not (double or _is_tex(state.src[start:end], state.src[end + 1 : end + 2])):
        return False
    if not silent:
        state.push("tex", "", 0).content = state.src[start:end]
    state.pos = end + len(mark)
    return True


def _is_tex(text: str, behind: str) -> bool:
    if text != text.strip() or behind.isdigit():
        return False
    if re.fullmatch(r"-?\d[\d.]*", text):
        return True
    if re.match(r"\d", text) and not re.search(r"[=<>+*/^_\\-]", text):
        return False
    if re.search(r"\\[A-Za-z]|[\^_]", text):
        return len(re.findall(r"(?<![\\\w{])[a-z]{3,}(?![\w}])", text)) <= 2 + text.count("\\")
    symbols = re.fullmatch(r"[\w\s+\-*/=<>≤≥≈×÷·.,()'′!|\[\]]{1,80}", text)
    return bool(symbols) and not re.search(r"[A-Za-z]{3}", text) and text[-1] not in "-,.;:/"


def _backslashed(state: StateInline, silent: bool) -> bool:
    found = _DELIMITED.match(state.src, state.pos)
    tex = (found[1] or found[2]).strip() if found else ""
    if not found or not (re.search(r"\\[A-Za-z]|[\^_]", tex) or (found[1] and re.search("[A-Za-z]", tex))):
        return False
    if not _is_tex(tex, ""):
        return False
    if not silent:
        state.push("tex", "", 0).content = tex
    state.pos = found.end()
    return True


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("html_block")
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.inline.ruler.before("link", "wiki", _wiki)
    parser.inline.ruler.before("escape", "tex", _dollars)
    parser.inline.ruler.before("tex", "backslashed", _backslashed)
    parser.inline.add_terminator_char("$")
    return parser


def _player(tag: str) -> str:
    """Return the text of the link that replaces a player."""
    found = re.match(r"""<(?:iframe|video|audio|source)\s[^>]*\bsrc=["'](https?:[^"']+)""", tag, re.I)
    if not found:
        return ""
    site = re.match(r"https://(?:www\.|player\.)?(youtube|vimeo)", found[1])
    names = {"youtube": "YouTube", "vimeo": "Vimeo"}
    return f"Watch the video on {names[site[1]]}" if site else html.unescape(found[1])


class _Collector:
    def __init__(self, source: Source, titles: Any) -> None:
        self._source = source
        self._titles = titles
        self._found = Promise()
        self._text: list[str] = []
        self._line = 0
        self._anchor: list[str] | None = None
        self._notes: list[Word] = []
        self._in_note = False

    def collected(self) -> Promise:
        tokens = _parser().parse(self._source.body)
        first = next((at for at, token in enumerate(tokens) if token.type == "heading_open"), -1)
        for at, token in enumerate(tokens):
            if token.map:
                self._line = self._source.first + token.map[0]
            if token.type == "inline" and at == first + 1 and tokens[first].tag == "h1" and self._repeats(token):
                continue  # the page has its title once
            if token.type == "inline":
                self._inline(token)
            elif token.type in ("fence", "code_block"):
                self._code_block(token)
        self._found.words += self._notes
        return self._found

    def _repeats(self, heading: Token) -> bool:
        written, title = heading.content.split(), self._source.title.split()
        return " ".join(written).casefold() == " ".join(title).casefold()

    def _code_block(self, token: Token) -> None:
        first = self._line + (token.type == "fence")
        for number, line in enumerate(token.content.split("\n")):
            self._add(self._without_anchors(line, first + number), first + number)

    def _without_anchors(self, code: str, line: int) -> str:
        """Move stamps out of code, because anchors in it come after it."""
        found = _ANCHOR.findall(code)
        self._found.stamps += [(time, line) for time in found if _VALID.fullmatch(time)]
        return _ANCHOR.sub("", code) if found else code

    def _add(self, text: str, line: int) -> None:
        words = self._notes if self._in_note else self._found.words
        words += [Word(word, line) for word in tokens(text.replace(PIPE, "|"))]

    def _inline(self, token: Token) -> None:
        self._text = []
        self._anchor = None
        self._walk(token.children or ())
        self._end_anchor()
        text = _MARKED.sub(r"\1", "".join(self._text))
        body, *notes = text.split(FOOTNOTE)
        self._paragraph(body)
        for note in notes:
            self._in_note = True
            self._paragraph(note)
        self._in_note = False

    def _paragraph(self, text: str) -> None:
        if callout := _CALLOUT.match(text):
            text = (callout[2].strip() or callout[1].partition("|")[2]) + text[callout.end() :]
        text = _BARE.sub(self._bare, _TASK.sub("", text))
        for number, line in enumerate(text.split("\n")):
            self._add(line.replace(STAMP, " "), self._line + number)

    def _bare(self, found: re.Match[str]) -> str:
        times = _ANY_TIME.findall(found[0]) if "," in found[0] or ";" in found[0] else _ANY_TIME.findall(found[0])[:1]
        line = self._line + found.string.count("\n", 0, found.start())
        self._found.stamps += [(time, line) for time in times if _VALID.fullmatch(time)]
        return STAMP

    def _walk(self, children: Sequence[Token]) -> None:
        for at, token in enumerate(children):
            if token.type == "link_open" and self._is_time(children[at : at + 3], str(token.attrGet("href"))):
                children[at + 1].content = f"[{children[at + 1].content.strip('[] ')}]"
            if token.type == "link_open" and children[at + 1].type == "link_close":
                self._text.append(str(token.attrGet("href")))
            if token.type == "link_open":
                self._note_link(str(token.attrGet("href")), children[at : at + 3])
            if token.type in ("link_open", "link_close"):
                self._text.append(EDGE)
            _HANDLERS.get(token.type, _Collector._other)(self, token)

    def _note_link(self, href: str, link: Sequence[Token]) -> None:
        """Record a Markdown link to another note: `[label](note.md#heading)`."""
        path, _, fragment = unquote(href).partition("#")
        if ":" in href or href.startswith(("//", "#t=")) or self._is_time(link, href) or not (path or fragment):
            return
        if not re.search(r"\.(?!md$|markdown$|txt$)[^/]*$", path.removeprefix("./").removeprefix("../"), re.IGNORECASE):
            self._found.links.append(Wiki(path.strip("/"), fragment, self._line))

    def _is_time(self, link: Sequence[Token], href: str) -> bool:
        """Return whether a link's text is only a time, and the link does not lead into another video."""
        site = re.match(r"(?:https?:)?//(?:www\.|m\.)?(?:youtube\.com|youtu\.be)/\S*", href)
        other = re.search(r"(?:v=|be/)([\w-]{11})(?![\w-]).*[?&#](?:t|start)=\d", href)
        away = bool(other and other[1] != self._source.video) if site else href.startswith(("http", "//", "mailto:"))
        return not away and len(link) == 3 and bool(_ANY_TIME.fullmatch(link[1].content.strip("[] ")))

    def _other(self, token: Token) -> None:
        """Ignore tokens that begin or end emphasis."""

    def _plain(self, token: Token) -> None:
        (self._text if self._anchor is None else self._anchor).append(token.content)

    def _code(self, token: Token) -> None:
        line = self._line + "".join(self._text).count("\n")
        token.content = self._without_anchors(token.content, line)
        self._plain(token)

    def _break(self, token: Token) -> None:
        self._text.append("\n")

    def _image(self, token: Token) -> None:
        self._text.append(token.content or str(token.attrGet("src")))

    def _tag(self, token: Token) -> None:
        tag = token.content
        if self._anchor is not None:
            self._end_anchor()
            if tag.startswith("</a"):
                return
        if tag.startswith("<a ") and "data-t" in tag:
            self._anchor = [tag]
            return
        name = re.match(r"</?([A-Za-z][A-Za-z0-9]*)[\s/>]", tag)
        if name and name[1].lower() in HTML:
            self._text.append("\n" * tag.count("\n") + ("" if name[1].lower() in _IN_LINE else "\u2028"))
            if name[1].lower() == "img":
                alt = re.search(r'alt="([^"]*)"', tag)
                self._text.append(html.unescape(alt[1]) if alt else "")
            self._text.append(_player(tag))
        elif not tag.startswith(("<!", "<?")):
            self._text.append(tag)

    def _end_anchor(self) -> None:
        """Record a stamp; the words of its label are kept if they contain no time."""
        if self._anchor is None:
            return
        tag, *label = self._anchor
        self._anchor = None
        words = "".join(label)
        time = re.search(r'data-t="?\s*([^">\]\s]*)', tag)
        line = self._line + "".join(self._text).count("\n")
        written = time[1] if time and _ANY_TIME.search(time[1]) else (_ANY_TIME.search(words) or [""])[0]
        if _VALID.fullmatch(written):
            self._found.stamps.append((written, line))
        self._text.append(STAMP)
        if not _ANY_TIME.search(words):
            self._text.append(words.strip("[] "))

    def _wiki(self, token: Token) -> None:
        target, _, fragment = token.meta["target"].partition("#")
        target, fragment = target.strip(), fragment.strip()
        if re.match(r"https?://|mailto:", target):
            self._text.append(token.meta["label"] or token.meta["target"])
            return
        if _BARE.fullmatch(f"[{target}]"):
            self._text.append(f"[{target}]")
            return
        line = self._line + "".join(self._text).count("\n")
        self._found.links.append(Wiki(target, fragment, line, token.meta["embed"]))
        label = (token.meta["label"] or "").strip()
        if token.meta["embed"]:
            shown = target if re.search(r"\.\w{2,4}$", target) else self._put_in(target, fragment)
            self._text.append(shown if re.fullmatch(r"(\d+(x\d+)?)?", label) else label)
            return
        if _ANY_TIME.fullmatch(label):
            label = f"[{label}]"
        if _ANCHOR.sub("", label).strip() and not _BARE.fullmatch(label):
            self._walk(token.children)
            return
        if token.meta["label"] is None and not re.search("[_#]", token.meta["target"]):
            self._text.append(target)
        else:
            self._text.append(self._put_in(target, fragment))
        self._walk(token.children if _ANCHOR.search(label) else [Token("text", "", 0, content=label)])

    def _put_in(self, target: str, fragment: str) -> str:
        """Insert the text of a link without a label: the title of its note and the heading that it names."""
        note = (self._titles(target) or target.replace("_", " ")) if target else ""
        if fragment.startswith("^"):
            return note or fragment[1:]
        return " > ".join(filter(None, (note, fragment)))


_HANDLERS: dict[str, Any] = {
    "text": _Collector._plain,
    "text_special": _Collector._plain,
    "code_inline": _Collector._code,
    "tex": _Collector._plain,
    "softbreak": _Collector._break,
    "hardbreak": _Collector._break,
    "image": _Collector._image,
    "html_inline": _Collector._tag,
    "wiki": _Collector._wiki,
}


def line_of(words: Sequence[Word], at: int) -> int:
    """Return the line of a word, or of the last word when the index is beyond it."""
    return words[min(at, len(words) - 1)].line if words else 0
