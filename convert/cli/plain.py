"""Reads plain values of the command line without pydantic, which takes long to load.

typer 0.29 validates every option with pydantic, even those that were not given: with it an EPUB of one note costs about
1.25 times as much. This module parses values that are unambiguous. If a line has any other, typer parses the whole
line and reports the error.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin


class _NeedsTyper(Exception):
    """A value that only typer can parse."""


def plain_values(command: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the arguments of the command's function as typer would make them, None if typer has to parse the line.

    `given` has by parameter what was written: a text, several, or the state of a switch; None if nothing was.
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
    except (_NeedsTyper, ValueError, AssertionError):  # the last two are how a parser refuses
        return None
    return values


def _value(kind: Any, option: Any, written: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        kind, *others = filter(lambda one: one is not NoneType, get_args(kind))
        if others:
            raise _NeedsTyper
    if get_origin(kind) is not list:
        return _single(kind, option, written)
    return [_single(get_args(kind)[0], option, one) for one in written]


def _single(kind: Any, option: Any, written: Any) -> Any:
    if option.parser:
        return option.parser(written)
    if isinstance(written, bool) and kind is bool:
        return written
    if not (isinstance(written, str) and written.isprintable()):
        raise _NeedsTyper
    if kind is str or (get_origin(kind) is Literal and written in get_args(kind)):
        return written
    if kind is int and written.isascii() and written.isdigit() and len(written) <= 9:
        number = int(written)
        if (option.min is None or number >= option.min) and (option.max is None or number <= option.max):
            return number
    raise _NeedsTyper
