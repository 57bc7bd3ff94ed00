"""Time repair of all videos; what an earlier run decided from the same notes stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from convert.document.note import Facts, Video
from convert.pipeline.findings import Findings
from convert.vault.times import Mode, Repair, repair_times


def repair_all(
    notes: Sequence[Facts], digests: Mapping[str, bytes], lengths: Mapping[Video, int], mode: Mode, findings: Findings
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
    made = repair_times([note for group in unknown.values() for note in group], lengths, mode)
    for key, group in unknown.items():
        findings.add_repairs(key, [made[note.id] for note in group])
    return repairs | made


def _key(group: Sequence[Facts], digests: Mapping[str, bytes], length: int | None, mode: Mode) -> str:
    key = blake2b(repr((mode, length)).encode(), digest_size=16)
    for note in group:
        key.update(note.path.encode("utf-8", "surrogatepass") + b"\0" + digests[note.id])
    return key.hexdigest()
