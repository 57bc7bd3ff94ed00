"""Brings a deck into a running Anki through the AnkiConnect add-on (https://ankiweb.net/shared/info/2055492159).

Anki itself imports the package, so a push and a manual import are the same: cards are identified by GUID, schedules and
the user's later edits are kept. Cards that are gone from the notes are deleted only on request. It prints nothing:
`cli/push.py` does.

Kept apart because it talks to a running Anki: no build loads it.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import msgspec

from convert.errors import ToolError
from convert.writers.anki.collection import FIELDS, NOTE_TYPE_NAMES, AnkiNote
from convert.writers.anki.reading import GUID, read_package

ADDRESS = "http://127.0.0.1:8765"
VERSION = 6
"""The version of AnkiConnect's protocol."""
TIMEOUT_S = 120
BATCH = 500
"""Notes per request."""


class PushPlan(msgspec.Struct):
    """The plan of a push: GUIDs of cards to add and update, edited and unchanged ones; note ids to delete."""

    add: list[str]
    update: list[str]
    edited: list[str]
    unchanged: list[str]
    orphans: list[int]
    """Ids of notes in Anki that the deck no longer has."""


class AnkiConnect:
    """A client of the add-on's protocol: JSON over HTTP on this machine."""

    def __init__(self, address: str = ADDRESS, key: str = "") -> None:
        self.address = address
        self.key = key

    def ask(self, action: str, **params: Any) -> Any:
        """Return the result of an action; ToolError if Anki does not answer or refuses."""
        asked = {"action": action, "version": VERSION, "params": params} | ({"key": self.key} if self.key else {})
        request = urllib.request.Request(self.address, json.dumps(asked).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                answer = json.load(response)
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise ToolError(
                f"Anki does not answer at {self.address}: {error}; open Anki with the AnkiConnect add-on (2055492159)"
            ) from error
        if not isinstance(answer, dict) or {"result", "error"} - answer.keys():
            raise ToolError(f"what answers at {self.address} is not AnkiConnect")
        if answer["error"]:
            raise ToolError(f"Anki refused {action}: {answer['error']}")
        return answer["result"]


def push(package: Path, anki: AnkiConnect, prune: bool = False, dry_run: bool = False) -> PushPlan:
    """Add and update the cards of a package in Anki; with `prune` delete those that it no longer has.

    Returns what was done, or with `dry_run` what would be. ToolError if Anki or the package fails.
    """
    try:
        notes = read_package(package.read_bytes())
    except (ValueError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ToolError(f"{package}: {reason}; build the deck first") from error
    plan = planned(notes, _known(anki))
    if dry_run:
        return plan
    if plan.add or plan.update:
        anki.ask("importPackage", path=str(package.resolve()))
    if prune and plan.orphans:
        anki.ask("deleteNotes", notes=plan.orphans)
    return plan


def planned(notes: list[AnkiNote], known: dict[str, dict[str, Any]]) -> PushPlan:
    """Return the plan for pushing `notes`, given Anki's notes by GUID, as `notesInfo` returns them."""
    plan = PushPlan([], [], [], [], [])
    for note in notes:
        there = known.get(note.guid)
        if there is None:
            plan.add.append(note.guid)
        elif _same(note, there):
            plan.unchanged.append(note.guid)
        else:
            (plan.update if there.get("mod", 0) < note.mod else plan.edited).append(note.guid)
    channels = {tag for note in notes for tag in note.tags if tag.startswith("channel::")}
    made = {note.guid for note in notes}
    plan.orphans = sorted(
        there["noteId"] for guid, there in known.items() if guid not in made and channels & set(there["tags"])
    )
    return plan


def _same(note: AnkiNote, there: dict[str, Any]) -> bool:
    fields = tuple(there["fields"].get(name, {}).get("value", "") for name in FIELDS)
    return fields == note.fields


def _known(anki: AnkiConnect) -> dict[str, dict[str, Any]]:
    """Return the notes in Anki that a push made, by GUID, which is in their last field."""
    query = " OR ".join(f'"note:{name}"' for name in NOTE_TYPE_NAMES.values())
    ids: list[int] = anki.ask("findNotes", query=query)
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), BATCH):
        for note in anki.ask("notesInfo", notes=ids[start : start + BATCH]):
            guid = re.search(GUID, note.get("fields", {}).get(FIELDS[-1], {}).get("value", ""))
            if guid:
                found[guid[1]] = note
    return found
