"""A timeline in the formats that players, editors and web pages read, one module each.

To add one, write a module with `render(timeline, media) -> str` and name it in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from convert.extract.timeline import Timeline
from convert.render.chapters import (
    cue,
    ffmeta,
    matroska,
    ogm,
    podcasting,
    podlove,
    srt,
    vtt,
    xchp,
    xspf,
    youtube,
)


def _nothing(timeline: Timeline) -> str:
    return ""


@dataclass(frozen=True)
class Format:
    """A chapter format: its name, the end of its files' names, and how it is written."""

    name: str
    suffix: str
    render: Callable[[Timeline, str], str]
    """The file's text, given the name of the media file that it stands for."""
    refusal: Callable[[Timeline], str] = _nothing
    """Why the format cannot hold these markers, or ""."""


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
    """The format of this name, or of this suffix with or without its first dot (`chapters.xml`); None for none."""
    for kind in FORMATS.values():
        if name in (kind.name, kind.suffix, kind.suffix[1:]):
            return kind
    return None
