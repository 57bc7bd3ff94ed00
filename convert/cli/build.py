"""`notebind build`."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from convert.cli.obeying import CONTEXT, is_given
from convert.errors import UsageError
from convert.storage.location import local_path, path_or_address, storage_at
from convert.writers import DEFAULT

if TYPE_CHECKING:
    from convert.request import Request

Notes = Annotated[
    list[Path],  # the help shows this type; an address is a str, see `Location`
    typer.Argument(
        parser=path_or_address, metavar="NOTES", help="Folders or files of notes; folders are searched down."
    ),
]
OutputFolder = Annotated[
    str, typer.Option("--output", "-o", parser=path_or_address, metavar="PATH", help="Folder for what is made.")
]
To = Annotated[
    str,
    typer.Option(
        "--to",
        "-t",
        help="Formats, separated by commas, see `notebind writers`; "
        f"when none is named: {','.join(DEFAULT)} (serve: html).",
    ),
]
VaultFolder = Annotated[
    str | None,
    typer.Option(
        "--vault",
        parser=path_or_address,
        metavar="PATH",
        help="Folder that links, times and titles are looked up in, beside NOTES.",
    ),
]
LinkedVault = Annotated[
    str | None,
    typer.Option("--vault", parser=path_or_address, metavar="PATH", help="Folder that links are looked up in."),
]
Videos = Annotated[
    Path | None,
    typer.Option(
        "--videos",
        parser=local_path,
        metavar="PATH",
        help="Folder of the media files, which tell how long the videos are.",
    ),
]
OneBook = Annotated[str, typer.Option("--one-book", help="Merge everything into one book of this name.")]
Title = Annotated[str, typer.Option("--title", help="Title of the book.")]
Author = Annotated[str, typer.Option("--author", help="Author of the book; default: the channel.")]
Language = Annotated[str, typer.Option("--language", help="Language of the book, as `en` or `pt-BR`.")]
TimeFormat = Annotated[
    Literal["auto", "hms", "ms"],
    typer.Option("--time-format", help="How 01:02:00 is read: decide (auto), 1 h 2 min (hms), 1 min 2 s (ms)."),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes; 0: as many as there are cores.")]
ExecutorAddress = Annotated[
    str,
    typer.Option("--executor", metavar="dask://HOST:PORT", help="A Dask cluster that does the work (docs/cluster.md)."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 on warnings too.")]
Force = Annotated[bool, typer.Option("--force", help="Read and build again what has not changed.")]
Prune = Annotated[bool, typer.Option("--prune", help="Remove the files of books whose notes are gone.")]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", parser=local_path, metavar="PATH", help="Write a report as JSON to this file."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="WRITER.KEY=VALUE", help="An option of any writer; repeatable.")
]
MaxNoteSize = Annotated[int, typer.Option(min=1, help="Megabytes; bigger files are left out.")]
MaxPictureSize = Annotated[int, typer.Option(min=1, help="Megabytes; bigger pictures are left out.")]
MaxMinutes = Annotated[int, typer.Option(min=0, help="Minutes that one format of a book may take; 0: no limit.")]
MEGABYTE = 1_000_000
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the options of `build` ask for: what the pipeline is to do, and what is said about it."""

    request: Request
    report: Path | None
    strict: bool
    quiet: bool


def asked(
    notes: Notes,
    output: OutputFolder = "output",
    to: To = "",
    vault: VaultFolder = None,
    videos: Videos = None,
    one_book: OneBook = "",
    title: Title = "",
    author: Author = "",
    language: Language = "",
    time_format: TimeFormat = "auto",
    jobs: Jobs = 0,
    executor: ExecutorAddress = "",
    strict: Strict = False,
    force: Force = False,
    prune: Prune = False,
    report: ReportFile = None,
    quiet: Quiet = False,
    set_: Set = None,
    max_note_size: MaxNoteSize = 16,
    max_picture_size: MaxPictureSize = 20,
    max_minutes: MaxMinutes = 60,
    debug: Debug = False,
    **writer_options: Any,
) -> Asked:
    """The options as they were given, checked: UsageError, SaveError for what cannot be."""
    from convert.cli import summary
    from convert.request import Request, source_date_epoch
    from convert.writers import find_writer, make_options

    names = tuple(dict.fromkeys(name.strip() for name in to.split(",") if name.strip())) or DEFAULT
    options = _options(writer_options, set_ or [], names)
    for name in names:
        make_options(find_writer(name), options[name])
    summary.must_exist(notes)
    for folder in (vault, videos):
        if folder:
            summary.must_exist([folder])
    epoch = source_date_epoch()
    storage_at(output).check_writable()
    request = Request(
        notes=tuple(notes),
        output=output,
        writers=names,
        options=options,
        vault=vault,
        videos=videos,
        one_book=one_book,
        title=title,
        author=author,
        language=language,
        time_format=time_format,
        jobs=jobs,
        executor=executor,
        force=force,
        prune=prune,
        epoch=epoch,
        max_note_bytes=max_note_size * MEGABYTE,
        max_picture_bytes=max_picture_size * MEGABYTE,
        max_seconds=max_minutes * 60,
    )
    return Asked(request, report, strict, quiet)


