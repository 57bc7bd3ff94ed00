"""Characters of a note in XML: escaped, and never one that XML 1.0 forbids."""

from __future__ import annotations

import re

# XML 1.0, 2.2: no C0 control but tab, line feed and return, no surrogates, no U+FFFE and U+FFFF.
# C1 controls and the other noncharacters are allowed but discouraged there; some reading systems stumble over them.
_NONCHARACTERS = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}-{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
_FOREIGN = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
_BLANK_CONTROLS = {"\x0b": " ", "\x0c": " ", "\r": "\n", "\x85": "\n"}
_DAMAGED = "\ufffd"
_OUTSIDE_ANCHOR = re.compile(r"[^A-Za-z0-9_-]")


def clean(text: str) -> str:
    """`text` without characters that XML cannot hold: controls go, surrogates and noncharacters become U+FFFD."""
    return text if text.isprintable() else _FOREIGN.sub(_stand_in, text)


def _stand_in(match: re.Match[str]) -> str:
    char = match[0]
    if char in _BLANK_CONTROLS:
        return _BLANK_CONTROLS[char]
    return "" if char < "\xa0" else _DAMAGED


def escape(text: str) -> str:
    """`text` as the content of an element."""
    if not text.isprintable():
        text = _FOREIGN.sub(_stand_in, text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(text: str) -> str:
    """`text` as the value of an attribute between double quotes, on one line."""
    if not text.isprintable():
        text = " ".join(clean(text).split())
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def anchor(identifier: str, prefix: str = "") -> str:
    """The id of a section or a block (`^name`) in a page: ASCII, a letter first, different for different places."""
    kind, name = ("b", identifier[1:]) if identifier.startswith("^") else ("s", identifier)
    return f"{prefix}{kind}-{_OUTSIDE_ANCHOR.sub(_code_point, name)}"


def _code_point(match: re.Match[str]) -> str:
    return f".{ord(match[0]):x}."
