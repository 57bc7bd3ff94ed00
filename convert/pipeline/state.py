"""What a run leaves for the next one, in `<output>/.notebind/`."""

from __future__ import annotations

from pathlib import Path

FOLDER = ".notebind"


def state_name(book: str, writer: str) -> str:
    """The path below the output folder of a writer's state of a book."""
    return f"{FOLDER}/{book}.{writer}.state"


def read_state(output: Path, book: str, writer: str) -> bytes | None:
    """The state that a writer left, None when there is none."""
    try:
        return (output / state_name(book, writer)).read_bytes()
    except OSError:
        return None
