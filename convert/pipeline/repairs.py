"""Time repair of all videos; what an earlier run decided from the same notes stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import blake2b

from convert.document.near import spoken_before
from convert.document.note import Facts, Video
from convert.pipeline.findings import Findings
from convert.reader.source import decode
from convert.tools.places import read
from convert.vault.discovery import Source
from convert.vault.times import Mode, Repair, repair_times, silent


def repair_all(
    notes: Sequence[Facts],
    sources: Mapping[str, Source],
    digests: Mapping[str, bytes],
    lengths: Mapping[Video, int],
    mode: Mode,
    findings: Findings,
) -> dict[str, Repair]:
    """The repair of every note by its id. Notes of one video are judged together, those of others do not matter."""
    groups: dict[Video | str, list[Facts]] = defaultdict(list)
    for note in notes:
        groups[note.video or note.id].append(note)
    repairs: dict[str, Repair] = {}
    unknown: dict[str, list[Facts]] = {}
    for video, group in groups.items():
        key = _key(group, digests, lengths.get(video) if isinstance(video, Video) else None, mode)
        if kept := findings.repairs_of(key):
            repairs |= zip((note.id for note in group), kept, strict=True)
        else:
            unknown[key] = group
    spoken = partial(_spoken, sources)
    made = repair_times([note for group in unknown.values() for note in group], lengths, mode, spoken)
    for key, group in unknown.items():
        findings.add_repairs(key, [made[note.id] for note in group])
    return repairs | made


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
