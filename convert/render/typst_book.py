"""Builds the Typst source of a book around the sources that pandoc makes of its notes."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import groupby

from convert.document.book import Book
from convert.render.book_pages import extent
from convert.render.furniture import say
from convert.render.pandoc import BEFORE_MATH, BEHIND_MATH
from convert.render.pandoc_text import breakable, printable_line, typst_string
from convert.render.tex import MARKS, converter_words
from convert.tools import package_data

NOTE_START = "//\x1e"
"""Prefix of the first line of a note; notes cannot contain it, since they have no control characters."""

_NAME = re.compile(r'"(?:[^"\\]|\\.)*+"?|(?<![\w.\\#])[A-Za-z]++(?:\.[a-z]++)*+')

_MARKED = re.compile(f'(?:upright\\()?"([{MARKS}])"\\)?\\s*+(?:(mat|vec)\\((?:delim: "\\(",)?|(?:over|under)brace\\()')
_CALLS = dict(
    zip(
        MARKS[1:],
        ("mat(delim: #none,", 'mat(delim: #(none, "}"),', "setabove(", "setbelow(", "overparen(", "underparen("),
        strict=True,
    )
)
"""What stands for a mark of `tex_words.txt` and the call behind it."""

LONGEST_HEADING = 2000
"""Characters of a plain heading: it is repeated in the bookmarks, whose strings have a limit."""

PIECE_START = "//\x1a"
"""A line between the pieces of a note: what is set as plain text if Typst refuses it."""

NOTES_END = "//\x1fend"
"""Prefix of the line after the last note."""

ARTICLES = {
    language: re.compile(rf"^(?:(?:{words}) (?=\S)|(?:{elided})['’](?=\S))", re.IGNORECASE)
    for language, words, elided in (
        ("en", "the|an?", "(?!)"),
        ("de", "der|die|das|ein|eine", "(?!)"),
        ("fr", "les?|la|une?", "l"),
        ("es", "el|l[ao]s?|una?", "(?!)"),
        ("pt", "[ao]s?|uma?", "(?!)"),
        ("it", "il|lo|la|i|gli|le|un[ao]?", "l|un"),
        ("nl", "de|het|een", "(?!)"),
    )
}
"""By language, the articles that the index passes over."""


def template() -> str:
    """Return the template that begins every source."""
    return package_data("convert.render", "typst_book.typ").decode()


def opening(book: Book) -> str:
    """Return title page and contents; a book of a single note has both on one page."""
    single = len(book.by_id) == 1
    named = typst_string(say(book.language, "Contents"))
    gap = "#v(1fr)" if single else f"#pagebreak()\n#running.update({named})"
    facts = typst_string("" if single else extent(book))
    return f"#title-page({facts})\n{gap}\n#contents({named})\n#begin-text()\n"


def part_head(title: str) -> str:
    """Return the heading of a video above its notes."""
    return f"#part-head({typst_string(title or '…')})\n"


def note_opening(level: int, first: bool) -> str:
    """Return the line before the head of a note: a chapter of its own at level 1, or the first or a later one of it."""
    return "#chapter()\n" if level == 1 else "" if first else "#next-note()\n"


def plain_head(number: int, level: int, first: bool, title: str) -> str:
    """Return the opening of a note as plain text, for a note whose source cannot be compiled."""
    opening = note_opening(level, first)
    running = f"#running.update({typst_string(title)})"
    head = f"#note-head(none, [{plain_heading(level, title, f'n{number}')}], [])"
    return f"{NOTE_START}{number}\n{opening}{head}\n{running}\n"


def plain_heading(level: int, title: str, label: str) -> str:
    """Return a heading of plain text with its label."""
    title = title if len(title) <= LONGEST_HEADING else f"{title[:LONGEST_HEADING]}…"
    return f"#heading(level: {level}, {typst_string(title or '…')}) <{label}>"


def plain_words(text: str, labels: Iterable[str]) -> str:
    """Return a paragraph of plain text after the targets of links to it."""
    spots = "".join([f'#spot("{label}");' for label in labels])
    return f"{spots}\n#words({typst_string(text)},)\n" if text else f"{spots}\n"


def index(topics: Mapping[str, str], language: str = "en") -> str:
    """Return the index of topics by their first letters, in order whatever case and accents; "" without topics."""
    if not topics:
        return ""
    articles = ARTICLES.get(language.partition("-")[0].lower(), ARTICLES["en"])
    sorted_topics = sorted((_collation(name, articles), key, name) for key, name in topics.items())
    rows = ""
    for letter, group in groupby(sorted_topics, lambda topic: _letter(topic[0][0])):
        shown = [(key, _turned(name, articles)) for _, key, name in group]
        entries = "".join([f"({typst_string(key)}, {typst_string(name)}), " for key, name in shown])
        rows += f"  ({typst_string(letter)}, ({entries})),\n"
    return f"{NOTES_END}\n#topics-index({typst_string(say(language, 'Topics'))}, (\n{rows}))\n"


def _collation(name: str, articles: re.Pattern[str]) -> tuple[str, str]:
    """Return what sorts a name: its letters and digits, without an article in front of other words."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", articles.sub("", name)) if c.isalnum() or c == " ")
    return bare.casefold().strip(), name


def _turned(name: str, articles: re.Pattern[str]) -> str:
    """Return a name with its article behind it, since the index sorts it by the next word."""
    found = articles.match(name)
    if not found or not (rest := name[found.end() :]):
        return name
    article = found[0].strip()
    return f"{rest[0].upper() if article[0].isupper() else rest[0]}{rest[1:]}, {article}"


def _letter(collation: str) -> str:
    """Return the heading of a group of the index: a letter, "0–9", or "" for scripts without an alphabet."""
    first = collation[:1]
    if first.isdigit():
        return "0–9"
    return "" if unicodedata.east_asian_width(first or " ") in "FW" else first.upper()


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


def with_known_names(source: str) -> tuple[str, dict[str, str], list[str]]:
    """Return the source of a note whose formulas have only names that Typst knows.

    Also returns its formulas, the TeX by what Typst gets, and the TeX of those that pandoc could not convert and that
    stand as code.
    """
    formulas: dict[str, str] = {}
    plain: list[str] = []
    text, *rest = source.split(BEFORE_MATH)
    result = [text]
    for opening, following in zip(rest[::2], rest[1::2], strict=True):
        math, _, text = following.partition(f"{BEHIND_MATH}];")
        math = _MARKED.sub(lambda found: _CALLS[found[1]].replace("mat", found[2] or ""), math)
        tex: str = json.loads(opening[len("#formula(") : -len(")[")])
        if math.startswith("$") and not any(mark in math for mark in MARKS):
            formula = f"{opening}{_NAME.sub(_known_name, math)}];"
            formulas[formula] = tex
        else:
            formula = formula_as_code(tex)
            plain.append(tex)
        result += [formula, text]
    return "".join(result), formulas, plain


def formula_as_code(tex: str) -> str:
    """Return the TeX of a formula as code."""
    return f"#raw({typst_string(breakable(tex))});"


def _known_name(found: re.Match[str]) -> str:
    return converter_words("t").get(found[0], ("", found[0]))[1]


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
