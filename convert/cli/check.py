"""`notebind check`: prints what is wrong with notes, as linters do.

`notebind show` and `notebind schema` print the document model.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import NoReturn

import typer
from msgspec.structs import replace

from convert.cli.build_options import Check
from convert.cli.command_options import Show
from convert.cli.progress import columns, echo_wrapped, shown_progress
from convert.cli.settings import Given, build_request, must_exist, reading_request
from convert.cli.summary import (
    MOST_EXAMPLES,
    NAMED,
    WORDS,
    check_report,
    counted,
    end_with_errors,
    exit_code,
    print_failures,
    print_no_notes,
    relative,
    write_report,
)
from convert.document import note as model
from convert.document.note import NoteHead
from convert.errors import UsageError
from convert.files import open_file
from convert.pipeline.run import rehearse
from convert.report import Diagnostic, diagnostic
from convert.storage.location import Location, local_path
from convert.vault.vault import open_vault
from convert.workers.pool import cores


def check(given: Given) -> None:
    """Print all that a build would say, of notes and of its results; exits with the code of the build."""
    if any(str(one).lower().endswith(".epub") for one in given["notes"]):
        _check_books(given)
    options, request = build_request(Check, given)
    if options.report:
        check_report(options.report)
    with shown_progress(options.quiet) as tell:
        report = rehearse(request, tell)
    if options.report:
        write_report(options.report, report)
    found = list(report.diagnostics)
    for book in report.books:
        found += sorted(book.diagnostics, key=attrgetter("note", "line"))
        found += filter(None, map(_reader_of, book.book.summaries()))
    found = [one for one in found if not (options.quiet and one.severity == "info")]
    _print_found(found)
    if not report.books:
        print_no_notes(found)
    elif not options.quiet:
        _print_counts(found)
    if not (found or options.quiet):
        typer.echo(f"Nothing to remark; notes read: {sum(book.size for book in report.books)}.", err=True)
    print_failures(report, options.strict)
    raise typer.Exit(exit_code(report, options.strict))


def _check_books(given: Given) -> NoReturn:
    """Print what devices refuse or spoil of finished EPUB files; exits with 1 if they refuse one."""
    from convert.writers.epub.devices import DEVICES, named_devices  # most checks are of notes

    if of_notes := sorted(given.keys() - {"notes", "device", "strict", "quiet", "debug"}):
        options = ", ".join(f"--{one.strip('_').replace('_', '-')}" for one in of_notes)
        raise UsageError(f"{given['notes'][0]} is a finished book, not notes: leave out {options}")
    devices = named_devices(given.get("device", "")) or DEVICES
    must_exist(given["notes"])
    found = [one for book in given["notes"] for one in _book_faults(book, devices)]
    quiet = given.get("quiet", False)
    _print_found([one for one in found if not (quiet and one.severity == "info")])
    if not (found or quiet):
        typer.echo(f"Nothing to remark; books read: {len(given['notes'])}.", err=True)
    severities = {one.severity for one in found}
    raise typer.Exit("error" in severities or (given.get("strict", False) and "warning" in severities))


def _book_faults(book: Location, devices: Sequence[str]) -> list[Diagnostic]:
    """Return what devices refuse or spoil of a file. Raises UsageError for one that is no EPUB by its name."""
    from convert.writers.epub.devices import device_faults

    path: Path = local_path(book)
    if path.suffix.lower() != ".epub":
        raise UsageError(f"{path}: is no EPUB: check books and notes one after the other")
    try:
        with open_file(path) as file:
            return list(device_faults(file, str(path), devices))
    except OSError as error:
        return [diagnostic("file-unreadable", str(path), 0, error.strerror or str(error))]


def _print_found(found: Iterable[Diagnostic]) -> None:
    """Print each diagnostic as a line `file:line: code message`; on a terminal below its file, those alike as one."""
    if not columns(sys.stdout):
        for one in found:
            typer.echo(relative(str(one)))
        return
    files: dict[str, list[Diagnostic]] = {}
    for one in found:
        files.setdefault(one.note, []).append(one)
    folds = False
    for name, group in files.items():
        echo_wrapped(relative(name), {relative(name): "place"})
        _print_rows(folded := _folded(group))
        folds = folds or len(folded) < len(group)
        typer.echo()
    if folds:
        echo_wrapped("Add `| less` to see each finding in a line.")


def _folded(group: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return what is found in a file, by line; of more than a few warnings of one code the first speaks for all."""
    kinds: dict[tuple[str, str], list[Diagnostic]] = {}
    for one in group:
        kinds.setdefault((one.severity, one.code), []).append(one)
    folded = []
    for (severity, _), alike in kinds.items():
        if severity == "error" or len(alike) <= NAMED:
            folded += alike
            continue
        alike.sort(key=attrgetter("line"))
        first, last = alike[0], alike[-1].line
        lines = f", lines {first.line} to {last}" if first.line < last else ""
        folded.append(replace(first, message=f"{len(alike):,} times{lines}, e.g. {first.message}"))
    return sorted(folded, key=attrgetter("line"))


