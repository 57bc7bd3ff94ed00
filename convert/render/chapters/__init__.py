"""A timeline in the formats that players, editors and web pages read.

To add one, write a function `render(timeline, media) -> str` in a module of its own or of its kind, and name it in
`FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from convert.extract.timeline import Timeline
from convert.render.chapters import (
    cue,
    editors,
    ffmeta,
    matroska,
    ogm,
    podcasting,
    podlove,
    srt,
    vtt,
    windows_players,
    xspf,
    youtube,
)


@dataclass(frozen=True)
class Format:
    """A chapter format: its name, the suffix of its files, and the function that writes it."""

    name: str
    suffix: str
    render: Callable[[Timeline, str], str]
    """Returns the text of the file, given the name of the media file that it belongs to."""
    refusal: Callable[[Timeline], str] | None = None
    """Returns why the format cannot hold some markers, else ""; None for a format that can hold any."""
    encoding: str = "utf-8"
    """The encoding of the file."""

    def data(self, timeline: Timeline, media: str) -> bytes:
        """Return the content of the file."""
        return self.render(timeline, media).encode(self.encoding)


FORMATS: dict[str, Format] = {
    kind.name: kind
    for kind in (
        Format("srt", ".srt", srt.render),
        Format("ffmeta", ".ffmeta", ffmeta.render),
        Format("vtt", ".vtt", vtt.render),
        Format("xml", ".chapters.xml", matroska.render),
        Format("youtube", ".youtube.txt", youtube.render, youtube.refusal),
        Format("ogm", ".ogm.txt", ogm.render),
        Format("xchp", ".xchp", windows_players.render_xchp),
        Format("cue", ".cue", cue.render, cue.refusal),
        Format("json", ".chapters.json", podcasting.render),
        Format("psc", ".psc.xml", podlove.render),
        Format("xspf", ".xspf", xspf.render),
        Format("pbf", ".pbf", windows_players.render_pbf, encoding="utf-16"),
        Format("edl", ".edl", editors.render_edl),
        Format("losslesscut", ".segments.csv", editors.render_csv),
        Format("audacity", ".labels.txt", editors.render_labels),
    )
}

DEFAULT = "srt,ffmeta,vtt,xml,youtube"


def find_format(name: str) -> Format | None:
    """Return the format of a name, or of a suffix with or without its first dot (`chapters.xml`), else None."""
    for kind in FORMATS.values():
        if name in (kind.name, kind.suffix, kind.suffix[1:]):
            return kind
    return None
