"""Builds pandoc's JSON documents (`pandoc -f json`): nodes without children, labels, and the context of a note.

No text of a note becomes a raw node, an attribute or an unvetted address, so pandoc escapes all of it.
https://hackage.haskell.org/package/pandoc-types defines the tree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from convert.document import nodes as n
from convert.document.book import Book
from convert.document.note import Video
from convert.document.timecode import clock
from convert.document.video import watch_url
from convert.document.walk import plain_text
from convert.extract import topics
from convert.render.pandoc_text import (
    brace_depth,
    breakable,
    clean_code,
    column_shares,
    of_numbers,
    printable_line,
    strings,
    typst_string,
    vetted_url,
    without_start,
)
from convert.render.tex import defines_commands, reworded, unknown_commands, with_chemistry
from convert.render.typography import Style, typeset_line

API_VERSION = (1, 23, 1)
Json = dict[str, Any]

MOST_COLUMNS = 64
MOST_CELLS = 20_000
LONGEST_WHOLE_CELL = 200
"""Characters of a cell that surely fits a page."""
LONGEST_CELL = 5000
"""Beyond these, a table fits no page or costs Typst gigabytes, so its rows become lines."""

_ALIGNMENTS = {"": "AlignDefault", "left": "AlignLeft", "center": "AlignCenter", "right": "AlignRight"}
_LED_IN = n.List | n.Table | n.CodeBlock | n.Quote

MAX_DEPTH = 24
"""Depth of quotes and lists below which only their words are kept."""

DEEPEST_FOOTNOTE = 3
"""Footnotes in each other; deeper ones stand at the end of the note."""

MOST_MATH = 10_000
"""Formulas in one note; each costs Typst 12 kB of memory. Further ones are shown as TeX."""

DEEPEST_MATH = 10
"""Nesting of braces in a formula; Typst's time doubles with each level, so deeper formulas are shown as code."""


_NOT_IN_LATEX = re.compile(r"\\(?:ce|pu)\s*+\{|\\x(?:leftrightarrow|rightleft)")
"""Commands that MathJax has and LaTeX only with packages that pandoc's template does not load."""
_LINKS = re.compile(r'"(?:Link|Note)"|#(?:to|at|footnote)\(')

BEFORE_MATH, BEHIND_MATH = "\x1c", "\x1d"
"""What tells pandoc's formulas from text that looks like them: notes cannot contain these. No source keeps them."""


