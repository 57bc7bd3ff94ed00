"""Chooses the fonts of a book: Typst's own, and fonts of this machine for characters that they lack."""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from convert.errors import ToolError, WriterError
from convert.files import read_text, walk
from convert.tools import package_data

IGNORABLE = frozenset({0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x2060, 0x2070)}) | frozenset(
    {*range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)}
)
"""Invisible characters (Default_Ignorable_Code_Point), which need no font."""

_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_LARGEST_SETTINGS = 1_000_000
"""Bytes of fontconfig's settings."""

TEXT = "Libertinus Serif"
CJK = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH", "KANGXI")
CJK_REGIONS = {"ja": "JP", "ko": "KR", "zh-TW": "TC", "zh-Hant": "TC", "zh-HK": "HK"}
EMOJI = range(0x1F000, 0x20000)


@dataclass(frozen=True, order=True)
class FontFile:
    """A face of a family in a file."""

    family: str
    path: str
    index: int


@cache
def embedded_characters() -> frozenset[int]:
    """Return the code points of Typst's own fonts, without scripts that they do not shape."""
    table = json.loads(package_data("convert.tools", "typst_glyphs.json"))
    covered: set[int] = set(range(0x20, 0x7F))
    for span in table["ranges"].split():
        first, _, last = span.partition("-")
        covered.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(covered)


def uncovered(characters: Iterable[str]) -> set[str]:
    """Return the characters that the embedded fonts lack."""
    known = embedded_characters()
    return {c for c in characters if ord(c) not in known and ord(c) not in IGNORABLE}


def font_paths(folder: str = "") -> list[Path]:
    """Return the font files of a folder (if any) and of the system, sorted and unopened.

    The system's folders are the ones that Typst searches: fontconfig's on Linux, the user's and the machine's on macOS
    and Windows.
    """
    found: set[str] = set()
    for root in (folder, *_system_folders()):
        for parent, names in walk(root) if root else ():
            found.update(os.path.join(parent, name) for name in names if name.lower().endswith(_SUFFIXES))
    return sorted(map(Path, found))


def _system_folders() -> list[str]:
    """Return the system's font folders; they may not exist."""
    if sys.platform == "darwin":
        roots = ("~/Library", "/Library", "/System/Library", "/Network/Library")
        return [os.path.expanduser(f"{root}/Fonts") for root in roots]
    if sys.platform == "win32":
        windows, local = os.environ.get("SYSTEMROOT", "C:\\Windows"), os.environ.get("LOCALAPPDATA", "~")
        return [os.path.join(windows, "Fonts"), os.path.join(local, "Microsoft", "Windows", "Fonts")]
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    folders = ["/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", f"{data}/fonts"]
    with suppress(OSError, UnicodeDecodeError):
        text = read_text(os.environ.get("FONTCONFIG_FILE") or "/etc/fonts/fonts.conf", _LARGEST_SETTINGS)
        folders += re.findall(r"<dir>([^<]+)</dir>", text)
    return list(dict.fromkeys(map(os.path.expanduser, folders)))


def found_fonts(folder: str = "") -> tuple[FontFile, ...]:
    """Return the fonts of a folder (if any), then of the system; raises ToolError if there is no such folder."""
    if folder and not os.path.isdir(folder):
        raise ToolError(f"{folder}: no such folder of fonts; see --font-path")
    paths = font_paths(folder)
    own = [path for path in paths if folder and path.is_relative_to(folder)]
    # Typst would wait for a pipe.
    if odd := [path for path in own if os.path.exists(path) and not os.path.isfile(path)]:
        raise ToolError(f"{odd[0]}: is not an ordinary file: take it out of --font-path")
    return _found_fonts(folder, tuple(paths))


@lru_cache(maxsize=4)
def _found_fonts(folder: str, paths: tuple[Path, ...]) -> tuple[FontFile, ...]:
    """Return the fonts, cached while the same files exist."""
    import typst

    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]) if folder else None
    system = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)
    result = []
    for fonts in filter(None, (own, system)):
        result += sorted(FontFile(font.family, font.path, font.index) for font in fonts.fonts() if font.path)
    return tuple(dict.fromkeys(result))


