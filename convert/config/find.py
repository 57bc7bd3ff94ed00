"""Finds the settings file of notes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

NAME = "notebind.toml"
PROJECT = "pyproject.toml"
TABLE = ("tool", "notebind")


def find_settings(places: Iterable[Path]) -> Path | None:
    """The file that holds for all these folders and files: in the folder that they share, or in the nearest above.

    In one folder `notebind.toml` wins over `pyproject.toml`, which counts only when it has a table `[tool.notebind]`.
    """
    folders = [place if place.is_dir() else place.parent for place in places]
    try:
        # Only `..` and relative paths are resolved: a link to a folder of notes stays where its user put it.
        shared = Path(os.path.commonpath([os.path.abspath(folder) for folder in folders]))
    except ValueError:  # no places, or on several drives
        return None
    return next((path for folder in (shared, *shared.parents) for path in _here(folder)), None)


def _here(folder: Path) -> list[Path]:
    own, project = folder / NAME, folder / PROJECT
    return [path for path, counts in ((own, own.is_file()), (project, _speaks_of_us(project))) if counts]


def _speaks_of_us(project: Path) -> bool:
    try:
        # A pipe of that name would be waited for.
        return project.is_file() and b"tool.notebind" in project.read_bytes().replace(b" ", b"").replace(b'"', b"")
    except OSError:
        return False
