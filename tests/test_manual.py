"""Tests the man pages: one for each command with all options, and no warning of groff."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from convert.cli.lazy import COMMANDS
from tests.tools.manual import main, pages


def test_every_command_and_option_has_its_place() -> None:
    made = pages()
    assert set(made) == {"notebind.1", *(f"notebind-{name}.1" for name in COMMANDS)}
    assert all(rf"\fB{name}\fR" in made["notebind.1"] for name in COMMANDS)
    for option in ("output", "to", "time\\-format", "max\\-cards\\-per\\-note", "chapters\\-formats"):
        assert rf"\-\-{option}" in made["notebind-build.1"]


@pytest.mark.skipif(not shutil.which("groff"), reason="needs groff")
def test_they_are_set_without_a_warning(tmp_path: Path) -> None:
    main(tmp_path)
    for page in sorted(tmp_path.iterdir()):
        set_ = subprocess.run(["groff", "-man", "-Tutf8", "-ww", page], capture_output=True, text=True)
        assert set_.returncode == 0
        assert set_.stderr == ""
        assert len(set_.stdout) > 300