@dataclass
class Context:
    """The context of one note's conversion, and what is collected meanwhile."""

    video: Video | None = None
    name: str = "n0"
    """The note's own label, with which those of its footnotes begin."""
    level: int = 1
    """Level of the note's own heading."""
    label: Callable[[n.Destination], str | None] = lambda _: None
    """Returns the label of a link's target, None if it is outside this book."""
    section_label: Callable[[str], str] = lambda section: section
    """Returns the label of a section of the note, or of a named block (`^name`)."""
    typst: bool = True
    """Whether the tree may call functions of our Typst template; else it is plain pandoc, for its other formats."""
    style: Style | None = None
    """The quotes and dashes of the note; None shows signs as they are written."""
    language: str = "en"
    """The language of the words that are not of the note."""
    breaks: bool = False
    """Whether ends of lines within paragraphs are shown as such."""
    typeset: dict[int, str] = field(default_factory=dict)
    """Texts as they are shown, by `id` of the node, where that is not as they are written."""
    index: bool = True
    """Whether wikilinks become entries of the index."""
    defined: set[str] = field(default_factory=set)
    """The labels of the note's headings and named blocks."""
    linked: set[str] = field(default_factory=set)
    """The labels that the note's links lead to."""
    in_heading: bool = False
    """Whether this is a heading: it is repeated in contents and running heads, where index entries must not be."""
    heading_entries: list[Json] = field(default_factory=list)
    """The index entries of the heading, to be placed below it."""
    pictures: set[str] = field(default_factory=set)
    """The names of the pictures in the note."""
    formulas: int = 0
    """Number of formulas so far."""
    plain: list[str] = field(default_factory=list)
    """The formulas that are too deep, or that define commands."""
    refused: list[str] = field(default_factory=list)
    """A command of each formula that no other program gets, because it is not known to be maths."""
    footnotes: dict[str, n.Footnote] = field(default_factory=dict)
    """The footnotes of the note by label, in reverse order; the first of two with one label wins."""
    footnotes_done: set[str] = field(default_factory=set)
    """The labels of footnotes already converted, each at its first mark."""
    footnotes_open: set[str] = field(default_factory=set)
    """The labels of footnotes being converted."""
    footnotes_deep: set[int] = field(default_factory=set)
    """The lines of footnotes that are too deep in others to stand at their marks."""
    footnote_ends: dict[str, tuple[str, Json]] = field(default_factory=dict)
    """By label in the note: the document's label for a footnote in the text, and the node after it that can hold it."""
    footnote_numbers: Iterator[int] = field(default_factory=lambda: count(1))
    """The numbers of footnotes, those of excerpts included."""
    repeated: bool = False
    """Whether Typst may show this again: a heading in the contents, the head of a table on its next page."""

    def line_of(self, nodes: Sequence[n.Inline]) -> Sequence[n.Inline]:
        """Return the inline nodes of a block, or of a part of it that is read apart; their texts are now typeset."""
        if self.style:
            self.typeset |= typeset_line(nodes, self.style)
        return nodes

    def refuses(self, tex: str) -> bool:
        """Return whether a formula is to be code: pandoc, which translates it for Typst, obeys its definitions.

        Other engines get it as TeX, so all its commands must be known.
        """
        if brace_depth(tex) > DEEPEST_MATH or (self.typst and defines_commands(tex)):
            self.plain.append(tex)
            return True
        known = "" if self.typst else with_chemistry(tex)
        left = _NOT_IN_LATEX.search(known)
        unknown = left[0] if left else next(unknown_commands(known), "")
        if unknown:
            self.refused.append(unknown)
        return bool(unknown)

    @contextmanager
    def shown_again(self, repeated: bool = True) -> Iterator[None]:
        """Make `repeated` true for what is converted meanwhile, if it is asked for."""
        outer, self.repeated = self.repeated, self.repeated or repeated
        try:
            yield
        finally:
            self.repeated = outer

    def spot(self, name: n.BlockName) -> list[Json]:
        """Return the invisible target of links to a named block; [] if the book has no label for it."""
        label = self.section_label(f"^{name}") if name else ""
        if not label:
            return []
        self.defined.add(label)
        if self.typst:
            return [raw_inline(f'#spot("{label}");')]
        return [{"t": "Span", "c": [attributes(label), []]}]

    def index_entry(self, node: n.WikiLink) -> list[Json]:
        """Return the invisible index entry of a link; its topic is the target, resolved or not."""
        key = topics.key_of(node)
        if not (self.index and self.typst and key):
            return []
        entry = f"#topic({typst_string(key)});"
        if not self.in_heading:
            return [raw_inline(entry)]
        self.heading_entries.append(raw(entry))
        return []


def pandoc_document(blocks: bytes, meta: bytes = b"{}") -> bytes:
    """Return a whole pandoc document around JSON-encoded blocks (without their brackets)."""
    version = ",".join(map(str, API_VERSION)).encode()
    return b'{"pandoc-api-version":[%b],"meta":%b,"blocks":[%b]}' % (version, meta, blocks)


def raw(code: str) -> Json:
    """Return a block of raw Typst; text of a note must be escaped in it."""
    return {"t": "RawBlock", "c": ["typst", code]}


def raw_inline(code: str) -> Json:
    """Return an inline node of raw Typst; text of a note must be escaped in it."""
    return {"t": "RawInline", "c": ["typst", code]}


def attributes(identifier: str = "", classes: Iterable[str] = ()) -> list[Any]:
    """Return pandoc's triple of identifier, classes and (always empty) key-value pairs."""
    return [identifier, list(classes), []]


