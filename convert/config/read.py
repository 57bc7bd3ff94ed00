"""Reads a settings file: every key is known and has its type, or it is named with its line."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convert.config.find import PROJECT, TABLE
from convert.config.keys import Key
from convert.config.places import Places, places
from convert.errors import UsageError

CHANNEL = "channel"


@dataclass(frozen=True)
class Setting:
    """A value of a file, as its option takes it, and the line that it stands in (0: not known)."""

    value: Any
    line: int


@dataclass(frozen=True)
class Settings:
    """What a file says, by the names of keys; `channels` by the names of folders."""

    path: Path
    values: Mapping[str, Setting] = field(default_factory=dict)
    channels: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)


def read_settings(path: Path, keys: Mapping[str, Key], refused: Mapping[str, str]) -> Settings:
    """The settings of a file. `refused`: why a key that exists elsewhere cannot stand there.

    UsageError with file and line for a file that is no TOML, an unknown key, or a value of another type.
    """
    text = _text(path)
    table = TABLE if path.name == PROJECT else ()
    found = _Reader(path, keys, refused, places(text))
    content = _parsed(path, text)
    for name in table:
        content = content.get(name, {}) if isinstance(content, dict) else {}
    return found.read(found.table(content, table), table)


class _Reader:
    def __init__(self, path: Path, keys: Mapping[str, Key], refused: Mapping[str, str], lines: Places) -> None:
        self._path = path
        self._keys = keys
        self._refused = refused
        self._lines = lines

    def read(self, content: Mapping[str, Any], table: tuple[str, ...]) -> Settings:
        own = {name: value for name, value in content.items() if name != CHANNEL}
        channels = self.table(content.get(CHANNEL, {}), (*table, CHANNEL))
        return Settings(
            self._path,
            self._values(own, table, (*self._keys, CHANNEL)),
            {name: self._channel(name, values, (*table, CHANNEL, name)) for name, values in channels.items()},
        )

    def table(self, value: Any, place: tuple[str, ...]) -> dict[str, Any]:
        """The value, which must be a table."""
        if not isinstance(value, dict):
            header = ".".join((*place, "NAME") if place[-1] == CHANNEL else place)
            raise self._error(place, f"{place[-1]} is a table: write [{header}] above its settings")
        return value

    def _channel(self, name: str, values: Any, place: tuple[str, ...]) -> dict[str, Setting]:
        if not isinstance(values, dict):
            raise self._error(place, f"settings of a channel stand below [{CHANNEL}.NAME], NAME being its folder's")
        for key in values:
            if key in self._keys and not self._keys[key].of_channel:
                raise self._error((*place, key), f"{key} holds for the whole build: write it above the first table")
        return self._values(values, place, [key.name for key in self._keys.values() if key.of_channel])

    def _values(self, values: Mapping[str, Any], place: tuple[str, ...], known: Iterable[str]) -> dict[str, Setting]:
        known = list(known)
        return {name: self._value(name, value, (*place, name), known) for name, value in values.items()}

    def _value(self, name: str, value: Any, place: tuple[str, ...], known: list[str]) -> Setting:
        if name not in known:
            raise self._error(place, self._refused.get(name) or _unknown(name, known))
        try:
            return Setting(self._keys[name].read(value, self._path.parent), self._lines.line(place))
        except (ValueError, UsageError) as error:
            raise self._error(place, str(error)) from error

    def _error(self, place: tuple[str, ...], message: str) -> UsageError:
        return UsageError(f"{shown(self._path, self._lines.line(place))}: {message}")


def shown(path: Path, line: int = 0) -> str:
    """A place in a file, short where the file lies below the current folder."""
    short = os.path.relpath(path)
    name = str(path) if short.startswith("..") else short
    return f"{name}:{line}" if line else name


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown(path)}: is not UTF-8: save it as UTF-8") from error


def _parsed(path: Path, text: str) -> Any:
    import tomllib  # by those who have a file

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"{shown(path)}: is nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        message, line = _reason(str(error), text)
        hint = " (a text stands in quotes)" if message == "Invalid value" else ""
        raise UsageError(f"{shown(path, line)}: is no TOML: {message}{hint}") from error


def _reason(message: str, text: str) -> tuple[str, int]:
    """What tomllib says, and the line that it says it of."""
    reason, _, at = message.rpartition(" (at ")
    number = re.match(r"line (\d+)", at)
    return reason or message, int(number[1]) if number else len(text.splitlines())


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.replace("_", "-").lower(), known, 1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"no setting is called {name!r}{hint}: `notebind init` writes a file with all of them"
