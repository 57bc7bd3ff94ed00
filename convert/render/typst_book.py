"""Builds the Typst source of a book around the sources that pandoc makes of its notes."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from convert.document.book import Book
from convert.render.book_pages import extent
from convert.render.pandoc_text import printable_line, typst_string
from convert.tools.package_data import package_data

NOTE_START = "//\x1e"
"""Prefix of the first line of a note; notes cannot contain it, since they have no control characters."""

NOTES_END = "//\x1fend"
"""Prefix of the line after the last note."""


def template() -> str:
    """Return the template that begins every source."""
    return package_data("convert.render", "typst_book.typ").decode()


def opening(book: Book) -> str:
    """Return title page and contents; a book of a single note has both on one page."""
    single = len(book.by_id) == 1
    gap = "#v(1fr)" if single else "#pagebreak()"
    facts = typst_string("" if single else extent(book))
    return f'#title-page({facts})\n{gap}\n#contents("Contents")\n#begin-chapter()\n'


def part_head(title: str) -> str:
    """Return the heading of a video above its notes."""
    return f"#part-head({typst_string(title or '…')})\n"


def plain_note(number: int, level: int, title: str, paragraphs: Iterable[str]) -> str:
    """Return a note as plain text, for a note whose source cannot be compiled."""
    opening = "#begin-chapter()\n" if level == 1 else ""
    heading = f"#heading(level: {level}, {typst_string(title or '…')}) <n{number}>"
    words = "".join([typst_string(text) + ", " for text in paragraphs])
    running = f"#running.update({typst_string(title)})"
    return f"{NOTE_START}{number}\n{opening}#note-head(none, [{heading}], [])\n{running}\n#words({words})\n"


def index(topics: Mapping[str, str]) -> str:
    """Return the index of topics in alphabetical order, ignoring case and accents; "" without topics."""
    if not topics:
        return ""
    pairs = sorted(topics.items(), key=lambda pair: (_collation(pair[1]), pair[0]))
    rows = "".join([f"  ({typst_string(key)}, {typst_string(name)}),\n" for key, name in pairs])
    return f'{NOTES_END}\n#begin-chapter()\n#topics-index("Topics", (\n{rows}))\n'


def _collation(name: str) -> tuple[str, str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if c.isalnum() or c == " ")
    return bare.casefold().strip(), name


def split_notes(source: str) -> list[str]:
    """Return the source of each note, including its first line."""
    _, *notes = source.split(NOTE_START)
    return [NOTE_START + note for note in notes]


def merge_topics(found: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the topics of all notes, each with its first name."""
    merged: dict[str, str] = {}
    for topics in found:
        for key, name in topics.items():
            merged.setdefault(key, printable_line(name))
    return merged


def note_of_line(source: str, line: int) -> int | None:
    """Return the number of the note that a line (1-based) of a source belongs to; None outside the notes."""
    number = None
    for text in source.split("\n")[:line]:
        if text.startswith(NOTE_START):
            number = int(text.removeprefix(NOTE_START))
        elif text.startswith(NOTES_END):
            number = None
    return number


@lru_cache(maxsize=256)
def qr_svg(url: str) -> str:
    """Return a QR code as SVG: its dark modules as one path, without the quiet zone of ISO/IEC 18004."""
    import segno

    target = io.BytesIO()
    code = segno.make(url, error="m", micro=False, boost_error=False)
    code.save(target, kind="svg", xmldecl=False, svgns=True, nl=False, border=0, omitsize=True)
    return target.getvalue().decode()
