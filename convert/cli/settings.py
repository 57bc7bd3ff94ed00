"""Merges options and settings files.

The command line wins over a channel's settings, these over those of the notes' file, and these over the user's own.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import shlex
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from msgspec.structs import asdict, fields

from convert.cli.build_options import Build, BuildOptions, options_of_writers
from convert.cli.options import Options
from convert.cli.progress import print_error
from convert.config.effects import EFFECTS
from convert.config.read import (
    Key,
    Setting,
    Settings,
    file_bytes,
    find_settings,
    leads_inside,
    path_and_line,
    read_settings,
    user_file,
)
from convert.config.trust import is_trusted, was_trusted
from convert.document.book import language_tag
from convert.errors import UsageError, unknown
from convert.reader.formats import OWN, readers
from convert.request import ForChannel, Request, source_date_epoch
from convert.storage.location import Location, local_paths, storage_at
from convert.writers import built_in, defaults, find_writer, make_options, writers

Given = Mapping[str, Any]
"""The options given on the command line, by name."""
OptionsT = TypeVar("OptionsT", bound=Options)
BuildT = TypeVar("BuildT", bound=BuildOptions)
MEGABYTE = 1_000_000
SECONDS_A_MINUTE = 60
REFUSED = {
    "notes": "notes are named on the command line",
    "quiet": "quiet is an option of the command line only: a build says which settings it obeys",
    "force": "force is an option of the command line only",
    "debug": "debug is an option of the command line only",
    "report": "report is an option of the command line only: notes of others must not choose a file to write",
    "executor": "executor is an option of the command line only: notes of others must not choose who does the work",
    "trust-settings": "trust-settings is an option of the command line only: a file cannot vouch for itself",
    "push": "push is an option of the command line only: notes of others must not change what lies in Anki",
}
"""Options that a settings file cannot set, and why."""
_told = set[str]()
"""Lines about settings files that were printed."""
LEADS_OUT = "is a link out of its folder, which is not followed: put the file itself there"
_OF_CHANNEL = frozenset(("title", "author", "language", "typography", "to", "set"))
"""Settings that a channel may override, besides the options of writers."""


def must_exist(notes: Sequence[Location]) -> None:
    """Raise UsageError if one of the inputs is a pipe or the like, or none exists; otherwise those are diagnostics."""
    for path in local_paths(notes):
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            raise UsageError(f"{path}: is a pipe, a socket or a device: save what it gives to a file, and name that")
    if not any(storage_at(one).exists() for one in notes):
        raise UsageError(f"{', '.join(map(str, notes))}: no such file or folder{_beside(notes)}: check the path")


def _beside(notes: Sequence[Location]) -> str:
    """Return a question that names what is there and called nearly as the first of the paths, empty without any."""
    for path in local_paths(notes)[:1]:
        try:
            close = difflib.get_close_matches(path.name, os.listdir(path.parent), 1, 0.75)
        except OSError:
            continue
        if close:
            return f" (did you mean {path.parent / close[0]}?)"
    return ""


def check_default_output(output: Location, named: Container[str]) -> None:
    """Raise UsageError if nobody named the output folder and it is a link out of the current folder.

    It may have come along with notes from elsewhere.
    """
    if "output" not in named and not leads_inside(Path(output), Path()):
        target = shlex.quote(os.path.realpath(output))
        raise UsageError(
            f"{output}: is a link out of this folder, which is not followed: if you want it, give -o {target}"
        )


def _must_be_folders(options: Options) -> None:
    """Raise UsageError if --vault or --videos is no folder that exists."""
    for name in ("vault", "videos"):
        if folder := getattr(options, name, None):
            must_exist([folder])
            if any(path.is_file() for path in local_paths([folder])):
                raise UsageError(f"{folder}: is a file: --{name} takes a folder")


def reading_request(kind: type[OptionsT], given: Given) -> tuple[OptionsT, Request]:
    """Return the options of a command that only reads notes, and its request; UsageError if no notes exist."""
    options = with_settings(kind, given)
    must_exist(given["notes"])
    _must_be_folders(options)
    return options, _request(options)


def _request(options: Options, /, **others: Any) -> Request:
    """Return the request of options, with these other values; fields with the same name are copied."""
    values = asdict(options)
    others |= {"notes": tuple(values["notes"]), "max_note_bytes": values["max_note_size"] * MEGABYTE}
    if "max_minutes" in values:
        others["max_seconds"] = values["max_minutes"] * SECONDS_A_MINUTE
    others["read_as"] = _known_reader(values.get("as_", ""))
    for name in values.keys() & Request.__dataclass_fields__.keys():
        others.setdefault(name, values[name])
    return Request(**others)


def _known_reader(name: str) -> str:
    """Return the name of a reader; UsageError if there is none."""
    if name and name != OWN and name not in readers():
        raise unknown("--as", name, [OWN, *readers()])
    return name


def build_request(kind: type[BuildT], given: Given) -> tuple[BuildT, Request]:
    """Return the options that were given, with the settings file of the notes for the others, and their request.

    Raises UsageError or SaveError if what they ask for cannot be done.
    """
    files = _files(given)
    if not files:
        return _build_request(kind, given)
    _tell_not_obeyed(files, keys())
    layers = [one.values for one in files]
    try:
        options, request = _build_request(kind, _layers(*layers, given=given))
        channels = {}
        for name, values in files[-1].channels.items():
            _, own = _build_request(kind, _layers(*layers, values, given=given))
            channels[name] = ForChannel(**{one.name: getattr(own, one.name) for one in dataclasses.fields(ForChannel)})
    except UsageError as error:
        read = ", ".join(path_and_line(one.path) for one in files)
        raise UsageError(f"{error} (settings were read from {read})") from error
    return options, dataclasses.replace(request, channels=channels, settings=files[-1].path)


def _build_request(kind: type[BuildT], values: Given) -> tuple[BuildT, Request]:
    options = _options(kind, values)
    names = tuple(dict.fromkeys(filter(None, map(str.strip, options.to.split(","))))) or defaults()
    if names == ("none",) and not kind.saves:
        names = ()
    by_writer = _options_by_writer(values, options.set_ or [], names)
    for name, chosen in by_writer.items():  # also of formats that are not made: a slip is one anyway
        make_options(find_writer(name), chosen)
    if options.language and language_tag(options.language) == "und" != options.language:
        raise UsageError(f"--language {options.language[:60]!r} is no code of a language: write it as en or pt-BR")
    must_exist(options.notes)
    _must_be_folders(options)
    epoch = source_date_epoch()
    if kind.saves:
        check_default_output(options.output, values)
        storage_at(options.output).check_writable()
    return options, _request(
        options,
        writers=names,
        options=by_writer,
        epoch=epoch,
        max_picture_bytes=options.max_picture_size * MEGABYTE,
    )


def _options_by_writer(values: Given, settings: list[str], names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the options by writer: those that were given by themselves, then `--set writer.key=value`."""
    options: dict[str, dict[str, Any]] = {}
    for name in names:
        options[name] = {}
        for field in dataclasses.fields(find_writer(name).options):
            if field.name in values and field.name not in Build.__struct_fields__:
                options[name][field.name] = values[field.name]
    for setting in settings:
        key, equals, value = setting.partition("=")
        writer, dot, option = key.partition(".")
        if not (equals and dot and option):
            raise UsageError(f"--set {setting}: write it as --set writer.key=value")
        options.setdefault(find_writer(writer).name, {})[option] = value
    return options


