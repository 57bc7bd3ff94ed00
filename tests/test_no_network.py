"""Tests that no process of a command opens an Internet socket: the kernel would kill it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.media import make_media
from tests.support.needs import ROOT
from tests.support.vaults import VIDEO, note
from tests.tools.hostile.guarded import Box, Ran
from tests.tools.hostile.sockets import CAN_FORBID

pytestmark = pytest.mark.skipif(not CAN_FORBID, reason="needs a kernel that filters calls")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    box = Box(tmp_path)
    shutil.copytree(ROOT / "seeds", box.vault, dirs_exist_ok=True)
    return box


def calls(ran: Ran) -> list[tuple[str, str]]:
    return [one for one in ran.touched if one[0] == "call"]


def test_a_build_of_all_formats_by_two_workers(box: Box) -> None:
    ran = box.build("--jobs", "2")
    assert (ran.code, calls(ran)) == (0, []), ran.err
    assert len(list(box.output.glob("*.pdf"))) == 2


@pytest.mark.parametrize("command", ["check", "show", "cards"])
def test_commands_that_print(box: Box, command: str) -> None:
    ran = box.run(command, str(box.vault))
    assert (ran.code, calls(ran)) == (0, []), ran.err
    assert ran.out


def test_mux(tmp_path: Path) -> None:
    box = Box(tmp_path)
    (box.vault / "a.md").write_text(note("## One [00:00:10]\n\n## Two [00:00:40]\n"), "utf-8")
    film = make_media(box.vault / f"film [{VIDEO}].mkv")
    ran = box.run("mux", str(film), "--notes", str(box.vault), "--output", str(box.output))
    assert (ran.code, calls(ran)) == (0, []), ran.err
    assert (box.output / film.name).exists()
