"""Removes Obsidian's comments, `%%like this%%`, before the Markdown is read.

The rules are stricter than Obsidian's, because `100%%` is a typing error: a comment never begins directly after a
letter or digit, and only one that begins and ends with its line may contain blank lines. An unclosed `%%` is text.
"""

from __future__ import annotations

import re

from convert.reader.math import is_formula
from convert.reader.source import Say, Spans, code_spans

_OPENING = re.compile(r"(?<![\w%\\/=&+-])%%(?!%)")
_CLOSING = re.compile(r"%%(?!%)")
_LEAD = re.compile(r"[ \t>]{0,99}(?:[-*+] |[0-9]{1,9}[.)] )?[ \t]{0,99}")
_LINE_END = re.compile(r"[ \t]*+(?:\n|\Z)")
_BLANK_LINE = re.compile(r"\n[ \t>]*+\n")
_BETWEEN_DOLLARS = re.compile(r"\$\$(.{1,4000}?)\$\$|\$([^$\n]{1,400})\$", re.DOTALL)


def drop_comments(text: str, say: Say) -> str:
    """Remove the comments outside code and formulas; line ends remain, so that lines keep their numbers."""
    if "%%" not in text or text.count("%%") < 2 or not _OPENING.search(text):
        return text
    hidden = _hidden(text)
    pieces, kept, end = [], 0, 0
    while opening := _next(_OPENING, text, end, hidden):
        closing = _next(_CLOSING, text, opening.end(), hidden)
        if not closing:
            break
        end = opening.end()
        if _is_comment(text, opening.start(), closing.start(), closing.end()):
            end = closing.end()
            pieces += [_before(text[kept : opening.start()], text, end), "\n" * text.count("\n", opening.end(), end)]
            kept = end
    return "".join([*pieces, text[kept:]])


def _is_comment(text: str, start: int, closing: int, end: int) -> bool:
    """Return whether a comment may run from `start` to `end`: within its paragraph, or as whole lines."""
    if not _BLANK_LINE.search(text, start, closing):
        return True
    line = text.rfind("\n", 0, start) + 1
    return bool(_LEAD.fullmatch(text, line, start) and _LINE_END.match(text, end))


def _before(text: str, whole: str, end: int) -> str:
    """Return the text before a comment, without its last blank if a blank or punctuation follows the comment.

    Two blanks at the end of a line would be a line break.
    """
    return text[:-1] if text.endswith((" ", "\t")) and whole[end : end + 1] in ("", *" \n.,;:!?)") else text


def _hidden(text: str) -> tuple[Spans, Spans]:
    """Return the ranges of code and formulas, where `%%` does not open a comment."""
    between = _BETWEEN_DOLLARS.finditer(text) if "$" in text else ()
    formulas = [found.span() for found in between if is_formula(found[1] or found[2])]
    return code_spans(text), Spans(formulas)


def _next(sign: re.Pattern[str], text: str, start: int, hidden: tuple[Spans, Spans]) -> re.Match[str] | None:
    for found in sign.finditer(text, start):
        if not any(spans.covers(found.start()) for spans in hidden):
            return found
    return None