CLOSE = raw_inline(";")
"""Ends a Typst expression, so that a `.` or `(` of the text after it is not read as code (pandoc issue 11511)."""


def closed(content: list[Json], context: Context) -> list[Json]:
    """Return inlines that no text after them can continue."""
    return [*content, CLOSE] if context.typst else content


def code_inlines(text: str, context: Context) -> list[Json]:
    """Return a code span, in Typst as a string: the next character would continue some calls that pandoc writes."""
    if context.typst:
        return [raw_inline(f"#raw({typst_string(breakable(clean_code(text)))});")]
    return [{"t": "Code", "c": [attributes(), printable_line(clean_code(text))]}]


def code_block(text: str, language: str) -> Json:
    """Return a block of code; its language is dropped unless it is a word of letters, digits and `+#-`."""
    plain = language.lower().replace("+", "").replace("#", "").replace("-", "")
    classes = [language.lower()] if plain.isascii() and plain.isalnum() else []
    return {"t": "CodeBlock", "c": [attributes("", classes), breakable(clean_code(text).rstrip("\n"))]}


def math_inlines(tex: str, display: bool, context: Context) -> list[Json]:
    """Return the formula; in Typst with its TeX source as the description that PDF/UA asks for."""
    tex = printable_line(tex).strip()
    if not tex:
        return []
    context.formulas += 1
    if context.formulas > MOST_MATH:
        context.plain.append(tex)
        return strings(tex)
    if context.refuses(tex):
        return code_inlines(tex, context)
    written = reworded(tex, "p") if context.typst else with_chemistry(tex)
    formula = {"t": "Math", "c": [{"t": "DisplayMath" if display else "InlineMath"}, written]}
    if context.typst:
        opening = f"{BEFORE_MATH}#formula({typst_string(tex)})[{BEFORE_MATH}"
        return [raw_inline(opening), formula, raw_inline(f"{BEHIND_MATH}];")]
    return [formula]


def with_rules(table: Json, texts: list[list[str]], head: Any) -> list[Json]:
    """Return a table with its rules for Typst: rows with long cells may break over pages.

    Its head is not repeated on later pages if it has links or marks of footnotes.
    """
    rules = "#set table.header(repeat: false)" if _LINKS.search(json.dumps(head)) else ""
    if any(len(text) > LONGEST_WHOLE_CELL for row in texts[1:] for text in row):
        rules += "#set table.cell(breakable: true)"
    return [raw(f"#[{rules}"), table, raw("]")] if rules else [table]


def hyperlink(url: str, content: list[Json], context: Context) -> list[Json]:
    """Return the content as a link to an address, which must be vetted."""
    blanks, content = without_start(content)
    return [*blanks, *closed([{"t": "Link", "c": [attributes(), content, [url, ""]]}], context)]


def footnote_end(label: str, context: Context, in_text: bool) -> Json:
    """Return the node behind a footnote; that of one in the text will hold its label if it is marked again."""
    end: Json = raw_inline(";") if context.typst else {"t": "Str", "c": ""}
    if in_text:
        context.footnote_ends[label] = f"{context.name}-f{next(context.footnote_numbers)}", end
    return end


def footnote_again(label: str, context: Context) -> list[Json]:
    """Return a reference to a footnote in the text, and give that a label."""
    name, end = context.footnote_ends[label]
    if context.typst:
        end |= raw_inline(f"<{name}>;")
        return [raw_inline(f"#footnote(<{name}>);")]
    end |= {"t": "Span", "c": [attributes(name), []]}
    return hyperlink(f"#{name}", [{"t": "Superscript", "c": strings(label)}], context)


def leads_in(node: n.Block, following: n.Block | None) -> bool:
    """Return whether a paragraph ends in a colon, or is bold, above a list, table, quotation, code or formula."""
    is_formula = isinstance(following, n.Paragraph) and [c for c in following.children[:1] if isinstance(c, n.Math)]
    if not isinstance(node, n.Paragraph) or not (is_formula or isinstance(following, _LED_IN)):
        return False
    bold = len(node.children) == 1 and isinstance(node.children[0], n.Strong)
    return bold or plain_text(node.children[-6:]).endswith((":", "："))


