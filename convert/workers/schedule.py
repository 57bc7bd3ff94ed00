"""Keeps workers busy: tasks whose results lead to further tasks, a bounded number of them begun at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from typing import Any

from convert.errors import ToolError

Start = Callable[[], None]
LOOK_S = 5.0
"""How often somebody looks whether there are workers at all, where this is not known otherwise."""


class WorkerLostError(BrokenExecutor):
    """The worker of a task is gone, or the way to it; the message says what is known of it."""


_DIED = "its worker process died, perhaps for want of memory: try --jobs 1"


@dataclass(frozen=True)
class Task:
    """A call to make in a worker; `then` takes its result here, `failed` the error that it ended with."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    then: Callable[[Any], None]
    failed: Callable[[BaseException], None]


class Schedule:
    """Runs tasks on executors made by `make`; a task whose worker died is tried once more, alone."""

    def __init__(self, make: Callable[[], Executor], ahead: int, look: Callable[[], None] | None = None) -> None:
        """`look` is called now and then while nothing ends, and raises when nothing will."""
        self._make = make
        self._ahead = ahead
        self._look = look
        self._executor = make()
        self._running: dict[Future[Any], Task] = {}
        self._again: deque[Task] = deque()

    def submit(self, task: Task) -> None:
        """Begins a task."""
        try:
            future = self._executor.submit(task.function, *task.arguments)
        except BrokenExecutor:
            self._renew()
            future = self._executor.submit(task.function, *task.arguments)
        self._running[future] = task

    def run(self, starts: Iterable[Start]) -> None:
        """Calls each start, which submits tasks, whenever there is room, and returns when everything has ended."""
        waiting = iter(starts)
        more = True
        while more or self._running:
            while more and len(self._running) < self._ahead:
                start = next(waiting, None)
                more = start is not None
                if start:
                    start()
            self._finish_some()
        self._retry()

    def close(self) -> None:
        """Ends the workers; tasks that have not begun are dropped."""
        self._executor.shutdown(cancel_futures=True)

    def _finish_some(self) -> None:
        if not self._running:
            return
        done = self._ended(self._running)
        for future in [future for future in self._running if future in done]:
            self._finish(future, self._running.pop(future))

    def _ended(self, futures: Iterable[Future[Any]]) -> set[Future[Any]]:
        """Those that have ended, as soon as one has."""
        while True:
            done, _ = wait(futures, LOOK_S if self._look else None, FIRST_COMPLETED)
            if done or not self._look:
                return done
            self._look()

    def _finish(self, future: Future[Any], task: Task) -> None:
        error = future.exception()
        if isinstance(error, BrokenExecutor):
            self._again.append(task)
        elif error:
            task.failed(error)
        else:
            task.then(future.result())

    def _retry(self) -> None:
        """Tasks that were running when a worker died, one at a time: the one that killed it fails, the others pass."""
        while self._again:
            task = self._again.popleft()
            self._renew()
            future = self._executor.submit(task.function, *task.arguments)
            self._ended((future,))
            if isinstance(error := future.exception(), BrokenExecutor):
                task.failed(ToolError(str(error) if isinstance(error, WorkerLostError) else _DIED))
            else:
                self._finish(future, task)
            while self._running:
                self._finish_some()

    def _renew(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._make()
