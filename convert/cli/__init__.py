"""The command line: reads arguments, calls the pipeline, prints, exits. Nothing else in the package prints."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Annotated

import typer

from convert.cli.lazy import LazyGroup
from convert.version import __version__

app = typer.Typer(
    name="notebind",
    cls=LazyGroup,
    help="Turn folders of timestamped video notes into books, chapter markers and flashcards.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `notebind build NOTES`: NOTES is a folder of notes; `notebind build --help` lists its options.",
)

INTERRUPTED = 130
"""The exit code of typer after Ctrl-C, and of shells for a program that Ctrl-C stopped."""
TERMINATED = 128 + signal.SIGTERM
"""The exit code that shells give a program that SIGTERM stopped."""

_SAVING = ["build"], ["watch"], ["serve"], ["mux"], ["push"], ["review"]
"""The commands that save what they make as soon as it is finished; the others print."""

GARBAGE_THRESHOLD = 50_000
"""Allocations between garbage collections. Few runs leave garbage, and at the default of 700 Python would collect some
hundred times during start-up."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"notebind {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


_signals: list[int] = []
"""The signals that ended this process: what the end of its workers looks like to a command may hide them."""


def _terminated(number: int, _: object) -> None:
    """End as after Ctrl-C, so that temporary files are removed; the workers do the same, a second time at once."""
    _signals.append(number)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if multiprocessing := sys.modules.get("multiprocessing"):  # it is slow to load, and loaded if there are workers
        for child in multiprocessing.active_children():
            child.terminate()
    sys.exit(TERMINATED)


def main() -> None:
    """Run the command line. Exit with 130 after Ctrl-C, 143 after SIGTERM, 1 out of memory; a closed pipe is quiet."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app(prog_name="notebind")
    except SystemExit as end:
        code = TERMINATED if _signals else end.code
        if code in (INTERRUPTED, TERMINATED):
            how = "interrupted" if code == INTERRUPTED else "ended by a signal"
            saved = "; what was finished is saved, run it again for the rest" if sys.argv[1:2] in _SAVING else ""
            typer.echo(f"notebind: {how}{saved}", err=True)
        sys.exit(code)
    except MemoryError:
        typer.echo("notebind: out of memory; what was finished is saved: try --jobs 1, or fewer notes", err=True)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    finally:
        # Keep Python from a last collection over all live objects before it exits.
        gc.freeze()
