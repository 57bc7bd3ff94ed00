"""Tests the docs as HTML: there are no dead links, and a dead one would be found."""

from __future__ import annotations

from pathlib import Path

from tests.tools import site


def test_no_link_is_dead(tmp_path: Path) -> None:
    assert site.main(tmp_path / "docs") == 0
    made = (tmp_path / "docs" / "api" / "convert" / "api.html").read_text("utf-8")
    assert all(name in made for name in ("read_note", "open_vault", "diagnostics"))


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p id="x"><a href="#x"></a><a href="#y"></a><a href="none.html"></a>', "utf-8")
    assert sorted(site.dead_links(tmp_path)) == ["a.html: #y", "a.html: none.html"]
