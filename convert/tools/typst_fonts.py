"""Fonts: which characters those inside Typst set, which files this machine has, which characters a file holds."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from convert.errors import ToolError
from convert.tools.package_data import package_data

IGNORABLE = frozenset({0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x2060, 0x2070)}) | frozenset(
    {*range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)}
)
"""Characters that print nothing (Default_Ignorable_Code_Point), so that no font needs them."""


_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")


@dataclass(frozen=True, order=True)
class FontFile:
    """A face of a family in a file."""

    family: str
    path: str
    index: int


@cache
def embedded_characters() -> frozenset[int]:
    """Return the code points that Typst's own fonts set well, without scripts that they contain but do not shape."""
    table = json.loads(package_data("convert.tools", "typst_glyphs.json"))
    covered: set[int] = set(range(0x20, 0x7F))
    for span in table["ranges"].split():
        first, _, last = span.partition("-")
        covered.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(covered)


def uncovered(characters: Iterable[str]) -> set[str]:
    """Return the characters that need a font beside the embedded ones."""
    known = embedded_characters()
    return {c for c in characters if ord(c) not in known and ord(c) not in IGNORABLE}


def font_paths(folder: str = "") -> list[Path]:
    """Return the font files of a folder, if it is named, and of the system, in order; none of them is opened.

    The folders of the system are those that Typst searches: of fontconfig's configuration on Linux, of the user and the
    machine on macOS and Windows.
    """
    found: set[str] = set()
    for root in (folder, *_system_folders()):
        for parent, _, names in os.walk(root) if root else ():
            found.update(os.path.join(parent, name) for name in names if name.lower().endswith(_SUFFIXES))
    return sorted(map(Path, found))


def _system_folders() -> list[str]:
    """Return the folders where the system keeps fonts, whether they exist or not."""
    if sys.platform == "darwin":
        roots = ("~/Library", "/Library", "/System/Library", "/Network/Library")
        return [os.path.expanduser(f"{root}/Fonts") for root in roots]
    if sys.platform == "win32":
        windows, local = os.environ.get("SYSTEMROOT", "C:\\Windows"), os.environ.get("LOCALAPPDATA", "~")
        return [os.path.join(windows, "Fonts"), os.path.join(local, "Microsoft", "Windows", "Fonts")]
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    folders = ["/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", f"{data}/fonts"]
    with suppress(OSError, UnicodeDecodeError):
        text = Path(os.environ.get("FONTCONFIG_FILE") or "/etc/fonts/fonts.conf").read_text("utf-8")
        folders += re.findall(r"<dir>([^<]+)</dir>", text)
    return list(dict.fromkeys(map(os.path.expanduser, folders)))


def found_fonts(folder: str = "") -> tuple[FontFile, ...]:
    """Return the fonts of the system, and those of a folder before them; ToolError if there is no such folder."""
    if folder and not Path(folder).is_dir():
        raise ToolError(f"{folder}: no such folder of fonts; see --font-path")
    return _found_fonts(folder, tuple(font_paths(folder)))


@lru_cache(maxsize=4)
def _found_fonts(folder: str, paths: tuple[Path, ...]) -> tuple[FontFile, ...]:
    """Return the fonts again without opening their files, which takes long, while the same files exist."""
    import typst

    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]) if folder else None
    system = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)
    result = []
    for fonts in filter(None, (own, system)):
        result += sorted(FontFile(font.family, font.path, font.index) for font in fonts.fonts() if font.path)
    return tuple(dict.fromkeys(result))


@cache
def font_characters(font: FontFile) -> frozenset[int]:
    """Return the code points that a face has glyphs for; none if it cannot be read."""
    from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]

    try:
        with TTFont(font.path, fontNumber=font.index, lazy=True) as face:
            return frozenset(face.getBestCmap() or ())
    except (OSError, TTLibError, AssertionError, KeyError, ValueError):
        return frozenset()
