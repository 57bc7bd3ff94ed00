"""From the parts of all notes to PDF files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from convert.errors import WriterError
from convert.render.pandoc_text import clean
from convert.report import diagnostic
from convert.tools.typst_compile import STANDARDS, OutOfMemory, Settings
from convert.writers.base import Artifact
from convert.writers.pdf.engines import check_engine, print_with
from convert.writers.pdf.fonts import Fonts, choose_fonts, package_for
from convert.writers.pdf.notes import Piece
from convert.writers.pdf.page import margin_input, paper_input
from convert.writers.pdf.plan import divide
from convert.writers.pdf.press import Press
from convert.writers.pdf.sources import Sources

if TYPE_CHECKING:
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions

SMALL = 150
"""The most headings of a book whose contents name sections; others name videos and notes."""

HUGE = 500_000
"""Characters of Typst in one note beyond which it, and not the book, is what takes the memory."""


def volumes(parts: Sequence[bytes], job: Job[PdfOptions]) -> Iterable[Artifact]:
    """The book as one PDF, `<book>.pdf`, or as `<book>-1.pdf` and so on."""
    check_engine(job.options.pdf_engine)
    pieces = [msgspec.json.decode(part, type=Piece) for part in parts]
    if job.options.pdf_engine != "typst":
        return [Artifact(f"{job.book.name}.pdf", print_with(pieces, job))]
    return _typeset(pieces, job)


def _typeset(pieces: Sequence[Piece], job: Job[PdfOptions]) -> list[Artifact]:
    """The volumes that Typst makes."""
    settings = settings_of(job, fonts_of(pieces, job))
    sources = Sources(pieces, job)
    with tempfile.TemporaryDirectory(prefix="notebind-") as folder:
        for name in sorted({name for piece in pieces for name in piece.pictures}):
            Path(folder, name).write_bytes(job.picture(name))
        press = Press(job, pieces, sources, replace(settings, folder=folder))
        data = _print(press, [len(source.encode()) for source in sources.notes])
    names = [job.book.name] if len(data) == 1 else [f"{job.book.name}-{number + 1}" for number in range(len(data))]
    return [Artifact(f"{name}.pdf", pdf) for name, pdf in zip(names, data, strict=True)]


def _print(press: Press, sizes: Sequence[int]) -> list[bytes]:
    """The PDFs, in more volumes when those planned need more memory than there is."""
    division = divide(press.job.book, sizes)
    while True:
        try:
            data = press.print(division)
        except OutOfMemory as error:
            smaller = divide(press.job.book, sizes, at_least=2 * len(division))
            if press.sources.flatten_greedy(str(error), HUGE if len(smaller) > len(division) else 0):
                continue
            if len(smaller) <= len(division):
                raise WriterError(f"{press.job.book.name}.pdf: {error}; a single video is too big") from error
            division = smaller
            continue
        if len(division) > 1:
            _tell(press, division)
        return data


def _tell(press: Press, division: Sequence[range]) -> None:
    counts = ", ".join(f"{press.job.book.name}-{n + 1}.pdf: {len(notes)} notes" for n, notes in enumerate(division))
    press.job.warn(diagnostic("pdf-volumes", press.job.book.name, 0, f"{len(division)} volumes ({counts})"))


def fonts_of(pieces: Sequence[Piece], job: Job[PdfOptions]) -> Fonts:
    """The fonts of the book; what none of them can set is reported note by note."""
    options = job.options
    titles = "".join((job.book.title, *(part.title for part in job.book.parts)))
    characters = set(titles).union(*(piece.characters for piece in pieces))
    fonts = choose_fonts(characters, options.font, options.font_path, job.book.language)
    for entry, piece in zip(job.book.entries(), pieces, strict=True):
        if lacking := sorted(fonts.missing.intersection(piece.characters)):
            job.warn(diagnostic("pdf-character", entry.path, 0, _lack(lacking)))
    return fonts


def _lack(characters: Sequence[str]) -> str:
    """What to tell of the characters of a note that no font has."""
    named = ", ".join(f"{character} (U+{ord(character):04X})" for character in characters[:10])
    more = f" and {len(characters) - 10} more" if len(characters) > 10 else ""
    packages = sorted({package_for(character) for character in characters} - {""})
    advice = f"install {' and '.join(packages)}, or name a folder of fonts with --font-path" if packages else ""
    return "; ".join(
        filter(None, (f"no font here has {named}{more}", advice, "the PDF is made without PDF/A and PDF/UA"))
    )


def settings_of(job: Job[PdfOptions], fonts: Fonts) -> Settings:
    """The settings of the compiler for this book."""
    headings = sum(len(entry.headings) for entry in job.book.entries())
    language, _, region = job.book.language.partition("-")
    inputs = {
        "title": clean(job.book.title).strip() or job.book.name,
        "author": clean(job.book.author).strip(),
        "language": language if 2 <= len(language) <= 3 and language.isascii() else "und",
        "region": region.upper() if len(region) == 2 and region.isascii() else "",
        "fonts": "|".join(fonts.families),
        "paper": paper_input(job.options.paper),
        "margin": margin_input(job.options.pdf_margin),
        "plain": "yes" if job.options.plain else "no",
        "contents": "sections" if headings <= SMALL else "notes",
    }
    standards = () if fonts.missing else STANDARDS
    return Settings(inputs, job.epoch, standards, fonts.files, cores=job.cores)
