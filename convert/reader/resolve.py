"""Resolves the stamps, links and images of a tree.

A note is read once. Its tree stays packed (unpacking takes a twentieth of the time of reading the note again) until the
vault has decided, and is resolved here in one pass. Nodes with children are rebuilt; none is changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from convert.document import nodes as n
from convert.document.note import Note, Resolution, StillFrame
from convert.document.timecode import clock
from convert.document.walk import all_blocks, own_inlines, plain_text, stamps


def resolve_tree(note: Note, resolution: Resolution) -> Note:
    """Return the note with times in its stamps, destinations in its links and pictures in its images.

    A stamp that the resolution does not know keeps its literal time; such links and images lead nowhere.
    """
    blocks = _resolved(note.blocks, resolution)
    if resolution.stills:
        blocks = with_stills(blocks, resolution.stills)
    properties = note.properties if resolution.properties is None else resolution.properties or UNSET
    title, video = resolution.title or note.title, resolution.video or note.video
    home = resolution.home or UNSET
    stills = resolution.stills or UNSET
    return replace(note, title=title, video=video, blocks=blocks, properties=properties, home=home, stills=stills)


def with_stills(blocks: tuple[n.Block, ...], frames: Iterable[StillFrame]) -> tuple[n.Block, ...]:
    """Return blocks with stills: below the heading on whose line one is, else behind the block with its stamp."""
    headings = {block.line for block in all_blocks(blocks) if isinstance(block, n.Section)}
    below: dict[int, list[StillFrame]] = defaultdict(list)
    behind: dict[int, StillFrame] = {}
    for one in frames:
        if one.line in headings:
            below[one.line].append(one)
        else:
            behind[one.ms] = one
    return _illustrated(blocks, below, behind, "")


def _illustrated(
    blocks: tuple[n.Block, ...], below: dict[int, list[StillFrame]], behind: dict[int, StillFrame], title: str
) -> tuple[n.Block, ...]:
    done: list[n.Block] = []
    for block in blocks:
        match block:
            case n.Section(title=own, children=children, line=line):
                words = plain_text(own)
                stills = [_still(one, words, line) for one in below.get(line, ())]
                done.append(replace(block, children=(*stills, *_illustrated(children, below, behind, words))))
            case n.Quote(children) | n.Callout(children=children) | n.Group(children=children):
                done.append(replace(block, children=_illustrated(children, below, behind, title)))
            case n.List(items):
                told = [replace(one, children=_illustrated(one.children, below, behind, title)) for one in items]
                done.append(replace(block, items=tuple(told)))
            case n.Paragraph() | n.Table():
                times = [one.start_ms for one in stamps(own_inlines(block)) if one.start_ms is not None]
                found = [behind.pop(ms) for ms in times if ms in behind]
                done += [block, *[_still(one, title, block.line) for one in found]]
            case _:
                done.append(block)
    return tuple(done)


def _still(frame: StillFrame, title: str, line: int) -> n.Paragraph:
    alt = f"{title} ({clock(frame.ms)})" if title else clock(frame.ms)
    return n.Paragraph((n.Image("", alt, picture=frame.picture),), line)


def default_label(to: n.Destination | None, target: str, fragment: str) -> str:
    """Return the text of a link without a label as its writer sees it: its target, and the headings that it names.

    For a target that is no name but a slug, `storm_at_sea`, that is the title of its note, else its words.
    """
    is_slug = "_" in target and " " not in target
    note = ((to.title if to else "") or target.replace("_", " ")) if is_slug else target
    if fragment.startswith("^") and note:
        return note
    return " > ".join(filter(None, (note, *map(str.strip, fragment.lstrip("^").split("#")))))


def _resolved(nodes: tuple[Any, ...], resolution: Resolution) -> tuple[Any, ...]:
    text, stamp, times = n.Text, n.UnresolvedStamp, resolution.times
    done = list(nodes)
    for i, node in enumerate(nodes):
        kind = type(node)
        if kind is text:
            continue
        if kind is stamp:
            done[i] = n.Stamp(node.raw, times[node.fact] if node.fact < len(times) else node.start_ms, node.video)
        elif kind in HOLDERS:
            done[i] = replace(node, children=_resolved(node.children, resolution))
        elif kind in RESOLVERS:
            done[i] = RESOLVERS[kind](node, resolution)
    return tuple(done)


def _link(node: n.UnresolvedLink, resolution: Resolution) -> n.WikiLink:
    to = resolution.links[node.fact] if node.fact < len(resolution.links) else None
    if node.labelled:
        return n.WikiLink(node.target, _resolved(node.children, resolution), node.fragment, to)
    return n.WikiLink(node.target, (n.Text(default_label(to, node.target, node.fragment)),), node.fragment, to)


def _embed(node: n.UnresolvedEmbed, resolution: Resolution) -> n.Embed:
    to = resolution.links[node.fact] if node.fact < len(resolution.links) else None
    return n.Embed(node.target, node.fragment, node.label, to)


def _embed_block(node: n.EmbedBlock, resolution: Resolution) -> n.EmbedBlock:
    (embed,) = _resolved((node.embed,), resolution)
    return replace(node, embed=embed)


def _image(node: n.UnresolvedImage, resolution: Resolution) -> n.Image:
    picture = resolution.pictures[node.fact] if node.fact < len(resolution.pictures) else None
    return n.Image(node.url, node.alt, node.width, picture)


def _titled(node: n.Section | n.Callout | n.Group, resolution: Resolution) -> n.Section | n.Callout | n.Group:
    return replace(node, title=_resolved(node.title, resolution), children=_resolved(node.children, resolution))


def _list(node: n.List, resolution: Resolution) -> n.List:
    items = [replace(item, children=_resolved(item.children, resolution)) for item in node.items]
    return replace(node, items=tuple(items))


def _table(node: n.Table, resolution: Resolution) -> n.Table:
    rows = [n.Row(tuple([_resolved(cell, resolution) for cell in row.cells])) for row in (node.head, *node.rows)]
    return replace(node, head=rows[0], rows=tuple(rows[1:]))


HOLDERS = frozenset(
    (
        *(n.Paragraph, n.Quote, n.Footnote, n.Link, n.Emphasis, n.Strong, n.Strike),
        *(n.Superscript, n.Subscript, n.Highlight, n.Element),
    )
)
"""Nodes with nothing to resolve but their children."""
RESOLVERS: dict[type, Callable[[Any, Resolution], n.Node]] = {
    n.UnresolvedLink: _link,
    n.UnresolvedEmbed: _embed,
    n.UnresolvedImage: _image,
    n.EmbedBlock: _embed_block,
    n.Section: _titled,
    n.Callout: _titled,
    n.Group: _titled,
    n.List: _list,
    n.Table: _table,
}
"""By class; `tests/test_resolve.py` holds the tables complete."""
