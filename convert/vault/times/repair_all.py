"""Repairs the times of all videos in workers, and reuses the results of earlier runs for the same notes.

Kept apart because it distributes and caches the work; `decide` judges one video and knows no workers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from functools import partial
from hashlib import blake2b

import msgspec

from convert.document.note import Facts, NoteHead, Video
from convert.errors import ToolError
from convert.reader.source import decode
from convert.request import TimeFormat
from convert.storage.location import read
from convert.storage.packed import Packed
from convert.vault.discovery import Source
from convert.vault.scan import ScanCache, Scanned
from convert.vault.times.decide import NO_WORDS, Repair, repair_video
from convert.vault.times.other_notes import Stems, Words, words_before_stamps
from convert.workers.pool import Crew, in_order

CHUNK = 64
"""Notes in a task; there may be a few more, because a video is never split."""

VideoTask = tuple[list[tuple[Source, bytes]], int | None]
"""A video for a worker: the file and the packed scan of each note, and the length in milliseconds."""


class _VideoGroup(msgspec.Struct, frozen=True):
    """The notes of a video (or one note without a video), and a hash of all that their repair depends on."""

    key: str
    notes: list[str]
    length_ms: int | None


def repair_all(
    notes: Sequence[NoteHead],
    scans: Packed[Scanned],
    sources: Mapping[str, Source],
    digests: Mapping[str, bytes],
    lengths: Mapping[Video, int],
    mode: TimeFormat,
    cache: ScanCache,
    crew: Crew,
    folder: str = "",
) -> Packed[Repair]:
    """Return the repair of every note by id. The notes of one video are judged together, independently of others.

    `scans` has the packed facts by path; they are unpacked only for notes that no earlier run judged. The result is
    kept in a file in `folder`, if given. Raises ToolError when a worker dies.
    """
    groups = _groups(notes, sources, digests, lengths, mode)
    unknown = [group for group in groups if not cache.repairs_of(group.key)]
    if unknown:
        cache.add_repairs(_judged(unknown, scans, sources, mode, crew))
    repairs: Packed[Repair] = Packed(Repair, folder)
    for group in groups:
        for note, data in zip(group.notes, cache.repairs[group.key], strict=True):
            repairs.put_packed(note, data)
    return repairs


def _groups(
    notes: Sequence[NoteHead],
    sources: Mapping[str, Source],
    digests: Mapping[str, bytes],
    lengths: Mapping[Video, int],
    mode: TimeFormat,
) -> list[_VideoGroup]:
    by_video: dict[Video | str, list[NoteHead]] = defaultdict(list)
    for note in notes:
        # The times of a note about several videos are weighed alone, without the length of one of them.
        by_video[note.video if note.video and not note.videos else note.id].append(note)
    groups = []
    for video, heads in by_video.items():
        length_ms = lengths.get(video) if isinstance(video, Video) else None
        key = blake2b(repr((mode, length_ms)).encode(), digest_size=16)
        for note in heads:
            how = (sources[note.id].read_as, sources[note.id].times)  # how it was read decides which stamps it has
            key.update(repr(how).encode())
            key.update(note.path.encode("utf-8", "surrogatepass") + b"\0" + digests[note.id])
        groups.append(_VideoGroup(key.hexdigest(), [note.id for note in heads], length_ms))
    return groups


def _judged(
    groups: Sequence[_VideoGroup], scans: Packed[Scanned], sources: Mapping[str, Source], mode: TimeFormat, crew: Crew
) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the key and the packed repairs of each group; use worker processes if there are several chunks."""
    chunks: list[list[_VideoGroup]] = []
    size = CHUNK
    for group in groups:
        if size >= CHUNK:
            chunks.append([])
            size = 0
        chunks[-1].append(group)
        size += len(group.notes)
    tasks = ([_task(group, scans, sources) for group in chunk] for chunk in chunks)
    with crew.make(min(crew.size, len(chunks)), (__name__,)) as executor:
        futures = in_order(executor, partial(judge, mode=mode), tasks, 2 * crew.size)
        for chunk, future in zip(chunks, futures, strict=True):
            if isinstance(error := future.exception(), BrokenExecutor):
                first, last = chunk[0].notes[0], chunk[-1].notes[-1]
                raise ToolError(f"a worker died while it weighed the times of {first} to {last}: {error}") from error
            for group, repairs in zip(chunk, future.result(), strict=True):
                yield group.key, repairs


def _task(group: _VideoGroup, scans: Packed[Scanned], sources: Mapping[str, Source]) -> VideoTask:
    return [(sources[note], scans.packed(sources[note].path)) for note in group.notes], group.length_ms


def judge(tasks: Sequence[VideoTask], mode: TimeFormat) -> list[list[bytes]]:
    """Return the packed repairs of each note of each video."""
    decoder = msgspec.msgpack.Decoder(Scanned)
    found = []
    for scans, length_ms in tasks:
        notes = [facts for _, data in scans if (facts := decoder.decode(data).facts)]
        spoken = partial(_spoken, {note.path: source for note, (source, _) in zip(notes, scans, strict=True)}, Stems())
        found.append([msgspec.msgpack.encode(repair) for repair in repair_video(notes, length_ms, mode, spoken)])
    return found


def _spoken(sources: Mapping[str, Source], stems: Stems, note: Facts) -> Sequence[Words]:
    """Return the words before each stamp of a note, from its file; no words if it can no longer be read."""
    try:
        data = read(sources[note.path].path, checked=True)
    except OSError:
        return [NO_WORDS] * len(note.stamps)
    return words_before_stamps(decode(data), [stamp.line for stamp in note.stamps], stems)
