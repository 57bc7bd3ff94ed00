"""Links to what the other writers made of the book, and to the chapter files of each video."""

from __future__ import annotations

import re
from urllib.parse import quote

from convert.document.note import Video
from convert.document.video import file_stem
from convert.render.xhtml import escape
from convert.writers.base import Job
from convert.writers.html import Options


def books(job: Job[Options]) -> str:
    """Return links to the book in its other formats, volumes in their order; "" if none was made."""
    links = []
    for kind in job.downloads:
        pattern = re.compile(re.escape(job.book.name) + r"(?:-([0-9]+))?" + re.escape(kind.suffix))
        found = filter(None, map(pattern.fullmatch, job.made))
        for volume, name in sorted((int(one[1] or 0), one[0]) for one in found):
            links.append(_link(name, f"{kind.label} {volume}" if volume else kind.label))
    return _list(links)


def chapters(video: Video | None, job: Job[Options]) -> str:
    """Return links to the files about a video; "" if there are none."""
    if video is None:
        return ""
    stem, made = file_stem(video), frozenset(job.made)
    kinds = [kind for kind in job.downloads if "{video}" in kind.suffix]
    names = [(f"{job.book.name}{kind.suffix.replace('{video}', stem)}", kind.label) for kind in kinds]
    return _list([_link(name, label) for name, label in names if name in made])


def _list(links: list[str]) -> str:
    return f'<ul class="downloads">\n{"".join(links)}</ul>\n' if links else ""


def _link(name: str, label: str) -> str:
    # Browsers show a PDF themselves.
    way = "" if name.endswith(".pdf") else ' download="download"'
    return f'<li><a href="{quote(f"../{name}")}"{way}>{escape(label)}</a></li>\n'
