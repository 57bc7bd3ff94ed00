"""Brings a deck into a running Anki through the AnkiConnect add-on (https://ankiweb.net/shared/info/2055492159).

Anki itself imports the package, so a push and a manual import are the same: cards are identified by GUID, schedules and
the user's later edits are kept. Cards that are gone from the notes are deleted only on request. It prints nothing:
`cli/push.py` does.

Kept apart because it talks to a running Anki: no build loads it.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterable, Set
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from convert.errors import SaveError, ToolError, UsageError
from convert.files import read_file
from convert.push.learning import DeckNotes, remember, seen_in
from convert.writers.anki.collection import FIELDS, NOTE_TYPE_NAMES, AnkiNote
from convert.writers.anki.reading import GUID, read_package

ADDRESS = "http://127.0.0.1:8765"
VERSION = 6
"""The version of AnkiConnect's protocol."""
ANSWER_S = 6
"""Seconds that one answer may take, from the connection to its last byte."""
ANSWERS_S = 60
"""Seconds that all answers before the import may take together."""
IMPORT_S = 120
"""Seconds that the import of a package, or a deletion, may take: Anki answers when it has ended."""
BATCH = 500
"""Notes per request."""
MOST_BYTES = 8_000_000
"""The longest reply: the ids of half a million notes."""
MOST_BYTES_OF_FIELDS = 64_000_000
"""The longest reply that holds fields of notes, `BATCH` of them."""
MOST_COMMAS = 1_000_000
"""Values are counted by their commas before decoding: each can take a hundred times the memory of its text."""
_WANTED = "open Anki with the AnkiConnect add-on (2055492159), or say with --address where it answers"

_OURS = " OR ".join(f'"note:{name}"' for name in NOTE_TYPE_NAMES.values())
"""Finds the notes that pushes made."""

T = TypeVar("T")
_Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]


class _Reply(msgspec.Struct, Generic[T]):
    """What AnkiConnect answers: both keys, and an error in words if there is one."""

    result: T | None
    error: str | None


class _Field(msgspec.Struct):
    value: str = ""


class KnownNote(msgspec.Struct):
    """A note in Anki, as `notesInfo` returns it: of one that is gone nothing is known."""

    noteId: _Number = 0
    mod: _Number = 0
    tags: list[str] | None = None
    fields: dict[str, _Field] | None = None
    content: bytes = b""
    """The digest that is kept of the fields: those of a collection have no bound together."""

    def field(self, name: str) -> str:
        """Return the text of a field, "" if the note does not have it."""
        found = (self.fields or {}).get(name)
        return found.value if found else ""

    def shrink(self, channels: Set[str]) -> None:
        """Keep only the digest of the fields, and of the tags those of the deck's channels."""
        self.content, self.fields = _digest(map(self.field, FIELDS)), None
        self.tags = [tag for tag in self.tags or () if tag in channels]


class PushPlan(msgspec.Struct):
    """The plan of a push: GUIDs of cards to add and update, edited and unchanged ones; note ids to delete."""

    add: list[str]
    update: list[str]
    edited: list[str]
    unchanged: list[str]
    orphans: list[int]
    """Ids of notes in Anki that earlier pushes of this book added, and that its deck no longer has."""
    deleted: list[str] = []
    """GUIDs of cards that were deleted in Anki since an earlier push."""
    suspended: list[str] = []
    """GUIDs of cards that were suspended in Anki since then."""
    restored: int = 0
    """Cards that were deleted in Anki, and count as new again."""
    problem: str = ""
    """Why that could not be written into `cards.toml`."""
    left: int = 0
    """Other notes of its channels that the deck does not have: they may be of another book, and stay."""


class _Foreign(Exception):
    """What answers does not speak AnkiConnect's protocol; the message says how that shows."""


