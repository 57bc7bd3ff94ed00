"""What the notes of a book show of others: which files that takes, and how much of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from convert.pipeline.tasks import NoteTask
from convert.pipeline.vault import Vault
from convert.reader.embeds import DEEPEST, MOST, MOST_BYTES

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
        replace(note, embeds=tuple(_embedded(note, tasks, vault)), embed_bytes=most_bytes)
        if note.resolution.embeds
        else note
        for note in notes
    ]


def _embedded(note: NoteTask, tasks: dict[str, NoteTask], vault: Vault) -> Iterator[NoteTask]:
    """The others that a note may have to show, those that they embed in turn included, nearest first."""
    met = {note.source.id}
    ring = [note]
    for _ in range(DEEPEST):
        following = []
        for name in (name for one in ring for name in one.resolution.embeds):
            if name not in met:
                met.add(name)
                following.append(_task(name, tasks, vault))
                yield following[-1]
                if len(met) > MOST_NOTES:
                    return
        ring = following


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
