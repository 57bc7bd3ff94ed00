"""Which card is which: GUIDs that survive edits, and the memory of earlier decks.

Anki updates a note only when the package's `mod` is newer, so `mod` is a base plus a revision that
rises when the content of that note changes and at no other time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

import msgspec

from convert.writers.anki.rows import Row

LIKE = 0.6
"""Likeness of two fronts (0 to 1) from which a vanished card is taken for a new one of the same time."""
NEAR_MS = 15_000
"""How far apart two such cards may stand in the video."""


class Known(msgspec.Struct, gc=False, array_like=True):
    """A card of an earlier deck: its natural key, the GUID it was given, what it held and when that changed."""

    key: str
    guid: str
    digest: str
    mod: int
    owner: str
    kind: str
    start_ms: int | None
    words: str
    gone: bool = False


class Manifest(msgspec.Struct, gc=False):
    """The memory of a deck: the `mod` of its first state and every card it ever held."""

    base: int
    cards: list[Known]
    format: int = 1


class Changes(msgspec.Struct):
    """What a deck brings to those who have imported the one before it."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: list[Known] = []
    relinked: int = 0


def key_of(row: Row) -> str:
    """The natural GUID of a card: 128 bits of its owner, kind and anchor, 22 characters safe in addresses."""
    identity = json.dumps([row.owner, row.kind, row.anchor], ensure_ascii=False).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hashlib.blake2b(identity, digest_size=16).digest()).decode().rstrip("=")


def digest_of(fields: Iterable[str], tags: Iterable[str]) -> str:
    """A hash of all that an import would write into a note."""
    content = "\x1f".join((*fields, " ".join(tags))).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=9).hexdigest()


def identified(rows: Sequence[Row], keys: Sequence[str], previous: Manifest) -> tuple[list[Known], Changes]:
    """The cards of a deck with GUID and `mod`, in the order of `rows`, and what changed since `previous`."""
    by_key = {known.key: known for known in previous.cards}
    heirs = _heirs(rows, keys, by_key)
    changes = Changes(relinked=len(heirs))
    cards = []
    for row, key in zip(rows, keys, strict=True):
        known = by_key.pop(key, None) or heirs.get(key)
        cards.append(_stated(row, key, known, previous.base, changes))
    kept = {known.guid for known in cards}
    rest = [known for known in previous.cards if known.guid not in kept]
    changes.vanished = [known for known in rest if not known.gone]
    for known in rest:
        known.gone = True
    return cards, changes


def _stated(row: Row, key: str, known: Known | None, base: int, changes: Changes) -> Known:
    digest = digest_of(row.fields, row.tags)
    if known is None:
        changes.new += 1
        return Known(key, key, digest, base, row.owner, row.kind, row.start_ms, row.words)
    mod = known.mod if known.digest == digest else known.mod + 1
    changes.changed += mod != known.mod
    changes.unchanged += mod == known.mod
    return Known(key, known.guid, digest, mod, row.owner, row.kind, row.start_ms, row.words)


def _heirs(rows: Sequence[Row], keys: Sequence[str], by_key: dict[str, Known]) -> dict[str, Known]:
    """The vanished card that each new one continues: same video, kind and time, and a front that is like it."""
    if not by_key:
        return {}
    present = set(keys)
    vanished: dict[tuple[str, str], list[Known]] = {}
    for known in by_key.values():
        if known.key not in present and not known.gone:
            vanished.setdefault((known.owner, known.kind), []).append(known)
    heirs: dict[str, Known] = {}
    for row, key in zip(rows, keys, strict=True):
        near = vanished.get((row.owner, row.kind)) if key not in by_key else None
        found = max(near, key=lambda known: _likeness(row, known), default=None) if near else None
        if near and found and _likeness(row, found) >= LIKE:
            near.remove(found)
            heirs[key] = found
    return heirs


def _likeness(row: Row, known: Known) -> float:
    if row.start_ms is not None and known.start_ms is not None and abs(row.start_ms - known.start_ms) > NEAR_MS:
        return 0.0
    return SequenceMatcher(None, row.words, known.words, autojunk=False).ratio()
