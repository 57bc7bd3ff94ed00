"""Makes the text of notes safe for pandoc and Typst, and keeps times with their words and numbers in their columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from unicodedata import bidirectional

import msgspec

from convert.document import nodes as n

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufff0-\uffff\ud800-\udfff]"
)
"""Controls, bidi marks, byte order marks, noncharacters, lone surrogates: they are invisible and no font has them."""

BLANKS = re.compile("[\t\n\r\u2028\u2029 ]+")
STARTS_BLOCK = re.compile(r"(?<!\s)\s*+(?:[-+=/]++|\d++[.)])(?:\s|$)")
LONG_WORD = re.compile("[!-~\u00a1-\u024f]{60,}")
"""A word without line breaks, for example a token, a key or a path."""

LONGEST_RUN = 60
LONGEST_PARAGRAPH = 20_000
"""Characters in one Typst paragraph; other nodes count as ten."""

BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
BREAKS = re.compile(".{24}(?=.{8})")
SHORT = 800
PIECE = re.compile(r".{400,1000}?(?<=[ \u200b])|.{400,}?(?<=[^\W_])(?=[^\W_])|.+", re.DOTALL)
"""Splits long text where nothing needs an escape: pandoc's cost grows with the square of a `Str`."""

CHARACTERS_ACROSS = 84
"""Characters of a row of a table that fits one line."""
LEAST_ACROSS = 66
"""Characters of a row on the smaller papers."""
LONGEST_COLUMN = 50
"""Characters of a cell beyond which its column gets no wider."""

NUMBER = re.compile(r"[-−–+~≈<>$€£]?\s?\d[\d.,\s]*+[%‰€$£]?")
"""A cell of a column of numbers."""

MOST_JOINED = 500
"""Inlines of a paragraph beyond which no times are joined to it, for each costs a copy of it."""

NO_BREAK = {"t": "Str", "c": "\u00a0"}
JOINTS = re.compile(r"[\s,;:&/()\[\]+–—-]*")
"""What stands between times that belong together."""
OPENED = re.compile(r" (?=[(\[–—-]{1,3}$)")
FEW_TIMES = 4
"""Times in a row that stay on one line."""

STRONG = {"L": "L", "R": "R", "AL": "R"}
ALLOWED_URL = re.compile(r"(?:https?://[^\s/]|mailto:[^\s@]+@)", re.IGNORECASE)


def printable_line(text: str) -> str:
    """Return the text on one line, without characters that cannot be printed."""
    return BLANKS.sub(" ", UNPRINTABLE.sub("", text))


def breakable(text: str) -> str:
    """Return the text with zero-width spaces (U+200B) in words that are longer than a line."""
    return LONG_WORD.sub(lambda word: BREAKS.sub("\\g<0>\u200b", word[0]), text)


def insert_breaks(content: list[dict[str, Any]], run: int = 0) -> int:
    """Return the number of characters since the last blank, given that number before the content.

    Inserts zero-width spaces (U+200B) into long runs of adjacent texts, such as letters between tags: a word of
    thousands of characters exceeds what a PDF can hold in one string.
    """
    for part in content:
        kind: str = part["t"]
        inner: Any = part.get("c")
        if kind == "Str":
            run = _after_run(part, run)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            run = 0
        elif kind in ("Strong", "Emph", "Strikeout", "Superscript", "Subscript", "Underline"):
            run = insert_breaks(inner, run)
        elif kind in ("Link", "Span"):
            run = insert_breaks(inner[1], run)
    return run


def _after_run(part: dict[str, Any], run: int) -> int:
    """Return the length of the run after a `Str`; if it is too long, put a zero-width space before the `Str`."""
    text: str = part["c"]
    last = len(text) - max(text.rfind(" "), text.rfind("\u200b")) - 1
    if last < len(text):
        return last
    if run + last < LONGEST_RUN:
        return run + last
    part["c"] = "\u200b" + text
    return last


def right_to_left(text: str) -> bool:
    """Return whether the first letter of a text is of a script written from right to left (UAX 9, P2 and P3)."""
    if text.isascii():
        return False
    return next((STRONG[kind] for kind in map(bidirectional, text) if kind in STRONG), "L") == "R"


def clean_code(text: str) -> str:
    """Return verbatim text with its lines, without characters that cannot be printed."""
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).expandtabs(4)


def vetted_url(url: str) -> str:
    """Return the address if it is http, https or mailto, else ""."""
    url = url.strip()
    return printable_line(url).replace(" ", "%20") if ALLOWED_URL.match(url) else ""


