"""`notebind show` and `notebind schema`: print the document model as JSON."""

from __future__ import annotations

import json
import sys

import typer

from convert.cli.command_options import Show
from convert.cli.settings import Given, reading_request
from convert.cli.summary import end_with_errors
from convert.document import note as model
from convert.vault.vault import open_vault
from convert.workers.pool import cores


def show(given: Given) -> None:
    """Print the models of all notes; exits with 1 if a file cannot be read, or there are no notes."""
    _, request = reading_request(Show, given)
    opened = open_vault(request, cores(), lambda _: None)
    for note in opened.notes():
        sys.stdout.buffer.write(model.dump(note) + b"\n")
    sys.stdout.buffer.flush()
    end_with_errors(opened)


def schema(_: Given) -> None:
    """Print the schema of the document model."""
    typer.echo(json.dumps(model.schema(), indent=1))
