"""The source of a note: bytes to text with plain newlines, its lines, and the Markdown parser (pyromark).

pyromark wraps pulldown-cmark. Its own callouts and math are off: its callouts support few kinds, and its math reads
amounts of money as formulas.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from functools import partial
from itertools import accumulate
from typing import Any

import pyromark

Say = Callable[[str, int, str], None]
"""Takes the code, the line and the message of a diagnostic about the note being read."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SNIFFED_BYTES, _FIRST_BYTES, _LEAST_ZEROS = 8192, 512, 4
_NO_TEXT = re.compile(r"[\0-\x08\x0e-\x1a\x1c-\x1f\ufffe\uffff]")
_CONTROLS = bytes((*range(7), *range(14, 27), *range(28, 32)))


def say_nothing(code: str, line: int, message: str) -> None:
    """Drop a diagnostic: another reading of the same text reports it."""


def decode(data: bytes, say: Say = say_nothing) -> str:
    """Return the text of a note in UTF-8 (a byte order mark is dropped), or in UTF-16, also without a mark.

    Undecodable bytes and NUL become U+FFFD; every line ends in one newline.
    """
    try:
        if encoding := _utf_16(data):
            say("note-encoding", 0, "read as UTF-16; save it as UTF-8")
            text = data.decode(encoding, "replace")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        say("note-encoding", line, f"not UTF-8 from byte {error.start} on: read with U+FFFD; save it as UTF-8")
        text = data.decode("utf-8-sig", "replace")
    if "\0" in text:
        say("note-nul", 1 + text[: text.index("\0")].count("\n"), "NUL characters read as U+FFFD")
        text = text.replace("\0", "\ufffd")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _utf_16(data: bytes) -> str:
    """Return which UTF-16 the bytes are, "" if they are none: without a mark, many a second byte is 0 at the start."""
    if data.startswith(_UTF_16):
        return "utf-16"
    first = data[:_FIRST_BYTES]
    zeros = max(first[::2].count(0), first[1::2].count(0))
    if zeros * 16 < len(first) or zeros < _LEAST_ZEROS:
        return ""
    return next(filter(partial(_is_text, data[:_SNIFFED_BYTES]), ("utf-16-le", "utf-16-be")), "")


def _is_text(head: bytes, encoding: str) -> bool:
    """Return whether the start of a file decodes to words with blanks and without controls."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return " " in text and not _NO_TEXT.search(text)


_DEEPEST = 500
"""Quotes and items that one line may open; the tree holds fewer (`tree_builder`)."""
_OPENED = r"[ \t]*+(?:>|(?:[-*+]|[0-9]{1,9}[.)]|\[\^[^\]\n]{1,100}\]:)(?:[ \t]|\Z))"
_DEEP = re.compile(rf"(?:{_OPENED}){{{_DEEPEST}}}")
_DEEPER = re.compile(rf"(?:{_OPENED})*+")


def shallow(text: str) -> str:
    """Return the text without the marks of quotes and items beyond the first `_DEEPEST` of a line.

    The parser looks at all that are open for each line that follows.
    """
    lines = text.split("\n")
    if not [line for line in lines if len(line) > _DEEPEST and _DEEP.match(line)]:
        return text
    return "\n".join([_shallow(line) if len(line) > _DEEPEST else line for line in lines])


def _shallow(line: str) -> str:
    deep = _DEEP.match(line)
    rest = _DEEPER.match(line, deep.end()) if deep else None
    return f"{line[: deep.end()]} {line[rest.end() :]}" if deep and rest else line


def is_binary(data: bytes) -> bool:
    """Return whether the bytes are no text, that is, have many control bytes at their start."""
    if _utf_16(data):
        return False
    head = data[:_SNIFFED_BYTES]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > 2 and controls * 50 > len(head)


def line_ends(text: str | bytes) -> list[int]:
    """Return the offset after each line; `bisect_right(line_ends(text), offset)` is the index of an offset's line."""
    pieces = text.split("\n") if isinstance(text, str) else text.split(b"\n")
    return list(accumulate([len(piece) + 1 for piece in pieces]))


# Markdown

DELIMITER_ROW = r"[ \t>]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+"
"""The row below the head of a table."""

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_WIKILINKS
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_TASKLISTS
)
PARSER: Any = pyromark.Markdown(options=_OPTIONS)
MATH_PARSER: Any = pyromark.Markdown(options=_OPTIONS | pyromark.Options.ENABLE_MATH)
"""Both give (event, range) pairs of a source; ranges are UTF-8 byte offsets."""


_MARKS = re.compile(r"[*_`~\[<&\\]|==")
_TAG = re.compile(
    r"</?(?:b|i|u|s|em|strong|del|ins|sub|sup|small|mark|code|kbd|span|font|br|a|q)(?:/?>|[ \t]*+/>|[ \t]++[\w-]++=)",
    re.I,
)
_MARKED = re.compile(r"==(?=[^\s=])([^=\n]{1,300})(?<!\s)==")


def without_marks(title: str) -> str:
    """Return a title in Markdown as plain text; what is no mark in Markdown stays (`C*`, `a_b`, `[x]`, `List<T>`)."""
    if not _MARKS.search(title):
        return title
    texts = []
    # Behind a word no sign begins an item, a quote or a heading.
    for event in PARSER.events(f"a {title}"):
        match event:
            case {"Text": text} | {"Code": text}:
                texts.append(text)
            case {"InlineHtml": tag} if not _TAG.match(tag):
                texts.append(tag)
            case {"FootnoteReference": name}:
                texts.append(f"[^{name}]")
            case "SoftBreak" | "HardBreak":
                texts.append(" ")
    return _MARKED.sub(r"\1", "".join(texts).removeprefix("a ")).strip() or title