Push = Annotated[
    bool,
    typer.Option("--push", help="Then bring the decks into a running Anki, as `notebind push` does; delete nothing."),
]


def build(ask: Callable[[], Asked], push: Push = False) -> None:
    """Make books, chapter markers and flashcards of NOTES."""
    from convert.cli import summary
    from convert.cli.progress import shown_progress
    from convert.pipeline import run as pipeline

    wanted = ask()
    if push:
        local_path(wanted.request.output)
        if "anki" not in wanted.request.writers:
            raise UsageError("--push brings decks into Anki: ask for them with --to anki")
    with shown_progress(wanted.quiet) as tell:
        result = pipeline.build(wanted.request, tell)
    if wanted.report:
        summary.write_report(wanted.report, result)
    summary.print_result(result, wanted.request, wanted.quiet)
    code = summary.exit_code(result, wanted.strict)
    if push and not code:
        _push_decks(wanted, [saved.path for book in result.books for saved in book.artifacts])
    raise typer.Exit(code)


def _push_decks(wanted: Asked, paths: list[str]) -> None:
    """Brings the decks among the files of a build into Anki. ToolError when Anki does not take one."""
    from convert.cli.push import pushed

    for path in paths:
        if path.endswith(".apkg"):
            line = pushed(local_path(wanted.request.output) / path)
            if not wanted.quiet:
                typer.echo(line)


def with_options(act: Callable[..., None]) -> Callable[..., None]:
    """The command that does `act` with the options of `build`: those of `asked` and of every built-in writer.

    `act` takes what asks for the request, and as further parameters the options that only it has.
    """
    signature = inspect.signature(asked)
    hints = get_type_hints(asked, include_extras=True)
    hints.pop("writer_options")
    own = [signature.parameters[name].replace(annotation=kind) for name, kind in hints.items() if name != "return"]
    further = _further(act)
    flags = [*further, *_flags({parameter.name for parameter in (*own, *further)})]

    def run(ctx: typer.Context, **arguments: Any) -> None:
        from convert.cli.settings import settled

        more = {parameter.name: arguments.pop(parameter.name) for parameter in further}
        # A settings file may speak of all others.
        given = {name: value for name, value in arguments.items() if is_given(ctx, name)}
        act(partial(settled, **given), **more)

    run.__signature__ = signature.replace(parameters=[CONTEXT, *own, *flags])  # type: ignore[attr-defined]
    run.__annotations__ = {"ctx": typer.Context} | hints | {flag.name: flag.annotation for flag in flags}
    run.__doc__ = act.__doc__
    return run


def _further(act: Callable[..., None]) -> list[inspect.Parameter]:
    """The options that a command has beside those of `build`."""
    _, *names = inspect.signature(act).parameters
    kinds = get_type_hints(act, include_extras=True) if names else {}
    return [inspect.signature(act).parameters[name].replace(annotation=kinds[name]) for name in names]


def _flags(taken: set[str]) -> list[inspect.Parameter]:
    """A parameter for each option of the built-in writers; a name that two writers share is one flag."""
    from convert.writers import built_in, find_writer

    flags: dict[str, inspect.Parameter] = {}
    for writer in built_in():
        kind = find_writer(writer).options
        hints = get_type_hints(kind)
        for field in dataclasses.fields(kind):
            if field.name in taken or field.name in flags:
                continue
            flag = typer.Option(help=field.metadata.get("help", ""), rich_help_panel=f"Options of {writer}")
            annotation: Any = Annotated[hints[field.name] | None, flag]
            flags[field.name] = inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
            )
    return list(flags.values())


def _options(flags: dict[str, Any], settings: list[str], names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Options by writer: the flags given, then `--set writer.key=value`."""
    from convert.writers import find_writer

    options: dict[str, dict[str, Any]] = {name: {} for name in names}
    given = {name: value for name, value in flags.items() if value is not None}
    for name in names:
        known = {field.name for field in dataclasses.fields(find_writer(name).options)}
        options[name] |= {key: value for key, value in given.items() if key in known}
    for setting in settings:
        key, equals, value = setting.partition("=")
        writer, dot, option = key.partition(".")
        if not (equals and dot and option):
            raise UsageError(f"--set {setting}: write it as --set writer.key=value")
        options.setdefault(find_writer(writer).name, {})[option] = value
    return options


command = with_options(build)
