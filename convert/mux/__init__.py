"""Chapter markers into media files: embedded without re-encoding, or in files beside them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from convert.errors import NotebindError, SaveError, ToolError, UsageError
from convert.extract.timeline import Marker, Timeline
from convert.mux.ogg import copy_tagged
from convert.mux.streams import CONTAINERS, Progress, chapters, copy_streams, duration_ms, stream_hashes
from convert.render.chapters import Format
from convert.storage.folder import Folder

OGG = (".ogg", ".oga", ".ogv", ".opus")
SUFFIXES = (*CONTAINERS, *OGG)
"""Media files that chapters can be embedded in."""

TOLERANCE_MS = 50
"""How far the length may move: Matroska rounds it to whole frames."""

T = TypeVar("T")


class Muxed(msgspec.Struct, frozen=True):
    """A file that was written and how many chapters it has."""

    path: Path
    chapters: int


def media_duration_ms(path: Path) -> int | None:
    """The length of a media file, None when it does not say; ToolError when it cannot be read."""
    return _wrapped(path, "read", lambda: duration_ms(path))


def mux(source: Path, target: Path, timeline: Timeline, progress: Progress = lambda _: None) -> Muxed:
    """Writes `source` with the timeline's chapters, in place of its own, to `target` (which may be `source`).

    Streams, covers, subtitles, tags and languages are copied as they are. The copy is made beside `target`, compared
    with the source (packets, length, chapters) and only then given its name; whatever fails, nothing is left behind
    and the source is whole. `progress` is told bytes as they are copied and then as they are compared, in all about
    twice the size. UsageError for a kind of file that holds no chapters, ToolError when FFmpeg or the comparison
    fails, SaveError when the disk does. What a killed run left beside `target` is removed.
    """
    suffix = target.suffix.lower()
    _check_kind(source, suffix)
    length = media_duration_ms(source)
    markers = fitted(timeline.markers, length)
    if not markers:
        raise UsageError(f"{source}: the notes give it no chapters inside its length")
    with Folder(target.parent).locked(), _temporary(target) as copy:
        _wrapped(source, "copied", lambda: _copy(source, copy, suffix, markers, progress))
        _verify(source, copy, markers, length)
        _install(source, copy, target)
    return Muxed(target, len(markers))


def fitted(markers: Iterable[Marker], length_ms: int | None) -> tuple[Marker, ...]:
    """The markers that start inside the file, none of them ending after it: FFmpeg would make the file longer."""
    if length_ms is None:
        return tuple(markers)
    inside = [marker for marker in markers if marker.start_ms < length_ms]
    last = len(inside) - 1
    return tuple(
        msgspec.structs.replace(marker, end_ms=length_ms if place == last else min(marker.end_ms, length_ms))
        for place, marker in enumerate(inside)
    )


def sidecar(source: Path, timeline: Timeline, formats: Iterable[Format]) -> list[Path]:
    """Writes the chosen formats beside a media file, named after it; gives their paths. SaveError when it cannot."""
    line = msgspec.structs.replace(timeline, markers=fitted(timeline.markers, media_duration_ms(source)))
    written = []
    with Folder(source.parent).locked():
        for kind in formats:
            if line.markers and not (kind.refusal and kind.refusal(line)):
                path = source.with_name(source.stem + kind.suffix)
                _write(path, kind.render(line, source.name))
                written.append(path)
    return written


def _write(path: Path, text: str) -> None:
    with _temporary(path) as copy:
        try:
            copy.write_text(text, encoding="utf-8", newline="\n")
            os.replace(copy, path)
        except OSError as error:
            raise SaveError(f"{path}: cannot be written: {error.strerror}") from error


def _check_kind(source: Path, suffix: str) -> None:
    if suffix not in SUFFIXES:
        raise UsageError(f"{source}: files of this kind hold no chapters; known are {', '.join(SUFFIXES)}")
    if source.suffix.lower() != suffix:
        raise UsageError(f"{source}: the copy must have the same suffix, not {suffix}")


def _copy(source: Path, copy: Path, suffix: str, markers: tuple[Marker, ...], progress: Progress) -> None:
    if suffix in OGG:
        copy_tagged(source, copy, markers, progress)
        before = stream_hashes(source, lambda _: None)
    else:
        before = copy_streams(source, copy, suffix, markers, progress)
    if stream_hashes(copy, progress) != before:
        raise ToolError(f"{source}: the copy is not the same, packet by packet; the file is left as it was")


def _verify(source: Path, copy: Path, markers: tuple[Marker, ...], length: int | None) -> None:
    found = _wrapped(source, "checked", lambda: (duration_ms(copy), chapters(copy)))
    if length is not None and (found[0] is None or abs(found[0] - length) > TOLERANCE_MS):
        raise ToolError(f"{source}: the copy is {found[0]} ms long, not {length} ms; the file is left as it was")
    if found[1] != [(marker.start_ms, marker.title) for marker in markers]:
        raise ToolError(f"{source}: the chapters of the copy are not those of the notes; the file is left as it was")


def _install(source: Path, copy: Path, target: Path) -> None:
    """Gives the verified copy its name, which a source in its place keeps until then."""
    try:
        shutil.copymode(source, copy)
        with copy.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(copy, target)
    except OSError as error:
        raise SaveError(f"{target}: cannot be written: {error.strerror}") from error


class _temporary:
    """A file beside `target` that is gone at the end, whatever happened."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __enter__(self) -> Path:
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".notebind-", suffix=".tmp", dir=self._target.parent)
        except OSError as error:
            raise SaveError(f"{self._target.parent}: cannot be written to: {error.strerror}") from error
        os.close(handle)
        self._path = Path(name)
        return self._path

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)


def _wrapped(path: Path, what: str, call: Callable[[], T]) -> T:
    """What `call` gives; errors of FFmpeg, mutagen and the disk as ours."""
    try:
        return call()
    except NotebindError:
        raise
    # PyAV and mutagen raise errors of their own kinds and, for files they do not expect, ValueError and KeyError.
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ToolError(f"{path}: cannot be {what}: {reason}; is it a media file that plays?") from error
