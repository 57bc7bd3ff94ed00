"""Groups the notes of a vault into books: videos in the order of the index page, sibling notes together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from convert.document.book import Book, NoteSummary, VideoNotes
from convert.document.note import Video, slug
from convert.vault.index_pages import IndexPage, Listing
from convert.vault.names import book_name, unique_name


class Plan(msgspec.Struct, frozen=True):
    """A book to be made: the source it is named after, its title, the ids of its notes in the order of their paths."""

    label: str
    title: str
    author: str
    notes: tuple[str, ...]
    index_pages: tuple[IndexPage, ...] = ()
    channel: str = ""
    """The name of the folder when the book is that channel; a single file and a merged book have none."""


def name_books(plans: Sequence[Plan]) -> tuple[list[str], list[tuple[Plan, str]]]:
    """The names of the books, and the (plan, name) of those renamed because an earlier one has their name."""
    taken: set[str] = set()
    names, renamed = [], []
    for plan in plans:
        wanted = book_name(plan.label)
        names.append(unique_name(wanted, taken))
        if names[-1] != wanted:
            renamed.append((plan, names[-1]))
    return names, renamed


def make_book(
    plan: Plan,
    name: str,
    entries: Sequence[NoteSummary],
    siblings: Callable[[Video], Iterable[NoteSummary]],
    durations: Mapping[Video, int],
) -> Book:
    """The book of a plan. `entries` are its notes; `siblings` gives those of a video in other books."""
    parts = [
        VideoNotes(
            video=video,
            title=title,
            notes=tuple(notes),
            siblings=tuple(siblings(video)) if video else (),
            duration_ms=durations.get(video) if video else None,
        )
        for video, title, notes in _grouped(plan, entries)
    ]
    return Book(name=name, title=plan.title, author=plan.author, parts=_linked_back(parts))


def _grouped(plan: Plan, entries: Sequence[NoteSummary]) -> list[tuple[Video | None, str, list[NoteSummary]]]:
    """The notes by video: listed videos in the order of the index, the others by title, notes without one last."""
    listings = _merged(plan.index_pages)
    groups: dict[Video, list[NoteSummary]] = defaultdict(list)
    alone = []
    for entry in entries:
        if entry.video:
            groups[entry.video].append(entry)
        else:
            alone.append(entry)
    done: list[tuple[Video | None, str, list[NoteSummary]]] = []
    for video, listing in listings.items():
        if video in groups:
            notes = _in_order(groups.pop(video), listing.notes)
            done.append((video, listing.title or notes[0].title, notes))
    others = [(video, notes[0].title, notes) for video, group in groups.items() for notes in [_in_order(group, ())]]
    done.extend(sorted(others, key=lambda group: (group[1].casefold(), group[0].id if group[0] else "")))
    if alone:
        done.append((None, "", sorted(alone, key=_by_title)))
    return done


def _merged(pages: Iterable[IndexPage]) -> dict[Video, Listing]:
    """The videos of all index pages, in order; of one listed twice the first title and the notes of both."""
    merged: dict[Video, Listing] = {}
    for page in pages:
        for listing in page.listings:
            first = merged.get(listing.video)
            merged[listing.video] = (
                Listing(listing.video, first.title or listing.title, first.notes + listing.notes) if first else listing
            )
    return merged


def _in_order(notes: list[NoteSummary], listed: Sequence[str]) -> list[NoteSummary]:
    places = {target: place for place, target in reversed(list(enumerate(listed)))}
    folded = {slug(target): place for target, place in reversed(list(places.items()))}

    def place(entry: NoteSummary) -> tuple[int, str, str]:
        at = places.get(entry.slug, folded.get(entry.slug, folded.get(slug(entry.title), len(listed))))
        return (at, *_by_title(entry))

    return sorted(notes, key=place)


def _by_title(entry: NoteSummary) -> tuple[str, str]:
    return entry.title.casefold(), entry.id


def _linked_back(parts: list[VideoNotes]) -> tuple[VideoNotes, ...]:
    """The parts with `linked_from` of their notes filled in: links from other notes of the same book."""
    order = [entry for part in parts for entry in part.notes]
    sources: dict[str, dict[str, None]] = {entry.id: {} for entry in order}
    for entry in order:
        for target, _ in entry.links:
            if target in sources and target != entry.id:
                sources[target][entry.id] = None
    return tuple(
        msgspec.structs.replace(
            part,
            notes=tuple(msgspec.structs.replace(entry, linked_from=tuple(sources[entry.id])) for entry in part.notes),
        )
        for part in parts
    )
