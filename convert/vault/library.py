"""The books of a vault: planned at once, each made when it is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from convert.document.book import Book, NoteSummary
from convert.document.note import Facts, Video
from convert.report import Diagnostic, diagnostic
from convert.request import Request
from convert.storage.location import read
from convert.vault.books import Plan, make_book, name_books
from convert.vault.discovery import Source, plain_name
from convert.vault.index_pages import IndexPage
from convert.vault.language import guess_language
from convert.vault.resolve import Resolved

Pages = Sequence[tuple[Source, IndexPage]]


@dataclass(frozen=True)
class Books:
    """The books in the order of their sources. Each look makes the book anew: all are more than memory holds."""

    plans: Sequence[Plan] = ()
    names: Sequence[str] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    resolved: Mapping[str, Resolved] = field(default_factory=dict)
    of_video: Mapping[Video, Sequence[str]] = field(default_factory=dict)
    """The ids of all notes of the vault about a video."""
    video_of: Mapping[str, Video] = field(default_factory=dict)
    """The video of every note that has one."""
    lengths: Mapping[Video, int] = field(default_factory=dict)
    request: Request = field(default_factory=lambda: Request(()))

    def __len__(self) -> int:
        return len(self.plans)

    def __iter__(self) -> Iterator[Book]:
        return map(self.__getitem__, range(len(self.plans)))

    def __getitem__(self, place: int) -> Book:
        return self.look(place)[0]

    def look(self, place: int) -> tuple[Book, dict[str, Resolved]]:
        """The book at this place, and what is known of each of its notes."""
        plan = self.plans[place]
        known = {note: self.resolved[note] for note in plan.notes}
        return self._made(place, plan, [one.entry for one in known.values()]), known

    def _made(self, place: int, plan: Plan, entries: Sequence[NoteSummary]) -> Book:
        own = frozenset(plan.notes)

        def siblings(video: Video) -> Iterator[NoteSummary]:
            return (self.resolved[note].entry for note in self.of_video[video] if note not in own)

        book = make_book(plan, self.names[place], entries, siblings, self.lengths)
        asked = self.request.of(plan.channel)
        language = asked.language or self._language(book.entries())
        return msgspec.structs.replace(book, language=language, author=asked.author or _author(book))

    def named(self) -> Iterator[tuple[str, Plan]]:
        """The file name and the plan of each book."""
        return zip(self.names, self.plans, strict=True)

    def videos(self) -> Iterator[Video]:
        """The videos that the books are about, some of them more than once."""
        return (self.video_of[note] for plan in self.plans for note in plan.notes if note in self.video_of)

    def _language(self, entries: Sequence[NoteSummary]) -> str:
        """The language that the first notes name in their front matter, else a guess from their text."""
        sample = ""
        for entry in entries[:3]:
            if named := entry.meta.get("language") or entry.meta.get("lang"):
                return named
            sample += _text_of(self.sources[entry.id])
        return guess_language(sample)


def _author(book: Book) -> str:
    """The author that the front matter of every note names, if it is one, else that of the plan."""
    named = {entry.meta.get("author", "").strip() for entry in book.entries()}
    return named.pop() or book.author if len(named) == 1 else book.author


def plan_books(
    request: Request,
    notes: Sequence[Facts],
    everything: Sequence[Facts],
    pages: Pages,
    sources: Mapping[str, Source],
    resolved: Mapping[str, Resolved],
    lengths: Mapping[Video, int],
) -> tuple[Books, list[Diagnostic]]:
    """The books to be made of `notes`, and what is to be said of their names; `everything` holds the siblings too."""
    plans = [_asked(plan, request) for plan in _plans(request, notes, pages, sources)]
    names, renamed = name_books(plans)
    video_of = {note.id: note.video for note in everything if note.video}
    of_video: dict[Video, list[str]] = defaultdict(list)
    for note, video in video_of.items():
        of_video[video].append(note)
    problems = [
        diagnostic("book-renamed", plan.label, 0, f"another book has the same file name: written as {name}")
        for plan, name in renamed
    ]
    return Books(plans, names, sources, resolved, of_video, video_of, lengths, request), problems


def _asked(plan: Plan, request: Request) -> Plan:
    """The plan with the title and the author that were asked for."""
    request = request.of(plan.channel)
    return msgspec.structs.replace(plan, title=request.title or plan.title, author=request.author or plan.author)


def _plans(request: Request, notes: Sequence[Facts], pages: Pages, sources: Mapping[str, Source]) -> list[Plan]:
    if request.one_book and notes:
        ids = tuple(note.id for note in notes)
        return [Plan(request.one_book, request.one_book, "", ids, tuple(page for _, page in pages))]
    groups: dict[str, list[Facts]] = defaultdict(list)
    for note in notes:
        source = sources[note.id]
        groups[source.path if source.named else source.folder].append(note)
    return [_plan(group, sources[group[0].id], pages) for _, group in sorted(groups.items())]


def _plan(group: Sequence[Facts], source: Source, pages: Pages) -> Plan:
    ids = tuple(note.id for note in group)
    if source.named:
        return Plan(plain_name(Path(source.path).stem), group[0].title, group[0].origin, ids)
    own = tuple(page for page_source, page in pages if page_source.folder == source.folder)
    name = plain_name(Path(source.folder).name)
    return Plan(name, plain_name(own[0].title) if own else name, name, ids, own, channel=name)


def _text_of(source: Source) -> str:
    try:
        return read(source.path, 20_000).decode("utf-8", "ignore").rpartition("---\n")[2]
    except OSError:
        return ""
