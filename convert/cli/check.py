"""`notebind check`: prints what is wrong with notes, as linters do."""

from __future__ import annotations

from itertools import chain

import typer

from convert.cli.command_options import Check
from convert.cli.progress import shown_progress
from convert.cli.settings import Given, reading_request
from convert.cli.summary import print_no_notes
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