def own_settings() -> Settings | None:
    """Return the settings of the user's own file, None without one. Raises UsageError for an invalid file."""
    path = user_file()
    if not path:
        return None
    own = read_settings(path, file_bytes(path), keys(), REFUSED, is_trusted=True)
    if own.channels:
        raise UsageError(f"{path_and_line(path)}: settings of a channel stand in the file beside its notes")
    return own


def settings_of(notes: Sequence[Location], own: Settings | None = None, trusted: bool = False) -> Settings | None:
    """Return the settings beside notes, None without a file; what is not obeyed is marked, unless all is `trusted`.

    A limit is raised if it is more than the user's own or the default. Raises UsageError for an invalid file.
    """
    path = find_settings(local_paths(notes))
    if not path:
        return None
    if not leads_inside(path, path.parent):
        _tell(f"{path_and_line(path)}: {LEADS_OUT}")
        return None
    known = keys()
    for name, one in own.values.items() if own else ():
        if known[name].effect == "limit":
            known[name] = dataclasses.replace(known[name], default=one.value)
    data = file_bytes(path)
    return read_settings(path, data, known, REFUSED, trusted or is_trusted(path, data))


def _files(given: Given) -> list[Settings]:
    """Return the settings files to be used; later ones win. The caller tells what is not obeyed."""
    own = own_settings()
    found = settings_of(given["notes"], own, given.get("trust_settings", False))
    return [one for one in (own, found) if one]


