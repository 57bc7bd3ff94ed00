"""Finds the Obsidian vaults that notes are in: folders that hold a folder `.obsidian`.

Kept apart because it looks at folders above those that were named; no file in them is opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from convert.document.note import Home
from convert.storage.location import is_address
from convert.vault.discovery import Source


def vaults_of(sources: Iterable[Source]) -> list[str]:
    """Return the paths of the vaults that hold the files, each once, sorted; "" stands for those outside."""
    homes = Homes()
    return sorted({homes.root(source) for source in sources})


class Homes:
    """Finds the vault of each file; each folder is looked at once."""

    def __init__(self) -> None:
        """Know no folder yet."""
        self._roots: dict[str, str] = {}

    def find(self, source: Source) -> Home | None:
        """Return the vault and the path in it of a file, None for one outside any vault or in a store."""
        root = self.root(source)
        if not root:
            return None
        inside = os.path.splitext(os.path.relpath(source.path, root))[0].replace(os.sep, "/")
        return Home(os.path.basename(root), inside)

    def root(self, source: Source) -> str:
        """Return the path of the vault of a file, "" for one outside any vault or in a store."""
        return "" if is_address(source.path) else self._root(os.path.dirname(source.path))

    def _root(self, folder: str) -> str:
        """Return the nearest folder, this one or above it, that is a vault; "" if there is none."""
        passed = []
        while folder not in self._roots:
            passed.append(folder)
            above = os.path.dirname(folder)
            if above == folder:
                self._roots[folder] = ""
            elif os.path.isdir(os.path.join(folder, ".obsidian")):
                self._roots[folder] = folder
            else:
                folder = above
        self._roots.update(dict.fromkeys(passed, self._roots[folder]))
        return self._roots[folder]
