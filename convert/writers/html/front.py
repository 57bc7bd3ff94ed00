"""The first page: what the channel holds, its downloads, every video with its notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from convert.document.timecode import clock
from convert.render.xhtml import escape
from convert.writers.base import Job
from convert.writers.html import Options, downloads
from convert.writers.html.frame import document, english
from convert.writers.html.places import Leaf, Places, channels, count, shown


def front_page(places: Places, job: Job[Options]) -> bytes:
    """The bytes of `index.html`."""
    videos = sum(leaf.part.video is not None for leaf in places.leaves)
    about = count(len(places.entries), "note")
    about = f"{about} on {count(videos, 'video')}" if videos else about
    main = (
        f'<main class="front">\n<header class="head">\n<h1>{escape(shown(job.book.title))}</h1>\n'
        f'<p class="facts"{english(places)}>{about}</p>\n{downloads.books(job)}</header>\n'
        f'<div id="text" tabindex="-1">\n{"".join(_groups(places))}</div>\n</main>\n'
    )
    return document(job.book.title, "index", main, places)


def _groups(places: Places) -> Iterator[str]:
    """The videos under their channels where there are several, the notes without a video at the end."""
    several = len(channels(places.entries.values())) > 1
    filmed = [leaf for leaf in places.leaves if leaf.part.video is not None]
    loose = [leaf for leaf in places.leaves if leaf.part.video is None]
    for channel, leaves in groupby(filmed, lambda leaf: leaf.part.notes[0].channel if leaf.part.notes else ""):
        yield _list(leaves, places, escape(shown(channel)) if several else "")
    if loose:
        yield _list(loose, places, f"<span{english(places)}>Notes without a video</span>" if filmed else "")


def _list(leaves: Iterable[Leaf], places: Places, heading: str) -> str:
    items = "".join(_item(leaf, places) for leaf in leaves)
    title = f"<h2>{heading}</h2>\n" if heading else ""
    return f'{title}<ol class="videos">\n{items}</ol>\n'


def _item(leaf: Leaf, places: Places) -> str:
    part = leaf.part
    length = f'<span class="time">{clock(part.duration_ms)}</span>' if part.duration_ms is not None else ""
    notes = ""
    if leaf.titled():
        links = "".join(
            f'<li><a href="{places.start(entry)}">{escape(shown(entry.title))}</a></li>\n' for entry in part.notes
        )
        notes = f"<ul>\n{links}</ul>"
    return f'<li><p><a href="{leaf.name}">{escape(shown(part.title))}</a>{length}</p>{notes}</li>\n'
