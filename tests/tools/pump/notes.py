"""Notes of one fragment many times, at half a megabyte and at a megabyte, through every writer but the PDF's.

The PDF has a limit of its own: Typst's time grows faster than a paragraph, which is why long ones are cut.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from convert.pipeline.run import build
from convert.request import Request
from tests.support.vaults import VIDEO
from tests.tools.pump.pumps import Pump
from tests.tools.pump.timing import RATIO, growth

WRITERS = ("epub", "chapters", "anki", "html")
BYTES = 1_000_000
MOST_S = 120.0


class _Deep(Pump):
    """A text whose first half repeats the start, which opens quotes or items around the pieces of the other half."""

    def text(self, length: int) -> str:
        """Return the text with about `length` characters."""
        return self.start * (length // 2 // len(self.start)) + Pump("", self.piece).text(length // 2)


NOTES = {
    "aligned formulas": Pump("", "$$\na + b = c \\\\\nd + e = f\n\n$$ x [0:10]\n\n"),
    "formulas and money": Pump("", "$a_1 + b$ costs $5 or $6, "),
    "anchors in code": Pump("`<a ", "data-t= ", "`"),
    "dashes of a table": Pump("[[a|b]]\n", "-  ", "x"),
    "a table": Pump("| a | b |\n| - | - |\n", "| [[c|d]] | [0:10] |\n"),
    "letters and hyphens": Pump("", "ACGT-TGCA-"),
    "short names in brackets": Pump("", "Deoxy Nucleic Acid (DNA "),
    "open clozes": Pump("", "{{c1::a :: "),
    "dots after because": Pump("It is so because ", ". ", "x"),
    "questions": Pump("", "What is it?::This [00:01:00].\n\n"),
    "sentences": Pump("", "A **tide** is a rise of the sea that the moon causes [00:01:00]. "),
    "one sentence": Pump("A tide is ", "a rise of the sea and "),
    "one word": Pump("", "x"),
    "blanks": Pump("a\n\n```\n", " ", "b\n```"),
    "stamps": Pump("a ", "[00:01:00] "),
    "sections": Pump("", "## A [0:10]\n\n- b\n- c [[a#A]]\n\n"),
    "links to blocks": Pump("", "a [[#^b1]] ^b1\n\n"),
    "closing elements": Pump("# ", "</p>", "a"),
    "emphasis": Pump("", "*a **b ==c== d** e* "),
    "quotes around embeds": _Deep(">", "![[b]]"),
    "quotes around lines": _Deep("> - ", "a\n"),
    "callouts and footnotes": Pump("", "> [!note] A\n> b [^1]\n\n[^1]: c\n\n"),
}


def slow_notes() -> tuple[int, int]:
    """Print the notes whose time grows too fast; return how many were made, and how many were printed."""
    count = slow = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, pump in NOTES.items():
            short, long = (_laid_out(Path(folder, f"{length}"), pump, length) for length in (BYTES // 2, BYTES))
            for writer in WRITERS:
                count += 1
                calls = partial(_build, short, writer), partial(_build, long, writer)
                ratio = growth(*calls, 1, MOST_S)
                if ratio > RATIO:
                    ratio = growth(*calls, 3, MOST_S)
                if ratio > RATIO:
                    slow += 1
                    print(f"{name}, {writer}: {ratio:.1f}", flush=True)
    return count, slow


def _laid_out(folder: Path, pump: Pump, length: int) -> Path:
    notes = folder / "films"
    notes.mkdir(parents=True, exist_ok=True)
    (notes / "a.md").write_text(f"---\ntitle: A\nvideoId: {VIDEO}\n---\n\n{pump.text(length)}\n", "utf-8")
    return notes


def _build(notes: Path, writer: str) -> None:
    with tempfile.TemporaryDirectory() as output:
        report = build(Request((notes,), Path(output), (writer,), jobs=1, max_seconds=0))
    assert not any(book.failures for book in report.books), [book.failures for book in report.books]
