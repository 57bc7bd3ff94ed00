"""Paper and margins as the user writes them, as the template takes them."""

from __future__ import annotations

import re

from convert.errors import UsageError

PAPERS = (
    "a3", "a4", "a5", "a6", "b5", "iso-b5", "jis-b5", "us-letter", "us-legal", "us-executive", "us-digest", "us-trade",
)  # fmt: skip
SHORT = {"letter": "us-letter", "legal": "us-legal", "b5": "iso-b5"}
LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)(mm|cm|in|pt)")
MARGIN = ("28mm", "26mm")
"""At the sides; above and below."""


def paper_input(paper: str) -> str:
    """The size of paper by Typst's name; UsageError for one that is not known."""
    name = paper.strip().lower()
    if name not in PAPERS and name not in SHORT:
        raise UsageError(f'--paper "{paper}" is unknown; one of {", ".join(sorted({*PAPERS, *SHORT}))}')
    return SHORT.get(name, name)


def margin_input(margin: str) -> str:
    """The margins as Typst source, made of numbers and units alone; UsageError when they are no lengths."""
    sides, height = margin_lengths(margin)
    return f"(x: {sides}, y: {height})"


def margin_lengths(margin: str) -> tuple[str, str]:
    """The margins at the sides, and above and below; UsageError when they are no lengths."""
    if not margin:
        return MARGIN
    lengths = [LENGTH.fullmatch(length.strip()) for length in margin.split(",")]
    found = [length[0] for length in lengths if length]
    if len(found) != len(lengths) or len(found) > 2:
        raise UsageError(f'--pdf-margin "{margin}" is no margin; write 2cm, or 2cm,25mm for sides and top and bottom')
    return found[0], found[-1]
