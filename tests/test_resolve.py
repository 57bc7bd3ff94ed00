"""Tests trees whose stamps, links and images have the numbers of their facts, and what they become."""

from __future__ import annotations

from typing import get_args, get_type_hints

import msgspec

from convert.document import nodes as n
from convert.document.note import Note, Resolution, dump
from convert.document.walk import inlines
from convert.reader import read_bytes, read_unresolved
from convert.reader.resolve import HOLDERS, RESOLVERS, resolve_tree

EVERYWHERE = """
## [[storm_at_sea]] [00:01:00]

A [[storm_at_sea|named]] and [[storm at sea]] and [a link](storm_at_sea.md), ![[storm_at_sea]], `code`.

> [!note] about [[storm_at_sea]]
> - in **a list [00:02:00]** ==and [[storm_at_sea#Wind]]==
>
> | a | [[storm_at_sea]] |
> |---|---|
> | [00:03:00] | ![alt [00:04:00]](x.png) |

![[storm_at_sea#Wind]]

[^1]: Below, [[nowhere_else]] at <a class="yt-timestamp" data-t="00:05:00">[00:05:00]</a>.
"""
HERE = ("n/a.md", "n", "a")

LEAVES = frozenset((n.Text, n.Code, n.Math, n.LineBreak, n.FootnoteMark, n.CodeBlock, n.Rule))
"""Nodes that hold no others and have nothing to resolve."""


def test_every_node_that_can_hold_links_or_stamps_is_resolved():
    resolved = {kind.__base__ for kind in n.UNRESOLVED}
    assert {n.UnresolvedStamp, *RESOLVERS} >= set(n.UNRESOLVED)
    assert LEAVES | HOLDERS | {*RESOLVERS} - {*n.UNRESOLVED} | resolved == {*get_args(n.Inline), *get_args(n.Block)}
    parts = {"children", "title", "items", "rows", "head", "embed", "to", "fact"}
    assert not any(parts & set(get_type_hints(leaf)) for leaf in LEAVES)
    assert all(parts & set(get_type_hints(holder)) == {"children"} for holder in HOLDERS)


def test_only_unresolved_nodes_carry_the_number_of_a_fact():
    kinds = {*get_args(n.Inline), *get_args(n.Block), *n.UNRESOLVED}
    assert {kind for kind in kinds if "fact" in get_type_hints(kind)} == set(n.UNRESOLVED)
    unresolved = read_unresolved(EVERYWHERE.encode(), *HERE)
    found = [node for node in inlines(unresolved.note.blocks) if isinstance(node, n.UNRESOLVED)]
    assert {type(node) for node in found} == set(n.UNRESOLVED)
    assert all(
        node.start_ms == unresolved.facts.stamps[node.fact].literal_ms for node in found if isinstance(node, n.Stamp)
    )
    resolved = resolve_tree(unresolved.note, Resolution((), ()))
    assert not any(isinstance(node, n.UNRESOLVED) for node in inlines(resolved.blocks))
    assert resolved == read_bytes(EVERYWHERE.encode(), *HERE).note


def test_a_tree_is_not_changed_by_its_resolution():
    note = read_unresolved(EVERYWHERE.encode(), *HERE).note
    before = dump(note)
    resolve_tree(note, Resolution((n.Destination("n/b"),) * 9, (7,) * 9))
    assert dump(note) == before


def test_a_tree_that_was_packed_is_the_note_as_it_is_read_with_the_resolution():
    reading = read_unresolved(EVERYWHERE.encode(), *HERE)
    to = tuple(n.Destination(f"n/{i}", "", f"Title {i}") if i % 3 else None for i in range(len(reading.facts.links)))
    resolution = Resolution(to, tuple(range(1000, 1000 + len(reading.facts.stamps))))
    travelled = msgspec.msgpack.decode(msgspec.msgpack.encode(reading.note), type=Note)
    assert travelled == reading.note
    assert dump(resolve_tree(travelled, resolution)) == dump(read_bytes(EVERYWHERE.encode(), *HERE, resolution).note)


def test_numbers_become_times_and_destinations_in_the_order_of_the_facts():
    facts = read_bytes(EVERYWHERE.encode(), *HERE).facts
    to = tuple(n.Destination(str(i)) for i in range(len(facts.links)))
    note = read_bytes(EVERYWHERE.encode(), *HERE, Resolution(to, tuple(range(len(facts.stamps))))).note
    found = list(inlines(note.blocks))
    links = [node for node in found if isinstance(node, n.WikiLink | n.Embed)]
    assert [(link.target, link.fragment) for link in links] == [(fact.target, fact.fragment) for fact in facts.links]
    assert [link.to and link.to.note for link in links] == [str(i) for i in range(len(links))]
    stamps = {node.start_ms: node.raw for node in found if isinstance(node, n.Stamp)}
    # The stamp inside the text of an image has a fact, but no node.
    assert stamps == {i: fact.raw for i, fact in enumerate(facts.stamps) if fact.raw != "00:04:00"}


def test_a_link_without_a_label_shows_the_title_and_one_with_a_label_keeps_it():
    source = "[[storm_at_sea]] [[storm_at_sea|storm at sea]] [[storm_at_sea#Wind]]"
    to = (n.Destination("n/storm_at_sea", "", "The Great Storm"),) * 3
    note = read_bytes(source.encode(), *HERE, Resolution(to, ())).note
    labels = [link.children for link in inlines(note.blocks) if isinstance(link, n.WikiLink)]
    assert labels == [(n.Text("The Great Storm"),), (n.Text("storm at sea"),), (n.Text("The Great Storm > Wind"),)]


def test_the_id_of_a_heading_is_the_same_whatever_its_link_is_called():
    source = b"## [[storm_at_sea]]\n\nText.\n"
    facts = read_bytes(source, *HERE).facts
    note = read_bytes(source, *HERE, Resolution((n.Destination("n/storm_at_sea", "", "The Great Storm"),), ())).note
    (section,) = note.blocks
    assert isinstance(section, n.Section)
    assert section.id == facts.headings[0].id


def test_stamps_and_links_that_the_resolution_does_not_know_keep_what_they_say():
    note = read_bytes(b"[00:01:00] [[b]]", *HERE, Resolution((), ())).note
    found = list(inlines(note.blocks))
    assert [node.start_ms for node in found if isinstance(node, n.Stamp)] == [60_000]
    assert [node.to for node in found if isinstance(node, n.WikiLink)] == [None]
