"""Markdown inside HTML blocks.

A tag alone on a line opens a block that Markdown takes verbatim up to the next blank line. Real notes do not mean it
so: the lines under a `<br/>` hold links and stamps. Such a block is turned into Markdown that opens no HTML block.
"""

from __future__ import annotations

import re
from functools import partial

from convert.reader.inlines import CONTAINERS, LINE_BREAKS, PAIRED, TAG, gap
from convert.reader.players import NAMES as PLAYERS
from convert.reader.players import Drop, Players

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ANY = re.compile(r"<[^<>]*>|<")
_LONE = re.compile(r"^[ \t]*(<[^<>\n]*>)[ \t]*$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_MARKUP = re.compile(r"[^\w ./:?-]|_")


def as_markdown(block: str, players: Players, drop: Drop) -> str:
    """The source of an HTML block with the same lines: links for players, no block tags, unknown tags as text."""
    if "<!--" in block:
        block = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), block)
    kept = _ANY.sub(partial(_kept, players, drop), block)
    return _INDENT.sub("", _LONE.sub(_kept_alone, kept))


def _kept(players: Players, drop: Drop, found: re.Match[str]) -> str:
    tag = found[0]
    element = TAG.match(tag)
    if not element:
        return "&lt;" + tag[1:]
    name = element[2].lower()
    if name == "a" and ("data-t" in tag or "href" in tag or element[1]):
        return tag
    if name in PAIRED or name in LINE_BREAKS or name == "img":
        return tag
    if name in PLAYERS:
        return "\n" * tag.count("\n") + _player(players, drop, name, tag, bool(element[1]))
    return "\n" * tag.count("\n") + gap(name) if name in CONTAINERS else "&lt;" + tag[1:]


def _player(players: Players, drop: Drop, name: str, tag: str, closes: bool) -> str:
    if closes:
        players.closes(name)
        return " "
    address, words = players.link(name, tag, drop) or ("", "")
    # Two blanks: what follows on the next line is no part of the link's line.
    return f' <a href="{address}">{_literal(words)}</a>  ' if address else " "


def _literal(words: str) -> str:
    """The words as Markdown reads them as they are."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", words)


def _kept_alone(found: re.Match[str]) -> str:
    """A tag alone on its line would open a block again: breaks say nothing there, others are kept as text."""
    element = TAG.match(found[1])
    if element and (element[2].lower() in LINE_BREAKS or element[2].lower() == "a"):
        return ""
    return "&#32;" + found[1]
