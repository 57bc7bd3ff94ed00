"""The site put together: pages, search index, assets, media."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import PurePosixPath

import msgspec

from convert.document.note import Video
from convert.document.video import file_stem
from convert.extract.cues import timed_rows
from convert.extract.timeline import Timeline, timeline
from convert.render.xhtml import clean
from convert.writers.base import Artifact, Copy, Job
from convert.writers.html import Options
from convert.writers.html.frame import SCRIPT, SEARCH, STYLE
from convert.writers.html.front import front_page
from convert.writers.html.page import Room, page
from convert.writers.html.piece import PICTURES, Piece, unpacked
from convert.writers.html.places import INDEX, Leaf, Places, places_of, shown


def site(parts: Sequence[bytes], job: Job[Options]) -> Iterator[Artifact | Copy]:
    """Every file of `<book>.html/`, copies of media files first."""
    places = places_of(job.book)
    pieces = dict(zip(places.entries, map(unpacked, parts), strict=True))
    folder = f"{job.book.name}.html"
    if job.options.copy_videos:
        yield from (Copy(f"{folder}/{_copied(video, of)}", of) for video, of in job.media.items())
    for leaf in places.leaves:
        own = [pieces[entry.id] for entry in leaf.part.notes]
        line = timeline(leaf.part)
        room = Room(line, _media(leaf, job), _tracks_name(leaf) if leaf.part.video in job.media else "")
        yield Artifact(f"{folder}/{leaf.name}", page(leaf, own, room, places, job))
        if room.tracks:
            yield Artifact(f"{folder}/{room.tracks}", _tracks(line, own, leaf))
    for name in sorted({name for piece in pieces.values() for name in piece.pictures}):
        yield Artifact(f"{folder}/{PICTURES}{name}", job.picture(name))
    yield Artifact(f"{folder}/{INDEX}", front_page(places, job))
    yield Artifact(f"{folder}/{SEARCH}", _search(places, pieces))
    for name in (STYLE, SCRIPT):
        yield Artifact(f"{folder}/{name}", files("convert.writers.html").joinpath("assets", name).read_bytes())


def _media(leaf: Leaf, job: Job[Options]) -> str:
    """The way from a page to its media file; "" when there is none."""
    video = leaf.part.video
    if video is None or video not in job.media:
        return ""
    of = job.media[video]
    if job.options.copy_videos:
        return _copied(video, of)
    return of if of.startswith("file:") else f"../{of}"


def _copied(video: Video, of: str) -> str:
    return f"media/{file_stem(video)}{PurePosixPath(of).suffix.lower()}"


def _tracks_name(leaf: Leaf) -> str:
    return f"{leaf.name.removesuffix('.html')}.tracks.js"


def _tracks(line: Timeline, pieces: Sequence[Piece], leaf: Leaf) -> bytes:
    """Chapters and subtitles as a script: browsers refuse `<track>` and `fetch` to pages opened from the disk."""
    markers = [(marker.start_ms, marker.end_ms, clean(marker.title)) for marker in line.markers]
    rows = timed_rows((cue for piece in pieces for cue in piece.cues), leaf.part.duration_ms)
    return _call("tracks", {"chapters": markers, "subtitles": rows})


def _search(places: Places, pieces: dict[str, Piece]) -> bytes:
    """(page, its title, notes) by page; a note is (place, title, passages)."""
    rows = [
        (
            leaf.name,
            shown(leaf.part.title),
            [(places.mark_of[e.id], shown(e.title), pieces[e.id].passages) for e in leaf.part.notes],
        )
        for leaf in places.leaves
    ]
    return _call("search", rows)


def _call(name: str, value: object) -> bytes:
    """A script that hands a value to the page's own."""
    return f"readingRoom.{name}(".encode() + msgspec.json.encode(value) + b");\n"
