"""Where tasks run, in this process or in several, and the schedule that keeps the workers busy.

Executors have the interface of `concurrent.futures`; `convert.workers.dask` has one for a Dask cluster.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from time import monotonic
from types import FrameType
from typing import Any, TypeVar

from convert.errors import ToolError
from convert.storage.location import Location, local_paths

_ENDING = (signal.SIGINT, signal.SIGTERM)
"""Signals that end a run."""
_GRACE_S = 1.0
"""Seconds that a worker has to remove its temporary files."""
T = TypeVar("T")
R = TypeVar("R")


class TookTooLong(ToolError):
    """A step exceeded its time limit."""


class TimeLimit:
    """A limit of the time of each step: `with limit: step()` raises TookTooLong in a step that takes longer."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = inf

    def __enter__(self) -> None:
        self._end = monotonic() + self.seconds if self.seconds else inf

    def __exit__(self, *_: object) -> None:
        # An alarm that rings from now on must not interrupt the handling of the first one.
        self._end = inf

    def check(self, number: int, frame: FrameType | None) -> None:
        """Raise TookTooLong if the step has had its time: the handler of an alarm."""
        if monotonic() >= self._end:
            shown = f"{self.seconds / 60:g} minutes" if self.seconds >= 60 else f"{self.seconds:g} s"
            raise TookTooLong(f"took longer than {shown}: raise --max-minutes, or look for what is odd")


@contextmanager
def time_limits(seconds: float) -> Iterator[TimeLimit]:
    """Yield a limit for steps in the block; 0 is no limit. Only on systems with an alarm signal.

    One alarm rings every second, at least: code that catches all exceptions may catch the first one, and to set an
    alarm for each step takes longer than many a step.
    """
    limit = TimeLimit(seconds)
    if not seconds or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield limit
        return

    before = signal.signal(signal.SIGALRM, limit.check)
    rhythm = min(seconds, 1)
    callers = signal.setitimer(signal.ITIMER_REAL, rhythm, rhythm)
    try:
        yield limit
    finally:
        # A program that calls us may have set an alarm of its own.
        signal.setitimer(signal.ITIMER_REAL, *callers)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in the block when it takes longer; 0 is no limit. Only on systems with an alarm signal."""
    with time_limits(seconds) as limit, limit:
        yield


CHECK_S = 5.0
"""Seconds between checks that workers are alive, for executors that do not notice."""


class SerialExecutor(Executor):
    """Runs each task at once, in the calling thread."""

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Make = Callable[[int, Iterable[str]], Executor]
"""Makes an executor for up to this many tasks at once; its workers import these modules first."""


@dataclass(frozen=True)
class Crew:
    """The workers of a run: how many tasks run at once, and a function that makes an executor."""

    size: int
    make: Make
    check_workers: Callable[[], None] | None = None
    """Raises ToolError if no worker is left, for executors that do not notice."""
    elsewhere: bool = False
    """Whether the workers are on other machines."""


@contextmanager
def crew(jobs: int, address: str = "", paths: Iterable[Location | None] = ()) -> Iterator[Crew]:
    """Yield the processes of this machine (0 `jobs`: one for each core), or the workers of the cluster at `address`.

    The workers of a cluster have to see the same files at those `paths` that are on this machine. Raises UsageError for
    a wrong address, ToolError if the cluster cannot be used.
    """
    if not address:
        yield Crew(jobs or cores(), make_executor)
        return
    from convert.workers.dask import Cluster

    cluster = Cluster(address, [os.path.realpath(path) for path in local_paths(paths)])
    try:
        yield Crew(cluster.threads, lambda *_: cluster.executor(), cluster.check_workers, elsewhere=True)
    finally:
        cluster.close()


def make_executor(jobs: int, preload: Iterable[str] = ()) -> Executor:
    """Return an executor of so many processes; each starts clean, since forking with threads running is unsafe."""
    if jobs <= 1:
        return SerialExecutor()
    # Imported here: this would be half of what a small build imports.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload(list(preload))

    class Pool(ProcessPoolExecutor):
        def submit(self, function: Callable[..., R], /, *args: Any, **named: Any) -> Future[R]:
            with _undisturbed():  # It may start a worker. Interrupted while they import, they would print tracebacks.
                return super().submit(function, *args, **named)

    executor = Pool(jobs, mp_context=context, initializer=_begin_worker, initargs=(gc.get_threshold(),))
    if "forkserver" in methods:
        executor.submit(os.getpid)  # starts the server and a worker
    return executor


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off the signals that end a run to the end of the block; processes that are started in it put them off too.

    A mask alone would not do: another thread, such as that of a progress bar, takes the signal for this one.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    came: list[int] = []
    known = {number: signal.signal(number, lambda number, _: came.append(number)) for number in _ENDING}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        for number, handler in known.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if came:
            signal.raise_signal(came[0])


def _begin_worker(garbage: tuple[int, int, int]) -> None:
    """Collect garbage as seldom as the parent process, and end with it.

    A worker whose parent was killed would wait for tasks for ever, or save what the next run saves too.
    """
    import multiprocessing

    gc.set_threshold(*garbage)
    for number in _ENDING:
        signal.signal(number, lambda number, _: os._exit(128 + number))
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    parent = multiprocessing.parent_process()

    def wait_for_parent() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait_for_parent, daemon=True).start()
    # Ctrl-C reaches every process of a terminal; only the parent reports it.
    for number in _ENDING:
        signal.signal(number, _end_worker)


def _end_worker(number: int, _: FrameType | None) -> None:
    """End the task, so that it removes its temporary files, and then the process, which waits for another task."""
    for one in _ENDING:  # the pool sends another one when a first worker has ended
        # Not SIG_IGN: of a signal that came just before, Python would print that it is "ignored due to race condition".
        signal.signal(one, lambda *_: None)
    end = threading.Timer(_GRACE_S, os._exit, (128 + number,))
    end.daemon = True
    end.start()
    raise SystemExit(128 + number)


def in_order(executor: Executor, task: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[Future[R]]:
    """Yield the finished future of each item's task, in order; at most `ahead` tasks run or wait to be taken."""
    waiting: deque[Future[R]] = deque()
    for item in items:
        waiting.append(executor.submit(task, item))
        if len(waiting) >= ahead:
            waiting[0].exception()  # waits for it
            yield waiting.popleft()
    while waiting:
        waiting[0].exception()
        yield waiting.popleft()


