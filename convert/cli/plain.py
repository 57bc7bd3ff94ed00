"""Reads plain values of the command line without pydantic, which takes long to load.

typer 0.29 validates every option with pydantic, even those that were not given: with it an EPUB of one note costs about
1.25 times as much. Values that can be read in one way only are read here. If a line holds any other, typer reads all of
it, and says what is wrong.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin


class _Doubt(Exception):
    """A value that typer has to look at."""


def plain_values(command: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the arguments of the command's function as typer would make them, None if typer has to read the line.

    `given` holds what was written, by parameter: a text, several, or the state of a switch; None if nothing was.
    """
    parameters = inspect.signature(command, eval_str=True).parameters
    if given.keys() - parameters.keys():
        return None
    values = {}
    try:
        for name, parameter in parameters.items():
            if get_origin(parameter.annotation) is not Annotated:
                if given.get(name) is not None:
                    return None
                continue
            kind, option = get_args(parameter.annotation)
            written = given.get(name)
            if option.callback or (written is None and parameter.default is parameter.empty):
                return None
            if written is not None:
                values[name] = _value(kind, option, written)
            elif option.parser and parameter.default is not None:
                values[name] = option.parser(parameter.default)
    except (_Doubt, ValueError, AssertionError):  # the last two are how a parser refuses
        return None
    return values


def _value(kind: Any, option: Any, written: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        kind, *others = filter(lambda one: one is not NoneType, get_args(kind))
        if others:
            raise _Doubt
    if get_origin(kind) is not list:
        return _single(kind, option, written)
    found = []
    for one in written:
        found.append(_single(get_args(kind)[0], option, one))
    return found


def _single(kind: Any, option: Any, written: Any) -> Any:
    if option.parser:
        return option.parser(written)
    if isinstance(written, bool) and kind is bool:
        return written
    if not (isinstance(written, str) and written.isprintable()):
        raise _Doubt
    if kind is str or (get_origin(kind) is Literal and written in get_args(kind)):
        return written
    if kind is int and written.isascii() and written.isdigit() and len(written) <= 9:
        number = int(written)
        if (option.min is None or number >= option.min) and (option.max is None or number <= option.max):
            return number
    raise _Doubt
