"""Finds the settings file of notes and reads it: a key that is unknown or of another type is named with its line."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from convert.config.keys import Key
from convert.errors import UsageError

NAME = "notebind.toml"
PROJECT = "pyproject.toml"
TABLE = ("tool", "notebind")
CHANNEL = "channel"
_MOST_NAMES = 5
"""Names that lead to a setting, as in `[tool.notebind.channel.films]` with `cover`; longer keys are errors."""
_TOKEN = (
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'|" + r"#[^\n]*|[\[\]{}=\n]"
)
"""What decides where a statement of TOML 1.0.0 begins and ends: strings, comments, brackets, ends of lines."""


class Setting(NamedTuple):
    """A value of a file, as its option takes it, and its line (0: not known)."""

    value: Any
    line: int


class Settings(NamedTuple):
    """What a file says, by the names of keys; `channels` by the names of folders."""

    path: Path
    values: Mapping[str, Setting]
    channels: Mapping[str, Mapping[str, Setting]]


def find_settings(notes: Iterable[Path]) -> Path | None:
    """Return the file that holds for all these folders and files: in the folder that they share, or the nearest above.

    In one folder `notebind.toml` wins over `pyproject.toml`, which counts only if it has a table `[tool.notebind]`.
    """
    folders = [os.path.abspath(path if path.is_dir() else path.parent) for path in notes]
    try:
        # Only `..` and relative paths are resolved: a link to a folder of notes stays where its user put it.
        shared = Path(os.path.commonpath(folders))
    except ValueError:  # no notes, or on several drives
        return None
    for folder in (shared, *shared.parents):
        if (own := folder / NAME).is_file():
            return own
        if _has_our_table(project := folder / PROJECT):
            return project
    return None


def _has_our_table(project: Path) -> bool:
    try:
        # A pipe of that name would be waited for.
        return project.is_file() and b"tool.notebind" in project.read_bytes().replace(b" ", b"").replace(b'"', b"")
    except OSError:
        return False


def read_settings(path: Path, keys: Mapping[str, Key], refused: Mapping[str, str]) -> Settings:
    """Return the settings of a file. `refused`: why a key that exists elsewhere cannot be set in one.

    Raises UsageError with file and line for a file that is no TOML, an unknown key, or a value of another type.
    """
    file = _File(path)
    table = TABLE if path.name == PROJECT else ()
    content = file.content
    for name in table:
        content = content.get(name, {}) if isinstance(content, dict) else {}
    own = dict(file.table(content, table))
    tables = file.table(own.pop(CHANNEL, {}), (*table, CHANNEL))
    of_build = file.settings(own, table, keys, refused, (*keys, CHANNEL))
    of_channel = {name: key for name, key in keys.items() if key.of_channel}
    too_wide = {name: f"{name} holds for the whole build: write it above the first table" for name in keys}
    channels = {}
    for channel, values in tables.items():
        names = (*table, CHANNEL, channel)
        if not isinstance(values, dict):
            raise file.error(names, f"settings of a channel stand below [{CHANNEL}.NAME], NAME being its folder's")
        channels[channel] = file.settings(values, names, of_channel, {**refused, **too_wide}, of_channel)
    return Settings(path, of_build, channels)


class _File:
    """A file of settings, parsed: what it holds and in which lines; UsageError if it is no TOML."""

    def __init__(self, path: Path) -> None:
        self._path = path
        text = _text(path)
        self.content = _parsed(path, text)
        self._lines = lines_of_keys(text)

    def error(self, names: tuple[str, ...], message: str) -> UsageError:
        """Return the error about the key or table that these names lead to."""
        return UsageError(f"{shown(self._path, line_of(names, self._lines))}: {message}")

    def table(self, value: Any, names: tuple[str, ...]) -> dict[str, Any]:
        """Return the value, which must be a table."""
        if not isinstance(value, dict):
            header = ".".join((*names, "NAME") if names[-1] == CHANNEL else names)
            raise self.error(names, f"{names[-1]} is a table: write [{header}] above its settings")
        return value

    def settings(
        self,
        values: Mapping[str, Any],
        table: tuple[str, ...],
        keys: Mapping[str, Key],
        refused: Mapping[str, str],
        suggested: Iterable[str],
    ) -> dict[str, Setting]:
        """Return the values of a table as their options take them; UsageError for one that none of `keys` takes."""
        found = {}
        for name, value in values.items():
            names = (*table, name)
            if name not in keys:
                raise self.error(names, refused.get(name) or _unknown(name, suggested))
            try:
                found[name] = Setting(keys[name].read(value, self._path.parent), line_of(names, self._lines))
            except (ValueError, UsageError) as error:
                raise self.error(names, str(error)) from error
        return found


def shown(path: Path, line: int = 0) -> str:
    """Return a line of a file as people read it, with a short path if the file is below the current folder."""
    short = os.path.relpath(path)
    name = str(path) if short.startswith("..") else short
    return f"{name}:{line}" if line else name


def lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each key and table of a sound TOML text by the names that lead to it; tomllib does not tell.

    A table that only a longer key names has the line of that key. What has two lines has its first.
    """
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    start, line, depth, named = 0, 1, 0, False
    for token in re.finditer(_TOKEN, text, re.DOTALL):
        sign = token[0]
        depth += (sign in "[{") - (sign in "]}")
        if not (named or depth) and sign in "=]":
            named = True
            names = _names(f"{text[start : token.end()]} 0" if sign == "=" else text[start : token.end()])
            table, names = (table, (*table, *names)) if sign == "=" else (names, names)
            for length in range(1, min(len(names), _MOST_NAMES) + 1):
                found.setdefault(names[:length], line)
        if sign == "\n" and not depth:
            start, named = token.end(), False
        line += sign.count("\n")
    return found


def _names(statement: str) -> tuple[str, ...]:
    """Return the names of the dotted key of a statement."""
    import tomllib  # few runs have a file

    names: list[str] = []
    value: object = tomllib.loads(statement.lstrip())
    while isinstance(value, dict) and value:
        ((name, value),) = value.items()
        names.append(name)
    return tuple(names)


def line_of(names: tuple[str, ...], lines: Mapping[tuple[str, ...], int]) -> int:
    """Return the line of a key, or of the nearest table around it; 0 if it has none of its own."""
    while names and names not in lines:
        names = names[:-1]
    return lines.get(names, 0)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown(path)}: is not UTF-8: save it as UTF-8") from error


def _parsed(path: Path, text: str) -> Any:
    import tomllib  # few runs have a file

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"{shown(path)}: is nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        reason, _, at = str(error).rpartition(" (at ")
        number = re.match(r"line (\d+)", at)
        line = int(number[1]) if number else len(text.splitlines())
        message = reason or str(error)
        hint = " (a text stands in quotes)" if message == "Invalid value" else ""
        raise UsageError(f"{shown(path, line)}: is no TOML: {message}{hint}") from error


def _unknown(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name.replace("_", "-").lower(), list(known), 1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"no setting is called {name!r}{hint}: `notebind init` writes a file with all of them"
