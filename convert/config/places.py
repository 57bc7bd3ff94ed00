"""In which line of a TOML text a key stands, which tomllib does not tell."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PART = r"(?:[\w-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
_KEYS = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\s*({_KEYS})\s*\]")
_LINE = re.compile(rf"\s*({_KEYS})\s*=")


class Places:
    """Lines of keys, each by the names that lead to it."""

    def __init__(self, lines: Mapping[tuple[str, ...], int]) -> None:
        self._lines = lines

    def line(self, place: tuple[str, ...]) -> int:
        """The line of a key, or of the nearest table around it; 0 when it has none of its own."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 0)


def places(text: str) -> Places:
    """The lines of the keys and tables of a text; where a key seems to stand twice, its first."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _names(header[1])
            _add(found, table, 1, number)
        elif key := _LINE.match(line):
            _add(found, (*table, *_names(key[1])), len(table) + 1, number)
    return Places(found)


def _add(found: dict[tuple[str, ...], int], names: tuple[str, ...], least: int, number: int) -> None:
    """Notes the line for the names, and for the tables around them that are not known yet, from `least` names on."""
    for length in range(least, len(names) + 1):
        found.setdefault(names[:length], number)


def _names(written: str) -> tuple[str, ...]:
    """The names of a dotted key."""
    import tomllib  # by those who have a file

    try:
        inside = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    names: list[str] = []
    value: object = inside
    while isinstance(value, dict):
        ((name, value),) = value.items()
        names.append(name)
    return tuple(names)
