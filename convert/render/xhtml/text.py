"""Makes text and addresses of a note safe for XML: escaped, without forbidden characters, with harmless links only."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

from convert.document.timecode import clock
from convert.render.furniture import say

# XML 1.0, 2.2: no C0 control but tab, line feed and return, no surrogates, no U+FFFE and U+FFFF.
# C1 controls and the other noncharacters are allowed but discouraged there; some reading systems stumble over them.
_NONCHARACTERS = "".join([chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17)])
_FOREIGN = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
_BLANK_CONTROLS = {"\x0b": " ", "\x0c": " ", "\r": "\n", "\x85": "\n"}
_DAMAGED = "\ufffd"
_OUTSIDE_CLASS = re.compile(r"[^a-z0-9]+")
_OUTSIDE_ANCHOR = re.compile(r"[^A-Za-z0-9_-]")

# The characters that RFC 3986 allows unchanged, percent-encoded triples included.
_PATH = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*+"
_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?"
_PLAIN_WEB = re.compile(rf"https?://{_HOST}(?::[0-9]{{1,4}})?(?:[/?]{_PATH})?(?:#{_PATH})?", re.IGNORECASE)
# Compiled on first use: few notes have such addresses.
_REPAIRED_WEB = "(?i)" + _PLAIN_WEB.pattern.replace("{1,4}", "{1,5}")
_PLAIN_MAIL = r"(?i)mailto:[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+(?:\?[A-Za-z0-9%&=._+-]*)?"
_KEPT = "!$&'()*+,;=:@/?-._~%"
_BROKEN_TRIPLE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def xml_text(text: str) -> str:
    """Return `text` without characters that XML forbids: controls removed, U+FFFD for surrogates and noncharacters."""
    return text if text.isprintable() else _FOREIGN.sub(_replacement, text)


def _replacement(match: re.Match[str]) -> str:
    char = match[0]
    if char in _BLANK_CONTROLS:
        return _BLANK_CONTROLS[char]
    return "" if char < "\xa0" else _DAMAGED


def escape(text: str) -> str:
    """Return `text` as the content of an element."""
    return xml_text(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(text: str) -> str:
    """Return `text` as the value of an attribute in double quotes, on one line."""
    if not text.isprintable():
        text = " ".join(xml_text(text).split())
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


@lru_cache(maxsize=1 << 12)
def anchor(identifier: str) -> str:
    """Return the id of a section or a block (`^name`) in a page: ASCII, a letter first."""
    kind, name = ("b", identifier[1:]) if identifier.startswith("^") else ("s", identifier)
    return f"{kind}-{_OUTSIDE_ANCHOR.sub(_code_point, name)}"


def class_name(words: str) -> str:
    """Return lower-case words as a part of the name of a class, "" if they have no letters or digits of ASCII."""
    return _OUTSIDE_CLASS.sub("-", words).strip("-")


def _code_point(match: re.Match[str]) -> str:
    return f".{ord(match[0]):x}."


@lru_cache(maxsize=1 << 14)
def shown_and_spoken(seconds: int, language: str) -> tuple[str, str]:
    """Return a time as readers see it, and in words of a language for screen readers: `at 3 minutes 10 seconds`."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    counts = (
        (hours, "{} hour" if hours == 1 else "{} hours"),
        (minute, "{} minute" if minute == 1 else "{} minutes"),
        (second, "{} second" if second == 1 else "{} seconds"),
    )
    parts = [say(language, words, number) for number, words in counts if number]
    spoken = say(language, "at {}", " ".join(parts)) if parts else say(language, "at the start")
    return clock(seconds * 1000), attribute(spoken)


def task_box(checked: bool | None, language: str) -> str:
    """Return the box of a task, "" if an item is none (None); screen readers get words of a language."""
    if checked is None:
        return ""
    words, sign = ("done", "☑") if checked else ("to do", "☐")
    return f'<span class="box" role="img" aria-label="{say(language, words)}">{sign}</span> '


def web_address(url: str) -> str | None:
    """Return `url` as a valid http, https or mailto address (RFC 3986), repaired if that is safe, else None."""
    if _PLAIN_WEB.fullmatch(url) or re.fullmatch(_PLAIN_MAIL, url):
        return url
    try:
        repaired = _repaired("".join(url.split("\n")).strip())
    except (ValueError, UnicodeError):
        return None
    return repaired if re.fullmatch(_REPAIRED_WEB, repaired) else None


def _repaired(url: str) -> str:
    """Return `url` with its host in ASCII (IDNA) and everything else that needs it percent-encoded."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode("ascii")
    port = f":{parts.port}" if parts.port else ""
    query = f"?{_encoded(parts.query)}" if parts.query else ""
    fragment = f"#{_encoded(parts.fragment)}" if parts.fragment else ""
    return f"{parts.scheme}://{host}{port}{_encoded(parts.path)}{query}{fragment}"


def _encoded(text: str) -> str:
    return quote(_BROKEN_TRIPLE.sub("%25", xml_text(text)), safe=_KEPT)