def _print_rows(group: Sequence[Diagnostic]) -> None:
    """Print the line, severity, code and message of each diagnostic of a file, in columns if there is room."""
    rows = [(str(one.line or ""), WORDS[one.severity], one.code) for one in group]
    line, word, code = (max(map(len, column)) for column in zip(*rows, strict=True))
    indent = line + word + code + 7
    hanging = " " * (indent if indent < columns(sys.stdout) // 2 else 6)
    for one, row in zip(group, rows, strict=True):
        label = f"{row[1]:{word}} {row[2]:{code}}"
        echo_wrapped(
            f"  {row[0]:>{line}}  {label}  {relative(one.message)}",
            {label: one.severity},
            hanging=hanging,
            divides=True,
        )


def _print_counts(found: Iterable[Diagnostic]) -> None:
    """Print to standard error how many diagnostics of each severity and code there are."""
    counts = Counter((one.severity, one.code) for one in found)
    for severity in MOST_EXAMPLES:
        if codes := {code: number for (of, code), number in counts.most_common() if of == severity}:
            start = f"{counted(sum(codes.values()), WORDS[severity])}:"
            listed = ", ".join(f"{code} {number:,}" for code, number in codes.items())
            echo_wrapped(f"{start} {listed}", {start: severity}, err=True, hanging="  ")


def _reader_of(note: NoteHead) -> Diagnostic | None:
    """Return which reader read a note, None if it is in our own format."""
    message = f"read by the reader {note.reader}; --as NAME has another read it, see `notebind readers`"
    return diagnostic("read-as", note.path, 0, message) if note.reader else None


_OBEYED = (range(0x7F, 0xA0), (0x61C, 0x200E, 0x200F), range(0x2028, 0x202F), range(0x2066, 0x206A))
"""Controls, line ends and bidi marks; JSON escapes the others itself."""
_ESCAPES = {code: f"\\u{code:04x}" for codes in _OBEYED for code in codes}


def show(given: Given) -> None:
    """Print the models of all notes; exits with 1 if a file cannot be read, or there are no notes."""
    _, request = reading_request(Show, given)
    opened = open_vault(request, cores(), lambda _: None)
    for note in opened.notes():
        sys.stdout.buffer.write(harmless(model.dump(note)) + b"\n")
    sys.stdout.buffer.flush()
    end_with_errors(opened)


def harmless(line: bytes) -> bytes:
    """Return the same JSON with characters that a terminal obeys or hides as escapes."""
    return line if line.isascii() and b"\x7f" not in line else line.decode().translate(_ESCAPES).encode()


def schema(_: Given) -> None:
    """Print the schema of the document model."""
    typer.echo(json.dumps(model.schema(), indent=1))
