"""Paragraphs that are embeds and nothing else: what they name is to be shown in their place."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from convert.document import nodes as n


def paragraph(children: Sequence[n.Inline], line: int, name: n.BlockName) -> list[n.Block]:
    """The paragraph, or a block for each embed when nothing but embeds, blanks and line breaks stands in it.

    The name is that of the last of them.
    """
    if not all(type(child) is n.Embed or _is_blank(child) for child in children):
        return [n.Paragraph(tuple(children), line, name)]
    blocks: list[n.EmbedBlock] = []
    for child in children:
        if type(child) is n.Embed:
            blocks.append(n.EmbedBlock(child, line))
        else:
            line += type(child) is n.LineBreak or child == n.Text("\n")
    return [*blocks[:-1], msgspec.structs.replace(blocks[-1], name=name)]


def _is_blank(node: n.Inline) -> bool:
    return type(node) is n.LineBreak or (type(node) is n.Text and not node.text.strip())