def with_settings(kind: type[OptionsT], given: Given) -> OptionsT:
    """Return the options that were given, with the settings files for the others."""
    files = _files(given)
    used = {*kind.__struct_fields__}.difference(given)
    _tell_not_obeyed(files, {name: key for name, key in keys().items() if _argument(name) in used})
    return _options(kind, _layers(*[one.values for one in files], given=given))


def _tell_not_obeyed(files: Iterable[Settings], known: Mapping[str, Key]) -> None:
    """Say which of these settings are not obeyed, and how to change that, in a line for each file."""
    for line in filter(None, (not_obeyed(one, known) for one in files)):
        _tell(line)


def not_obeyed(found: Settings, known: Mapping[str, Key]) -> str:
    """Return the line about the settings of a file that are not obeyed, empty if there are none."""
    tables = [found.values, *found.channels.values()]
    refused = [
        (one.line, name)
        for table in tables
        for name, one in table.items()
        if not one.is_obeyed and name in known and one.value != known[name].default
    ]
    if not refused:
        return ""
    refused.sort()
    names = ", ".join(f"{name} (line {line})" for line, name in refused)
    folder = os.path.join(os.path.dirname(path_and_line(found.path)) or os.curdir, "")
    reason = "settings that read or write other files, or cost more, wait for trust"
    if was_trusted(found.path):
        reason = "this file was trusted, but has changed since"
    where = path_and_line(found.path, refused[0][0])
    return f"{where}: not obeyed: {names}: {reason}; if you trust it, type: notebind trust {shlex.quote(folder)}"


def _tell(line: str) -> None:
    """Print a line once, although `watch` reads the file before each build."""
    if line not in _told:
        _told.add(line)
        print_error(line, severity="warning")


def _options(kind: type[OptionsT], values: Given) -> OptionsT:
    return kind(**{name: values[name] for name in kind.__struct_fields__ if name in values})


def _layers(*files: Mapping[str, Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of options by name; later layers win, but the lists of `set` are joined."""
    layers = [{_argument(name): one.value for name, one in layer.items() if one.is_obeyed} for layer in files]
    layers.append(dict(given))
    merged = {name: value for layer in layers for name, value in layer.items()}
    added = [setting for layer in layers for setting in layer.get("set_") or ()]
    return merged | {"set_": added}


def _argument(name: str) -> str:
    return f"{name}_" if name in ("set", "as") else name.replace("-", "_")


def keys() -> dict[str, Key]:
    """Return all settings by name, in the order of the help: one for each option of `build` that a file may hold."""
    found: dict[str, Key] = {}
    for one in fields(BuildOptions):
        hint, option = get_args(one.type)
        name = _name(one.name)
        if name in REFUSED:
            continue
        kind, choices = _kind(hint)
        default = one.default if name != "to" else ",".join(defaults())
        found[name] = Key(
            name=name,
            kind=kind,
            default=[] if kind is list else default or kind() if kind is str else default,
            help=option.help or "",
            choices=choices,
            least=option.min,
            most=option.max,
            path=option.parser,
            effect=EFFECTS[name],
            runs_plug_in=_runs_plug_in,
            check=_of_plug_ins if name == "set" else None,
            of_channel=name in _OF_CHANNEL,
        )
    for argument, (writer, field, hint) in options_of_writers().items():
        kind, choices = _kind(hint)
        name = _name(argument)
        least, most = field.metadata.get("within") or (None, None)
        found[name] = Key(
            name=name,
            kind=kind,
            default=field.default,
            help=field.metadata.get("help", ""),
            group=writer,
            choices=choices,
            least=least,
            most=most,
            path=str if field.metadata.get("path") else None,
            effect=EFFECTS[name],
            of_channel=True,
        )
    return found


def _runs_plug_in(formats: str) -> bool:
    """Return whether one of the formats is a plug-in's."""
    others = {name.strip() for name in formats.split(",")}.difference(built_in(), ("",))
    return bool(others) and not others.isdisjoint(writers())


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
    """Return the TOML type of an option's type, and its choices if it is a Literal."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is Literal:
        return str, get_args(hint)
    kind = get_origin(hint) or hint
    return (kind if kind in (int, bool, list) else str), ()
