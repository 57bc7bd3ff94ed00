"""A deck as text for Anki's File > Import: tab-separated, matched by GUID.

It brings no note types: an import of the package must have made them first.
"""

from __future__ import annotations

from collections.abc import Iterable

from convert.writers.anki import notetypes
from convert.writers.anki.collection import AnkiNote

_HEAD = "#separator:Tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:4\n"


def text_file(notes: Iterable[AnkiNote]) -> bytes:
    """The notes as UTF-8 lines under Anki's header lines."""
    return (_HEAD + "".join(_line(note) for note in notes)).encode()


def _line(note: AnkiNote) -> str:
    cells = (note.guid, notetypes.NAMES[note.kind], note.deck, " ".join(note.tags), *note.fields)
    return "\t".join(map(_cell, cells)) + "\n"


def _cell(text: str) -> str:
    text = text.replace("\t", " ")
    return '"' + text.replace('"', '""') + '"' if '"' in text or "\n" in text or text.startswith("#") else text
