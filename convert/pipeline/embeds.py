"""What the notes of a book show of others: which files that takes, and how much of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from convert.pipeline.tasks import NoteTask
from convert.reader.embeds import DEEPEST, MOST, MOST_BYTES
from convert.vault.vault import Vault

MOST_NOTES = 2 * MOST
"""Others that a note may take along: as many as it may show, and as many again that turn out not to be shown."""
BOOK_BYTES = 64_000_000
"""Bytes of packed tree that all notes of a book show of others; each embedding one has an equal share."""


def with_embedded(notes: Sequence[NoteTask], vault: Vault) -> list[NoteTask]:
    """The notes of a book, those that embed others with the tasks of these, which share what several need."""
    count = sum(bool(note.resolution.embeds) for note in notes)
    if not count:
        return list(notes)
    most_bytes = min(MOST_BYTES, BOOK_BYTES // count)
    tasks = {note.source.id: note for note in notes}
    return [
        replace(note, embeds=tuple(_embedded(note.source.id, tasks, vault)), embed_bytes=most_bytes)
        if note.resolution.embeds
        else note
        for note in notes
    ]


def embedded_below(notes: Iterable[str], vault: Vault) -> Iterator[str]:
    """The others that notes may show, and those that these show in turn, nearest first, each when it is asked for."""
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


def _embedded(note: str, tasks: dict[str, NoteTask], vault: Vault) -> Iterator[NoteTask]:
    return (_task(name, tasks, vault) for name in islice(embedded_below((note,), vault), MOST_NOTES))


def _task(name: str, tasks: dict[str, NoteTask], vault: Vault) -> NoteTask:
    if name not in tasks:
        resolution = vault.resolved[name].resolution
        tasks[name] = NoteTask(vault.sources[name], vault.digests[name], resolution, vault.trees.get(name))
    return tasks[name]


def everything(notes: Iterable[NoteTask]) -> Iterator[NoteTask]:
    """The notes, and behind them the others that they may show, each once."""
    met = set()
    others: dict[str, NoteTask] = {}
    for note in notes:
        yield note
        met.add(note.source.id)
        others.update((one.source.id, one) for one in note.embeds)
    yield from (one for name, one in others.items() if name not in met)
