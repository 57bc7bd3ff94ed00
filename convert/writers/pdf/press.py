"""Volumes to PDFs: compile, find what stands in the way, step around it, compile again."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from convert.errors import WriterError
from convert.render import typst_book
from convert.render.pandoc_text import clean
from convert.report import diagnostic
from convert.tools.typst_compile import Compiled, CompileError, Settings, compile_typst
from convert.writers.pdf.notes import Piece, heads_of_parts
from convert.writers.pdf.sources import Sources

if TYPE_CHECKING:
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions

ROUNDS = 5
"""How often pages are looked up before links between volumes are taken as they are."""

ATTEMPTS = 12
"""How often one volume is compiled before notes are looked for by halves."""

UNPRINTABLE = re.compile(r"the text `\"(.+?)\"` could not be displayed|contains the codepoint `\"(.+?)\"`")

Place = str | tuple[int, int]
"""Where a label is that a volume lacks: another label of the volume, or volume and page."""


@dataclass
class Press:
    """A book on its way to PDFs."""

    job: Job[PdfOptions]
    pieces: Sequence[Piece]
    sources: Sources
    settings: Settings

    def print(self, volumes: Sequence[range]) -> list[bytes]:
        """The PDF of each volume, links between them at the right pages."""
        homes = self._homes(volumes)
        pages: dict[str, int] = {}
        made: list[tuple[dict[str, Place], tuple[str, ...], Compiled] | None] = [None] * len(volumes)
        for turn in range(ROUNDS if len(volumes) > 1 else 1):
            for number, volume in enumerate(volumes):
                away = self._away(number, volume, homes, pages)
                if not (last := made[number]) or not last[2].pdf or last[:2] != (away, self.settings.standards):
                    # The first round knows no pages of other volumes: a PDF that shows one would be thrown away.
                    draft = turn == 0 and any(isinstance(place, tuple) for place in away.values())
                    compiled = self._compile(number, volumes, away, draft)
                    made[number] = away, self.settings.standards, compiled
            found = {label: page for one in made if one for label, page in one[2].places.items()}
            if found == pages and all(one and one[2].pdf and one[1] == self.settings.standards for one in made):
                break
            pages = found
        return [one[2].pdf for one in made if one]

    def _homes(self, volumes: Sequence[range]) -> dict[str, int]:
        """The volume of each label."""
        return {
            label: number
            for number, volume in enumerate(volumes)
            for note in volume
            for label in self.sources.defined(note)
        }

    def _away(self, number: int, volume: range, homes: dict[str, int], pages: dict[str, int]) -> dict[str, Place]:
        """Where the labels are that a volume links to and lacks; a section that is gone is its note."""
        away: dict[str, Place] = {}
        for label in sorted({label for note in volume for label in self.sources.linked(note)}):
            target = label if label in homes else label.partition("-")[0]
            if homes[target] != number:
                away[label] = (homes[target] + 1, pages.get(target, 100))
            elif target != label:
                away[label] = target
        return away

    def _compile(self, number: int, volumes: Sequence[range], away: dict[str, Place], draft: bool) -> Compiled:
        """The PDF of a volume; notes that Typst refuses are set plain, standards that a character breaks dropped.

        A draft only tells where the labels stand.
        """
        inputs = {**self.settings.inputs, "away": json.dumps(away, sort_keys=True)}
        if len(volumes) > 1:
            inputs["volume"] = f"{number + 1} of {len(volumes)}"
        for _ in range(ATTEMPTS + len(volumes[number])):
            source = self.source(volumes[number], len(volumes) > 1)
            try:
                return compile_typst(
                    source, replace(self.settings, inputs=inputs, places=len(volumes) > 1, draft=draft)
                )
            except CompileError as error:
                self._step_around(error, source, volumes[number], inputs)
        raise WriterError(f"{self.job.book.name}.pdf: Typst refuses every form of the book")

    def source(self, volume: range, places: bool = False) -> str:
        """The whole source of a volume."""
        heads = heads_of_parts(self.job.book, volume)
        body = [heads.get(number, "") + self.sources.notes[number] for number in volume]
        topics = typst_book.merge_topics(self.pieces[number].topics for number in volume)
        end = "#places()\n" if places else ""
        return "\n".join(
            [typst_book.template(), typst_book.opening(self.job.book), *body, typst_book.index(topics), end]
        )

    def _step_around(self, error: CompileError, source: str, volume: range, inputs: dict[str, str]) -> None:
        """Remove the cause of a refusal: drop the standards, or set the notes at fault plain."""
        at_fault = {typst_book.note_of_line(source, line) for line in error.lines} - {None}
        if self.settings.standards and UNPRINTABLE.search(error.report):
            self._drop_standards(error, sorted(n for n in at_fault if n is not None))
            return
        notes = [note for note in at_fault if note is not None and note not in self.sources.plain]
        for note in sorted(notes or self._search(volume, inputs, error)):
            self.sources.flatten(note, str(error))

    def _drop_standards(self, error: CompileError, notes: Sequence[int]) -> None:
        """Make the book without PDF/A and PDF/UA, and name the characters that no font can set."""
        found = sorted({one or other for one, other in UNPRINTABLE.findall(error.report)})
        names = ", ".join(clean(character) for character in found)
        for note in notes:
            message = f"no font can set {names}; the PDF is made without PDF/A and PDF/UA"
            self.job.warn(diagnostic("pdf-character", self.sources.entry(note).path, 0, message))
        self.settings = replace(self.settings, standards=())

    def _search(self, volume: range, inputs: dict[str, str], error: CompileError) -> list[int]:
        """The note at fault by halves, where Typst names no line of a note; WriterError when it is none."""
        while len(volume) > 1:
            middle = (volume.start + volume.stop) // 2
            first = range(volume.start, middle)
            volume = first if self._refused(first, inputs) else range(middle, volume.stop)
        if volume.start in self.sources.plain or not self._refused(volume, inputs):
            raise WriterError(f"{self.job.book.name}.pdf: Typst refuses the book: {error}") from error
        return [volume.start]

    def _refused(self, volume: range, inputs: dict[str, str]) -> bool:
        """Whether a run of notes by itself cannot be compiled."""
        away = self._away(0, volume, self._homes([volume]) | dict.fromkeys(self._labels(), 1), {})
        own = {**inputs, "away": json.dumps(away)}
        try:
            compile_typst(self.source(volume), replace(self.settings, inputs=own))
        except CompileError:
            return True
        return False

    def _labels(self) -> list[str]:
        return [label for number in range(len(self.pieces)) for label in self.sources.defined(number)]
