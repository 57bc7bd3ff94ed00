"""Tells formulas from money: both are written with dollar signs, and money is twenty times as frequent.

Markdown's math syntax pairs dollar signs. In each pair that reads as money or prose, the first sign is escaped. Then
the source is paired again, until all remaining pairs are formulas.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from convert.reader.source import MATH_PARSER, code_spans

_TEX = re.compile(r"\\[A-Za-z]+|[\^_]\s*+[\w{\\]|\\[,;{}|]")
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{3,}(?![A-Za-z}])")
_IN_TEXT = re.compile(r"\\(?:text|mathrm|operatorname|mbox|textbf|textit)\s*\{[^{}]*\}|\\[A-Za-z]+")
_SYMBOL = re.compile(
    r"[-+±]?\d{0,6}(?:\.\d{1,9})?"  # a number, alone or before a letter
    r"|[-+±]?\d{0,4}[A-Za-zα-ωΑ-Ω]{1,2}['′]{0,3}(?:\([\w, ]{1,9}\))?!?"  # x, 2x, dx, f'(x), n!
    r"|[A-Za-z](?:, ?[A-Za-z]){1,4}"  # i, j
    r"|[(\[][-\w]{1,9}(?:, ?[-\w]{1,9}){1,5}[)\]]"  # (x, y), [0, 1)
    r"|[A-Za-z]{0,9}\[\w{0,4}:\w{0,4}(?:, ?\w{0,4}:\w{0,4}){0,3}\]"  # [0:10], a[1:20], A[0:10, :]
    r"|\|{1,2}[-+]?\w{1,6}(?: ?[-+] ?\w{1,6})?\|{1,2}|[A-Za-z]{1,2} ?\|{1,2} ?[A-Za-z]{1,2}"  # |x|, ||x - y||, a | b
)
_ARITHMETIC = re.compile(r"[-+]?[\d.,()]{1,20}(?:\s?[-+*/=<>×÷·≈≤≥±]{1,2}\s?[\d.,()]{1,20}){1,20}")
_FORMULA = re.compile(r"[\w\s+\-*/=<>≤≥≠≈±×÷·.,!|()\[\]'′:%]{2,120}")
_OPERATOR = re.compile(r"[=<>≤≥≠≈+*/×÷±]|[A-Za-z]\s*-|-\s*[A-Za-z(]|\)\s*\(|[A-Za-z]\(")
_MONEY = re.compile(r"(?<![\s~\d.,])[\s~]*+[\d.,]+\s*(?:[kKmMbBtT]|bn|mn|USD)?\b(?!\s*+[=^_*\\(])")
_BACKSLASHED = re.compile(r"(?<!\\)\\[()\[\]]")
_CLOSING = {"(": (")", 400, "\n"), "[": ("]", 2000, "\n\n")}
"""For each bracket the one that closes it, the most characters between them, and what may not stand there."""
_BLOCK = re.compile(r"^\$\$[ \t]*+\n((?:(?!\$\$)[^\n]*+\n){1,60}+)\$\$[ \t]*+$", re.MULTILINE)
_BEGINS_BLOCK = re.compile(r" {0,3}(?:[-+*>#] ?|[0-9]{1,9}[.)] |=++[ \t]*+$)")
_ROUNDS = 12


def is_formula(tex: str) -> bool:
    """Return whether the text between two dollar signs is a formula, not an amount of money or prose."""
    text = tex.strip()
    if not text or text[-1] in "-–—,;:/" or text.startswith((",", ".", ")")):
        return False
    prose = len(_PROSE.findall(_IN_TEXT.sub("", text)))
    if _TEX.search(text):
        return prose <= 2 + text.count("\\")
    if _SYMBOL.fullmatch(text) or _ARITHMETIC.fullmatch(text):
        return True
    if text[-1] in "=+*<>" or _MONEY.match(text) or prose > 1 or not _is_balanced(text):
        return False
    return bool(_FORMULA.fullmatch(text) and _OPERATOR.search(text))


def _is_balanced(text: str) -> bool:
    """Return whether brackets balance; a pair of dollar signs that cuts a bracket holds two amounts."""
    return sum(map(text.count, "([")) == sum(map(text.count, ")]"))


def join_display(text: str) -> str:
    """Join a `$$` block into one line if one of its lines would begin a list or heading, or is blank.

    Blank lines are added below, so that later lines keep their numbers.
    """
    if "$" not in text or "$$\n" not in text or text.count("$$") < 2:
        return text
    joined = [(*found.span(), made) for found in _BLOCK.finditer(text) if (made := _joined(found[1]))]
    code = code_spans(text) if joined else None
    parts, kept = [], 0
    for start, end, made in joined:
        if code and not code.covers(start):
            parts += [text[kept:start], made]
            kept = end
    return "".join([*parts, text[kept:]])


def _joined(block: str) -> str:
    """Return the formula of a block in one line, "" if it may stay as it is, or is none."""
    lines = block.removesuffix("\n").split("\n")
    tex = " ".join(filter(None, map(str.strip, lines)))
    if not (any(map(_BEGINS_BLOCK.match, lines)) if all(map(str.strip, lines)) else is_formula(tex)):
        return ""
    return f"$${tex}$$" + "\n" * (len(lines) + 1)


def with_dollars(text: str) -> str:
    r"""Put formulas between `\(` and `\)` or `\[` and `\]` between dollar signs."""
    if "\\" not in text or ("\\(" not in text and "\\[" not in text):
        return text
    code = code_spans(text)
    parts, kept = [], 0
    for start, end in _backslashed(text):
        tex, inline = text[start + 2 : end - 2], text[start + 1] == "("
        # Escaped brackets are often just brackets, so require TeX, or letters between round ones.
        sure = _TEX.search(tex) or (inline and any(map(str.isalpha, tex)))
        if sure and "$" not in tex and not code.covers(start) and is_formula(tex):
            parts += [text[kept:start], f"${tex.strip()}$" if inline else f"$${tex}$$"]
            kept = end
    return "".join([*parts, text[kept:]])


def _backslashed(text: str) -> Iterator[tuple[int, int]]:
    r"""Yield the ranges from a `\(` or `\[` to the next bracket that closes it, if they are near enough."""
    found = list(_BACKSLASHED.finditer(text))
    closers = {sign: [one.start() for one in found if one[0][1] == sign] for sign in ")]"}
    last = 0
    for one in found:
        if one.start() < last or one[0][1] not in _CLOSING:
            continue
        closing, most, apart = _CLOSING[one[0][1]]
        start, at = one.end(), bisect_right(closers[closing], one.end())
        stop = closers[closing][at] if at < len(closers[closing]) else start + most + 1
        if stop - start <= most and text.find(apart, start, stop) < 0:
            last = stop + 2
            yield one.start(), last


def has_formula(text: str) -> bool:
    """Return whether there is a formula between two neighbouring dollar signs of a source."""
    pieces = text.split("$") if "$" in text else ()
    return len(pieces) > 2 and any(is_formula(piece) for piece in pieces[1:-1] if len(piece) < 4000)


def escape_money(text: str) -> str | None:
    """Escape every dollar sign that opens no formula; return None when `_ROUNDS` rounds are not enough."""
    for _ in range(_ROUNDS):
        data = text.encode()
        openers = [span["start"] for tex, span in _pairs(text) if not _is_closed_formula(tex, data, span["end"])]
        if not openers:
            return text
        pieces = [data[start:end] for start, end in pairwise((0, *openers, len(data)))]
        text = b"\\".join(pieces).decode()
    return None


def _pairs(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the texts that the parser takes for formulas, each with its range in bytes."""
    for event, span in MATH_PARSER.events_with_range(text):
        if type(event) is dict and not event.keys().isdisjoint(("InlineMath", "DisplayMath")):
            yield event.popitem()[1], span


def _is_closed_formula(tex: str, data: bytes, end: int) -> bool:
    """Return whether a pair holds a formula; a closing sign right before a digit opens an amount instead."""
    return is_formula(tex) and not data[end : end + 1].isdigit()
