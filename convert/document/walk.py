"""Walks over the tree of a note, in text order and without the notes that embeds show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import assert_never

from convert.document import nodes as n
from convert.document.note import Note

_WIDTH = re.compile(r"\d+(?:x\d+)?")
_SIGNS = "0123456789+-=()n"
_RAISED = str.maketrans(_SIGNS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans(_SIGNS, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙ")
_AROUND = {"rt": ("(", ")"), "q": ("\u201c", "\u201d")}
"""What stands for elements in plain text: `<ruby>一<rt>いち</rt></ruby>` is `一(いち)`."""


def plain_text(inlines: Iterable[n.Inline]) -> str:
    """Return the words of inline nodes on one line: labels of links, no markup, no stamps, blanks collapsed."""
    words: list[str] = []
    _add_words(inlines, words)
    return " ".join("".join(words).split())


def block_text(blocks: Iterable[n.Block]) -> str:
    """Return the words of blocks on one line, formulas included, code blocks left out."""
    told = []
    for block in all_blocks(blocks):
        if isinstance(block, n.Table):
            told += [plain_text(cell) for row in (block.head, *block.rows) for cell in row.cells]
        else:
            told.append(plain_text(own_inlines(block)))
    return " ".join(filter(None, told))


def _add_words(inlines: Iterable[n.Inline], words: list[str]) -> None:
    for node in inlines:
        if isinstance(node, n.Parent):
            before, behind = around(node)
            inside: list[str] = []
            _add_words(node.children, inside)
            words += [before, _small(node, "".join(inside)), behind]
            continue
        match node:
            case n.Text(text) | n.Code(text) | n.Math(text) | n.Image(alt=text):
                words.append(text)
            case n.LineBreak():
                words.append(" ")
            case n.Embed():
                words.append(embed_text(node))
            case n.Stamp() | n.FootnoteMark():
                pass
            case _:
                assert_never(node)


def _small(node: n.Inline, words: str) -> str:
    """Return the words of a node; what is raised or lowered in the characters for that: 10⁶ and H₂O, not 106."""
    signs = _RAISED if isinstance(node, n.Superscript) else _LOWERED if isinstance(node, n.Subscript) else None
    return words.translate(signs) if signs and words and not words.strip(_SIGNS) else words


def around(node: n.Inline) -> tuple[str, str]:
    """Return what stands before and behind the words of a node in plain text, for most nodes nothing."""
    return _AROUND.get(node.name, ("", "")) if isinstance(node, n.Element) else ("", "")


def embed_text(node: n.Embed) -> str:
    """Return the text of an embed for formats that cannot show it.

    That is the label unless it is a width, else the title of the note (or its target) and the heading.
    """
    if node.label and not _WIDTH.fullmatch(node.label):
        return node.label
    name = (node.to.title if node.to else "") or node.target
    heading = "" if node.fragment.startswith("^") else node.fragment
    return " > ".join(filter(None, (name if node.target else "", heading))) or name


def below_title(note: Note, repeated: str) -> tuple[n.Block, ...]:
    """Return the blocks of a note without the heading, an id, that only repeats its title.

    Stamps, pictures and links of the heading stay, but for a link to the video: one stands below each title.
    """
    if not repeated:
        return note.blocks
    blocks: list[n.Block] = []
    for block in note.blocks:
        if isinstance(block, n.Section) and block.id == repeated:
            kept = [node for node in block.title if _tells_more(node, note)]
            spaced = [part for node in kept for part in (n.Text(" "), node)][1:]
            blocks += [n.Paragraph(tuple(spaced), block.line)] if kept else []
            blocks += block.children
        else:
            blocks.append(block)
    return tuple(blocks)


def _tells_more(node: n.Inline, note: Note) -> bool:
    """Return whether a node of the heading that repeats the title is more than the words of the title."""
    if isinstance(node, n.Link) and note.video and note.video.id in node.url:
        return False
    return any(isinstance(one, n.Stamp | n.Image | n.Link | n.WikiLink | n.FootnoteMark) for one in descend([node]))


def source_lines(paragraph: n.Paragraph) -> list[tuple[int, tuple[n.Inline, ...]]]:
    """Return the source lines of a paragraph that hold anything, each with its number in the file."""
    number, children = paragraph.line, paragraph.children
    found: list[tuple[int, list[n.Inline]]] = [(number, [])]
    for index, node in enumerate(children):
        if isinstance(node, n.LineBreak):
            # `<br>` at the end of a line is followed by the newline of the source.
            behind = children[index + 1] if index + 1 < len(children) else None
            number += not (isinstance(behind, n.Text) and behind.text.startswith("\n"))
            found.append((number, []))
        elif isinstance(node, n.Text):
            first, *others = node.text.split("\n")
            found[-1][1].extend([n.Text(first)] if first else [])
            for text in others:
                number += 1
                found.append((number, [n.Text(text)] if text else []))
        else:
            found[-1][1].append(node)
            number += node.tex.count("\n") if isinstance(node, n.Math) else 0
    return [(number, tuple(line)) for number, line in found if line]


def formula_lines(blocks: Iterable[n.Block]) -> dict[str, int]:
    """Return the line of each formula by its TeX, the first line of one that is there twice."""
    found: dict[str, int] = {}
    for block in all_blocks(blocks):
        lines = source_lines(block) if isinstance(block, n.Paragraph) else [(block.line, own_inlines(block))]
        for line, nodes in lines:
            for node in descend(nodes):
                if isinstance(node, n.Math):
                    found.setdefault(node.tex, line)
    return found


def child_blocks(block: n.Block) -> tuple[n.Block, ...]:
    """Return the blocks directly inside a block; for a list, the blocks of all its items."""
    match block:
        case n.Paragraph() | n.CodeBlock() | n.Table() | n.Rule() | n.EmbedBlock():
            return ()
        case n.Section() | n.Quote() | n.Callout() | n.Group() | n.Footnote():
            return block.children
        case n.List(items):
            return tuple(chain.from_iterable([item.children for item in items]))
        case _:
            assert_never(block)


def all_blocks(blocks: Iterable[n.Block]) -> list[n.Block]:
    """Return blocks and all blocks inside them, each before its children, without recursion."""
    found: list[n.Block] = []
    pending = [*blocks][::-1]
    while pending:
        block = pending.pop()
        found.append(block)
        pending += reversed(child_blocks(block))
    return found


def own_inlines(block: n.Block) -> tuple[n.Inline, ...]:
    """Return the inline nodes directly in a block, without those of the blocks inside it."""
    match block:
        case n.Paragraph(children):
            return children
        case n.Section(title=title) | n.Callout(title=title) | n.Group(title=title):
            return title
        case n.EmbedBlock(embed):
            return (embed,)
        case n.Table(head=head, rows=rows):
            return tuple(chain.from_iterable(chain(head.cells, *[row.cells for row in rows])))
        case n.List() | n.Quote() | n.CodeBlock() | n.Footnote() | n.Rule():
            return ()
        case _:
            assert_never(block)


def child_inlines(node: n.Inline) -> tuple[n.Inline, ...]:
    """Return the inline nodes directly inside an inline node."""
    return node.children if isinstance(node, n.Parent) else ()


def inlines(blocks: Iterable[n.Block]) -> list[n.Inline]:
    """Return every inline node below `blocks`, nested ones included."""
    found: list[n.Inline] = []
    for block in blocks:
        found += descend(own_inlines(block))
        if not isinstance(block, n.Paragraph):
            found += inlines(child_blocks(block))
    return found


def descend(inline_nodes: Iterable[n.Inline]) -> list[n.Inline]:
    """Return inline nodes and all inside them, each before its children."""
    found: list[n.Inline] = []
    for node in inline_nodes:
        found.append(node)
        if not isinstance(node, n.Text) and isinstance(node, n.Parent):
            found += descend(node.children)
    return found


def stamps(inline_nodes: Iterable[n.Inline]) -> list[n.Stamp]:
    """Return the stamps among inline nodes and inside them."""
    return [node for node in descend(inline_nodes) if isinstance(node, n.Stamp)]


def first_time(nodes: Iterable[n.Inline], default: int | None = None) -> int | None:
    """Return the time of the first stamp directly among inline nodes in milliseconds, else `default`."""
    for node in nodes:
        if isinstance(node, n.Stamp) and node.start_ms is not None:
            return node.start_ms
    return default


def video_at(note: Note, line: int, start_ms: int | None) -> n.Video | None:
    """Return the video of a moment that a line of a note is about; of several it is that of the nearest such stamp."""
    if not note.videos:
        return note.video
    found: list[tuple[int, n.Video | None]] = []
    for block in all_blocks(note.blocks):
        videos = [stamp.video or note.video for stamp in stamps(own_inlines(block)) if stamp.start_ms == start_ms]
        found += [(abs(block.line - line), video) for video in videos]
    return min(found, key=lambda one: one[0])[1] if found else None
