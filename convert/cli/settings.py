"""Options and settings files together: the command line wins over a channel's settings, these over the file's."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from convert.cli.build import Asked, asked
from convert.config.read import find_settings
from convert.errors import UsageError
from convert.request import ForChannel
from convert.storage.location import local_paths
from convert.writers import DEFAULT, built_in, find_writer

if TYPE_CHECKING:
    from convert.config.keys import Key
    from convert.config.read import Setting, Settings

REFUSED = {
    "notes": "notes are named on the command line",
    "quiet": "quiet is an option of the command line only: a build says which settings it obeys",
    "force": "force is an option of the command line only",
    "debug": "debug is an option of the command line only",
    "report": "report is an option of the command line only: notes of others must not choose a file to write",
    "executor": "executor is an option of the command line only: notes of others must not choose who does the work",
    "push": "push is an option of the command line only: notes of others must not change what lies in Anki",
}
"""Why a file cannot say these."""
_OF_CHANNEL = frozenset(("title", "author", "language", "to", "set"))
"""Beside the options of writers."""


def settled(notes: Sequence[Path], **given: Any) -> Asked:
    """What is asked for by the options that were given and, for all others, by the settings file of the notes."""
    found = settings_of(notes)
    if not found:
        return asked(list(notes), **given)
    try:
        wanted = asked(list(notes), **_layers(found.values, given=given))
        channels = {
            name: _for_channel(asked(list(notes), **_layers(found.values, values, given=given)))
            for name, values in found.channels.items()
        }
    except UsageError as error:
        from convert.config.read import shown

        raise UsageError(f"{error} (settings were read from {shown(found.path)})") from error
    request = dataclasses.replace(wanted.request, channels=channels, settings=found.path)
    return dataclasses.replace(wanted, request=request)


def settings_of(notes: Sequence[Path]) -> Settings | None:
    """The settings of notes, None when no file has any; UsageError for a file that says what cannot be."""
    path = find_settings(local_paths(notes))
    if not path:
        return None
    from convert.config.read import read_settings

    return read_settings(path, keys(), REFUSED)


def _layers(*files: Mapping[str, Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `asked`, later layers over earlier ones; what `set` says adds up."""
    layers = [{_argument(name): one.value for name, one in layer.items()} for layer in files] + [dict(given)]
    merged = {name: value for layer in layers for name, value in layer.items()}
    added = [setting for layer in layers for setting in layer.get("set_") or ()]
    return merged | {"set_": added}


def _argument(name: str) -> str:
    return "set_" if name == "set" else name.replace("-", "_")


def _for_channel(own: Asked) -> ForChannel:
    return ForChannel(**{one.name: getattr(own.request, one.name) for one in dataclasses.fields(ForChannel)})


def keys() -> dict[str, Key]:
    """All settings by name, in the order of the help: one for each option of `build` that a file may hold."""
    found = {key.name: key for key in (*_of_build(), *_of_writers())}
    return {name: key for name, key in found.items() if name not in REFUSED}


def _of_build() -> Iterator[Key]:
    from convert.config.keys import Key

    hints = get_type_hints(asked, include_extras=True)
    for parameter in inspect.signature(asked).parameters.values():
        hint = hints[parameter.name]
        if get_origin(hint) is not Annotated:
            continue
        annotated, option = get_args(hint)
        name = _name(parameter.name)
        kind, choices = _kind(annotated)
        default = parameter.default if name != "to" else ",".join(DEFAULT)
        yield Key(
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


def _of_writers() -> Iterator[Key]:
    from convert.config.keys import Key

    seen = set()
    for writer in built_in():
        options = find_writer(writer).options
        hints = get_type_hints(options)
        for one in dataclasses.fields(options):
            if one.name in seen:
                continue
            seen.add(one.name)
            kind, choices = _kind(hints[one.name])
            path = str if one.metadata.get("path") else None
            help = one.metadata.get("help", "")
            name = _name(one.name)
            yield Key(name, kind, one.default, help, writer, choices, path=path, of_channel=True)


def _of_plug_ins(settings: list[str]) -> None:
    """`set` is for what has no setting of its own; for the others it would go past their checks."""
    for setting in settings:
        writer, _, option = setting.partition("=")[0].partition(".")
        if writer in built_in():
            raise ValueError(
                f"set is for formats of plug-ins: {option.replace('_', '-')} of {writer} is a setting itself"
            )


def _name(argument: str) -> str:
    return argument.strip("_").replace("_", "-")


def _kind(hint: Any) -> tuple[type, tuple[str, ...]]:
    """The type that TOML has for the type of an option, and the only values it takes, if they are few."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    if get_origin(hint) is Literal:
        return str, get_args(hint)
    kind = get_origin(hint) or hint
    return (kind if kind in (int, bool, list) else str), ()