def cell_texts(node: n.Table) -> list[list[str]] | None:
    """Return the texts of a table by rows and cells, None if it is set in lines: it fits no page, or costs too much."""
    columns = len(node.alignments)
    if columns > MOST_COLUMNS or columns * len(node.rows) > MOST_CELLS:
        return None
    texts = [[plain_text(cell) for cell in row.cells] for row in (node.head, *node.rows)]
    return None if any(len(text) > LONGEST_CELL for row in texts for text in row) else texts


def columns_of(node: n.Table, texts: list[list[str]], context: Context) -> list[Any]:
    """Return pandoc's columns of a table, and for Typst their widths if its rows are longer than a line.

    A column of nothing but numbers is set from the right, unless the note says otherwise.
    """
    columns = [[row[at] for row in texts if at < len(row)] for at in range(len(node.alignments))]
    sides = [side or ("right" if of_numbers(one) else "") for side, one in zip(node.alignments, columns, strict=True)]
    shares = column_shares(columns) if context.typst else [0.0] * len(columns)
    widths: list[Json] = [{"t": "ColWidth", "c": share} if share else {"t": "ColWidthDefault"} for share in shares]
    return [[{"t": _ALIGNMENTS[side]}, width] for side, width in zip(sides, widths, strict=True)]


def image_inlines(node: n.Image, context: Context, linked: bool) -> list[Json]:
    """Return the picture with the description that PDF/UA requires, else only the description, linked to the web."""
    picture = node.picture
    if picture and context.typst and not context.in_heading:
        context.pictures.add(picture.name)
        width = node.width or picture.width
        height = round(width * picture.height / max(picture.width, 1))
        description = typst_string(node.alt.strip() or node.url.rpartition("/")[2])
        return [raw_inline(f"#picture({typst_string(picture.name)}, {width}, {height}, {description});")]  # CSS pixels
    address = vetted_url(node.url)
    name = strings(node.alt) or strings(node.url if address else node.url.rpartition("/")[2]) or strings("image")
    content: list[Json] = [{"t": "Emph", "c": name}]
    return hyperlink(address, content, context) if address and not linked else closed(content, context)


def stamp_inlines(node: n.Stamp, context: Context, linked: bool) -> list[Json]:
    """Return a time as a link to its second of the video; `linked` means inside a link, where it is text."""
    start_ms, video = node.start_ms, node.video or context.video
    if start_ms is None:
        return strings(node.raw)
    url = watch_url(video, start_ms) if video else ""
    if linked or not url:
        return strings(clock(start_ms))
    if context.typst:
        function = "at-in-heading" if context.in_heading else "at"
        return [raw_inline(f"#{function}({typst_string(url)}, {typst_string(clock(start_ms))});")]
    return hyperlink(url, strings(clock(start_ms)), context)


class Labels:
    """The labels of a document: ASCII, and the same in every run.

    `n7` is the eighth note, `n7-2` its third heading, `n7-b2` its third named block, `n7-f2` its second footnote.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sections: dict[str, dict[str, str]] = {}

    def note(self, note: str) -> str:
        """Return the label of a note of the book; raises KeyError for other notes."""
        return f"n{self._book.numbers[note]}"

    def section(self, note: str, section: str) -> str:
        """Return the label of a section or of a block (`^name`) of a note, "" if the note has none of that id."""
        if note not in self._sections:
            summary = self._book.by_id[note]
            own = {heading.id: f"{number}" for number, heading in enumerate(summary.headings)}
            own.pop(summary.repeated(), None)
            own |= {f"^{name}": f"b{number}" for number, name in enumerate(summary.blocks)}
            self._sections[note] = own
        number = self._sections[note].get(section)
        return f"{self.note(note)}-{number}" if number else ""

    def target(self, to: n.Destination) -> str | None:
        """Return the label of a link's target: the note if the section is missing, None outside the book."""
        if to.note not in self._book.by_id:
            return None
        return self.section(to.note, to.section) or self.note(to.note)
