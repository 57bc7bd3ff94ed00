"""Converts the notes of a book: to pandoc's blocks in `part`, to Typst sources in `assemble`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from convert.document.book import Book, VideoNotes
from convert.document.note import Note, slug
from convert.document.video import watch_url
from convert.document.walk import below_title, formula_lines, plain_text
from convert.errors import ToolError
from convert.extract.topics import mentions
from convert.render import typst_book
from convert.render.book_pages import BookPages, cut
from convert.render.furniture import say
from convert.render.pandoc import DEEPEST_FOOTNOTE, Context, Json, Labels, attributes, pandoc_document, raw
from convert.render.pandoc_text import breakable, printable_line, strings, typst_string
from convert.render.pandoc_tree import note_body
from convert.render.tex import MARKS
from convert.render.typography import as_shown, book_style, typeset
from convert.report import diagnostic
from convert.tools.pandoc_run import run_batches
from convert.tools.typst_compile import CompilerSettings, refused_pieces

if TYPE_CHECKING:
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions

BATCH = 50
"""Notes in a pandoc call: enough to repay its start, few enough to limit its memory."""
HEAD = 3
"""Blocks that begin a note: `_typst_head`."""
LONGEST_RUNNING = 76
"""Characters of a title at the foot of a page, which is one line."""
MOST_NAMED = 5
"""Commands that one message names."""
_FOOTNOTE = re.compile("<(n[0-9]{1,9}-f[0-9]{1,9})>;")
_FOOTNOTE_AGAIN = re.compile(r"#footnote\(<(n[0-9]{1,9}-f[0-9]{1,9})>\);")
_SPOT = re.compile(r'#spot\("([\w-]{1,40})"\);')

_FONTLESS = frozenset([*map(chr, range(128)), *MARKS])
"""Characters that need no look for fonts: ASCII, and what formulas hold for the converter alone."""
_APOSTROPHE, _HIDDEN = "’".encode(), "\ufdd0".encode()


class NoteBlocks(msgspec.Struct, frozen=True):
    """The data from `part` for `assemble`: pandoc's blocks of a note and what they contain."""

    blocks: msgspec.Raw
    topics: dict[str, str]
    """Titles of the topics that the note names, by key."""
    characters: str
    """The non-ASCII characters, each once."""
    defined: tuple[str, ...]
    """The labels of the note."""
    linked: tuple[str, ...]
    """The labels of its links."""
    pictures: tuple[str, ...] = ()
    """The names of its pictures."""
    formulas: dict[str, int] = {}
    """The lines of its formulas, by TeX."""

    def inner(self) -> bytes:
        """Return the blocks without the brackets of their array."""
        return bytes(self.blocks)[1:-1]


def note_part(note: Note, job: Job[PdfOptions]) -> bytes:
    """Return a `NoteBlocks` as JSON."""
    labels = Labels(job.book)
    typst = job.options.pdf_engine == "typst"
    label = labels.note(note.id)
    language = BookPages(job.book).own_language(job.book.by_id[note.id])
    style = book_style(job.book, language)
    title = typeset(note.title, style)
    context = Context(
        video=note.video,
        name=label,
        level=note_level(note.id, job.book.part_of[note.id]),
        label=labels.target,
        section_label=lambda section: labels.section(note.id, section),
        typst=typst,
        index=not job.options.plain,
        style=style,
        language=job.book.language,
        breaks=job.book.by_id[note.id].breaks,
    )
    header = {"t": "Header", "c": [context.level, attributes(label), strings(title) or strings("…")]}
    body = note_body(below_title(note, job.book.by_id[note.id].repeated()), context)
    if typst and language not in ("und", job.book.language):
        body = [raw(f'#tongue("{language.partition("-")[0]}")['), *body, raw("]")]
    if context.footnotes_deep:
        message = f"footnotes within {DEEPEST_FOOTNOTE} others stand at the end of the note"
        job.warn(diagnostic("footnote-deep", note.path, min(context.footnotes_deep), message))
    if context.refused:
        shown = ", ".join(sorted(set(context.refused))[:MOST_NAMED])
        message = f"is shown as code to {job.options.pdf_engine}, for this is not known to be maths: {shown}"
        job.warn(diagnostic("formula-plain", note.path, 0, f"a formula {message}"))
    lines = formula_lines(note.blocks) if context.formulas else {}
    formulas = {printable_line(tex).strip(): line for tex, line in lines.items()}
    if context.plain:
        job.warn_of_formulas(note.path, formulas, context.plain, "the PDF")
    head = _typst_head(note, title, header, job) if typst else _plain_head(note, header)
    blocks = msgspec.json.encode([*head, *body])
    part = NoteBlocks(
        blocks=msgspec.Raw(blocks),
        topics={mention.key: as_shown(mention.title, job.book) for mention in mentions(note)} if context.index else {},
        characters="" if blocks.isascii() else "".join(sorted(set(blocks.decode()) - _FONTLESS)),
        defined=(label, *sorted(context.defined)),
        linked=tuple(sorted(context.linked)),
        pictures=tuple(sorted(context.pictures)),
        formulas=formulas,
    )
    return msgspec.json.encode(part)