class AnkiConnect:
    """A client of the add-on's protocol: JSON over HTTP, spoken directly: no proxy, no redirect, bounded replies."""

    def __init__(self, address: str = ADDRESS, key: str = "") -> None:
        self.address = address
        self.key = key
        self._ends = time.monotonic() + ANSWERS_S
        self._host, self._port, self._path = _parts(address)

    def ask(self, action: str, kind: Any = bool, most: int = MOST_BYTES, **params: Any) -> Any:
        """Return the result of a question, of type `kind`, from a reply of at most `most` bytes.

        Raises ToolError if Anki does not answer in time or refuses, and if what answers is not AnkiConnect.
        """
        result = self._ask(min(ANSWER_S, self._ends - time.monotonic()), action, kind, most, params)
        if result is None:
            raise self._not_anki("its reply is empty")
        return result

    def infos(self, notes: list[int]) -> list[KnownNote]:
        """Return what Anki knows of each of these notes. Raises as `ask` does."""
        found: list[KnownNote] = self.ask("notesInfo", list[KnownNote], MOST_BYTES_OF_FIELDS, notes=notes)
        if len(found) != len(notes):
            raise self._not_anki("its reply is about other notes")
        return found

    def order(self, action: str, **params: Any) -> None:
        """Have Anki do what may take long. Raises as `ask` does."""
        self._ask(IMPORT_S, action, bool, MOST_BYTES, params)

    def _ask(self, limit_s: float, action: str, kind: Any, most: int, params: dict[str, Any]) -> Any:
        asked = {"action": action, "version": VERSION, "params": params} | ({"key": self.key} if self.key else {})
        ends = time.monotonic() + limit_s
        try:
            if limit_s <= 0:
                raise TimeoutError
            reply = _decoded(self._exchange(json.dumps(asked).encode(), most, ends), kind)
        except (_Foreign, http.client.HTTPException, ValueError, OSError) as error:
            if time.monotonic() >= ends:
                raise self._silent(f"no whole answer within {max(limit_s, 0):.0f} seconds") from error
            if isinstance(error, OSError):
                raise self._silent(error.strerror or str(error)) from error
            reason = str(error) if isinstance(error, _Foreign) else "it breaks the rules of HTTP"
            raise self._not_anki(reason) from error
        if reply.error:
            raise ToolError(f"Anki refused {action}: {reply.error[:300]}")
        return reply.result

    def _silent(self, reason: str) -> ToolError:
        return ToolError(f"Anki does not answer at {self.address}: {reason}; {_WANTED}")

    def _not_anki(self, reason: str) -> ToolError:
        return ToolError(f"what answers at {self.address} is not AnkiConnect ({reason}): {_WANTED}")

    def _exchange(self, body: bytes, most: int, ends: float) -> bytes:
        """Return the body of the reply to a request, until the time `ends`; OSError without a connection."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=max(0.01, ends - time.monotonic()))
        with closing(connection):
            connection.connect()
            # A read has its own limit, but each byte begins it anew: at the end the connection is taken away.
            clock = threading.Timer(ends - time.monotonic(), _shut, [connection.sock])
            clock.daemon = True
            clock.start()
            try:
                connection.request("POST", self._path, body, {"Content-Type": "application/json"})
                return _body(connection.getresponse(), most)
            except OSError as error:
                raise _Foreign("it breaks off the connection") from error
            finally:
                clock.cancel()


def _parts(address: str) -> tuple[str, int, str]:
    """Return host, port and path of an address; UsageError unless it is a plain one of HTTP."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or 80
        plain = parts.scheme == "http" and "@" not in parts.netloc and address.isascii() and address.isprintable()
        if host and plain and " " not in address:
            return host, port, parts.path or "/"
    except ValueError:
        pass
    raise UsageError(f"--address {address}: write it as {ADDRESS}")


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _body(response: http.client.HTTPResponse, most: int) -> bytes:
    """Return the body of a reply; _Foreign if it is none of AnkiConnect's."""
    if response.status != http.client.OK:
        raise _Foreign(f"it answers with HTTP status {response.status}")
    if "Transfer-Encoding" in response.headers:
        # AnkiConnect gives a length. http.client takes a chunk of negative length for one without end.
        raise _Foreign("its reply comes in chunks")
    data = bytearray()
    while piece := response.read(1 << 16):
        data += piece
        if len(data) > most:
            raise _Foreign(f"its reply has more than {most // 1_000_000} MB")
    if response.length:
        raise _Foreign("its reply ends too early")
    return bytes(data)


def _decoded(data: bytes, kind: Any) -> _Reply[Any]:
    if data.count(b",") > MOST_COMMAS:
        raise _Foreign("its reply holds too many values")
    try:
        return msgspec.json.decode(data, type=_Reply[kind])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _Foreign("its reply is of another form") from error


Learn = Literal["yes", "no", "restore"]
"""Whether a push learns what was deleted and suspended in Anki, or takes back what pushes learned."""


