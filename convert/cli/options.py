"""What the options of commands share.

The options of a command are a class: its docstring is the help of the command, its fields are the options. The modules
that hold them import nothing that runs a command, so that help and faults in options cost little.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer
from msgspec.structs import fields

from convert.storage.location import local_path, path_or_address

Notes = Annotated[
    list[Path],  # the help shows this type; an address is a str, see `Location`
    typer.Argument(
        parser=path_or_address, metavar="NOTES", help="Folders or files of notes; folders are searched down."
    ),
]
TimeFormat = Annotated[
    Literal["auto", "hms", "ms"],
    typer.Option("--time-format", help="How 01:02:00 is read: decide (auto), 1 h 2 min (hms), 1 min 2 s (ms)."),
]
ReadAs = Annotated[
    str,
    typer.Option("--as", metavar="NAME", help="Which reader reads NOTES, see `notebind readers`."),
]
Times = Annotated[
    Literal["auto", "yes", "no"],
    typer.Option("--times", help="Whether bare times are moments: as judged (auto), yes, no; `times:` of a note wins."),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=0, max=1000, help="Processes; 0: as many as there are cores.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 on warnings too.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Videos = Annotated[
    Path | None,
    typer.Option(
        "--videos",
        "--audio",
        parser=local_path,
        metavar="PATH",
        help="Folder of the films or sound files that NOTES are about; they tell how long these are.",
    ),
]
MOST_MEGABYTES = 1000
MaxNoteSize = Annotated[int, typer.Option(min=1, max=MOST_MEGABYTES, help="Megabytes; bigger files are left out.")]
MOST_MINUTES = 10_080
"""A week; longer times overflow the timer of some systems."""
MaxMinutes = Annotated[
    int, typer.Option(min=0, max=MOST_MINUTES, help="Minutes that one note, or one format, may take; 0: no limit.")
]
TrustSettings = Annotated[
    bool, typer.Option("--trust-settings", help="Obey all of the settings file beside the notes, as after `trust`.")
]
Debug = Annotated[bool, typer.Option("--debug", expose_value=False, help="Show tracebacks.")]


def parameter(name: str, hint: Any, default: Any) -> inspect.Parameter:
    """Return a parameter from which typer makes an option or argument."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)


class Options(msgspec.Struct):
    """The options of a command."""

    @classmethod
    def parameters(cls) -> dict[str, inspect.Parameter]:
        """Return a parameter for each option by its name, with `--debug`, which every command has."""
        found = {}
        for one in fields(cls):
            found[one.name] = parameter(one.name, one.type, inspect.Parameter.empty if one.required else one.default)
        return {**found, "debug": parameter("debug", Debug, False)}
