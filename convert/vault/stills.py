"""The stills of a run: the moments of notes in local films, taken once and kept beside the output for later runs.

A still is kept by its video and time, so that it is found again after notes change; it is taken again when the film is
another file. A film that is gone leaves what was taken of it.
"""

from __future__ import annotations

import io
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path

import msgspec

from convert.document.nodes import Picture
from convert.document.note import Facts, StillFrame, Video
from convert.errors import SaveError
from convert.report import Diagnostic, diagnostic
from convert.request import Request, Stills
from convert.storage.folder import Folder
from convert.storage.location import Storage
from convert.storage.sealed import read_rows, write_sealed
from convert.tools.stills import stills
from convert.vault.pictures import PictureFile, digest, is_sound
from convert.vault.video_files import SOUND_SUFFIXES
from convert.workers.pool import Crew, TookTooLong, cores, in_order, make_executor, time_limit

_FOLDER = ".notebind/stills"
_INDEX = ".notebind/stills.msgpack"
MOST_KEPT = 20_000
"""Stills kept beside the output; those of this run are never left out."""
_QUALITY = 80
"""Of JPEG: the size doubles above it without a visible gain."""
_LEAST_S, _STILL_S = 20, 5
"""Seconds that a film may take, in all and more for each still."""

_Key = tuple[str, str, int]
"""Provider and id of a video, and a time in milliseconds."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A still taken by an earlier run: of which file, how high, and its picture; None where the film has none."""

    film: PictureFile
    height: int
    picture: Picture | None


class StillLibrary:
    """The stills of the notes of one run."""

    def __init__(self, request: Request, cache: Storage | None, films: Mapping[Video, Path]) -> None:
        """`cache` is the output folder; without one, and in a store, nothing can be taken. Sound has no stills."""
        self.paths: dict[str, str] = {}
        """The path of the file of each picture, by picture name."""
        self.unusable: dict[str, str] = {}
        """The name of the index of earlier stills, if it is there and cannot be used."""
        self._request = request
        self._folder = cache if isinstance(cache, Folder) else None
        self._films = {video: path for video, path in films.items() if path.suffix.lower() not in SOUND_SUFFIXES}
        self._known: dict[_Key, _Kept] = {}
        self._taken: dict[_Key, _Kept] = {}

    def take(self, notes: Iterable[tuple[Facts, Sequence[int | None]]], crew: Crew) -> Iterator[Diagnostic]:
        """Take the stills of notes, given with the times of their stamps; yields what was wrong with films."""
        if self._request.stills == "none" and self._films:
            yield _possible(self._request, self._films)
        if not self._folder or self._request.stills == "none":
            return
        self._known = self._read_index(self._folder)
        wanted: defaultdict[Video, set[int]] = defaultdict(set)
        for note, times in notes:
            for _, ms, video in moments(note, times, self._request.stills):
                wanted[video].add(ms)
        missing = {video: lacking for video, times in wanted.items() if (lacking := self._lacking(video, times))}
        yield from self._take(missing, self._folder, crew)
        if self._taken:
            self._store(self._folder)

    def of(self, note: Facts, times: Sequence[int | None]) -> tuple[StillFrame, ...]:
        """Return the stills of a note in the order of its stamps."""
        if not self._taken:
            return ()
        frames = []
        shown: dict[int, Video] = {}  # In a note about several videos, a time of two shows the first.
        for line, ms, video in moments(note, times, self._request.stills):
            kept = self._taken.get(_key(video, ms))
            if kept and kept.picture and self._folder and shown.setdefault(ms, video) == video:
                self.paths[kept.picture.name] = str(self._folder.path / _FOLDER / kept.picture.name)
                frames.append(StillFrame(line, ms, kept.picture))
        return tuple(frames)

    def _lacking(self, video: Video, times: Iterable[int]) -> list[int]:
        """Return the times of which no still is kept; those that are kept are taken over."""
        film = _state(self._films[video]) if video in self._films else None
        lacking = []
        for ms in sorted(times):
            kept = self._known.get(_key(video, ms))
            if kept and (film is None or (kept.film, kept.height) == (film, self._request.still_height)):
                self._taken[_key(video, ms)] = kept
            elif film:
                lacking.append(ms)
        return lacking

    def _take(self, missing: Mapping[Video, list[int]], folder: Folder, crew: Crew) -> Iterator[Diagnostic]:
        height = self._request.still_height
        jobs = [(str(self._films[video]), times) for video, times in missing.items()]
        # Films are files of this machine, which workers elsewhere do not see.
        size, make = (cores(), make_executor) if crew.elsewhere else (crew.size, crew.make)
        with make(min(size, len(jobs)), ("convert.vault.stills",)) as executor:
            futures = in_order(executor, partial(stills_of, height=height), jobs, size + 1)
            for (video, times), future in zip(missing.items(), futures, strict=True):
                found, reason = future.result()
                if reason:
                    yield diagnostic("stills-missing", str(self._films[video]), 0, reason)
                film = _state(self._films[video])
                if not film:
                    continue
                for ms in times:
                    data, width, high = found.get(ms, (b"", 0, 0))
                    picture = Picture(f"{digest(data)}.jpg", width, high) if data else None
                    if picture:
                        folder.write(f"{_FOLDER}/{picture.name}", data)
                    self._taken[_key(video, ms)] = _Kept(film, height, picture)

    def _read_index(self, folder: Folder) -> dict[_Key, _Kept]:
        if self._request.force:
            return {}
        kept = read_rows(folder, _INDEX, tuple[_Key, _Kept], self.unusable)
        return {key: one for key, one in kept if not one.picture or is_sound(one.picture)}

    def _store(self, folder: Folder) -> None:
        """Keep the stills of this run, and of earlier ones as many as fit; remove the files of others."""
        others = ((key, kept) for key, kept in self._known.items() if key not in self._taken)
        rows = list(islice(chain(self._taken.items(), others), max(MOST_KEPT, len(self._taken))))
        names = {kept.picture.name for _, kept in rows if kept.picture}
        with suppress(SaveError, OSError):
            if dict(rows) != self._known:
                write_sealed(folder, _INDEX, (msgspec.msgpack.encode(rows),))
            for name in os.listdir(folder.path / _FOLDER):
                if name not in names:
                    folder.remove(f"{_FOLDER}/{name}")


