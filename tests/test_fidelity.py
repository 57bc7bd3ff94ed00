"""Tests the fidelity check: it finds nothing in the seeds and real notes, and notices what is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.document import nodes as n
from convert.render.xhtml import markup
from tests.support.needs import CORPUS, ROOT, USER_NOTES, needs
from tests.support.vaults import OTHER, lay_out, note
from tests.tools.fidelity.__main__ import check
from tests.tools.fidelity.compare import Tally

STAMP = '<a class="yt-timestamp" data-t="00:03:10">[00:03:10]</a>'


def holds(tally: Tally) -> None:
    assert tally.faults == []
    assert [str(one) for one in tally.differences if not one.explained] == []
    assert tally.stamps == tally.stamps_linked > 0
    assert tally.links == tally.links_working


def test_the_seeds(tmp_path: Path) -> None:
    tally = check([ROOT / "seeds"], tmp_path)
    holds(tally)
    assert tally.differences == []


@needs("user-note")
def test_the_users_note(tmp_path: Path) -> None:
    holds(check(sorted(USER_NOTES.glob("*.txt")), tmp_path))


@needs("corpus")
def test_real_notes(tmp_path: Path) -> None:
    holds(check([CORPUS], tmp_path))


FILES = {
    "films/a.md": note(f"Some `code` and a [[b | link]] {STAMP}.\n\n> [!tip]\n> text[^1]\n\n[^1]: a note\n", "A"),
    "films/b.md": note("b", "B"),
    "films/c.md": note(f"{STAMP} [[b_and_more]] $x^2$ <T>", "C", OTHER),
}


@pytest.mark.parametrize("kind", [n.Text, n.Code, n.Math])
def test_a_lost_word_is_seen(kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(markup.INLINE, kind, lambda state, node: None)
    assert found(tmp_path).count("missing", explained=False) > 0


def test_an_added_word_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(markup.INLINE, n.Code, lambda state, node: state.out.append("code and more"))
    assert found(tmp_path).count("added", explained=False) == 2


def test_words_in_another_order_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(markup.INLINE, n.Code, lambda state, node: state.out.insert(-1, " code "))
    assert found(tmp_path).differences


@pytest.mark.parametrize("kind", [n.Stamp, n.WikiLink])
def test_a_lost_link_is_seen(kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = {n.Stamp: "", n.WikiLink: "link"}
    monkeypatch.setitem(markup.INLINE, kind, lambda state, node: state.out.append(words[kind]))
    assert found(tmp_path).faults


def test_sound_notes_are_clean(tmp_path: Path) -> None:
    tally = found(tmp_path)
    holds(tally)
    assert tally.notes == 3


def found(tmp_path: Path) -> Tally:
    return check([lay_out(tmp_path / "in", FILES)], tmp_path / "out", jobs=1)
