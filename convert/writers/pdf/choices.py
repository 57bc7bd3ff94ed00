"""Paper, margins and engine as the user writes them, checked before any work is done."""

from __future__ import annotations

import re

from convert.errors import UsageError

PAPERS = (
    "a3", "a4", "a5", "a6", "b5", "iso-b5", "jis-b5", "us-letter", "us-legal", "us-executive", "us-digest", "us-trade",
)  # fmt: skip
SHORT = {"letter": "us-letter", "legal": "us-legal", "b5": "iso-b5"}
LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)(mm|cm|in|pt)")
MARGIN = ("28mm", "26mm")
"""The margins at the sides, and above and below."""
ENGINES = {
    "weasyprint": "pip install weasyprint",
    "xelatex": "apt-get install texlive-xetex texlive-plain-generic texlive-fonts-recommended lmodern",
}
"""The engines beside Typst, and how each is installed."""


def paper_input(paper: str) -> str:
    """Return Typst's name of a paper size; raises UsageError for an unknown one."""
    name = paper.strip().lower()
    if name not in PAPERS and name not in SHORT:
        raise UsageError(f'--paper "{paper}" is unknown; one of {", ".join(sorted({*PAPERS, *SHORT}))}')
    return SHORT.get(name, name)


def margin_input(margin: str) -> str:
    """Return the margins as Typst source of numbers and units alone; raises UsageError if they are no lengths."""
    sides, height = margin_lengths(margin)
    return f"(x: {sides}, y: {height})"


def margin_lengths(margin: str) -> tuple[str, str]:
    """Return the margins at the sides, and above and below; raises UsageError if they are no lengths."""
    if not margin:
        return MARGIN
    lengths = [LENGTH.fullmatch(length.strip()) for length in margin.split(",")]
    found = [length[0] for length in lengths if length]
    if len(found) != len(lengths) or len(found) > 2:
        raise UsageError(f'--pdf-margin "{margin}" is no margin; write 2cm, or 2cm,25mm for sides and top and bottom')
    return found[0], found[-1]


def check_engine(name: str) -> None:
    """Raise UsageError for an unknown engine."""
    if name != "typst" and name not in ENGINES:
        raise UsageError(f'--pdf-engine "{name}" is unknown; one of typst, {", ".join(ENGINES)}')
