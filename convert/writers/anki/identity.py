"""Which card is which: GUIDs that survive edits, and what is remembered of earlier decks.

Anki updates a note only if the package's `mod` is newer, so `mod` is a base plus a revision that
rises when the content of that note changes and at no other time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

import msgspec

from convert.writers.anki.deck_cards import DeckCard

LEAST_LIKENESS = 0.6
"""Likeness of two fronts (0 to 1) from which a new card continues a vanished one of the same time."""
NEAR_MS = 15_000
"""How far apart two such cards may be in the video."""


class KnownCard(msgspec.Struct, gc=False, array_like=True):
    """A card of an earlier deck: its natural key, its GUID, its content as a digest, and when that last changed."""

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
    """What is remembered of a deck: the `mod` of its first state and every card that it ever held."""

    base: int
    cards: list[KnownCard]
    format: int = 1


class Changes(msgspec.Struct):
    """What a deck changes for readers who imported the one before it."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: list[KnownCard] = []
    relinked: int = 0


def key_of(card: DeckCard) -> str:
    """Return the natural GUID of a card: 128 bits of its owner, kind and anchor, 22 characters safe in addresses."""
    identity = json.dumps([card.owner, card.kind, card.anchor], ensure_ascii=False).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hashlib.blake2b(identity, digest_size=16).digest()).decode().rstrip("=")


def digest_of(fields: Iterable[str], tags: Iterable[str]) -> str:
    """Return a hash of everything that an import would write into a note."""
    content = "\x1f".join((*fields, " ".join(tags))).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=9).hexdigest()


def identified(cards: Sequence[DeckCard], keys: Sequence[str], previous: Manifest) -> tuple[list[KnownCard], Changes]:
    """Return the cards of a deck with GUID and `mod`, in their order, and what changed since `previous`.

    Marks the cards of `previous` that the deck lacks as gone.
    """
    by_key = {known.key: known for known in previous.cards}
    successors = _successors(cards, keys, by_key)
    changes = Changes(relinked=len(successors))
    result = []
    for card, key in zip(cards, keys, strict=True):
        known = by_key.pop(key, None) or successors.get(key)
        digest = digest_of(card.fields, card.tags)
        guid, mod = (known.guid, known.mod) if known else (key, previous.base)
        if known is None:
            changes.new += 1
        elif known.digest == digest:
            changes.unchanged += 1
        else:
            changes.changed += 1
            mod += 1
        result.append(KnownCard(key, guid, digest, mod, card.owner, card.kind, card.start_ms, card.words))
    kept = {known.guid for known in result}
    rest = [known for known in previous.cards if known.guid not in kept]
    changes.vanished = [known for known in rest if not known.gone]
    for known in rest:
        known.gone = True
    return result, changes


def _successors(cards: Sequence[DeckCard], keys: Sequence[str], by_key: dict[str, KnownCard]) -> dict[str, KnownCard]:
    """Return the vanished card that each new one continues: same video, kind and time, and a similar front."""
    if not by_key:
        return {}
    present = set(keys)
    vanished: dict[tuple[str, str], list[KnownCard]] = {}
    for known in by_key.values():
        if known.key not in present and not known.gone:
            vanished.setdefault((known.owner, known.kind), []).append(known)
    successors: dict[str, KnownCard] = {}
    for card, key in zip(cards, keys, strict=True):
        candidates = vanished.get((card.owner, card.kind)) if key not in by_key else None
        if not candidates:
            continue
        likeness = [_likeness(card, known) for known in candidates]
        best = max(likeness)
        if best >= LEAST_LIKENESS:
            successors[key] = candidates.pop(likeness.index(best))
    return successors


def _likeness(card: DeckCard, known: KnownCard) -> float:
    """Return how similar two fronts are, from 0 to 1; 0 if their times are more than `NEAR_MS` apart."""
    if card.start_ms is not None and known.start_ms is not None and abs(card.start_ms - known.start_ms) > NEAR_MS:
        return 0.0
    return SequenceMatcher(None, card.words, known.words, autojunk=False).ratio()
