"""The XHTML document around the content of a page."""

from __future__ import annotations

from convert.render.xhtml import escape
from convert.writers.epub.shelf import Shelf, direction_of, short

STYLE_SHEET = "style.css"


def document(title: str, body: str, shelf: Shelf, *, kind: str = "", language: str = "") -> bytes:
    """A whole page with `body` in it; `kind` is the `epub:type` of its body, `language` where it is not the book's."""
    tag = language or shelf.language
    direction = direction_of(tag)
    turned = f' dir="{direction}"' if direction == "rtl" or shelf.direction == "rtl" else ""
    typed = f' epub:type="{kind}"' if kind else ""
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'lang="{tag}" xml:lang="{tag}"{turned}>\n'
        f'<head>\n<meta charset="utf-8"/>\n<title>{escape(short(title))}</title>\n'
        f'<link rel="stylesheet" type="text/css" href="{STYLE_SHEET}"/>\n</head>\n'
        f"<body{typed}>\n{body}</body>\n</html>\n"
    )
    return text.encode()


def english(shelf: Shelf) -> str:
    """Attributes for words of the book's furniture, which are English whatever the language of the notes."""
    return "" if shelf.language.split("-")[0].lower() == "en" else ' lang="en" xml:lang="en" dir="ltr"'
