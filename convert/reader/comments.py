"""Obsidian's comments, `%%so%%`: what an author wrote for no reader is left out before the Markdown is read.

More cautious than Obsidian, for `100%%` is a slip of the keys: a comment never begins right behind a letter or digit,
and only one that begins and ends with its line runs over blank lines. Without a second `%%` it is text.
"""

from __future__ import annotations

import re

from convert.reader.markdown import Spans, code_spans
from convert.reader.math import is_formula
from convert.reader.source import Say

_OPENING = re.compile(r"(?<![\w%\\/=&+-])%%(?!%)")
_CLOSING = re.compile(r"%%(?!%)")
_LEAD = re.compile(r"[ \t>]{0,99}(?:[-*+] |[0-9]{1,9}[.)] )?[ \t]{0,99}")
_LINE_END = re.compile(r"[ \t]*(?:\n|\Z)")
_BLANK_LINE = re.compile(r"\n[ \t>]*\n")
_BETWEEN_DOLLARS = re.compile(r"\$\$(.{1,4000}?)\$\$|\$([^$\n]{1,400})\$", re.DOTALL)


def drop_comments(text: str, say: Say) -> str:
    """The text without comments, but for code and formulas; their line ends stay, so that lines keep their numbers."""
    if "%%" not in text or text.count("%%") < 2 or not _OPENING.search(text):
        return text
    taken = _Verbatim(text)
    pieces, kept, at = [], 0, 0
    while opening := taken.next(_OPENING, at):
        closing = taken.next(_CLOSING, opening.end())
        if not closing:
            break
        at = opening.end()
        if _is_comment(text, opening.start(), closing.start(), closing.end()):
            at = closing.end()
            pieces += [_before(text[kept : opening.start()], text, at), "\n" * text.count("\n", opening.end(), at)]
            kept = at
    return "".join([*pieces, text[kept:]])


def _is_comment(text: str, start: int, closing: int, end: int) -> bool:
    """Whether a comment may run from `start` to `end`: within its paragraph, or as whole lines."""
    if not _BLANK_LINE.search(text, start, closing):
        return True
    line = text.rfind("\n", 0, start) + 1
    return bool(_LEAD.fullmatch(text, line, start) and _LINE_END.match(text, end))


def _before(text: str, whole: str, end: int) -> str:
    """The text before a comment, less its last blank where a blank or a mark follows: two at a line's end break it."""
    return text[:-1] if text.endswith((" ", "\t")) and whole[end : end + 1] in ("", *" \n.,;:!?)") else text


class _Verbatim:
    """Finds marks that stand neither in code nor in formulas."""

    def __init__(self, text: str) -> None:
        self._text = text
        between = _BETWEEN_DOLLARS.finditer(text) if "$" in text else ()
        formulas = [found.span() for found in between if is_formula(found[1] or found[2])]
        self._spans = (code_spans(text), Spans(formulas))

    def next(self, mark: re.Pattern[str], at: int) -> re.Match[str] | None:
        """The first mark from `at` on that is to be read as one."""
        return next((found for found in mark.finditer(self._text, at) if self._is_open(found.start())), None)

    def _is_open(self, offset: int) -> bool:
        return not any(spans.covers(offset) for spans in self._spans)
