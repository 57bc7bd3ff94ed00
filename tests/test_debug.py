"""Tests `--debug`, an option of every command: our errors are tracebacks with it and one line without it."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from convert.cli import app
from convert.cli.lazy import COMMANDS
from convert.errors import UsageError

NOWHERE = {
    "build": ["nowhere"],
    "serve": ["nowhere"],
    "watch": ["nowhere"],
    "check": ["nowhere"],
    "show": ["nowhere"],
    "cards": ["nowhere"],
    "mux": ["film.mp4", "--notes", "nowhere"],
    "push": ["nowhere.apkg"],
    "review": ["nowhere"],
    "init": ["nowhere"],
    "config": ["nowhere"],
}
"""Arguments that make a command fail. Other commands read nothing; they fail at printing here."""


@pytest.mark.parametrize("command", COMMANDS)
def test_errors_are_tracebacks_with_it_and_one_line_without(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = NOWHERE.get(command, [])
    if not arguments:
        echo = typer.echo

        def fail(message: str, err: bool = False) -> None:
            if not err:
                raise UsageError("cannot print")
            echo(message, err=err)

        monkeypatch.setattr(typer, "echo", fail)
    plain = CliRunner().invoke(app, [command, *arguments])
    assert isinstance(plain.exception, SystemExit)
    assert plain.exit_code in (1, 2)
    assert plain.stderr.startswith("notebind: ")
    assert len(plain.stderr.splitlines()) == 1
    cause = plain.stderr.removeprefix("notebind: ").strip()
    for line in ([command, *arguments, "--debug"], [command, "--debug", *arguments]):
        debugged = CliRunner().invoke(app, line)
        assert isinstance(debugged.exception, SystemExit)
        assert debugged.exit_code == plain.exit_code
        assert debugged.stderr.startswith("Traceback (most recent call last):")
        assert debugged.stderr.rstrip().endswith(cause)


def test_a_value_called_debug_is_no_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(app, ["check", "nowhere", "--", "--debug"])
    assert (ran.exit_code, len(ran.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_names_it(command: str) -> None:
    assert "--debug" in CliRunner().invoke(app, [command, "--help"]).output
