"""Addresses that a page may link to: only http, https and mailto, always in the spelling of RFC 3986."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from convert.render.xhtml.text import clean

# The characters that RFC 3986 allows as they are, percent-encoded triples included.
_PATH = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?"
_PLAIN_WEB = re.compile(rf"https?://{_HOST}(?::[0-9]{{1,4}})?(?:[/?]{_PATH})?(?:#{_PATH})?", re.IGNORECASE)
# Compiled where the first one stands: few notes hold such addresses.
_REPAIRED_WEB = "(?i)" + _PLAIN_WEB.pattern.replace("{1,4}", "{1,5}")
_PLAIN_MAIL = r"(?i)mailto:[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+(?:\?[A-Za-z0-9%&=._+-]*)?"
_KEPT = "!$&'()*+,;=:@/?-._~%"
_BROKEN_TRIPLE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def web_address(url: str) -> str | None:
    """`url` as a valid http, https or mailto address, repaired where that is safe, else None."""
    if _PLAIN_WEB.fullmatch(url) or re.fullmatch(_PLAIN_MAIL, url):
        return url
    try:
        repaired = _repaired("".join(url.split("\n")).strip())
    except (ValueError, UnicodeError):
        return None
    return repaired if re.fullmatch(_REPAIRED_WEB, repaired) else None


def _repaired(url: str) -> str:
    """`url` with its host in ASCII (IDNA) and everything else that needs it percent-encoded."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode("ascii")
    port = f":{parts.port}" if parts.port else ""
    query = f"?{_encoded(parts.query)}" if parts.query else ""
    fragment = f"#{_encoded(parts.fragment)}" if parts.fragment else ""
    return f"{parts.scheme}://{host}{port}{_encoded(parts.path)}{query}{fragment}"


def _encoded(text: str) -> str:
    return quote(_BROKEN_TRIPLE.sub("%25", clean(text)), safe=_KEPT)
