"""Prints the results of a build: a table, the worst diagnostics, where the files are; writes them as JSON."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import typer

from convert.cli.progress import cells, columns, cut, echo_wrapped, painted, print_error
from convert.errors import SaveError, UsageError
from convert.pipeline.records import Saved
from convert.pipeline.report import BookReport, Report
from convert.report import Diagnostic, Severity, visible
from convert.request import Request
from convert.storage.folder import Folder
from convert.storage.location import Location, read
from convert.vault.discovery import NOTE_SUFFIXES
from convert.vault.vault import Vault
from convert.writers import defaults

MOST_EXAMPLES: dict[Severity, int] = {"error": 5, "warning": 1, "info": 1}
"""Diagnostics of one code that are printed, by severity; `notebind check` prints all."""
WORDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "remark"}
"""What people are told of the severities."""
_REPORT_START = b'{\n "schema": 1,\n "books": ['
"""How every report begins."""
NAMED = 3
"""Most inputs that are named in a command to type, files that are left out, and findings of one code of a file."""
_MOST_BOOKS = 20
"""Books that are listed."""
_FEW_BOOKS = 10
"""Books whose files a terminal lists; of more it has a line for each book."""
_WIDEST_BOOK = 32
"""Columns of the name of a book after which its numbers are no longer in columns."""
_WIDEST = 60
"""Characters of the name of a file after which its size is no longer in a column."""


def exit_code(report: Report, strict: bool) -> int:
    """Return 1 if something is missing from the outputs, or with `strict` if there are warnings; else 0."""
    warned = strict and report.severities()["warning"] > 0
    return 1 if report.failed() or warned or not report.books else 0


def print_result(report: Report, request: Request, quiet: bool, seconds: float = 0, strict: bool = False) -> None:
    """Print problems to standard error, what was made and where to standard output, then what failed.

    A terminal that shows both has what was made first, or it would be far up.
    """
    made_first = not quiet and columns(sys.stderr) > 0 and columns(sys.stdout) > 0
    if not made_first:
        print_problems(report, quiet, request)
    if not quiet:
        _print_books(report, request.output, seconds)
        print_gone(report, request)
        if request.settings:
            echo_wrapped(f"Settings are those of {request.settings}.")
    if made_first:
        counts = report.severities()
        if counts["error"] or (counts and any(map(_made_now, report.books))):
            typer.echo()
        print_problems(report, quiet, request)
    print_failures(report, strict)


def print_problems(report: Report, quiet: bool, request: Request) -> None:
    """Print to standard error what is wrong with notes, with `quiet` only errors, and a lack of notes.

    If nothing was made again, only errors are repeated; the others are counted.
    """
    counts, check = report.severities(), check_command(request)
    is_new = any(map(_made_now, report.books))
    told: tuple[Severity, ...] = ("error", "warning", "info") if is_new and not quiet else ("error",)
    found = report.all_diagnostics()
    if not columns(sys.stderr):  # where remarks are lines, those that are named below are not said twice
        found = (one for one in found if not _has_times(one))
    shown, kinds = print_groups(found, told) if any(counts[one] for one in told) else (0, 0)
    if not quiet and report.books:
        if shown and counts.total() > shown and columns(sys.stderr):
            typer.echo(err=True)
        _print_left_out(report.diagnostics, check)
        if counts.total() > shown:
            several = columns(sys.stderr) and 1 < kinds < counts["info"]
            print_total(totals(counts) + (f" of {kinds} kinds" if several else ""), check)
    if not report.books:
        print_no_notes(report.diagnostics)


def print_total(total: str, check: str) -> None:
    """Print to standard error how many diagnostics there are, and what to type to see them: apart, or it would wrap."""
    line, width = f"{total}; see `{check}`", columns(sys.stderr)
    lines = [line] if not width or cut(line, width - 1) == line else [f"{total}; see", f"  `{check}`"]
    paint = {part: severity for part in total.split(", ") for severity, word in WORDS.items() if f" {word}" in part}
    echo_wrapped(lines[0], paint, err=True)
    for one in lines[1:]:
        echo_wrapped(one, err=True)


def print_failures(report: Report, strict: bool = False) -> None:
    """Print to standard error which writers failed, and why, and with `strict` that warnings alone fail the run."""
    for book in report.books:
        for writer, cause in book.failures.items():
            print_error(f"{book.name}: {writer} failed: {cause}")
    if strict and (warnings := report.severities()["warning"]) and not report.failed():
        print_error(f"--strict fails on {counted(warnings, 'warning')}")


def print_groups(found: Iterable[Diagnostic], told: Container[Severity]) -> tuple[int, int]:
    """Print to standard error a few diagnostics of each code, errors first.

    Return how many are shown in full, and how many kinds of remarks there are.
    """
    counts: Counter[str] = Counter()
    groups: dict[str, list[Diagnostic]] = {}
    for one in found:
        if one.severity in told:
            counts[one.code] += 1
            if counts[one.code] <= MOST_EXAMPLES[one.severity]:
                groups.setdefault(one.code, []).append(one)
    order = list(MOST_EXAMPLES)
    for number, group in enumerate(sorted(groups.values(), key=lambda group: order.index(group[0].severity))):
        if number and columns(sys.stderr) and group[0].severity != "info":
            typer.echo(err=True)
        _print_group(group, counts[group[0].code])
    faults = [len(group) for group in groups.values() if group[0].severity != "info"]
    return sum(faults), len(groups) - len(faults)


def _print_group(group: Sequence[Diagnostic], count: int) -> None:
    """Print diagnostics of one code: on a terminal faults below a heading, elsewhere each on a line of its own."""
    severity, code = group[0].severity, group[0].code
    start = f"{WORDS[severity]}:"
    more = f" (and {count - len(group):,} more)" if count > len(group) else ""
    if not columns(sys.stderr):
        for one in group:
            typer.echo(f"{start} {relative(str(one))}{more if one is group[-1] else ''}", err=True)
        return
    if severity == "info":  # remarks are no faults: they are counted
        return
    heading = f"{start} {code}{f' ({count:,})' if count > 1 else ''}"
    typer.echo(painted(heading, severity, sys.stderr), err=True)
    for one in group:
        place = relative(place_of(one))
        echo_wrapped(f"{place}: {relative(one.message)}", {place: "place"}, err=True, indent="  ")


def place_of(one: Diagnostic) -> str:
    """Return the file of a diagnostic, with the line if it has one."""
    return f"{one.note}:{one.line}" if one.line else one.note


def relative(text: str) -> str:
    """Return the text with paths below the current folder named from there; below `/` they are short as they are."""
    try:
        here = os.path.join(os.getcwd(), "")
    except OSError:  # the folder was removed
        return text
    return text if here == os.sep else f" {text}".replace(f" {here}", " ")[1:]


def print_no_notes(found: Iterable[Diagnostic]) -> None:
    """Print to standard error that no notes were found, and what is missing in the text files that were."""
    found = list(found)
    others = sum(one.code == "not-a-note" for one in found)
    cause = "give a folder with .md, .markdown or .txt notes, or a file"
    if any(one.severity == "error" for one in found):
        cause = "what is there cannot be read"
    if others:
        cause = f"{counted(others, 'text file')}, but no stamp such as [00:12:34] and no videoId in front matter"
    _print_left_out(found)
    print_error(f"no notes found: {cause}")


def _has_times(one: Diagnostic) -> bool:
    return one.code == "not-a-note" and one.line > 0


def _print_left_out(found: Iterable[Diagnostic], check: str = "notebind check NOTES") -> None:
    """Print to standard error how many files with times are left out, and what is said of the first ones."""
    timed = list(filter(_has_times, found))
    if not timed:
        return
    print_error(f"{counted(len(timed), 'file')} with times left out:", severity="warning")
    for one in timed[:NAMED]:
        echo_wrapped(relative(str(one)), err=True, indent="  ")
    if len(timed) > NAMED:
        echo_wrapped(f"and {len(timed) - NAMED:,} more: `{check}` shows all", err=True, indent="  ")


def end_with_errors(vault: Vault) -> None:
    """Print the files of a vault that could not be read; exit with 1 if there are any, or no notes."""
    errors = [found for found in vault.file_diagnostics if found.severity == "error"]
    for found in errors:
        typer.echo(f"{found.severity}: {relative(str(found))}", err=True)
    if not vault.plans:
        print_no_notes(vault.file_diagnostics)
    if errors or not vault.plans:
        raise typer.Exit(1)


def _made_now(book: BookReport) -> list[Saved]:
    """Return the artifacts that this run made; failures count as a change without any."""
    return [one for one in book.artifacts if one.writer not in book.unchanged]


def _print_books(report: Report, output: Location, seconds: float) -> None:
    """Print what this run made of each book, a line for each file, then how many files there are."""
    if not report.books:
        return
    made = [book for book in report.books if _made_now(book)]
    folder = relative(os.path.join(str(output), ""))
    if columns(sys.stdout) and len(made) > _FEW_BOOKS:
        _print_briefly(made)
    else:
        _print_files(made[:_MOST_BOOKS], folder)
    if len(made) > _MOST_BOOKS:
        typer.echo(f"and {len(made) - _MOST_BOOKS:,} more books; --report FILE names all files")
    spent = f" ({seconds:.1f} s)" if seconds and columns(sys.stdout) else ""
    text = _files_in(report, folder)
    echo_wrapped(text + spent, {text.partition(" in ")[0]: "good"})


def _print_files(books: Sequence[BookReport], folder: str) -> None:
    """Print what this run made of each book, a line for each file; a terminal has blank lines between books."""
    listed = [(book, _files(book, folder)) for book in books]
    widest = max((len(name) for _, files in listed for name in files if len(name) <= _WIDEST), default=0)
    for book, files in listed:
        echo_wrapped(f"{book.name}: {_counts(book)}", {f"{book.name}:": "place"})
        for name, about in files.items():
            gap = " " * (widest - len(name) + 7 - len(about[0]))
            typer.echo(f"  {name}{gap if columns(sys.stdout) else ''}  {'  '.join(about)}")
        if columns(sys.stdout) and len(books) > 1:
            typer.echo()


def _print_briefly(books: Sequence[BookReport]) -> None:
    """Print a line for each of the first books by name: notes, stamps, and formats unless those of all are the same."""
    made = {book.name: ", ".join(dict.fromkeys(one.writer for one in _made_now(book))) for book in books}
    formats = set(made.values())
    each = f", each as {formats.pop()}" if len(formats) == 1 else ""
    number = f"{len(books):,} books"
    echo_wrapped(f"{number}{each}:", {number: "place"})
    listed = sorted(books, key=lambda book: book.name.casefold())[:_MOST_BOOKS]
    counts = [[counted(book.counts.get(name, 0), name[:-1]) for name in ("notes", "stamps")] for book in listed]
    columns_of = [_aligned(column) for column in zip(*counts, strict=True)]
    widest = min(max(cells(visible(book.name)) for book in listed), _WIDEST_BOOK)
    for book, *numbers in zip(listed, *columns_of, strict=True):
        name = visible(book.name)
        text = "  ".join([name + " " * (widest - cells(name)), *numbers, *([] if each else [made[book.name]])])
        echo_wrapped(f"  {text.rstrip()}", {name: "place"}, hanging="    ")


def _aligned(counted: Sequence[str]) -> list[str]:
    """Return numbers with their units so that both are in columns: numbers end below each other, units begin."""
    pairs = [one.split(" ") for one in counted]
    number, unit = (max(map(len, column)) for column in zip(*pairs, strict=True))
    return [f"{one:>{number}} {what:<{unit}}" for one, what in pairs]


def _counts(book: BookReport) -> str:
    """Return what a book was made of, in words."""
    counts = book.counts
    words = {"videos": "video", "notes": "note", "words": "word", "stamps": "stamp", "links_resolved": "link"}
    return ", ".join(counted(counts[name], word) for name, word in words.items() if counts[name])


def _files(book: BookReport, folder: str) -> dict[str, list[str]]:
    """Return what is said of each file that this run made: its size; of a folder also the number of files in it."""
    sizes: dict[str, list[int]] = {}
    for one in _made_now(book):
        first, slash, _ = one.path.partition("/")
        sizes.setdefault(visible(folder + first + slash), []).append(one.bytes)
    return {
        name: [_size(sum(found)), *([counted(len(found), "file")] if name.endswith("/") else [])]
        for name, found in sizes.items()
    }


def _files_in(report: Report, folder: str) -> str:
    """Return how many files there are, and how many of them this run made unless it made all."""
    saved = sum(len(book.artifacts) for book in report.books)
    made = sum(len(_made_now(book)) for book in report.books)
    files = f"{counted(saved, 'file')} in {folder}"
    if made == saved:
        return files
    return f"{files}, {made:,} of them made now" if made else f"{files}: up to date"


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


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def totals(counts: Mapping[Severity, int]) -> str:
    """Return how many diagnostics of each severity there are, in words."""
    return ", ".join([counted(counts[severity], word) for severity, word in WORDS.items() if counts[severity]])


def check_command(request: Request) -> str:
    """Return what to type to see all diagnostics of a build."""
    notes = [relative(str(one)) for one in request.notes]
    typed = notes if 0 < len(notes) <= NAMED else ["NOTES"]
    if request.videos:
        typed += ["--videos", relative(str(request.videos))]
    if request.writers not in ((), defaults()):
        typed += ["--to", ",".join(request.writers)]
    if str(request.output) != "output":
        typed += ["--output", relative(str(request.output))]
    return visible(shlex.join(["notebind", "check", *typed]))


def counted(number: int, word: str) -> str:
    """Return a number with its word, which has an s unless it is 1."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


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
