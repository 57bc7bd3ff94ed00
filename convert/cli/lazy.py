"""The commands. The options of a command are imported when it is named, its code when it is called.

So the list of commands takes no longer to print than typer takes to load, and help loads nothing that a run needs.

Plain values are read without pydantic, which takes long to load: typer 0.29 validates every option with it, even those
that were not given, and with it an EPUB of one note costs about 1.25 times as much. What is unambiguous is parsed here.
If a line has any other value, typer parses the whole line and reports the error.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shlex
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup

from convert.cli.progress import painted, print_error
from convert.errors import NotebindError, UsageError, unknown


class Command(NamedTuple):
    """Where a command is defined, and its line in the list of commands."""

    options: str
    """The module with the class of its options, which has the command's name with a capital letter."""
    runner: str
    """The module with the function of the command's name that runs it."""
    help: str


_GROUPS = {
    "Make": {
        "build": Command("build_options", "build", "Make books, chapter markers and flashcards of notes."),
        "serve": Command("build_options", "serve", "Show notes as a site, built again whenever they are saved."),
        "watch": Command("build_options", "watch", "Build notes again whenever they are saved."),
        "mux": Command("command_options", "mux", "Embed chapters in video or audio files without re-encoding."),
        "push": Command("command_options", "push", "Bring decks into a running Anki."),
    },
    "Look": {
        "check": Command("build_options", "check", "Print what is wrong with notes, like a linter."),
        "cards": Command("command_options", "cards", "Print the flashcards of notes, and why they were made."),
        "review": Command("command_options", "review", "Keep, discard and edit flashcards on a page of this machine."),
        "show": Command("command_options", "check", "Print the models of notes as JSON Lines."),
        "schema": Command("command_options", "check", "Print the JSON Schema of what show prints."),
    },
    "Set up": {
        "init": Command("command_options", "config", "Write a settings file that explains every setting."),
        "config": Command("command_options", "config", "Show each setting of notes, and where it comes from."),
        "trust": Command("command_options", "config", "Obey all of a settings file that came with notes."),
        "writers": Command("command_options", "doctor", "List the formats that can be written, with their options."),
        "readers": Command("command_options", "doctor", "List the kinds of notes that can be read."),
        "doctor": Command("command_options", "doctor", "Say what this machine has and what is missing."),
    },
}
"""The groups of the help, with their commands in its order."""
COMMANDS = {name: command for group in _GROUPS.values() for name, command in group.items()}
"""Commands by name, in the order of the help."""
GIVEN = "notebind.given"
"""In `Context.meta`: the names of the arguments and options that were given."""
DEBUG = "notebind.debug"
"""In `Context.meta`: whether `--debug` was given."""


