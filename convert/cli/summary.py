"""Prints the results of a build: a table, the worst diagnostics, where the files are; writes them as JSON."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import msgspec
import typer

from convert.errors import SaveError, UsageError
from convert.pipeline.report import BookReport, Report
from convert.report import Diagnostic, Severity, visible
from convert.request import Request
from convert.storage.folder import Folder
from convert.storage.location import Location, read
from convert.vault.discovery import NOTE_SUFFIXES
from convert.vault.vault import Vault

SHOWN = 12
"""Diagnostics that are printed; `notebind check` prints all of the notes, `--report` lists those of writers too."""
_REPORT_START = b'{\n "schema": 1,\n "books": ['
"""How every report begins."""
NAMED = 3
"""Most inputs that are named in a command to type, and files that are left out."""


def exit_code(report: Report, strict: bool) -> int:
    """Return 1 if something is missing from the outputs, or with `strict` if there are warnings; else 0."""
    warned = strict and report.severities()["warning"] > 0
    return 1 if report.failed() or warned or not report.books else 0


def print_result(report: Report, request: Request, quiet: bool) -> None:
    """Print the table and where the files are to standard output, problems to standard error."""
    if not quiet:
        _print_table(report, request.output)
        print_gone(report, request)
        if request.settings:
            typer.echo(visible(f"Settings are those of {request.settings}."))
    print_problems(report, quiet, request.notes, request.videos)


def print_problems(report: Report, quiet: bool, notes: Sequence[Location] = (), videos: Path | None = None) -> None:
    """Print to standard error what is wrong with notes (`quiet`: errors only), what failed, and a lack of notes."""
    check = check_command(notes, videos)
    _print_diagnostics(report, quiet, check)
    if not quiet and report.books:
        _print_left_out(report.diagnostics, check)
    for book in report.books:
        for writer, cause in book.failures.items():
            typer.echo(visible(f"notebind: {book.name}: {writer} failed: {cause}"), err=True)
    if not report.books:
        print_no_notes(report.diagnostics)


def print_no_notes(found: Iterable[Diagnostic]) -> None:
    """Print to standard error that no notes were found, and what is missing in the text files that were."""
    found = list(found)
    others = sum(one.code == "not-a-note" for one in found)
    cause = "give a folder with .md, .markdown or .txt notes, or a file"
    if others:
        cause = f"{_counted(others, 'text file')}, but no stamp such as [00:12:34] and no videoId in front matter"
    _print_left_out(found)
    typer.echo(f"notebind: no notes found: {cause}", err=True)


def _print_left_out(found: Iterable[Diagnostic], check: str = "notebind check NOTES") -> None:
    """Print to standard error how many files with times are left out, and what is said of the first ones."""
    timed = [one for one in found if one.code == "not-a-note" and one.line]
    if not timed:
        return
    typer.echo(f"notebind: {_counted(len(timed), 'file')} with times left out:", err=True)
    for one in timed[:NAMED]:
        typer.echo(visible(f"  {one}"), err=True)
    if len(timed) > NAMED:
        typer.echo(f"  and {len(timed) - NAMED} more: `{check}` shows all", err=True)


def end_with_errors(vault: Vault) -> None:
    """Print the files of a vault that could not be read; exit with 1 if there are any, or no notes."""
    errors = [found for found in vault.file_diagnostics if found.severity == "error"]
    for found in errors:
        typer.echo(f"{found.severity}: {found}", err=True)
    if not vault.plans:
        print_no_notes(vault.file_diagnostics)
    if errors or not vault.plans:
        raise typer.Exit(1)


def _print_table(report: Report, output: Location) -> None:
    if not report.books:
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("book")
    for name in ("videos", "notes", "words", "stamps", "links"):
        table.add_column(name, justify="right")
    table.add_column("files")
    for book in report.books:
        counts = book.counts
        row = [f"{counts[name]:,}" for name in ("videos", "notes", "words", "stamps", "links_resolved")]
        # As texts, because rich reads brackets in a name as its markup.
        table.add_row(Text(visible(book.name)), *row, Text(visible(_files(book))))
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print(visible(_files_in(report, output)), markup=False, highlight=False)


def _files_in(report: Report, output: Location) -> str:
    """Return how many files there are, and how many of them this run made unless it made all."""
    saved = [(one, book) for book in report.books for one in book.artifacts]
    made = sum(one.writer not in book.unchanged for one, book in saved)
    files = f"{_counted(len(saved), 'file')} in {output}{os.sep}"
    if made == len(saved):
        return files
    return f"{files}, {made} of them made now" if made else f"{files}: nothing has changed, none was made again"


def print_gone(report: Report, request: Request) -> None:
    """Print the books whose notes are gone, and what became of their files."""
    kept = [one.note for one in report.diagnostics if one.code == "artifact-kept"]
    for record in report.gone:
        names = []
        for name in sorted({one.path.partition("/")[0] for one in record.artifacts}):
            in_part = any(path.startswith(f"{request.output}/{name}/") for path in kept)
            names.append(f"{name} (in part)" if in_part else name)
        about = ", ".join(names) or f"nothing of {record.writer}"
        done = "removed" if request.prune else "kept; --prune removes it"
        typer.echo(visible(f"The notes of {record.book} are gone: {about} {done}."))


def _files(book: BookReport) -> str:
    """Return the artifacts in short: files by name, folders by the number of files in them."""
    folders = Counter(path.parts[0] for saved in book.artifacts if len((path := Path(saved.path)).parts) > 1)
    files = [f"{saved.path} ({_size(saved.bytes)})" for saved in book.artifacts if "/" not in saved.path]
    return ", ".join([*files, *(f"{name}/ ({number} files)" for name, number in folders.items())])


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _print_diagnostics(report: Report, quiet: bool, check: str) -> None:
    """Print the first diagnostics, errors before warnings, and how many there are."""
    counts = report.severities()
    for one in _first(report, counts, ("error",) if quiet else ("error", "warning")):
        typer.echo(f"{one.severity}: {one}", err=True)
    if not quiet and (counts["error"] + counts["warning"] > SHOWN or counts["info"]):
        which = "lists those of the notes, `--report FILE` all"
        if counts.total() == 1:
            which = "shows it if it is about a note, `--report FILE` always"
        typer.echo(f"In all {totals(counts)}: `{check}` {which}.", err=True)


def totals(counts: Mapping[Severity, int]) -> str:
    """Return how many diagnostics of each severity there are, in words."""
    words: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "remark"}
    return ", ".join([_counted(counts[severity], word) for severity, word in words.items() if counts[severity]])


def check_command(notes: Sequence[Location], videos: Path | None) -> str:
    """Return what to type to see all diagnostics of notes, judged by the lengths of the same videos."""
    names = shlex.join(map(str, notes)) if 0 < len(notes) <= NAMED else "NOTES"
    lengths = f" --videos {shlex.quote(str(videos))}" if videos else ""
    return visible(f"notebind check {names}{lengths}")


def _first(report: Report, counts: Mapping[Severity, int], severities: Iterable[Severity]) -> Iterator[Diagnostic]:
    """Yield the first diagnostics of each severity in turn, `SHOWN` in all; the rest are not looked at."""
    room = SHOWN
    for severity in severities:
        if most := min(room, counts[severity]):
            yield from islice((one for one in report.all_diagnostics() if one.severity == severity), most)
        room -= most


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def check_report(path: Path) -> None:
    """Raise UsageError if a report would replace anything but an earlier report: it may go into a pipe or a device."""
    if path.is_dir():
        raise UsageError(f"{path}: is a folder: name a file for --report")
    if path.is_relative_to("/dev") or not path.is_file():
        return
    try:
        start = read(str(path), len(_REPORT_START))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}): choose another --report") from error
    if start != _REPORT_START and (start or path.suffix.lower() in NOTE_SUFFIXES):
        raise UsageError(f"{path}: is no report of notebind and would be replaced: choose another --report")


def write_report(path: Path, report: Report) -> None:
    """Write the report as JSON. Raises UsageError if it would replace another file, SaveError if it is not possible."""
    check_report(path)
    data = msgspec.json.format(msgspec.json.encode(_as_json(report)), indent=1) + b"\n"
    if not path.is_relative_to("/dev") and (os.path.isfile(path) or not os.path.exists(path)):
        Folder(path.parent).write(path.name, data)
        return
    try:  # a pipe or a device would be replaced by a file, which root may do
        path.write_bytes(data)
    except OSError as error:
        raise SaveError(f"{path}: cannot be written ({error.strerror}): choose another --report") from error


def _as_json(report: Report) -> dict[str, object]:
    books = []
    for one in report.books:
        about = {"name": one.name, "title": one.title, "artifacts": one.artifacts, "failures": one.failures}
        found = {"unchanged": one.unchanged, "counts": one.counts, "diagnostics": list(one.diagnostics)}
        books.append(about | found)
    return {"schema": 1, "books": books, "diagnostics": report.diagnostics}
