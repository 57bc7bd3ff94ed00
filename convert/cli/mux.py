"""`notebind mux`: puts the chapters of notes into media files, or into files beside them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from convert import mux as files
from convert.cli.options import MEGABYTE, MaxNoteSize, Quiet, TimeFormat, must_exist
from convert.cli.settings import with_settings
from convert.errors import NotebindError, UsageError
from convert.render.chapters import DEFAULT, FORMATS, Format, find_format
from convert.storage.location import local_path, path_or_address

Files = Annotated[list[Path], typer.Argument(parser=local_path, metavar="VIDEO...", help="Video or audio files.")]
MuxNotes = Annotated[
    list[str],
    typer.Option(
        "--notes", "-n", parser=path_or_address, metavar="PATH", help="Folders or files of notes; repeatable."
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        parser=local_path,
        metavar="PATH",
        help="A file for one video, a folder for many.",
        show_default="output",
    ),
]


@partial(with_settings, own=("output",))
def mux(
    videos: Files,
    notes: MuxNotes,
    output: Output = Path("output"),
    video_id: Annotated[str, typer.Option("--video-id", help="Which video the file is, when its name has no id.")] = "",
    sidecar: Annotated[bool, typer.Option("--sidecar", help="Write files beside the video, named after it.")] = False,
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace the file, once its copy is verified.")] = False,
    chapters_formats: Annotated[str, typer.Option(help="Formats for --sidecar, separated by commas.")] = "",
    chapters_depth: Annotated[int, typer.Option(help="How many levels of headings become chapters.")] = 2,
    time_format: TimeFormat = "auto",
    max_note_size: MaxNoteSize = 16,
    quiet: Quiet = False,
) -> None:
    """Embed the chapters of notes in video or audio files, without re-encoding."""
    must_exist(notes)
    if sidecar and in_place:
        raise UsageError("--sidecar and --in-place exclude each other: the first leaves the file alone")
    if video_id and len(videos) > 1:
        raise UsageError("--video-id names one video: give one file")
    failed = False
    most = max_note_size * MEGABYTE
    for path, found in zip(
        videos, files.timelines(videos, notes, video_id, time_format, chapters_depth, most), strict=True
    ):
        try:
            _must_be_file(path)
            if isinstance(found, NotebindError):
                raise found
            if sidecar:
                lines = [str(written) for written in files.sidecar(path, found, _formats(chapters_formats))]
            else:
                target = path if in_place else _target(path, output, len(videos))
                with _bar(path, quiet) as progress:
                    made = files.mux(path, target, found, progress)
                lines = [f"{made.path}: {made.chapters} chapters"]
            for line in () if quiet else lines:
                typer.echo(line)
        except NotebindError as error:
            failed = True
            typer.echo(f"notebind: {error}", err=True)
    raise typer.Exit(1 if failed else 0)


def _must_be_file(path: Path) -> None:
    """Raise UsageError that says what to name instead."""
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
