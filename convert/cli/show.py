"""`notebind show` and `notebind schema`: the document model as JSON."""

from __future__ import annotations

import sys

import typer

from convert.cli.build import MEGABYTE, LinkedVault, MaxNoteSize, Notes, TimeFormat
from convert.cli.obeying import obeying


def show(
    notes: Notes,
    vault: LinkedVault = None,
    time_format: TimeFormat = "auto",
    max_note_size: MaxNoteSize = 16,
) -> None:
    """Print the models of NOTES as JSON Lines, one note a line, as their vault resolves them."""
    from convert.cli.summary import must_exist, print_no_notes
    from convert.document.note import dump
    from convert.request import Request
    from convert.vault.vault import open_vault
    from convert.workers.pool import cores

    must_exist(notes)
    most = max_note_size * MEGABYTE
    request = Request(tuple(notes), vault=vault, time_format=time_format, max_note_bytes=most)
    opened = open_vault(request, cores(), lambda _: None)
    for book in opened.library:
        for entry in book.entries():
            sys.stdout.buffer.write(dump(opened.note(entry.id)) + b"\n")
    sys.stdout.buffer.flush()
    for found in opened.file_diagnostics:
        if found.severity == "error":
            typer.echo(f"{found.severity}: {found}", err=True)
    if not opened.library:
        print_no_notes(opened.file_diagnostics)
    if any(found.severity == "error" for found in opened.file_diagnostics) or not opened.library:
        raise typer.Exit(1)


def schema() -> None:
    """Print the JSON Schema of what `show` prints."""
    import json

    from convert.document.note import schema

    typer.echo(json.dumps(schema(), indent=1))


show_command = obeying(show)
