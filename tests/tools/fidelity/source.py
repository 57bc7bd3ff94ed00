"""Finds what a reader should see of a note, without the project's reader.

markdown-it-py parses the Markdown. The few rules below handle front matter, stamps, wikilinks, fences around the text
and HTML. They were written from the description of the format and share no code with `convert`.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

_FRONT = re.compile(r"\A\s*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FROM = re.compile(r"\A\s*From:[ \t]*\[\[[^\]\n]*\]\][ \t]*(?:<br[ \t]*/?>)?[ \t]*(?=\n|\Z)")
_FENCE = re.compile(r"^(?P<ticks>`{3,}) *(?P<language>[^\s`]*)[^`\n]*$")
_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
_ADDRESS = re.compile(r"(?:v=|youtu\.be/|shorts/|embed/|live/)([A-Za-z0-9_-]{11})")
_TWICE = re.compile(r"\[[\d:.]+\]\(((?:<a [^>]*data-t[^>]*>[^<]*</a>(?:, ?)?)+)\)?")
_PIPED = re.compile(r"(\[\[[^\[\]|\n]+)\\?\|")
_NO_LINK = re.compile(r"\[\[:?\s*(\[[\d:.]+\])\s*\]\]")
_NOTE_MARK = re.compile(r"\[\^([^\]\s]+)\](:?)")
_ADMONITION = re.compile(r"^```ad-(\w+)[ \t]*\n((?:(?!```).*\n)*)```[ \t]*$", re.MULTILINE)
PIPE = "\ue000"
"""Replaces the bar of a wikilink, so that it does not split table cells."""

FOOTNOTE = "\ue020"
"""Marks the start of a footnote's text, which a book shows at the end of the page."""


@dataclass
class Source:
    """A note's title, video and text for a Markdown parser; `first` is the line number of the text."""

    title: str
    video: str
    body: str
    first: int
    keys: dict[str, str] = field(default_factory=dict)


def read_source(data: bytes) -> Source:
    """Split a file into its parts."""
    text = decoded(data)
    keys: dict[str, str] = {}
    start = 0
    if front := _FRONT.match(text):
        keys, start = _keys(front[1]), front.end()
    if origin := _FROM.match(text, start) or _FROM.match(text[start:]):
        start = origin.end() if origin.pos else start + origin.end()
    body = _without_fence(text[start:])
    body = _PIPED.sub(rf"\1{PIPE}", _TWICE.sub(r"\1", _ADMONITION.sub(_quoted, body)))
    body = _without_marks(_NO_LINK.sub(r"\1", body))
    return Source(keys.get("title", ""), _video(keys), body, 1 + text.count("\n", 0, start), keys)


def decoded(data: bytes) -> str:
    """Decode a file, with a line feed for every line end."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8", "replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _keys(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in block.split("\n"):
        key, colon, value = line.partition(":")
        if colon and key.strip() == key:
            found.setdefault(key, _unquoted(value.strip()))
    return found


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1].replace('\\"', '"').replace("''", "'") if quoted else value


def _video(keys: dict[str, str]) -> str:
    for name in ("videoId", "video_id", "url", "source"):
        value = keys.get(name, "")
        if _VIDEO.fullmatch(value):
            return value
        if found := _ADDRESS.search(value):
            return found[1]
    return ""


def _without_fence(text: str) -> str:
    """Blank the two lines of a Markdown fence around text that is clearly a note."""
    lines = text.split("\n")
    opened = None
    inside = False
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if not fence:
            continue
        if opened is None:
            if fence["language"].lower() in ("markdown", "md"):
                opened = number
            continue
        if fence["language"]:
            inside = True
        elif inside:
            inside = False
        else:
            return _unfenced(lines, opened, number)
    return _unfenced(lines, opened, None) if opened is not None else text


def _unfenced(lines: list[str], opened: int, closed: int | None) -> str:
    held = lines[opened + 1 : closed]
    if any("[[" in line or "data-t" in line or line.startswith("#") for line in held):
        lines[opened] = ""
        if closed is not None:
            lines[closed] = ""
    return "\n".join(lines)


def _without_marks(text: str) -> str:
    """Remove footnote references, which a book numbers itself; references without a footnote stay."""
    defined = {label for label, colon in _NOTE_MARK.findall(text) if colon}

    def mark(found: re.Match[str]) -> str:
        if found[1] not in defined:
            return found[0]
        starts = found[2] and not text[text.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
        return FOOTNOTE if starts else found[2]

    return _NOTE_MARK.sub(mark, text) if defined else text


def _quoted(fence: re.Match[str]) -> str:
    """Turn a fence of Obsidian's Admonition plug-in into the quote that readers see."""
    lines = fence[2].rstrip("\n").split("\n")
    title = next((line[6:].strip() for line in lines if line.startswith("title:")), "")
    held = ["" if line.startswith(("title:", "collapse:", "icon:", "color:")) else line for line in lines]
    return "\n".join([f"> [!{fence[1]}] {title}", *(f"> {line}" for line in held), ""])
