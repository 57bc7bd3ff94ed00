"""Addresses that open a note in Obsidian at the heading above a card.

Kept apart because it knows how Obsidian names headings, not how Anki stores cards.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from urllib.parse import quote

from convert.document import nodes as n
from convert.document.note import Home, Note
from convert.document.walk import all_blocks, descend

_NOT_IN_LINKS = re.compile(r"[\[\]#|^:\\%]")
"""Characters that Obsidian replaces by blanks in links to headings."""


class ObsidianLinks:
    """The addresses of the headings of a note."""

    def __init__(self, note: Note, vault: str = "") -> None:
        """Collect the headings; `vault` is the name of the vault if the user gave one."""
        name = os.path.splitext(os.path.basename(note.path.replace("\\", "/")))[0]
        home = note.home if isinstance(note.home, Home) else Home("", name)
        self._vault, self._file = vault or home.vault, home.file
        headings = [block for block in all_blocks(note.blocks) if isinstance(block, n.Section)] if self._vault else []
        self._lines = [section.line for section in headings]
        self._headings = [_as_written(section) for section in headings]

    def address(self, line: int) -> str:
        """Return the address that opens the note at the heading above a line, "" outside Obsidian vaults."""
        if not self._vault:
            return ""
        index = bisect_right(self._lines, line) - 1
        heading = self._headings[index] if index >= 0 else ""
        target = f"{self._file}#{heading}" if heading else self._file
        return f"obsidian://open?vault={_quoted(self._vault)}&file={_quoted(target)}"


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _as_written(section: n.Section) -> str:
    """Return a heading as a link to it names it: with its stamps, without characters that links cannot hold."""
    parts = []
    for node in descend(section.title):
        if isinstance(node, n.Stamp):
            parts.append(f" {node.raw} ")
        elif isinstance(node, n.Text | n.Code):
            parts.append(node.text)
        elif isinstance(node, n.Math):
            parts.append(f"${node.tex}$")
    return " ".join(_NOT_IN_LINKS.sub(" ", "".join(parts)).split())[:500]
