"""Values of the command line that need no checking, made without pydantic: loading it costs more than a note.

typer 0.29 shows each option to pydantic, also one that was not given. The values that nobody could read in two ways
are made here; typer sees all others, and says what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal, get_args, get_origin


def plainly(params: Iterable[Any]) -> list[Any]:
    """The same parameters of a command, which from now on ask typer about doubtful values only."""
    found = list(params)
    for param in found:
        if hasattr(param, "type_descriptor") and not isinstance(param.process_value, partial):
            param.process_value = partial(_processed, param, param.process_value)
    return found


def _processed(param: Any, checked: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:
    """What `process_value` of a parameter of typer returns, and its faults by `checked`, which is typer's own."""
    try:
        made = _made(param, value)
    except AttributeError:  # a typer made otherwise: it reads its options itself
        made = ...
    if made is ... or (param.required and made in (None, (), [])):
        return checked(ctx, value)
    return param.callback(ctx, param, made) if param.callback else made


def _made(param: Any, value: Any) -> Any:
    """The value as its parameter has it, `...` when there is doubt."""
    about = param.type_descriptor
    several = param.multiple or param.nargs == -1
    if value is None:
        return () if several else None
    kind = get_args(about.annotation)[0] if several and get_origin(about.annotation) is list else about.annotation
    if not several:
        return _one(kind, about.parameter_info, value)
    made = [_one(kind, about.parameter_info, one) for one in value] if isinstance(value, tuple | list) else [...]
    return ... if ... in made else made


def _one(kind: Any, info: Any, value: Any) -> Any:
    if info.parser:
        try:
            return info.parser(value)
        except (ValueError, AssertionError):  # those that typer makes a message of
            return ...
    if isinstance(value, bool):
        return value if kind is bool else ...
    if kind is int:
        return _number(info, value)
    sure = isinstance(value, str) and value.isprintable() and (kind is str or _is_choice(kind, value))
    return value if sure else ...


def _is_choice(kind: Any, value: str) -> bool:
    return get_origin(kind) is Literal and value in get_args(kind)


def _number(info: Any, value: Any) -> Any:
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else ...
    fits = type(value) is int and (info.min is None or value >= info.min) and (info.max is None or value <= info.max)
    return value if fits else ...
