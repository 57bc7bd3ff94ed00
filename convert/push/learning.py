"""What pushes remember and learn from Anki: which book added a card, and which cards were deleted or suspended there.

What earlier pushes saw is remembered by profile in the user's state folder: what lay beside a deck could come along
with decks of others. Kept apart because it knows nothing of AnkiConnect.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from functools import partial
from html import unescape
from pathlib import Path

import msgspec

from convert.document.verdict import LONGEST_WORDS, Verdict
from convert.errors import NotebindError
from convert.storage.folder import RECORD_SUFFIX, RUN_FOLDER, Folder
from convert.storage.sealed import ANYWHERE, UNUSABLE, read_sealed, write_sealed
from convert.vault.verdicts import read_verdicts, save_verdicts
from convert.writers.anki.collection import AnkiNote
from convert.writers.anki.identity import KnownCard, Manifest, key_of

_TAG = re.compile(r"<[^<>]*>")
_RULE = re.compile(r"[a-z0-9-]{1,40}")
NOWHERE = "its notes are not known: build it again in this folder"
"""Why nothing can be written down about the cards of a deck from elsewhere, which is no error."""


class Seen(msgspec.Struct):
    """The cards that pushes saw in a profile: by GUID whether they were suspended."""

    cards: dict[str, bool] = {}
    books: dict[str, dict[str, bool]] = {}
    """The cards of each book (`DeckNotes.book`) by GUID, and whether a push of this book added them to the profile."""

    def is_own(self, book: str, guid: str) -> bool:
        """Return whether a push of this book added a card, and no other book has it."""
        others = (cards for name, cards in self.books.items() if name != book)
        return self.books.get(book, {}).get(guid, False) and not any(guid in cards for cards in others)

    def keep_book(self, deck: DeckNotes, guids: Iterable[str], added: Set[str], known: Set[str]) -> None:
        """Keep the cards of a book after a push that added some; `known` were in Anki before it.

        Those that the book no longer has are kept while they are in Anki, so that a later push can delete them.
        """
        before = {guid for guid, own in self.books.get(deck.book, {}).items() if own and guid in known}
        own = {guid: deck.is_built and (guid in added or guid in before) for guid in guids}
        self.books[deck.book] = dict.fromkeys(before, True) | own


def seen_in(profile: str) -> Seen:
    """Return what earlier pushes saw in a profile; a damaged record is as if it were not there."""
    try:
        data = b"".join(read_sealed(_state_folder(), _name(profile)))
        return msgspec.msgpack.decode(data, type=Seen)
    except UNUSABLE:
        return Seen()


def remember(profile: str, seen: Seen) -> None:
    """Keep what was seen. Raises SaveError."""
    write_sealed(_state_folder(), _name(profile), [msgspec.msgpack.encode(seen)])


def _state_folder() -> Folder:
    from platformdirs import user_state_path  # no other command needs it

    return Folder(user_state_path("notebind", appauthor=False))


def _name(profile: str) -> str:
    return f"push/{hashlib.sha256(profile.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.seen"


class _Made(msgspec.Struct):
    path: str
    sha256: str = ""


class _Record(msgspec.Struct):
    """The fields used here of the records that `pipeline.records` writes."""

    places: list[str] = []
    artifacts: list[_Made] = []


class DeckNotes:
    """The notes that a deck was made of: what its book is, and where verdicts on its cards are written."""

    def __init__(self, package: Path, data: bytes) -> None:
        """Find the folders of notes in the record of the build, which nobody else can make."""
        output, book = Folder(package.absolute().parent), package.stem
        self.book = str(package.resolve())
        """Which book it is: its name and places, or the path of a deck that was not built here by this user."""
        self.is_built = False
        self._folders: list[str] = []
        self._cards: dict[str, KnownCard] = {}
        with suppress(*UNUSABLE):
            record = b"".join(read_sealed(output, f"{RUN_FOLDER}/{book}.anki{RECORD_SUFFIX}"))
            made = msgspec.json.decode(record, type=_Record)
            places = made.places
            if _Made(package.name, hashlib.sha256(data).hexdigest()) in made.artifacts:
                self.book, self.is_built = "\n".join([book, *sorted(places)]), True
            folders = [place if os.path.isdir(place) else os.path.dirname(place) for place in places]
            self._folders = list(dict.fromkeys(filter(os.path.isdir, folders)))
        with suppress(*UNUSABLE):
            state = b"".join(read_sealed(output, f"{RUN_FOLDER}/{book}.anki.state", ANYWHERE))
            self._cards = {one.guid: one for one in msgspec.msgpack.decode(state, type=Manifest).cards}

    def tell(self, notes: Iterable[AnkiNote], **about: bool) -> str:
        """Write into `cards.toml` that cards were deleted or suspended; return why that was not possible, else ""."""
        return self._written([(_channel(note), partial(self._told, note, about)) for note in notes])

    def _told(self, note: AnkiNote, about: dict[str, bool], known: dict[str, Verdict]) -> Verdict:
        own = known.get(note.guid) or self._verdict(note)
        if about.get("deleted"):
            return msgspec.structs.replace(own, verdict="discard", **about)
        return msgspec.structs.replace(own, **about)

    def _verdict(self, note: AnkiNote) -> Verdict:
        """Return the verdict on a card of which the deck alone is known."""
        card = self._cards.get(note.guid)
        tags = dict(tag.partition("::")[::2] for tag in note.tags)
        words = card.words if card else " ".join(unescape(_TAG.sub("", note.fields[0])).split())
        rule = tags.get("rule", "")
        return Verdict(
            verdict="waiting",
            rule=rule if _RULE.fullmatch(rule) else "other",
            kind=note.kind,  # type: ignore[arg-type]
            owner=card.owner if card else "",
            anchor="",
            guid=note.guid,
            note=tags.get("note", ""),
            seconds=card.start_ms / 1000 if card and card.start_ms is not None else None,
            words=words[:LONGEST_WORDS],
        )

    def restore(self) -> tuple[list[str], str]:
        """Take back what pushes told of deleted cards; return their GUIDs, and why that was not possible, else ""."""
        found: list[str] = []
        for folder in self._folders:
            gone = [one for one in read_verdicts(folder).entries if one.deleted]
            try:
                save_verdicts(folder, (), [one.identity for one in gone])
            except NotebindError as error:
                return found, str(error)
            found += [key_of(one) for one in gone]
        return found, ""

    def _written(self, changes: list[tuple[str, Callable[[dict[str, Verdict]], Verdict]]]) -> str:
        if not self._folders:
            return NOWHERE if changes else ""
        by_folder: dict[str, list[Callable[[dict[str, Verdict]], Verdict]]] = {}
        for channel, change in changes:
            named = [folder for folder in self._folders if os.path.basename(folder) == channel]
            by_folder.setdefault((named or self._folders)[0], []).append(change)
        for folder, several in by_folder.items():
            known = {key_of(one): one for one in read_verdicts(folder).entries}
            try:
                save_verdicts(folder, [change(known) for change in several])
            except NotebindError as error:
                return str(error)
        return ""


def _channel(note: AnkiNote) -> str:
    return next((tag.partition("::")[2] for tag in note.tags if tag.startswith("channel::")), "")
