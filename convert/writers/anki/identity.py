"""Identifies cards: GUIDs that survive edits, and the memory of earlier decks.

Anki updates a note only if the package's `mod` is newer. So `mod` is a base plus a revision, which
rises only when the content of that note changes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Annotated

import msgspec

from convert.document.verdict import Verdict
from convert.writers.anki.deck_cards import WORDS, DeckCard

LEAST_LIKENESS = 0.6
"""Likeness of two fronts (0 to 1) from which a new card continues a vanished one of about the same time."""
MOST_CANDIDATES = 1000
"""Vanished cards of one kind and video that a new card is compared with: a deck from elsewhere may have any number."""
MOST_UNTOLD = 10_000
"""Cards that are kept in a deck beside its own, by `untold`."""
NEAR_MS = 15_000
"""Maximum distance of two such cards in the video."""


Guid = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{22}\Z")]
"""It stands in markup and in file names: what is read from files of others must have this form."""
Mod = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
"""The date of a card's last change in Unix seconds, or a little more; SQLite and Anki hold no larger ones."""
LAST_MOD = 1 << 40
"""The last date, which a card keeps however often it changes: what is written must be read again."""


class KnownCard(msgspec.Struct, gc=False, array_like=True):
    """A card of an earlier deck: natural key, GUID, a digest of its content, and the date of its last change."""

    key: str
    guid: Guid
    digest: str
    mod: Mod
    owner: str
    kind: str
    start_ms: int | None
    words: Annotated[str, msgspec.Meta(max_length=WORDS)]
    gone: bool = False


class Manifest(msgspec.Struct, gc=False):
    """The memory of a deck: the `mod` of its first state and every card that it ever contained."""

    base: Mod
    cards: list[KnownCard]
    format: int = 1


