"""Tests that options read without pydantic have the values that typer reads with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import typer
from typer.testing import CliRunner

from convert.cli.lazy import _Command, plain_values
from convert.storage.location import local_path, path_or_address
from tests.support.needs import ROOT

GIVEN = [
    ["a"], ["a", "b/c"], ["s3://bucket/a"], ["file:///a%20b"], [],
    ["a", "--to", "epub,pdf"], ["a", "--to", ""], ["a", "--to", "\udcff"], ["a", "--to", "a\nb"], ["a", "--to", "ø"],
    ["a", "--time", "ms"], ["a", "--time", "MS"], ["a", "--time", "x"], ["a", "--time", ""],
    ["a", "--jobs", "0"], ["a", "--jobs", "12"], ["a", "--jobs", "007"], ["a", "--jobs", "-1"], ["a", "--jobs", "1_0"],
    ["a", "--jobs", "x"],
    ["a", "--jobs", "1.0"], ["a", "--jobs", " 1"], ["a", "--jobs", "٣"], ["a", "--jobs", "9" * 40],
    ["a", "--port", "65535"], ["a", "--port", "65536"], ["a", "--port", ""],
    ["a", "--set", "x.y=1"], ["a", "--set", "x", "--set", "y z"], ["a", "--count", "1", "--count", "22"],
    ["a", "--count", "1", "--count", "x"], ["a", "--count", "-3"], ["a", "--share", "0.5"], ["a", "--share", "x"],
    ["a", "--strict"], ["a", "--plain"], ["a", "--no-plain"],
    ["a", "--videos", "films"], ["a", "--videos", "s3://bucket/a"], ["a", "--odd", "1"], ["a", "--odd", "2"],
]  # fmt: skip


def odd(text: str) -> int:
    if int(text) % 2 == 0:
        raise ValueError("an even number")
    return int(text)


def shout(value: str) -> str:
    if value == "x":
        raise typer.BadParameter("not x")
    return value.upper()


def command(
    notes: Annotated[list[str], typer.Argument(parser=path_or_address)],
    output: Annotated[str, typer.Option(parser=path_or_address)] = "output",
    videos: Annotated[Path | None, typer.Option(parser=local_path)] = None,
    to: Annotated[str, typer.Option()] = "",
    time: Annotated[Literal["auto", "hms", "ms"], typer.Option()] = "auto",
    jobs: Annotated[int, typer.Option(min=0)] = 0,
    port: Annotated[int | None, typer.Option(min=0, max=65535)] = None,
    set_: Annotated[list[str] | None, typer.Option("--set")] = None,
    count: Annotated[list[int] | None, typer.Option()] = None,
    share: float = 1.0,
    strict: Annotated[bool, typer.Option()] = False,
    plain: Annotated[bool | None, typer.Option()] = None,
    odd_number: Annotated[int, typer.Option("--odd", parser=odd)] = 3,
) -> None:
    typer.echo(ascii({name: (type(value).__name__, value) for name, value in sorted(locals().items())}))


def loud_command(
    notes: Annotated[list[Path], typer.Argument()], loud: Annotated[str, typer.Option(callback=shout)] = "a"
) -> None:
    typer.echo(loud)


def outcome(arguments: list[str], cls: Any, function: Any = command) -> tuple[str, str, int, str]:
    app = typer.Typer(add_completion=False)
    app.command(cls=cls)(function)
    run = CliRunner().invoke(app, arguments)
    return run.stdout, run.stderr, run.exit_code, repr(run.exception)


@pytest.mark.parametrize("arguments", GIVEN, ids=ascii)
def test_values_and_faults_are_those_of_typer(arguments: list[str]) -> None:
    assert outcome(arguments, _Command) == outcome(arguments, None)


@pytest.mark.parametrize("arguments", [["a"], ["a", "--loud", "x"], ["a", "--loud", "y"]], ids=ascii)
def test_callbacks_are_called(arguments: list[str]) -> None:
    assert outcome(arguments, _Command, loud_command) == outcome(arguments, None, loud_command)


@pytest.mark.parametrize("arguments", [["a"], ["a", "--to", "epub", "--jobs", "2", "--time", "ms", "--strict"]])
def test_plain_values_are_read_without_typer(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def process(*_: Any) -> None:
        raise AssertionError("typer is asked")

    monkeypatch.setattr(typer.core.TyperOption, "process_value", process)
    monkeypatch.setattr(typer.core.TyperArgument, "process_value", process)
    assert outcome(arguments, _Command)[2] == 0


@pytest.mark.parametrize("given", [{}, {"notes": ("a",), "share": "1"}, {"notes": ("a",), "help": True}])
def test_what_is_not_plain_is_left_to_typer(given: dict[str, Any]) -> None:
    assert plain_values(command, given) is None


def test_a_fault_is_told_in_one_line() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "convert", "build", "a", "--jobs", "x"], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 2
    assert run.stderr == "notebind: --jobs takes a whole number; see `notebind build --help`\n"
