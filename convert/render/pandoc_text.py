"""Characters of notes made fit for pandoc and Typst: no controls, no scheme that acts, no list by accident."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import bidirectional

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufff0-\uffff\ud800-\udfff]"
)
"""Controls, bidi marks, byte order marks, noncharacters, lone surrogates: no font has them, no reader sees them."""

BLANKS = re.compile("[\t\n\r\u2028\u2029 ]+")
STARTS_BLOCK = re.compile(r"\s*(?:[-+=/]+|\d+[.)])(?:\s|$)")
LONG_WORD = re.compile("[!-~\u00a1-\u024f]{60,}")
"""A run that no line can break: a token, a key, a path."""

LONGEST_RUN = 60
BREAKS = re.compile(".{24}(?=.{8})")
SHORT = 800
PIECE = re.compile(r".{400,1000}?(?<=[ \u200b])|.{400,}?(?<=[^\W_])(?=[^\W_])|.+", re.DOTALL)
"""What pandoc gets as one `Str`: its cost grows with the square of the length. Cut where nothing has to be escaped."""

STRONG = {"L": "L", "R": "R", "AL": "R"}
ALLOWED_URL = re.compile(r"(?:https?://[^\s/]|mailto:[^\s@]+@)", re.IGNORECASE)


def clean(text: str) -> str:
    """The text in one line, without characters that cannot be printed."""
    return BLANKS.sub(" ", UNPRINTABLE.sub("", text))


def breakable(text: str) -> str:
    """The text with places to break (U+200B) in words that are longer than a line."""
    return LONG_WORD.sub(lambda word: BREAKS.sub("\\g<0>\u200b", word[0]), text)


def break_runs(content: list[dict[str, Any]], run: int = 0) -> int:
    """Puts places to break between texts that follow one another without blanks, as tags and letters by turns do.

    A word that fills no line but thousands of characters is more than a PDF holds in one string. Takes and gives the
    number of characters since the last blank.
    """
    for part in content:
        kind: str = part["t"]
        inner: Any = part.get("c")
        if kind == "Str":
            run = _after_run(part, run)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            run = 0
        elif kind in ("Strong", "Emph", "Strikeout", "Superscript", "Subscript", "Underline"):
            run = break_runs(inner, run)
        elif kind in ("Link", "Span"):
            run = break_runs(inner[1], run)
    return run


def _after_run(part: dict[str, Any], run: int) -> int:
    """The length of the last word of a `Str`, which gets a place to break before it when the run is too long."""
    text: str = part["c"]
    last = len(text) - max(text.rfind(" "), text.rfind("\u200b")) - 1
    if last < len(text):
        return last
    if run + last < LONGEST_RUN:
        return run + last
    part["c"] = "\u200b" + text
    return last


def right_to_left(text: str) -> bool:
    """Whether the first letter of a text belongs to a script written from right to left (Unicode UAX 9, P2 and P3)."""
    if text.isascii():
        return False
    return next((STRONG[kind] for kind in map(bidirectional, text) if kind in STRONG), "L") == "R"


def clean_code(text: str) -> str:
    """Verbatim text with its lines kept, without characters that cannot be printed."""
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).expandtabs(4)


def vetted_url(url: str) -> str:
    """The address when it is http, https or mailto, else "": `javascript:`, `file:` and the like stay text."""
    url = url.strip()
    return clean(url).replace(" ", "%20") if ALLOWED_URL.match(url) else ""


def strings(text: str) -> list[dict[str, Any]]:
    """pandoc inlines of a text: one `Str` unless it is long, a first word that Typst would take for a list apart.

    pandoc escapes such a word only when it stands alone in its `Str`.
    """
    text = breakable(clean(text))
    if not text:
        return []
    if not STARTS_BLOCK.match(text):
        return _spaced(text)
    first, _, rest = text.lstrip().partition(" ")
    return [*([SPACE] if text[0] == " " else []), {"t": "Str", "c": first}, SPACE, *_spaced(rest)]


SPACE = {"t": "Space"}


def _spaced(text: str) -> list[dict[str, Any]]:
    """The text as `Str`, blanks at its ends as `Space`: pandoc moves those out of emphasis, Typst cannot."""
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
    """The text as a Typst string literal in one line; nothing in it can end the literal."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
