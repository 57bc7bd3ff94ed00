"""Makes the PDF with another of pandoc's engines, without standards and volumes.

Kept apart because it shares nothing with Typst, and few runs ask for it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from convert.errors import WriterError
from convert.render.pandoc import Json, attributes, pandoc_document
from convert.render.pandoc_text import printable_line, strings
from convert.render.typography import as_shown
from convert.tools.pandoc_run import run_pandoc
from convert.writers.pdf.notes import NoteBlocks, note_level

if TYPE_CHECKING:
    from convert.document.book import Book
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions


def print_with(notes: Sequence[NoteBlocks], job: Job[PdfOptions]) -> bytes:
    """Return the PDF made by pandoc with the engine of the options.

    Raises ToolError if the engine is not installed, WriterError if it makes no PDF.
    """
    engine = job.options.pdf_engine
    path = job.options.engine_path()
    tree = pandoc_document(b",".join(_blocks(notes, job.book)), _meta(job))
    environment = {"SOURCE_DATE_EPOCH": str(job.epoch), "FORCE_SOURCE_DATE": "1"}
    with tempfile.TemporaryDirectory(prefix="notebind-") as folder:
        target = Path(folder, "book.pdf")
        arguments = [f"--pdf-engine={path}", "--toc", "--toc-depth=2", "-o", str(target), "-s"]
        run_pandoc(tree, *_form(engine, job), *arguments, cwd=folder, environment=environment)
        data = target.read_bytes() if target.is_file() else b""
    if not data.startswith(b"%PDF"):
        raise WriterError(f"{job.book.name}.pdf: {engine} made no PDF; run it by hand, or leave --pdf-engine out")
    return data


def _form(engine: str, job: Job[PdfOptions]) -> list[str]:
    """Return pandoc's options for output format, paper and margins."""
    paper = job.options.typst_paper().removeprefix("us-").removeprefix("iso-")
    sides, height = job.options.margins()
    if engine == "xelatex":
        margins = f"-Vgeometry:hmargin={sides},vmargin={height}"
        font = [f"-Vmainfont={job.options.font}"] if job.options.font.replace(" ", "").isalnum() else []
        return ["latex", f"-Vpapersize={paper}", margins, "-Vcolorlinks", *font]
    return ["html5", "--mathml", f"-Vpapersize={paper}", f"-Vmargin-left={sides}", f"-Vmargin-right={sides}",
            f"-Vmargin-top={height}", f"-Vmargin-bottom={height}"]  # fmt: skip


def _meta(job: Job[PdfOptions]) -> bytes:
    """Return title, author and language as pandoc's metadata."""
    texts = {
        "title": printable_line(as_shown(job.book.title, job.book)) or job.book.name,
        "author": printable_line(job.book.author),
    }
    meta: Json = {name: {"t": "MetaInlines", "c": strings(text)} for name, text in texts.items() if text}
    meta["lang"] = {"t": "MetaString", "c": job.book.language}
    return json.dumps(meta).encode()


def _blocks(notes: Sequence[NoteBlocks], book: Book) -> list[bytes]:
    """Return the blocks of all notes, with each video's heading before its first note."""
    result: list[bytes] = []
    remaining = iter(notes)
    for number, part in enumerate(book.parts):
        if part.notes and note_level(part.notes[0].id, part) > 1:
            header = {
                "t": "Header",
                "c": [1, attributes(f"v{number}"), strings(as_shown(part.title, book)) or strings("…")],
            }
            result.append(msgspec.json.encode(header))
        result += [next(remaining).inner() for _ in part.notes]
    return [blocks for blocks in result if blocks]
