"""`notebind mux`: puts the chapters of notes into media files, or into files beside them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from convert import mux as files
from convert.cli.command_options import Mux
from convert.cli.settings import MEGABYTE, Given, must_exist, with_settings
from convert.errors import NotebindError, UsageError
from convert.render.chapters import DEFAULT, FORMATS, Format, find_format


def mux(given: Given) -> None:
    """Put chapters into each file in turn, or beside it; exits with 1 if one of them failed."""
    # The settings file's output is the folder of books, not of media files.
    options = with_settings(Mux, {"output": Path("output"), **given})
    must_exist(options.notes)
    if options.sidecar and options.in_place:
        raise UsageError("--sidecar and --in-place exclude each other: the first leaves the file alone")
    if options.video_id and len(options.videos) > 1:
        raise UsageError("--video-id names one video: give one file")
    failed = False
    timelines = files.timelines(
        options.videos,
        options.notes,
        options.video_id,
        options.time_format,
        options.chapters_depth,
        options.max_note_size * MEGABYTE,
    )
    for path, found in zip(options.videos, timelines, strict=True):
        try:
            _must_be_file(path)
            if isinstance(found, NotebindError):
                raise found
            if options.sidecar:
                formats = _formats(options.chapters_formats)
                lines = [str(written) for written in files.sidecar(path, found, formats)]
            else:
                target = path if options.in_place else _target(path, options.output, len(options.videos))
                with _bar(path, options.quiet) as progress:
                    made = files.mux(path, target, found, progress)
                lines = [f"{made.path}: {made.chapters} chapters"]
            if not options.quiet:
                typer.echo("\n".join(lines))
        except NotebindError as error:
            failed = True
            typer.echo(f"notebind: {error}", err=True)
    raise typer.Exit(1 if failed else 0)


def _must_be_file(path: Path) -> None:
    """Raise UsageError that says which file to name."""
    if path.is_dir():
        raise UsageError(f"{path}: is a folder: name the files in it, as {path / '*.mp4'}")
    if not path.is_file():
        raise UsageError(f"{path}: no such file: check the path")


def _target(path: Path, output: Path, files: int) -> Path:
    """Return the file to be made; UsageError if it is the one that is read."""
    is_file = files == 1 and output.suffix.lower() == path.suffix.lower() and not output.is_dir()
    target = output if is_file else output / path.name
    if target.exists() and path.exists() and target.samefile(path):
        raise UsageError(f"{path}: the output is the file itself: use --in-place or another --output")
    return target


def _formats(names: str) -> list[Format]:
    found = []
    for name in FORMATS if names == "all" else (names or DEFAULT).split(","):
        kind = find_format(name.strip())
        if not kind:
            raise UsageError(f"no chapter format is called {name.strip()!r}: known are {', '.join(FORMATS)}, all")
        found.append(kind)
    return found


@contextmanager
def _bar(path: Path, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar by bytes on a terminal; yields what advances it. Its end is twice the size: copies are compared."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich import progress
    from rich.console import Console

    columns = (progress.TextColumn("{task.description}"), progress.BarColumn(), progress.DownloadColumn())
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(path.name, total=2 * path.stat().st_size)
        yield lambda count: shown.advance(task, count)
