"""Time repair of all videos; what an earlier run decided from the same notes stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

import msgspec

from convert.document.note import Facts, NoteHead, Video
from convert.errors import ToolError
from convert.reader.source import decode
from convert.storage.location import read
from convert.storage.packed import Packed
from convert.vault.discovery import Source
from convert.vault.scan import Scanned
from convert.vault.scan_cache import ScanCache
from convert.vault.times.decide import Mode, Repair, repair_times, silent
from convert.vault.times.words import Stems, Words, spoken_before
from convert.workers.pool import Crew, in_order

CHUNK = 64
"""Notes that a worker judges at once, or a few more: those of one video stay together."""


@dataclass(frozen=True)
class _Group:
    """The notes of a video, or one that has none, and the key of all that their repair depends on."""

    key: str
    notes: list[str]
    length_ms: int | None


Case = tuple[list[tuple[Source, bytes]], int | None]
"""A group on its way to a worker: the file and the packed scan of each note, and the length of their video."""


def repair_all(
    notes: Sequence[NoteHead],
    scans: Packed[Scanned],
    sources: Mapping[str, Source],
    digests: Mapping[str, bytes],
    lengths: Mapping[Video, int],
    mode: Mode,
    cache: ScanCache,
    crew: Crew,
    folder: str = "",
) -> Packed[Repair]:
    """The repair of every note by its id. Notes of one video are judged together, those of others do not matter.

    `scans` has what is known of them by their paths; it is asked for those that no earlier run judged.
    What is found lies in `folder` when there is one. ToolError when a worker dies.
    """
    repairs: Packed[Repair] = Packed(Repair, folder)
    unknown = []
    for group in _groups(notes, digests, lengths, mode):
        if packed := cache.repairs_of(group.key):
            _put(repairs, group, packed)
        else:
            unknown.append(group)
    for group, packed in _judged(unknown, scans, sources, mode, crew):
        cache.add_repairs(group.key, packed)
        _put(repairs, group, packed)
    return repairs


def _groups(
    notes: Sequence[NoteHead], digests: Mapping[str, bytes], lengths: Mapping[Video, int], mode: Mode
) -> Iterator[_Group]:
    groups: dict[Video | str, list[NoteHead]] = defaultdict(list)
    for note in notes:
        groups[note.video or note.id].append(note)
    for video, group in groups.items():
        length_ms = lengths.get(video) if isinstance(video, Video) else None
        yield _Group(_key(group, digests, length_ms, mode), [note.id for note in group], length_ms)


def _key(group: Sequence[NoteHead], digests: Mapping[str, bytes], length_ms: int | None, mode: Mode) -> str:
    key = blake2b(repr((mode, length_ms)).encode(), digest_size=16)
    for note in group:
        key.update(note.path.encode("utf-8", "surrogatepass") + b"\0" + digests[note.id])
    return key.hexdigest()


def _put(repairs: Packed[Repair], group: _Group, packed: Sequence[bytes]) -> None:
    for note, data in zip(group.notes, packed, strict=True):
        repairs.put_packed(note, data)


def _judged(
    groups: Sequence[_Group], scans: Packed[Scanned], sources: Mapping[str, Source], mode: Mode, crew: Crew
) -> Iterator[tuple[_Group, list[bytes]]]:
    """The packed repairs of each group, from workers when there is enough for them to do."""
    tasks = list(_chunked(groups))
    cases = ([_case(group, scans, sources) for group in task] for task in tasks)
    with crew.make(min(crew.size, len(tasks)), ("convert.vault.times.repair_all",)) as executor:
        futures = in_order(executor, partial(judge, mode=mode), cases, 2 * crew.size)
        for task, future in zip(tasks, futures, strict=True):
            if isinstance(error := future.exception(), BrokenExecutor):
                first, last = task[0].notes[0], task[-1].notes[-1]
                raise ToolError(f"a worker died while it weighed the times of {first} to {last}: {error}") from error
            yield from zip(task, future.result(), strict=True)


def _chunked(groups: Sequence[_Group]) -> Iterator[list[_Group]]:
    """Runs of groups with at least as many notes as a worker takes, but for the last."""
    run: list[_Group] = []
    size = 0
    for group in groups:
        run.append(group)
        size += len(group.notes)
        if size >= CHUNK:
            yield run
            run, size = [], 0
    if run:
        yield run


def _case(group: _Group, scans: Packed[Scanned], sources: Mapping[str, Source]) -> Case:
    return [(sources[note], scans.packed(sources[note].path)) for note in group.notes], group.length_ms


def judge(cases: Sequence[Case], mode: Mode) -> list[list[bytes]]:
    """The packed repairs of each note of each group."""
    decoder = msgspec.msgpack.Decoder(Scanned)
    return [
        _repaired([(one, decoder.decode(data).note_facts()) for one, data in notes], ms, mode) for notes, ms in cases
    ]


def _repaired(notes: Sequence[tuple[Source, Facts]], length_ms: int | None, mode: Mode) -> list[bytes]:
    video = notes[0][1].video
    lengths = {video: length_ms} if video and length_ms is not None else {}
    spoken = partial(_spoken, {facts.path: source for source, facts in notes}, Stems())
    made = repair_times([facts for _, facts in notes], lengths, mode, spoken)
    return [msgspec.msgpack.encode(made[facts.id]) for _, facts in notes]


def _spoken(sources: Mapping[str, Source], stems: Stems, note: Facts) -> Sequence[Words]:
    """The words before each stamp of a note, from its file; none when it cannot be read any more."""
    try:
        data = read(sources[note.path].path)
    except OSError:
        return silent(note)
    return spoken_before(decode(data), [stamp.line for stamp in note.stamps], stems)
