"""Commands that are imported when they are called: the list of commands costs what typer costs, no more."""

from __future__ import annotations

import importlib
import os
import shlex
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from convert.cli.plain import plainly
from convert.errors import UsageError

COMMANDS: dict[str, tuple[str, str, str]] = {
    "build": ("convert.cli.build", "command", "Make books, chapter markers and flashcards of notes."),
    "serve": (
        "convert.cli.serve",
        "command",
        "Show notes as a site, built again whenever they are saved.",
    ),
    "watch": ("convert.cli.watch", "command", "Build notes again whenever they are saved."),
    "check": ("convert.cli.check", "command", "Print what is wrong with notes, like a linter."),
    "show": ("convert.cli.show", "show_command", "Print the models of notes as JSON Lines."),
    "schema": ("convert.cli.show", "schema", "Print the JSON Schema of what show prints."),
    "cards": ("convert.cli.cards", "command", "Print the flashcards of notes, and why they were made."),
    "mux": ("convert.cli.mux", "command", "Embed chapters in video or audio files without re-encoding."),
    "push": ("convert.cli.push", "push", "Bring decks into a running Anki."),
    "init": ("convert.cli.init", "init", "Write a settings file that explains every setting."),
    "config": ("convert.cli.config", "config", "Show each setting of notes, and where it comes from."),
    "writers": ("convert.cli.formats", "writers", "List the formats that can be written, with their options."),
    "readers": ("convert.cli.formats", "readers", "List the kinds of notes that can be read."),
    "doctor": ("convert.cli.doctor", "doctor", "Say what this machine has and what is missing."),
}
"""By name, in the order of the help: the module, the function in it, the line of help."""
_BUILD = ["notebind", "build"]


class LazyGroup(TyperGroup):
    """The group of all commands; each is a line of help until it is called."""

    def get_params(self, ctx: Any) -> list[Any]:
        return plainly(super().get_params(ctx))

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command as the list of commands shows it."""
        if cmd_name not in COMMANDS:
            return None
        return _command(cmd_name, lambda: None, COMMANDS[cmd_name][2])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called, imported now; UsageError for notes without a command before them."""
        name = args[0] if args else ""
        if name not in COMMANDS:
            if os.path.exists(name):
                raise UsageError(f"{name}: is no command: to make books of it, type: {shlex.join(_BUILD + args)}")
            self.commands = {known: self.get_command(ctx, known) for known in COMMANDS}  # typer suggests from these
            return super().resolve_command(ctx, args)
        module, function, _ = COMMANDS[name]
        return name, _command(name, getattr(importlib.import_module(module), function), None), args[1:]


class _Command(TyperCommand):
    def get_params(self, ctx: Any) -> list[Any]:
        return plainly(super().get_params(ctx))


def _command(name: str, function: Any, line: str | None) -> Any:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(name, cls=_Command, help=line, context_settings={"help_option_names": ["-h", "--help"]})(function)
    return typer.main.get_command(app)
