"""`notebind check`: what is wrong with notes, like a linter."""

from __future__ import annotations

from typing import Annotated

import typer

from convert.cli.build import MEGABYTE, LinkedVault, MaxNoteSize, Notes, TimeFormat
from convert.cli.obeying import obeying


def check(
    notes: Notes,
    vault: LinkedVault = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 on warnings too.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Leave out remarks such as missing link targets.")
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes; 0: as many as there are cores.")] = 0,
    time_format: TimeFormat = "auto",
    max_note_size: MaxNoteSize = 16,
) -> None:
    """Print what is wrong with NOTES, a line each: file:line: code message."""
    from convert.cli.progress import shown_progress
    from convert.cli.summary import must_exist, print_no_notes
    from convert.request import Request
    from convert.vault.vault import open_vault
    from convert.workers.pool import cores

    must_exist(notes)
    with shown_progress(quiet) as tell:
        most = max_note_size * MEGABYTE
        request = Request(tuple(notes), vault=vault, time_format=time_format, max_note_bytes=most)
        opened = open_vault(request, jobs or cores(), tell)
    entries = [entry for book in opened.library for entry in book.entries()]
    found = opened.file_diagnostics + [one for entry in entries for one in opened.note_diagnostics[entry.id]]
    for one in found:
        if not (quiet and one.severity == "info"):
            typer.echo(str(one))
    severities = {one.severity for one in found}
    if not entries:
        print_no_notes(found)
    elif not found and not quiet:
        typer.echo(f"Nothing to remark; notes read: {len(entries)}.", err=True)
    raise typer.Exit(1 if "error" in severities or (strict and "warning" in severities) or not entries else 0)


command = obeying(check)