class Changes(msgspec.Struct):
    """The changes since the last deck."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: list[KnownCard] = []
    relinked: int = 0


def unique_guids(memory: Manifest) -> Manifest:
    """Return a memory in which each GUID is that of one card, the first: others may have made it."""
    first: dict[str, KnownCard] = {}
    for one in memory.cards:
        first.setdefault(one.guid, one)
    return msgspec.structs.replace(memory, cards=list(first.values()))


def _free_guid(key: str, taken: set[str]) -> str:
    """Return the GUID of a new card: its key, unless a card that followed to another place took that along."""
    while key in taken:
        key = _short_hash(key)
    return key


def _short_hash(text: str) -> str:
    """Return 128 bits in URL-safe base64."""
    data = text.encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hashlib.blake2b(data, digest_size=16).digest()).decode().rstrip("=")


def key_of(card: DeckCard | Verdict) -> str:
    """Return the natural GUID of a card: a hash of owner, kind and anchor, 128 bits in URL-safe base64."""
    if isinstance(card, Verdict) and card.guid:
        return card.guid
    return _short_hash(json.dumps([card.owner, card.kind, card.anchor], ensure_ascii=False))


def digest_of(fields: Iterable[str], tags: Iterable[str]) -> str:
    """Return a hash of all that an import writes into a note."""
    content = "\x1f".join((*fields, " ".join(tags))).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=9).hexdigest()


def identified(cards: Sequence[DeckCard], keys: Sequence[str], previous: Manifest) -> tuple[list[KnownCard], Changes]:
    """Return the cards of a deck with GUID and `mod`, in order, and the changes since `previous`.

    Marks cards of `previous` that are missing from the deck as gone.
    """
    by_key = {known.key: known for known in previous.cards}
    followed = successors(cards, keys, by_key)
    changes = Changes(relinked=len(followed))
    taken = {known.guid for known in previous.cards}
    result = []
    for card, key in zip(cards, keys, strict=True):
        known = by_key.pop(key, None) or followed.get(key)
        digest = digest_of(card.fields, card.tags)
        guid, mod = (known.guid, known.mod) if known else (_free_guid(key, taken), previous.base)
        if known is None:
            changes.new += 1
        elif known.digest == digest:
            changes.unchanged += 1
        else:
            changes.changed += 1
            mod = min(mod + 1, LAST_MOD)
        result.append(KnownCard(key, guid, digest, mod, card.owner, card.kind, card.start_ms, card.words))
    kept = {known.guid for known in result}
    rest = [known for known in previous.cards if known.guid not in kept]
    changes.vanished = [known for known in rest if not known.gone]
    for known in rest:
        known.gone = True
    return result, changes


def adopted(cards: Sequence[DeckCard], keys: Sequence[str], elders: Iterable[tuple[Manifest, bool]]) -> list[KnownCard]:
    """Return what decks of other books know of a new book's cards, because their folder was renamed or moved.

    Of each deck it is told whether its notes are gone. Then what it knows of the same videos and of notes of the same
    name belongs to the new book too.
    """
    known: dict[str, KnownCard] = {}
    left: list[KnownCard] = []
    for manifest, is_gone in elders:
        for one in manifest.cards:
            known.setdefault(one.key, one)
        left += manifest.cards if is_gone else []
    moved = {one.owner.rpartition("/")[2]: one.owner for one in left if not _is_video(one.owner)}
    found: dict[str, KnownCard] = {}
    for card, key in zip(cards, keys, strict=True):
        before = moved.get(card.owner.rpartition("/")[2], "") if not _is_video(card.owner) else ""
        same = known.get(key) or (known.get(key_of(msgspec.structs.replace(card, owner=before))) if before else None)
        if same:
            found.setdefault(same.guid, msgspec.structs.replace(same, key=key, owner=card.owner))
    owners = {before: card.owner for card in cards for before in (card.owner, moved.get(card.owner.rpartition("/")[2]))}
    for one in left:
        if one.owner in owners and not one.gone:
            found.setdefault(one.guid, msgspec.structs.replace(one, owner=owners[one.owner]))
    return list(found.values())


def _is_video(owner: str) -> bool:
    """Return whether an owner is a video (`provider:id`), not a note (`channel/slug`)."""
    return ":" in owner.partition("/")[0]


def successors(cards: Sequence[DeckCard], keys: Sequence[str], by_key: dict[str, KnownCard]) -> dict[str, KnownCard]:
    """Return vanished cards by key of the new card that continues them: same video, kind and time, similar front."""
    if not by_key:
        return {}
    present = set(keys)
    vanished: dict[tuple[str, str], list[KnownCard]] = {}
    for known in by_key.values():
        if known.key not in present and not known.gone:
            vanished.setdefault((known.owner, known.kind), []).append(known)
    found: dict[str, KnownCard] = {}
    for several in vanished.values():
        del several[MOST_CANDIDATES:]
    for card, key in zip(cards, keys, strict=True):
        candidates = vanished.get((card.owner, card.kind)) if key not in by_key else None
        if not candidates:
            continue
        likeness = [_likeness(card, known) for known in candidates]
        best = max(likeness)
        if best >= LEAST_LIKENESS:
            found[key] = candidates.pop(likeness.index(best))
    return found


def _likeness(card: DeckCard, known: KnownCard) -> float:
    """Return how similar two fronts are, from 0 to 1; 0 if their times are more than `NEAR_MS` apart."""
    if card.start_ms is not None and known.start_ms is not None and abs(card.start_ms - known.start_ms) > NEAR_MS:
        return 0.0
    match = SequenceMatcher(None, card.words, known.words, autojunk=False)
    # The first two are upper bounds of the ratio, and cheaper.
    if match.real_quick_ratio() < LEAST_LIKENESS or match.quick_ratio() < LEAST_LIKENESS:
        return 0.0
    return match.ratio()


def untold(memory: Manifest, epoch: int) -> Manifest | None:
    """Return what a deck of `epoch` does not tell by its cards, None if it tells all: it is kept in the deck itself.

    That is: cards that are gone or have followed to a new place, and a base that no card has any more.
    """
    cards = [known for known in memory.cards if known.gone or known.key != known.guid][:MOST_UNTOLD]
    oldest = min([known.mod for known in memory.cards if not known.gone], default=epoch)
    return Manifest(memory.base, cards) if cards or memory.base != oldest else None
