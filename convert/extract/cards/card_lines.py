"""The syntax of marked cards within one line: sides, gaps, tags, and what the plug-ins wrote for themselves.

Kept apart because it looks at single lines; `card_markup` puts lines and blocks together into cards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from convert.document import nodes as n
from convert.document.walk import plain_text
from convert.extract.cards.model import Face, Gap
from convert.extract.cards.passages import ATOM, ATOMS, inlines_of

Line = tuple[n.Inline, ...]
"""One source line of a paragraph, or several with line breaks between them."""

InlineT = TypeVar("InlineT", bound=n.Inline | Gap)

MARKUP = re.compile(r"[?{]|::|==|#[CcFf]|Q: |START")
"""Signs of a card in a paragraph, besides highlights."""
OWN_LINE = re.compile(
    r"(?:<!--)?(?:ID: ?\d{1,20}|SR:\S{1,200}).{0,40}|\^\d{13}|(?:TARGET DECK|FILE TAGS|DELETE)(?::.{0,300})?"
    r"|cards-deck:.{0,300}|Tags: .{0,300}"
    r"|(?:collapsed|id|heading|background-color|card-[a-z-]{1,40}|logseq\.[\w.-]{1,40}):: .{0,300}"
)
"""Matches a line that a plug-in reads or wrote for itself: ids, schedules, decks and tags."""
NAMES_NEXT = frozenset({"TARGET DECK", "FILE TAGS"})
"""Lines of Obsidian_to_Anki whose value is the whole next line."""

_TAG = re.compile(r"(?<![\w#/])#(?:card|flashcard)(s?)((?:[/-](?:reverse|both|spaced))?)(?![\w/-])", re.IGNORECASE)
_ANY_TAG = re.compile(r"#[\w/-]{1,100}")
_TAGS_BEFORE = re.compile(r"(?:#flashcards(?:/[\w/-]{1,100})?(?:[ \t]{1,20}|\Z))++", re.IGNORECASE)
_BLOCK_NAME = re.compile(r"(?<!\S)\^[A-Za-z0-9-]{3,80}[ \t]{0,20}\Z")
_RAW_MARK = re.compile(r"\[\^[^\[\]\s]{1,60}\]")
_NOTE_IN_LINE = re.compile(r"[ \t]?\^\[([^\[\]\n]{1,1000})\]")
_HINT = re.compile(r"\^\[([^\[\]\n]{1,200})\]")
_NUMBER = re.compile(r"\[\^([1-9][0-9]?)\]")
_CLOZE = re.compile(
    r"\{\{c?([1-9][0-9]?)(?:::|[:|](?!:))(.(?:[^{}]|\{(?!\{c?\d)|\}(?!\}))*+)\}\}|==(?=[^\s=])([^=\n]++)(?<=[^\s=])=="
    r"|(?<![\w\\{}$^%])\{(?:c?([1-9][0-9]?)[:|])?([^{}\\\n]{1,300})\}(?![\w{}])",
    re.DOTALL,
)
_NO_GAP = re.compile(r"[\s\d,.;…-]*+|\S(?:\s?,\s?[^\s,]{1,3})*+")
"""Numbers and sets in single braces, which are no gaps."""
_CODE = re.compile('[=<>;"]')
"""Signs of code in single braces."""
_OPENS_CLOZE = re.compile(r"\{|==")
_NO_BLANK_BEFORE = " .,;:!?)]…"
_CLOSING = {"(": ")", "[": "]"}
_LEADING_NUMBER = re.compile(r"c([1-9][0-9]?)::|([1-9][0-9]?);;")
_COLONS = re.compile(r":{2,}+")
_HEX = re.compile(r"[0-9a-f:]{0,40}[0-9][0-9a-f:]{0,40}")
_LAST_TOKEN = re.compile(r"(?<![\w:])[\w:]{1,80}\Z")
_TOKEN = re.compile(r"[\w:]{1,80}")
_CALL = re.compile(r"[A-Za-z_]\w{0,80}(?:\(\)|<\w)")
_NAMESPACES = frozenset({"std", "alloc", "tokio", "fe80"})
_WORDS_TOO = frozenset({"boost", "self", "crate", "super", "core", "chrono"})
"""Namespaces that are words of a language too: code only within a sentence."""
SEPARATORS = {"?": False, "??": True}
"""Lines between question and answer, and whether the card works both ways."""


class Tagged(NamedTuple):
    """A line with `#card`: what is before and behind the tag, and what the tag asks for."""

    before: Line
    behind: Line
    both: bool
    spaced: bool
    asks: bool
    """Whether the tag asks for a card; `#flashcards` may as well be the deck of a whole note."""


def tagged(line: Line) -> Tagged | None:
    """Return a line cut at its first card tag, None if it has none."""
    for index, node in enumerate(line):
        found = _TAG.search(node.text) if isinstance(node, n.Text) else None
        if found and isinstance(node, n.Text):
            before = stripped((*line[:index], n.Text(node.text[: found.start()])))
            behind = without_tags(stripped((n.Text(node.text[found.end() :]), *line[index + 1 :])))
            kind = found[2].lower()
            return Tagged(before, behind, kind[1:] in ("reverse", "both"), kind[1:] == "spaced", not found[1])
    return None


def without_own_marks(line: Line) -> Line:
    """Return a line without stamps, the tags of decks before it and the name of a block behind it."""
    kept = stripped(line)
    if kept and isinstance(last := kept[-1], n.Text) and "^" in last.text:
        kept = stripped((*kept[:-1], n.Text(_BLOCK_NAME.sub("", last.text))))
    if kept and isinstance(first := kept[0], n.Text) and first.text.startswith("#"):
        kept = stripped((n.Text(_TAGS_BEFORE.sub("", first.text)), *kept[1:]))
    return kept


def without_tags(line: Line) -> Line:
    """Return a line without the tags at its end."""
    if not line or not isinstance(last := line[-1], n.Text) or "#" not in last.text:
        return line
    words = last.text.split(" ")
    while words and (not words[-1] or _ANY_TAG.fullmatch(words[-1])):
        words.pop()
    return stripped((*line[:-1], n.Text(" ".join(words))))


def sides(line: Line) -> tuple[Line, Line, bool] | None:
    """Return the sides of `Question::Answer`, and whether it works both ways; None if the line is no card.

    `std::vector`, `a::b::c` and Dataview's `[key:: value]` are no cards: the colons must occur once, outside brackets
    of their own, between two sides of words. The answer is the rest of the line.
    """
    found = [
        (index, match)
        for index, node in enumerate(line)
        if isinstance(node, n.Text)
        for match in _COLONS.finditer(node.text)
    ]
    if len(found) != 1 or len(found[0][1].group()) > 3:
        return None
    index, match = found[0]
    before, behind = match.string[: match.start()], match.string[match.end() :]
    question = stripped((*line[:index], n.Text(before)))
    answer = without_tags(stripped((n.Text(behind), *line[index + 1 :])))
    if not says(question) or not says(answer) or before.rfind("{") > before.rfind("}"):
        return None
    if in_brackets(plain_text(question), plain_text(answer)) or _is_code(plain_text(question), before, behind):
        return None
    return question, answer, len(match.group()) == 3


def in_brackets(before: str, behind: str) -> bool:
    """Return whether a field stands in brackets of its own, `[key:: value]` or `(key:: value)`."""
    for opening, closing in ("[]", "()"):
        start = before.rfind(opening)
        if start > before.rfind(closing) and closing in behind and (start == 0 or before[start - 1].isspace()):
            return len(before) - start <= 40
    return False


def _is_code(question: str, before: str, behind: str) -> bool:
    """Return whether colons join two names or numbers without blanks: `std::vector`, `fe80::1`."""
    last, first = _LAST_TOKEN.search(before), _TOKEN.match(behind)
    if not last or not first:
        return False
    if "://" in before.rpartition(" ")[2]:
        return True
    alone = question == last.group()
    more = behind[first.end() :].strip(" .,;")
    if _HEX.fullmatch(last.group()) and _HEX.fullmatch(first.group()):
        # A ratio or an address in a sentence; `2 + 2::4` is a card.
        return not (last.group().isdecimal() and first.group().isdecimal() and (alone or not more))
    name = last.group()
    return (
        name in _NAMESPACES or (name in _WORDS_TOO and not alone) or bool(name.isidentifier() and _CALL.match(behind))
    )


def cloze(line: Line, highlights: bool = True) -> Face | None:
    """Return the face of a line with marked words or Anki's own markup, None if it has neither.

    Without `highlights` only Anki's own markup opens a gap.
    """
    face: list[n.Inline | Gap] = []
    last = 0
    nodes = _opened(_with_gaps(line, highlights)) if highlights else _with_gaps(line, highlights)
    for index, node in enumerate(nodes):
        part: n.Inline | Gap = node
        if isinstance(node, n.Highlight) and highlights:
            part = _marked_gap(node, nodes[index + 1 : index + 3], last + 1)
        if isinstance(part, Gap):
            part = part if part.number else replace(part, number=last + 1)
            last = max(last, part.number)
        face.append(part)
    around = [node for node in face if not isinstance(node, Gap)]
    if len(around) == len(face) or not says(around):
        return None
    return tuple(_without_hints(face)) if all(says(node.children) for node in face if isinstance(node, Gap)) else None


def _opened(nodes: Sequence[n.Inline | Gap]) -> list[n.Inline | Gap]:
    """Return the nodes, with those that hold a highlight replaced by what is in them."""
    opened: list[n.Inline | Gap] = []
    for node in nodes:
        if isinstance(node, n.Emphasis | n.Strong) and any(isinstance(child, n.Highlight) for child in node.children):
            opened += node.children
        else:
            opened.append(node)
    return opened


def _marked_gap(node: n.Highlight, behind: Sequence[n.Inline | Gap], number: int) -> Gap:
    """Return the gap of `==words==`, with the number and the hint of the forms that plug-ins document.

    These are `==2;;words;;hint==`, `==c2::words==` and `==words==^[hint][^2]`.
    """
    children, hint = list(node.children), ""
    if isinstance(first := children[0], n.Text) and (found := _LEADING_NUMBER.match(first.text)):
        number = int(found[1] or found[2])
        children[0] = n.Text(first.text[found.end() :])
    if isinstance(last := children[-1], n.Text):
        words, _, hint = last.text.partition(";;")
        children[-1] = n.Text(words)
    if behind and isinstance(text := behind[0], n.Text):
        start = 0
        if found := _HINT.match(text.text):
            hint, start = found[1], found.end()
        if found := _NUMBER.match(text.text, start):
            number = int(found[1])
    return Gap(number, tuple(children), hint)


def _without_hints(face: Sequence[n.Inline | Gap]) -> list[n.Inline | Gap]:
    """Return the face without the hints and numbers that follow its gaps."""
    kept: list[n.Inline | Gap] = []
    for node in face:
        if kept and isinstance(kept[-1], Gap) and isinstance(node, n.Text):
            start = found.end() if (found := _HINT.match(node.text)) else 0
            start = found.end() if (found := _NUMBER.match(node.text, start)) else start
            node = n.Text(node.text[start:]) if start else node
        kept.append(node)
    return kept


def _with_gaps(line: Line, highlights: bool) -> list[n.Inline | Gap]:
    """Return the line without stamps, with markup of gaps in its text read as gaps; 0 is the number of one without."""
    kept = [node for node in line if not isinstance(node, n.Stamp)]
    atoms = tuple([node for node in kept if not isinstance(node, n.Text)])
    texts = [node.text for node in kept if isinstance(node, n.Text)]
    if len(atoms) > ATOMS or not any(map(_OPENS_CLOZE.search, texts)):
        return list(kept)
    following = iter(range(ATOM, ATOM + len(atoms)))
    closed = without_holes(kept)
    text = "".join([node.text if isinstance(node, n.Text) else chr(next(following)) for node in closed])
    face: list[n.Inline | Gap] = []
    start = 0
    for match in _CLOZE.finditer(text):
        written, words, hint = match[1] or match[4], match[2] or match[3] or match[5], ""
        if match[5] and (not highlights or _NO_GAP.fullmatch(words) or _CODE.search(words)):
            continue
        if match[2]:
            words, hint = _with_hint(words)
        face += inlines_of(text[start : match.start()], atoms)
        face.append(Gap(int(written or 0), inlines_of(words, atoms), hint))
        start = match.end()
    return [*face, *inlines_of(text[start:], atoms)]


def _with_hint(body: str) -> tuple[str, str]:
    """Return the words of a gap, at least a character, and its hint: what follows the first `::` after a last brace."""
    start = max(body.rfind("{"), body.rfind("}"), 0) + 1
    words, _, hint = body[start:].partition("::")
    return body[:start] + words, hint


def without_holes(nodes: Sequence[InlineT]) -> tuple[InlineT, ...]:
    """Return nodes without stamps, and without the blank, comma or brackets that stood around one alone.

    Texts that touch were parted by a stamp that is gone already, by the mark of a footnote, or are tags of ruby.
    """
    done: list[Any] = []
    at = 0
    for is_text, run in groupby(nodes, lambda node: isinstance(node, n.Text | n.Stamp)):
        found = list(run)
        at += len(found)
        if is_text:
            texts = [node.text for node in found if isinstance(node, n.Text)]
            done += map(n.Text, _bridged(texts, not done, at == len(nodes)))
        else:
            done += [_inside(node) for node in found]
    if done and isinstance(nodes[-1], n.Stamp) and isinstance(done[-1], n.Text):
        done[-1] = n.Text(done[-1].text.rstrip(" "))
    return tuple(done)


def _inside(node: InlineT) -> InlineT:
    return replace(node, children=without_holes(node.children)) if isinstance(node, n.Parent) else node


def _bridged(texts: Sequence[str], opens: bool, ends: bool) -> list[str]:
    """Return texts without the holes of stamps between them.

    `opens` and `ends` say whether nothing stands before them, and behind them.
    """
    done: list[str] = []
    for index, text in enumerate(texts):
        if index and (ends or index < len(texts) - 1) and not text.strip(" ,;"):
            continue  # mere commas between two stamps
        before = done[-1].rstrip(" ") if done else ""
        if before and text[:1] == _CLOSING.get(before[-1]):
            done[-1], text = before[:-1], text[1:]
        if done and (not text or text[0] in _NO_BLANK_BEFORE):
            while done and not done[-1].rstrip(" "):
                done.pop()
            done[-1:] = [one.rstrip(" ") for one in done[-1:]]
        done.append(text.lstrip(" ") if index and opens and not done else text)
    return list(filter(None, done))


def without_notes(line: Sequence[n.Inline], shown: bool = False) -> Line:
    """Return a line without footnote marks; with `shown` the text of a footnote within it stays, in parentheses."""
    done: list[n.Inline] = []
    for node in line:
        if isinstance(node, n.Text) and "^" in node.text:
            text = _NOTE_IN_LINE.sub(r" (\1)" if shown else "", node.text)
            done.append(n.Text(_RAW_MARK.sub("", text)))
        elif not isinstance(node, n.FootnoteMark):
            done.append(node)
    return tuple(done)


def cut(line: Line, length: int) -> Line:
    """Return a line, which starts with a text, without that many characters."""
    first, *others = line
    return stripped((n.Text(first.text[length:]), *others)) if isinstance(first, n.Text) else line


def joined(found: Sequence[Line]) -> Line:
    """Return lines as one, with line breaks between them."""
    together: list[n.Inline] = []
    for line in found:
        together += [n.LineBreak(), *line] if together else line
    return stripped(together)


def stripped(line: Sequence[n.Inline]) -> Line:
    """Return the line without stamps and empty texts, and without blanks at its ends."""
    kept = [node for node in line if not isinstance(node, n.Stamp) and not (isinstance(node, n.Text) and not node.text)]
    start, end = 0, len(kept)
    while start < end and isinstance(first := kept[start], n.Text) and not first.text.strip():
        start += 1
    while end > start and isinstance(last := kept[end - 1], n.Text) and not last.text.strip():
        end -= 1
    kept = kept[start:end]
    if kept and isinstance(first := kept[0], n.Text):
        kept[0] = n.Text(first.text.lstrip())
    if kept and isinstance(last := kept[-1], n.Text):
        kept[-1] = n.Text(last.text.rstrip())
    return tuple(kept)


def says(line: Sequence[n.Inline | Gap]) -> bool:
    """Return whether a line contains anything to read."""
    shown = [node for node in line if not isinstance(node, Gap)]
    return bool(plain_text(shown)) or any(isinstance(node, n.Math | n.Code | n.Image) for node in shown)
