"""The page of a video: the player and its chapters at the side, the notes in the middle."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from convert.document.book import NoteSummary
from convert.document.note import Video
from convert.document.timecode import clock
from convert.document.video import site_of, watch_url
from convert.extract.timeline import Marker, Timeline
from convert.render.xhtml import attribute, escape
from convert.writers.base import Job
from convert.writers.html import Options, downloads
from convert.writers.html.frame import document, english
from convert.writers.html.piece import Piece
from convert.writers.html.places import Leaf, Places, count, shown, watch_page


class Room(msgspec.Struct, frozen=True, gc=False):
    """What stands beside the notes: the video's timeline, the way to its media file, the script of its tracks."""

    line: Timeline
    media: str
    tracks: str


def page(leaf: Leaf, pieces: Sequence[Piece], room: Room, places: Places, job: Job[Options]) -> bytes:
    """The bytes of the page."""
    notes = "".join(_note(entry, piece, leaf, places) for entry, piece in zip(leaf.part.notes, pieces, strict=True))
    side = _side(leaf, room, places, job)
    kind = "" if side else ' class="alone"'
    main = (
        f"<main{kind}>\n{_head(leaf, places)}{side}"
        f'<div class="notes" id="text" tabindex="-1">\n{notes}{_onward(leaf, places)}</div>\n</main>\n'
    )
    return document(leaf.part.title, "room", main, places, (room.tracks,) if room.tracks else ())


def _head(leaf: Leaf, places: Places) -> str:
    part = leaf.part
    facts = [count(len(part.notes), "note")]
    if part.duration_ms is not None:
        facts.append(clock(part.duration_ms))
    listed = ""
    if len(part.notes) > 1:
        items = "".join(
            f'<li><a href="#{places.mark_of[entry.id]}">{escape(shown(entry.title))}</a></li>\n' for entry in part.notes
        )
        listed = f'<nav class="listed" aria-label="Notes on this page">\n<ol>\n{items}</ol>\n</nav>\n'
    return (
        f'<header class="head">\n<h1>{escape(shown(part.title))}</h1>\n'
        f'<p class="facts"{english(places)}>{" · ".join(facts)}</p>\n{listed}</header>\n'
    )


def _side(leaf: Leaf, room: Room, places: Places, job: Job[Options]) -> str:
    """Player, chapters and their files; "" for a note without a video."""
    video = leaf.part.video
    address = watch_page(video)
    if video is None or not (address or room.media):
        return ""
    label = attribute(shown(leaf.part.title))
    data = f' data-{video.provider}="{attribute(video.id)}"' if address else ""
    link = f'<a class="watch" href="{attribute(address)}">{_watch_on(video)}</a>\n' if address else ""
    film = _film(room.media, label) if room.media else ""
    files = downloads.chapters(video, job)
    files = f'<details class="files">\n<summary>Chapter files</summary>\n{files}</details>\n' if files else ""
    return (
        f'<aside class="side" aria-label="Video">\n'
        f'<div class="player" data-title="{label}"{data}>\n{film}{link}</div>\n{_chapters(leaf, room)}{files}</aside>\n'
    )


def _watch_on(video: Video) -> str:
    site = site_of(video)
    return f"Watch on {escape(site)}" if site else "Watch the video"


def _film(media: str, label: str) -> str:
    source = media if media.startswith("file:") else quote(os.fsencode(media))
    return (
        f'<video controls="controls" playsinline="playsinline" preload="metadata" src="{attribute(source)}"'
        f' aria-label="{label}"></video>\n'
    )


def _chapters(leaf: Leaf, room: Room) -> str:
    if not room.line.markers or leaf.part.video is None:
        return ""
    video = leaf.part.video
    items = "".join(_chapter(video, marker) for marker in room.line.markers)
    return (
        '<details class="chapters" open="open">\n<summary>Chapters</summary>\n'
        f'<ol aria-label="Chapters">\n{items}</ol>\n</details>\n'
    )


def _chapter(video: Video, marker: Marker) -> str:
    kind = ' class="deeper"' if marker.level > 1 else ""
    address = watch_url(video, marker.start_ms) or f"#t={marker.start_ms // 1000}"
    return (
        f'<li{kind}><a href="{attribute(address)}"><span class="time">{clock(marker.start_ms)}</span> '
        f"<span>{escape(shown(marker.title))}</span></a></li>\n"
    )


def _note(entry: NoteSummary, piece: Piece, leaf: Leaf, places: Places) -> str:
    mark = places.mark_of[entry.id]
    title = f'<h2 class="note-title">{escape(shown(entry.title))}</h2>\n' if leaf.titled() else ""
    return (
        f'<article class="note" id="{mark}">\n{title}<div class="note-text">\n{piece.markup}</div>\n'
        f"{_linked_from(entry, places)}</article>\n"
    )


def _linked_from(entry: NoteSummary, places: Places) -> str:
    """The notes that link here."""
    sources = [places.entries[name] for name in entry.linked_from if name in places.entries and name != entry.id]
    if not sources:
        return ""
    items = "".join(f'<li><a href="{places.start(one)}">{escape(shown(one.title))}</a></li>\n' for one in sources)
    return f'<div class="linked-from">\n<p class="label"{english(places)}>Linked from</p>\n<ul>\n{items}</ul>\n</div>\n'


def _onward(leaf: Leaf, places: Places) -> str:
    """The way to the pages before and after this one."""
    at = places.number_of[leaf.name]
    ways = [("Previous", at - 1, "before"), ("Next", at + 1, "after")]
    items = "".join(
        f'<a class="{kind}" rel="{"prev" if kind == "before" else "next"}" href="{places.leaves[to].name}">'
        f"<span{english(places)}>{word}</span> {escape(shown(places.leaves[to].part.title))}</a>\n"
        for word, to, kind in ways
        if 0 <= to < len(places.leaves)
    )
    return f'<nav class="onward" aria-label="Videos before and after">\n{items}</nav>\n' if items else ""