def note_level(note: str, part: VideoNotes) -> int:
    """Return the heading level of a note: 1 if it replaces the video's heading, which would only repeat it, else 2."""
    return 1 if part.shares_title() or (is_first(note, part) and part.notes[0].title == part.title) else 2


def is_first(note: str, part: VideoNotes) -> bool:
    """Return whether the note, named by its id, is the first of a video."""
    return part.notes[0].id == note


def _typst_head(note: Note, title: str, header: Json, job: Job[PdfOptions]) -> list[Json]:
    """Return the first line of the note, its heading and byline with the QR code, and its running head."""
    url = watch_url(note.video) if note.video else ""
    code = "none"
    if url and not job.options.plain:
        description = say(job.book.language, "QR code: watch {}", printable_line(title))
        code = f"qr({typst_string(typst_book.qr_svg(url))}, {typst_string(description)})"
    urls = _addresses(note)
    byline = [f"#link({typst_string(one)}, {typst_string(one.removeprefix('https://'))})" for one in urls]
    origin = plain_text(note.origin.children).replace("_", " ") if note.origin else ""
    if origin and slug(origin) != slug(note.channel):
        byline.append(f"#{typst_string(say(job.book.language, 'From {}', origin))}")
    lines = " \\ ".join(byline)
    opening = typst_book.note_opening(header["c"][0], is_first(note.id, job.book.part_of[note.id]))
    return [
        raw(f"{typst_book.NOTE_START}{job.book.numbers[note.id]}\n{opening}#note-head({code}, ["),
        header,
        raw(f"], [{lines}])\n#running.update({typst_string(cut(title, LONGEST_RUNNING))})"),
    ]


def _plain_head(note: Note, header: Json) -> list[Json]:
    links: list[Json] = [{"t": "Link", "c": [attributes(), strings(url), [url, ""]]} for url in _addresses(note)]
    return [header, *[{"t": "Para", "c": [link]} for link in links]]


def _addresses(note: Note) -> list[str]:
    """Return the addresses of the videos of a note, that of its page first."""
    videos = dict.fromkeys((note.video, *(note.videos or ())))
    return [url for video in videos if video and (url := watch_url(video))]


def video_headings(book: Book, volume: range) -> dict[int, str]:
    """Return the heading of each video, by number of its first note in the volume."""
    headings: dict[int, str] = {}
    start = 0
    for part in book.parts:
        notes = range(max(start, volume.start), min(start + len(part.notes), volume.stop))
        if notes and note_level(part.notes[notes.start - start].id, part) > 1:
            headings[notes.start] = typst_book.part_head(printable_line(as_shown(part.title, book)))
        start += len(part.notes)
    return headings


@dataclass
class Piece:
    """A piece of a note: a heading, a paragraph, a list, a table."""

    blocks: list[Json]
    line: int
    """Its line in the file, 0 for the head of the note."""
    plain: str
    """Its source as plain text, with its labels."""