class LazyGroup(TyperGroup):
    """The group of all commands; a command is only a line of help until it is called."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] in COMMANDS:
            # None of the group's options is given, but typer would load pydantic to look at their defaults.
            self.params, self.add_help_option = [], False
        with _one_line(ctx):
            return super().parse_args(ctx, args)

    def get_help(self, ctx: Any) -> str:
        return styled(super().get_help(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, which are looked for more often, then the options."""
        self.format_commands(ctx, formatter)
        _write_panels(self, ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands by group; all names are as wide as the longest, for one column."""
        widest = max(map(len, COMMANDS))
        for title, commands in _GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), command.help) for name, command in commands.items()])

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a stub of the command for the list of commands."""
        if cmd_name not in COMMANDS:
            return None
        return _command(cmd_name, lambda: None, COMMANDS[cmd_name].help)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is called, imported now; UsageError for notes without a command before them."""
        name = args[0] if args else ""
        if name not in COMMANDS:
            if os.path.exists(name):
                typed = shlex.join(["notebind", "build", *args])
                raise UsageError(f"{name}: is no command: to make books of it, type: {typed}")
            self.commands = {known: self.get_command(ctx, known) for known in COMMANDS}  # typer suggests from these
            return super().resolve_command(ctx, args)
        return name, _command(name, _runner(name), None), args[1:]

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Print an error of ours as one line, with `--debug` as a traceback; exit with its code."""
        with _one_line(ctx):
            return super().invoke(ctx)


@contextmanager
def _one_line(ctx: Any) -> Iterator[None]:
    """Print an error of ours, or one of the parser in a line like ours, and exit with its code."""
    try:
        yield
    except NotebindError as error:
        if ctx.meta.get(DEBUG):
            traceback.print_exception(error)
        else:
            print_error(str(error))
        raise typer.Exit(error.exit_code) from error
    except Exception as error:
        if not hasattr(error, "format_message") or type(error).__name__ == "NoArgsIsHelpError":
            raise
        print_error(*_of_parser(error, ctx))
        raise typer.Exit(error.exit_code) from error  # type: ignore[attr-defined]


_VALUE = re.compile(r"[Ii]nvalid value for '([^']{1,80})'(?: / '[^']{1,20}')*: (.*)", re.DOTALL)
_BOUND = re.compile(r"Input should be (greater|less) than or equal to (-?\d{1,20})")


def _of_value(option: str, reason: str) -> str:
    """Return the parser's message about a value of an option in our words."""
    given, is_choice, known = reason.partition(" is not one of ")
    if is_choice:
        return str(unknown(option, given.strip("'"), [one.strip("'") for one in known.split(", ")]))
    if bound := _BOUND.match(reason):
        return f"{option} takes {bound[2]} or {'more' if bound[1] == 'greater' else 'less'}"
    kind = "smaller" if "exceeded" in reason else "whole"
    return f"{option} takes a {kind} number" if " integer" in reason else f"{option}: {reason}"


def _of_parser(error: Any, ctx: Any) -> tuple[str, str]:
    """Return the message of an error of the parser with the nearest word that it knows, and what to type for help."""
    message = error.format_message().rstrip(".").replace("Value error, ", "").partition(", unable to parse")[0]
    message = re.sub(r"\. Did you mean '?(.{1,60}?)'?\?$", r" (did you mean \1?)", message)
    near = list(getattr(error, "possibilities", None) or ())
    if near:
        message = error.message
    elif found := _VALUE.match(message):
        message = _of_value(*found.groups())
    hint = f" (did you mean {near[0]}?)" if near else ""
    where = error.ctx.command_path if error.ctx else f"{ctx.command_path} {ctx.invoked_subcommand or ''}".rstrip()
    return f"{message[:1].lower()}{message[1:]}{hint}", f"{where} --help"


class _Command(TyperCommand):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the values, plain ones without typer, and remember which were given."""
        written, rest, _ = self.make_parser(ctx).parse_args([*args])
        ctx.meta[DEBUG] = written.pop("debug", False)
        ctx.meta[GIVEN] = written.keys()
        values = None if rest or ctx.resilient_parsing or not self.callback else plain_values(self.callback, written)
        if values is None:
            return super().parse_args(ctx, args)
        ctx.params.update(values)
        return []

    def get_help(self, ctx: Any) -> str:
        return styled(super().get_help(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options below the names of their panels; rich would cut names at 80 columns."""
        _write_panels(self, ctx, formatter)


def _write_panels(command: Any, ctx: Any, formatter: Any) -> None:
    panels: dict[str, list[tuple[str, str]]] = {}
    for one in command.get_params(ctx):
        if record := one.get_help_record(ctx):
            usual = "Arguments" if one.param_type_name == "argument" else "Options"
            panels.setdefault(getattr(one, "rich_help_panel", None) or usual, []).append(_plain_record(*record))
    for name, records in panels.items():
        with formatter.section(name):
            formatter.write_dl(records)


_DEFAULT = re.compile(r"\[default: [^][]*+\]")


def _plain_record(name: str, text: str) -> tuple[str, str]:
    """Return how an option is written and its help, without the words of Python: a switch in short, N for a number."""
    name = re.sub(r" <(?:list\[Path\]|path|bool)>", "", name).replace("<str>", "TEXT").replace("<int range>", "N")
    if " / --no-" in name:
        name = f"--[no-]{name.partition(' / ')[0].removeprefix('--')}"
        text = _DEFAULT.sub(lambda default: "" if default[0].startswith("[default: no-") else "[default: on]", text)
    text, gap, usual = text.replace("<=x<=", " to ").rstrip().partition("  [")
    return name, f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}{gap}{usual}"


