"""Finds the files of a vault and gives each a channel and a slug. Nothing is opened here."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from convert.document.slugs import slug
from convert.report import Diagnostic, diagnostic

SUFFIXES = frozenset((".md", ".markdown", ".txt"))
_SKIPPED_FOLDERS = frozenset(("node_modules", "__pycache__", "venv", "site-packages"))


@dataclass(frozen=True)
class Source:
    """A file that may be a note. `named` when the user named it: then it is a note whatever it holds."""

    path: str
    shown: str
    """The path as diagnostics show it."""
    folder: str
    """The folder of its channel, absolute."""
    channel: str
    slug: str
    named: bool = False

    @property
    def id(self) -> str:
        return f"{self.channel}/{self.slug}"


def find_sources(inputs: Iterable[Path], output: Path | None = None) -> tuple[list[Source], list[Diagnostic]]:
    """The files below the inputs, sorted by path, each once; folders are searched down.

    Left out: the output folder, dot folders, virtual environments, node_modules, links that leave the input.
    """
    problems: list[Diagnostic] = []
    found: dict[Path, tuple[Path, bool]] = {}
    skipped = output.resolve() if output else None
    for start in inputs:
        if start.is_dir():
            for path in _walk(start, skipped, problems):
                found.setdefault(path.resolve(), (path, False))
        elif start.exists():
            found[start.resolve()] = (start, True)
        else:
            problems.append(diagnostic("file-missing", str(start), 0, "no such file or folder: check the path"))
    return _identified(sorted(found.items())), problems


def _walk(start: Path, skipped: Path | None, problems: list[Diagnostic]) -> Iterator[Path]:
    root = start.resolve()

    def failed(error: OSError) -> None:
        problems.append(diagnostic("file-unreadable", str(error.filename), 0, f"{error.strerror}: skipped"))

    for folder, folders, files in os.walk(start, onerror=failed):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not _is_skipped(here / name, skipped))
        for name in sorted(files):
            path = here / name
            if path.suffix.lower() not in SUFFIXES or name.startswith("."):
                continue
            if not path.is_file():
                message = "a broken link or no ordinary file: left out"
                problems.append(diagnostic("file-unreadable", str(path), 0, message))
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                problems.append(diagnostic("file-outside", str(path), 0, "a link that leaves the folder: not followed"))
                continue
            yield path


def _is_skipped(folder: Path, skipped: Path | None) -> bool:
    name = folder.name
    if name.startswith(".") or name in _SKIPPED_FOLDERS or (folder / "pyvenv.cfg").exists():
        return True
    return skipped is not None and folder.resolve() == skipped


def _identified(found: list[tuple[Path, tuple[Path, bool]]]) -> list[Source]:
    """The files with ids that are unique in the vault: `-2`, `-3` in the order of the paths where names collide."""
    channels: dict[Path, str] = {}
    taken: Counter[str] = Counter()
    sources = []
    for path, (shown, named) in found:
        if path.parent not in channels:
            channels[path.parent] = _unique(plain_name(path.parent.name) or "notes", taken)
        channel = channels[path.parent]
        name = _unique(f"{channel}/{slug(plain_name(path.stem)) or 'note'}", taken)
        sources.append(Source(str(path), str(shown), str(path.parent), channel, name.rpartition("/")[2], named))
    return sources


def _unique(name: str, taken: Counter[str]) -> str:
    taken[name] += 1
    return name if taken[name] == 1 else _unique(f"{name}-{taken[name]}", taken)


def plain_name(name: str) -> str:
    """A file or folder name as text: NFC, without control, format and bidi characters and undecodable bytes."""
    kept = (c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn"))
    return "".join(kept).strip()
