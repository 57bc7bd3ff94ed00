"""The words, stamps and links that the text of a note promises."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from tests.fidelity.source import PIPE, Source

_STRICT = r"(?:\d{0,2}:)?\d{0,3}:[0-5]\d(?::\d\d)?(?:\.\d{1,9})?"
_GAP = r"[ \t]{0,2}(?:[-\u2010-\u2015,;/&]|to|and)[ \t]{0,2}"
_BARE = re.compile(
    rf"\[[ \t]{{0,2}}{_STRICT}(?:{_GAP}{_STRICT})*[ \t]{{0,2}}\]"
    rf"|\(\d{{1,2}}:[0-5]\d:[0-5]\d(?:{_GAP}\d{{1,2}}:[0-5]\d:[0-5]\d)*\)"
)
_VALID = re.compile(r"(?:\d{1,2}:)?\d{1,3}:[0-5]\d")
_ANY_TIME = re.compile(r"\d{1,3}(?::\d{1,2}){1,3}")
_WIKI = re.compile(r"(!?)\[\[([^\[\]|" + PIPE + r"\n]+)(?:[|" + PIPE + r"]((?:[^\[\]]|\[[^\[\]]*\])*))?\]\]")
_CALLOUT = re.compile(r"\[!([^\[\]\n]{1,60})\][+-]?[ \t]*([^\n]*)")
_TASK = re.compile(r"\A\[[ xX]\][ \t]")
_MARKED = re.compile(r"==(?=\S)(.*?\S)==", re.DOTALL)
_TOKEN = re.compile(r"\w+|[^\w\s]")
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
STAMP = "\ue010"
"""Stands for a stamp in a line of words."""

HTML = frozenset(
    """a abbr address article aside audio b big blockquote br caption center cite dd del details div dl dt em figcaption
    figure font footer h1 h2 h3 h4 h5 h6 header hr i iframe img ins kbd li main mark nav ol p picture s samp section
    small source span strike strong sub summary sup table tbody td th thead tr u ul var video""".split()
)
"""Elements whose tags no reader of the note is meant to see."""


@dataclass(frozen=True)
class Word:
    """A word or mark and its line in the file."""

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
    """All that must be found in the book."""

    words: list[Word] = field(default_factory=list)
    stamps: list[tuple[str, int]] = field(default_factory=list)
    """Time and line of each valid stamp."""
    links: list[Wiki] = field(default_factory=list)


def tokens(text: str) -> list[str]:
    """Words and single marks of a text."""
    return _TOKEN.findall(_CONTROLS.sub("", text))


def promise(source: Source, titles: Any) -> Promise:
    """What the text of a note promises; `titles(target)` is the title of the note a link leads to, or ""."""
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
    if text != text.strip() or behind.isdigit() or re.match(r"[\d.,]+\s*[A-Za-z]*[^=^_\\]*$", text):
        return False
    if re.search(r"\\[A-Za-z]|[\^_]", text):
        return len(re.findall(r"(?<![\\\w{])[a-z]{3,}(?![\w}])", text)) <= 2 + text.count("\\")
    symbols = re.fullmatch(r"[\w\s+\-*/=<>≤≥≈×÷·.,()'′!|\[\]]{1,80}", text)
    return bool(symbols) and not re.search(r"[A-Za-z]{3}", text) and not text[-1] in "-,.;:/"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("html_block")
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.inline.ruler.before("link", "wiki", _wiki)
    parser.inline.ruler.before("escape", "tex", _dollars)
    parser.inline.add_terminator_char("$")
    return parser


class _Collector:
    def __init__(self, source: Source, titles: Any) -> None:
        self._source = source
        self._titles = titles
        self._found = Promise()
        self._text: list[str] = []
        self._line = 0
        self._anchor: list[str] | None = None
        self._quotes: list[bool] = []

    def collected(self) -> Promise:
        previous = ""
        for token in _parser().parse(self._source.body):
            if token.map:
                self._line = self._source.first + token.map[0]
            if token.type == "inline":
                self._inline(token, previous)
            elif token.type in ("fence", "code_block"):
                first = self._line + (token.type == "fence")
                for number, line in enumerate(token.content.split("\n")):
                    self._add(line, first + number)
            previous = token.type if token.type != "inline" else previous
            if token.type == "blockquote_open":
                previous = "blockquote_open"
        return self._found

    def _add(self, text: str, line: int) -> None:
        self._found.words += [Word(word, line) for word in tokens(text.replace(PIPE, "|"))]

    def _inline(self, token: Token, previous: str) -> None:
        self._text = []
        self._anchor = None
        self._walk(token.children or ())
        self._end_anchor()
        text = _MARKED.sub(r"\1", "".join(self._text))
        if callout := _CALLOUT.match(text):
            title = callout[2].strip() or callout[1].partition("|")[0].replace("-", " ")
            text = title + text[callout.end() :]
        text = _BARE.sub(self._bare, _TASK.sub("", text))
        for number, line in enumerate(text.split("\n")):
            self._add(line.replace(STAMP, " "), self._line + number)

    def _bare(self, found: re.Match[str]) -> str:
        times = _ANY_TIME.findall(found[0]) if "," in found[0] or ";" in found[0] else _ANY_TIME.findall(found[0])[:1]
        line = self._line + found.string.count("\n", 0, found.start())
        self._found.stamps += [(time, line) for time in times if _VALID.fullmatch(time)]
        return STAMP

    def _walk(self, children: Iterable[Token]) -> None:
        for token in children:
            _HANDLERS.get(token.type, _Collector._other)(self, token)

    def _other(self, token: Token) -> None:
        """Openings and closings of emphasis say nothing."""

    def _plain(self, token: Token) -> None:
        (self._text if self._anchor is None else self._anchor).append(token.content)

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
            self._text.append("\n" * tag.count("\n") + ("\u2028" if name[1].lower() in ("br", "hr") else ""))
            if name[1].lower() == "img":
                alt = re.search(r'alt="([^"]*)"', tag)
                self._text.append(html.unescape(alt[1]) if alt else "")
        elif not tag.startswith(("<!", "<?")):
            self._text.append(tag)

    def _end_anchor(self) -> None:
        """A stamp: its label's words stay when they hold no time."""
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
        if token.children:
            self._walk(token.children)
        else:
            self._text.append(self._titles(target) or (target or fragment.lstrip("^")).replace("_", " "))


_HANDLERS: dict[str, Any] = {
    "text": _Collector._plain,
    "text_special": _Collector._plain,
    "code_inline": _Collector._plain,
    "tex": _Collector._plain,
    "softbreak": _Collector._break,
    "hardbreak": _Collector._break,
    "image": _Collector._image,
    "html_inline": _Collector._tag,
    "wiki": _Collector._wiki,
}


def line_of(words: Sequence[Word], at: int) -> int:
    """The line of a word, of the last one when there are none left."""
    return words[min(at, len(words) - 1)].line if words else 0
