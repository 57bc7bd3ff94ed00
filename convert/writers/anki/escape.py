"""Text that Anki shows as it is written.

Anki fills fields into its templates without cleaning them: field braces, cloze marks, LaTeX, sound and speech
commands are all active inside a field, and MathJax reads the page after entities are undone.
"""

from __future__ import annotations

import re
import unicodedata

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff]")
_ACTIVE = re.compile(r"\{\{|\}\}|::|\[(?=latex\]|/latex\]|\$|/\$|sound:|anki:)|\\(?=[(\[)\]])", re.IGNORECASE)
_ENTITIES = {"{{": "&#123;&#123;", "}}": "&#125;&#125;", "::": "&#58;&#58;", "[": "&#91;"}
_TAG = re.compile(r"(<[^<>]*>)")


def clean(text: str) -> str:
    """The text in NFC, without control characters and lone surrogates: U+001F would end a field."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNSAFE.sub("", text))


def escaped(text: str) -> str:
    """Plain text as the HTML of a field in which nothing is active."""
    text = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return inert(text)


def inert(html: str) -> str:
    """Well-formed HTML in which no Anki or MathJax mark is active, neither in text nor in attributes."""
    if not _ACTIVE.search(html):
        return html
    parts = _TAG.split(html)
    parts[0::2] = [_ACTIVE.sub(_in_text, part) for part in parts[0::2]]
    parts[1::2] = [_ACTIVE.sub(_in_attribute, part) for part in parts[1::2]]
    return "".join(parts)


def _in_text(match: re.Match[str]) -> str:
    found = match.group()
    return _ENTITIES.get(found) or "\\<span></span>"


def _in_attribute(match: re.Match[str]) -> str:
    return _ENTITIES.get(match.group(), match.group())


def tex(source: str) -> str:
    """TeX source as it stands between MathJax marks: no braces in pairs, no colons in pairs, no marks of its own."""
    safe = clean(source).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
    while "{{" in safe or "}}" in safe:
        safe = safe.replace("{{", "{ {").replace("}}", "} }")
    safe = safe.replace("::", ":{}:").replace("\\(", "(").replace("\\)", ")").replace("\\]", "]").replace("[", "&#91;")
    return safe + " " if safe.endswith(("\\", "}")) else safe


def tag(text: str) -> str:
    """The text as part of a tag: no blanks, no `::` levels of its own, no quotes, wildcards or brackets."""
    return re.sub(r"-{2,}", "-", re.sub(r"""[\s"'*\\:(){}\[\]<>&,;]+""", "-", clean(text))).strip("-") or "none"


def deck_part(text: str) -> str:
    """The text as one level of a deck name: `::` would make levels, quotes and control characters break searches."""
    return re.sub(r"\s+", " ", re.sub(r":{2,}", ":", clean(text)).replace('"', "'")).strip(" :") or "Notes"
