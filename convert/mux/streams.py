"""Copies media files with new chapters: packet by packet through PyAV (FFmpeg), Ogg files through mutagen.

Kept apart because it wraps PyAV and mutagen; the package knows timelines and videos.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convert.document.timecode import clock_ms
from convert.extract.timeline import Marker
from convert.tools.media import address, open_media

if TYPE_CHECKING:
    import av.container
    import av.stream

CopyProgress = Callable[[int], None]
"""Takes the number of bytes copied or compared since the last call."""

CHPL_MOST = 255
"""MP4's second chapter list (`chpl`) has a one-byte count, and VLC would stop there."""

CONTAINERS = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    # The muxer "ipod" refuses PNG covers.
    ".m4a": "mp4",
    ".m4b": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".mka": "matroska",
    ".webm": "webm",
    ".mp3": "mp3",
}
"""FFmpeg's muxer for each suffix."""
OGG = (".ogg", ".oga", ".ogv", ".opus")
SUFFIXES = (*CONTAINERS, *OGG)
"""Media files that chapters can be embedded in."""
_OGG_CHAPTER = re.compile(r"chapter\d+(name|url)?", re.IGNORECASE)

KEPT = ("video", "audio", "subtitle", "attachment")
"""Kinds of streams that are copied; data streams hold old chapter titles or camera telemetry."""


def copy_with_chapters(
    source: Path, target: Path, suffix: str, markers: tuple[Marker, ...], progress: CopyProgress
) -> list[str]:
    """Write `source` with these chapters to `target`; return the hashes of the streams of `source` (`stream_hashes`).

    Raises errors of FFmpeg and mutagen.
    """
    if suffix not in OGG:
        return _remux(source, target, suffix, markers, progress)
    shutil.copyfile(source, target)
    progress(target.stat().st_size)
    _tag_ogg(target, markers)
    return stream_hashes(source, lambda _: None)


def _tag_ogg(path: Path, markers: tuple[Marker, ...]) -> None:
    """Replace the chapters in the comments of an Ogg file (`CHAPTER000=`, `CHAPTER000NAME=`): FFmpeg writes none."""
    import mutagen

    file = mutagen.File(path)
    if file is None:
        raise mutagen.MutagenError("no Ogg stream that holds comments")
    if file.tags is None:
        file.add_tags()
    for name in [key for key in file.tags.keys() if _OGG_CHAPTER.fullmatch(key)]:  # noqa: SIM118
        del file.tags[name]
    for number, marker in enumerate(markers):
        file.tags[f"CHAPTER{number:03}"] = clock_ms(marker.start_ms)
        file.tags[f"CHAPTER{number:03}NAME"] = marker.title
    file.save()


def _remux(source: Path, target: Path, suffix: str, markers: tuple[Marker, ...], progress: CopyProgress) -> list[str]:
    """Copy packet by packet, with FFmpeg; return the hashes of the streams."""
    import av

    with (
        open_media(source) as old,
        av.open(address(target), "w", format=CONTAINERS[suffix], options=_options(suffix, len(markers))) as new,
    ):
        new.metadata.update(old.metadata)
        pictures = _pictures(source) if CONTAINERS[suffix] == "matroska" else {}
        streams = {
            stream.index: _copied(stream, new)
            for stream in old.streams
            if stream.type in KEPT and stream.index not in pictures
        }
        for picture in pictures.values():
            new.add_attachment(*picture)
        new.set_chapters([_chapter(number, marker) for number, marker in enumerate(markers)])
        hashes = {index: hashlib.md5(usedforsecurity=False) for index in streams}
        for packet in _packets(old, streams):
            hashes[packet.stream.index].update(bytes(packet))
            progress(packet.size)
            packet.stream = streams[packet.stream.index]
            new.mux(packet)
        attached = [hashlib.md5(data, usedforsecurity=False) for _, _, data in pictures.values()]
        return sorted(found.hexdigest() for found in (*hashes.values(), *attached))


def _pictures(source: Path) -> dict[int, tuple[str, str, bytes]]:
    """Return name, type and bytes of each cover by stream, since FFmpeg reads Matroska's attached pictures as video."""
    import av

    with open_media(source) as container:
        covers = [s for s in container.streams.video if s.disposition & av.stream.Disposition.attached_pic]
        if not covers:
            return {}
        found: dict[int, tuple[str, str, bytes]] = {}
        for packet in _packets(container, {stream.index: None for stream in covers}):
            tags = packet.stream.metadata
            kind = tags.get("mimetype", f"image/{packet.stream.codec_context.name}")
            found.setdefault(packet.stream.index, (tags.get("filename", "cover"), kind, bytes(packet)))
        return found


def _options(suffix: str, chapters: int) -> dict[str, str]:
    if suffix == ".mp3":
        # With ID3 2.4 FFmpeg loses chapters whose titles are long.
        return {"id3v2_version": "3"}
    if CONTAINERS[suffix] in ("mp4", "mov") and chapters > CHPL_MOST:
        return {"movflags": "disable_chpl"}
    return {}


def _copied(stream: av.stream.Stream, new: av.container.OutputContainer) -> av.stream.Stream:
    copy = new.add_stream_from_template(stream, opaque=True)
    copy.metadata.update(stream.metadata)
    copy.disposition = stream.disposition
    if new.format.name in ("mp4", "mov") and stream.container.format.name.startswith("mov,mp4"):
        # FFmpeg would write HEVC as hev1, which Apple's players refuse; keep the source's tag (hvc1).
        copy.codec_context.codec_tag = stream.codec_context.codec_tag
    if stream.time_base is not None:
        copy.time_base = stream.time_base
    return copy


def _chapter(number: int, marker: Marker) -> Any:
    return {
        "id": number,
        "start": marker.start_ms,
        "end": marker.end_ms,
        "time_base": Fraction(1, 1000),
        "metadata": {"title": marker.title},
    }


def _packets(container: av.container.InputContainer, streams: dict[int, Any]) -> Iterator[Any]:
    for packet in container.demux(*(container.streams[index] for index in streams)):
        # The last packet of each stream is empty and only flushes decoders.
        if packet.size:
            yield packet


def stream_hashes(path: Path, progress: CopyProgress) -> list[str]:
    """Return the hashes of the packets of each stream that is copied, sorted. Raises FFmpeg's errors."""
    with open_media(path) as container:
        hashes = {s.index: hashlib.md5(usedforsecurity=False) for s in container.streams if s.type in KEPT}
        for packet in _packets(container, hashes):
            hashes[packet.stream.index].update(bytes(packet))
            progress(packet.size)
        return sorted(found.hexdigest() for found in hashes.values())


def chapters(path: Path) -> list[tuple[int, str]]:
    """Return start in milliseconds and title of each chapter in a media file. Raises FFmpeg's errors."""
    with open_media(path) as container:
        return [
            (
                round(chapter["start"] * (chapter["time_base"] or Fraction(1, 1000)) * 1000),
                str(chapter["metadata"].get("title", "")),
            )
            for chapter in container.chapters()
        ]
