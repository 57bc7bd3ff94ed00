"""Keeps every regular expression in the register, and free of repeats that take more than linear time.

`make pump` measures what is only read here.
"""

from __future__ import annotations

import ast

import pytest

from tests.support.ambiguity import slow_repeats
from tests.support.needs import ROOT
from tests.support.patterns import BUILT, Known, register

PROVEN = {
    "convert/render/pandoc_text.py:PIECE": "where its second branch fails, its third one takes all that is left",
}
"""Patterns that the scan cannot see to be linear, and why they are."""
SLOW = {
    "nested": r"(?:a+)+b",
    "nested, of one letter": r"(?:a|ab?)*c",
    "two after each other": r"^\s*(?:x)?\s*$",
    "two around what they may match": r"^.*,.*;",
    "three lines": r"^((?:[^\n]*\S[^\n]*\n){1,60}?)x",
    "lazy": r"^(.*?)[ \t]*$",
    "from everywhere": r"\s+$",
    "from everywhere, after letters": r"url\(#[^)]*\)",
    "from everywhere, kept": r"a*+b",
    "in a look ahead": r"(?=[a-z]*[0-9])x",
    "behind words": r"\b(?:\w+ ?)+!",
    "large bounds": r"^[ab]{1,9000}[bc]{1,9000}!",
}
LINEAR = {
    "kept": r"^a*+b",
    "from where nothing like it stands before": r"(?<!\s)\s++$",
    "up to what opens it": r"<[^<>]*>",
    "without an end": r"\w+",
    "with an end that may lack": r"[^\W_]+(?:['.-][^\W_]+)*",
    "apart": r"^(?:[^/]+/)*[^/]*\.md",
    "kept groups": r"^(?:[^/]++/)*+[^/]*+\.md",
    "lines": r"^\$\$\n((?:(?!\$\$)[^\S\n]*+\S[^\n]*+\n){1,60}+)\$\$",
    "small bounds": r"[a-z]{1,40}x",
    "words": r"\b\w+ x",
}


@pytest.mark.parametrize("name", SLOW)
def test_the_scan_finds_slow_patterns(name: str) -> None:
    assert slow_repeats(SLOW[name])


@pytest.mark.parametrize("name", LINEAR)
def test_the_scan_passes_linear_patterns(name: str) -> None:
    assert slow_repeats(LINEAR[name]) == []


def test_what_is_only_matched_at_the_start_may_repeat_at_its_start() -> None:
    assert slow_repeats(r"\s*x", search=True)
    assert slow_repeats(r"\s*x", search=False) == []


def test_what_is_proven_is_still_a_pattern() -> None:
    assert PROVEN.keys() <= {known.where for known in register().patterns}


def test_patterns_made_of_texts_have_examples() -> None:
    assert register().built == set(BUILT)


def test_no_other_library_compiles_patterns() -> None:
    for path in sorted((ROOT / "convert").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            aliased = isinstance(node, ast.Import) and any(one.name == "re" and one.asname for one in node.names)
            assert not aliased, path
            assert not {"regex", "re2"} & set(names), path
            assert not (isinstance(node, ast.ImportFrom) and node.module == "re"), path


@pytest.mark.parametrize("known", register().patterns, ids=lambda known: known.where)
def test_no_pattern_repeats_what_another_repeat_matches(known: Known) -> None:
    if known.where not in PROVEN:
        assert slow_repeats(known.pattern, known.flags, known.searches) == [], known.pattern
