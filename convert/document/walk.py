"""Walks over the tree that several parts need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import assert_never

from convert.document import nodes as n


def plain_text(inlines: Iterable[n.Inline]) -> str:
    """The words of inline nodes in one line: labels of links, no markup, no stamps, blanks collapsed."""
    return " ".join("".join(_words(inlines)).split())


def _words(inlines: Iterable[n.Inline]) -> Iterator[str]:
    for node in inlines:
        match node:
            case n.Text(text) | n.Code(text):
                yield text
            case n.Math(tex):
                yield tex
            case n.LineBreak():
                yield " "
            case n.Image(alt=alt):
                yield alt
            case n.Embed():
                yield embed_text(node)
            case n.Stamp() | n.FootnoteMark():
                pass
            case (
                n.Emphasis(children)
                | n.Strong(children)
                | n.Strike(children)
                | n.Superscript(children)
                | n.Subscript(children)
                | n.Highlight(children)
                | n.Link(children=children)
                | n.WikiLink(children=children)
            ):
                yield from _words(children)
            case _:
                assert_never(node)


_WIDTH = re.compile(r"\d+(?:x\d+)?")


def embed_text(node: n.Embed) -> str:
    """What a format that cannot show another note in place shows instead: the label unless it is a width, else the
    title of the note (or its target) and the heading asked for."""
    if node.label and not _WIDTH.fullmatch(node.label):
        return node.label
    name = (node.to.title if node.to else "") or node.target
    heading = "" if node.fragment.startswith("^") else node.fragment
    return " > ".join(filter(None, (name if node.target else "", heading))) or name


def sections(blocks: Iterable[n.Block]) -> Iterator[n.Section]:
    """Every section below `blocks`, in the order of the text."""
    for block in blocks:
        if isinstance(block, n.Section):
            yield block
            yield from sections(block.children)


def child_blocks(block: n.Block) -> tuple[n.Block, ...]:
    """The blocks directly inside a block, those of all items of a list included; what an embed shows is not in it."""
    match block:
        case n.Section() | n.Quote() | n.Callout() | n.Footnote():
            return block.children
        case n.List(items):
            return tuple(child for item in items for child in item.children)
        case n.Paragraph() | n.CodeBlock() | n.Table() | n.Rule() | n.EmbedBlock():
            return ()
        case _:
            assert_never(block)


def own_inlines(block: n.Block) -> Iterator[n.Inline]:
    """The inline nodes that stand directly in a block: not those of the blocks inside it."""
    match block:
        case n.Paragraph(children):
            yield from children
        case n.EmbedBlock(embed):
            yield embed
        case n.Section(title=title) | n.Callout(title=title):
            yield from title
        case n.Table(head=head, rows=rows):
            for row in (head, *rows):
                for cell in row.cells:
                    yield from cell
        case n.List() | n.Quote() | n.CodeBlock() | n.Footnote() | n.Rule():
            pass
        case _:
            assert_never(block)


def child_inlines(node: n.Inline) -> tuple[n.Inline, ...]:
    """The inline nodes directly inside an inline node."""
    return getattr(node, "children", ())


def inlines(blocks: Iterable[n.Block]) -> Iterator[n.Inline]:
    """Every inline node below `blocks`, nested ones included, in the order of the text."""
    for block in blocks:
        yield from descend(own_inlines(block))
        yield from inlines(child_blocks(block))


def descend(inline_nodes: Iterable[n.Inline]) -> Iterator[n.Inline]:
    """Inline nodes and all inside them, in the order of the text."""
    for node in inline_nodes:
        yield node
        yield from descend(child_inlines(node))


def stamps(inline_nodes: Iterable[n.Inline]) -> Iterator[n.Stamp]:
    """The stamps among inline nodes and in them."""
    return (node for node in descend(inline_nodes) if isinstance(node, n.Stamp))
