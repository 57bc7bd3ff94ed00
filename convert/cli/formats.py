"""`notebind writers` and `notebind readers`: list what can be written and read."""

from __future__ import annotations

import dataclasses

import typer

from convert.cli.settings import Given
from convert.reader.formats import OWN
from convert.reader.formats import readers as all_readers
from convert.writers import writers as all_writers


def writers(_: Given) -> None:
    """Print each format and its options."""
    for name, writer in all_writers().items():
        typer.echo(f"{name:10} {writer.summary}")
        for field in dataclasses.fields(writer.options):
            flag = "--" + field.name.replace("_", "-")
            default = f" (default: {field.default})" if field.default not in ("", None) else ""
            typer.echo(f"  {flag:18} {field.metadata.get('help', '')}{default}")


def readers(_: Given) -> None:
    """Print each kind of notes in the order in which they are asked."""
    for name, reader in all_readers().items():
        typer.echo(f"{name:14} {reader.summary}")
    typer.echo(f"{OWN:14} Notes with a video and stamps: no other reader is asked, but chapter_list for its lists.")