@dataclass(frozen=True)
class Task:
    """A call to make in a worker. This process passes its result to `then`, or its error to `failed`."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    then: Callable[[Any], None]
    failed: Callable[[BaseException], None]


class Schedule:
    """Runs tasks, whose results may lead to further tasks, on executors made by `make`, a bounded number at a time.

    A task whose worker died is tried once more, alone.
    """

    def __init__(
        self, make: Callable[[], Executor], ahead: int, check_workers: Callable[[], None] | None = None
    ) -> None:
        """`check_workers` is called now and then while no task ends, and raises if none will."""
        self._make = make
        self._ahead = ahead
        self._check_workers = check_workers
        self._executor = make()
        self._running: dict[Future[Any], Task] = {}
        self._again: deque[Task] = deque()

    def submit(self, task: Task) -> None:
        """Begin a task."""
        try:
            future = self._executor.submit(task.function, *task.arguments)
        except BrokenExecutor:
            self._renew()
            future = self._executor.submit(task.function, *task.arguments)
        self._running[future] = task

    def run(self, starts: Iterable[Callable[[], None]]) -> None:
        """Call each start, which submits tasks, when there is capacity, and return when everything has ended."""
        for start in starts:
            while len(self._running) >= self._ahead:
                self._finish_some()
            start()
        self._finish_all()
        while self._again:
            # Retry it alone: if it kills its worker again, it alone fails.
            self._renew()
            self.submit(self._again.popleft())
            self._finish_some(last_try=True)
            self._finish_all()

    def close(self) -> None:
        """End the workers; tasks that have not begun are dropped."""
        self._executor.shutdown(cancel_futures=True)

    def _finish_all(self) -> None:
        while self._running:
            self._finish_some()

    def _finish_some(self, last_try: bool = False) -> None:
        """Wait until a task has ended, and pass on the results of those that have."""
        done, _ = wait(self._running, CHECK_S if self._check_workers else None, FIRST_COMPLETED)
        while not done and self._check_workers:
            self._check_workers()
            done, _ = wait(self._running, CHECK_S, FIRST_COMPLETED)
        for future in tuple(self._running):
            if future in done:
                task, error = self._running.pop(future), future.exception()
                if isinstance(error, BrokenExecutor) and not last_try:
                    self._again.append(task)
                elif error:
                    task.failed(_explained(error))
                else:
                    task.then(future.result())

    def _renew(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._make()


def _explained(error: BaseException) -> BaseException:
    """Return the error of a task; for a worker that died a ToolError with what is known of the cause."""
    if not isinstance(error, BrokenExecutor):
        return error
    # An executor that knows the cause raises BrokenExecutor itself; process pools raise a subclass of it.
    died = "its worker process died, perhaps for want of memory: try --jobs 1"
    return ToolError(str(error) if type(error) is BrokenExecutor else died)
