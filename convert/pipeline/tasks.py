"""The data that workers receive: tasks of notes with the notes that they embed, and tasks of books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from convert.document.book import Book, NoteSummary
from convert.document.note import Resolution, Video
from convert.pipeline.records import Saved
from convert.reader.block_embeds import DEEPEST, MOST, MOST_BYTES
from convert.storage.location import Storage
from convert.storage.packed import FileSlice, store_slices
from convert.vault.discovery import Source
from convert.vault.links import Resolved
from convert.vault.vault import Vault

if TYPE_CHECKING:
    from convert.document.verdict import Verdict

MOST_NOTES = 2 * MOST
"""Other notes that a note may carry: twice as many as it may show, since some turn out not to be shown."""
BOOK_BYTES = 64_000_000
"""Bytes of packed tree that all notes of a book show of others; each note with embeds has an equal share."""


@dataclass(frozen=True)
class NoteTask:
    """A note to make parts of: its file, the digest that the file had when it was scanned, its resolution."""

    source: Source
    digest: bytes
    resolution: Resolution
    tree: FileSlice | None = None
    """Where its packed tree is, if it was read in this run."""
    embeds: tuple[NoteTask, ...] = ()
    """The other notes that it may have to show, with those that they embed."""
    embed_bytes: int = 0
    """How much of other notes it may show, in bytes of packed tree."""


@dataclass(frozen=True)
class BuildInputs:
    """The inputs that decide a book's artifacts."""

    fingerprints: Mapping[str, str]
    """By writer, of everything but the outputs of other writers."""
    media: Mapping[Video, Path]
    """The media files of the book's videos."""
    transcripts: Mapping[str, Path]
    """The subtitle files of its notes, by note id."""
    verdicts: tuple[Verdict, ...] = ()
    """What a person decided about the cards of its notes."""


@dataclass(frozen=True)
class BookTask:
    """The data shared by all tasks of a book."""

    packed: bytes | FileSlice
    """The book from `pack_book`: sent with every task, unpacked once a worker."""
    options: Mapping[str, Any]
    """By writer."""
    output: Storage
    secret: bytes
    """What the files for the next run are sealed with, wherever the worker is."""
    epoch: int
    inputs: BuildInputs
    cores: int = 1
    origins: tuple[str, ...] = ()
    """The folders or files that the book is made of."""
    elders: tuple[tuple[str, str, bool], ...] = ()
    """Book, writer and whether the notes are gone, of each record of a book that this run does not make."""
    made: tuple[Saved, ...] = ()
    """The artifacts of the book that already exist, without those of writers that run last."""
    pictures: Mapping[str, str] = field(default_factory=dict)
    """The files of the pictures in its notes, by picture name."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What the notes hold, for the summary of this run and of later ones that find nothing changed."""
    max_seconds: float = 0
    """How long a run of notes, or one format, may take; 0 is no limit."""
    saves: bool = True
    """Whether artifacts are saved; if not, they are made for what there is to say about them."""


def pack_book(book: Book, folder: str) -> bytes | FileSlice:
    """Return a book as msgpack, kept in a file of the folder if there is one: a big book goes to workers many times."""
    packed = msgspec.msgpack.encode(book)
    return (store_slices([packed], folder)[0] if folder else None) or packed


def note_tasks(notes: Iterable[NoteSummary], resolved: Mapping[str, Resolved], vault: Vault) -> list[NoteTask]:
    """Return the tasks of a book's notes; notes with embeds have the tasks of the notes that they show."""
    tasks: dict[str, NoteTask] = {}
    count = 0
    for note in notes:
        tasks[note.id] = _note_task(note.id, resolved[note.id], vault)
        count += note.id in vault.embeds
    own = list(tasks.values())
    if count:
        most_bytes = min(MOST_BYTES, BOOK_BYTES // count)
        own = [_with_embeds(task, tasks, most_bytes, vault) for task in own]
    return own


def _with_embeds(task: NoteTask, tasks: dict[str, NoteTask], most_bytes: int, vault: Vault) -> NoteTask:
    """Return the task with tasks for the notes that it embeds; `tasks` caches them."""
    if not task.resolution.embeds:
        return task
    shown = list(islice(embedded_below((task.source.id,), vault), MOST_NOTES))
    for note in shown:
        if note not in tasks:
            tasks[note] = _note_task(note, vault.resolved[note], vault)
    return replace(task, embeds=tuple([tasks[note] for note in shown]), embed_bytes=most_bytes)


def _note_task(note: str, resolved: Resolved, vault: Vault) -> NoteTask:
    return NoteTask(vault.sources[note], vault.digests[note], resolved.resolution, vault.trees.get(note))


def embedded_below(notes: Sequence[str], vault: Vault) -> Iterator[str]:
    """Yield the other notes that these embed, directly or through others, nearest first."""
    met = dict.fromkeys(notes)
    ring = list(met)
    for _ in range(DEEPEST):
        following = []
        for name in (name for one in ring for name in vault.embeds.get(one, ())):
            if name not in met:
                met[name] = None
                following.append(name)
                yield name
        ring = following


def pictures_of(notes: Iterable[NoteTask], vault: Vault) -> dict[str, str]:
    """Return the files of the pictures in the notes and in the others that they show, by picture name."""
    found: dict[str, str] = {}
    if vault.picture_paths:
        for note in notes:
            for one in (note, *note.embeds):
                shown = [*filter(None, one.resolution.pictures), *[still.picture for still in one.resolution.stills]]
                found.update([(each.name, vault.picture_paths[each.name]) for each in shown])
    return found
