"""Where everything of a book stands in its site: which page a note is on and what its ids there begin with."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from convert.document.book import Book, NoteSummary, VideoNotes
from convert.document.nodes import Destination
from convert.document.note import Video
from convert.document.video import watch_url
from convert.render.xhtml import anchor, clean, web_address

INDEX = "index.html"
_LONGEST_NAME = 40
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"})


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """A page of the site: a video with its notes, or a note without a video."""

    name: str
    part: VideoNotes

    def titled(self) -> bool:
        """Whether notes need titles of their own: not a single one that is called as the page is."""
        return [entry.title for entry in self.part.notes] != [self.part.title]


class Places:
    """The pages of a book and the place of each note in them."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.leaves: tuple[Leaf, ...] = tuple(leaf for part in book.parts for leaf in _leaves(part))
        self.number_of = {leaf.name: number for number, leaf in enumerate(self.leaves)}
        self.leaf_of = {entry.id: leaf for leaf in self.leaves for entry in leaf.part.notes}
        self.entries = {entry.id: entry for entry in book.entries()}
        self.mark_of = {
            entry.id: f"n{number}" for leaf in self.leaves for number, entry in enumerate(leaf.part.notes, 1)
        }
        self._places: dict[str, frozenset[str]] = {}
        self.language = language_tag(book.language)

    def href(self, to: Destination, page: str = "") -> str | None:
        """The place that a link on `page` leads to; None when the note is not in this book."""
        entry = self.entries.get(to.note)
        if entry is None:
            return None
        mark = self.mark_of[entry.id]
        place = anchor(to.section, f"{mark}-") if to.section in self._places_in(entry) else mark
        name = self.leaf_of[entry.id].name
        return f"#{place}" if name == page else f"{name}#{place}"

    def start(self, entry: NoteSummary) -> str:
        """The place where a note begins."""
        return f"{self.leaf_of[entry.id].name}#{self.mark_of[entry.id]}"

    def _places_in(self, entry: NoteSummary) -> frozenset[str]:
        if entry.id not in self._places:
            self._places[entry.id] = entry.places()
        return self._places[entry.id]


_latest: list[Places] = []


def places_of(book: Book) -> Places:
    """The places of a book; made once for the notes of the same book that follow each other."""
    if not _latest or _latest[0].book is not book:
        _latest[:] = [Places(book)]
    return _latest[0]


def _leaves(part: VideoNotes) -> Iterator[Leaf]:
    if part.video is not None:
        yield Leaf(_file_name(part.title, f"{part.video.provider}/{part.video.id}"), part)
        return
    for entry in part.notes:
        alone = VideoNotes(video=None, title=entry.title, notes=(entry,))
        yield Leaf(_file_name(entry.title, entry.id), alone)


def _file_name(title: str, identity: str) -> str:
    """The file of a page: ASCII, lower case, readable, different for every identity."""
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = _NOT_IN_NAMES.sub("-", folded)[:_LONGEST_NAME].strip("-")
    digest = hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{stem}-{digest}.html" if stem else f"{digest}.html"


def watch_page(video: Video | None) -> str | None:
    """The address of a video; None where there is none, or its id makes none."""
    address = watch_url(video) if video is not None else ""
    return address if address and web_address(address) == address else None


@lru_cache(maxsize=1 << 14)
def shown(title: str) -> str:
    """A title on one line, never empty, its characters fit for XML."""
    return " ".join(clean(title).split()) or "Untitled"


def language_tag(tag: str) -> str:
    """`tag` when it has the form of BCP 47, else "und"."""
    tag = tag.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else "und"


def direction_of(language: str) -> str:
    """The direction in which a language is read: "rtl" or "ltr"."""
    return "rtl" if language.split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def count(number: int, unit: str) -> str:
    """`1 note`, `1,117 notes`."""
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def channels(entries: Iterable[NoteSummary]) -> tuple[str, ...]:
    """The channels that notes come from, in order."""
    return tuple(dict.fromkeys(entry.channel for entry in entries))
