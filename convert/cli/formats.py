"""`notebind writers`: what can be written."""

from __future__ import annotations

import dataclasses

import typer


def writers() -> None:
    """List the formats that can be written, with their options."""
    from convert.writers import writers as all_writers

    for name, writer in all_writers().items():
        typer.echo(f"{name:10} {writer.summary}")
        for field in dataclasses.fields(writer.options):
            flag = "--" + field.name.replace("_", "-")
            default = f" (default: {field.default})" if field.default not in ("", None) else ""
            typer.echo(f"  {flag:18} {field.metadata.get('help', '')}{default}")
