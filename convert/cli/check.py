"""`notebind check`: prints what is wrong with notes, as linters do.

`notebind show` and `notebind schema` print the document model.
"""

from __future__ import annotations

import json
import sys
from itertools import chain

import typer

from convert.cli.command_options import Check, Show
from convert.cli.progress import shown_progress
from convert.cli.settings import Given, reading_request
from convert.cli.summary import end_with_errors, print_no_notes
from convert.document import note as model
from convert.document.note import NoteHead
from convert.report import diagnostic
from convert.vault.vault import open_vault
from convert.workers.pool import cores


def check(given: Given) -> None:
    """Print the diagnostics of all notes; exits with 1 if there are errors, or no notes."""
    options, request = reading_request(Check, given)
    with shown_progress(options.quiet) as tell:
        opened = open_vault(request, options.jobs or cores(), tell)
    found = list(opened.diagnostics())
    for one in found:
        if not (options.quiet and one.severity == "info"):
            typer.echo(str(one))
    notes = sum(len(plan.notes) for plan in opened.plans)
    for note_id in chain.from_iterable(plan.notes for plan in opened.plans) if not options.quiet else ():
        _print_reader(opened.resolved[note_id].summary)
    if not notes:
        print_no_notes(found)
    elif not found and not options.quiet:
        typer.echo(f"Nothing to remark; notes read: {notes}.", err=True)
    severities = {one.severity for one in found}
    raise typer.Exit(1 if "error" in severities or (options.strict and "warning" in severities) or not notes else 0)


def _print_reader(note: NoteHead) -> None:
    """Print which reader read a note, unless it is in our own format."""
    if note.reader:
        message = f"read by the reader {note.reader}; --as NAME has another read it, see `notebind readers`"
        typer.echo(str(diagnostic("read-as", note.path, 0, message)))


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
