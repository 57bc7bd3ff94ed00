"""Sets quotes, apostrophes, dashes and ellipses as a language has them, and line ends, in what is shown alone.

A quote may open in one node of a line and close in another, so the whole line decides. Code, formulas, addresses and
what stands for keys stay as they are, and so do dashes and dots in the labels of links, which may be names of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from convert.document import nodes as n
from convert.document.book import Book

_QUOTES = {
    "en": "“ ” ‘ ’",
    **dict.fromkeys(("de", "cs", "sk", "sl", "bg", "lt", "is", "et", "hr", "sr"), "„ “ ‚ ‘"),
    **dict.fromkeys(("fr", "br"), "«_ _» “ ”"),
    **dict.fromkeys(("es", "it", "ca", "gl", "el", "pt-pt", "ar", "fa", "ur"), "« » “ ”"),
    **dict.fromkeys(("ru", "uk", "be"), "« » „ “"),
    **dict.fromkeys(("de-ch", "de-li", "fr-ch", "it-ch"), "« » ‹ ›"),
    **dict.fromkeys(("no", "nb", "nn", "eu"), "« » ‘ ’"),
    **dict.fromkeys(("pl", "ro", "hu"), "„ ” « »"),
    **dict.fromkeys(("sv", "fi"), "” ” ’ ’"),
    "da": "» « › ‹",
    **dict.fromkeys(("ja", "zh-tw", "zh-hk", "zh-hant"), "「 」 『 』"),
}
"""The outer and inner quotes of languages; others have those of English. `_` is a narrow no-break space."""
_APOSTROPHE = "’"
_OBJECT = "\ufffc"
"""Stands in a line for a node that is no text."""
_MARK = re.compile(
    r"""(?:://|www\.)[^\s"]*+|\{\{[^{}]*+|(?<=[A-Za-z0-9_-])=(?:"[^"\n]*+"|'[^'\n]*+')|["']"""
    r"""|-{2,}+|\.{3,}+|(?<=[^\s] )-(?=\s)"""
)
_WITHIN = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])(?![\u2e80-\uffef])")
_PAIR = re.compile(r'(?<=[\s(\[])"([^\s"][^"]*+)(?<=[^\s(\[])"(?!\w)')
_OPENERS = frozenset("([{<¿¡“‘«‹„‚（「『【《〈")
_EITHER = frozenset("—–-/=:…|'’" + _OBJECT)
"""Signs after which a quote may open or close."""
_ELIDED = re.compile(
    r"(?:\d\ds?|tis|twas|twere|em|til|bout|nuff|cuz|[stknmr]|n[es]n?)(?![\w'])|n'(?!\w)", re.IGNORECASE
)
"""What an apostrophe at the start of a word stands before: '90s, 'tis, rock 'n' roll, 's avonds."""
_CLOSER = re.compile(r"(?<=\S)'(?![^\W\u2e80-\uffef])")
_FEET = re.compile(r"[0-9]'\s?[0-9.]{1,4}\Z")
_HEBREW = re.compile("[\u05d0-\u05f2]")
_OWN_LETTERS = frozenset(["ru", "uk", "be", "bg", "el", "ar", "fa", "ur", "ja", "zh-tw", "zh-hk", "zh-hant"])
"""Languages with quotes of their own whose letters are not Latin: a line in Latin letters alone is not theirs."""
_NOT_LATIN = re.compile("[\u0370-\u1dff\u2e80-\uffef]")
_KEYS = ("kbd", "samp", "var")


class Style(msgspec.Struct, frozen=True, gc=False):
    """The quotes of a language: the outer and the inner pair."""

    outer: tuple[str, str]
    inner: tuple[str, str]
    pair: str
    """Replaces what `_PAIR` matches."""
    is_latin: bool = True
    """Whether the language is written in Latin letters, or has the quotes of English."""


@lru_cache(maxsize=64)
def style_of(language: str) -> Style:
    """Return the style of a language, by its BCP 47 tag."""
    tag = language.lower()
    marks = (_QUOTES.get(tag) or _QUOTES.get(tag.partition("-")[0]) or _QUOTES["en"]).replace("_", "\u202f").split(" ")
    is_latin = not {tag, tag.partition("-")[0]} & _OWN_LETTERS
    return Style((marks[0], marks[1]), (marks[2], marks[3]), f"{marks[0]}\\1{marks[1]}", is_latin)


def book_style(book: Book, language: str = "und") -> Style | None:
    """Return the style of a text in a book, by its own language if it has one; None if signs stay as written."""
    return style_of(book.language if language == "und" else language) if book.typography else None


def has_marks(text: str) -> bool:
    """Return whether a text may have something to set."""
    return "'" in text or '"' in text or "..." in text or "--" in text or " - " in text


@lru_cache(maxsize=1 << 14)
def typeset(text: str, style: Style | None) -> str:
    """Return a text that is a line of its own, such as a title, as it is shown."""
    if style is None or not has_marks(text):
        return text
    return _replaced(text, 0, list(_changes(text, style)))


