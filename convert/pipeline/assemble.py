"""The last step of a book of many notes: its writers begin together, those that run last after the others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from convert.errors import explain
from convert.pipeline.make import Assembled, Parts, assemble, knowing, runs_last
from convert.pipeline.tasks import BookTask
from convert.workers.schedule import Schedule, Task

Pieces = dict[str, list[Parts]]
"""The parts of a book by writer, in runs, in the order of the notes."""


class Assembling:
    """One book whose parts are all there; `then` takes what became of each writer."""

    def __init__(self, task: BookTask, pieces: Pieces, schedule: Schedule, then: Callable[[Assembled], None]) -> None:
        self._task = task
        self._pieces = pieces
        self._schedule = schedule
        self._then = then
        self._open = {name for name in pieces if not runs_last(name)}
        self._ended: list[Assembled] = []

    def begin(self) -> None:
        """Begins the writers that wait for nobody."""
        self._submit(sorted(self._open or self._pieces))

    def _submit(self, names: list[str]) -> None:
        task = knowing(self._task, self._ended)
        for name in names:
            failed = partial(self._failed, name)
            self._schedule.submit(Task(assemble, (task, name, self._pieces.pop(name)), self._assembled, failed))

    def _failed(self, name: str, error: BaseException) -> None:
        self._assembled(Assembled(name, failure=explain(error)))

    def _assembled(self, made: Assembled) -> None:
        self._then(made)
        self._ended.append(made)
        self._open.discard(made.writer)
        if not self._open:
            self._submit(sorted(self._pieces))
