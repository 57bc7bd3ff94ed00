"""Time repair of all videos; what an earlier run decided from the same notes stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import blake2b

import msgspec

from convert.document.near import spoken_before
from convert.document.note import Facts, Video
from convert.pipeline.findings import Findings
from convert.reader.source import decode
from convert.tools.places import read
from convert.vault.discovery import Source
from convert.vault.packed import Packed
from convert.vault.times import Mode, Repair, repair_times, silent


def repair_all(
    notes: Sequence[Facts],
    facts: Mapping[str, Facts],
    sources: Mapping[str, Source],
    digests: Mapping[str, bytes],
    lengths: Mapping[Video, int],
    mode: Mode,
    findings: Findings,
    folder: str = "",
) -> Packed[Repair]:
    """The repair of every note by its id. Notes of one video are judged together, those of others do not matter.

    Of `notes` only id, path and video count; `facts` has all about them, and is asked for what is not known yet.
    What is found lies in `folder` when there is one.
    """
    groups: dict[Video | str, list[Facts]] = defaultdict(list)
    for note in notes:
        groups[note.video or note.id].append(note)
    repairs: Packed[Repair] = Packed(Repair, folder)
    spoken = partial(_spoken, sources)
    for video, group in groups.items():
        key = _key(group, digests, lengths.get(video) if isinstance(video, Video) else None, mode)
        packed = findings.repairs_of(key)
        if packed is None:
            made = repair_times([facts[note.id] for note in group], lengths, mode, spoken)
            packed = [msgspec.msgpack.encode(made[note.id]) for note in group]
            findings.add_repairs(key, packed)
        for note, data in zip(group, packed, strict=True):
            repairs.put_packed(note.id, data)
    return repairs


def _spoken(sources: Mapping[str, Source], note: Facts) -> Sequence[bytes]:
    """The words before each stamp of a note, from its file; none when it cannot be read any more."""
    try:
        data = read(sources[note.id].path)
    except OSError:
        return silent(note)
    return spoken_before(decode(data, lambda *_: None), [stamp.line for stamp in note.stamps])


def _key(group: Sequence[Facts], digests: Mapping[str, bytes], length: int | None, mode: Mode) -> str:
    key = blake2b(repr((mode, length)).encode(), digest_size=16)
    for note in group:
        key.update(note.path.encode("utf-8", "surrogatepass") + b"\0" + digests[note.id])
    return key.hexdigest()
