"""The Typst source of a book around the pieces that pandoc made of its notes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from importlib.resources import files

from convert.document.book import Book
from convert.render.pandoc_text import clean, typst_string

MARK = "//\x1e"
"""Begins the line that opens a note in the source; text of notes cannot hold it, controls are dropped from it."""


END = "//\x1fend"
"""Begins the line after the last note."""


def template() -> str:
    """Our template, which every source begins with."""
    return files("convert.render").joinpath("typst_book.typ").read_text("utf-8")


def opening(book: Book) -> str:
    """Title page and contents; a single note has both on one page."""
    single = len(book.entries()) == 1
    gap = "#v(1fr)" if single else "#pagebreak()"
    facts = typst_string("" if single else count_facts(book))
    return f'#title-page({facts})\n{gap}\n#contents("Contents")\n#begin-chapter()\n'


def part_head(title: str) -> str:
    """The heading of a video above its notes."""
    return f"#part-head({typst_string(title or '…')})\n"


def plain_note(number: int, level: int, title: str, paragraphs: Iterable[str]) -> str:
    """A note as its bare text, for one whose own source cannot be compiled."""
    opening = "#begin-chapter()\n" if level == 1 else ""
    heading = f"#heading(level: {level}, {typst_string(title or '…')}) <n{number}>"
    words = "".join(typst_string(text) + ", " for text in paragraphs)
    running = f"#running.update({typst_string(title)})"
    return f"{MARK}{number}\n{opening}#note-head(none, [{heading}], [])\n{running}\n#words({words})\n"


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
    return f'{END}\n#begin-chapter()\n#topics-index("Topics", (\n{rows}))\n'


def _collation(name: str) -> tuple[str, str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if c.isalnum() or c == " ")
    return bare.casefold().strip(), name


def split_notes(source: str) -> list[str]:
    """The source of each note, with the mark that opens it."""
    _, *pieces = source.split(MARK)
    return [MARK + piece for piece in pieces]


def merge_topics(found: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The topics of all notes, each under the name that it was first given."""
    merged: dict[str, str] = {}
    for topics in found:
        for key, name in topics.items():
            merged.setdefault(key, clean(name))
    return merged


def note_of_line(source: str, line: int) -> int | None:
    """The number of the note that a line (1-based) of a source belongs to; None outside the notes."""
    number = None
    for text in source.split("\n")[:line]:
        if text.startswith(MARK):
            number = int(text.removeprefix(MARK))
        elif text.startswith(END):
            number = None
    return number
