"""`notebind check`: prints what is wrong with notes, as linters do."""

from __future__ import annotations

from typing import Annotated

import typer

from convert.cli.options import Jobs, LinkedVault, MaxNoteSize, Notes, Strict, TimeFormat, reading_request
from convert.cli.progress import shown_progress
from convert.cli.settings import with_settings
from convert.cli.summary import print_no_notes
from convert.vault.vault import open_vault
from convert.workers.pool import cores


@with_settings
def check(
    notes: Notes,
    vault: LinkedVault = None,
    strict: Strict = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Leave out remarks such as missing link targets.")
    ] = False,
    jobs: Jobs = 0,
    time_format: TimeFormat = "auto",
    max_note_size: MaxNoteSize = 16,
) -> None:
    """Print what is wrong with NOTES, a line each: file:line: code message."""
    request = reading_request(notes, vault, time_format, max_note_size)
    with shown_progress(quiet) as tell:
        opened = open_vault(request, jobs or cores(), tell)
    ids = [entry.id for book in opened.books() for entry in book.entries()]
    found = opened.file_diagnostics + [one for note in ids for one in opened.note_diagnostics.get(note, ())]
    for one in found:
        if not (quiet and one.severity == "info"):
            typer.echo(str(one))
    if not ids:
        print_no_notes(found)
    elif not found and not quiet:
        typer.echo(f"Nothing to remark; notes read: {len(ids)}.", err=True)
    severities = {one.severity for one in found}
    raise typer.Exit(1 if "error" in severities or (strict and "warning" in severities) or not ids else 0)
