"""Reads notes that take longer than `--max-minutes`: each is named and left out, the others are made."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

from convert.cli import cards as cards_command
from convert.cli import main, settings
from convert.cli import mux as mux_command
from convert.document.note import Resolution
from convert.pipeline.run import build
from convert.reader import Reading, read_bytes, read_unresolved
from convert.request import Request
from convert.vault import scan as scans
from convert.vault import vault as vaults
from convert.workers.pool import time_limit
from tests.support.media import make_media
from tests.support.vaults import VIDEO, lay_out, note

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs an alarm signal")


def _read_slowly(data: bytes, path: str, channel: str, slug: str, *how: str) -> Reading:
    if slug == "slow":
        time.sleep(9)
    return read_unresolved(data, path, channel, slug, *how)


def _read_tree_slowly(data: bytes, path: str, channel: str, slug: str, resolution: Resolution, *how: str) -> Reading:
    if slug == "slow":
        time.sleep(9)
    return read_bytes(data, path, channel, slug, resolution, *how)


def run(monkeypatch: pytest.MonkeyPatch, command: str, folder: Path) -> None:
    """Run a command with a limit of a second."""
    monkeypatch.setattr(settings, "SECONDS_A_MINUTE", 1)
    monkeypatch.setattr(sys, "argv", ["notebind", command, str(folder / "films"), "--max-minutes", "1"])
    main()


def test_a_note_that_takes_too_long_to_read_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, {"films/a.md": note("a [0:10]"), "films/slow.md": note("b [0:10]")})
    monkeypatch.setattr(scans, "read_unresolved", _read_slowly)
    request = Request((tmp_path / "films",), tmp_path / "output", ("chapters",), jobs=1, max_seconds=1)
    report = build(request)
    (problem,) = (one for one in report.diagnostics if one.code == "note-slow")
    assert problem.note.endswith("films/slow.md")
    assert problem.message.startswith("reading it took longer than 1 s: raise --max-minutes")
    (book,) = report.books
    assert not book.failures
    assert book.artifacts
    # It is read again by the next run.
    monkeypatch.undo()
    assert all(one.code != "note-slow" for one in build(request).diagnostics)


@pytest.mark.parametrize("command", ["show", "cards", "check"])
def test_commands_name_a_note_that_takes_too_long(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(
        tmp_path, {"films/a.md": note("Who?::Me [0:10]."), "films/slow.md": note("Why is it slow?::It sleeps [0:10].")}
    )
    monkeypatch.setattr(scans, "read_unresolved", _read_slowly)
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, command, tmp_path)
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert "films/slow.md: note-slow reading it took longer" in said.out + said.err
    assert "It sleeps" not in said.out
    assert command == "check" or "films/a.md" in said.out


def test_mux_names_a_note_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path, {"films/a.md": note("## A [0:01]"), "films/slow.md": note("## B [0:02]")})
    film = make_media(tmp_path / f"film [{VIDEO}].mp4")
    monkeypatch.setattr(scans, "read_unresolved", _read_slowly)
    monkeypatch.setattr(mux_command, "SECONDS_A_MINUTE", 1)
    arguments = ["mux", str(film), "--notes", str(tmp_path / "films"), "--sidecar", "--max-minutes", "1"]
    monkeypatch.setattr(sys, "argv", ["notebind", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert (ended.value.code, "films/slow.md: note-slow reading it took longer" in said.err) == (0, True)
    assert "A" in film.with_suffix(".srt").read_text("utf-8")


@pytest.mark.parametrize("name", ["slow", "a"])
def test_a_tree_or_cards_that_take_too_long_are_left_out(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path, {"films/a.md": note("Who drew it?::The bears [0:10]."), "films/slow.md": note("b")})
    if name == "slow":
        monkeypatch.setattr(vaults, "read_bytes", _read_tree_slowly)
    else:
        monkeypatch.setattr(cards_command, "cards_of", lambda *_: time.sleep(9))
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "cards", tmp_path)
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert f"films/{name}.md: note-slow took longer" in said.err
    assert ("The bears" in said.out) == (name == "slow")


def test_an_alarm_of_the_calling_program_is_kept() -> None:
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    with time_limit(5):
        pass
    time.sleep(0.5)
    signal.signal(signal.SIGALRM, before)
    assert rung