def _typst_sources(documents: Sequence[bytes], cores: int) -> list[str]:
    """Return the Typst sources that pandoc makes of documents.

    pandoc would write an apostrophe as a straight one, which Typst takes for a quote that may open. It is hidden as a
    noncharacter, which no text of a note has.
    """
    outputs = run_batches([one.replace(_APOSTROPHE, _HIDDEN) for one in documents], "typst", cores)
    return [one.replace(_HIDDEN, _APOSTROPHE).decode() for one in outputs]


class Sources:
    """The Typst source of each note of a book, in order."""

    def __init__(self, parts: Sequence[NoteBlocks], job: Job[PdfOptions]) -> None:
        self._parts = parts
        self._job = job
        self.summaries = job.book.summaries()
        self.plain: set[int] = set()
        """The numbers of notes that are set as plain text."""
        self.mended: set[int] = set()
        """The numbers of notes of which pieces are."""
        self._formulas: dict[str, str] = {}
        self._as_code: dict[str, str] = {}
        batches = [parts[start : start + BATCH] for start in range(0, len(parts), BATCH)]
        documents = [pandoc_document(b",".join([part.inner() for part in batch])) for batch in batches]
        outputs = _typst_sources(documents, job.cores)
        notes = [note for output in outputs for note in typst_book.split_notes(output)]
        self.notes = [self._with_known_names(number, note) for number, note in enumerate(notes)]

    def _with_known_names(self, number: int, source: str) -> str:
        source, formulas, plain = typst_book.with_known_names(source)
        self._formulas |= formulas
        self._warn_of_formulas(number, plain)
        return source

    def _warn_of_formulas(self, number: int, plain: Iterable[str]) -> None:
        self._job.warn_of_formulas(self.summaries[number].path, self._parts[number].formulas, plain, "the PDF")

    def prove_formulas(self, settings: CompilerSettings) -> bool:
        """Set the formulas of the book that Typst refuses as code, and report them; return whether there are any."""
        formulas, self._formulas = [*self._formulas.items()], {}
        try:
            refused = refused_pieces([(source, "") for source, _ in formulas], settings, typst_book.template())
        except ToolError:
            refused = {}
        found = dict([formulas[number] for number in refused])
        self._as_code |= {source: typst_book.formula_as_code(tex) for source, tex in found.items()}
        for number, note in enumerate(self.notes) if found else ():
            if plain := [source for source in found if source in note]:
                self.notes[number] = self._proved(note)
                self._warn_of_formulas(number, [found[source] for source in plain])
        return bool(found)

    def _proved(self, source: str) -> str:
        """Return a source with code for the formulas that Typst refuses."""
        for formula, code in self._as_code.items():
            source = source.replace(formula, code)
        return source

    def mend(self, number: int, settings: CompilerSettings, before: str, after: str, why: str) -> None:
        """Set the pieces of a note that Typst refuses as plain text, all if it does not say which, and report it."""
        pieces = self._pieces(number)
        try:
            sources = self._piece_sources(pieces)
            pairs = [(source, piece.plain) for source, piece in zip(sources, pieces, strict=True)]
            refused = {} if number in self.mended else refused_pieces(pairs, settings, before, after)
        except ToolError:
            refused = {}
        if not refused or 0 in refused:
            self.flatten(number, why)
            return
        self.mended.add(number)
        chosen = [pair[at in refused] for at, pair in enumerate(pairs)]
        self.notes[number] = "\n\n".join(chosen)
        for at, reason in refused.items():
            message = f"set as plain text, for Typst says: {printable_line(reason)}"
            self._job.warn(diagnostic("pdf-block-plain", self.summaries[number].path, pieces[at].line, message))

    def flatten(self, number: int, why: str) -> None:
        """Set a note as plain text, with its headings and labels, and report it."""
        self.plain.add(number)
        self.notes[number] = "\n".join([piece.plain for piece in self._pieces(number)])
        message = f"set as plain text, for Typst says: {printable_line(why)}"
        self._job.warn(diagnostic("pdf-note-plain", self.summaries[number].path, 0, message))

    def flatten_longest(self, why: str, over: int) -> bool:
        """Set the note with the longest source as plain text; return False if none is longer than `over` characters."""
        formatted = [number for number in range(len(self.notes)) if number not in self.plain]
        longest = max(formatted, key=lambda number: len(self.notes[number]), default=None)
        if longest is None or len(self.notes[longest]) <= over:
            return False
        self.flatten(longest, why)
        return True

    def _pieces(self, number: int) -> list[Piece]:
        """Return the pieces of a note, the first of which is its head."""
        summary = self.summaries[number]
        part = self._job.book.part_of[summary.id]
        opening = (
            note_level(summary.id, part),
            is_first(summary.id, part),
            printable_line(as_shown(summary.title, self._job.book)),
        )
        blocks: list[Json] = json.loads(bytes(self._parts[number].blocks))
        pieces = [Piece(blocks[:HEAD], 0, typst_book.plain_head(number, *opening))]
        for block in blocks[HEAD:]:
            if "line" in block or len(pieces) == 1:
                pieces.append(Piece([], block.get("line", 0), ""))
            pieces[-1].blocks.append(block)
        for piece in pieces[1:]:
            piece.plain = plain_piece(piece.blocks)
        return pieces

    def _piece_sources(self, pieces: Sequence[Piece]) -> list[str]:
        """Return the Typst source of each piece.

        A mark of a footnote that is in another piece is left out, for that one may be set as plain text.
        """
        blocks = [block for piece in pieces for block in (raw(typst_book.PIECE_START), *piece.blocks)]
        output = _typst_sources([pandoc_document(msgspec.json.encode(blocks)[1:-1])], 1)[0]
        sources = [typst_book.with_known_names(source)[0] for source in output.split(typst_book.PIECE_START)[1:]]
        return [_without_marks_of_others(self._proved(source.strip("\n"))) for source in sources]

    def defined(self, number: int) -> tuple[str, ...]:
        """Return the labels in the source of a note."""
        return self._parts[number].defined

    def linked(self, number: int) -> tuple[str, ...]:
        """Return the labels of the links in the source of a note."""
        return () if number in self.plain else self._parts[number].linked


