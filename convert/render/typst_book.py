"""The Typst source of a book around the pieces that pandoc made of its notes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from importlib.resources import files

from convert.document.book import Book
from convert.render.pandoc_text import clean, typst_string

MARK = "//\x1e"
"""Begins the line that opens a note in the source; text of notes cannot hold it, controls are dropped from it."""


def template() -> str:
    """Our template, which every source begins with."""
    return files("convert.render").joinpath("typst_book.typ").read_text("utf-8")


def opening(book: Book, depth: int) -> str:
    """Title page and contents; a small book has both on one page."""
    facts = typst_string(count_facts(book))
    gap = "#v(1fr)" if len(book.entries()) == 1 else "#pagebreak()"
    return f'#title-page({facts})\n{gap}\n#contents("Contents", {depth})\n#begin-chapter()\n'


def count_facts(book: Book) -> str:
    """What the title page says of the size of a book."""
    notes = len(book.entries())
    videos = sum(part.video is not None for part in book.parts)
    return f"{_count(notes, 'note')} on {_count(videos, 'video')}" if videos else _count(notes, "note")


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def index(topics: Mapping[str, str]) -> str:
    """The index of topics, in the order of the alphabet whatever the case and accents; "" without topics."""
    if not topics:
        return ""
    pairs = sorted(topics.items(), key=lambda pair: (_collation(pair[1]), pair[0]))
    rows = "".join(f"  ({typst_string(key)}, {typst_string(name)}),\n" for key, name in pairs)
    return f'#begin-chapter()\n#topics-index("Topics", (\n{rows}))\n'


def _collation(name: str) -> tuple[str, str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if c.isalnum() or c == " ")
    return bare.casefold().strip(), name


def split_notes(source: str) -> tuple[str, list[str]]:
    """What stands before the first note, and the source of each note with its mark."""
    before, *pieces = source.split(MARK)
    return before, [MARK + piece for piece in pieces]


def merge_topics(found: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The topics of all notes, each under the name that it was first given."""
    merged: dict[str, str] = {}
    for topics in found:
        for key, name in topics.items():
            merged.setdefault(key, clean(name))
    return merged
