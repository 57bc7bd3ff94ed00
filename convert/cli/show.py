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
