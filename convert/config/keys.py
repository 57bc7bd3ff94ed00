"""What a settings file may say: a key for each option, with its type."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.storage.object_store import is_address


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

    @property
    def several(self) -> bool:
        """Whether its text is a list that commas separate, which a file may write as a list."""
        return self.kind is str and "separated by commas" in self.help

    def read(self, value: Any, folder: Path) -> Any:
        """The option's value for what stands in a file of `folder`; ValueError that says what it takes."""
        if self.several and _is_texts(value):
            value = ",".join(value)
        if not self._has_type(value):
            raise ValueError(f"{self.name} takes {self.takes()}, not {_shown(value)}")
        if self.choices and value not in self.choices:
            raise ValueError(f"{self.name} takes one of {', '.join(self.choices)}, not {_shown(value)}")
        if self.least is not None and value < self.least:
            raise ValueError(f"{self.name} takes {self.least} or more, not {value}")
        if self.check:
            self.check(value)
        return self._path(value, folder) if self.path else value

    def _path(self, value: str, folder: Path) -> Any:
        value = value or str(self.default)
        if not self.path or not value:
            return value
        place = _joined(folder, value)
        if not _lies_in(folder, place):
            raise ValueError(f"{self.name} leads out of the folder of this file: give it on the command line")
        return self.path(place)

    def _has_type(self, value: Any) -> bool:
        if self.kind is list:
            return _is_texts(value)
        # True is an int to Python, to nobody else.
        return isinstance(value, self.kind) and isinstance(value, bool) == (self.kind is bool)

    def takes(self) -> str:
        """What it takes, in words."""
        words = {str: "a text in quotes", int: "a whole number", bool: "true or false", list: "a list of texts"}
        return "a text or a list of texts" if self.several else words[self.kind]

    def written(self, value: Any) -> str:
        """A value as TOML writes it; JSON's texts, numbers and truth values are TOML's too (TOML 1.0.0)."""
        return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _joined(folder: Path, value: str) -> str:
    """A path of a file of `folder`: relative to it, unless it is absolute, begins with ~ or is an address."""
    return value if is_address(value) or value.startswith("file://") else str(folder / Path(value).expanduser())


def _lies_in(folder: Path, place: str) -> bool:
    return not is_address(place) and Path(place).resolve().is_relative_to(folder.resolve())


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:60]