_SOFT, _HARD = n.Text("\n"), n.LineBreak()
_TIME = re.compile(r"[0-9]{1,3}(?::[0-5][0-9]){1,2}(?![\w:])")
_NO_BLANKS = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
"""Chinese and Japanese signs, which are written without blanks; Korean has some."""


def as_lines(nodes: Sequence[Any], breaks: bool) -> Sequence[Any]:
    """Return the inline nodes of a paragraph with the ends of its lines as they are shown.

    They stay such if its Obsidian vault has `breaks`, or if each line begins with a time. Else they are blanks, and
    nothing between Chinese or Japanese signs.
    """
    if breaks:
        return _broken(nodes)
    if _SOFT not in nodes:
        return nodes
    starts = [0, *[at for at, node in enumerate(nodes, 1) if type(node) is n.LineBreak or node == _SOFT]]
    if all(_is_timed(nodes[at : at + 2]) for at in starts if nodes[at : at + 1] != (_SOFT,)):
        return _broken(nodes)
    return [node for at, node in enumerate(nodes) if node != _SOFT or not _is_glued(nodes, at)]


def _broken(nodes: Sequence[Any]) -> Sequence[Any]:
    """Return nodes with soft line ends made hard, but beside formulas that have lines of their own, and `<br>`."""
    done: list[Any] = []
    for at, node in enumerate(nodes):
        if children := getattr(node, "children", ()):
            done.append(msgspec.structs.replace(node, children=tuple(_broken(children))))
        elif node == _SOFT and not any(getattr(one, "display", one == _HARD) for one in nodes[max(at - 1, 0) : at + 2]):
            done.append(_HARD)
        else:
            done.append(node)
    return done


def _is_timed(nodes: Sequence[Any]) -> bool:
    """Return whether the first of two nodes begins with a time; it may be marked, or in brackets."""
    first = nodes[0] if nodes else None
    if isinstance(first, n.Text):
        text = first.text.lstrip("([ ")
        return bool(_TIME.match(text)) if text else _is_timed(nodes[1:])
    return isinstance(first, n.Stamp) or (isinstance(first, n.Parent) and _is_timed(first.children[:2]))


def _is_glued(nodes: Sequence[Any], at: int) -> bool:
    """Return whether a place is between signs that are written without blanks."""
    around = [_at_edge(nodes[at - 1], -1), _at_edge(nodes[at + 1], 0)] if 0 < at < len(nodes) - 1 else [""]
    return all(map(_NO_BLANKS.match, around))


def _at_edge(node: Any, end: int) -> str:
    """Return the first or the last sign of a node, "" if it has no text there."""
    while isinstance(node, n.Parent) and node.children:
        node = node.children[end]
    return node.text[end:][:1] if isinstance(node, n.Text) else ""


def as_shown(text: str, book: Book) -> str:
    """Return a title as the book shows it."""
    return typeset(text, book_style(book))


def typeset_alone(text: str, style: Style) -> str | None:
    """Return a part of a line as it is shown, if that needs no look at the rest of the line; else None."""
    if not text.isascii() and _HEBREW.search(text):  # its words may have quotes inside
        return None
    if "'" in text:
        text = _WITHIN.sub(_APOSTROPHE, text)
    if "{{" in text or not (style.is_latin or _NOT_LATIN.search(text)):
        return None
    if '"' in text:
        text = _PAIR.sub(style.pair, text)
    return None if has_marks(text) or "://" in text or "www." in text else text


def typeset_line(nodes: Sequence[n.Inline], style: Style) -> dict[int, str]:
    """Return the texts of a line as they are shown, by `id` of the node; those that stay as they are have no entry."""
    pieces = list(_pieces(nodes))
    changes = list(_changes("".join([text for text, _, _ in pieces]), style))
    done: dict[int, str] = {}
    start = first = 0
    for text, node, is_label in pieces:
        own = []
        while first < len(changes) and changes[first][0] < start + len(text):
            change = changes[first]
            if change[1] <= start + len(text) and not (is_label and change[2][-1] in "–—…"):
                own.append(change)
            first += 1
        if own and node is not None:
            done[id(node)] = _replaced(text, start, own)
        start += len(text)
    return done


def _pieces(nodes: Sequence[n.Inline]) -> Iterator[tuple[str, n.Text | None, bool]]:
    """Yield the texts of a line with their nodes, and whether they are in the label of a link."""
    pending = [(node, False) for node in reversed(nodes)]
    while pending:
        node, is_label = pending.pop()
        if isinstance(node, n.Text):
            yield node.text, node, is_label
        elif isinstance(node, n.Parent) and not (isinstance(node, n.Element) and node.name in _KEYS):
            inside = is_label or isinstance(node, n.Link | n.WikiLink)
            pending += [(child, inside) for child in reversed(node.children)]
        else:
            yield "\n" if isinstance(node, n.LineBreak) else _OBJECT, None, is_label


