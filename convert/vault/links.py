"""Resolves wikilinks: which note and section a target as written means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal

from convert.document.nodes import Destination
from convert.document.note import Facts, LinkFact, slug

Outcome = Literal["exact", "normalised", "title", "other channel", "ambiguous", "missing", "index page", "file"]

_SUFFIX = re.compile(r"\.(?:md|markdown|txt)$", re.IGNORECASE)
_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|mp4|webm|mkv|mov|mp3|m4a|ogg|wav|pdf|canvas|excalidraw)$", re.I
)
_STAMP = re.compile(r"\[[0-9:.\s-]+\]")


class Links:
    """The names of all notes of a vault."""

    def __init__(
        self, notes: Iterable[Facts], facts: Mapping[str, Facts], index_pages: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Of `notes` only the names count; `facts` gives their headings, by note id.

        `index_pages` are the (channel, slug) of pages that list videos: links to them lead to no note.
        """
        self._facts = facts
        self._notes: dict[str, Facts] = {}
        self._titles: dict[tuple[str, str], list[Facts]] = defaultdict(list)
        self._everywhere: dict[str, list[Facts]] = defaultdict(list)
        for note in notes:
            self._notes[note.id] = note
            self._everywhere[note.slug].append(note)
            for name in {slug(name) for name in (note.title, *note.aliases)} - {note.slug, ""}:
                self._titles[note.channel, name].append(note)
        self._loose: dict[tuple[str, str], set[str]] = defaultdict(set)
        for note in self._notes.values():
            self._loose[note.channel, _letters(note.slug)].add(note.id)
        self._sections: dict[str, dict[str, tuple[int, str]]] = {}
        """Place and id of the first heading of each name, by note, once a link leads there."""
        self._channels = {note.channel for note in self._notes.values()}
        self._index_pages = {name for channel, page in index_pages for name in (page, slug(channel), channel)}

    def resolve(self, link: LinkFact, source: Facts) -> tuple[Destination | None, Outcome]:
        """Where a link of the note `source` leads, and how that was found; None unless there is one answer."""
        if not link.target:
            return self._destination(source, link.fragment), "exact"
        if link.embed and _FILE.search(link.target):
            return None, "file"
        folder, _, name = _SUFFIX.sub("", link.target).replace("\\", "/").strip("/").rpartition("/")
        named = folder.rpartition("/")[2]
        note, outcome = self._in_channel(named if named in self._channels else source.channel, name)
        if not note and outcome == "missing":
            note, outcome = self._elsewhere(name, source.channel)
        return (self._destination(note, link.fragment) if note else None), outcome

    def has_section(self, destination: Destination, fragment: str) -> bool:
        """Whether the heading or block that the fragment of a link names was found in the note it leads to."""
        return bool(destination.section) or not fragment

    def _in_channel(self, channel: str, name: str) -> tuple[Facts | None, Outcome]:
        if note := self._notes.get(f"{channel}/{name}"):
            return note, "exact"
        folded = slug(name)
        if note := self._notes.get(f"{channel}/{folded}"):
            return note, "normalised"
        titled = self._titles.get((channel, folded), [])
        if len(titled) == 1:
            return titled[0], "title"
        if not titled and len(loose := self._loose.get((channel, _letters(folded)), ())) == 1:
            return self._notes[next(iter(loose))], "normalised"
        return None, "ambiguous" if titled else "missing"

    def _elsewhere(self, name: str, channel: str) -> tuple[Facts | None, Outcome]:
        folded = slug(name)
        if name in self._index_pages or folded in self._index_pages:
            return None, "index page"
        found = self._everywhere.get(folded, [])
        if len(found) == 1:
            return found[0], "other channel"
        return None, "ambiguous" if found else "missing"

    def _destination(self, note: Facts, fragment: str) -> Destination:
        return Destination(note.id, self._section(note, fragment), note.title)

    def _section(self, note: Facts, fragment: str) -> str:
        """The place that a fragment names (`a#b` a heading b below a, `^a1b2c3` a block), "" for none."""
        if not fragment:
            return ""
        if block := block_name(fragment):
            names = [name for name, _ in self._facts[note.id].block_ids]
            alike = (name for name in names if name.casefold() == block.casefold())
            return f"^{block}" if block in names else "".join(f"^{name}" for name in list(alike)[:1])
        if (known := self._sections.get(note.id)) is None:
            known = self._sections[note.id] = _headings(self._facts[note.id])
        written = _STAMP.sub("", fragment.rpartition("#")[2])
        # Markdown's own links write a heading as `#what-it-says`.
        wanted = {written.strip(), slug(written), slug(written.replace("-", " "))}
        found = [known[name] for name in wanted if name in known]
        return min(found)[1] if found else ""


def block_name(fragment: str) -> str:
    """The name of the block that a fragment names, "" when it names a heading."""
    last = fragment.rpartition("#")[2].strip()
    return last[1:] if last.startswith("^") else ""


def _letters(name: str) -> str:
    """A slug without what stands for blanks: `storm-at-sea` has become `stormatsea`, others write `storm_at_sea`."""
    return name.replace("_", "")


def _headings(note: Facts) -> dict[str, tuple[int, str]]:
    """Place and id of the first heading of each id and slug."""
    found: dict[str, tuple[int, str]] = {}
    for place, heading in enumerate(note.headings):
        found.setdefault(heading.id, (place, heading.id))
        found.setdefault(slug(heading.text), (place, heading.id))
    return found
