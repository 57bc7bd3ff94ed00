"""Chapters in Ogg files as comments (`CHAPTER000=`, `CHAPTER000NAME=`): FFmpeg's Ogg muxer writes none."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from convert.document.timecode import clock_ms
from convert.extract.timeline import Marker
from convert.mux.streams import Progress

_CHAPTER = re.compile(r"chapter\d+(name|url)?", re.IGNORECASE)


def copy_tagged(source: Path, target: Path, markers: tuple[Marker, ...], progress: Progress) -> None:
    """Copies an Ogg file and replaces the chapters in its comments. Raises mutagen's errors."""
    import mutagen

    shutil.copyfile(source, target)
    progress(target.stat().st_size)
    file = mutagen.File(target)
    if file is None:
        raise mutagen.MutagenError("no Ogg stream that holds comments")
    if file.tags is None:
        file.add_tags()
    for name in [key for key in file.tags.keys() if _CHAPTER.fullmatch(key)]:  # noqa: SIM118
        del file.tags[name]
    for number, marker in enumerate(markers):
        file.tags[f"CHAPTER{number:03}"] = clock_ms(marker.start_ms)
        file.tags[f"CHAPTER{number:03}NAME"] = marker.title
    file.save()
