"""Resolves the links of a note and builds its resolution and summary."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Literal

import msgspec

from convert.document.book import Listed, Moment, NoteSummary
from convert.document.nodes import Destination, Picture
from convert.document.note import Facts, Home, LinkFact, NoteHead, Resolution, Video, normalized, slug
from convert.report import Diagnostic, diagnostic

Outcome = Literal["exact", "normalised", "title", "other channel", "ambiguous", "missing", "index page", "file"]

_SUFFIX = re.compile(r"\.(?:md|markdown|txt)$", re.IGNORECASE)
_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|mp4|webm|mkv|mov|mp3|m4a|ogg|wav|pdf|canvas|excalidraw)$", re.I
)
_SEVERAL = 3
_AUDIO = frozenset({"audio", "episode", "m4a", "mp3", "podcast", "recording"})
"""Keys of front matter that only notes about something heard have."""
_STAMP = re.compile(r"\[[0-9:.\s-]+\]")
_HEAD = attrgetter(*NoteHead.__struct_fields__)


class Resolved(msgspec.Struct, frozen=True):
    """A note's resolution and summary, and how many of its links had each outcome."""

    resolution: Resolution
    summary: NoteSummary
    outcomes: dict[str, int]


class LinkIndex:
    """Finds notes by name, and sections in those notes that links point into."""

    def __init__(
        self,
        notes: Iterable[NoteHead],
        facts_of: Callable[[str], Facts],
        index_pages: Iterable[tuple[str, str]] = (),
    ) -> None:
        """`facts_of` returns the facts of a note by id; it is called only for notes whose sections links name.

        `index_pages` has the (channel, slug) of pages that list videos: a link to one of them has no destination.
        """
        self._facts_of = facts_of
        self._notes: dict[str, NoteHead] = {}
        self._channels: set[str] = set()
        self._titles: dict[tuple[str, str], list[NoteHead]] = defaultdict(list)
        self._everywhere: dict[str, list[NoteHead]] = defaultdict(list)
        self._without_blanks: dict[tuple[str, str], set[str]] = defaultdict(set)
        """Note ids by channel and slug with blanks removed: `storm-at-sea` is `stormatsea`."""
        for note in notes:
            self._notes[note.id] = note
            self._everywhere[note.slug].append(note)
            for name in set(map(slug, (note.title, *note.aliases))) - {note.slug, ""}:
                self._titles[note.channel, name].append(note)
            self._without_blanks[note.channel, note.slug.replace("_", "")].add(note.id)
            self._channels.add(note.channel)
        self._sections: dict[str, dict[str, tuple[int, str]]] = {}
        """Index and id of the first heading of each name, by note; filled when a link points into the note."""
        self._blocks: dict[str, tuple[set[str], dict[str, str]]] = {}
        """The names of blocks in such a note, and the first name of each spelling in lower case."""
        self._index_pages: set[str] = set()
        for channel, page in index_pages:
            self._index_pages.update((page, slug(channel), channel))

    def resolve(self, link: LinkFact, source: NoteHead) -> tuple[Destination | None, Outcome]:
        """Return the destination of a link of `source` (None if missing or ambiguous), and the outcome."""
        note: NoteHead | None = source
        outcome: Outcome = "exact"
        if link.target:
            if link.embed and _FILE.search(link.target):
                return None, "file"
            target = _SUFFIX.sub("", normalized("NFC", link.target))
            folder, _, name = target.replace("\\", "/").strip("/").rpartition("/")
            named = folder.rpartition("/")[2]
            note, outcome = self._in_channel(named if named in self._channels else source.channel, name)
            if outcome == "missing":
                note, outcome = self._elsewhere(name)
        if not note:
            return None, outcome
        return Destination(note.id, self._section(note, link.fragment) if link.fragment else "", note.title), outcome

    def _in_channel(self, channel: str, name: str) -> tuple[NoteHead | None, Outcome]:
        if note := self._notes.get(f"{channel}/{name}"):
            return note, "exact"
        folded = slug(name)
        if note := self._notes.get(f"{channel}/{folded}"):
            return note, "normalised"
        titled = self._titles.get((channel, folded), [])
        if len(titled) == 1:
            return titled[0], "title"
        if not titled and len(found := self._without_blanks.get((channel, folded.replace("_", "")), ())) == 1:
            return self._notes[next(iter(found))], "normalised"
        return None, "ambiguous" if titled else "missing"

    def _elsewhere(self, name: str) -> tuple[NoteHead | None, Outcome]:
        folded = slug(name)
        if name in self._index_pages or folded in self._index_pages:
            return None, "index page"
        found = self._everywhere.get(folded, [])
        if len(found) == 1:
            return found[0], "other channel"
        return None, "ambiguous" if found else "missing"

    def _section(self, note: NoteHead, fragment: str) -> str:
        """Return the section of a fragment (`a#b` is heading b below a, `^a1b2c3` a block), or "" if there is none."""
        if note.id not in self._sections:
            facts = self._facts_of(note.id)
            self._sections[note.id], self._blocks[note.id] = _headings(facts), _block_names(facts)
        if block := block_name(fragment):
            names, alike = self._blocks[note.id]
            name = block if block in names else alike.get(block.casefold(), "")
            return f"^{name}" if name else ""
        known = self._sections[note.id]
        written = _STAMP.sub("", fragment.rpartition("#")[2])
        # Markdown links spell a heading in kebab case: `#what-it-says`.
        wanted = {written.strip(), slug(written), slug(written.replace("-", " "))}
        found = [known[name] for name in wanted if name in known]
        return min(found)[1] if found else ""


