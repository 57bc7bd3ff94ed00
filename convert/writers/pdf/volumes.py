"""From the parts of all notes to PDF files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from convert.document.book import Book
from convert.render import typst_book
from convert.render.pandoc import Json, attributes, document, raw
from convert.render.pandoc_labels import stands_alone
from convert.render.pandoc_text import clean, strings
from convert.tools.pandoc_run import run_batches
from convert.tools.typst_compile import Settings, compile_typst
from convert.writers.base import Artifact
from convert.writers.pdf.notes import Piece

if TYPE_CHECKING:
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions

BATCH = 50
"""Notes a pandoc call: enough to repay its start, few enough to keep its memory small."""


def volumes(parts: Sequence[bytes], job: Job[PdfOptions]) -> Iterable[Artifact]:
    """The book as one PDF."""
    pieces = [msgspec.json.decode(part, type=Piece) for part in parts]
    body = note_sources(pieces, job)
    source = whole_source(body, pieces, job)
    data = compile_typst(source, settings(job))
    yield Artifact(f"{job.book.name}.pdf", data)


def note_sources(pieces: Sequence[Piece], job: Job[PdfOptions]) -> list[str]:
    """The Typst source of each note, its video's heading before the first of a video."""
    heads = part_heads(job.book)
    blocks = [
        b",".join(filter(None, (head, bytes(piece.blocks)[1:-1]))) for head, piece in zip(heads, pieces, strict=True)
    ]
    batches = [blocks[start : start + BATCH] for start in range(0, len(blocks), BATCH)]
    sources = run_batches([document(b",".join(batch)) for batch in batches], "typst", job.cores)
    return [source.decode() for source in sources]


def part_heads(book: Book) -> list[bytes]:
    """For each note the encoded blocks that stand before it: the heading of its video, or nothing."""
    heads = []
    for number, part in enumerate(book.parts):
        head: list[Json] = []
        if part.notes and not stands_alone(part.notes, part.title):
            header = {"t": "Header", "c": [1, attributes(f"v{number}"), strings(part.title) or strings("…")]}
            head = [raw("#begin-chapter()"), header]
        heads += [msgspec.json.encode(head)[1:-1], *[b""] * (len(part.notes) - 1)] if part.notes else []
    return heads


def whole_source(body: Sequence[str], pieces: Sequence[Piece], job: Job[PdfOptions]) -> str:
    """Template, title page, contents, notes, index."""
    topics = typst_book.merge_topics(piece.topics for piece in pieces)
    depth = 3 if len(pieces) <= 12 else 2
    return "\n".join([typst_book.template(), typst_book.opening(job.book, depth), *body, typst_book.index(topics)])


def settings(job: Job[PdfOptions]) -> Settings:
    """The settings of the compiler for this book."""
    inputs = {
        "title": clean(job.book.title) or job.book.name,
        "author": clean(job.book.author),
        "language": job.book.language.split("-")[0],
        "paper": job.options.paper,
        "plain": "yes" if job.options.plain else "no",
    }
    return Settings(inputs, job.epoch, cores=job.cores)
