"""A timeline in the formats that players, editors and web pages read, one module each.

To add one, write a module with `render(timeline, media) -> str` and name it in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from convert.extract.timeline import Timeline
from convert.render.chapters import cue, ffmeta, matroska, ogm, podcasting, podlove, srt, vtt, xchp, xspf, youtube


@dataclass(frozen=True)
class Format:
    """A chapter format: its name, the suffix of its files, and the function that writes it."""

    name: str
    suffix: str
    render: Callable[[Timeline, str], str]
    """Returns the text of the file, given the name of the media file that it belongs to."""
    refusal: Callable[[Timeline], str] | None = None
    """Returns why the format cannot hold some markers, else ""; None for a format that can hold any."""


FORMATS: dict[str, Format] = {
    kind.name: kind
    for kind in (
        Format("srt", ".srt", srt.render),
        Format("ffmeta", ".ffmeta", ffmeta.render),
        Format("vtt", ".vtt", vtt.render),
        Format("xml", ".chapters.xml", matroska.render),
        Format("youtube", ".youtube.txt", youtube.render, youtube.refusal),
        Format("ogm", ".ogm.txt", ogm.render),
        Format("xchp", ".xchp", xchp.render),
        Format("cue", ".cue", cue.render, cue.refusal),
        Format("json", ".chapters.json", podcasting.render),
        Format("psc", ".psc.xml", podlove.render),
        Format("xspf", ".xspf", xspf.render),
    )
}

DEFAULT = "srt,ffmeta,vtt,xml,youtube"


def find_format(name: str) -> Format | None:
    """Return the format of a name, or of a suffix with or without its first dot (`chapters.xml`), else None."""
    for kind in FORMATS.values():
        if name in (kind.name, kind.suffix, kind.suffix[1:]):
            return kind
    return None
