"""The options of `notebind build`, `check`, `watch` and `serve`, with those of the built-in writers."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path
from typing import Annotated, Any, ClassVar, get_type_hints

import typer

from convert.cli.options import (
    MOST_MEGABYTES,
    Debug,
    Jobs,
    MaxMinutes,
    MaxNoteSize,
    Notes,
    Options,
    Quiet,
    ReadAs,
    Strict,
    TimeFormat,
    Times,
    TrustSettings,
    Videos,
    parameter,
)
from convert.request import Stills
from convert.storage.location import local_path, path_or_address
from convert.writers import built_in, defaults, find_writer

PORT = 8780
"""The preferred port of the site; any free one if it is taken. It differs from AnkiConnect's, which `push` uses."""


def _output(text: str) -> Any:
    return typer.Option("--output", "-o", parser=path_or_address, metavar="PATH", help=text)


class BuildOptions(Options):
    """What the commands that build share."""

    saves: ClassVar[bool] = True
    notes: Notes
    output: Annotated[str, _output("Folder for what is made.")] = "output"
    to: Annotated[
        str,
        typer.Option(
            "--to",
            "-t",
            help="Formats, separated by commas, see `notebind writers`; "
            f"when none is named: {','.join(defaults())} (serve: html).",
        ),
    ] = ""
    vault: Annotated[
        str | None,
        typer.Option(
            parser=path_or_address,
            metavar="PATH",
            help="Folder that links, times and titles are looked up in, beside NOTES.",
        ),
    ] = None
    videos: Videos = None
    stills: Annotated[
        Stills, typer.Option(help="Pictures from the films of --videos: for each section, each stamp, or none.")
    ] = "none"
    still_height: Annotated[int, typer.Option(min=90, max=1080, help="Pixels of a still from top to bottom.")] = 360
    one_book: Annotated[str, typer.Option(help="Merge everything into one book of this name.")] = ""
    title: Annotated[str, typer.Option(help="Title of the book.")] = ""
    author: Annotated[str, typer.Option(help="Author of the book; default: the channel.")] = ""
    language: Annotated[str, typer.Option(help="Language of the book, as `en` or `pt-BR`.")] = ""
    typography: Annotated[
        bool, typer.Option(help="Quotes, apostrophes, dashes and ellipses as the language of the book has them.")
    ] = True
    time_format: TimeFormat = "auto"
    as_: ReadAs = ""
    times: Times = "auto"
    jobs: Jobs = 0
    executor: Annotated[
        str, typer.Option(metavar="dask://HOST:PORT", help="A Dask cluster that does the work (docs/cluster.md).")
    ] = ""
    strict: Strict = False
    force: Annotated[bool, typer.Option("--force", help="Read and build again what has not changed.")] = False
    prune: Annotated[bool, typer.Option("--prune", help="Remove the files of books whose notes are gone.")] = False
    report: Annotated[
        Path | None, typer.Option(parser=local_path, metavar="PATH", help="Write a report as JSON to this file.")
    ] = None
    quiet: Quiet = False
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="WRITER.KEY=VALUE", help="An option of any writer; repeatable."),
    ] = None
    max_note_size: MaxNoteSize = 16
    max_picture_size: Annotated[
        int, typer.Option(min=1, max=MOST_MEGABYTES, help="Megabytes; bigger pictures are left out.")
    ] = 20
    max_minutes: MaxMinutes = 60
    trust_settings: TrustSettings = False
    debug: Debug = False

    @classmethod
    def parameters(cls) -> dict[str, inspect.Parameter]:
        """Return a parameter for each option, then one for each option of a built-in writer."""
        found = super().parameters()
        for name, (writer, field, hint) in options_of_writers().items():
            least, most = field.metadata.get("within") or (None, None)
            help = field.metadata.get("help", "")
            option = typer.Option(help=help, min=least, max=most, rich_help_panel=f"Options of {writer}")
            found.setdefault(name, parameter(name, Annotated[hint | None, option], field.default))
        return found


class Build(BuildOptions):
    """Make books, chapter markers and flashcards of NOTES."""

    push: Annotated[
        bool,
        typer.Option(
            "--push", help="Then bring the decks into a running Anki, as `notebind push` does; delete nothing."
        ),
    ] = False


class Check(BuildOptions):
    """Print all that `build` would say of NOTES, a line each: file:line: code message. Nothing is written.

    The options are those of build.
    """

    saves: ClassVar[bool] = False
    output: Annotated[str, _output("Where build put its results: what it kept is used.")] = "output"
    to: Annotated[
        str,
        typer.Option(
            "--to",
            "-t",
            help="Formats that are tried, separated by commas; default: those of build; none: only reading.",
        ),
    ] = ""
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Leave out remarks such as missing link targets.")] = (
        False
    )

    @classmethod
    def parameters(cls) -> dict[str, inspect.Parameter]:
        """Return the parameters without those that do nothing when nothing is saved."""
        return {name: one for name, one in super().parameters().items() if name not in ("executor", "prune")}


class Watch(BuildOptions):
    """Build NOTES, and again whenever one of them is saved, until Ctrl-C; the options are those of build."""


class Serve(BuildOptions):
    """Show NOTES as a site in the browser, and again whenever one of them is saved, until Ctrl-C.

    Only this machine is answered. The options are those of build; --to adds formats to html.
    """

    port: Annotated[
        int,
        typer.Option(min=0, max=65535, show_default=False, help=f"Port; default: {PORT}, or any if that is taken."),
    ] = 0
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False


def options_of_writers() -> dict[str, tuple[str, dataclasses.Field[Any], Any]]:
    """Return the options of the built-in writers by name: the writer, the field of its options class, and its type.

    A name that two writers share is the first one's.
    """
    found: dict[str, tuple[str, dataclasses.Field[Any], Any]] = {}
    for writer in built_in():
        options = find_writer(writer).options
        hints = get_type_hints(options)
        for field in dataclasses.fields(options):
            found.setdefault(field.name, (writer, field, hints[field.name]))
    return found
