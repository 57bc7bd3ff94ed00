"""The library: which books a vault makes, and their contents.

All books are planned at once, but each is built on access, because all of them together would not fit into memory.
Videos come in the order of the index page, with all notes of a video together.

Kept apart because it plans books from summaries and opens no note; `vault` reads and resolves notes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from convert.document.book import LATIN, Book, Listed, NoteSummary, VideoNotes, same_script
from convert.document.names import channel_title, safe_stem, unique_name, without_invisible
from convert.document.note import NoteHead, Video, slug
from convert.errors import nearest
from convert.report import Diagnostic, diagnostic
from convert.request import Request
from convert.storage.location import Location, is_address, read
from convert.storage.packed import Packed
from convert.vault.discovery import IndexPage, Listing, Source, plain_name
from convert.vault.links import Resolved

LONGEST_NAME = 80
"""Characters of a book's file name."""
_NOT_KEPT = re.compile(r"[^\w-]+")

_STOP_WORDS = {
    "en": "the of and to in is that for with as are this it was on by from be which have not",
    "de": "der die und das ist von den mit zu im nicht ein eine auch auf für sich dem des als",
    "fr": "le la les des et est que une dans pour pas qui du sur au par avec sont plus ce",
    "es": "el la los que de en las por con una para se del es como más pero sus al lo",
    "it": "il di che la per una sono del non con le dei della anche come più gli nel ed è",
    "pt": "o de que não uma para com os em por mais dos como mas ao das foi são você à",
    "nl": "de het een van en is dat op te zijn voor met niet aan er om ook als naar bij",
}
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 40
_LEAST_SHARE = 0.15
"""Least share of stop words among the words of a text in their language."""


class BookPlan(msgspec.Struct, frozen=True):
    """A planned book: the name of its source, its title, and the ids of its notes in path order."""

    label: str
    title: str
    author: str
    notes: tuple[str, ...]
    index_pages: tuple[IndexPage, ...] = ()
    channel: str = ""
    """The name of the channel folder; "" for a single file and for a merged book."""
    name: str = ""
    """The file name of the book without suffix, unique in the library."""
    videos: tuple[Video, ...] = ()
    """The videos of its notes, each once."""


