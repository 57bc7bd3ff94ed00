"""A note's part of the PDF: its pandoc blocks, and what the book has to know of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from convert.document.book import Book, VideoNotes
from convert.document.note import Note
from convert.document.video import watch_url
from convert.document.walk import plain_text
from convert.extract.topics import mentions
from convert.render import typst_book
from convert.render.pandoc import Context, Json, attributes, raw
from convert.render.pandoc_blocks import note_body
from convert.render.pandoc_labels import Labels, labels_of, stands_alone
from convert.render.pandoc_text import clean, strings, typst_string
from convert.render.typst_book import MARK

if TYPE_CHECKING:
    from convert.writers.base import Job
    from convert.writers.pdf import PdfOptions


class Piece(msgspec.Struct, frozen=True):
    """What `part` hands to `assemble`: pandoc's blocks of a note and what the book has to know of them."""

    blocks: msgspec.Raw
    topics: dict[str, str]
    """Titles of the topics that the note names, by key."""
    characters: str
    """The characters beyond ASCII, each once."""
    defined: tuple[str, ...]
    """The labels of the note."""
    linked: tuple[str, ...]
    """The labels that it links to."""
    pictures: tuple[str, ...] = ()
    """The names of those that it shows."""

    def inner(self) -> bytes:
        """The blocks without the brackets of their array."""
        return bytes(self.blocks)[1:-1]


def note_part(note: Note, job: Job[PdfOptions]) -> bytes:
    """The note as an encoded `Piece`."""
    labels = labels_of(job.book)
    typst = job.options.pdf_engine == "typst"
    context = Context(
        video=note.video,
        level=note_level(note.id, job.book),
        label=labels.target,
        section_label=lambda section: labels.section(note.id, section),
        dialect="typst" if typst else "plain",
        index=not job.options.plain,
    )
    body = note_body(note.blocks, context)
    head = _typst_head(note, labels, context, job) if typst else _plain_head(note, labels, context)
    blocks = msgspec.json.encode([*head, *body])
    piece = Piece(
        blocks=msgspec.Raw(blocks),
        topics={mention.key: mention.title for mention in mentions(note)} if context.index else {},
        characters=unusual(blocks),
        defined=(labels.note(note.id), *sorted(context.defined)),
        linked=tuple(sorted(context.linked)),
        pictures=tuple(sorted(context.pictures)),
    )
    return msgspec.json.encode(piece)


def unusual(blocks: bytes) -> str:
    """The characters beyond ASCII, each once, sorted."""
    text = blocks.decode()
    return "" if text.isascii() else "".join(sorted({c for c in set(text) if c > "\x7f"}))


def note_level(note: str, book: Book) -> int:
    """Level of a note's heading: below that of its video, or in its place."""
    part = part_of(note, book)
    return 1 if part is None or stands_alone(part.notes, part.title) else 2


def heads_of_parts(book: Book, volume: range) -> dict[int, str]:
    """The heading of each video, by the number of the first of its notes in the volume."""
    heads: dict[int, str] = {}
    last = None
    for number, entry in enumerate(book.entries()):
        part = part_of(entry.id, book)
        if number in volume and part and part is not last:
            last = part
            if not stands_alone(part.notes, part.title):
                heads[number] = typst_book.part_head(clean(part.title))
    return heads


def part_of(note: str, book: Book) -> VideoNotes | None:
    """The video that a note of the book belongs to."""
    return labels_of(book).parts.get(note)


def _typst_head(note: Note, labels: Labels, context: Context, job: Job[PdfOptions]) -> list[Json]:
    """Mark, heading and byline with the QR code, running head."""
    url = watch_url(note.video) if note.video else ""
    code = "none" if job.options.plain or not url else _qr(url, note.title)
    opening = "#begin-chapter()\n" if context.level == 1 else ""
    return [
        raw(f"{MARK}{labels.number(note.id)}\n{opening}#note-head({code}, ["),
        _heading(note, labels, context),
        raw(f"], [{_byline(note, url)}])\n#running.update({typst_string(note.title)})"),
    ]


def _byline(note: Note, url: str) -> str:
    """Typst source of the video's address and the note's origin, a line each."""
    lines = [f"#link({typst_string(url)}, {typst_string(url.removeprefix('https://'))})"] if url else []
    if note.origin:
        lines.append(f"#{typst_string('From ' + plain_text(note.origin.children).replace('_', ' '))}")
    return " \\ ".join(lines)


def _plain_head(note: Note, labels: Labels, context: Context) -> list[Json]:
    head = [_heading(note, labels, context)]
    if note.video and (url := watch_url(note.video)):
        link: dict[str, Any] = {"t": "Link", "c": [attributes(), strings(url), [url, ""]]}
        head.append({"t": "Para", "c": [link]})
    return head


def _heading(note: Note, labels: Labels, context: Context) -> Json:
    return {"t": "Header", "c": [context.level, attributes(labels.note(note.id)), strings(note.title) or strings("…")]}


def _qr(url: str, title: str) -> str:
    from convert.render.qr import qr_svg

    return f"qr({typst_string(qr_svg(url))}, {typst_string('QR code: watch ' + clean(title))})"
