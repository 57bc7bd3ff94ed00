"""Tests where links lead, and how that is counted and reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.document import nodes as n
from convert.document.nodes import Destination
from convert.document.walk import inlines
from convert.vault.vault import Vault
from tests.support.vaults import OTHER, all_diagnostics, note, open_files

FILES = {
    "films/storm_at_sea.md": note(
        "z ^top1\n\n## The big storm [0:10]\n\na ^a1b2c3" + 2 * "\n\n## C" + "\n\n## r ^2",
        "Storm at sea!",
        more="aliases: [Tempest]",
    ),
    "films/elan_vital.md": note("a", "Élan vital"),
    "films/twin_a.md": note("a", "Twins"),
    "films/twin_b.md": note("a", "Twins"),
    "films/common.md": note("a", "Common"),
    "films/films.md": f"### [One](https://youtu.be/{OTHER})\n- [[elan_vital]]",
    "talks/only_here.md": note("a", "Only here", OTHER),
    "talks/common.md": note("a", "Common talk", OTHER),
    "third/both.md": note("a", "Both", OTHER),
    "talks/both.md": note("a", "Both", OTHER),
}

STORM = "films/storm_at_sea"


def resolved(tmp_path: Path, link: str) -> tuple[Vault, list[n.WikiLink | n.Embed]]:
    vault = open_files(tmp_path, {**FILES, "films/from.md": note(link)})
    tree = vault.note("films/from")
    return vault, [node for node in inlines(tree.blocks) if isinstance(node, n.WikiLink | n.Embed)]


@pytest.mark.parametrize(
    ("link", "leads_to", "section", "outcome"),
    [
        ("[[storm_at_sea]]", STORM, "", "exact"),
        ("[[storm_at_sea.md]]", STORM, "", "exact"),
        ("[[films/storm_at_sea]]", STORM, "", "exact"),
        ("[[Storm at sea]]", STORM, "", "normalised"),
        ("[[Storm-at-Sea?]]", STORM, "", None),
        ("[[Élan Vital]]", "films/elan_vital", "", "normalised"),
        ("[[tempest | the tempest]]", STORM, "", "title"),
        ("[[only_here]]", "talks/only_here", "", "other channel"),
        ("[[talks/common]]", "talks/common", "", "exact"),
        ("[[common]]", "films/common", "", "exact"),
        ("[[Twins]]", None, "", "ambiguous"),
        ("[[both]]", None, "", "ambiguous"),
        ("[[gone]]", None, "", "missing"),
        ("[[films]]", None, "", "index page"),
        ("![[film.mp4]]", None, "", "file"),
        ("![[storm_at_sea]]", STORM, "", "exact"),
        ("[[storm_at_sea#The big storm]]", STORM, "the_big_storm", "exact"),
        ("[[storm_at_sea#The big storm [0:10] | x]]", STORM, "the_big_storm", None),
        ("[[storm_at_sea#the_big_storm]]", STORM, "the_big_storm", "exact"),
        ("[[storm_at_sea#Intro#C]]", STORM, "c", "exact"),
        ("[[storm_at_sea#^a1b2]]", STORM, "", "exact"),
        ("[[storm_at_sea#^a1b2c3]]", STORM, "^a1b2c3", "exact"),
        ("[[storm_at_sea#^A1B2c3]]", STORM, "^a1b2c3", "exact"),
        ("[[storm_at_sea#The big storm#^a1b2c3]]", STORM, "^a1b2c3", "exact"),
        ("[[storm_at_sea#^top1]]", STORM, "^top1", "exact"),
        ("[[storm_at_sea#r ^2]]", STORM, "r_2", "exact"),
        ("Own ^own1\n\n[[#^own1]]", "films/from", "^own1", "exact"),
        ("[[storm_at_sea#Nothing]]", STORM, "", "exact"),
        ("[x](storm_at_sea.md#the-big-storm)", STORM, "the_big_storm", "exact"),
        ("[x](../films/storm_at_sea)", STORM, "", "exact"),
        ("[x](/wiki/storm_at_sea)", STORM, "", "exact"),
        ("## Own\n\n[[#Own]]", "films/from", "own", "exact"),
    ],
)
def test_link(link: str, leads_to: str | None, section: str, outcome: str | None, tmp_path: Path) -> None:
    vault, found = resolved(tmp_path, link)
    if leads_to is None:
        assert [node.to for node in found] == [None]
    elif found:
        assert [(node.to.note, node.to.section) for node in found if node.to] == [(leads_to, section)]
    if outcome:
        assert vault.resolved["films/from"].outcomes == {outcome: 1}


def test_a_missing_target_is_its_label(tmp_path: Path) -> None:
    vault, (link,) = resolved(tmp_path, "See [[gone_away | the *label*]].")
    assert isinstance(link, n.WikiLink)
    assert link.to is None
    assert link.children == (n.Text("the "), n.Emphasis((n.Text("label"),)))
    assert [one.line for one in all_diagnostics(vault) if one.code == "link-missing"] == [4]


@pytest.mark.parametrize(
    "link", ["[[storm_at_sea | ]]", "[[storm_at_sea|]]", "[[storm_at_sea]]", "[[storm_at_sea#^x]]"]
)
def test_an_empty_label_is_the_title(link: str, tmp_path: Path) -> None:
    _, (found,) = resolved(tmp_path, link)
    assert isinstance(found, n.WikiLink)
    assert found.children == (n.Text("Storm at sea!"),)


def test_a_target_in_plain_words_stays_as_written(tmp_path: Path) -> None:
    _, (found,) = resolved(tmp_path, "[[Storm at sea]]")
    assert isinstance(found, n.WikiLink)
    assert found.children == (n.Text("Storm at sea"),)
    assert found.to == Destination(STORM, "", "Storm at sea!")


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ("[[common#Salt]]", "common > Salt"),
        ("[[common#Salt#Old salt]]", "common > Salt > Old salt"),
        ("[[films/common]]", "films/common"),
        ("[[tempest]]", "tempest"),
        ("[[storm_at_sea#The big storm]]", "Storm at sea! > The big storm"),
        ("[[#Salt]]", "Salt"),
        ("[[not-there]]", "not-there"),
        ("[[not_there]]", "not there"),
        ("[[a-b/not-there]]", "a-b/not-there"),
    ],
)
def test_a_link_without_a_label_shows_what_its_writer_sees(link: str, text: str, tmp_path: Path) -> None:
    _, (found,) = resolved(tmp_path, link)
    assert isinstance(found, n.WikiLink)
    assert found.children == (n.Text(text),)


@pytest.mark.parametrize(("link", "code"), [("#Nothing", "heading-missing"), ("#^block", "block-missing")])
def test_a_place_that_is_not_there_is_a_remark(link: str, code: str, tmp_path: Path) -> None:
    vault, _ = resolved(tmp_path, f"[[storm_at_sea{link}]] [[storm_at_sea#^a1b2c3]]")
    assert [one.code for one in vault.note_diagnostics["films/from"] if one.code.endswith("-missing")] == [code]


def test_the_second_of_two_equal_headings_is_not_guessed(tmp_path: Path) -> None:
    _, found = resolved(tmp_path, "[[storm_at_sea#C]] [[storm_at_sea#c-2]]")
    assert [node.to.section for node in found if node.to] == ["c", "c-2"]


def test_links_in_code_are_none(tmp_path: Path) -> None:
    vault, found = resolved(tmp_path, "`[[gone]]`\n\n```\n[[gone]]\n```")
    assert found == []
    assert vault.resolved["films/from"].outcomes == {}
