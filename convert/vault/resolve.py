"""Decides for every note where its links lead and what its stamps mean."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from convert.document.book import Moment, NoteSummary
from convert.document.nodes import Destination
from convert.document.note import Facts, LinkFact, Resolution, Video
from convert.report import Diagnostic, diagnostic
from convert.vault.index_pages import IndexPage
from convert.vault.links import Links, block_name


class Resolved(msgspec.Struct, frozen=True):
    """A note's resolution, its entry, what was found wrong and how its links came out (outcome: number)."""

    resolution: Resolution
    entry: NoteSummary
    diagnostics: tuple[Diagnostic, ...]
    outcomes: dict[str, int]


Times = tuple[int | None, ...]
"""The repaired times of a note's stamps in milliseconds, in their order."""


def resolve(
    notes: Sequence[Facts], facts: Mapping[str, Facts], pages: Iterable[IndexPage], times: Callable[[Facts], Times]
) -> Iterator[tuple[Facts, Resolved]]:
    """Every note with its resolution, in the order of `notes`, of which only names and videos count.

    `facts` has all about them by their ids; each is looked at when its turn has come.
    """
    links = Links(notes, facts, ((page.channel, page.path) for page in pages))
    shared = _shared_videos(notes)
    for name in notes:
        note = facts[name.id]
        yield note, _resolve(note, links, times(note), shared.get(note.id, ()))


def _resolve(note: Facts, links: Links, times: Times, problems: Iterable[Diagnostic]) -> Resolved:
    found = [links.resolve(link, note) for link in note.links]
    diagnostics = list(problems)
    for link, (destination, outcome) in zip(note.links, found, strict=True):
        if outcome in ("missing", "ambiguous"):
            diagnostics.append(_unresolved(note, link, outcome))
        elif destination and not links.has_section(destination, link.fragment):
            diagnostics.append(_astray(note, link))
    destinations = tuple(destination for destination, _ in found)
    return Resolved(
        resolution=Resolution(destinations, times, embeds=_embeds(note, destinations)),
        entry=_entry(note, times, tuple((to.note, to.section) for to in destinations if to)),
        diagnostics=tuple(diagnostics),
        outcomes=dict(Counter(outcome for _, outcome in found)),
    )


def _embeds(note: Facts, destinations: Iterable[Destination | None]) -> tuple[str, ...]:
    pairs = zip(note.links, destinations, strict=True)
    return tuple(dict.fromkeys(to.note for link, to in pairs if link.embed and to))


def _astray(note: Facts, link: LinkFact) -> Diagnostic:
    what, code = ("block", "block-missing") if block_name(link.fragment) else ("heading", "heading-missing")
    message = f"{link.target or note.slug!r} has no {what} {link.fragment!r}: the link leads to its start"
    return diagnostic(code, note.path, link.line, message)


def _unresolved(note: Facts, link: LinkFact, outcome: str) -> Diagnostic:
    if outcome == "ambiguous":
        message = f"[[{link.target}]] names several notes: kept as text; write channel/note"
        return diagnostic("link-ambiguous", note.path, link.line, message)
    return diagnostic("link-missing", note.path, link.line, f"[[{link.target}]] names no note: kept as text")


def _entry(note: Facts, times: Times, links: tuple[tuple[str, str], ...]) -> NoteSummary:
    moments = [Moment(stamp.section, ms) for stamp, ms in zip(note.stamps, times, strict=True) if ms is not None]
    return NoteSummary(
        id=note.id,
        channel=note.channel,
        slug=note.slug,
        path=note.path,
        title=note.title,
        video=note.video,
        headings=note.headings,
        blocks=tuple(name for name, _ in note.block_ids),
        moments=tuple(moments),
        links=links,
        aliases=note.aliases,
        meta=note.meta,
        words=note.words,
    )


def _shared_videos(notes: Iterable[Facts]) -> dict[str, list[Diagnostic]]:
    """A remark for every note of a video that an earlier note has too, and a warning for one without a video."""
    groups: dict[Video, list[Facts]] = defaultdict(list)
    found: dict[str, list[Diagnostic]] = {}
    for note in notes:
        if note.video:
            groups[note.video].append(note)
        else:
            message = "no videoId: its stamps get no links; add a line `videoId: ...` to the front matter"
            found[note.id] = [diagnostic("video-missing", note.path, 1, message)]
    for video, (first, *others) in groups.items():
        for note in others:
            message = f"shares video {video.id} with {first.path}: one timeline of chapters for both"
            found[note.id] = [diagnostic("video-shared", note.path, 1, message)]
    return found
