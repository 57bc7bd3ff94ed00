"""`notebind writers` and `notebind readers`: list what can be written and read."""

from __future__ import annotations

import dataclasses

import typer

from convert.reader.formats import readers as all_readers
from convert.writers import writers as all_writers


def writers() -> None:
    """List the formats that can be written, with their options."""
    for name, writer in all_writers().items():
        typer.echo(f"{name:10} {writer.summary}")
        for field in dataclasses.fields(writer.options):
            flag = "--" + field.name.replace("_", "-")
            default = f" (default: {field.default})" if field.default not in ("", None) else ""
            typer.echo(f"  {flag:18} {field.metadata.get('help', '')}{default}")


def readers() -> None:
    """List the kinds of notes that can be read, those of other packages first, as they are asked."""
    for name, reader in all_readers().items():
        typer.echo(f"{name:14} {reader.summary}")
    typer.echo(f"{'notes':14} Notes with a videoId and stamps: always read first, by no plug-in.")