def _replaced(text: str, start: int, changes: Sequence[tuple[int, int, str]]) -> str:
    """Return a text with changes in it, whose places are counted from `start` characters before it."""
    out, done = [], 0
    for at, end, new in changes:
        out += [text[done : at - start], new]
        done = end - start
    return "".join([*out, text[done:]])


def _changes(line: str, style: Style) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, replacement) for each place of a line that is set otherwise than it is written."""
    quotes = _Quotes(line, style if style.is_latin or _NOT_LATIN.search(line) else style_of("en"))
    for found in _MARK.finditer(line):
        mark, at, end = found[0], found.start(), found.end()
        if mark == '"':
            new = quotes.double(at)
        elif mark == "'":
            new = quotes.single(at)
        elif mark == "...":
            new = "…" if line[at - 1 : at] not in ("/", "\\") else ""
        elif mark in ("-", "--", "---"):
            new = _dash(mark, line[at - 1] if at else " ", line[end : end + 1] or " ")
        else:
            continue
        if new:
            yield at, end, new


def _dash(mark: str, before: str, after: str) -> str:
    """Return the dash for hyphens, "" where they may be something else, such as an option or an operator."""
    if before.isspace() and after.isspace():
        return "—" if mark == "---" else "–"
    joined = (before.isalnum() or before in "\"'”’)!?…" + _OBJECT) and (after.isalnum() or after in "\"'“‘(" + _OBJECT)
    if mark == "-" or not joined:
        return ""
    return "–" if before.isdigit() and after.isdigit() else "—"


class _Quotes:
    """The quotes of a line, asked from left to right."""

    def __init__(self, line: str, style: Style) -> None:
        self.line, self.style = line, style
        self.opened: list[str] = []
        self.open = {'"': 0, "'": 0}
        """How many of each are in `opened`."""
        self.just_opened = -1
        """The place of the last quote that opened."""
        self.last_closer: int | None = None

    def around(self, at: int) -> tuple[str, str]:
        """Return the signs before and after a place; blanks at the ends."""
        return self.line[at - 1] if at else " ", self.line[at + 1 : at + 2] or " "

    def double(self, at: int) -> str:
        """Return the sign for `"`: a quote that opens or closes, inches, or the Hebrew sign within a word."""
        before, after = self.around(at)
        if _is_hebrew(before) and _is_hebrew(after):
            return "״"
        is_open = self.open['"'] > 0
        if before.isdigit() and (not is_open or _FEET.search(self.line, max(at - 6, 0), at)):
            return "″"
        return self.quote('"', at, self.opens(at, before, after, is_open), self.style.outer)

    def opens(self, at: int, before: str, after: str, is_open: bool) -> bool:
        """Return whether a quote opens, by its neighbours, else by whether one is open."""
        if at and self.just_opened == at - 1:
            return not after.isspace()
        starts = before.isspace() or before in _OPENERS
        if starts and not after.isspace():
            return True
        undecided = starts or before in _EITHER or (before > "\u2e7f" and after.isalnum())
        return undecided and not is_open

    def quote(self, mark: str, at: int, opens: bool, pair: tuple[str, str]) -> str:
        """Return the sign of a pair, without its blank beside another one; note what is open now."""
        before, after = self.around(at)
        if opens:
            self.opened.append(mark)
            self.open[mark] += 1
            self.just_opened = at
            return pair[0].strip() if after.isspace() else pair[0]
        closed = ""
        while self.open[mark] and closed != mark:
            closed = self.opened.pop()
            self.open[closed] -= 1
        return pair[1].strip() if before.isspace() else pair[1]

    def single(self, at: int) -> str:
        """Return the sign for `'`: an apostrophe, a quote that opens or closes, or feet."""
        before, after = self.around(at)
        is_open = self.open["'"] > 0
        if before.isdigit() and (after.isdigit() or (not is_open and not after.isalpha())):
            return "′"
        if _is_hebrew(before) and (_is_hebrew(after) or not is_open):
            return "׳"
        if (
            not is_open
            and after in ("(", "=")
            and before.isalpha()
            and not self.line[max(at - 2, 0) : at - 1].isalnum()
        ):
            return "′"  # f'(x)
        if before.isalnum() and after.isalnum() and before <= "\u2e7f" and after <= "\u2e7f":
            return _APOSTROPHE
        if self.opens(at, before, after, is_open):
            elided = _ELIDED.match(self.line, at + 1) or after.isspace() or not self.closes_after(at)
            return _APOSTROPHE if elided else self.quote("'", at, True, self.style.inner)
        return self.quote("'", at, False, self.style.inner) if is_open else _APOSTROPHE

    def closes_after(self, at: int) -> bool:
        """Return whether a later `'` can close a quote."""
        if self.last_closer is None:
            self.last_closer = max([found.start() for found in _CLOSER.finditer(self.line)], default=-1)
        return self.last_closer > at + 1


def _is_hebrew(sign: str) -> bool:
    return "\u05d0" <= sign <= "\u05f2"
