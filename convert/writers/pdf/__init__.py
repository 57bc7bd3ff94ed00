"""PDF: pandoc's tree of each note, through pandoc to Typst, typeset as an accessible book."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from convert.document.note import Note
from convert.writers.base import Artifact, Download, Job, Program, Writer, option
from convert.writers.pdf.choices import check_engine, margin_lengths, paper_input


@dataclass(frozen=True)
class PdfOptions:
    """How the book is typeset, and by what."""

    paper: str = option("a4", "paper size: a4, us-letter, a5 and others that Typst knows")
    font: str = option("", "font of the text; its files must be installed or lie in the font path")
    font_path: str = option("", "folder with more fonts", path=True)
    pdf_margin: str = option("", "margins of the page, one length (2cm) or two (2cm,3cm: sides, top and bottom)")
    pdf_engine: str = option("typst", "typst, weasyprint or xelatex; the last two must be installed")
    plain: bool = option(False, "fast and simple: ragged right, no QR codes, page references, index")

    def __post_init__(self) -> None:
        """Raise UsageError for unknown paper, margins and engines before any work is done."""
        paper_input(self.paper)
        margin_lengths(self.pdf_margin)
        check_engine(self.pdf_engine)


class PdfWriter(Writer[PdfOptions]):
    """The writer of `<book>.pdf`, or of `<book>-1.pdf` and so on."""

    name = "pdf"
    summary = "a typeset, accessible book (PDF/UA-1, PDF/A-2a)"
    options = PdfOptions
    slow = True
    downloads = (Download(".pdf", "PDF"),)
    programs = (
        Program("weasyprint", "PDF by --pdf-engine weasyprint", "weasyprint", "weasyprint", "https://weasyprint.org"),
        Program(
            "xelatex",
            "PDF by --pdf-engine xelatex",
            "texlive-xetex",
            "--cask mactex-no-gui",
            "https://tug.org/texlive",
        ),
    )

    def outside_files(self, options: PdfOptions) -> Iterable[Path]:
        """Return the font files that the book may use, and the program of another engine."""
        import shutil

        from convert.tools.typst_fonts import font_paths

        program = shutil.which(options.pdf_engine) if options.pdf_engine != "typst" else None
        return [*font_paths(options.font_path), *([Path(program)] if program else [])]

    def part(self, note: Note, job: Job[PdfOptions]) -> bytes:
        """Return the note as pandoc's JSON blocks, with what the book must know of it."""
        from convert.writers.pdf.notes import note_part

        return note_part(note, job)

    def assemble(self, parts: Sequence[bytes], job: Job[PdfOptions]) -> Iterable[Artifact]:
        """Return one PDF, or the volumes of a book that is too big for one."""
        from convert.writers.pdf.volumes import volumes

        return volumes(parts, job)


WRITER = PdfWriter()