def strings(text: str) -> list[dict[str, Any]]:
    """Return the pandoc inlines of a text: one `Str`, several if it is long.

    A first word that Typst would take for a list is a `Str` of its own: only then does pandoc escape it.
    """
    text = breakable(printable_line(text))
    if not text:
        return []
    if not STARTS_BLOCK.match(text):
        return _spaced(text)
    first, _, rest = text.lstrip().partition(" ")
    return [*([SPACE] if text[0] == " " else []), {"t": "Str", "c": first}, SPACE, *_spaced(rest)]


SPACE = {"t": "Space"}


def _spaced(text: str) -> list[dict[str, Any]]:
    """Return the text as `Str`, with `Space` for blanks at its ends: pandoc moves these out of emphasis."""
    core = text.strip(" ")
    if not core:
        return [SPACE] if text else []
    pieces = (core,) if len(core) < SHORT else PIECE.findall(core)
    result: list[dict[str, Any]] = [{"t": "Str", "c": piece} for piece in pieces]
    if text[0] == " ":
        result.insert(0, SPACE)
    if text[-1] == " ":
        result.append(SPACE)
    return result


def typst_string(text: str) -> str:
    """Return the text as a Typst string literal on one line; nothing in it can end the literal."""
    return '"' + printable_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def trimmed(content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return inlines without blanks and line breaks at the ends, which Typst would misread."""
    start, end = 0, len(content)
    while start < end and content[start]["t"] in ("Space", "LineBreak"):
        start += 1
    while end > start and content[end - 1]["t"] in ("Space", "LineBreak"):
        end -= 1
    return content[start:end]


def without_start(content: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the blanks at the start, and the rest: in brackets, a `-` or `+` after a blank would begin a list."""
    count = next((at for at, one in enumerate(content) if one["t"] != "Space"), len(content))
    return content[:count], content[count:]


def paragraphs_of(content: list[dict[str, Any]], skipped: int = 0) -> list[list[dict[str, Any]]]:
    """Return inlines, except the first `skipped`, as one paragraph, or as several if it is very long.

    Typst's cost grows faster than the length of a paragraph.
    """
    insert_breaks(content)
    pieces: list[list[dict[str, Any]]] = [[]]
    weight = 0
    for part in content[skipped:]:
        weight += len(part["c"]) if part["t"] == "Str" else 10
        if weight > LONGEST_PARAGRAPH and part["t"] in ("Space", "Str"):
            weight = 0
            # `strings` keeps the new paragraph from beginning a list.
            pieces.append(strings(part["c"]) if part["t"] == "Str" else [])
        else:
            pieces[-1].append(part)
    return [piece for piece in pieces if piece]


def brace_depth(tex: str) -> int:
    """Return the depth of nested braces in a formula, without escaped ones."""
    depth = deepest = 0
    for brace in BRACE.findall(tex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        deepest = max(deepest, depth)
    return deepest


_EMPHASES = frozenset(("Strong", "Emph", "Superscript", "Strikeout"))


def tied(content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return inlines whose times stay on the line of the word before them, with commas between times in a row."""
    content = [part | {"c": tied(part["c"])} if part["t"] in _EMPHASES else part for part in content]
    if not any(map(_is_time, content)):
        return content
    result: list[dict[str, Any]] = []
    row = 0
    for at, part in enumerate(content):
        if _is_time(part):
            row += 1
            _tie(result, row, last=at + 1 == len(content) or content[at + 1]["t"] == "LineBreak")
        elif part["t"] not in ("Space", "RawInline") and not (part["t"] == "Str" and JOINTS.fullmatch(part["c"])):
            row = 0
        result.append(part)
    return result


def _is_time(part: dict[str, Any]) -> bool:
    """Return whether an inline is a time, whatever its emphasis."""
    if part["t"] in _EMPHASES:
        return bool(part["c"]) and all(map(_is_time, part["c"]))
    return part["t"] == "RawInline" and str(part["c"][1]).startswith("#at(")


def _tie(before: list[dict[str, Any]], row: int, last: bool) -> None:
    """Tie a time, the `row`-th in a row, to what is before it; to the line before only if it ends its own."""
    start = len(before)
    while start and before[start - 1]["t"] in ("Space", "LineBreak"):
        start -= 1
    if not start or (not last and any(part["t"] == "LineBreak" for part in before[start:])):
        return
    blank = NO_BREAK if row <= FEW_TIMES else SPACE
    closed = before[start - 1]["t"] == "RawInline" and before[start - 1]["c"][1] == ";"
    if _is_time(before[max(start - 1 - closed, 0)]):
        before[start:] = [{"t": "Str", "c": ","}, blank]
    elif start < len(before):
        before[start:] = [blank]
    _tie_opening(before, start - 1, blank)


def _tie_opening(before: list[dict[str, Any]], at: int, blank: dict[str, Any]) -> None:
    """Tie a bracket or a dash in front of a time to what is before it."""
    part = before[at]
    if part["t"] == "Str" and JOINTS.fullmatch(part["c"]):
        if at and before[at - 1]["t"] == "Space":
            before[at - 1] = blank
    elif part["t"] == "Str":
        before[at] = {"t": "Str", "c": OPENED.sub("\u00a0", part["c"])}


def column_shares(columns: list[list[str]]) -> list[float]:
    """Return the shares of the columns of a table, by their texts; zeros if each row is sure to fit one line.

    Typst shares what is left evenly, so that the only column of sentences would be the narrowest. Here each has room
    for its longest word or short text, and of the rest what its texts ask for.
    """
    if sum([max(map(len, cells), default=0) for cells in columns]) <= CHARACTERS_ACROSS:
        return [0.0] * len(columns)
    pieces = [[piece for cell in cells for piece in ([cell] if len(cell) <= 12 else cell.split())] for cells in columns]
    least = [4.5 + 1.12 * min(max(map(len, words), default=1), LONGEST_COLUMN / 2) for words in pieces]
    asked = [4 + min(max(map(len, cells[1:]), default=0), LONGEST_COLUMN) for cells in columns]
    more = [max(0, one - own) for one, own in zip(asked, least, strict=True)]
    rest = max(12, LEAST_ACROSS - sum(least)) / max(sum(more), 1)
    wanted = [own + rest * part for own, part in zip(least, more, strict=True)]
    return [round(one / sum(wanted), 4) for one in wanted]


def of_numbers(column: list[str]) -> bool:
    """Return whether the cells of a column are numbers below its head; some may be empty."""
    cells = [cell for cell in column[1:] if cell]
    return bool(cells) and all(NUMBER.fullmatch(cell) for cell in cells)


def bookmarkable(heading: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a heading without blanks before the times at its end: its bookmark shows only words."""
    end = len(heading)
    while end and (heading[end - 1]["t"] == "Space" or _is_time_in_heading(heading[end - 1])):
        end -= 1
    return [*heading[:end], *filter(_is_time_in_heading, heading[end:])]


def _is_time_in_heading(part: dict[str, Any]) -> bool:
    return bool(part["t"] == "RawInline" and part["c"][1].startswith("#at-in-heading("))


def times_joined(blocks: Iterable[n.Block]) -> list[n.Block]:
    """Return blocks in which a paragraph of nothing but times ends the paragraph above it, or else begins the next.

    Times below code, or beside a formula that stands alone, end the paragraph above that.
    """
    result: list[n.Block] = []
    for block in blocks:
        if not isinstance(block, n.Paragraph) or not result:
            result.append(block)
            continue
        formula, times = _parted(block)
        at = -2 if _below_code(result) and _only_times(times) else -1
        if joined := _joined(result[at], times):
            result[at] = joined
            result += formula
        else:
            result.append(block)
    return result


def _parted(paragraph: n.Paragraph) -> tuple[list[n.Block], n.Paragraph]:
    """Return the formula that stands alone at the start of a paragraph, if there is one, and what follows it."""
    if not isinstance(first := next(iter(paragraph.children), None), n.Math) or not first.display:
        return [], paragraph
    formula, rest = (msgspec.structs.replace(paragraph, children=part) for part in ((first,), paragraph.children[1:]))
    return ([formula], rest) if _only_times(rest) else ([], paragraph)


def _below_code(blocks: list[n.Block]) -> bool:
    return len(blocks) > 1 and isinstance(blocks[-1], n.CodeBlock) and isinstance(blocks[-2], n.Paragraph)


def _joined(above: n.Block, below: n.Paragraph) -> n.Block | None:
    """Return a block with the paragraph below it in its last line, None if neither is to be joined."""
    if isinstance(above, n.List) and _only_times(below):
        *_, last = above.items
        inner = _joined(last.children[-1], below) if last.children else None
        if inner is None:
            return None
        item = msgspec.structs.replace(last, children=(*last.children[:-1], inner))
        return msgspec.structs.replace(above, items=(*above.items[:-1], item))
    if not isinstance(above, n.Paragraph) or below.name or len(above.children) > MOST_JOINED:
        return None
    if not (_only_times(below) or (_only_times(above) and not above.name)):
        return None
    return msgspec.structs.replace(above, children=(*above.children, n.Text(" "), *below.children))


def _only_times(paragraph: n.Paragraph) -> bool:
    times = [one for one in paragraph.children if isinstance(one, n.Stamp)]
    others = [one for one in paragraph.children if not isinstance(one, n.Stamp)]
    return bool(times) and all(isinstance(one, n.Text) and JOINTS.fullmatch(one.text) for one in others)