_BRACKET = re.compile(r"\\[\\^\[\]]|(?<![\\^\[!=])\^\[(?!\^)|[\[\]]|\n[ \t>]*+(?=\n|\Z)")
_CLASS = re.compile(r"[^\W_]-[^\W_]\b|[\\^]|^[0-9]*+$")
"""What is a number or a class of a regular expression (`^[a-z]`)."""
_DEEPEST_NOTE, _LONGEST_NOTE = 8, 4000
_CONTINUED = re.compile(r"\n([ \t>]*+)")


def with_footnotes(text: str, hidden: Callable[[str], Iterable[Spans]]) -> str:
    """Return the text with its notes in lines (`^[words]`) as marks, and footnotes behind it; `hidden` has no notes.

    Behind a highlight they are the hints of cards, and stay. Where what stands last would hold footnotes (code or HTML
    without an end), the text stays as it is.
    """
    found = _inline_notes(text) if "^" in text and "^[" in text and "[^inline-" not in text else []
    spans = tuple(hidden(text)) if found else ()
    found = [one for one in found if not any(span.covers(one[0]) for span in spans)]
    pieces, notes, end = [], [], 0
    for number, (start, stop) in enumerate(found, 1):
        lines = "".join(f"<!--\n{line[1]}-->" for line in _CONTINUED.finditer(text, start, stop))
        pieces += [text[end:start], f"[^inline-{number}]{lines}"]
        notes.append(f"[^inline-{number}]: {_CONTINUED.sub(' ', text[start + 2 : stop - 1]).strip()}")
        end = stop
    whole = "\n\n".join(["".join([*pieces, text[end:]]), *notes]) if notes else text
    return whole if not notes or _footnotes(whole) == _footnotes(text) + len(notes) else text


def _footnotes(text: str) -> int:
    """Return the number of footnotes of a text."""
    starts = [event["Start"] for event in PARSER.events(text) if type(event) is dict and "Start" in event]
    return sum(type(start) is dict and "FootnoteDefinition" in start for start in starts)


def _inline_notes(text: str) -> list[tuple[int, int]]:
    """Return where the notes in lines begin and end, those within another left out."""
    found: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for sign in _BRACKET.finditer(text):
        if sign[0] in ("[", "^["):
            opened.append((sign[0], sign.start()))
        elif sign[0].startswith("\n"):
            opened.clear()
        elif sign[0] == "]" and opened:
            mark, start = opened.pop()
            few = len(opened) < _DEEPEST_NOTE and sign.end() - start < _LONGEST_NOTE
            if mark == "^[" and few and _is_note(text, start, sign.end()):
                while found and found[-1][0] > start:
                    found.pop()
                found.append((start, sign.end()))
    return found


def _is_note(text: str, start: int, end: int) -> bool:
    """Return whether `^[...]` is a note: words, or a word right behind another, and no part of an expression."""
    words = text[start + 2 : end - 1].split()
    if not words or text[end : end + 1] in ("+", "{", "$", "("):
        return False
    behind = text[start - 1 : start].strip() and text[end : end + 1] not in ("*", "?")
    return len(words) > 1 or (bool(behind) and not _CLASS.search(words[0]))


class Spans:
    """Ranges of characters, in order and apart."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self._starts = [start for start, _ in ranges]
        self._ends = [end for _, end in ranges]

    def covers(self, offset: int) -> bool:
        """Return whether the character at the offset lies in one of the ranges."""
        i = bisect_right(self._starts, offset) - 1
        return i >= 0 and offset < self._ends[i]

    def has(self, start: int, end: int) -> bool:
        """Return whether (start, end) is one of the ranges."""
        i = bisect_left(self._starts, start)
        return i < len(self._starts) and (self._starts[i], self._ends[i]) == (start, end)


_CODE_SIGNS = ("`", "    ", "\t", "~~~")
"""One of them is in every text with code: a block may also be indented by four columns."""


def code_spans(text: str) -> Spans:
    """Return the code spans and code blocks of a text, which can tell whether they cover a place."""
    return Spans(code_ranges(text))


def code_ranges(text: str) -> list[tuple[int, int]]:
    """Return the ranges of code spans and code blocks, in characters and in order."""
    ranges: list[tuple[int, int]] = []
    if not any(sign in text for sign in _CODE_SIGNS):
        return ranges
    for event, span in PARSER.events_with_range(text):
        if type(event) is dict and ("Code" in event or _opens_code(event)):
            ranges.append((span["start"], span["end"]))
    return ranges if text.isascii() else _in_characters(ranges, text.encode())


def _opens_code(event: Any) -> bool:
    start = event.get("Start")
    return type(start) is dict and "CodeBlock" in start


def _in_characters(ranges: list[tuple[int, int]], data: bytes) -> list[tuple[int, int]]:
    """Return ranges of bytes as ranges of characters; each byte is decoded once."""
    spans, decoded, characters = [], 0, 0
    for start, end in ranges:
        first = characters + len(data[decoded:start].decode("utf-8", "ignore"))
        characters = first + len(data[start:end].decode("utf-8", "ignore"))
        spans.append((first, characters))
        decoded = end
    return spans
