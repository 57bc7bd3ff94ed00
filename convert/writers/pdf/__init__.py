"""Writes PDF: pandoc converts the tree of each note to Typst, which typesets an accessible book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from convert.document.note import Note
from convert.errors import ToolError, UsageError, unknown
from convert.writers.base import Artifact, Download, Job, Program, Writer, option

PAPERS = {
    "a3": (297, 420), "a4": (210, 297), "a5": (148, 210), "a6": (105, 148), "iso-b5": (176, 250), "jis-b5": (182, 257),
    "us-letter": (215.9, 279.4), "us-legal": (215.9, 355.6), "us-executive": (184.1, 266.7),
    "us-digest": (139.7, 215.9), "us-trade": (152.4, 228.6),
}  # fmt: skip
"""Width and height in millimetres."""
SHORT = {"letter": "us-letter", "legal": "us-legal", "b5": "iso-b5"}
MM_PER_POINT = 25.4 / 72
LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)(mm|cm|in|pt)")
SIZES_PT = {105: 9.0, 165: 10.5, 190: 11.0, 250: 11.5, 300: 15.0}
"""The size of the text by the width of the paper in millimetres up to which it is taken."""
MEASURE_EM = 27.5
"""The width of the text: some 66 characters of Libertinus Serif."""
LEAST_MARGIN_MM = 12
ENGINES = {
    "weasyprint": "pip install weasyprint",
    "xelatex": "apt-get install texlive-xetex texlive-plain-generic texlive-fonts-recommended lmodern",
}
"""The engines other than Typst, and how to install them."""


@dataclass(frozen=True)
class PdfOptions:
    """Options of the PDF."""

    paper: str = option("a4", "paper size: a4, us-letter, a5 and others that Typst knows")
    font: str = option("", "font of the text; its files must be installed or lie in the font path")
    font_path: str = option("", "folder with more fonts", path=True)
    pdf_margin: str = option("", "margins of the page, one length (2cm) or two (2cm,3cm: sides, top and bottom)")
    pdf_engine: str = option("typst", "typst, weasyprint or xelatex; the last two must be installed")
    plain: bool = option(False, "fast and simple: ragged right, no QR codes, page references, index")

    def __post_init__(self) -> None:
        """Raise UsageError for unknown paper, margins and engines."""
        self.typst_paper()
        self.margins()
        if self.pdf_engine != "typst" and self.pdf_engine not in ENGINES:
            raise unknown("--pdf-engine", self.pdf_engine, ("typst", *ENGINES))

    def typst_paper(self) -> str:
        """Return Typst's name of the paper size; raises UsageError for an unknown one."""
        name = self.paper.strip().lower()
        if name not in PAPERS and name not in SHORT:
            raise unknown("--paper", self.paper, sorted({*PAPERS, *SHORT}))
        return SHORT.get(name, name)

    def size_pt(self) -> float:
        """Return the size of the text in points that suits the paper."""
        width, _ = PAPERS[self.typst_paper()]
        return next(size for most, size in SIZES_PT.items() if width <= most)

    def margins(self) -> tuple[str, str]:
        """Return the margins at the sides, and above and below, as numbers with units.

        Without a wish they leave a line of `MEASURE_EM`. Raises UsageError for what are no lengths.
        """
        if not (written := self.pdf_margin):
            width, height = PAPERS[self.typst_paper()]
            sides = max((width - MEASURE_EM * self.size_pt() * MM_PER_POINT) / 2, LEAST_MARGIN_MM)
            return f"{sides:.1f}mm", f"{height * 0.105:.1f}mm"
        lengths = [length.strip() for length in written.split(",")]
        if len(lengths) > 2 or not all(map(LENGTH.fullmatch, lengths)):
            raise UsageError(
                f'--pdf-margin "{written}" is no margin; write 2cm, or 2cm,25mm for sides and top and bottom'
            )
        return lengths[0], lengths[-1]

    def engine_path(self) -> str:
        """Return the path of an engine other than Typst; raises ToolError if it is not installed."""
        import shutil

        engine = self.pdf_engine
        if path := shutil.which(engine):
            return path
        raise ToolError(
            f"--pdf-engine {engine}: no such program here; install it ({ENGINES[engine]}) or leave the option out"
        )


class PdfWriter(Writer[PdfOptions]):
    """The writer of `<book>.pdf`, or of `<book>-1.pdf` and so on."""

    name = "pdf"
    summary = "a typeset, accessible book (PDF/UA-1, PDF/A-2a)"
    default_rank = 2
    options = PdfOptions
    slow = True
    keeps_state = False
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
        """Return the font files that the book may use, and the program of an engine other than Typst."""
        import shutil

        from convert.tools.typst_fonts import font_paths

        program = shutil.which(options.pdf_engine) if options.pdf_engine != "typst" else None
        return [*font_paths(options.font_path), *([Path(program)] if program else [])]

    def part(self, note: Note, job: Job[PdfOptions]) -> bytes:
        """Return the note as pandoc's JSON blocks, with its labels, topics and pictures."""
        from convert.writers.pdf.notes import note_part

        return note_part(note, job)

    def assemble(self, parts: Sequence[bytes], job: Job[PdfOptions]) -> Iterable[Artifact]:
        """Return one PDF, or several volumes of a big book."""
        from convert.writers.pdf.volumes import volumes

        return volumes(parts, job)


WRITER = PdfWriter()
