"""Tests pushing a deck to a running Anki, for which a server with AnkiConnect's protocol stands in."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.cli import main
from convert.errors import ToolError
from convert.push import AnkiConnect, push
from tests.support.anki_cases import Deck, note, paragraph, section
from tests.support.anki_connect import StandIn, anki

__all__ = ["anki"]


def deck(second: str | None = "Grass was scanned.", previous: bytes | None = None) -> Deck:
    blocks = [section("Light", paragraph("One lamp.", 1000))]
    blocks += [section("Grass", paragraph(second, 2000))] if second else []
    return Deck([note(*blocks)], previous=previous)


def saved(made: Deck, folder: Path) -> Path:
    path = folder / "films.apkg"
    path.write_bytes(made.package)
    return path


def test_dry_run_asks_and_changes_nothing(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    plan = push(saved(deck(), tmp_path), client, dry_run=True)
    assert len(plan.add) == 2
    assert stand_in.asked == ["findNotes"]
    assert stand_in.notes == {}


def test_push_adds_then_leaves_alone(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    path = saved(deck(), tmp_path)
    assert len(push(path, client).add) == 2
    plan = push(path, client)
    assert (len(plan.add), len(plan.update), len(plan.unchanged)) == (0, 0, 2)
    assert stand_in.asked.count("importPackage") == 1


def test_push_updates_in_place(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    first = deck()
    push(saved(first, tmp_path), client)
    plan = push(saved(deck("Grass was drawn.", first.state), tmp_path), client)
    assert (len(plan.add), len(plan.update), len(plan.unchanged)) == (0, 1, 1)
    assert len(stand_in.notes) == 2
    assert any("drawn" in n["fields"]["Back"]["value"] for n in stand_in.notes.values())


def test_edits_in_anki_win(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    first = deck()
    push(saved(first, tmp_path), client)
    edited = next(n for n in stand_in.notes.values() if "scanned" in n["fields"]["Back"]["value"])
    edited["fields"]["Back"]["value"], edited["mod"] = "mine", 2_000_000_000
    plan = push(saved(deck("Grass was drawn.", first.state), tmp_path), client)
    assert (len(plan.update), len(plan.edited)) == (0, 1)
    assert edited["fields"]["Back"]["value"] == "mine"


def test_vanished_cards_are_deleted_only_on_request(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    first = deck()
    push(saved(first, tmp_path), client)
    without = saved(deck(None, first.state), tmp_path)
    assert len(push(without, client).orphans) == 1
    assert len(stand_in.notes) == 2
    push(without, client, prune=True)
    assert len(stand_in.notes) == 1
    assert "deleteNotes" in stand_in.asked


def test_notes_of_other_channels_are_no_orphans(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    push(saved(deck(), tmp_path), client)
    for there in stand_in.notes.values():
        there["tags"] = ["channel::others"]
    assert push(saved(deck(None), tmp_path), client).orphans == []


def test_no_anki_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="AnkiConnect add-on"):
        push(saved(deck(), tmp_path), AnkiConnect("http://127.0.0.1:9"))


def test_refused_action_is_named(anki: tuple[StandIn, AnkiConnect]) -> None:
    with pytest.raises(ToolError, match="refused nothing: unsupported action"):
        anki[1].ask("nothing")


def test_no_package_is_one_clear_error(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="build the deck first"):
        push(tmp_path / "absent.apkg", anki[1])


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run the command and return its exit code."""
    monkeypatch.setattr("sys.argv", ["notebind", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_build_pushes_its_decks(
    anki: tuple[StandIn, AnkiConnect],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stand_in, client = anki
    monkeypatch.setattr("convert.push.ADDRESS", client.address)
    (tmp_path / "films").mkdir()
    text = "---\nvideoId: aqz-KE-bpKQ\n---\n\nWhat is a rig?::The bones of a model\n"
    (tmp_path / "films" / "lamp.md").write_text(text)
    asked = ["build", str(tmp_path / "films"), "--output", str(tmp_path / "out"), "--jobs", "1", "--push"]
    assert run(monkeypatch, *asked, "--to", "chapters") == 2
    assert stand_in.asked == []
    assert not run(monkeypatch, *asked, "--to", "anki")
    assert "films.apkg: 1 new, 0 updated" in capsys.readouterr().out
    assert not run(monkeypatch, *asked, "--to", "anki")
    assert "films.apkg: 0 new, 0 updated, 1 unchanged" in capsys.readouterr().out
    assert stand_in.asked.count("importPackage") == 1