def push(package: Path, anki: AnkiConnect, prune: bool = False, dry_run: bool = False, learn: Learn = "no") -> PushPlan:
    """Add and update the cards of a package in Anki; with `prune` delete those of its book that it no longer has.

    A card that an earlier push saw in this profile and that is gone is left out if the push learns. Returns what was
    done, or with `dry_run` what would be. ToolError if Anki or the package fails.
    """
    if package.is_dir():
        raise ToolError(f"{package}: is a folder: name the deck in it, as {package / '*.apkg'}")
    try:
        data = read_file(package)
        notes = read_package(data)
    except (ValueError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ToolError(f"{package}: {reason}; build the deck first") from error
    channels = _channels(notes)
    known = _known(anki, channels)
    plan = planned(notes, known)
    memory = _Memory(DeckNotes(package, data), anki, notes)
    memory.choose(plan, known)
    if learn != "no":
        memory.learn(plan, known, learn == "restore", dry_run)
    if dry_run:
        return plan
    if plan.add or plan.update:
        anki.order("importPackage", path=str(package.resolve()))
        # Anki imports packages whole.
        now = _known(anki, channels) if plan.deleted else {}
        back = [there.noteId for guid, there in now.items() if guid in plan.deleted]
        if back:
            anki.order("deleteNotes", notes=back)
    memory.keep(plan, known, learn != "no")
    if prune and plan.orphans:
        anki.order("deleteNotes", notes=plan.orphans)
    return plan


def _profile(anki: AnkiConnect) -> str:
    """Return the name of the open profile, "" from old versions of the add-on, which do not tell."""
    try:
        return str(anki.ask("getActiveProfile", str))
    except ToolError as error:
        if "unsupported action" not in str(error):
            raise
        return ""


class _Memory:
    """What pushes remember of the profile that is open in Anki, and what one learns from it."""

    def __init__(self, deck: DeckNotes, anki: AnkiConnect, notes: list[AnkiNote]) -> None:
        self._notes, self._deck, self._anki = {note.guid: note for note in notes}, deck, anki
        self._profile = _profile(anki)
        self._seen = seen_in(self._profile)
        self._suspended: set[str] = set()

    def choose(self, plan: PushPlan, known: dict[str, KnownNote]) -> None:
        """Leave only those orphans in the plan that pushes of this book added: a tag is no proof of whose they are."""
        guids = {there.noteId: guid for guid, there in known.items()}
        mine = [number for number in plan.orphans if self._seen.is_own(self._deck.book, guids[number])]
        plan.orphans, plan.left = mine, len(plan.orphans) - len(mine)

    def learn(self, plan: PushPlan, known: dict[str, KnownNote], restore: bool, dry_run: bool) -> None:
        """Put what is new into the plan, and into `cards.toml` unless it is a dry run."""
        where = self._deck
        ids = set(self._anki.ask("findNotes", list[_Number], query=f"({_OURS}) is:suspended"))
        self._suspended = {guid for guid, there in known.items() if there.noteId in ids}
        if restore:
            guids, plan.problem = where.restore() if not dry_run else ([], "")
            back = {*guids, *[guid for guid in plan.add if guid in self._seen.cards]}
            plan.restored = len(back)
            self._seen.cards = {guid: one for guid, one in self._seen.cards.items() if guid not in back}
            return
        plan.deleted = [guid for guid in plan.add if guid in self._seen.cards]
        plan.add = [guid for guid in plan.add if guid not in self._seen.cards]
        plan.suspended = sorted(
            guid for guid in self._suspended & self._notes.keys() if not self._seen.cards.get(guid, False)
        )
        if not dry_run:
            told = where.tell([self._notes[guid] for guid in plan.deleted], deleted=True)
            plan.problem = where.tell([self._notes[guid] for guid in plan.suspended], suspended=True) or told

    def keep(self, plan: PushPlan, known: dict[str, KnownNote], learn: bool) -> None:
        """Remember whose cards are in Anki now; if the push learns, also which were deleted and suspended there."""
        if learn:
            self._seen.cards |= {guid: guid in self._suspended for guid in self._notes}
        self._seen.keep_book(self._deck, self._notes, set(plan.add), known.keys())
        try:
            remember(self._profile, self._seen)
        except SaveError as error:
            plan.problem = plan.problem or str(error)


def planned(notes: list[AnkiNote], known: dict[str, KnownNote]) -> PushPlan:
    """Return the plan for pushing `notes`, given Anki's notes by GUID, each shrunk."""
    plan = PushPlan([], [], [], [], [])
    for note in notes:
        there = known.get(note.guid)
        if there is None:
            plan.add.append(note.guid)
        elif _digest(note.fields) == there.content:
            plan.unchanged.append(note.guid)
        else:
            (plan.update if there.mod < note.mod else plan.edited).append(note.guid)
    made = {note.guid for note in notes}
    plan.orphans = sorted(there.noteId for guid, there in known.items() if guid not in made and there.tags)
    return plan


def _channels(notes: list[AnkiNote]) -> set[str]:
    return {tag for note in notes for tag in note.tags if tag.startswith("channel::")}


def _digest(fields: Iterable[str]) -> bytes:
    return blake2b(json.dumps([*fields]).encode(), digest_size=16).digest()


def _known(anki: AnkiConnect, channels: Set[str]) -> dict[str, KnownNote]:
    """Return the notes in Anki that a push made, shrunk, by GUID, which is in their last field."""
    ids = anki.ask("findNotes", list[_Number], query=_OURS)
    found: dict[str, KnownNote] = {}
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        for note in anki.infos(batch):
            guid = GUID.search(note.field(FIELDS[-1]))
            if guid and note.noteId:
                note.shrink(channels)
                if guid[1] in found:
                    note.tags = []  # one of the two is a person's copy: neither is an orphan
                found[guid[1]] = note
    return found
