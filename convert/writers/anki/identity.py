"""Identifies cards: GUIDs that survive edits, and the memory of earlier decks.

Anki updates a note only if the package's `mod` is newer. So `mod` is a base plus a revision, which
rises only when the content of that note changes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import islice
from operator import itemgetter
from typing import Annotated

import msgspec

from convert.document.verdict import Verdict
from convert.writers.anki.deck_cards import WORDS, DeckCard

LEAST_LIKENESS = 0.6
"""Likeness of two fronts (0 to 1) from which a new card continues a vanished one of about the same time."""
MOST_CANDIDATES = 10_000
"""Vanished cards of one kind and video that may be continued: a deck from elsewhere may have any number."""
MOST_COMPARED = 8
"""Vanished cards that a new one is compared with: if there are more, those that share most of its rarest pieces."""
MOST_AT_TIME, MOST_TIMES = 32, 200
"""Vanished cards of about the same time of which each one's pieces are counted; that are looked up at all."""
MOST_PLACES = 400
"""Places of pieces that are looked up to find them."""
EFFORT, EFFORT_PER_CARD = 500_000, 1_000
"""What all comparisons of a deck may cost, in pairs of equal characters: about a microsecond each."""
_DENSE, MOST_COST = 500, 16_000
"""Pairs from which two fronts repeat themselves so much that each pair costs more; the most that a comparison costs."""
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
    present = set(keys)
    vanished: dict[tuple[str, str], list[KnownCard]] = {}
    for known in by_key.values():
        if known.key not in present and not known.gone:
            vanished.setdefault((known.owner, known.kind), []).append(known)
    new: dict[tuple[str, str], list[tuple[DeckCard, str]]] = {}
    for card, key in zip(cards, keys, strict=True):
        if key not in by_key and (card.owner, card.kind) in vanished:
            new.setdefault((card.owner, card.kind), []).append((card, key))
    likeness = _Likeness(EFFORT)
    found: dict[str, KnownCard] = {}
    for group, several in new.items():
        left = _Vanished(vanished[group])
        likeness.effort += EFFORT_PER_CARD * len(several)
        for card, key in several:
            if known_card := left.continued(card, likeness):
                found[key] = known_card
    return found


class _Likeness:
    """How similar fronts are, for as long as the effort lasts: difflib takes ages for fronts that repeat themselves."""

    def __init__(self, effort: int) -> None:
        self.effort = effort

    def best(self, card: DeckCard, candidates: Iterable[tuple[int, KnownCard]]) -> int | None:
        """Return the number of the candidate that is most like a card, the first of several; None if none is enough."""
        bounds = []
        for number, known in candidates:
            match = SequenceMatcher(None, card.words, known.words, autojunk=False)
            # The first two are upper bounds of the ratio, and cheaper.
            if match.real_quick_ratio() >= LEAST_LIKENESS and (bound := match.quick_ratio()) >= LEAST_LIKENESS:
                bounds.append((-bound, number, match, known.words))
        best = (-LEAST_LIKENESS, MOST_CANDIDATES)
        for bound, number, match, words in sorted(bounds, key=itemgetter(0, 1)):
            if bound > best[0]:
                break
            if (cost := _cost(card.words, words)) <= self.effort:
                self.effort -= cost
                best = min(best, (-match.ratio(), number))
        return best[1] if best[1] < MOST_CANDIDATES else None


def _cost(one: str, other: str) -> int:
    """Return what the comparison of two fronts costs: the pairs of equal characters, more if these are many."""
    counts = Counter(other)
    pairs = sum(map(counts.__getitem__, one))
    return max(pairs, min(pairs * pairs // _DENSE, MOST_COST))


class _Vanished:
    """Vanished cards of one video and kind, numbered, and where the pieces of their fronts occur."""

    def __init__(self, cards: Sequence[KnownCard]) -> None:
        self._left = dict(enumerate(cards[:MOST_CANDIDATES]))
        self._timed = sorted((known.start_ms, at) for at, known in self._left.items() if known.start_ms is not None)
        self._untimed = [at for at, known in self._left.items() if known.start_ms is None]
        self._places: dict[str, dict[int, None]] = {}
        if len(cards) > MOST_COMPARED:
            for number, known in self._left.items():
                for piece in _pieces(known.words):
                    self._places.setdefault(piece, {})[number] = None

    def continued(self, card: DeckCard, likeness: _Likeness) -> KnownCard | None:
        """Return the vanished card that a new one continues, which is then no longer here; None if there is none."""
        near = ((number, self._left[number]) for number in self._candidates(card))
        candidates = islice((one for one in near if _is_near(card, one[1])), MOST_COMPARED)
        number = likeness.best(card, candidates)
        if number is None:
            return None
        known = self._left.pop(number)
        for piece in _pieces(known.words) if self._places else ():
            del self._places[piece][number]
        return known

    def _candidates(self, card: DeckCard) -> Iterable[int]:
        """Return the numbers of cards that may be like a card, those that share most of its rarest pieces first."""
        pieces = sorted(_pieces(card.words))
        at_time = self._at_time(card)
        if len(at_time) <= MOST_COMPARED:
            return at_time
        shared: Counter[int] = Counter()
        if len(at_time) <= MOST_AT_TIME:
            shared.update(
                {number: sum(number in self._places.get(piece, ()) for piece in pieces) for number in at_time}
            )
            return [number for number, _ in shared.most_common()]
        places = 0
        for numbers in sorted([self._places.get(piece, {}) for piece in pieces], key=len):
            shared.update(islice(numbers, MOST_PLACES - places))
            places += len(numbers)
            if places >= MOST_PLACES:
                break
        return [number for number, _ in shared.most_common()]

    def _at_time(self, card: DeckCard) -> Sequence[int]:
        """Return the numbers of the cards of about the time of a card, and of those of none."""
        if card.start_ms is None:
            return list(self._left) if len(self._left) <= MOST_AT_TIME else range(MOST_CANDIDATES)
        first = bisect_left(self._timed, (card.start_ms - NEAR_MS, 0))
        last = bisect_left(self._timed, (card.start_ms + NEAR_MS, MOST_CANDIDATES))
        if last - first + len(self._untimed) > MOST_TIMES:
            return range(MOST_CANDIDATES)
        numbers = [*self._untimed, *[number for _, number in self._timed[first:last]]]
        return [number for number in numbers if number in self._left]


def _pieces(words: str) -> set[str]:
    """Return all strings of three characters in a front, its ends included."""
    padded = f" {words} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def _is_near(card: DeckCard, known: KnownCard) -> bool:
    """Return whether two cards are of about the same time, or one of none."""
    return card.start_ms is None or known.start_ms is None or abs(card.start_ms - known.start_ms) <= NEAR_MS


def untold(memory: Manifest, epoch: int) -> Manifest | None:
    """Return what a deck of `epoch` does not tell by its cards, None if it tells all: it is kept in the deck itself.

    That is: cards that are gone or have followed to a new place, and a base that no card has any more.
    """
    cards = [known for known in memory.cards if known.gone or known.key != known.guid][:MOST_UNTOLD]
    oldest = min([known.mod for known in memory.cards if not known.gone], default=epoch)
    return Manifest(memory.base, cards) if cards or memory.base != oldest else None
