"""The settings file of notes: which keys it may have, how it is found, and its values.

A key that is unknown, or whose value is of another type, is an error with the line of the key.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from convert.config.effects import Effect
from convert.errors import UsageError, nearest
from convert.files import read_file
from convert.storage.location import is_address, is_below, user_folder

NAME = "notebind.toml"
PROJECT = "pyproject.toml"
TABLE = ("tool", "notebind")
CHANNEL = "channel"
LARGEST_FILE = 200_000
"""Bytes of a settings file; a larger one is an error."""
_MOST_NAMES = 5
"""Names that lead to a setting, as in `[tool.notebind.channel.films]` with `cover`; longer keys are errors."""
_TOKEN = (
    r'"""(?:[^"\\]|\\.|"(?!""))*+"{0,5}|' + r"'''(?:[^']|'(?!''))*+'{0,5}|"
    r'"(?:[^"\\\n]|\\.)*+"?|' + r"'[^'\n]*+'?|#[^\n]*+|[\[\]{}=\n]"
)
"""The tokens that delimit TOML 1.0.0 statements: strings, comments, brackets and line ends.

Each is matched as a whole, even where it lacks its end, so that no text is read twice."""
_LONG_KEY = r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}"""
"""More names in a key than any setting has; the time that tomllib takes grows with their square."""
_MOST_CHARACTERS = 1000
"""Characters of a value: no title is longer, and messages show values in full."""
_TAKEN = {str: "a text in quotes", int: "a whole number", bool: "true or false", list: "a list of texts"}


@dataclass(frozen=True)
class Key:
    """A setting: the name of its option, without the leading dashes."""

    name: str
    kind: type
    """str, int, bool or list (of texts)."""
    default: Any
    help: str
    group: str = ""
    """The writer whose option it is; empty for options of the whole build."""
    choices: tuple[str, ...] = ()
    least: int | None = None
    """The smallest number that it accepts."""
    most: int | None = None
    """The greatest number that it accepts."""
    path: Callable[[str], Any] | None = None
    """For a file or folder: makes the option's value of its path; other keys have None."""
    effect: Effect = "power"
    """When it is obeyed in a file that the user has not trusted."""
    runs_plug_in: Callable[[str], bool] = lambda _: False
    """Whether a value calls code that is not of notebind, for a setting with the effect `formats`."""
    check: Callable[[Any], None] | None = None
    """Raises ValueError for a value of the right type that the setting does not accept."""
    of_channel: bool = False
    """Whether a channel may have its own."""

    def read(self, value: Any, folder: Path, is_trusted: bool) -> tuple[Any, bool]:
        """Return the option's value, and whether it is obeyed; one that is not is returned as it was written.

        Raises ValueError that says what the setting accepts.
        """
        # A text with commas may be written as a list.
        separated = self.kind is str and "separated by commas" in self.help
        if separated and _is_texts(value):
            value = ",".join(value)
        if not self._has_type(value):
            taken = "a text or a list of texts" if separated else _TAKEN[self.kind]
            raise ValueError(f"{self.name} takes {taken}, not {shown(value)}")
        self._check(value)
        if not (is_trusted or self._is_harmless(value, folder)):
            return value, False
        return self._path(value, folder) if self.path else value, True

    def _check(self, value: Any) -> None:
        """Raise ValueError for a value of the right type that the setting does not accept."""
        if self.choices and value not in self.choices:
            near = nearest(str(value)[:60], self.choices)
            raise ValueError(f"{self.name} takes one of {', '.join(self.choices)}, not {shown(value)}{near}")
        if self.least is not None and value < self.least:
            raise ValueError(f"{self.name} takes {self.least} or more, not {shown(value)}")
        if self.most is not None and value > self.most:
            raise ValueError(f"{self.name} takes {self.most} or less, not {shown(value)}")
        for text in value if self.kind is list else [value]:
            if isinstance(text, str) and (len(text) > _MOST_CHARACTERS or "\0" in text):
                raise ValueError(f"{self.name} takes at most {_MOST_CHARACTERS} characters, none of them NUL")
        if self.check:
            self.check(value)

    def _is_harmless(self, value: Any, folder: Path) -> bool:
        """Return whether a value is obeyed even in a file that came with notes of others."""
        match self.effect:
            case "looks":
                return True
            case "limit":
                return (value or math.inf) <= (self.default or math.inf)  # 0: no limit
            case "inside":
                return _is_inside(value, folder)
            case "formats":
                return not self.runs_plug_in(value)
            case "power":
                return False

    def _path(self, value: str, folder: Path) -> Any:
        """Return the option's value for a path that is relative to `folder`, absolute or below the home folder."""
        value = value or str(self.default)
        if not self.path or not value:
            return value
        is_url = is_address(value) or value.startswith("file://")
        return self.path(value if is_url else str(folder / Path(value).expanduser()))

    def _has_type(self, value: Any) -> bool:
        if self.kind is list:
            return _is_texts(value)
        # To Python, True is an int.
        return isinstance(value, self.kind) and isinstance(value, bool) == (self.kind is bool)


class Setting(NamedTuple):
    """The option's value of a key in a file, its line (0: unknown), and whether it is obeyed."""

    value: Any
    line: int
    is_obeyed: bool = True


class Settings(NamedTuple):
    """The settings in a file by key; `channels` by the name of the channel's folder."""

    path: Path
    values: Mapping[str, Setting]
    channels: Mapping[str, Mapping[str, Setting]]


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_inside(value: str, folder: Path) -> bool:
    """Return whether a path that is relative to a folder lies in it, with links followed and without.

    Other hosts are not asked about their files: on Windows that alone would tell them who the user is.
    """
    if value.startswith(("~", "file://")) or is_address(value):
        return False
    path = os.path.normpath(folder / value)
    return Path(path).is_relative_to(os.path.normpath(folder)) and leads_inside(Path(path), folder)


def leads_inside(path: Path, folder: Path) -> bool:
    """Return whether a file or folder lies in a folder once all links are followed."""
    return is_below(os.path.realpath(path), os.path.realpath(folder))  # `Path.resolve` fails on links in a circle


def shown(value: Any) -> str:
    """Return the start of a value for messages."""
    try:
        return as_toml(value)[:60]
    except (ValueError, RecursionError):  # a number of thousands of digits; lists in lists
        return "this"


def as_toml(value: Any) -> str:
    """Return a value in TOML 1.0.0, which writes texts, numbers and truth values as JSON does."""
    import json  # for messages and the commands about settings

    return json.dumps(value, ensure_ascii=False, default=str)


def find_settings(notes: Iterable[Path]) -> Path | None:
    """Return the settings file of these folders and files, in the folder that they share or the nearest one above.

    In one folder `notebind.toml` wins over `pyproject.toml`, which counts only if it has a table `[tool.notebind]`.
    """
    folders = [os.path.abspath(path if os.path.isdir(path) else path.parent) for path in notes]
    try:
        # Links are not resolved: the settings are beside the link to a folder, not beside the folder itself.
        shared = Path(os.path.commonpath(folders))
    except ValueError:  # no notes, or on several drives
        return None
    return next((found for folder in (shared, *shared.parents) if (found := own_file(folder))), None)


def user_file() -> Path | None:
    """Return the user's own settings file, None if there is none."""
    folder = user_folder("config")
    return folder / "config.toml" if folder and (folder / "config.toml").is_file() else None


def own_file(folder: Path) -> Path | None:
    """Return the settings file that lies in this very folder, None if there is none."""
    if os.path.isfile(own := folder / NAME):
        return own
    return project if _has_our_table(project := folder / PROJECT) else None


def _has_our_table(project: Path) -> bool:
    if not os.path.isfile(project):
        return False
    try:
        return b"tool.notebind" in file_bytes(project).replace(b" ", b"").replace(b'"', b"")
    except UsageError:
        return False


def file_bytes(path: Path) -> bytes:
    """Return the bytes of a settings file. Raises UsageError if it is absent, not an ordinary file, or too big."""
    try:
        return read_file(path, LARGEST_FILE)
    except OSError as error:
        raise UsageError(f"{path_and_line(path)}: cannot be read ({error.strerror})") from error


def read_settings(
    path: Path, data: bytes, keys: Mapping[str, Key], refused: Mapping[str, str], is_trusted: bool = False
) -> Settings:
    """Return the settings of a file with these bytes. `refused`: why a key that exists elsewhere cannot be set in one.

    Raises UsageError with file and line for a file that is no TOML, an unknown key, or a value of another type.
    """
    file = _File(path, data, is_trusted)
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
    """A parsed settings file: its content and the lines of its keys. Raises UsageError if it is no TOML."""

    def __init__(self, path: Path, data: bytes, is_trusted: bool) -> None:
        self._path = path
        self._is_trusted = is_trusted
        text = _text(path, data)
        self.content = _parsed(path, text)
        self._lines = lines_of_keys(text)

    def error(self, names: tuple[str, ...], message: str) -> UsageError:
        """Return the error about the key or table with this path of names."""
        return UsageError(f"{path_and_line(self._path, line_of(names, self._lines))}: {message}")

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
        """Return the settings of a table. Raises UsageError for unknown keys and wrong values."""
        found = {}
        for name, value in values.items():
            names = (*table, name)
            if name not in keys:
                raise self.error(names, refused.get(name) or _unknown(name, suggested))
            try:
                read, is_obeyed = keys[name].read(value, self._path.parent, self._is_trusted)
            except (ValueError, RuntimeError, UsageError) as error:  # RuntimeError: no user has this home folder
                raise self.error(names, str(error)) from error
            found[name] = Setting(read, line_of(names, self._lines), is_obeyed)
        return found


def path_and_line(path: Path, line: int = 0) -> str:
    """Return `path:line` for messages, with a relative path if the file is below the current folder."""
    short = os.path.relpath(path)
    name = str(path) if short.startswith("..") else short
    return f"{name}:{line}" if line else name


def lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each key and table of valid TOML, by its path of names, which tomllib does not report.

    A table that only occurs in a longer key has the line of that key; a repeated table has its first line.
    """
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    start = 0  # of the statement
    line = 1
    depth = 0  # of brackets
    named = False  # whether the statement's names are known
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
    """Return the line of a key, or of the nearest table around it; 0 if neither is known."""
    while names and names not in lines:
        names = names[:-1]
    return lines.get(names, 0)


def _text(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path_and_line(path)}: is not UTF-8: save it as UTF-8") from error
    if long := re.search(_LONG_KEY, text):
        line = text.count("\n", 0, long.start()) + 1
        raise UsageError(f"{path_and_line(path, line)}: no setting has so many names between dots")
    return text


def _parsed(path: Path, text: str) -> Any:
    import tomllib  # few runs have a file

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"{path_and_line(path)}: is nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        reason, _, at = str(error).rpartition(" (at ")
        number = re.match(r"line (\d{1,9})", at)
        line = int(number[1]) if number else len(text.splitlines())
        message = reason or str(error)
        hint = " (a text stands in quotes)" if message == "Invalid value" else ""
        raise UsageError(f"{path_and_line(path, line)}: is no TOML: {message}{hint}") from error
    except ValueError as error:
        raise UsageError(f"{path_and_line(path)}: a number or date in it is too long") from error


def _unknown(name: str, known: Iterable[str]) -> str:
    hint = nearest(name.replace("_", "-"), known)
    return f"no setting is called {name!r}{hint}: `notebind init` writes a file with all of them"
