"""`notebind show` and `notebind schema`: print the document model as JSON."""

from __future__ import annotations

import json
import sys

import typer

from convert.cli.options import LinkedVault, MaxNoteSize, Notes, TimeFormat, reading_request
from convert.cli.settings import with_settings
from convert.cli.summary import print_no_notes
from convert.document import note as model
from convert.vault.vault import open_vault
from convert.workers.pool import cores


@with_settings
def show(
    notes: Notes,
    vault: LinkedVault = None,
    time_format: TimeFormat = "auto",
    max_note_size: MaxNoteSize = 16,
) -> None:
    """Print the models of NOTES as JSON Lines, one note a line, as their vault resolves them."""
    request = reading_request(notes, vault, time_format, max_note_size)
    opened = open_vault(request, cores(), lambda _: None)
    for book in opened.books():
        for entry in book.entries():
            sys.stdout.buffer.write(model.dump(opened.note(entry.id)) + b"\n")
    sys.stdout.buffer.flush()
    errors = [found for found in opened.file_diagnostics if found.severity == "error"]
    for found in errors:
        typer.echo(f"{found.severity}: {found}", err=True)
    if not opened.plans:
        print_no_notes(opened.file_diagnostics)
    if errors or not opened.plans:
        raise typer.Exit(1)


def schema() -> None:
    """Print the JSON Schema of what `show` prints."""
    typer.echo(json.dumps(model.schema(), indent=1))
