"""Tests `notebind doctor`: it knows every dependency, tells how to get what is missing, and names broken plug-ins."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import EntryPoint, EntryPoints, PackageNotFoundError

import pytest
from typer.testing import CliRunner, Result

from convert.cli import app
from convert.cli import doctor as module
from tests.support.needs import ROOT

DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def doctor() -> Result:
    return CliRunner().invoke(app, ["doctor"])


def names(lines: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", line)[0].lower() for line in lines}


def test_it_knows_every_dependency() -> None:
    assert names([*module.PACKAGES]) == names(DECLARED["dependencies"])
    assert names([*module.CLUSTER]) == names(DECLARED["optional-dependencies"]["cluster"])


def test_all_is_well_here() -> None:
    done = doctor()
    assert done.exit_code == 0
    assert all(re.search(rf"^ok +{name} ", done.output, re.MULTILINE) for name in module.PACKAGES)


def test_what_is_missing_is_named_with_what_it_adds_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name in ("av", "s3fs"):
            raise PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(module, "version", version)
    monkeypatch.setattr(module.shutil, "which", lambda name: "/usr/bin/apt" if name == "apt" else None)
    monkeypatch.setattr(module.sys, "platform", "linux")
    done = doctor()
    assert done.exit_code == 1
    assert re.search(r"^!! +av +missing +would add: reads and muxes", done.output, re.MULTILINE)
    assert re.search(r"^-- +s3fs +missing", done.output, re.MULTILINE)
    assert "pip install 'notebind[cluster]'" in done.output
    assert "would add: edits chapters of MKV files: apt install mkvtoolnix" in done.output
    assert "notebind: missing av:" in done.output


@pytest.mark.parametrize(("system", "says"), [("darwin", "brew install mpv"), ("win32", "see https://mpv.io")])
def test_each_system_is_told_its_own_way(system: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda _: None)
    monkeypatch.setattr(module.sys, "platform", system)
    assert says in doctor().output


def test_a_broken_plugin_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("papyrus", "no_such_package:WRITER", "notebind.writers")
    monkeypatch.setattr(module, "entry_points", lambda group: EntryPoints([broken]).select(group=group))
    done = doctor()
    assert done.exit_code == 1
    assert re.search(r"!! +papyrus .*no_such_package", done.output)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_told_how_to_complete(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    script = CliRunner().invoke(app, ["--show-completion", shell], prog_name="notebind")
    assert script.exit_code == 0
    assert "_NOTEBIND_COMPLETE" in script.output


@pytest.mark.parametrize(
    ("typed", "offers"), [("notebind ch", "check"), ("notebind build --chapters-f", "--chapters-formats")]
)
def test_commands_and_options_are_completed(typed: str, offers: str) -> None:
    env = {"_NOTEBIND_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    done = CliRunner().invoke(app, [], env=env, prog_name="notebind")
    assert offers in done.output.split()
