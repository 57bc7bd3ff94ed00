"""The output formats: every module here with a `WRITER`, and the entry-point group `notebind.writers`."""

from __future__ import annotations

import dataclasses
import importlib
import os
import pkgutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from convert.errors import UsageError, unknown
from convert.writers.base import Writer

GROUP = "notebind.writers"


@cache
def built_in() -> tuple[str, ...]:
    """Return the names of this package's writers, without importing them."""
    return tuple([module.name for module in pkgutil.iter_modules(__path__) if module.name != "base"])


@cache
def defaults() -> tuple[str, ...]:
    """Return the names of the default formats, in order."""
    ranks = {}
    for name in built_in():
        ranks[find_writer(name).default_rank] = name
    return tuple(map(ranks.__getitem__, filter(None, sorted(ranks))))


@cache
def writers() -> Mapping[str, Writer[Any]]:
    """Return all writers by name. Built-in ones take precedence over plug-ins.

    Plug-ins that fail to load are left out; `find_writer` and `notebind doctor` report why.
    """
    from importlib.metadata import entry_points

    found = {}
    for point in entry_points(group=GROUP):
        with suppress(Exception):
            writer = point.load()
            found[point.name] = writer if isinstance(writer, Writer) else completed(writer)
    found |= {name: find_writer(name) for name in built_in()}
    return dict(sorted(found.items()))


def completed(writer: Any) -> Writer[Any]:
    """Return a plug-in's writer completed by the defaults of `Writer`."""
    result = Writer[Any]()
    for name in (*Writer.__annotations__, *vars(Writer)):
        if not name.startswith("_") and hasattr(writer, name):
            setattr(result, name, getattr(writer, name))
    return result


@cache
def find_writer(name: str) -> Writer[Any]:
    """Return the writer with this name; raises UsageError for unknown names."""
    if name in built_in():
        writer = importlib.import_module(f"{__name__}.{name}").WRITER
        return writer if isinstance(writer, Writer) else completed(writer)
    if name not in writers():
        _raise_if_broken(name)
        raise unknown("the format", name, writers())
    return writers()[name]


def _raise_if_broken(name: str) -> None:
    """Raise UsageError with the cause if an installed plug-in of this name cannot be loaded."""
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=name):
        try:
            point.load()
        except Exception as error:
            raise UsageError(
                f"the plug-in {name!r} ({point.value}) cannot be loaded: {error}; update or uninstall it"
            ) from error


def options_of(names: Iterable[str], values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the options of the named or default writers; raises UsageError for unknown names."""
    return {name: make_options(find_writer(name), values.get(name, {})) for name in tuple(names) or defaults()}


def make_options(writer: Writer[Any], values: Mapping[str, Any]) -> Any:
    """Return the writer's options with these values; texts are converted to the options' types.

    Raises UsageError for unknown options, and for files that do not exist.
    """
    fields = {field.name: field for field in dataclasses.fields(writer.options)}
    made = {}
    for key, value in values.items():
        name = key.replace("-", "_")
        if name not in fields:
            raise unknown(f"the {writer.name} option", key, [one.replace("_", "-") for one in fields])
        made[name] = _typed(f"{writer.name}.{key}", value, fields[name].default)
        least, most = fields[name].metadata.get("within") or (None, None)
        if least is not None and not least <= made[name] <= most:
            raise UsageError(f"{writer.name}.{key} takes {least} to {most}, not {str(value)[:60]}")
        if value and fields[name].metadata.get("path") and not os.path.exists(value):
            raise UsageError(f"--{key.replace('_', '-')} {value}: no such file or folder: check the path")
    return writer.options(**made)


def _typed(key: str, value: Any, default: Any) -> Any:
    """Return a text of the command line converted to the type of the option's default."""
    if not isinstance(value, str) or isinstance(default, str) or default is None:
        return value
    if isinstance(default, bool):
        if value.lower() not in ("true", "false", "yes", "no", "on", "off", "1", "0"):
            raise UsageError(f"{key} takes yes or no, not {value!r}")
        return value.lower() in ("true", "yes", "on", "1")
    try:
        return type(default)(value)
    except ValueError as error:
        raise UsageError(f"{key} takes a number like {default!r}, not {value!r}") from error
