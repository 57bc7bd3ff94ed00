"""`notebind mux`: puts the chapters of notes into media files, or into files beside them."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from convert import mux as files
from convert.cli.command_options import Mux
from convert.cli.progress import columns, echo_wrapped, print_error
from convert.cli.settings import MEGABYTE, SECONDS_A_MINUTE, Given, check_default_output, must_exist, with_settings
from convert.cli.summary import check_command, print_groups, print_total, totals
from convert.errors import NotebindError, UsageError
from convert.extract.timeline import Timeline
from convert.mux.own_files import OwnFiles
from convert.render.chapters import Format
from convert.report import Diagnostic, visible
from convert.request import Request
from convert.vault.video_files import MEDIA_SUFFIXES, video_id
from convert.writers.chapters import ChapterOptions, chosen_formats


def mux(given: Given) -> None:
    """Put chapters into each file in turn, or beside it; exits with 1 if one of them failed."""
    # The settings file's output is the folder of books, not of media files.
    options = with_settings(Mux, {"output": Path("output"), **given})
    must_exist(options.notes)
    _must_agree(options, given)
    if not (options.sidecar or options.in_place):
        check_default_output(options.output, given)
    formats = chosen_formats(ChapterOptions(options.chapters_formats)) if options.sidecar else []
    own, failed = OwnFiles(options.replace), list[Exception]()
    for path, found in zip(options.videos, _timelines(options), strict=True):
        with _in_one_line(path, failed):
            _must_be_file(path)
            if isinstance(found, NotebindError):
                raise found
            if options.sidecar:
                _write_beside(options, path, found, formats, own, failed)
            else:
                _embed(options, path, found, own)
    if own.forgotten:
        after = "a later run will take what was written for yours, and needs --replace"
        print_error(f"{own.forgotten}: {after}", severity="warning")
    raise typer.Exit(1 if failed else 0)


def _must_agree(options: Mux, given: Given) -> None:
    """Raise UsageError for options that exclude each other, or that would do nothing."""
    if options.sidecar and options.in_place:
        raise UsageError("--sidecar and --in-place exclude each other: the first leaves the file alone")
    if "output" in given and (options.sidecar or options.in_place):
        name, place = ("--sidecar", "beside the film") if options.sidecar else ("--in-place", "into the file itself")
        raise UsageError(f"--output and {name} exclude each other: {name} writes {place}; leave one out")
    if "chapters_formats" in given and not options.sidecar:
        raise UsageError("--chapters-formats are files beside the film: give --sidecar too")
    if options.video_id and len(options.videos) > 1:
        raise UsageError("--video-id names one video: give one file")
    if not (options.sidecar or options.in_place):
        _must_fit(options.videos, options.output)


def _must_fit(videos: Sequence[Path], output: Path) -> None:
    """Raise UsageError for the name of a media file that cannot be the output of these: it would become a folder."""
    suffix = output.suffix.lower()
    if suffix not in MEDIA_SUFFIXES or output.is_dir():
        return
    if len(videos) > 1:
        raise UsageError(f"--output {output} is one file, but {len(videos)} are given: name a folder")
    if suffix != videos[0].suffix.lower():
        wanted = output.with_suffix(videos[0].suffix)
        raise UsageError(f"--output {output}: the copy stays what {videos[0]} is: name it {wanted}, or give a folder")


@contextmanager
def _in_one_line(path: Path, failed: list[Exception]) -> Iterator[None]:
    """Print an error about a film in one line and add it to the list: it ends what is in the block, not the run."""
    try:
        yield
    except NotebindError as error:
        failed.append(error)
        print_error(str(error))
    except OSError as error:
        failed.append(error)
        print_error(f"{error.filename or path}: {error.strerror or error}: check the path")


def _timelines(options: Mux) -> list[Timeline | NotebindError]:
    """Return the timeline of each file, and print what the notes say about their times."""
    found: list[Diagnostic] = []
    timelines = files.timelines(
        options.videos,
        options.notes,
        options.video_id,
        options.time_format,
        options.chapters_depth,
        options.max_note_size * MEGABYTE,
        options.max_minutes * SECONDS_A_MINUTE,
        found.append,
    )
    _print_found(found, options)
    return timelines


def _print_found(found: Sequence[Diagnostic], options: Mux) -> None:
    counts = Counter(one.severity for one in found)
    shown, kinds = print_groups(found, ("error",) if options.quiet else ("error", "warning", "info"))
    shown += 0 if columns(sys.stderr) else kinds  # remarks too are lines there
    if counts.total() > shown and not options.quiet:
        folders = {path.parent for path in options.videos}
        folder = folders.pop() if len(folders) == 1 else Path("FOLDER")
        check = check_command(Request(tuple(options.notes), videos=folder))
        print_total(totals(counts), check)
        if not all(map(video_id, options.videos)):
            echo_wrapped("It looks at films with [videoId] in their names.", err=True)


def _write_beside(
    options: Mux, path: Path, found: Timeline, formats: list[Format], own: OwnFiles, failed: list[Exception]
) -> None:
    for kind in formats:
        with _in_one_line(path, failed):
            for written in files.sidecar(path, found, [kind], own):
                _say(options, str(written))


def _embed(options: Mux, path: Path, found: Timeline, own: OwnFiles) -> None:
    target = path if options.in_place else _target(path, options.output, len(options.videos))
    with _bar(path, options.quiet) as progress:
        made = files.mux(path, target, found, progress, own)
    _say(options, f"{made.path}: {made.chapters} chapter{'s' if made.chapters != 1 else ''}")


def _say(options: Mux, text: str) -> None:
    if not options.quiet:
        typer.echo(visible(text))


def _must_be_file(path: Path) -> None:
    """Raise UsageError that says which file to name."""
    if os.path.isdir(path):
        raise UsageError(f"{path}: is a folder: name the files in it, as {path / '*.mp4'}")
    if not os.path.isfile(path):
        raise UsageError(f"{path}: no such file: check the path")


def _target(path: Path, output: Path, files: int) -> Path:
    """Return the file to be made; UsageError if it is the one that is read."""
    is_file = files == 1 and output.suffix.lower() == path.suffix.lower() and not os.path.isdir(output)
    target = output if is_file else output / path.name
    if os.path.exists(target) and os.path.exists(path) and target.samefile(path):
        raise UsageError(f"{path}: the output is the file itself: use --in-place or another --output")
    return target


@contextmanager
def _bar(path: Path, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar by bytes on a terminal; yields what advances it. Its end is twice the size: copies are compared."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich import progress
    from rich.console import Console

    columns = (progress.TextColumn("{task.description}", markup=False), progress.BarColumn(), progress.DownloadColumn())
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(visible(path.name), total=2 * path.stat().st_size)
        yield lambda count: shown.advance(task, count)
