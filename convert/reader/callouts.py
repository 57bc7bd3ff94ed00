"""Obsidian callouts: quotes whose first line is `[!kind] title`."""

from __future__ import annotations

import re
from itertools import pairwise

from convert.document import nodes as n
from convert.reader.inlines import trimmed
from convert.reader.standing import paragraph

_CALLOUT = re.compile(r"\[!([^\[\]\n]{1,60})\]([+-]?)[ \t]*")
_NEWLINE = n.Text("\n")
_FOLDS = {"": "", "+": "open", "-": "closed"}


def callouts_of(quote: n.Quote) -> list[n.Block]:
    """The quote as callouts, one for each paragraph in it that begins with `[!kind] title`, else the quote."""
    cuts = [i for i, child in enumerate(quote.children) if i and _begins_callout(child)]
    if not cuts:
        return [_callout_of(quote)]
    pieces = [quote.children[a:b] for a, b in pairwise((0, *cuts, len(quote.children)))]
    return [
        _callout_of(n.Quote(piece, quote.line if piece[0] is quote.children[0] else piece[0].line)) for piece in pieces
    ]


def _begins_callout(block: n.Block) -> bool:
    return type(block) is n.Paragraph and type(lead := block.children[0]) is n.Text and bool(_CALLOUT.match(lead.text))


def _callout_of(quote: n.Quote) -> n.Block:
    first = quote.children[0] if quote.children else None
    if type(first) is not n.Paragraph or type(lead := first.children[0]) is not n.Text:
        return quote
    found = _CALLOUT.match(lead.text)
    if not found:
        return quote
    rest = ([n.Text(lead.text[found.end() :])] if found.end() < len(lead.text) else []) + list(first.children[1:])
    cut = next((i for i, node in enumerate(rest) if type(node) is n.LineBreak or node == _NEWLINE), len(rest))
    title, body = trimmed(rest[:cut]), trimmed(rest[cut + 1 :])
    within = tuple(paragraph(body, first.line + 1, first.name)) if body else ()
    blocks = within + quote.children[1:]
    name = quote.name if body else quote.name or first.name
    kind, _, extra = found[1].strip().partition("|")
    if extra.strip() and not title:
        title = [n.Text(extra.strip())]
    return n.Callout(kind.strip().lower(), tuple(title), blocks, quote.line, _FOLDS[found[2]], name)  # type: ignore[arg-type]