@cache
def font_characters(font: FontFile) -> frozenset[int]:
    """Return the code points for which a face has glyphs; none if it cannot be read."""
    from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]

    try:
        with TTFont(font.path, fontNumber=font.index, lazy=True) as face:
            return frozenset(face.getBestCmap() or ())
    except (OSError, TTLibError, AssertionError, KeyError, ValueError):
        return frozenset()


@dataclass(frozen=True)
class Fonts:
    """The font families in order of preference, their files, and the characters that none of them has."""

    families: tuple[str, ...]
    files: tuple[str, ...]
    missing: frozenset[str]


def choose_fonts(characters: Iterable[str], font: str, folder: str, language: str) -> Fonts:
    """Return the fonts for a book with these characters; raises WriterError if the font named is missing."""
    wanted = uncovered(characters)
    if not wanted and not font and not folder:
        return Fonts((TEXT,), (), frozenset())
    available = found_fonts(folder)
    families = [font] if font and font != TEXT else []
    if families and not any(one.family == font for one in available):
        raise WriterError(f'the font "{font}" is not installed; install it, or name its folder with --font-path')
    missing = set(wanted) - _held(available, font)
    for script in sorted({script_of(c) for c in missing}):
        for family in _ranked(available, script, language):
            of_script = {c for c in missing if script_of(c) == script}
            if of_script and (held := _held(available, family) & of_script):
                missing -= held
                families.append(family)
    chosen = tuple(dict.fromkeys([*families[:1], TEXT, *families[1:]] if font else [TEXT, *families]))
    paths = sorted({one.path for one in available if one.family in chosen})
    return Fonts(chosen, tuple(paths), frozenset(missing))


def _held(available: Sequence[FontFile], family: str) -> set[str]:
    face = next((one for one in available if one.family == family), None)
    return set(map(chr, font_characters(face))) if face else set()


def _ranked(available: Sequence[FontFile], script: str, language: str) -> list[str]:
    """Return the families to try for a script: its Noto serif, its Noto sans, other Noto fonts, then the rest."""
    families = sorted({one.family for one in available})
    wanted = _noto_names(script, language)
    first = [name for name in wanted if name in families]
    noto = [name for name in families if name.startswith("Noto ") and name not in first]
    return [*first, *noto, *(name for name in families if name not in first and name not in noto)]


def _noto_names(script: str, language: str) -> list[str]:
    if script == "CJK":
        region = CJK_REGIONS.get(language) or CJK_REGIONS.get(language.split("-")[0], "SC")
        return [f"Noto Serif CJK {region}", f"Noto Sans CJK {region}"]
    if script == "EMOJI":
        return ["Noto Color Emoji", "Noto Emoji", "Noto Sans Symbols2", "Noto Sans Symbols 2"]
    if script == "ARABIC":
        return ["Noto Naskh Arabic", "Noto Sans Arabic"]
    name = script.title()
    return [f"Noto Serif {name}", f"Noto Sans {name}", "Noto Sans Symbols", "Noto Sans Symbols2", "Noto Sans Math"]


def script_of(character: str) -> str:
    """Return the script of a character: the first word of its Unicode name ("DEVANAGARI"), or "CJK" or "EMOJI"."""
    name = unicodedata.name(character, "UNNAMED")
    word = name.partition(" ")[0].partition("-")[0]
    if word in CJK or (unicodedata.east_asian_width(character) in "FW" and ord(character) not in EMOJI):
        return "CJK"
    return "EMOJI" if ord(character) in EMOJI else word


def package_for(character: str) -> str:
    """Return the Debian package with a font for the character, "" if no font can have it."""
    if unicodedata.category(character) in ("Co", "Cn"):
        return ""
    return {"CJK": "fonts-noto-cjk", "EMOJI": "fonts-noto-color-emoji"}.get(script_of(character), "fonts-noto-core")
