"""Commands that read notes obey their settings file in the options that they share with `build`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import typer

CONTEXT = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
"""The parameter by which typer hands a command what it read."""


def is_given(ctx: typer.Context, name: str) -> bool:
    """Whether an option was given, not left to its default."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name in ("COMMANDLINE", "ENVIRONMENT")


def obeying(command: Callable[..., None], *own: str) -> Callable[..., None]:
    """The command, with what the settings of its `notes` say in place of defaults; not for the options `own`."""
    signature = inspect.signature(command)
    hints = get_type_hints(command, include_extras=True)

    def run(ctx: typer.Context, **arguments: Any) -> None:
        command(**(arguments | _from_file(ctx, arguments["notes"], own)))

    parameters = [one.replace(annotation=hints[one.name]) for one in signature.parameters.values()]
    run.__signature__ = signature.replace(parameters=[CONTEXT, *parameters])  # type: ignore[attr-defined]
    run.__annotations__ = {"ctx": typer.Context} | hints
    run.__doc__ = command.__doc__
    return run


def _from_file(ctx: typer.Context, notes: Any, own: tuple[str, ...]) -> dict[str, Any]:
    from convert.cli.settings import settings_of

    found = settings_of(notes)
    if not found:
        return {}
    names = {parameter.name: max(parameter.opts, key=len).lstrip("-") for parameter in ctx.command.params}
    return {
        argument: found.values[name].value
        for argument, name in names.items()
        if argument and name in found.values and argument not in own and not is_given(ctx, argument)
    }
