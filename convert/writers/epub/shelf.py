"""What pages need to know of the whole book: which notes it holds, in which part, under which file name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from convert.document.book import Book, NoteSummary, VideoNotes
from convert.document.nodes import Destination
from convert.document.note import Video
from convert.document.video import watch_url
from convert.render.xhtml import anchor, clean, web_address

_LONGEST_NAME = 48
_LONGEST_TITLE = 300
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"})


class Shelf:
    """The notes of a book by id, and the part and page of each."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.parts: dict[str, VideoNotes] = {entry.id: part for part in book.parts for entry in part.notes}
        self.entries: dict[str, NoteSummary] = {entry.id: entry for entry in book.entries()}
        self._headings: dict[str, dict[str, str]] = {}
        self._places: dict[str, frozenset[str]] = {}
        self.language = language_tag(book.language)
        self.direction = direction_of(self.language)
        self.channels: tuple[str, ...] = tuple(dict.fromkeys(entry.channel for entry in self.entries.values()))

    def href(self, to: Destination) -> str | None:
        """The page, and place in it, that a link leads to; None when the note is not in this book."""
        entry = self.entries.get(to.note)
        if entry is None:
            return None
        if entry.id not in self._places:
            self._places[entry.id] = entry.places()
        known = to.section in self._places[entry.id]
        return f"{page_name(to.note)}#{anchor(to.section)}" if known else page_name(to.note)

    def headings(self, entry: NoteSummary) -> dict[str, str]:
        """The headings of a note by section id."""
        if entry.id not in self._headings:
            self._headings[entry.id] = {heading.id: heading.text for heading in entry.headings}
        return self._headings[entry.id]

    def has_line(self, part: VideoNotes) -> bool:
        """Whether a part stands in the contents: not where it would only repeat its single note."""
        return len(self.entries) > 1 and [entry.title for entry in part.notes] not in ([part.title], [])

    def has_page(self, part: VideoNotes) -> bool:
        """Whether a part opens with a page of its own: a single note names its video itself."""
        return len(self.entries) > 1 and len(part.notes) > 1

    def start(self, part: VideoNotes) -> str:
        """The page where a part begins."""
        return part_name(part) if self.has_page(part) else page_name(part.notes[0].id)


_latest: list[Shelf] = []


def shelf_of(book: Book) -> Shelf:
    """The shelf of a book; made once for the notes of the same book that follow each other."""
    if not _latest or _latest[0].book is not book:
        _latest[:] = [Shelf(book)]
    return _latest[0]


@lru_cache(maxsize=1 << 14)
def page_name(note_id: str) -> str:
    """The file of a note: ASCII, lower case, the same in every book, different for every id."""
    return f"{_stem(note_id.rpartition('/')[2])}{_digest(note_id)}.xhtml"


def part_name(part: VideoNotes) -> str:
    """The file of a part: after its video, or its first note where there is none."""
    if part.video is None:
        return f"part-{_digest(part.notes[0].id if part.notes else part.title)}.xhtml"
    return f"video-{_stem(part.video.id)}{_digest(f'{part.video.provider}/{part.video.id}')}.xhtml"


def watch_page(video: Video | None) -> str | None:
    """The address of a video; None where there is none, or its id makes none."""
    address = watch_url(video) if video is not None else ""
    return address if address and web_address(address) == address else None


def _stem(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    stem = _NOT_IN_NAMES.sub("-", folded)[:_LONGEST_NAME].strip("-")
    return f"{stem}-" if stem else ""


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def shown(title: str, otherwise: str = "Untitled") -> str:
    """A title on one line, never empty, its characters fit for XML."""
    return " ".join(clean(title).split()) or otherwise


@lru_cache(maxsize=1 << 14)
def short(title: str, otherwise: str = "Untitled") -> str:
    """`shown`, cut where a list of contents would be lost in it."""
    line = shown(title, otherwise)
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1].rstrip() + "…"


def language_tag(tag: str) -> str:
    """`tag` when it has the form of BCP 47, else "und"."""
    tag = tag.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else "und"


def direction_of(language: str) -> str:
    """The direction in which a language is read: "rtl" or "ltr"."""
    return "rtl" if language.split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"
