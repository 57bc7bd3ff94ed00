"""Matroska chapters as mkvmerge and mkvpropedit read them (https://www.matroska.org/technical/chapters.html)."""

from __future__ import annotations

import hashlib
from html import escape

from convert.document.timecode import clock_ms
from convert.extract.timeline import Marker, Timeline


def render(timeline: Timeline, media: str = "") -> str:
    """Return a flat list of atoms."""
    return _document(timeline, [(marker, []) for marker in timeline.markers])


def render_nested(timeline: Timeline, media: str = "") -> str:
    """Return atoms of deeper sections inside the higher ones: VLC shows all, mpv and ffprobe only the top level."""
    nested: list[tuple[Marker, list[Marker]]] = []
    for marker in timeline.markers:
        if nested and marker.level > 1:
            nested[-1][1].append(marker)
        else:
            nested.append((marker, []))
    return _document(timeline, nested)


def _document(timeline: Timeline, atoms: list[tuple[Marker, list[Marker]]]) -> str:
    name = timeline.video.id if timeline.video else timeline.title
    chapters = "".join([_atom(name, marker, inner, "    ") for marker, inner in atoms])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Chapters>\n  <EditionEntry>\n'
        f"    <EditionUID>{_uid(name)}</EditionUID>\n{chapters}  </EditionEntry>\n</Chapters>\n"
    )


def _atom(name: str, marker: Marker, inner: list[Marker], indent: str) -> str:
    end_ms = inner[-1].end_ms if inner else marker.end_ms
    children = [_atom(name, child, [], indent + "  ") for child in inner]
    return (
        f"{indent}<ChapterAtom>\n"
        f"{indent}  <ChapterUID>{_uid(f'{name} {marker.start_ms}')}</ChapterUID>\n"
        f"{indent}  <ChapterTimeStart>{clock_ms(marker.start_ms)}000000</ChapterTimeStart>\n"
        f"{indent}  <ChapterTimeEnd>{clock_ms(end_ms)}000000</ChapterTimeEnd>\n"
        f"{indent}  <ChapterDisplay>\n"
        f"{indent}    <ChapterString>{escape(marker.title, quote=False)}</ChapterString>\n"
        f"{indent}    <ChapterLanguage>und</ChapterLanguage>\n"
        f"{indent}  </ChapterDisplay>\n"
        f"{''.join(children)}{indent}</ChapterAtom>\n"
    )


def _uid(name: str) -> int:
    """Return a number of 63 bits that is never 0: mkvmerge draws a random one if it is missing."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) >> 1 or 1
