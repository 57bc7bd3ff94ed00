"""What a settings file may say: a key for each option, with its type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.storage.location import is_address

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
    """The writer whose option it is; empty for those of the whole build."""
    choices: tuple[str, ...] = ()
    least: int | None = None
    """The smallest number that it takes."""
    path: Callable[[str], Any] | None = None
    """For a file or folder: makes the option's value of its path; other keys have None.

    It has to lie in the folder of the settings: a file that came with somebody's notes must neither put other files of
    this machine into books nor choose where books are written.
    """
    check: Callable[[Any], None] | None = None
    """Raises ValueError for values that the type allows and the setting does not."""
    of_channel: bool = False
    """Whether a channel may have its own."""

    def read(self, value: Any, folder: Path) -> Any:
        """Return the option's value for a value in a file of `folder`; ValueError that says what it takes."""
        # Texts that commas separate may be written as a list.
        separated = self.kind is str and "separated by commas" in self.help
        if separated and _is_texts(value):
            value = ",".join(value)
        if not self._has_type(value):
            taken = "a text or a list of texts" if separated else _TAKEN[self.kind]
            raise ValueError(f"{self.name} takes {taken}, not {as_toml(value)[:60]}")
        if self.choices and value not in self.choices:
            raise ValueError(f"{self.name} takes one of {', '.join(self.choices)}, not {as_toml(value)[:60]}")
        if self.least is not None and value < self.least:
            raise ValueError(f"{self.name} takes {self.least} or more, not {value}")
        if self.check:
            self.check(value)
        return self._path(value, folder) if self.path else value

    def _path(self, value: str, folder: Path) -> Any:
        """Return the option's value for a path: relative to `folder`, or absolute, or below the home folder (`~`)."""
        value = value or str(self.default)
        if not self.path or not value:
            return value
        is_url = is_address(value) or value.startswith("file://")
        path = value if is_url else str(folder / Path(value).expanduser())
        if is_address(path) or not Path(path).resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"{self.name} leads out of the folder of this file: give it on the command line")
        return self.path(path)

    def _has_type(self, value: Any) -> bool:
        if self.kind is list:
            return _is_texts(value)
        # True is an int to Python, to nobody else.
        return isinstance(value, self.kind) and isinstance(value, bool) == (self.kind is bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def as_toml(value: Any) -> str:
    """Return a value as TOML writes it; JSON's texts, numbers and truth values are TOML's too (TOML 1.0.0)."""
    import json  # for messages and the commands about settings

    return json.dumps(value, ensure_ascii=False, default=str)
