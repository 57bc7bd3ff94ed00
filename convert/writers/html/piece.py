"""A note as a piece of a page: its markup, its text for the search, and its subtitles where a file can show them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from html import unescape

import msgspec

from convert.document.book import NoteSummary
from convert.document.note import Note, Video
from convert.document.video import watch_url
from convert.extract.cues import Cue, note_cues
from convert.render.xhtml import Policy, Shown, anchor, clean, render_blocks
from convert.render.xhtml.mathml import mathml
from convert.writers.base import Job
from convert.writers.html import Options
from convert.writers.html.places import Places, places_of, watch_page

# The markup is our own and all text in it is escaped, so that these find elements and never text of a note.
_SECTION = re.compile(r'<section id="([^"]+)">\n(?:<h[1-6]>.*?</h[1-6]>\n)?', re.DOTALL)
_STAMP = re.compile(r'\s*<(a|span) class="stamp[^>]*>[^<]*</\1>')
_FIRST_TIME = re.compile(r'<a class="stamp[^>]*t=([0-9]+)s?"')
_LABEL = re.compile(r'(<a class="stamp[^>]* aria-label=")([^"]*)">([^<]*)<')
_TABLE = re.compile(r"<table(?: id=[^>]*)?>")
_PRE = re.compile(r"<pre(?= id=|>)")
_APART = re.compile(r"</t[dh]>|<br/>")
_TAG = re.compile(r"<[^>]+>")
PICTURES = "images/"
"""The folder of the pictures of notes."""


class Passage(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What the search finds: a section without those below it, the second where it begins, -1 where it has none."""

    place: str
    heading: str
    second: int
    text: str


class Piece(msgspec.Struct, frozen=True, gc=False):
    """What `part` hands to `assemble`."""

    markup: str
    passages: tuple[Passage, ...]
    cues: tuple[Cue, ...]
    pictures: tuple[str, ...] = ()
    """The names of those that the markup shows."""


def piece(note: Note, job: Job[Options]) -> bytes:
    """A `Piece` as MessagePack."""
    places = places_of(job.book)
    leaf, mark, entry = places.leaf_of[note.id], places.mark_of[note.id], places.entries[note.id]
    shown = Shown(PICTURES)
    policy = Policy(
        link=partial(places.href, page=leaf.name),
        watch=_watch(note.video, note, job),
        watch_other=partial(_watch, note=note, job=job),
        image=shown,
        math=mathml,
        heading=3 if leaf.titled() else 2,
        prefix=f"{mark}-",
    )
    markup = render_blocks(note.blocks, policy)
    cues = tuple(note_cues(note)) if note.video in job.media else ()
    portable = tuple(Cue(cue.start_ms, clean(cue.text)) for cue in cues)
    # What is shown of other notes is found, with its times, where it stands.
    own = render_blocks(note.blocks, replace(policy, watch_other=None)) if "<figure" in markup else markup
    passages = tuple(_passages(own, entry, places))
    return msgspec.msgpack.encode(Piece(_reachable(markup), passages, portable, tuple(sorted(shown.names))))


def unpacked(data: bytes) -> Piece:
    """The `Piece` that `piece` encoded."""
    return msgspec.msgpack.decode(data, type=Piece)


def _watch(video: Video | None, note: Note, job: Job[Options]) -> Callable[[int], str | None]:
    """Addresses of moments of a video in the note; a place on its page where only a file has its own video."""
    if video is not None and watch_page(video) is not None:
        return partial(watch_url, video)
    if video is not None and video == note.video and video in job.media:
        return lambda ms: f"#t={ms // 1000}"
    return lambda _: None


def _reachable(markup: str) -> str:
    """The markup with what may be wider than the page in boxes that scroll, by keyboard too, and stamps by voice."""
    if "<table" in markup:
        box = r'<div class="wide" role="group" aria-label="Table" tabindex="0">\g<0>'
        markup = _TABLE.sub(box, markup).replace("</table>", "</table></div>")
    # WCAG 2.5.3: the name of a link begins with what it shows, so that it can be called by voice.
    markup = _LABEL.sub(r'\1\3, \2">\3<', markup)
    return _PRE.sub('<pre tabindex="0"', markup)


def _passages(markup: str, entry: NoteSummary, places: Places) -> Iterator[Passage]:
    mark = places.mark_of[entry.id]
    headings = {anchor(heading.id, f"{mark}-"): clean(heading.text) for heading in entry.headings}
    before, *rest = _SECTION.split(markup)
    if text := _text(before):
        yield Passage(mark, "", _second(before), text)
    for place, inner in zip(rest[::2], rest[1::2], strict=True):
        yield Passage(place, headings.get(place, ""), _second(inner), _text(inner))


def _second(markup: str) -> int:
    found = _FIRST_TIME.search(markup)
    return int(found[1]) if found else -1


def _text(markup: str) -> str:
    return unescape(" ".join(_TAG.sub("", _APART.sub(" ", _STAMP.sub("", markup))).split()))
