"""Makes the PDFs of a book: divides it into volumes, compiles them, and works around what Typst refuses.

Kept apart because the writer imports it on first use: listing the formats must not load it.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from convert.document.book import Book
from convert.document.note import slug
from convert.errors import WriterError
from convert.render import typst_book
from convert.render.book_pages import counted, direction_of
from convert.render.furniture import say
from convert.render.pandoc_text import printable_line
from convert.render.typography import as_shown
from convert.report import diagnostic
from convert.tools.typst_compile import (
    STANDARDS,
    Compiled,
    CompileError,
    CompilerSettings,
    OutOfMemory,
    compile_typst,
    refused_pieces,
)
from convert.tools.typst_fonts import Fonts, choose_fonts, package_for
from convert.writers.base import Artifact
from convert.writers.pdf.engines import print_with
from convert.writers.pdf.notes import NoteBlocks, Sources, note_level, video_headings

if TYPE_CHECKING:
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions

NOTES = 1500
"""Notes in a volume."""

SOURCE_BYTES = 3_500_000
"""Typst source of a volume: compiling takes about 310 bytes of memory for each byte, 1.1 GB in all."""

SMALL = 150
"""Headings of a book up to which its contents list sections; larger ones list only videos and notes."""

HUGE = 500_000
"""Characters of one note beyond which that note, not the book, is too big."""

ROUNDS = 5
"""Times that pages are looked up before links between volumes are accepted."""

ATTEMPTS = 12
"""Compilations of a volume, beside two for each of its notes, before it is given up."""

UNKNOWN_PAGE = 100
"""The page of a label in another volume that is not compiled yet."""

UNPRINTABLE = re.compile(r"the text `\"(.{1,200}?)\"` could not be displayed|contains the codepoint `\"(.{1,200}?)\"`")

Target = str | tuple[int, int]
"""The replacement of a missing label: another label of the volume, or volume and page."""


def volumes(parts: Sequence[bytes], job: Job[PdfOptions]) -> list[Artifact]:
    """Return the book as one PDF, `<book>.pdf`, or as `<book>-1.pdf` and so on."""
    notes = [msgspec.json.decode(part, type=NoteBlocks) for part in parts]
    if job.options.pdf_engine != "typst":
        return [Artifact(f"{job.book.name}.pdf", print_with(notes, job))]
    job.warn_of_language()
    settings = _settings(job, _fonts(notes, job))
    sources = Sources(notes, job)
    with tempfile.TemporaryDirectory(prefix="notebind-") as folder:
        for name in sorted({name for note in notes for name in note.pictures}):
            Path(folder, name).write_bytes(job.picture(name))
        compiler = VolumeCompiler(job, notes, sources, replace(settings, folder=folder))
        data = _print(compiler, [len(source.encode()) for source in sources.notes])
    names = [job.book.name] if len(data) == 1 else [f"{job.book.name}-{number + 1}" for number in range(len(data))]
    return [Artifact(f"{name}.pdf", pdf) for name, pdf in zip(names, data, strict=True)]


def _print(compiler: VolumeCompiler, sizes: Sequence[int]) -> list[bytes]:
    """Return the PDFs, in more volumes than planned if memory runs out."""
    book = compiler.job.book
    division = divide(book, sizes)
    while True:
        try:
            data = compiler.print(division)
            break
        except OutOfMemory as error:
            smaller = divide(book, sizes, at_least=2 * len(division))
            if compiler.sources.flatten_longest(str(error), HUGE if len(smaller) > len(division) else 0):
                continue
            if len(smaller) <= len(division):
                raise WriterError(f"{book.name}.pdf: {error}; a single video is too big") from error
            division = smaller
    if len(division) > 1:
        counts = ", ".join([f"{book.name}-{n + 1}.pdf: {len(notes)} notes" for n, notes in enumerate(division)])
        compiler.job.warn(diagnostic("pdf-volumes", book.name, 0, f"{len(division)} volumes ({counts})"))
    return data


def divide(book: Book, sizes: Sequence[int], at_least: int = 1) -> list[range]:
    """Return the numbers of each volume's notes, divided evenly between videos; `sizes` is in bytes of source."""
    total = max(sum(sizes), 1)
    count = max(at_least, -(-total // SOURCE_BYTES), -(-len(sizes) // NOTES))
    result: list[range] = []
    done, current = 0, -1
    for group in _groups(book, sizes):
        size = sum(sizes[group.start : group.stop])
        volume = (done + size // 2) * count // total
        done += size
        if volume == current:
            result[-1] = range(result[-1].start, group.stop)
        else:
            result.append(group)
        current = volume
    return result


def _groups(book: Book, sizes: Sequence[int]) -> list[range]:
    """Return the numbers of each video's notes; if a video is too big for a volume, each of its notes alone."""
    groups: list[range] = []
    start = 0
    for part in book.parts:
        notes = range(start, start + len(part.notes))
        start = notes.stop
        big = sum(sizes[notes.start : notes.stop]) > SOURCE_BYTES or len(notes) > NOTES
        groups += [range(number, number + 1) for number in notes] if big else [notes] if notes else []
    return groups


def _fonts(notes: Sequence[NoteBlocks], job: Job[PdfOptions]) -> Fonts:
    """Return the fonts of the book; report in one line the characters of notes that none of them has."""
    own = [say(job.book.language, words) for words in ("Contents", "Topics", "p. {}", "Notes", "Videos")]
    names = [*own, job.book.title, job.book.author, *[part.title for part in job.book.parts]]
    titles = set().union(
        *[as_shown(name, job.book) for name in names], *[name for note in notes for name in note.topics.values()]
    )
    characters = titles.union(*[note.characters for note in notes])
    fonts = choose_fonts(characters, job.options.font, job.options.font_path, job.book.language)
    lacking = [
        (summary.path, found)
        for summary, note in zip(job.book.summaries(), notes, strict=True)
        if (found := fonts.missing.intersection(note.characters))
    ]
    if lacking:
        message = _lacking(sorted(frozenset().union(*[found for _, found in lacking])))
        others = f" ({counted(len(lacking) - 1, 'other note')} as well)" if lacking[1:] else ""
        job.warn(diagnostic("pdf-character", lacking[0][0], 0, message + others))
    elif fonts.missing:
        job.warn(diagnostic("pdf-character", job.book.name, 0, f"in titles: {_lacking(sorted(fonts.missing))}"))
    return fonts


def _lacking(characters: Sequence[str]) -> str:
    """Return a message about characters that no font has."""
    named = ", ".join([f"{character} (U+{ord(character):04X})" for character in characters[:10]])
    more = f" and {len(characters) - 10} more" if len(characters) > 10 else ""
    packages = sorted({package_for(character) for character in characters} - {""})
    advice = f"install {' and '.join(packages)}, or name a folder of fonts with --font-path; " if packages else ""
    return f"no font here has {named}{more}; {advice}the PDF is made without PDF/A and PDF/UA"


def _alone(book: Book, note: str) -> bool:
    """Return whether a note is the chapter of its video."""
    return note_level(note, book.part_of[note]) == 1


def _settings(job: Job[PdfOptions], fonts: Fonts) -> CompilerSettings:
    """Return the settings of the compiler for this book."""
    headings = sum([len(summary.headings) for summary in job.book.summaries()])
    language, _, region = job.book.language.partition("-")
    sides, ends = job.options.margins()
    inputs = {
        "title": printable_line(as_shown(job.book.title, job.book)).strip() or job.book.name,
        "author": "" if slug(job.book.author) == slug(job.book.title) else printable_line(job.book.author).strip(),
        "language": language if 2 <= len(language) <= 3 and language.isascii() else "und",
        "region": region.upper() if len(region) == 2 and region.isascii() else "",
        "direction": direction_of(language),
        "watch": say(language, "Watch the video"),
        "page-words": say(language, "p. {}"),
        "volume-words": say(language, "vol. {}"),
        "fonts": "|".join(fonts.families),
        "paper": job.options.typst_paper(),
        "alone": json.dumps({f"n{at}": 1 for at, one in enumerate(job.book.summaries()) if _alone(job.book, one.id)}),
        "size": f"{job.options.size_pt()}pt",
        "sides": sides,
        "ends": ends,
        "plain": "yes" if job.options.plain else "no",
        "contents": "sections" if headings <= SMALL else "notes",
    }
    standards = () if fonts.missing else STANDARDS
    return CompilerSettings(inputs, job.epoch, standards, fonts.files, cores=job.cores)


@dataclass
class VolumeCompiler:
    """Compiles the volumes of a book."""

    job: Job[PdfOptions]
    notes: Sequence[NoteBlocks]
    sources: Sources
    settings: CompilerSettings
    proved: bool = False
    """Whether the formulas have been compiled one by one, which is done only if Typst refuses a volume."""

    def print(self, volumes: Sequence[range]) -> list[bytes]:
        """Return the PDF of each volume, with the right pages in links between volumes."""
        homes = self._homes(volumes)
        pages: dict[str, int] = {}
        made: list[tuple[dict[str, Target], tuple[str, ...], Compiled] | None] = [None] * len(volumes)
        for turn in range(ROUNDS if len(volumes) > 1 else 1):
            for number, volume in enumerate(volumes):
                away = self._outside_links(number, volume, homes, pages)
                if not (last := made[number]) or not last[2].pdf or last[:2] != (away, self.settings.standards):
                    # The first round knows no pages of other volumes, so a PDF with such links would be discarded.
                    draft = turn == 0 and any(isinstance(target, tuple) for target in away.values())
                    compiled = self._compile(number, volumes, away, draft)
                    made[number] = away, self.settings.standards, compiled
            found = {label: page for one in made if one for label, page in one[2].pages.items()}
            if found == pages and all(one and one[2].pdf and one[1] == self.settings.standards for one in made):
                break
            pages = found
        return [one[2].pdf for one in made if one]

    def _homes(self, volumes: Sequence[range]) -> dict[str, int]:
        """Return the volume of each label."""
        return {
            label: number
            for number, volume in enumerate(volumes)
            for note in volume
            for label in self.sources.defined(note)
        }

    def _outside_links(
        self, number: int, volume: range, homes: dict[str, int], pages: dict[str, int]
    ) -> dict[str, Target]:
        """Return the targets of links to labels outside the volume; a missing section becomes its note."""
        away: dict[str, Target] = {}
        for label in sorted({label for note in volume for label in self.sources.linked(note)}):
            target = label if label in homes else label.partition("-")[0]
            if homes[target] != number:
                away[label] = (homes[target] + 1, pages.get(target, UNKNOWN_PAGE))
            elif target != label:
                away[label] = target
        return away

    def _compile(self, number: int, volumes: Sequence[range], away: dict[str, Target], draft: bool) -> Compiled:
        """Return the PDF of a volume, or for a draft only the pages of its labels.

        What Typst refuses is set as plain text; standards that a character violates are dropped.
        """
        several = len(volumes) > 1
        inputs = {**self.settings.inputs, "away": json.dumps(away, sort_keys=True)}
        if several:
            inputs["volume"] = f"{number + 1} of {len(volumes)}"
        for _ in range(ATTEMPTS + 2 * len(volumes[number])):
            source = self.source(volumes[number], several)
            try:
                return compile_typst(source, replace(self.settings, inputs=inputs, with_pages=several, draft=draft))
            except CompileError as error:
                self._step_around(error, source, volumes[number], inputs)
        raise WriterError(f"{self.job.book.name}.pdf: Typst refuses every form of the book")

    def source(self, volume: range, with_pages: bool = False) -> str:
        """Return the source of a volume, which provides the pages of its labels if `with_pages` is set."""
        headings = video_headings(self.job.book, volume)
        body = [headings.get(number, "") + self.sources.notes[number] for number in volume]
        topics = typst_book.merge_topics([self.notes[number].topics for number in volume])
        end = "#places()\n" if with_pages else ""
        return "\n".join(
            [
                typst_book.template(),
                typst_book.opening(self.job.book),
                *body,
                typst_book.index(topics, self.job.book.language),
                end,
            ]
        )

    def _step_around(self, error: CompileError, source: str, volume: range, inputs: dict[str, str]) -> None:
        """Remove the cause of a refusal.

        Set what formulas Typst refuses as code, drop the standards, or set what it refuses of the faulty notes as plain
        text.
        """
        if not self.proved:
            self.proved = True
            if self.sources.prove_formulas(replace(self.settings, inputs=inputs)):
                return
        numbers = [typst_book.note_of_line(source, line) for line in error.lines]
        at_fault = sorted({number for number in numbers if number is not None})
        if self.settings.standards and UNPRINTABLE.search(error.report):
            self._drop_standards(error, at_fault)
            return
        # A volume names one note, or none, for much that Typst refuses: from the second time on, all are looked for.
        notes = {note: str(error) for note in at_fault if note not in self.sources.plain}
        if not notes or self.sources.mended or self.sources.plain:
            notes = self._refused_notes(volume, inputs) or notes
        if not notes:
            raise WriterError(f"{self.job.book.name}.pdf: Typst refuses the book: {error}") from error
        for note, why in notes.items():
            self._mend(note, inputs, why)

    def _mend(self, note: int, inputs: dict[str, str], why: str) -> None:
        """Set what Typst refuses of a note as plain text."""
        alone = range(note, note + 1)
        before, _, after = self.source(alone).partition(self.sources.notes[note])
        settings = replace(self.settings, inputs=self._inputs_alone(alone, inputs))
        self.sources.mend(note, settings, before, after, why)

    def _drop_standards(self, error: CompileError, notes: Sequence[int]) -> None:
        """Drop PDF/A and PDF/UA, and report the characters that no font can set."""
        found = sorted({one or other for one, other in UNPRINTABLE.findall(error.report)})
        names = ", ".join([printable_line(character) for character in found])
        for path in [self.sources.summaries[note].path for note in notes] or [self.job.book.name]:
            message = f"no font can set {names}; the PDF is made without PDF/A and PDF/UA"
            self.job.warn(diagnostic("pdf-character", path, 0, message))
        self.settings = replace(self.settings, standards=())

    def _refused_notes(self, volume: range, inputs: dict[str, str]) -> dict[int, str]:
        """Return the notes that Typst refuses by themselves, and why, but for plain text and for what lacks a font."""
        settings = replace(self.settings, inputs=self._inputs_alone(range(0), inputs, volume))
        before = f"{typst_book.template()}\n{typst_book.opening(self.job.book)}"
        pairs = [(self.sources.notes[number], "") for number in volume]
        try:
            found = refused_pieces(pairs, settings, before, alone=True).items()
        except CompileError:  # a title is at fault, too
            return {}
        refused = {volume[at]: why for at, why in found if not UNPRINTABLE.search(why)}
        return {note: why for note, why in refused.items() if note not in self.sources.plain}

    def _inputs_alone(self, kept: range, inputs: dict[str, str], volume: range | None = None) -> dict[str, str]:
        """Return the inputs with which the notes of a volume can be compiled whichever others than the kept are not."""
        everywhere = dict.fromkeys(self._homes([range(len(self.notes))]), 1)
        away = self._outside_links(0, volume or kept, everywhere | self._homes([kept]), {})
        return {**inputs, "away": json.dumps(away)}
