"""The fonts of a book: the ones inside Typst, and fonts of this machine for the characters that they lack.

Kept apart because it matches scripts and fonts, and knows nothing of notes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from convert.errors import WriterError
from convert.tools.typst_fonts import FontFile, font_characters, found_fonts, uncovered

TEXT = "Libertinus Serif"
CJK = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH", "KANGXI")
CJK_REGIONS = {"ja": "JP", "ko": "KR", "zh-TW": "TC", "zh-Hant": "TC", "zh-HK": "HK"}
EMOJI = range(0x1F000, 0x20000)


@dataclass(frozen=True)
class Fonts:
    """The families of the text in order of preference, their files, and the characters that none of them has."""

    families: tuple[str, ...]
    files: tuple[str, ...]
    missing: frozenset[str]


def choose_fonts(characters: Iterable[str], font: str, folder: str, language: str) -> Fonts:
    """Return the fonts that a book with these characters needs; raises WriterError if the font asked for is missing."""
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
    """Return the families to try for a script: Noto's serif for it, its sans, Noto's others, then all the rest."""
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
