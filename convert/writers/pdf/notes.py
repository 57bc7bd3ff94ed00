"""Converts the notes of a book: to pandoc's blocks in `part`, to Typst sources in `assemble`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from convert.document.book import Book, VideoNotes
from convert.document.note import Note
from convert.document.video import watch_url
from convert.document.walk import below_title, plain_text
from convert.extract.topics import mentions
from convert.render import typst_book
from convert.render.pandoc import DEEPEST_FOOTNOTE, Context, Json, Labels, attributes, pandoc_document, raw
from convert.render.pandoc_text import breakable, printable_line, strings, typst_string
from convert.render.pandoc_tree import note_body
from convert.report import diagnostic
from convert.tools.pandoc_run import run_batches

if TYPE_CHECKING:
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions

BATCH = 50
"""Notes in a pandoc call: enough to repay its start, few enough to limit its memory."""
MOST_NAMED = 5
"""Commands that one message names."""


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

    def inner(self) -> bytes:
        """Return the blocks without the brackets of their array."""
        return bytes(self.blocks)[1:-1]


def note_part(note: Note, job: Job[PdfOptions]) -> bytes:
    """Return a `NoteBlocks` as JSON."""
    labels = Labels(job.book)
    typst = job.options.pdf_engine == "typst"
    label = labels.note(note.id)
    context = Context(
        video=note.video,
        name=label,
        level=note_level(job.book.part_of[note.id]),
        label=labels.target,
        section_label=lambda section: labels.section(note.id, section),
        typst=typst,
        index=not job.options.plain,
    )
    header = {"t": "Header", "c": [context.level, attributes(label), strings(note.title) or strings("…")]}
    body = note_body(below_title(note, job.book.by_id[note.id].repeated()), context)
    if context.footnotes_deep:
        message = f"footnotes within {DEEPEST_FOOTNOTE} others stand at the end of the note"
        job.warn(diagnostic("footnote-deep", note.path, min(context.footnotes_deep), message))
    if context.refused:
        shown = ", ".join(sorted(set(context.refused))[:MOST_NAMED])
        message = f"is shown as code to {job.options.pdf_engine}, for this is not known to be maths: {shown}"
        job.warn(diagnostic("formula-plain", note.path, 0, f"a formula {message}"))
    head = _typst_head(note, header, job) if typst else _plain_head(note, header)
    blocks = msgspec.json.encode([*head, *body])
    part = NoteBlocks(
        blocks=msgspec.Raw(blocks),
        topics={mention.key: mention.title for mention in mentions(note)} if context.index else {},
        characters="" if blocks.isascii() else "".join(sorted({c for c in set(blocks.decode()) if c > "\x7f"})),
        defined=(label, *sorted(context.defined)),
        linked=tuple(sorted(context.linked)),
        pictures=tuple(sorted(context.pictures)),
    )
    return msgspec.json.encode(part)


def note_level(part: VideoNotes) -> int:
    """Return the heading level of a note: 1 if it replaces the video's heading, else 2."""
    return 1 if part.shares_title() else 2


def _typst_head(note: Note, header: Json, job: Job[PdfOptions]) -> list[Json]:
    """Return the first line of the note, its heading and byline with the QR code, and its running head."""
    url = watch_url(note.video) if note.video else ""
    code = "none"
    if url and not job.options.plain:
        description = f"QR code: watch {printable_line(note.title)}"
        code = f"qr({typst_string(typst_book.qr_svg(url))}, {typst_string(description)})"
    urls = _addresses(note)
    byline = [f"#link({typst_string(one)}, {typst_string(one.removeprefix('https://'))})" for one in urls]
    if note.origin:
        byline.append(f"#{typst_string('From ' + plain_text(note.origin.children).replace('_', ' '))}")
    lines = " \\ ".join(byline)
    opening = "#begin-chapter()\n" if header["c"][0] == 1 else ""
    return [
        raw(f"{typst_book.NOTE_START}{job.book.numbers[note.id]}\n{opening}#note-head({code}, ["),
        header,
        raw(f"], [{lines}])\n#running.update({typst_string(note.title)})"),
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
        start += len(part.notes)
        if notes and not part.shares_title():
            headings[notes.start] = typst_book.part_head(printable_line(part.title))
    return headings


class Sources:
    """The Typst source of each note of a book, in order."""

    def __init__(self, parts: Sequence[NoteBlocks], job: Job[PdfOptions]) -> None:
        self._parts = parts
        self._job = job
        self.summaries = job.book.summaries()
        self.plain: set[int] = set()
        """The numbers of notes that are set as plain text."""
        batches = [parts[start : start + BATCH] for start in range(0, len(parts), BATCH)]
        documents = [pandoc_document(b",".join([part.inner() for part in batch])) for batch in batches]
        outputs = run_batches(documents, "typst", job.cores)
        self.notes = [note for output in outputs for note in typst_book.split_notes(output.decode())]

    def flatten(self, number: int, why: str) -> None:
        """Set a note as plain text, and report it."""
        summary = self.summaries[number]
        level = note_level(self._job.book.part_of[summary.id])
        self.plain.add(number)
        words = paragraphs(self._parts[number])
        self.notes[number] = typst_book.plain_note(number, level, printable_line(summary.title), words)
        message = f"set as plain text, for Typst says: {printable_line(why)}"
        self._job.warn(diagnostic("pdf-note-plain", summary.path, 0, message))

    def flatten_longest(self, why: str, over: int) -> bool:
        """Set the note with the longest source as plain text; return False if none is longer than `over` characters."""
        formatted = [number for number in range(len(self.notes)) if number not in self.plain]
        longest = max(formatted, key=lambda number: len(self.notes[number]), default=None)
        if longest is None or len(self.notes[longest]) <= over:
            return False
        self.flatten(longest, why)
        return True

    def defined(self, number: int) -> tuple[str, ...]:
        """Return the labels in the source of a note; plain text has only the note's own."""
        labels = self._parts[number].defined
        return labels[:1] if number in self.plain else labels

    def linked(self, number: int) -> tuple[str, ...]:
        """Return the labels of the links in the source of a note."""
        return () if number in self.plain else self._parts[number].linked


def paragraphs(part: NoteBlocks) -> list[str]:
    """Return the text of a note without markup, a string for each paragraph."""
    texts = []
    for block in json.loads(bytes(part.blocks))[3:]:
        words: list[str] = []
        _add_words(block, words)
        texts.append("".join(words).strip())
    return [breakable(text) for text in texts if text]


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
