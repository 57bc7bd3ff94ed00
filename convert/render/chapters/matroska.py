"""Matroska chapters as mkvmerge and mkvpropedit read them (https://www.matroska.org/technical/chapters.html)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from html import escape

from convert.extract.timeline import Marker, Timeline
from convert.render.chapters.spelling import clock_ms


def render(timeline: Timeline, media: str = "") -> str:
    """A flat list of atoms."""
    return _document(timeline, [(marker, ()) for marker in timeline.markers])


def render_nested(timeline: Timeline, media: str = "") -> str:
    """Atoms of deeper sections inside those of higher ones: VLC shows all, mpv and ffprobe the top level only."""
    nested: list[tuple[Marker, list[Marker]]] = []
    for marker in timeline.markers:
        if nested and marker.level > 1:
            nested[-1][1].append(marker)
        else:
            nested.append((marker, []))
    return _document(timeline, nested)


def _document(timeline: Timeline, atoms: list[tuple[Marker, tuple[()]]] | list[tuple[Marker, list[Marker]]]) -> str:
    name = timeline.video.id if timeline.video else timeline.title
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<Chapters>",
        "  <EditionEntry>",
        f"    <EditionUID>{_uid(name)}</EditionUID>",
        *(line for marker, inner in atoms for line in _atom(name, marker, inner, "    ")),
        "  </EditionEntry>",
        "</Chapters>",
    ]
    return "\n".join(lines) + "\n"


def _atom(name: str, marker: Marker, inner: list[Marker] | tuple[()], indent: str) -> Iterator[str]:
    end_ms = inner[-1].end_ms if inner else marker.end_ms
    yield f"{indent}<ChapterAtom>"
    yield f"{indent}  <ChapterUID>{_uid(f'{name} {marker.start_ms}')}</ChapterUID>"
    yield f"{indent}  <ChapterTimeStart>{clock_ms(marker.start_ms)}000000</ChapterTimeStart>"
    yield f"{indent}  <ChapterTimeEnd>{clock_ms(end_ms)}000000</ChapterTimeEnd>"
    yield f"{indent}  <ChapterDisplay>"
    yield f"{indent}    <ChapterString>{escape(marker.title, quote=False)}</ChapterString>"
    yield f"{indent}    <ChapterLanguage>und</ChapterLanguage>"
    yield f"{indent}  </ChapterDisplay>"
    for child in inner:
        yield from _atom(name, child, (), indent + "  ")
    yield f"{indent}</ChapterAtom>"


def _uid(name: str) -> int:
    """A number of 63 bits that is never 0: mkvmerge draws a random one where it is missing."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) >> 1 or 1
