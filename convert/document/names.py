"""The names of files that are made: safe on every system, and different from each other on all of them."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from pathlib import PurePath
from urllib.parse import unquote

from convert.document.note import Video

LONGEST_NAME_BYTES = 200
"""File systems limit names to 255 bytes, of which suffixes need some."""
_FEW = 100
"""So many names are tried one by one, more in leaps: thousands of notes may have one title."""
_LONGEST_ID = 120
_ID_AT_END = re.compile(r"(?:(?<=.)[ _-])?\[[A-Za-z0-9_-]{11}\]$|(?<=.) [0-9a-f]{32}$")
"""The id of a video, or of a page of Notion, at the end of a name."""
_OF_DOWNLOADS = str.maketrans("：？＂｜＊＜＞⧸⧹", ':?"|*<>/\\')
"""What yt-dlp writes instead of signs that names of files cannot have."""
_HYPHEN = re.compile(r"(?<![0-9])-|-(?![0-9])")
_HYPHENS = re.compile(r"-{2,9}")
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\xb9\xb2\xb3])(?= *(?:\.|\Z))", re.IGNORECASE
)
"""Matches a device of Windows at the start of a name: `nul.srt` is one, too."""

_IN_HUMPS = re.compile(r"(?:[A-Z][a-z]++){2,8}+")
_HUMP = re.compile(r"(?:Mc|Mac|De|Le|La)?[A-Z][a-z]++")
_ONE_WORD = frozenset(
    re.findall(r"\w+", "YouTube GitHub GitLab JavaScript TypeScript PowerPoint LinkedIn DeepMind PayPal FaceTime")
)
_SMALL = frozenset(
    re.findall(r"\w+", "a an and at by for from in of on or the to with und von de da do des du et la le y e")
)
_LETTERS_ALONE = frozenset(re.findall(r"\w+", "ai bbc diy dj ml mit nasa npr pbs ted tv uk usa 2d 3d"))
"""Letters that are not read as words; others are not known from words when a folder writes them small."""


def without_invisible(text: str) -> str:
    """Return a text without control, format (also bidi) and unassigned characters, and without undecodable bytes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn")])


def safe_stem(text: str, fallback: str) -> str:
    """Return a text as file name without suffix: as it is where that is safe; the fallback if nothing is left."""
    visible = without_invisible(_UNSAFE.sub("-", text)).strip(" .")
    short = visible.encode()[:LONGEST_NAME_BYTES].decode("utf-8", "ignore").rstrip(" .") or fallback
    device = _RESERVED.match(short)
    return f"{device[0]}_{short[device.end() :]}" if device else short


def title_of(path: str, video: Video | None = None) -> str:
    """Return the name of a file as a person would write it: words, case and numbers stay, the id of its video goes.

    >>> title_of("storm_at_sea.md"), title_of("Episode-12--Tides-and-Ports.md"), title_of("A talk [aqz-KE-bpKQ].txt")
    ('storm at sea', 'Episode 12 - Tides and Ports', 'A talk')
    """
    name = PurePath(path).stem
    if video and len(video.id) < len(name) - 1:
        name = name.removesuffix(f"-{video.id}")
    name = unicodedata.normalize("NFC", unquote(name) if "%20" in name else name)
    name = unescape(name) if "&" in name and ";" in name else name
    if named := _ID_AT_END.search(name):
        name = name[: named.start()].translate(_OF_DOWNLOADS)
    if video and name == video.id:
        return name
    if _is_kebab(name):
        name = " - ".join([_HYPHEN.sub(" ", part) for part in _HYPHENS.split(name)])
    return " ".join(without_invisible(name if " " in name else name.replace("_", " ")).split())


def _is_kebab(name: str) -> bool:
    """Return whether hyphens stand for blanks: in `high-water-mark`, not in `self-hosting` and `Rhein-Main-Gebiet`."""
    parts = name.split("-")
    if " " in name or "_" in name or not parts[0]:
        return False
    return "--" in name or len(parts) > 3 or (len(parts) == 3 and name.islower())


def channel_title(folder: str) -> str:
    """Return the name of a channel's folder as a person would write it; what may be a name as it stands stays.

    >>> channel_title("blender_studio"), channel_title("DrTutoriales"), channel_title("hu-po"), channel_title("YouTube")
    ('Blender Studio', 'Dr Tutoriales', 'hu-po', 'YouTube')
    """
    if " " in folder:
        return folder
    words = [word for word in folder.split("_") if word]
    if len(words) == 1 and _IN_HUMPS.fullmatch(folder) and folder not in _ONE_WORD:
        words = _HUMP.findall(folder)
    elif len(words) == 1 and folder.islower() and folder.count("-") > 1 and all(folder.split("-")):
        words = folder.split("-")
    if len(words) < 2:
        return folder
    if not any(map(str.isupper, "".join(words))):
        words = [_capital(word) if not at or word not in _SMALL else word for at, word in enumerate(words)]
    return " ".join(words)


def _capital(word: str) -> str:
    return word.upper() if word in _LETTERS_ALONE else word[:1].upper() + word[1:]


def file_stem(video: Video) -> str:
    """Return the file name stem for a video, safe on every system: its id, or the stem of its file."""
    name = video.id.rpartition("/")[2].rpartition(".")[0] if video.provider == "file" else video.id
    return safe_stem(name.strip(" .")[:_LONGEST_ID], "video")


def apart(stem: str) -> str:
    """Return a stem that is not that of another's subtitles, which are called `<stem>.cues.srt`."""
    return f"{stem}_" if stem.lower().endswith(".cues") else stem


def unique_name(name: str, taken: set[str]) -> str:
    """Return the name, or the first of `name-2`, `name-3` that is not in `taken`, and add it there.

    Names are equal if a disk may take them for one: whatever their case, composed or decomposed.
    """
    candidate, number = name, 1
    while (key := disk_key(candidate)) in taken:
        number = number + 1 if number < _FEW else _after_many(name, number, taken)
        candidate = f"{name}-{number}"
    taken.add(key)
    return candidate


def _after_many(name: str, number: int, taken: set[str]) -> int:
    """Return a number above this one, which is taken, that is not: the one after a row of taken ones."""
    below, above = number, 2 * number
    while disk_key(f"{name}-{above}") in taken:
        below, above = above, 2 * above
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (middle, above) if disk_key(f"{name}-{middle}") in taken else (below, middle)
    return above


def disk_key(name: str) -> str:
    """Return a key that is the same for all names that some disk takes for one: it ignores case and Unicode form."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