def moments(note: Facts, times: Sequence[int | None], mode: Stills) -> Iterator[tuple[int, int, Video]]:
    """Yield (line, time in milliseconds, video) of each still: for all stamps, or for each section its first.

    The line is that of the stamp, or of the heading.
    """
    seen: set[int] = set()
    for stamp, ms in zip(note.stamps, times, strict=True):
        video = stamp.video or note.video
        if ms is None or not video or mode == "none":
            continue
        if mode == "sections":
            if stamp.section in seen or stamp.section < 0:
                continue
            seen.add(stamp.section)
        yield note.headings[stamp.section].line if mode == "sections" else stamp.line, ms, video


def _possible(request: Request, films: Mapping[Video, Path]) -> Diagnostic:
    films_are = f"{len(films)} films are" if len(films) > 1 else "a film is"
    message = f"{films_are} here: --stills sections shows a picture for each section"
    return diagnostic("stills-possible", str(request.videos), 0, message)


def stills_of(job: tuple[str, list[int]], height: int) -> tuple[dict[int, tuple[bytes, int, int]], str]:
    """Return JPEG, width and height of the stills of a film by their times, and what went wrong, or ""."""
    import av

    path, times = job
    found: dict[int, tuple[bytes, int, int]] = {}
    try:
        with time_limit(_LEAST_S + _STILL_S * len(times)):
            for still in stills(Path(path), times, height):
                data = io.BytesIO()
                still.picture.convert("RGB").save(data, "JPEG", quality=_QUALITY, optimize=True)
                found[still.asked_ms] = (data.getvalue(), *still.picture.size)
    except TookTooLong:
        return found, f"took too long: {len(found)} of {len(times)} stills were taken"
    except (av.FFmpegError, OSError, ValueError) as error:
        return found, f"no stills: {getattr(error, 'strerror', None) or error}"
    return found, "" if len(found) == len(times) else f"has no picture at {len(times) - len(found)} times of its notes"


def _state(path: Path) -> PictureFile | None:
    """Return the film's file as it is now, None if it is gone."""
    with suppress(OSError):
        about = path.stat()
        return PictureFile(str(path), about.st_size, str(about.st_mtime_ns))
    return None


def _key(video: Video, ms: int) -> _Key:
    return video.provider, video.id, ms