@dataclass
class Library:
    """The resolved notes of a run and the books planned from them; each access builds a book anew."""

    request: Request
    resolved: Packed[Resolved]
    sources: dict[str, Source] = field(default_factory=dict)
    lengths: Mapping[Video, int] = field(default_factory=dict)
    """The known lengths of videos in milliseconds."""
    chapters: Mapping[Video, tuple[Listed, ...]] = field(default_factory=dict)
    """The chapters of videos that files beside the notes give."""
    plans: list[BookPlan] = field(default_factory=list)
    of_video: dict[Video, list[str]] = field(default_factory=dict)
    """The ids of all notes of the vault about a video."""

    def plan(
        self, notes: Sequence[NoteHead], everything: Sequence[NoteHead], pages: Sequence[tuple[Source, IndexPage]]
    ) -> list[Diagnostic]:
        """Plan the books of `notes` and return diagnostics of their names; `everything` holds the siblings too."""
        problems = []
        video_of = {note.id: note.video for note in everything if note.video}
        for head in everything:
            for video in head.videos or ((head.video,) if head.video else ()):
                self.of_video.setdefault(video, []).append(head.id)
        taken: set[str] = set()
        for plan in _plans(self.request, notes, pages, self.sources):
            asked = self.request.of(plan.channel)
            wanted = book_name(plan.label)
            name = unique_name(wanted, taken)
            if name != wanted:
                message = f"another book has the same file name: written as {name}"
                problems.append(diagnostic("book-renamed", plan.label, 0, message))
            title, author = asked.title or plan.title, asked.author or plan.author
            videos = tuple(dict.fromkeys(filter(None, map(video_of.get, plan.notes))))
            self.plans.append(msgspec.structs.replace(plan, title=title, author=author, name=name, videos=videos))
        return [*problems, *self._unheeded(everything)]

    def _unheeded(self, notes: Sequence[NoteHead]) -> Iterator[Diagnostic]:
        """Yield diagnostics of a title that several books have, and of settings for a channel that there is not."""
        titled = sum(plan.title == self.request.title for plan in self.plans) if self.request.title else 0
        if titled > 1:
            message = f"is the title of {titled} books: give each its own in [channel.NAME], or use --one-book"
            yield diagnostic("title-shared", self.request.title, 0, message)
        settings = self.request.settings
        if settings and any(_holds(one, settings) for one in self.request.notes):
            channels = {plain_name(Path(self.sources[one.id].folder).name) for one in notes}
            for name in sorted(self.request.channels.keys() - channels):
                message = f"[channel.{name}]: no folder of notes has this name{nearest(name, sorted(channels))}"
                yield diagnostic("channel-unknown", str(settings), 0, message)

    def books(self) -> Iterator[Book]:
        """Return the books in the order of their names, each built when it is reached: contents and times, no trees."""
        return map(self.book, range(len(self.plans)))

    def book(self, index: int) -> Book:
        """Return one of the books."""
        return self.book_and_notes(index)[0]

    def book_and_notes(self, index: int) -> tuple[Book, dict[str, Resolved]]:
        """Return a book, and its resolved notes by id."""
        plan = self.plans[index]
        resolved = {note: self.resolved[note] for note in plan.notes}
        asked = self.request.of(plan.channel)
        groups = _by_video(plan, resolved.values())
        notes = _link_back(groups)
        book = Book(
            name=plan.name,
            title=plan.title,
            author=asked.author or _common_author(notes) or plan.author,
            language=asked.language or self._language(notes),
            typography=asked.typography,
            parts=tuple([self._video_notes(video, title, group) for video, title, group in groups]),
            others=tuple(self._others(groups)),
        )
        return book, resolved

    def _video_notes(self, video: Video | None, title: str, notes: Sequence[NoteSummary]) -> VideoNotes:
        about, own = (self.of_video[video], {note.id for note in notes}) if video else ((), set())
        siblings = tuple([self.resolved[note].summary for note in about if note not in own])
        length_ms = self.lengths.get(video) if video else None
        known: dict[str, Any] = {"duration_ms": length_ms, "listed": self.chapters.get(video, ()) if video else ()}
        return VideoNotes(video=video, title=title, notes=tuple(notes), siblings=siblings, **known)

    def _others(self, groups: Iterable[_Group]) -> Iterator[VideoNotes]:
        """Yield the videos of notes about several that no part of the book is about."""
        known = {video for video, _, _ in groups}
        of_others: dict[Video, list[NoteSummary]] = defaultdict(list)
        for note in (note for _, _, notes in groups for note in notes):
            for video in note.videos:
                if video not in known:
                    of_others[video].append(note)
        for video, notes in of_others.items():
            yield self._video_notes(video, notes[0].title_about(video), notes)

    def _language(self, notes: Sequence[NoteSummary]) -> str:
        """Return the language given in the front matter of the first notes, else a guess by the script or the words."""
        sample = ""
        named = next(filter(None, [note.meta.get("language") or note.meta.get("lang") for note in notes[:3]]), "")
        scripts = Counter([note.language for note in notes if note.language])
        first = max(scripts, key=scripts.__getitem__, default=LATIN)
        alike = sum(number for language, number in scripts.items() if same_script(language, first))
        if named or (first != LATIN and 2 * alike > scripts.total()):
            return named or first
        for note in notes[:3]:
            with suppress(OSError):
                start = read(self.sources[note.id].path, 20_000).decode("utf-8", "ignore")
                sample += start.rpartition("---\n")[2]
        return guess_language(sample)


def _holds(folder: Location, settings: Path) -> bool:
    """Return whether all notes that a settings file is about lie in a folder."""
    return not is_address(str(folder)) and settings.parent.resolve().is_relative_to(Path(folder).resolve())


_Group = tuple[Video | None, str, list[NoteSummary]]
"""A video, its title and its notes; for notes without a video it is None."""


def _by_video(plan: BookPlan, notes: Iterable[Resolved]) -> list[_Group]:
    """Group the notes: listed videos in the order of the index, others by title, notes without a video last."""
    by_video: dict[Video | None, list[NoteSummary]] = defaultdict(list)
    for note in notes:
        by_video[note.summary.video].append(note.summary)
    listings = _merged(plan.index_pages) if plan.index_pages else {}
    indexes = dict(zip(listings, range(len(listings)), strict=True))
    groups: list[tuple[tuple[bool, int, str, str], _Group]] = []
    for video, group in by_video.items():
        listing = listings.get(video)
        group = _in_order(group, listing.notes if listing else ())
        title = ((listing.title if listing else "") or group[0].title) if video else ""
        key = (not video, indexes.get(video, len(indexes)), title.casefold(), video.id if video else "")
        groups.append((key, (video, title, group)))
    return [group for _, group in sorted(groups, key=itemgetter(0))]


