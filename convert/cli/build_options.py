"""The options of `notebind build`, `watch` and `serve`. The modules that run them are loaded when they are called."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer

from convert.cli.lazy import GIVEN, Debug
from convert.cli.options import PORT, asked, options_of_writers
from convert.cli.settings import CONTEXT, Ask, asked_with_settings

_DEBUG = inspect.Parameter("_debug", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False, annotation=Debug)
*_SHARED, _ = inspect.signature(asked, eval_str=True).parameters.values()
_FLAGS = [
    inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,  # not given
        annotation=Annotated[
            hint | None, typer.Option(help=field.metadata.get("help", ""), rich_help_panel=f"Options of {writer}")
        ],
    )
    for name, (writer, field, hint) in options_of_writers().items()
    if name not in inspect.signature(asked).parameters
]
"""A flag for each option of the built-in writers."""


def with_options(act: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the options of `asked` and of every built-in writer, which calls `act`.

    The first parameter of `act` returns what is asked for; its other parameters are options that only it has.
    """
    _, *own = inspect.signature(act, eval_str=True).parameters.values()

    def run(ctx: typer.Context, **arguments: Any) -> None:
        more = {}
        for one in own:
            more[one.name] = arguments.pop(one.name)
        for name in arguments.keys() - ctx.meta[GIVEN]:
            del arguments[name]  # it may be in a settings file
        act(partial(asked_with_settings, **arguments), **more)

    run.__signature__ = inspect.Signature([CONTEXT, *_SHARED, _DEBUG, *own, *_FLAGS])  # type: ignore[attr-defined]
    run.__doc__ = act.__doc__
    return run


@with_options
def build(
    ask: Ask,
    push: Annotated[
        bool,
        typer.Option(
            "--push", help="Then bring the decks into a running Anki, as `notebind push` does; delete nothing."
        ),
    ] = False,
) -> None:
    """Make books, chapter markers and flashcards of NOTES."""
    importlib.import_module("convert.cli.build").build(ask(), push)


@with_options
def watch(ask: Ask) -> None:
    """Build NOTES, and again whenever one of them is saved, until Ctrl-C; the options are those of build."""
    importlib.import_module("convert.cli.watch").watch(ask)


@with_options
def serve(
    ask: Ask,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=f"Port; default {PORT}, or any that is free.")
    ] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
) -> None:
    """Show NOTES as a site in the browser, and again whenever one of them is saved, until Ctrl-C.

    Only this machine is answered. The options are those of build; --to adds formats to html.
    """
    importlib.import_module("convert.cli.serve").serve(ask, port, no_open)