def block_name(fragment: str) -> str:
    """Return the block name in a fragment, "" if it names a heading."""
    last = fragment.rpartition("#")[2].strip()
    return last[1:] if last.startswith("^") else ""


def _headings(note: Facts) -> dict[str, tuple[int, str]]:
    """Return index and id of the first heading of each id and slug."""
    found: dict[str, tuple[int, str]] = {}
    for index, heading in enumerate(note.headings):
        found.setdefault(heading.id, (index, heading.id))
        found.setdefault(slug(heading.text), (index, heading.id))
    return found


def _block_names(note: Facts) -> tuple[set[str], dict[str, str]]:
    """Return the names of the blocks of a note, and the first name of each spelling in lower case."""
    alike: dict[str, str] = {}
    for name, _ in note.block_ids:
        alike.setdefault(name.casefold(), name)
    return {name for name, _ in note.block_ids}, alike


def resolve_note(
    note: Facts,
    links: LinkIndex,
    times: tuple[int | None, ...],
    pictures: tuple[Picture | None, ...] = (),
    properties: tuple[int, ...] | None = None,
    home: Home | None = None,
    title: str = "",
    video: Video | None = None,
    breaks: bool = False,
) -> tuple[Resolved, list[Diagnostic]]:
    """Return the resolved note, and diagnostics of its links that have no destination.

    `times` has the repaired times of its stamps in milliseconds, `pictures` the pictures of its images, both in text
    order; `properties`, `home`, `title` and `video` are those of the resolution, `breaks` is that of the summary.
    """
    destinations = []
    outcomes: dict[str, int] = {}
    embeds: dict[str, None] = {}
    problems = []
    for link in note.links:
        to, outcome = links.resolve(link, note)
        destinations.append(to)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        if to and link.embed:
            embeds[to.note] = None
        if outcome in ("missing", "ambiguous") or (to and link.fragment and not to.section):
            problems.append(_astray(note, link, outcome))
    resolution = Resolution(tuple(destinations), times, pictures, tuple(embeds), properties, home, title, video)
    return Resolved(resolution, _summary(note, resolution, breaks), outcomes), problems


def _astray(note: Facts, link: LinkFact, outcome: Outcome) -> Diagnostic:
    if outcome == "ambiguous":
        code, message = "link-ambiguous", f"[[{link.target}]] names several notes: kept as text; write channel/note"
    elif outcome == "missing":
        code, message = "link-missing", f"[[{link.target}]] names no note: kept as text"
    else:
        what, code = ("block", "block-missing") if block_name(link.fragment) else ("heading", "heading-missing")
        message = f"{link.target or note.slug!r} has no {what} {link.fragment!r}: the link leads to its start"
    return diagnostic(code, note.path, link.line, message)


def _summary(note: Facts, resolution: Resolution, breaks: bool) -> NoteSummary:
    moments = [
        Moment(stamp.section, ms, stamp.video)
        for stamp, ms in zip(note.stamps, resolution.times, strict=True)
        if ms is not None
    ]
    times = resolution.times
    listed = [
        Listed(ms, one.title, one.line, note.stamps[one.stamp].video)
        for one in note.listed
        if (ms := times[one.stamp]) is not None
    ]
    cover = resolution.pictures[-1] if resolution.pictures and note.meta.get("cover") else None
    return NoteSummary(
        **dict(zip(NoteHead.__struct_fields__, _HEAD(note), strict=True)),
        headings=note.headings,
        blocks=tuple(dict(note.block_ids)),
        moments=tuple(moments),
        listed=tuple(listed),
        links=tuple([(to.note, to.section) for to in resolution.links if to]),
        words=note.words,
        cover=cover.name if cover else "",
        breaks=breaks,
    )


def video_diagnostics(notes: Iterable[NoteHead]) -> dict[str, tuple[Diagnostic]]:
    """Return, by note id, what is said of notes without a video, and a remark for notes that share an earlier one's."""
    notes = list(notes)
    with_videos = {note.channel for note in notes if note.video}
    first: dict[Video, NoteHead] = {}
    found: dict[str, tuple[Diagnostic]] = {}
    for note in notes:
        if not note.video:
            found[note.id] = (_without_video(note, note.channel in with_videos),)
        elif (earlier := first.setdefault(note.video, note)) is not note:
            message = f"shares video {note.video.id} with {earlier.path}: one timeline of chapters for both"
            found[note.id] = (diagnostic("video-shared", note.path, 1, message),)
    return found


def wordless_remarks(notes: Sequence[NoteHead]) -> list[Diagnostic]:
    """Return a remark, said once, if several notes have a title and nothing else."""
    if len(notes) < _SEVERAL:
        return []
    message = f"{len(notes)} notes, this the first, have a title and nothing else to read"
    return [diagnostic("note-wordless", notes[0].path, 1, message)]


def _without_video(note: NoteHead, others_have: bool) -> Diagnostic:
    """Return a warning for a note that lacks a video, as others of its channel have one, else a remark.

    A note of another kind, about audio, or in a channel without any video is not about one.
    """
    advice = "add a line `videoId: ...` to the front matter"
    if others_have and not note.reader and _AUDIO.isdisjoint([key.lower() for key in note.meta]):
        return diagnostic("video-missing", note.path, 1, f"no videoId: its stamps get no links; {advice}")
    message = f"names no video: its stamps get no links; if it is about one, {advice}"
    return diagnostic("video-none", note.path, 1, message)