def styled(text: str) -> str:
    """Return help with plain names of arguments, headings and names in colours if the terminal shows them."""
    usage, blank, rest = text.partition("\n\n")
    text = re.sub(r"[{}]|(?<=\.\.\.)\.\.\.", "", usage) + blank + rest
    lines, in_list = [], False
    for line in text.splitlines():
        if line[:1].strip() and (heading := line.partition(":")[0]) and line != heading:
            in_list = line == f"{heading}:"
            line = painted(f"{heading}:", "good", sys.stdout) + line[len(heading) + 1 :]
        elif not line:
            in_list = False
        elif in_list and line.startswith("  ") and line[2:3].strip():
            name, gap, rest = line[2:].partition("  ")
            line = f"  {painted(name, 'name', sys.stdout)}{gap}{rest}"
        lines.append(line)
    return "\n".join(lines)


def _command(name: str, function: Any, line: str | None) -> Any:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(name, cls=_Command, help=line, context_settings={"help_option_names": ["-h", "--help"]})(function)
    return typer.main.get_command(app)


def _runner(name: str) -> Callable[..., None]:
    """Return a function that runs the command: it imports the command's code and passes on the options given."""
    command = COMMANDS[name]
    options = getattr(importlib.import_module(f"convert.cli.{command.options}"), name.capitalize())

    def run(ctx: typer.Context, **values: Any) -> None:
        given = {one: values[one] for one in ctx.meta[GIVEN] if values[one] is not None}
        getattr(importlib.import_module(f"convert.cli.{command.runner}"), name)(given)

    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    run.__signature__ = inspect.Signature([context, *options.parameters().values()])  # type: ignore[attr-defined]
    run.__doc__ = options.__doc__
    return run


class _NeedsTyper(Exception):
    """A value that only typer can parse."""


def plain_values(command: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the arguments of the command's function as typer would make them, None if typer has to parse the line.

    `given` has by parameter what was written: a text, several, or the state of a switch; None if nothing was.
    """
    parameters = inspect.signature(command, eval_str=True).parameters
    if given.keys() - parameters.keys():
        return None
    values = {}
    try:
        for name, parameter in parameters.items():
            if get_origin(parameter.annotation) is not Annotated:
                if given.get(name) is not None:
                    return None
                continue
            kind, option = get_args(parameter.annotation)
            written = given.get(name)
            if option.callback or (written is None and parameter.default is parameter.empty):
                return None
            if written is not None:
                values[name] = _value(kind, option, written)
            elif option.parser and parameter.default is not None:
                values[name] = option.parser(parameter.default)
    except (_NeedsTyper, ValueError, AssertionError):  # the last two are how a parser refuses
        return None
    return values


def _value(kind: Any, option: Any, written: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        kind, *others = filter(lambda one: one is not NoneType, get_args(kind))
        if others:
            raise _NeedsTyper
    if get_origin(kind) is not list:
        return _single(kind, option, written)
    return [_single(get_args(kind)[0], option, one) for one in written]


def _single(kind: Any, option: Any, written: Any) -> Any:
    if option.parser:
        return option.parser(written)
    if isinstance(written, bool) and kind is bool:
        return written
    if not (isinstance(written, str) and written.isprintable()):
        raise _NeedsTyper
    if kind is str or (get_origin(kind) is Literal and written in get_args(kind)):
        return written
    if kind is int and written.isascii() and written.isdigit() and len(written) <= 9:
        number = int(written)
        if (option.min is None or number >= option.min) and (option.max is None or number <= option.max):
            return number
    raise _NeedsTyper
