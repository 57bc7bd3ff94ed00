"""What every page has around it: head with the policy of contents, bar at the top, foot."""

from __future__ import annotations

from convert.render.xhtml import escape
from convert.version import __version__
from convert.writers.html.places import INDEX, Places, direction_of, shown

STYLE, SCRIPT, SEARCH = "reading_room.css", "reading_room.js", "search.js"
EMBED = "https://www.youtube-nocookie.com"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    f"frame-src {EMBED}; base-uri 'none'; form-action 'none'"
)
"""Content Security Policy 3: files of the site, YouTube's privacy-enhanced player in a frame, and nothing inline."""


def document(title: str, kind: str, main: str, places: Places, scripts: tuple[str, ...] = ()) -> bytes:
    """A page; `main` is its markup between bar and foot."""
    language = places.language
    own = "".join(f'<script src="{name}" defer="defer"></script>\n' for name in (SCRIPT, *scripts))
    book = escape(shown(places.book.title))
    heading = escape(shown(title)) if kind == "index" else f"{escape(shown(title))} · {book}"
    text = (
        f'<!DOCTYPE html>\n<html lang="{language}" dir="{direction_of(language)}">\n<head>\n<meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        '<meta name="color-scheme" content="light dark"/>\n'
        '<meta name="referrer" content="strict-origin-when-cross-origin"/>\n'
        f'<meta name="generator" content="notebind {__version__}"/>\n'
        f'<title>{heading}</title>\n<link rel="icon" href="data:,"/>\n<link rel="stylesheet" href="{STYLE}"/>\n{own}'
        f'</head>\n<body class="{kind}">\n<a class="skip" href="#text"{english(places)}>Skip to the text</a>\n'
        f'<header class="bar"><a class="home" href="{INDEX}">{book}</a></header>\n'
        f"{main}</body>\n</html>\n"
    )
    return text.encode()


def english(places: Places) -> str:
    """The attributes of words that are the site's own, where the book is in another language."""
    return "" if places.language.split("-")[0] == "en" else ' lang="en" dir="ltr"'
