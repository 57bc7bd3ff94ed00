"""Merges options and settings files: the command line wins over a channel's settings, these over the file's."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import typer

from convert.cli.lazy import GIVEN
from convert.cli.options import Asked, Notes, asked, options_of_writers
from convert.config.read import Key, Setting, Settings, find_settings, path_and_line, read_settings
from convert.errors import UsageError
from convert.request import ForChannel
from convert.storage.location import Location, local_paths
from convert.writers import DEFAULT, built_in

Ask = partial[Asked]
"""Returns what is asked for; the settings file is read at each call, since it may have changed."""
CONTEXT = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
"""The parameter in which typer passes its context to a command."""
REFUSED = {
    "notes": "notes are named on the command line",
    "quiet": "quiet is an option of the command line only: a build says which settings it obeys",
    "force": "force is an option of the command line only",
    "debug": "debug is an option of the command line only",
    "report": "report is an option of the command line only: notes of others must not choose a file to write",
    "executor": "executor is an option of the command line only: notes of others must not choose who does the work",
    "push": "push is an option of the command line only: notes of others must not change what lies in Anki",
}
"""Options that a file cannot set, and why."""
_OF_CHANNEL = frozenset(("title", "author", "language", "to", "set"))
"""What a channel may have of its own, beside the options of writers."""


def asked_with_settings(notes: Notes, **given: Any) -> Asked:
    """Return what the options that were given ask for and, for the others, the settings file of the notes."""
    found = settings_of(notes)
    if not found:
        return asked(notes, **given)
    try:
        wanted = asked(notes, **_layers(found.values, given=given))
        channels = {}
        for name, values in found.channels.items():
            own = asked(notes, **_layers(found.values, values, given=given)).request
            fields = dataclasses.fields(ForChannel)
            channels[name] = ForChannel(**{one.name: getattr(own, one.name) for one in fields})
    except UsageError as error:
        raise UsageError(f"{error} (settings were read from {path_and_line(found.path)})") from error
    request = dataclasses.replace(wanted.request, channels=channels, settings=found.path)
    return dataclasses.replace(wanted, request=request)


def settings_of(notes: Sequence[Location]) -> Settings | None:
    """Return the settings of notes, None if no file has any; UsageError for a file that says what cannot be."""
    path = find_settings(local_paths(notes))
    return read_settings(path, keys(), REFUSED) if path else None


def with_settings(command: Callable[..., None], own: Sequence[str] = ()) -> Callable[..., None]:
    """Return the command with what the settings of its `notes` say in place of defaults; not for the options `own`."""

    def run(ctx: typer.Context, **arguments: Any) -> None:
        found = settings_of(arguments["notes"])
        for option in ctx.command.params if found else ():
            name = max(option.opts, key=len).lstrip("-")
            if found and name in found.values and option.name not in {*ctx.meta[GIVEN], *own}:
                arguments[option.name] = found.values[name].value
        command(**arguments)

    parameters = inspect.signature(command, eval_str=True).parameters.values()
    run.__signature__ = inspect.Signature([CONTEXT, *parameters])  # type: ignore[attr-defined]
    run.__doc__ = command.__doc__
    return run


def _layers(*files: Mapping[str, Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `asked`; later layers win over earlier ones, but the lists of `set` are joined."""
    layers = [{_argument(name): one.value for name, one in layer.items()} for layer in files] + [dict(given)]
    merged = {name: value for layer in layers for name, value in layer.items()}
    added = [setting for layer in layers for setting in layer.get("set_") or ()]
    return merged | {"set_": added}


def _argument(name: str) -> str:
    return "set_" if name == "set" else name.replace("-", "_")


def keys() -> dict[str, Key]:
    """Return all settings by name, in the order of the help: one for each option of `build` that a file may hold."""
    found: dict[str, Key] = {}
    *shared, _ = inspect.signature(asked, eval_str=True).parameters.values()
    for parameter in shared:
        hint, option = get_args(parameter.annotation)
        name = _name(parameter.name)
        kind, choices = _kind(hint)
        default = parameter.default if name != "to" else ",".join(DEFAULT)
        found[name] = Key(
            name,
            kind,
            [] if kind is list else default or kind() if kind is str else default,
            option.help or "",
            choices=choices,
            least=option.min,
            path=option.parser,
            check=_of_plug_ins if name == "set" else None,
            of_channel=name in _OF_CHANNEL,
        )
    for argument, (writer, field, hint) in options_of_writers().items():
        kind, choices = _kind(hint)
        path = str if field.metadata.get("path") else None
        help = field.metadata.get("help", "")
        name = _name(argument)
        found[name] = Key(name, kind, field.default, help, writer, choices, path=path, of_channel=True)
    return {name: key for name, key in found.items() if name not in REFUSED}


def _of_plug_ins(settings: list[str]) -> None:
    """Raise ValueError for options that have a setting of their own: `set` would go past the checks of these."""
    for setting in settings:
        writer, _, option = setting.partition("=")[0].partition(".")
        if writer in built_in():
            raise ValueError(
                f"set is for formats of plug-ins: {option.replace('_', '-')} of {writer} is a setting itself"
            )


def _name(argument: str) -> str:
    return argument.strip("_").replace("_", "-")


def _kind(hint: Any) -> tuple[type, tuple[str, ...]]:
    """Return the type that TOML has for the type of an option, and the only values it takes, if they are few."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is Literal:
        return str, get_args(hint)
    kind = get_origin(hint) or hint
    return (kind if kind in (int, bool, list) else str), ()
