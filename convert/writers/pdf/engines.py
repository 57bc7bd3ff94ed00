"""The same book through another of pandoc's PDF engines, for those who ask for one: no standards, no volumes."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from convert.errors import ToolError, UsageError, WriterError
from convert.render.pandoc import Json, attributes, document
from convert.render.pandoc_labels import stands_alone
from convert.render.pandoc_text import clean, strings
from convert.tools.pandoc_run import run_pandoc
from convert.writers.pdf.notes import Piece
from convert.writers.pdf.page import margin_lengths, paper_input

if TYPE_CHECKING:
    from convert.document.book import Book
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions

ENGINES = {
    "weasyprint": "pip install weasyprint",
    "xelatex": "apt-get install texlive-xetex texlive-plain-generic texlive-fonts-recommended lmodern",
}
"""The engines beside Typst, and how each is installed."""


def must_be_known(name: str) -> None:
    """UsageError for an engine that is not known."""
    if name != "typst" and name not in ENGINES:
        raise UsageError(f'--pdf-engine "{name}" is unknown; one of typst, {", ".join(ENGINES)}')


def check_engine(name: str) -> None:
    """UsageError for an engine that is not known, ToolError in one line for one that is not installed."""
    must_be_known(name)
    if name in ENGINES and not shutil.which(name):
        raise ToolError(
            f"--pdf-engine {name}: no such program here; install it ({ENGINES[name]}) or leave the option out"
        )


def print_with(pieces: Sequence[Piece], job: Job[PdfOptions]) -> bytes:
    """The PDF that pandoc makes with the engine of the options; WriterError when it makes none."""
    engine = job.options.pdf_engine
    tree = document(b",".join(_blocks(pieces, job.book)), _meta(job))
    environment = {"SOURCE_DATE_EPOCH": str(job.epoch), "FORCE_SOURCE_DATE": "1"}
    with tempfile.TemporaryDirectory(prefix="notebind-") as folder:
        target = Path(folder, "book.pdf")
        arguments = [f"--pdf-engine={shutil.which(engine)}", "--toc", "--toc-depth=2", "-o", str(target), "-s"]
        run_pandoc(tree, *_form(engine, job), *arguments, cwd=folder, environment=environment)
        data = target.read_bytes() if target.is_file() else b""
    if not data.startswith(b"%PDF"):
        raise WriterError(f"{job.book.name}.pdf: {engine} made no PDF; run it by hand, or leave --pdf-engine out")
    return data


def _form(engine: str, job: Job[PdfOptions]) -> list[str]:
    """What pandoc writes for the engine, on which paper."""
    paper = paper_input(job.options.paper).removeprefix("us-").removeprefix("iso-")
    sides, height = margin_lengths(job.options.pdf_margin)
    if engine == "xelatex":
        margins = f"-Vgeometry:hmargin={sides},vmargin={height}"
        font = [f"-Vmainfont={job.options.font}"] if job.options.font.replace(" ", "").isalnum() else []
        return ["latex", f"-Vpapersize={paper}", margins, "-Vcolorlinks", *font]
    return ["html5", "--mathml", f"-Vpapersize={paper}", f"-Vmargin-left={sides}", f"-Vmargin-right={sides}",
            f"-Vmargin-top={height}", f"-Vmargin-bottom={height}"]  # fmt: skip


def _meta(job: Job[PdfOptions]) -> bytes:
    """Title, author and language as pandoc's metadata."""
    texts = {"title": clean(job.book.title) or job.book.name, "author": clean(job.book.author)}
    meta: Json = {name: {"t": "MetaInlines", "c": strings(text)} for name, text in texts.items() if text}
    meta["lang"] = {"t": "MetaString", "c": job.book.language}
    return json.dumps(meta).encode()


def _blocks(pieces: Sequence[Piece], book: Book) -> list[bytes]:
    """The blocks of all notes, the heading of its video before the first of a video."""
    result: list[bytes] = []
    remaining = iter(pieces)
    for number, part in enumerate(book.parts):
        if part.notes and not stands_alone(part.notes, part.title):
            header = {"t": "Header", "c": [1, attributes(f"v{number}"), strings(part.title) or strings("…")]}
            result.append(msgspec.json.encode(header))
        result += [next(remaining).inner() for _ in part.notes]
    return [blocks for blocks in result if blocks]
