"""Typst sources of notes: batches of pandoc trees, and the way out when a tree cannot be converted or compiled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from convert.document.book import NoteSummary
from convert.render import typst_book
from convert.render.pandoc import document
from convert.render.pandoc_text import breakable, clean
from convert.report import diagnostic
from convert.tools.pandoc_run import run_batches
from convert.writers.pdf.notes import Piece, note_level

if TYPE_CHECKING:
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions

BATCH = 50
"""Notes a pandoc call: enough to repay its start, few enough to keep its memory small."""


class Sources:
    """The Typst source of each note of a book, in order."""

    def __init__(self, pieces: Sequence[Piece], job: Job[PdfOptions]) -> None:
        self._pieces = pieces
        self._job = job
        self._entries = job.book.entries()
        self.plain: set[int] = set()
        """The notes that are set as their bare text."""
        self.notes = self._convert(range(len(pieces)))

    def flatten(self, number: int, why: str) -> None:
        """Set a note as its bare text, and say so."""
        entry = self._entries[number]
        level = note_level(entry.id, self._job.book)
        self.plain.add(number)
        self.notes[number] = typst_book.plain_note(number, level, clean(entry.title), paragraphs(self._pieces[number]))
        self._job.warn(diagnostic("pdf-note-plain", entry.path, 0, f"set as plain text, for Typst says: {clean(why)}"))

    def flatten_greedy(self, why: str, over: int) -> bool:
        """Set the note of the longest source as its bare text; False when none is longer than `over` characters."""
        marked = [number for number in range(len(self.notes)) if number not in self.plain]
        longest = max(marked, key=lambda number: len(self.notes[number]), default=None)
        if longest is None or len(self.notes[longest]) <= over:
            return False
        self.flatten(longest, why)
        return True

    def entry(self, number: int) -> NoteSummary:
        """The note of that number."""
        return self._entries[number]

    def defined(self, number: int) -> tuple[str, ...]:
        """The labels that the source of a note has; a bare text has that of the note alone."""
        labels = self._pieces[number].defined
        return labels[:1] if number in self.plain else labels

    def linked(self, number: int) -> tuple[str, ...]:
        """The labels that the source of a note links to."""
        return () if number in self.plain else self._pieces[number].linked

    def _convert(self, numbers: Sequence[int]) -> list[str]:
        batches = [numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH)]
        documents = [document(b",".join(self._pieces[number].inner() for number in batch)) for batch in batches]
        outputs = run_batches(documents, "typst", self._job.cores)
        return [note for output in outputs for note in typst_book.split_notes(output.decode())]


def paragraphs(piece: Piece) -> list[str]:
    """The words of a note, a string a paragraph, for a note that is set without any markup."""
    texts = ("".join(_strings(block)) for block in json.loads(bytes(piece.blocks))[3:])
    return [breakable(text.strip()) for text in texts if text.strip()]


def _strings(node: Any) -> Iterator[str]:
    """The text in a pandoc tree: strings, code and formulas; raw nodes hold none but stamps."""
    if isinstance(node, list):
        for child in node:
            yield from _strings(child)
    elif isinstance(node, dict):
        yield from _words(node["t"], node.get("c"))


def _words(kind: str, content: Any) -> Iterator[str]:
    if kind == "Str":
        yield content
    elif kind in ("Space", "SoftBreak", "LineBreak"):
        yield " "
    elif kind in ("Code", "CodeBlock", "Math"):
        yield content[1]
    elif kind == "RawInline":
        yield from _spoken(content[1])
    elif kind != "RawBlock":
        yield from _strings(content)
        if kind in ("Para", "Plain", "Header"):
            yield " "


def _spoken(code: str) -> Iterator[str]:
    """What a call of ours shows when it holds its own text: a time, a code span, what a picture shows."""
    if code.startswith(("#at", "#raw(", "#picture(")):
        yield code.rpartition(', "')[2].removesuffix('");').removeprefix('#raw("')