def _merged(pages: Iterable[IndexPage]) -> dict[Video | None, Listing]:
    """Return the videos of all index pages in order; a video listed twice has its first title and the notes of both."""
    merged: dict[Video | None, Listing] = {}
    for page in pages:
        for listing in page.listings:
            if first := merged.get(listing.video):
                listing = Listing(listing.video, first.title or listing.title, first.notes + listing.notes)
            merged[listing.video] = listing
    return merged


def _in_order(notes: list[NoteSummary], listed: Sequence[str]) -> list[NoteSummary]:
    """Return the notes of a video in the order of the index page, then the unlisted ones by title."""
    if len(notes) == 1:
        return notes
    indexes: dict[str, int] = {}
    folded: dict[str, int] = {}
    for index, target in enumerate(listed):
        indexes.setdefault(target, index)
        folded[slug(target)] = indexes[target]

    def key(note: NoteSummary) -> tuple[int, str, str]:
        index = indexes.get(note.slug, folded.get(note.slug, folded.get(slug(note.title), len(listed))))
        return index, note.title.casefold(), note.id

    return sorted(notes, key=key)


def _link_back(groups: Iterable[_Group]) -> list[NoteSummary]:
    """Fill in `linked_from` of the notes, links from other notes of the same book; return all notes in order."""
    sources: dict[str, dict[str, None]] = {note.id: {} for _, _, notes in groups for note in notes}
    for _, _, notes in groups:
        for note in notes:
            for target, _ in note.links:
                if target in sources and target != note.id:
                    sources[target][note.id] = None
    everything = []
    for _, _, notes in groups:
        for index, note in enumerate(notes):
            if linked_from := sources[note.id]:
                notes[index] = msgspec.structs.replace(note, linked_from=tuple(linked_from))
        everything += notes
    return everything


def _common_author(notes: Iterable[NoteSummary]) -> str:
    """Return the author that all notes share in their front matter, else ""."""
    named = {note.meta.get("author", "").strip() for note in notes}
    return named.pop() if len(named) == 1 else ""


def _plans(
    request: Request,
    notes: Sequence[NoteHead],
    pages: Sequence[tuple[Source, IndexPage]],
    sources: Mapping[str, Source],
) -> list[BookPlan]:
    """Return one plan for all notes if the request wants one book, else one for each channel and each named file."""
    if request.one_book and notes:
        ids = tuple([note.id for note in notes])
        return [BookPlan(request.one_book, request.one_book, "", ids, tuple([page for _, page in pages]))]
    groups: dict[str, list[NoteHead]] = defaultdict(list)
    for note in notes:
        source = sources[note.id]
        groups[source.path if source.named else source.folder].append(note)
    return [_plan(group, sources[group[0].id], pages) for _, group in sorted(groups.items())]


def _plan(group: Sequence[NoteHead], source: Source, pages: Sequence[tuple[Source, IndexPage]]) -> BookPlan:
    ids = tuple([note.id for note in group])
    if source.named:
        return BookPlan(plain_name(Path(source.path).stem), group[0].title, channel_title(group[0].origin), ids)
    own = tuple([page for page_source, page in pages if page_source.folder == source.folder])
    name = plain_name(Path(source.folder).name)
    title = channel_title(name)
    return BookPlan(name, plain_name(own[0].title) if own else title, title, ids, own, channel=name)


def book_name(name: str) -> str:
    """Return a readable file name for a book that is safe on every system and the same in every run.

    Normalised to NFKC and lower case; runs of characters other than letters, digits, `-` and `_` become one `-`.
    """
    visible = without_invisible(unicodedata.normalize("NFKC", name))
    kept = _NOT_KEPT.sub("-", unicodedata.normalize("NFKC", visible.lower())).strip("-")[:LONGEST_NAME].strip("-")
    return safe_stem(kept, "notes").rstrip("-")


def guess_language(text: str) -> str:
    """Return the code of the language whose stop words are clearly the most frequent in a text, else "und"."""
    words = _WORD.findall(text.lower())
    if len(words) < _FEWEST_WORDS:
        return "und"
    counts = {
        language: sum(map(frozenset(stop_words.split()).__contains__, words))
        for language, stop_words in _STOP_WORDS.items()
    }
    best, second = sorted(counts, key=counts.__getitem__, reverse=True)[:2]
    clear = counts[best] > 1.3 * counts[second] and counts[best] >= _LEAST_SHARE * len(words)
    return best if clear else "und"
