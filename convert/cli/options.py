"""The options that commands share, and the request that those of `build` make."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from convert.errors import UsageError
from convert.request import Request, source_date_epoch
from convert.storage.location import Location, local_path, path_or_address, storage_at
from convert.writers import DEFAULT, built_in, find_writer, make_options

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
PORT = 8780
"""Where the site is, or any free port if that is taken; not AnkiConnect's, where `push` looks for Anki."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """The request that the options of `build` make, and what is printed and written about it."""

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
    **writer_options: Any,
) -> Asked:
    """Return what the options ask for; UsageError or SaveError if it cannot be done."""
    names = tuple(dict.fromkeys(filter(None, map(str.strip, to.split(","))))) or DEFAULT
    options = _options_by_writer(writer_options, set_ or [], names)
    for name in names:
        make_options(find_writer(name), options[name])
    must_exist(notes)
    for folder in (vault, videos):
        if folder:
            must_exist([folder])
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


def _options_by_writer(flags: dict[str, Any], settings: list[str], names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the options by writer: the flags given, then `--set writer.key=value`."""
    options: dict[str, dict[str, Any]] = {}
    for name in names:
        options[name] = {}
        for field in dataclasses.fields(find_writer(name).options):
            if flags.get(field.name) is not None:
                options[name][field.name] = flags[field.name]
    for setting in settings:
        key, equals, value = setting.partition("=")
        writer, dot, option = key.partition(".")
        if not (equals and dot and option):
            raise UsageError(f"--set {setting}: write it as --set writer.key=value")
        options.setdefault(find_writer(writer).name, {})[option] = value
    return options


def must_exist(notes: Sequence[Location]) -> None:
    """Raise UsageError if none of the inputs exists; if some do, the others are diagnostics."""
    for one in notes:
        if storage_at(one).exists():
            return
    raise UsageError(f"{', '.join(map(str, notes))}: no such file or folder: check the path")


def reading_request(notes: Notes, vault: str | None, time_format: TimeFormat, max_note_size: int) -> Request:
    """Return the request of a command that only reads notes; UsageError if none of them exists."""
    must_exist(notes)
    return Request(tuple(notes), vault=vault, time_format=time_format, max_note_bytes=max_note_size * MEGABYTE)


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
