"""Brackets that Markdown would pair otherwise than their writer meant: in labels of wikilinks, around citations."""

from __future__ import annotations

import re

from convert.document.timecode import BARE_STAMP
from convert.reader.markdown import code_spans
from convert.reader.source import Say

_TARGET = r"[^\[\]\n|]{1,400}"
_LABEL = re.compile(rf"\[\[({_TARGET})\|([^\[\]\n]{{0,400}})\[([^\[\]\n]{{1,400}})\][ \t]*\]\]")
_CITATION = re.compile(rf"(?<!!)\[\[({_TARGET})\]\]\((?=https?://)")
_STAMP = re.compile(r"\[\[[\s:]{0,4}\[([0-9:., \t-]{3,40})\][ \t]*\]\]")
_LIKELY = re.compile(r"\][ \t]*\]\]|\]\]\(https?://")


def mend_brackets(text: str, say: Say) -> str:
    """The text with `[[note|[label]]]` and `[[1]](https://...)` written so that they are read whole.

    A stamp at the end of a label comes after the link: `[[note|label [0:10]]]` is `[[note|label]] [0:10]`.
    """
    if "]]" not in text or not _LIKELY.search(text):
        return text
    code = code_spans(text)

    def label(found: re.Match[str]) -> str:
        target, before, inside = found.groups()
        if code.covers(found.start()):
            return found[0]
        if BARE_STAMP.fullmatch(f"[{inside}]"):
            return f"[[{target}|{before}]] [{inside}]"
        return f"[[{target}|{before}\\[{inside}\\]]]"

    def citation(found: re.Match[str]) -> str:
        return found[0] if code.covers(found.start()) else f"[\\[{found[1]}\\]]("

    def stamp(found: re.Match[str]) -> str:
        inside = f"[{found[1]}]"
        return inside if BARE_STAMP.fullmatch(inside) and not code.covers(found.start()) else found[0]

    for pattern, replacement in ((_STAMP, stamp), (_CITATION, citation), (_LABEL, label)):
        mended = pattern.sub(replacement, text)
        if mended != text:
            text, code = mended, code_spans(mended)
    return text