def _without_marks_of_others(source: str) -> str:
    own = set(_FOOTNOTE.findall(source))
    return _FOOTNOTE_AGAIN.sub(lambda mark: mark[0] if mark[1] in own else "", source)


def plain_piece(blocks: Sequence[Json]) -> str:
    """Return blocks without markup: a heading is one still, and what links lead to keeps its label."""
    words: list[str] = []
    first, rest = blocks[0], blocks
    heading = ""
    if first["t"] == "Header":
        _add_words(first["c"][2], words)
        heading = typst_book.plain_heading(first["c"][0], "".join(words).strip(), first["c"][1][0])
        rest, words = blocks[1:], []
    _add_words(rest, words)
    text = typst_book.plain_words(breakable("".join(words).strip()), _labels(rest))
    return f"{heading}\n{text}\n"


def _labels(node: Any) -> Iterator[str]:
    """Yield the labels of named blocks and of headings in a pandoc tree."""
    if isinstance(node, list):
        for child in node:
            yield from _labels(child)
    elif isinstance(node, dict):
        if node["t"] == "RawInline" and (spot := _SPOT.match(node["c"][1])):
            yield spot[1]
        elif node["t"] == "Header":
            yield node["c"][1][0]
        yield from _labels(node.get("c"))


def _add_words(node: Any, words: list[str]) -> None:
    """Append the text of a pandoc tree: strings, code, formulas, and the visible text of our raw nodes.

    That is the last string of a call: a time, a code span, the description of a picture.
    """
    if isinstance(node, list):
        for child in node:
            _add_words(child, words)
        return
    if not isinstance(node, dict):
        return
    kind: str = node["t"]
    content: Any = node.get("c")
    match kind:
        case "Str":
            words.append(content)
        case "Space" | "SoftBreak" | "LineBreak":
            words.append(" ")
        case "Code" | "CodeBlock" | "Math":
            words.append(content[1])
        case "RawInline":
            if content[1].startswith(("#at", "#raw(", "#picture(")):
                words.append(content[1].rpartition(', "')[2].removesuffix('");').removeprefix('#raw("'))
        case "RawBlock":
            pass
        case _:
            _add_words(content, words)
            if kind in ("Para", "Plain", "Header"):
                words.append(" ")
