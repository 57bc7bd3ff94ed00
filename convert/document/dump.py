"""A note as JSON, and the schema of that JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from convert.document.note import Note


def dump(note: Note) -> bytes:
    """The note as one line of JSON (RFC 8259, UTF-8) without its newline."""
    return msgspec.json.encode(note)


def load(data: bytes) -> Note:
    """The note of a line that `dump` wrote; msgspec.ValidationError for anything else."""
    return msgspec.json.decode(data, type=Note)


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a dumped note."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "notebind note",
        **msgspec.json.schema(Note),
    }
